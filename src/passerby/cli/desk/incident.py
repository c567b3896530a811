"""``passerby incident``: what went wrong, and the 72 hours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.charter.matter import incident
from passerby.charter.matter.record import Kind
from passerby.cli.desk.common import (
    At,
    By,
    Data,
    Id,
    Text,
    add_common,
    drawn_id,
    entry,
    keep,
    pseudonym,
    step_line,
    told,
    when,
    words,
)
from passerby.office import matters
from passerby.office.desk import open_desk

app = typer.Typer(help="Incidents: known, notified within 72 hours, told to people.", no_args_is_help=True)
add_common(app, Kind.INCIDENT)


@app.command("new")
def new(
    data: Data,
    by: By,
    text: Annotated[Path, typer.Option("--text", metavar="FILE", help="What happened; - reads standard input.")],
    at: At = "",
) -> None:
    """Write an incident down. Its 72 hours run from when anybody of the staff knew of it: --at."""
    said, salt = words(text), os.urandom(matters.SALT_BYTES)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "desk")
        term, calendar = desk.office.incident, desk.office.calendar
        content = matters.commitment(salt, said)
        keep(desk, incident.begin(drawn_id(), by, when(at, desk), term, calendar, content), by, said, salt)


@app.command("do")
def do(
    data: Data,
    matter_id: Id,
    event: Annotated[incident.Event, typer.Argument(metavar="EVENT", help="What happens to it.")],
    by: By,
    text: Text = None,
    at: At = "",
) -> None:
    """Go on with an incident: what happens to it next. A wrong EVENT names those there are."""
    said = words(text)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "desk")
        given, office = told(desk, at, "", said), desk.office
        found = matters.go_on(
            desk.store,
            matters.whole_id(desk.store, Kind.INCIDENT, matter_id),
            lambda held: incident.go_on(held, event, given, office.incident, office.calendar),
            entry(event.value, by, given, said),
            os.urandom,
        )
        step_line(found, desk)
