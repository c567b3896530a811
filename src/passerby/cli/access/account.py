"""``passerby account``: who may sign in at the server of a data folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from passerby.access import accounts, events, links, sessions
from passerby.access.accounts import TERMINAL, Account
from passerby.access.roles import EVERYWHERE, Grant, Role
from passerby.access.room import Room, open_room
from passerby.base.errors import AccessError, StoreError
from passerby.cli.access.key import app as keys

app = typer.Typer(help="Who may sign in at the server, as what, and where.", no_args_is_help=True)
app.add_typer(keys, name="key")
Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder that the server is given.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What they type to sign in.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help=f"One of {', '.join(r.value for r in Role)}; ROLE@ORGANISATION/AREA for a part."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def opened(data: Path) -> Room:
    """The access folder of a data folder.

    Raises:
        StoreError: There is no such data folder.
        AccessError: It can't be used.
    """
    if not data.is_dir():
        raise StoreError(f"{data} is no folder", "name a station's data folder")
    return open_room(data)


def parsed(text: str) -> Grant:
    """A role as it is typed: ``operator``, ``operator@city``, ``operator@city/north``, ``operator@*/north``.

    Raises:
        AccessError: It is none.
    """
    role, _, scope = text.partition("@")
    organisation, _, area = scope.partition("/")
    if role not in {r.value for r in Role}:
        raise AccessError(f"no role is called {role[:40]!r}", f"use {', '.join(r.value for r in Role)}")
    return Grant(Role(role), organisation or EVERYWHERE, area or EVERYWHERE)


def told(grant: Grant) -> str:
    """The same, for people."""
    return grant.role.value if grant.everywhere else f"{grant.role.value}@{grant.organisation}/{grant.area}"


def by_name(room: Room, name: str) -> Account:
    """The account of a name.

    Raises:
        AccessError: There is none.
    """
    found = accounts.named(room, name)
    if found is None:
        raise AccessError(f"nobody signs in as {name[:40]}", "`passerby account list` shows who there is")
    return found


def _say_link(token: str, hours: int) -> None:
    typer.echo(f"open ADDRESS/enter#{token}")
    typer.echo(f"(ADDRESS as `passerby serve` prints it; good once, for {hours} hours; give it to nobody else)")


@app.command("list")
def list_(data: Data, as_json: Json = False) -> None:
    """Everybody who may sign in, and as what."""
    with opened(data) as room:
        found = accounts.everybody(room)
    rows = [
        {
            "name": a.name,
            "pseudonym": a.pseudonym,
            "state": a.state.value,
            "roles": [told(grant) for _, grant in a.grants],
        }
        for a in found
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        roles = ", ".join(row["roles"]) or "no role"
        typer.echo(f"{row['name']:20}  {row['state']:8}  {roles}  {row['pseudonym']}")
    if not rows:
        typer.echo("nobody yet: passerby account add DATA NAME --role admin")


@app.command("add")
def add(
    data: Data,
    name: Name,
    role: Roles = None,
    pseudonym: Annotated[
        str, typer.Option("--pseudonym", help="Theirs, where `passerby staff` knows them already.")
    ] = "",
) -> None:
    """Make an account; its owner opens the link and chooses what to sign in with."""
    with opened(data) as room:
        made = accounts.add(room, name, [parsed(text) for text in role or []], TERMINAL, pseudonym)
        typer.echo(f"{made.name} is {made.pseudonym}")
        _say_link(links.invite(room, made.pseudonym), links.INVITE_S // 3600)


@app.command("grant")
def grant(data: Data, name: Name, role: Annotated[str, typer.Argument(metavar="ROLE")]) -> None:
    """Give a role: ROLE, or ROLE@ORGANISATION/AREA for a part of the site."""
    with opened(data) as room:
        changed = accounts.grant(room, by_name(room, name).pseudonym, parsed(role), TERMINAL)
    typer.echo(f"{name} is {', '.join(told(grant) for _, grant in changed.grants)}")


@app.command("take")
def take(data: Data, name: Name, role: Annotated[str, typer.Argument(metavar="ROLE")]) -> None:
    """Take a role, at once."""
    with opened(data) as room:
        account, wanted = by_name(room, name), parsed(role)
        number = next((number for number, grant in account.grants if grant == wanted), -1)
        changed = accounts.take(room, account.pseudonym, number, TERMINAL)
    typer.echo(f"{name} is {', '.join(told(grant) for _, grant in changed.grants) or 'without a role'}")


@app.command("end")
def end(data: Data, name: Name) -> None:
    """End an account for good: its sessions, and keys that it made, end at once."""
    with opened(data) as room:
        accounts.end(room, by_name(room, name).pseudonym, TERMINAL)
    typer.echo(f"{name} can't sign in any more")


@app.command("recover")
def recover(data: Data, name: Name) -> None:
    """A new way in for somebody who lost theirs. Those who oversee see it. What they had is good until they use it."""
    with opened(data) as room:
        _say_link(links.recover(room, by_name(room, name).pseudonym, TERMINAL), links.RECOVER_S // 3600)


@app.command("sign-out")
def sign_out(data: Data, name: Name) -> None:
    """End all of somebody's sessions, at once."""
    with opened(data) as room:
        count = sessions.end_others(room, by_name(room, name).pseudonym)
    typer.echo(f"{count} sessions of {name} ended")


@app.command("link")
def link(data: Data) -> None:
    """A one-time link for this machine's terminal: it opens signed in as an operator, on this machine alone."""
    with opened(data) as room:
        typer.echo(f"/enter#{links.local(room)}")


@app.command("events")
def events_(data: Data, as_json: Json = False) -> None:
    """What happened to accounts and keys, newest first: what those who oversee see, too."""
    with opened(data) as room:
        found = events.listed(room)
    for event in found:
        row = {name: getattr(event, name) for name in event.__slots__}
        where = f" {event.role}@{event.organisation}/{event.area}" if event.role else ""
        typer.echo(json.dumps(row) if as_json else f"{event.at_s}  {event.what:15}  {event.who} by {event.by}{where}")
