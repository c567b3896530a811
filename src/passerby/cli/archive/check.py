"""``passerby archive check`` and ``begin-anew``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.backup import begin_anew as give_up
from passerby.archive.check import Checked, remembered_us
from passerby.archive.check import check as differences
from passerby.archive.folder import Layout
from passerby.base.errors import EXIT_DONE, EXIT_FAILED, UsageError
from passerby.charter.site_permit import act_camera
from passerby.ledger.acts import Follower
from passerby.ledger.errors import LedgerError
from passerby.ledger.hours import Keys, follow
from passerby.ledger.verify import Policy, Trust, parse_vkey, verify_log
from passerby.store.database import read_store

Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station.")]


def check(
    data: Data,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="MIRROR", help="A mirror of the ledger, to compare roots with.")
    ] = None,
    vkey: Annotated[str, typer.Option("--vkey", metavar="KEY", help="The ledger's verifier key.")] = "",
    site: Annotated[
        str, typer.Option("--site", metavar="NAME", help="The site's name, part of its cameras' names in the ledger.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Each difference as a line of JSON.")] = False,
) -> None:
    """Compare disk, index, keys and ledger, and explain each difference. Changes nothing.

    Ends with 1 where somebody has to do something: video that was altered, a key that outlived its time, a file that is
    missing.
    """
    layout = Layout(data)
    looked, wrong = Checked(), 0

    def told(now: Checked) -> None:
        nonlocal looked
        looked = now

    roots = told_keys(ledger, vkey).roots if ledger is not None else None
    with read_store(layout.database) as store:
        found = differences(layout, store, remembered_us(layout), roots, lambda camera: act_camera(site, camera), told)
        for one in found:
            wrong += one.wrong
            fields = {"what": one.what, "line": one.line, "wrong": one.wrong}
            typer.echo(json.dumps(fields) if as_json else f"{'WRONG' if one.wrong else 'note '}  {one.line}")
    if not as_json:
        against = "" if roots is None else " and the ledger"
        typer.echo(f"{looked.files} files with {looked.segments} segments against index, keys{against}: {wrong} wrong")
    raise typer.Exit(EXIT_FAILED if wrong else EXIT_DONE)


def begin_anew(data: Data) -> None:
    """The keys are lost for good: let go of what they opened, and begin a new key file at the next start."""
    give_up(Layout(data))
    typer.echo("the next start begins a new key file; its first sweep deletes what nobody can open any more")


def told_keys(mirror: Path, vkey: str) -> Keys:
    """The keys that live, and the roots of their hours, as a mirror tells them.

    Raises:
        UsageError: It proves nothing.
    """
    keys, follower = Keys(), Follower()

    def read(path: str) -> bytes | None:
        try:
            return (mirror / path).read_bytes()
        except OSError:
            return None

    take = follow(read, keys)
    try:
        trust = Trust([parse_vkey(vkey)], Policy(quorum=b"none"), 0)
        verify_log(read, trust, lambda _, entry: take(follower.take(entry)))
    except LedgerError as error:
        raise UsageError(f"the ledger in {mirror} proves nothing ({error})", "check --ledger and --vkey") from error
    return keys
