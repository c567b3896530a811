"""Who may do what: a role needs a dated training record, an authorisation with an end, and no overdue emergency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from passerby.charter.matter import case
from passerby.charter.matter.record import Kind, Matter, need
from passerby.ledger.schema import FIRST, Act

ROLES: tuple[str, ...] = tuple(FIRST["lists"]["role"])
DAY = 86400
LONGEST_S = 366 * DAY


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff, by pseudonym. Times are seconds since 1970; 0 where there is none.

    Args:
        pseudonym: As in the ledger.
        trained: When they were trained last.
        trained_until: When that is too old.
        roles: Each role, and until when it is theirs.
    """

    pseudonym: str
    trained: int = 0
    trained_until: int = 0
    roles: tuple[tuple[str, int], ...] = ()


class Standing(Enum):
    """Whether somebody may act in a role now."""

    FIT = "may"
    UNKNOWN = "nobody here has this pseudonym: `passerby staff train` first"
    UNTRAINED = "there is no training record"
    STALE = "the training is too old: train again"
    NOT_AUTHORISED = "not authorised for this role"
    EXPIRED = "the authorisation has ended"
    LOCKED = "locked: an emergency was not justified in time"


def standing(person: Person | None, role: str, now: int, matters: Iterable[Matter] = ()) -> Standing:
    """How somebody stands. Total; the first reason against wins.

    Args:
        person: Who, if known.
        role: Of `ROLES`.
        now: Seconds since 1970.
        matters: What is open: an overdue emergency of theirs locks them out.
    """
    if person is None:
        return Standing.UNKNOWN
    if locked(person.pseudonym, matters, now):
        return Standing.LOCKED
    if not person.trained or person.trained > now:
        return Standing.UNTRAINED
    if now >= person.trained_until:
        return Standing.STALE
    if (until := dict(person.roles).get(role)) is None:
        return Standing.NOT_AUTHORISED
    return Standing.FIT if now < until else Standing.EXPIRED


def locked(pseudonym: str, matters: Iterable[Matter], now: int) -> bool:
    """Whether an emergency that this person declared is overdue for its justification."""
    return any(
        matter.kind is Kind.CASE
        and matter.by == pseudonym
        and matter.state == case.State.EMERGENCY.value
        and matter.overdue(now)
        for matter in matters
    )


def train(person: Person, at: int, now: int, lasts_s: int, content: str) -> tuple[Person, Act]:
    """Somebody was trained.

    Args:
        person: Who.
        at: When, in seconds since 1970.
        now: Now.
        lasts_s: How long a training counts here.
        content: Salted hash of the record.

    Raises:
        CharterError: It is in the future, older than what is known, or out of date already.
    """
    need(at <= now, "nobody is trained in the future", "give the day on which it was")
    need(at >= person.trained, "a later training is known already", "nothing needs to be done")
    need(now < at + lasts_s, "this training is too old to count", "train again")
    trained = Person(person.pseudonym, at, at + lasts_s, person.roles)
    return trained, {"act": "train", "person": person.pseudonym, "content": content, "until": trained.trained_until}


def authorise(person: Person, role: str, until: int, now: int) -> tuple[Person, Act]:
    """Somebody gets a role, for a year at most.

    Raises:
        CharterError: No such role, or they are not trained.
    """
    need(role in ROLES, f"no role is called {role[:40]!r}", f"use {', '.join(ROLES)}")
    need(now < until <= now + LONGEST_S, "an authorisation ends, within a year", "give --until")
    need(now < person.trained_until, "nobody without a current training gets a role", "`passerby staff train` first")
    roles = tuple(sorted({**dict(person.roles), role: until}.items()))
    named = Person(person.pseudonym, person.trained, person.trained_until, roles)
    return named, {"act": "authorise", "person": person.pseudonym, "role": role, "until": until}


def unauthorise(person: Person, role: str) -> tuple[Person, Act]:
    """Somebody loses a role, at once.

    Raises:
        CharterError: It isn't theirs.
    """
    need(role in dict(person.roles), "they have no such role", "`passerby staff list` shows what they have")
    roles = tuple(item for item in person.roles if item[0] != role)
    named = Person(person.pseudonym, person.trained, person.trained_until, roles)
    return named, {"act": "unauthorise", "person": person.pseudonym, "role": role}
