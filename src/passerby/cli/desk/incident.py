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
    add_common,
    add_do,
    drawn_id,
    keep,
    pseudonym,
    when,
    words,
)
from passerby.office import matters
from passerby.office.desk import open_desk

app = typer.Typer(help="Incidents: known, notified within 72 hours, told to people.", no_args_is_help=True)
add_common(app, Kind.INCIDENT)
add_do(
    app,
    Kind.INCIDENT,
    incident.Event,
    lambda desk, held, event, given: incident.go_on(held, event, given, desk.office.incident, desk.office.calendar),
)


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
