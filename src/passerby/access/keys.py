"""Machine keys: what programs show. Each is limited to rights and a scope, and never does more than its maker may now.

A key of the terminal has no maker: it has what a supervisor has, cut down in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from passerby.access.accounts import TERMINAL, held_by
from passerby.access.caller import Caller
from passerby.access.events import What, note
from passerby.access.rights import FOR_KEYS, Right
from passerby.access.roles import EVERYWHERE, Grant, Role
from passerby.access.room import Room, pseudonym
from passerby.access.tokens import digest, fresh
from passerby.base.errors import AccessError
from passerby.store.schema import access

PREFIX = "pk_"
LONGEST_S = 366 * 24 * 3600
LONGEST_NAME = 60
TOUCH_S = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A machine key, without what opens anything.

    Args:
        id: Names it in lists.
        name: What it is for.
        by: Who made it, by pseudonym.
        pseudonym: Whom acts name when a program uses it.
        rights: What it may be used for.
        organisation: Where it holds.
        area: Likewise.
        begun_s: Since when.
        until_s: Until when.
        used_s: When it was last used, to the minute; 0 for never.
    """

    id: str
    name: str
    by: str
    pseudonym: str
    rights: frozenset[Right]
    organisation: str
    area: str
    begun_s: int
    until_s: int
    used_s: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new key is to be.

    Args:
        name: What it is for.
        rights: What it may be used for.
        lasts_s: How long, in seconds.
        organisation: Where it holds.
        area: Likewise.
    """

    name: str
    rights: frozenset[Right]
    lasts_s: int = LONGEST_S
    organisation: str = EVERYWHERE
    area: str = EVERYWHERE


def make(room: Room, wish: Wish, maker: Caller | None) -> tuple[str, Key]:
    """A new key: what opens, shown once, and what is kept.

    Args:
        room: The access folder.
        wish: What it is to be.
        maker: Who wants it; None at the terminal.

    Raises:
        AccessError: A right that no program gets, that its maker has not, or a time that is too long.
    """
    name = wish.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise AccessError("a key has a name that says what it is for", f"give one of at most {LONGEST_NAME} signs")
    if not 0 < wish.lasts_s <= LONGEST_S:
        raise AccessError("a key ends, within a year", "give a shorter time")
    if not wish.rights or (odd := wish.rights - FOR_KEYS):
        told = ", ".join(sorted(right.value for right in FOR_KEYS))
        bad = ", ".join(sorted(right.value for right in odd)) if wish.rights else "nothing"
        raise AccessError(f"no program gets {bad}", f"use {told}")
    scope = Grant(Role.OPERATOR, wish.organisation, wish.area)
    by = TERMINAL if maker is None else maker.pseudonym
    may = Caller("", _cut(_held(maker), scope), only=wish.rights).rights
    if lacking := wish.rights - may:
        words = ", ".join(sorted(right.value for right in lacking))
        raise AccessError(
            f"you can't give a program {words}", "a key does no more than who made it, there", "not-yours"
        )
    token, now = fresh(room.randomness, PREFIX), room.now
    key = Key(
        digest(token)[:16], name, by, pseudonym(room.randomness), wish.rights, wish.organisation, wish.area, now,
        now + wish.lasts_s, 0,
    )  # fmt: skip
    with room.store.writing() as connection:
        row = {
            "id": digest(token), "name": name, "by": by, "pseudonym": key.pseudonym, "rights": _words(wish.rights),
            "organisation": wish.organisation, "area": wish.area, "begun_s": now, "until_s": key.until_s, "used_s": 0,
        }  # fmt: skip
        connection.execute(insert(access.machine_keys).values(**row))
        note(connection, now, What.KEY, key.pseudonym, by)
    return token, key


def find(room: Room, token: str) -> Caller | None:
    """Which program asks, and what it may now; None where the key is none, or over."""
    if not token.startswith(PREFIX):
        return None
    now, table = room.now, access.machine_keys
    with room.store.reading() as connection:
        row = connection.execute(select(table).where(table.c.id == digest(token))).one_or_none()
        if row is None or not row.begun_s <= now + 1 or now >= row.until_s:
            return None
        key = _key(row)
        scope = Grant(Role.OPERATOR, key.organisation, key.area)
        return Caller(key.pseudonym, _cut(_of_maker(connection, key.by), scope), key_id=key.id, only=key.rights)


def touch(room: Room, token: str) -> None:
    """It was used; written once a minute at most."""
    now, table = room.now, access.machine_keys
    mine = (table.c.id == digest(token)) & (table.c.used_s <= now - TOUCH_S)
    with room.store.reading() as connection:
        due = connection.execute(select(table.c.id).where(mine)).first() is not None
    if due:
        with room.store.writing() as connection:
            connection.execute(update(table).where(mine).values(used_s=now))


def listed(room: Room, by: str | None = None) -> list[Key]:
    """Keys that are good, newest first.

    Args:
        room: The access folder.
        by: Only those that somebody made.
    """
    table = access.machine_keys
    query = select(table).where(table.c.until_s > room.now).order_by(table.c.begun_s.desc(), table.c.id)
    if by is not None:
        query = query.where(table.c.by == by)
    with room.store.reading() as connection:
        return [_key(row) for row in connection.execute(query)]


def end(room: Room, key_id: str, ended_by: str, of: str | None = None) -> None:
    """End a key, at once.

    Args:
        room: The access folder.
        key_id: As in lists.
        ended_by: Pseudonym of who does it.
        of: Only where this is who made it.

    Raises:
        AccessError: There is no such key.
    """
    table, now = access.machine_keys, room.now
    wanted = table.c.id.startswith(key_id, autoescape=True) & (table.c.until_s > now)
    if of is not None:
        wanted &= table.c.by == of
    with room.store.writing() as connection:
        rows = connection.execute(select(table).where(wanted)).all()
        if len(rows) != 1 or len(key_id) < 16:
            raise AccessError("there is no such key", "`passerby account key list` shows what there is")
        connection.execute(update(table).where(table.c.id == rows[0].id).values(until_s=now))
        note(connection, now, What.KEY_ENDED, rows[0].pseudonym, ended_by)


def _held(maker: Caller | None) -> tuple[Grant, ...]:
    return (Grant(Role.SUPERVISOR),) if maker is None else maker.grants


def _of_maker(connection: Connection, by: str) -> tuple[Grant, ...]:
    return _held(None) if by == TERMINAL else tuple(grant for _, grant in held_by(connection, by))


def _cut(grants: Iterable[Grant], scope: Grant) -> tuple[Grant, ...]:
    """The grants, as far as they reach into a scope."""
    found = []
    for grant in grants:
        organisation = _both(grant.organisation, scope.organisation)
        area = _both(grant.area, scope.area)
        if organisation and area:
            found.append(Grant(grant.role, organisation, area))
    return tuple(found)


def _both(one: str, other: str) -> str:
    if EVERYWHERE in (one, other):
        return other if one == EVERYWHERE else one
    return one if one == other else ""


def _words(rights: Iterable[Right]) -> str:
    return " ".join(sorted(right.value for right in rights))


def _key(row: Row[tuple[object, ...]]) -> Key:
    rights = frozenset(Right(word) for word in row.rights.split())
    return Key(
        row.id[:16], row.name, row.by, row.pseudonym, rights, row.organisation, row.area, row.begun_s, row.until_s,
        row.used_s,
    )  # fmt: skip
