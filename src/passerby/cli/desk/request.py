"""``passerby request``: somebody asks for their own data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.charter.matter import request
from passerby.charter.matter.record import Kind
from passerby.cli.desk.common import (
    At,
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
    local,
    pseudonym,
    step_line,
    told,
    when,
    words,
)
from passerby.office import matters
from passerby.office.desk import open_desk
from passerby.store.database import Store

app = typer.Typer(help="Requests for access to one's own data.", no_args_is_help=True)
add_common(app, Kind.REQUEST)
_ENDED_UNWILLING = (request.State.REFUSED, request.State.PARTLY_REFUSED, request.State.NOT_IDENTIFIED)


@app.command("new")
def new(
    data: Data,
    by: By,
    text: Annotated[Path, typer.Option("--text", metavar="FILE", help="What they ask; - reads standard input.")],
    at: At = "",
) -> None:
    """Take a request in. Its clock runs from when it came."""
    said, salt = words(text), os.urandom(matters.SALT_BYTES)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "desk")
        office = desk.office
        content = matters.commitment(salt, said)
        change = request.begin(drawn_id(), by, when(at, desk), office.law, office.calendar, content)
        keep(desk, change, by, said, salt)


@app.command("do")
def do(
    data: Data,
    matter_id: Id,
    event: Annotated[request.Event, typer.Argument(metavar="EVENT", help="What happens to it.")],
    by: By,
    reason: Reason = "",
    others: Annotated[
        str, typer.Option("--others", metavar="hidden|none", help="What became of other people in an answer.")
    ] = "",
    fee: Annotated[int, typer.Option("--fee", min=0, help="In the currency's smallest unit.")] = 0,
    text: Text = None,
    at: At = "",
) -> None:
    """Go on with a request: what happens to it next. A wrong EVENT names those there are."""
    said = words(text)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "desk")
        given, office = told(desk, at, reason, said, others, fee), desk.office
        found = matters.go_on(
            desk.store,
            matters.whole_id(desk.store, Kind.REQUEST, matter_id),
            lambda held: request.go_on(held, event, given, office.law, office.calendar, office.fee_most),
            entry(event.value, by, given, said),
            os.urandom,
        )
        step_line(found, desk)


@app.command("book")
def book(data: Data, as_json: Json = False) -> None:
    """The refusal book (Cap. 486, s. 27): each refusal, its day, and its reason in law. Kept four years at least."""
    with open_desk(data) as desk:
        held = matters.all_matters(desk.store, Kind.REQUEST)
        ended = [m for m in held if request.State(m.state) in _ENDED_UNWILLING]
        rows = [
            {"id": m.id, "state": m.state, "over": m.over, "why": _why(desk.store, m.id), "law": desk.office.law.name}
            for m in sorted(ended, key=lambda m: m.over)
        ]
        if as_json:
            typer.echo(json.dumps(rows, indent=1))
            return
        for row in rows:
            typer.echo(f"{local(int(str(row['over'])), desk)}  {str(row['id'])[:8]}  {row['state']}  {row['why']}")
        typer.echo(f"{len(rows)} refusals")


def _why(store: Store, matter_id: str) -> str:
    unwilling = (request.Event.REFUSE.value, request.Event.CANNOT_IDENTIFY.value)
    notes = [e.note for e in matters.events(store, matter_id) if e.event in unwilling]
    return notes[-1] if notes else ""
