"""How slowly somebody may guess. Nobody is ever shut out for good: delays grow, have an end, and are forgotten.

Three things are counted. Who guesses one name from one address soon waits long; guesses at one name from everywhere,
and from one address at everything, begin to wait later and wait less long, so that nobody can keep somebody else out.
A passkey can't be guessed: signing in with one is never delayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address, ip_network

from sqlalchemy import Connection, delete, insert, select, update

from passerby.access.room import Room
from passerby.base.errors import AccessError
from passerby.store.schema import access

FORGOTTEN_S = 24 * 3600
SITE_BITS = 64


class TooSoon(AccessError):
    """Guessed wrongly too often: wait.

    Args:
        wait_s: For so many seconds.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many wrong attempts", f"try again in {wait_s} seconds, or use a passkey")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Rule:
    """How delays grow: none, then 1 s, doubled with each failure, up to the longest.

    Args:
        free: Failures before the first delay.
        longest_s: No delay is longer.
    """

    free: int
    longest_s: int

    def wait_s(self, failures: int) -> int:
        """How long after a failure, being so many."""
        over = failures - self.free
        return 0 if over <= 0 else min(1 << min(over - 1, 30), self.longest_s)


PAIR, NAME, ADDRESS = Rule(3, 900), Rule(10, 30), Rule(30, 120)
RULES = (("pair", PAIR), ("name", NAME), ("address", ADDRESS))


def attempt(room: Room, name: str, address: str) -> None:
    """Somebody is about to be judged: a failure until `right` says otherwise, so that many at once gain nothing.

    Args:
        room: The access folder.
        name: At which they guess.
        address: From where.

    Raises:
        TooSoon: A delay is not over; then this attempt counts for nothing.
    """
    now = room.now
    with room.store.writing() as connection:
        found = [(subject, rule, _failures(connection, subject, now)) for subject, rule in _subjects(name, address)]
        waits = [last + rule.wait_s(failures) - now for _, rule, (failures, last) in found if failures]
        if (wait := max(waits, default=0)) > 0:
            raise TooSoon(wait)
        for subject, _, (failures, _) in found:
            connection.execute(delete(access.trials).where(access.trials.c.subject == subject))
            connection.execute(insert(access.trials).values(subject=subject, failures=failures + 1, last_s=now))
        # What is forgotten leaves no row.
        connection.execute(delete(access.trials).where(access.trials.c.last_s < now - FORGOTTEN_S))


def right(room: Room, name: str, address: str) -> None:
    """They were right: what they guessed wrongly at this name is forgotten, and this attempt was no failure."""
    with room.store.writing() as connection:
        for kind, (subject, _) in zip(RULES, _subjects(name, address), strict=True):
            trials = access.trials
            if kind[0] != "address":
                connection.execute(delete(trials).where(trials.c.subject == subject))
            else:
                less = update(trials).where(trials.c.subject == subject, trials.c.failures > 0)
                connection.execute(less.values(failures=trials.c.failures - 1))


def _failures(connection: Connection, subject: str, now: int) -> tuple[int, int]:
    row = connection.execute(select(access.trials).where(access.trials.c.subject == subject)).one_or_none()
    return (0, 0) if row is None or row.last_s < now - FORGOTTEN_S else (row.failures, min(row.last_s, now))


def _subjects(name: str, address: str) -> list[tuple[str, Rule]]:
    site = network(address)
    words = {"pair": f"{name} {site}", "name": name, "address": site}
    return [(sha256(f"{kind} {words[kind]}".encode()).hexdigest(), rule) for kind, rule in RULES]


def network(address: str) -> str:
    """What counts as one address: of IPv6 the network, because who has one has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if (mapped := found.ipv4_mapped) is not None:
        return str(mapped)
    return str(ip_network((found, SITE_BITS), strict=False))
