"""``passerby staff``: who may do what, with dated training."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.charter.matter import staff as rules
from passerby.charter.matter.record import Kind
from passerby.cli.desk.common import By, Data, Json, local, moment, pseudonym, when, words
from passerby.cli.discover import plain
from passerby.office import matters
from passerby.office import staff as people
from passerby.office.desk import open_desk

app = typer.Typer(help="Who may do what, with dated training.", no_args_is_help=True)
Who = Annotated[str, typer.Argument(metavar="PERSON", help="Their pseudonym.")]
Role = Annotated[str, typer.Argument(metavar="ROLE", help=f"One of {', '.join(rules.ROLES)}.")]


@app.command("new")
def new() -> None:
    """Draw a pseudonym for somebody."""
    typer.echo(f"p-{os.urandom(16).hex()}")


@app.command("train")
def train(
    data: Data,
    person: Who,
    text: Annotated[Path, typer.Option("--text", metavar="FILE", help="Who it is and what they learnt.")],
    by: By,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When they were trained.")] = "",
) -> None:
    """Record somebody's training. The ledger gets its date and a salted hash, never a name."""
    said, salt = words(text), os.urandom(matters.SALT_BYTES)
    with open_desk(data) as desk:
        now, lasts, day = desk.clock(), desk.office.training_s, when(at, desk)
        content = matters.commitment(salt, said)
        found = people.change(
            desk.store,
            pseudonym(person),
            lambda held: rules.train(held, day, now, lasts, content),
            pseudonym(by),
            now,
            os.urandom,
            words=(said, salt),
        )
        typer.echo(f"{person} is trained until {local(found.trained_until, desk)}")


@app.command("authorise")
def authorise(
    data: Data,
    person: Who,
    role: Role,
    by: By,
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="When it ends, within a year.")] = "+365 days",
) -> None:
    """Give somebody a role. Only who is trained may have one."""
    with open_desk(data) as desk:
        now, end = desk.clock(), moment(until, desk)
        found = people.change(
            desk.store,
            pseudonym(person),
            lambda held: rules.authorise(held, role, end, now),
            pseudonym(by),
            now,
            os.urandom,
        )
        typer.echo(f"{person} may act as {', '.join(name for name, _ in found.roles)}")


@app.command("unauthorise")
def unauthorise(data: Data, person: Who, role: Role, by: By) -> None:
    """Take a role from somebody, at once."""
    with open_desk(data) as desk:
        people.change(
            desk.store,
            pseudonym(person),
            lambda held: rules.unauthorise(held, role),
            pseudonym(by),
            desk.clock(),
            os.urandom,
        )
    typer.echo(f"{person} may no longer act as {role}")


@app.command("list")
def list_(data: Data, as_json: Json = False) -> None:
    """Everybody, their roles, and how each stands now. Names are shown here alone."""
    with open_desk(data) as desk:
        now, cases = desk.clock(), matters.all_matters(desk.store, Kind.CASE, open_only=True)
        rows = [
            {
                "person": person.pseudonym,
                "trained_until": person.trained_until,
                "roles": {role: rules.standing(person, role, now, cases).value for role, _ in person.roles},
                "record": record,
            }
            for person, record in people.everybody(desk.store)
        ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        roles = row["roles"]
        assert isinstance(roles, dict)
        told = "; ".join(f"{role}: {how}" for role, how in roles.items()) or "no role"
        typer.echo(
            f"{row['person']}  {told}  {plain(str(row['record']).splitlines()[0]) if row['record'] else ''}".rstrip()
        )


@app.command("forget")
def forget(data: Data, person: Who) -> None:
    """Erase who stands behind a pseudonym that has no role any more. Nothing brings it back."""
    with open_desk(data) as desk:
        people.forget(desk.store, pseudonym(person), desk.clock())
    typer.echo(f"who {person} is, is erased")
