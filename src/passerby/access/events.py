"""What happened to accounts, for those who oversee: no names, no addresses, never changed and never removed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, insert, select

from passerby.access.roles import EVERYWHERE, Grant
from passerby.access.room import Room
from passerby.store.schema import access

MOST = 500


class What(Enum):
    """One kind of thing that happens."""

    SET_UP = "set-up"
    ADDED = "added"
    ENTERED = "entered"
    GRANTED = "granted"
    TAKEN = "taken"
    ENDED = "ended"
    RECOVERY = "recovery"
    RECOVERED = "recovered"
    CODE_USED = "code-used"
    CREDENTIAL = "credential"
    CREDENTIAL_GONE = "credential-gone"
    KEY = "key"
    KEY_ENDED = "key-ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Args:
        id: Counted up; a gap would show.
        at_s: When.
        what: Of `What`.
        who: To whose account, by pseudonym; for keys the key's.
        by: Who did it, by pseudonym.
        role: For grants; else empty.
        organisation: Where it holds.
        area: Likewise.
    """

    id: int
    at_s: int
    what: str
    who: str
    by: str
    role: str
    organisation: str
    area: str


def note(connection: Connection, at_s: int, what: What, who: str, by: str, grant: Grant | None = None) -> None:
    """Add to the transaction that does it."""
    connection.execute(
        insert(access.events).values(
            at_s=at_s,
            what=what.value,
            who=who,
            by=by,
            role=grant.role.value if grant else "",
            organisation=grant.organisation if grant else EVERYWHERE,
            area=grant.area if grant else EVERYWHERE,
        )
    )


def listed(room: Room, before: int | None = None, limit: int = MOST) -> list[Event]:
    """Newest first.

    Args:
        room: The access folder.
        before: Only those with a smaller id.
        limit: At most so many.
    """
    query = select(access.events).order_by(access.events.c.id.desc()).limit(min(limit, MOST))
    if before is not None:
        query = query.where(access.events.c.id < before)
    with room.store.reading() as connection:
        return [Event(*row) for row in connection.execute(query)]
