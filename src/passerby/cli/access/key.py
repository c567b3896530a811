"""``passerby account key``: what programs show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from passerby.access import keys
from passerby.access.accounts import TERMINAL
from passerby.access.keys import Wish
from passerby.access.rights import FOR_KEYS, Right
from passerby.access.roles import EVERYWHERE
from passerby.access.room import Room, open_room
from passerby.base.errors import AccessError, StoreError

DAY_S = 86_400
app = typer.Typer(help="Keys for programs: limited to rights and a place, with an end.", no_args_is_help=True)
Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder that the server is given.")]


def _opened(data: Path) -> Room:
    if not data.is_dir():
        raise StoreError(f"{data} is no folder", "name a station's data folder")
    return open_room(data)


@app.command("add")
def add(
    data: Data,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    right: Annotated[list[str], typer.Option("--right", help=f"Of {', '.join(sorted(r.value for r in FOR_KEYS))}.")],
    organisation: Annotated[str, typer.Option("--organisation", help="Only its cameras.")] = EVERYWHERE,
    area: Annotated[str, typer.Option("--area", help="Only cameras there.")] = EVERYWHERE,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it is good.")] = 90,
) -> None:
    """Make a key and print it, this once: send it as ``Authorization: Bearer …``."""
    if odd := set(right) - {known.value for known in Right}:
        raise AccessError(
            f"no right is called {min(odd)[:40]!r}", f"use {', '.join(sorted(r.value for r in FOR_KEYS))}"
        )
    wish = Wish(name, frozenset(Right(word) for word in right), days * DAY_S, organisation, area)
    with _opened(data) as room:
        token, _ = keys.make(room, wish, None)
    typer.echo(token)


@app.command("list")
def list_(data: Data, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Keys that are good, without what opens anything."""
    with _opened(data) as room:
        found = keys.listed(room)
    rows = [
        {
            "id": key.id, "name": key.name, "by": key.by, "rights": sorted(r.value for r in key.rights),
            "organisation": key.organisation, "area": key.area, "until": key.until_s, "used": key.used_s,
        }
        for key in found
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for key in found:
        rights = " ".join(sorted(right.value for right in key.rights))
        typer.echo(f"{key.id}  {key.name}  {rights}  {key.organisation}/{key.area}")


@app.command("end")
def end(data: Data, key_id: Annotated[str, typer.Argument(metavar="ID", help="As in the list.")]) -> None:
    """End a key, at once."""
    with _opened(data) as room:
        keys.end(room, key_id, TERMINAL)
    typer.echo(f"{key_id} is good no more")
