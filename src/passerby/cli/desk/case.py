"""``passerby case``: why somebody looks. Opened before any look."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import PermitError
from passerby.charter.matter import case
from passerby.charter.matter.office import EXAMPLE
from passerby.charter.matter.record import Kind
from passerby.cli.desk.common import (
    By,
    Data,
    Id,
    Json,
    Reason,
    Text,
    add_common,
    drawn_id,
    entry,
    keep,
    moment,
    pseudonym,
    step_line,
    told,
    words,
)
from passerby.cli.desk.report import believing
from passerby.cli.ledger.common import Vkeys as LogKeys
from passerby.cli.ledger.common import ends_well, reader
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import LedgerError, verify_log
from passerby.office import matters
from passerby.office.desk import open_desk

app = typer.Typer(help="Cases: why somebody looks, opened before any look.", no_args_is_help=True)
add_common(app, Kind.CASE)
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="The first moment of the recordings.")]
Upto = Annotated[str, typer.Option("--upto", metavar="TIME", help="The first moment after them.")]


@app.command("example")
def example() -> None:
    """Print an office.toml to fill in."""
    typer.echo(EXAMPLE, nl=False)


@app.command("reasons")
def reasons(as_json: Json = False) -> None:
    """Every purpose and the reasons that it knows. There are no others, and no free text."""
    if as_json:
        typer.echo(json.dumps(case.REASONS, indent=1))
        return
    for purpose, known in case.REASONS.items():
        typer.echo(f"{purpose}: {', '.join(known) or 'nobody looks for it'}")


@app.command("open")
def open_(
    data: Data,
    purpose: Annotated[str, typer.Option("--purpose", metavar="WORD", help="Of the closed list: `case reasons`.")],
    reason: Reason,
    camera: Annotated[list[str], typer.Option("--camera", metavar="NAME", help="May be repeated.")],
    since: Since,
    upto: Upto,
    by: By,
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="When the case ends: '+2 hours'.")] = "+1 day",
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Approval comes later: within 7 days, or you are locked out.")
    ] = False,
    text: Text = None,
) -> None:
    """Open a case. Nobody may look under it before its act is in the ledger."""
    said = words(text)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "viewer")
        scope = case.Scope(tuple(camera), moment(since, desk), moment(upto, desk), moment(until, desk))
        change = case.begin(
            drawn_id(), by, desk.clock(), (purpose, reason), scope, emergency=emergency, allowed=desk.office.emergencies
        )
        keep(desk, change, by, said, os.urandom(matters.SALT_BYTES))


@app.command("justify")
def justify(data: Data, matter_id: Id, by: By, text: Text = None) -> None:
    """Justify an emergency, in writing, as the superior of whoever declared it."""
    _do(data, matter_id, by, case.Event.JUSTIFY, "reviewer", text)


@app.command("close")
def close(data: Data, matter_id: Id, by: By, text: Text = None) -> None:
    """Close a case, at once: no look begins under it any more."""
    _do(data, matter_id, by, case.Event.CLOSE, "viewer", text)


def _do(data: Path, matter_id: str, by: str, event: case.Event, role: str, text: Path | None) -> None:
    said = words(text)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), role)
        given = told(desk, "", "", said)
        whole = matters.whole_id(desk.store, Kind.CASE, matter_id)
        found = matters.go_on(
            desk.store,
            whole,
            lambda held: case.go_on(held, event, given, by),
            entry(event.value, by, given, said),
            os.urandom,
        )
        step_line(found, desk)


@app.command("check")
@ends_well
def check(
    data: Data,
    matter_id: Id,
    camera: Annotated[str, typer.Option("--camera", metavar="NAME", help="Whose recordings.")],
    purpose: Annotated[str, typer.Option("--purpose", metavar="WORD", help="For what.")],
    since: Since,
    upto: Upto,
    by: By,
    ledger: Annotated[Path, typer.Option("--ledger", metavar="DIR", help="A log or its mirror.")],
    minutes: Annotated[int, typer.Option("--minutes", min=1, help="How long the look takes.")] = 15,
    vkey: LogKeys = None,
) -> None:
    """Whether somebody may look now under this case, or the one reason why not."""
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "viewer")
        held = matters.matter(desk.store, matters.whole_id(desk.store, Kind.CASE, matter_id))
        look = case.Look(camera, purpose, moment(since, desk), moment(upto, desk), desk.clock(), minutes * 60)
        logged = _logged(ledger, vkey, held.id)
        refused = case.judge(held, look, logged)
    if refused is not None:
        raise PermitError(f"{refused.name}: {refused.value}")
    typer.echo("this look may be; its own act comes first")


def _logged(folder: Path, vkey: list[str] | None, subject: str) -> int | None:
    """When the ledger got a case; the whole ledger is verified."""
    found: list[int] = []
    mark = subject.encode()

    def each(_index: int, raw: bytes) -> None:
        if mark not in raw or found:
            return
        try:
            act = parse_act(raw)
        except LedgerError:
            return  # not an act: no case either
        if act.get("act") == "case" and act.get("case") == subject and type(act.get("logged")) is int:
            found.append(act["logged"])

    verify_log(reader(folder), believing(folder, vkey, None), each)
    return found[0] if found else None
