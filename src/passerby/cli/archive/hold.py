"""``passerby archive hold``: what has to stay longer than its retention, and who answers for that."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.folder import Layout
from passerby.base.errors import UsageError
from passerby.charter.hold import REASONS, Hold, checked, parse_hold
from passerby.cli.oversight import common
from passerby.office import site_folder
from passerby.station.holds import HoldFolder, read_holds
from passerby.store.acts import ActQueue

app = typer.Typer(help="Legal holds: draft, sign, add, list, end.", no_args_is_help=True, add_completion=False)
Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station.")]
SitePapers = Annotated[Path, typer.Option("--site", metavar="FOLDER", help="The site's papers; see docs/gate.md.")]
First = Annotated[str, typer.Option("--first", metavar="HASH", help="The first root's hash, as on the sign.")]


@app.command("draft")
def draft(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write the draft.")],
    site: Annotated[str, typer.Option("--name", metavar="SITE", help="The site's name.")],
    camera: Annotated[str, typer.Option("--camera", metavar="ID", help="Which camera.")],
    owner: Annotated[str, typer.Option("--owner", metavar="PSEUDONYM", help="Who answers for it: p-…")],
    case: Annotated[str, typer.Option("--case", metavar="HASH", help="The case's commitment.")],
    reason: Annotated[str, typer.Option("--reason", metavar="WORD", help=f"One of {', '.join(REASONS)}.")],
    scope_from: Annotated[str, typer.Option("--from", metavar="TIME", help="Recorded since: 2026-11-23T12:00.")],
    scope_to: Annotated[str, typer.Option("--to", metavar="TIME", help="Recorded until.")],
    ends: Annotated[str, typer.Option("--until", metavar="TIME", help="When the hold is over.")],
) -> None:
    """Draw up a hold. A reviewer signs it; its act goes into the ledger first."""
    times = (_time(scope_from), _time(scope_to), int(time.time()), _time(ends))
    hold = parse_or_refuse(Hold(site, camera, owner, case, reason, *times))
    common.save(out, hold.text.encode())
    typer.echo("\n".join(words(hold)))
    typer.echo(f"log it:  {hold.act()}")


def _read_words(note: bytes) -> tuple[str, list[str]]:
    hold = parse_hold(note)
    return hold.hash, words(hold)


common.add_sign(app, "a hold as a reviewer", _read_words)


@app.command("add")
def add(
    data: Data,
    note: Annotated[Path, typer.Argument(metavar="NOTE", help="Signed; beside it .entry and .tlog-proof of its act.")],
    site: SitePapers,
    first: First,
) -> None:
    """Hold from the next sweep on. Refused where it would not count."""
    content, logged = site_folder.read(note), site_folder.logged(note.with_suffix(""))
    name, hold = HoldFolder(Layout(data).holds).add(content, logged, site_folder.site_of(site, first).roots)
    typer.echo("\n".join([f"held: {name}", *words(hold)]))


@app.command("list")
def list_(data: Data, site: SitePapers, first: First) -> None:
    """Every hold, and whether it counts."""
    now = time.time()
    for name, hold in read_holds(Layout(data).holds, site_folder.site_of(site, first)).items():
        if isinstance(hold, str):
            typer.echo(f"{name}: does not count: {hold}")
        else:
            typer.echo(f"{name}: {'over' if now >= hold.ends else 'in force'}")
            typer.echo("\n".join(f"  {line}" for line in words(hold)))


@app.command("end")
def end(data: Data, name: Annotated[str, typer.Argument(metavar="NAME", help="As in the list.")]) -> None:
    """End a hold at once: what its retention covered dies at the next sweep. The act waits for the ledger."""
    layout = Layout(data)
    HoldFolder(layout.holds).end(name, int(time.time()), ActQueue(layout.acts))
    typer.echo(f"ended: {name}")


def words(hold: Hold) -> list[str]:
    """A hold, to be read before it is signed."""
    return [
        f"hold {hold.hash}",
        f"what {hold.camera} of {hold.site} recorded from {_date(hold.scope_from)} to {_date(hold.scope_to)}",
        f"is not destroyed before {_date(hold.ends)}, however short its retention",
        f"reason: {hold.reason}; case {hold.case}; {hold.owner} answers for it",
    ]


def parse_or_refuse(hold: Hold) -> Hold:
    """The hold, if it could be signed.

    Raises:
        CharterError: It could not.
    """
    return parse_hold((checked(hold).text + common.NOBODY).encode())


def _time(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text} is no time", "write it so: 2026-11-23T12:00, in UTC") from error
    return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp())


def _date(when: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(when))
