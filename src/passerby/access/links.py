"""One-time links: ``/enter#TOKEN``. What follows the # is never sent by a browser, and stands in no log of a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import delete, insert, select

from passerby.access import sessions
from passerby.access.accounts import account, forget_credentials
from passerby.access.events import What, note
from passerby.access.room import Room
from passerby.access.sessions import Kind
from passerby.access.tokens import digest, fresh
from passerby.base.errors import AccessError
from passerby.store.schema import access

LOCAL_S, INVITE_S, RECOVER_S = 3600, 72 * 3600, 24 * 3600
FOREVER_S = 1 << 40


class Leads(Enum):
    """What a link is for."""

    LOCAL = "local"
    INVITE = "invite"
    RECOVER = "recover"


@dataclass(frozen=True, slots=True)
class Used:
    """A link that was followed.

    Args:
        leads: What it was for.
        token: Of the session that began.
    """

    leads: Leads
    token: str


def local(room: Room, *, again: bool = False) -> str:
    """For whoever is at this machine's terminal. Those printed before are no longer good.

    Args:
        room: The access folder.
        again: Good for as long as nobody makes another: a demo's.
    """
    return _make(room, Leads.LOCAL, room.here, FOREVER_S if again else room.now + LOCAL_S, again=again)


def invite(room: Room, who: str) -> str:
    """For an account's first sign-in.

    Raises:
        AccessError: There is no such account.
    """
    account(room, who)
    return _make(room, Leads.INVITE, who, room.now + INVITE_S)


def recover(room: Room, who: str, by: str) -> str:
    """For somebody who lost what they signed in with. Those who oversee see it; nothing is lost before it is followed.

    Raises:
        AccessError: There is no such account, or it is their own.
    """
    if who == by:
        raise AccessError(
            "nobody recovers their own account", "ask somebody else who gives out accounts", "own-account"
        )
    account(room, who)
    token = _make(room, Leads.RECOVER, who, room.now + RECOVER_S)
    with room.store.writing() as connection:
        note(connection, room.now, What.RECOVERY, who, by)
    return token


def follow(room: Room, token: str, agent: str, *, here: bool) -> Used:
    """Use a link up, and begin what it leads to.

    Args:
        room: The access folder.
        token: What followed the #.
        agent: Their browser, in a few words.
        here: Whether who follows it is on this machine.

    Raises:
        AccessError: It is none, used already, over, or of the terminal and followed from elsewhere.
    """
    links, now = access.links, room.now
    with room.store.writing() as connection:
        row = connection.execute(select(links).where(links.c.hash == digest(token))).one_or_none()
        if row is None or row.until_s <= now:
            raise AccessError("this link is not good, or not any more", "ask for a new one: each is good once")
        leads = Leads(row.kind)
        if leads is Leads.LOCAL and not here:
            raise AccessError("this link is for the machine that printed it", "open it there")
        if not row.again:
            connection.execute(delete(links).where(links.c.hash == row.hash))
        if leads is Leads.RECOVER:
            forget_credentials(connection, row.pseudonym)
            note(connection, now, What.RECOVERED, row.pseudonym, row.pseudonym)
        kind = Kind.LOCAL if leads is Leads.LOCAL else Kind.ENTERING
        return Used(leads, sessions.begin_in(connection, room, row.pseudonym, kind, agent))


def _make(room: Room, leads: Leads, who: str, until_s: int, *, again: bool = False) -> str:
    token, links = fresh(room.randomness), access.links
    with room.store.writing() as connection:
        older = (links.c.until_s <= room.now) | ((links.c.kind == leads.value) & (links.c.pseudonym == who))
        connection.execute(delete(links).where(older))
        row = {"hash": digest(token), "kind": leads.value, "pseudonym": who, "until_s": until_s, "again": again}
        connection.execute(insert(links).values(**row))
    return token
