"""Accounts and what they hold. Every change is judged and written with its event in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from passerby.access.events import What, note
from passerby.access.roles import Grant, Role, separate
from passerby.access.room import Room, pseudonym
from passerby.base.errors import AccessError
from passerby.base.ids import SAFE
from passerby.ledger.schema import is_pseudonym
from passerby.store.schema import access

MOST_GRANTS = 50
TERMINAL = "terminal"


class State(Enum):
    """Of an account."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Args:
        pseudonym: Who, for the ledger and for other rooms.
        name: What they type; leaves this machine in no act.
        state: Whether they can sign in.
        grants: What they may do, each with its id.
        begun_s: Since when.
    """

    pseudonym: str
    name: str
    state: State
    grants: tuple[tuple[int, Grant], ...]
    begun_s: int

    @property
    def roles(self) -> set[Role]:
        """What they are."""
        return {grant.role for _, grant in self.grants}


def add(room: Room, name: str, grants: Iterable[Grant], by: str, who: str = "", *, first: bool = False) -> Account:
    """Make an account that waits for its first link.

    Args:
        room: The access folder.
        name: What they will type: small letters, digits, hyphens.
        grants: What they may do.
        by: Pseudonym of who does it.
        who: Their pseudonym, where the office's staff has one already.
        first: Only where nobody had an account before.

    Raises:
        AccessError: The name or pseudonym is taken or can't be one, or the roles don't go together.
    """
    wanted = list(dict.fromkeys(grants))
    if not SAFE.fullmatch(name):
        raise AccessError(
            f"{name[:40]!r} can't be a name", "use small letters, digits and hyphens, at most 63", "bad-name"
        )
    who = who or pseudonym(room.randomness)
    if not is_pseudonym(who):
        raise AccessError(f"{who[:40]!r} is no pseudonym", "draw one with `passerby staff new`")
    with room.store.writing() as connection:
        if first and connection.execute(select(access.accounts.c.name).limit(1)).first() is not None:
            raise AccessError("there are accounts already", "sign in, or ask who gives them out")
        clash = (access.accounts.c.name == name) | (access.accounts.c.pseudonym == who)
        if connection.execute(select(access.accounts.c.name).where(clash)).first() is not None or who == room.here:
            raise AccessError(
                f"{name} has an account, or had one", "take another name: a used one never comes back", "name-taken"
            )
        now = room.now
        connection.execute(
            insert(access.accounts).values(
                pseudonym=who, name=name, state=State.INVITED.value, password="", totp=None, totp_step=0,
                begun_s=now, ended_s=0,
            )
        )  # fmt: skip
        note(connection, now, What.SET_UP if first else What.ADDED, who, by)
        for grant in wanted:
            _grant(connection, who, grant, by, now)
        return _account(connection, who)


def grant(room: Room, who: str, given: Grant, by: str) -> Account:
    """Give a role.

    Raises:
        AccessError: There is no such account, it is their own, or the roles don't go together.
    """
    with room.store.writing() as connection:
        _other(connection, who, by)
        _grant(connection, who, given, by, room.now)
        return _account(connection, who)


def take(room: Room, who: str, grant_id: int, by: str) -> Account:
    """Take a role, at once.

    Raises:
        AccessError: They have no such role, it is their own, or nobody else could give out accounts.
    """
    with room.store.writing() as connection:
        held = dict(_other(connection, who, by).grants)
        if grant_id not in held:
            raise AccessError("they have no such role", "look at the account again")
        connection.execute(delete(access.grants).where(access.grants.c.id == grant_id))
        _somebody_remains(connection, by)
        note(connection, room.now, What.TAKEN, who, by, held[grant_id])
        return _account(connection, who)


def end(room: Room, who: str, by: str) -> None:
    """End an account for good: sessions, keys that it made, credentials and roles go at once; the pseudonym stays.

    Raises:
        AccessError: There is no such account, it is their own, or nobody else could give out accounts.
    """
    with room.store.writing() as connection:
        held = _other(connection, who, by)
        now = room.now
        _forget_credentials(connection, who)
        for table in (access.grants, access.links):
            connection.execute(delete(table).where(table.c.pseudonym == who))
        connection.execute(
            update(access.machine_keys)
            .where(access.machine_keys.c.by == who, access.machine_keys.c.until_s > now)
            .values(until_s=now)
        )
        connection.execute(
            update(access.accounts)
            .where(access.accounts.c.pseudonym == who)
            .values(state=State.ENDED.value, ended_s=now)
        )
        if Role.ADMIN in held.roles:
            _somebody_remains(connection, by)
        note(connection, now, What.ENDED, who, by)


def account(room: Room, who: str) -> Account:
    """An account.

    Raises:
        AccessError: There is none such.
    """
    with room.store.reading() as connection:
        return _account(connection, who)


def named(room: Room, name: str) -> Account | None:
    """The account that signs in under a name; None where there is none, or where it ended."""
    with room.store.reading() as connection:
        found = connection.execute(select(access.accounts).where(access.accounts.c.name == name)).one_or_none()
        if found is None or found.state == State.ENDED.value:
            return None
        return _of(connection, found)


def everybody(room: Room) -> list[Account]:
    """All accounts that have not ended, by name."""
    with room.store.reading() as connection:
        rows = connection.execute(
            select(access.accounts).where(access.accounts.c.state != State.ENDED.value).order_by(access.accounts.c.name)
        ).all()
        held: dict[str, list[tuple[int, Grant]]] = {}
        for row in connection.execute(select(access.grants).order_by(access.grants.c.id)):
            held.setdefault(row.pseudonym, []).append((row.id, _grant_of(row)))
        return [
            Account(row.pseudonym, row.name, State(row.state), tuple(held.get(row.pseudonym, ())), row.begun_s)
            for row in rows
        ]


def any_active(room: Room) -> bool:
    """Whether anybody can sign in, so that the server is not open to whoever comes first."""
    active = access.accounts.c.state == State.ACTIVE.value
    with room.store.reading() as connection:
        return connection.execute(select(access.accounts.c.name).where(active).limit(1)).first() is not None


def any_account(room: Room) -> bool:
    """Whether somebody was ever given an account."""
    with room.store.reading() as connection:
        return connection.execute(select(access.accounts.c.name).limit(1)).first() is not None


def activate(connection: Connection, who: str) -> None:
    """Their first credentials are there."""
    connection.execute(
        update(access.accounts)
        .where(access.accounts.c.pseudonym == who, access.accounts.c.state == State.INVITED.value)
        .values(state=State.ACTIVE.value)
    )


def forget_credentials(connection: Connection, who: str) -> None:
    """All that they could sign in with, and all who are signed in as them, gone at once; they wait for a new link."""
    _forget_credentials(connection, who)
    connection.execute(
        update(access.accounts).where(access.accounts.c.pseudonym == who).values(state=State.INVITED.value)
    )


def _forget_credentials(connection: Connection, who: str) -> None:
    for table in (access.passkeys, access.codes, access.subjects, access.sessions):
        connection.execute(delete(table).where(table.c.pseudonym == who))
    connection.execute(
        update(access.accounts).where(access.accounts.c.pseudonym == who).values(password="", totp=None, totp_step=0)
    )


def _grant(connection: Connection, who: str, given: Grant, by: str, now: int) -> None:
    held = _account(connection, who)
    if given in [grant for _, grant in held.grants]:
        raise AccessError(f"{held.name} has this role already", "nothing needs to be done", "has-already")
    if len(held.grants) >= MOST_GRANTS:
        raise AccessError(f"nobody has more than {MOST_GRANTS} roles", "give one for a wider area")
    separate([*held.roles, given.role])
    connection.execute(
        insert(access.grants).values(
            pseudonym=who,
            role=given.role.value,
            organisation=given.organisation,
            area=given.area,
            by=by,
            at_s=now,
        )
    )
    note(connection, now, What.GRANTED, who, by, given)


def _other(connection: Connection, who: str, by: str) -> Account:
    if who == by:
        raise AccessError(
            "nobody changes what they may do themselves", "ask somebody else who gives out accounts", "own-account"
        )
    return _account(connection, who)


def _somebody_remains(connection: Connection, by: str) -> None:
    """The terminal can always make another; from a page, the last who gives out accounts everywhere stays."""
    if by == TERMINAL:
        return
    left = connection.execute(
        select(func.count())
        .select_from(access.grants.join(access.accounts, access.grants.c.pseudonym == access.accounts.c.pseudonym))
        .where(
            access.grants.c.role == Role.ADMIN.value,
            access.grants.c.organisation == "*",
            access.grants.c.area == "*",
            access.accounts.c.state == State.ACTIVE.value,
        )
    ).scalar_one()
    if not left:
        raise AccessError(
            "nobody would be left to give out accounts", "give somebody else the role admin first", "last-admin"
        )


def _account(connection: Connection, who: str) -> Account:
    row = connection.execute(select(access.accounts).where(access.accounts.c.pseudonym == who)).one_or_none()
    if row is None or row.state == State.ENDED.value:
        raise AccessError("there is no such account", "`passerby account list` shows who there is")
    return _of(connection, row)


def _of(connection: Connection, row: Row[tuple[object, ...]]) -> Account:
    return Account(row.pseudonym, row.name, State(row.state), held_by(connection, row.pseudonym), row.begun_s)


def held_by(connection: Connection, who: str) -> tuple[tuple[int, Grant], ...]:
    """The grants of an account, each with its id."""
    query = select(access.grants).where(access.grants.c.pseudonym == who).order_by(access.grants.c.id)
    return tuple((row.id, _grant_of(row)) for row in connection.execute(query))


def _grant_of(row: Row[tuple[object, ...]]) -> Grant:
    return Grant(Role(row.role), row.organisation, row.area)
