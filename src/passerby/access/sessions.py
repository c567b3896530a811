"""Who is signed in. A session ends by itself: 12 hours after it began, and 30 minutes after it was last seen.

Its token is in a cookie and nowhere else; here is its hash, which is also the id that lists show. Each sign-in and each
new proof makes a new token, so that one planted beforehand is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, Row, delete, insert, select, update

from passerby.access.accounts import held_by
from passerby.access.caller import Caller
from passerby.access.events import What, note
from passerby.access.roles import Grant, Role
from passerby.access.room import Room
from passerby.access.tokens import digest, fresh
from passerby.store.schema import access

LONGEST_S, IDLE_S = 12 * 3600, 30 * 60
TOUCH_S = 60
LONGEST_AGENT = 60


class Kind(Enum):
    """How somebody came in."""

    ACCOUNT = "account"
    ENTERING = "entering"  # by an invitation or a recovery: may only set up what to sign in with
    LOCAL = "local"  # by the link that the terminal printed


# Who has the terminal has the machine; on a page they are no more than an operator.
LOCAL_GRANTS = (Grant(Role.OPERATOR),)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on.

    Args:
        id: The hash of its token.
        pseudonym: Whose.
        kind: How they came in.
        begun_s: When.
        seen_s: When it was last used, to the minute.
        proven_s: When they last proved who they are.
        agent: Their browser, in a few words.
    """

    id: str
    pseudonym: str
    kind: Kind
    begun_s: int
    seen_s: int
    proven_s: int
    agent: str

    @property
    def until_s(self) -> int:
        """When it ends at the latest."""
        return self.begun_s + LONGEST_S

    def alive(self, now_s: float) -> bool:
        """Whether it goes on."""
        return self.begun_s <= now_s + 1 and now_s < min(self.until_s, self.seen_s + IDLE_S)


def begin(room: Room, who: str, kind: Kind, agent: str) -> str:
    """Somebody proved who they are; return the new session's token."""
    with room.store.writing() as connection:
        token = begin_in(connection, room, who, kind, agent)
        connection.execute(delete(access.sessions).where(access.sessions.c.begun_s < room.now - LONGEST_S))
    return token


def begin_in(connection: Connection, room: Room, who: str, kind: Kind, agent: str, begun_s: int | None = None) -> str:
    """The same, in a transaction that does more."""
    token, now = fresh(room.randomness), room.now
    connection.execute(
        insert(access.sessions).values(
            id=digest(token),
            pseudonym=who,
            kind=kind.value,
            begun_s=now if begun_s is None else begun_s,
            seen_s=now,
            proven_s=now,
            agent=agent[:LONGEST_AGENT],
        )
    )
    return token


def prove(room: Room, session: Session) -> str:
    """Somebody proved again who they are: the same session under a new token. It lasts no longer for that."""
    with room.store.writing() as connection:
        return _anew(connection, room, session, session.kind)


def enter(room: Room, session: Session) -> str:
    """Whoever came by an invitation or a recovery has enough to sign in with now, and is signed in; a new token."""
    with room.store.writing() as connection:
        note(connection, room.now, What.ENTERED, session.pseudonym, session.pseudonym)
        return _anew(connection, room, session, Kind.ACCOUNT)


def _anew(connection: Connection, room: Room, session: Session, kind: Kind) -> str:
    connection.execute(delete(access.sessions).where(access.sessions.c.id == session.id))
    return begin_in(connection, room, session.pseudonym, kind, session.agent, session.begun_s)


def find(room: Room, token: str) -> tuple[Session, Caller] | None:
    """Whose session this is and what they may do now; None where it is none, or over."""
    with room.store.reading() as connection:
        row = connection.execute(select(access.sessions).where(access.sessions.c.id == digest(token))).one_or_none()
        if row is None or not (session := _session(row)).alive(room.clock()):
            return None
        return session, Caller(
            session.pseudonym,
            grants_of(connection, session),
            session_id=session.id,
            proven_s=session.proven_s,
            local=session.kind is Kind.LOCAL,
        )


def by_id(room: Room, session_id: str) -> Session | None:
    """The session of this id, if it goes on: for whoever was asked something within it."""
    with room.store.reading() as connection:
        row = connection.execute(select(access.sessions).where(access.sessions.c.id == session_id)).one_or_none()
    return None if row is None or not (found := _session(row)).alive(room.clock()) else found


def grants_of(connection: Connection, session: Session) -> tuple[Grant, ...]:
    """What whoever has this session may do."""
    if session.kind is Kind.LOCAL:
        return LOCAL_GRANTS
    if session.kind is Kind.ENTERING:
        return ()
    return tuple(grant for _, grant in held_by(connection, session.pseudonym))


def touch(room: Room, session: Session) -> None:
    """It was used; written once a minute at most."""
    now = room.now
    if now - session.seen_s >= TOUCH_S:
        with room.store.writing() as connection:
            connection.execute(update(access.sessions).where(access.sessions.c.id == session.id).values(seen_s=now))


def listed(room: Room, who: str) -> list[Session]:
    """Somebody's sessions that go on, newest first."""
    query = select(access.sessions).where(access.sessions.c.pseudonym == who).order_by(access.sessions.c.begun_s.desc())
    with room.store.reading() as connection:
        return [s for row in connection.execute(query) if (s := _session(row)).alive(room.clock())]


def end(room: Room, who: str, session_id: str) -> bool:
    """End one of somebody's sessions, at once; whether there was such a one."""
    mine = (access.sessions.c.id == session_id) & (access.sessions.c.pseudonym == who)
    with room.store.writing() as connection:
        return connection.execute(delete(access.sessions).where(mine)).rowcount > 0


def end_others(room: Room, who: str, but: str = "") -> int:
    """End all of somebody's sessions but one; how many there were."""
    mine = (access.sessions.c.id != but) & (access.sessions.c.pseudonym == who)
    with room.store.writing() as connection:
        return connection.execute(delete(access.sessions).where(mine)).rowcount


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(row.id, row.pseudonym, Kind(row.kind), row.begun_s, row.seen_s, row.proven_s, row.agent)
