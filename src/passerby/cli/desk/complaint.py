"""``passerby complaint``: taken in with a receipt, answered in time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import CharterError
from passerby.charter.matter import complaint
from passerby.charter.matter.record import Kind
from passerby.cli.desk.common import (
    At,
    By,
    Data,
    Id,
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

app = typer.Typer(help="Complaints: taken in with a receipt, answered in time.", no_args_is_help=True)
add_common(app, Kind.COMPLAINT)
add_do(
    app,
    Kind.COMPLAINT,
    complaint.Event,
    lambda desk, held, event, given: complaint.go_on(held, event, given, desk.office.complaint, desk.office.calendar),
)


@app.command("new")
def new(
    data: Data,
    by: By,
    text: Annotated[Path, typer.Option("--text", metavar="FILE", help="The complaint; - reads standard input.")],
    at: At = "",
) -> None:
    """Take a complaint in, and print the receipt that the complainant gets. No name is needed."""
    said, salt = words(text), os.urandom(matters.SALT_BYTES)
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "desk")
        content = matters.commitment(salt, said)
        term, calendar = desk.office.complaint, desk.office.calendar
        change = complaint.begin(drawn_id(), by, when(at, desk), term, calendar, content)
        keep(desk, change, by, said, salt)
        _receipt(change.matter.id, content, salt)


@app.command("receipt")
def receipt(data: Data, matter_id: Id) -> None:
    """Print a complaint's receipt again, for as long as its words are kept."""
    with open_desk(data) as desk:
        whole = matters.whole_id(desk.store, Kind.COMPLAINT, matter_id)
        first = matters.events(desk.store, whole)[0]
        if first.words is None or first.salt is None:
            raise CharterError("what was said is erased, and its receipt with it", "the ledger still has the hash")
        _receipt(whole, matters.commitment(first.salt, first.words), first.salt)


def _receipt(matter_id: str, content: str, salt: bytes) -> None:
    typer.echo("RECEIPT, for the complainant to keep:")
    typer.echo(f"  in the ledger: complaint, case {matter_id}")
    typer.echo(f"  content {content}, which is SHA-256 of these 32 bytes and then your words:")
    typer.echo(f"  {salt.hex()}")
