"""The budget of a camera's day: what was spent on it, in a chain that anybody can add up.

Unit: one passage, one crossing of one line in one direction. Lines and directions of one camera are drawn together: a
passage is in one of them only, so that it pays once (parallel composition). Draws of the same day pay one after the
other (sequential composition), including those that a crash took. Who is seen m times is protected by m · ε.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import rfc8785

from passerby.base.errors import BudgetError, ReleaseError
from passerby.release.noise import Mechanism
from passerby.release.plan import Plan

UNIT = "one passage: one crossing of one line, in one direction"
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """A record that a draw is about to be made.

    Args:
        number: Its place in the chain, from 1 on.
        camera: Whose day.
        day: Which, as 2026-11-27.
        plan: The plan's hash.
        mechanism: What is drawn.
        cost: Thousandths of ε (Laplace) or ρ (Gaussian) for one passage.
        cap: The most that this plan lets be spent on the camera's day.
        at: When, seconds since 1970.
        previous: Hash of the record before it in the chain.
    """

    number: int
    camera: str
    day: str
    plan: str
    mechanism: str
    cost: int
    cap: int
    at: int
    previous: str

    def fields(self) -> dict[str, Any]:
        """As it is published."""
        return asdict(self) | {"unit": UNIT, "measure": Mechanism(self.mechanism).measure}

    @property
    def hash(self) -> str:
        """SHA-256 of the record in canonical JSON: what the next one and the ledger's act name."""
        return sha256(rfc8785.dumps(self.fields())).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that a day's noisy numbers are stored: there are none others, and never will be.

    Args:
        number: Its place in the chain.
        charge: The charge's number.
        camera: Whose day.
        day: Which.
        noise: Whose samplers drew.
        noisy: SHA-256 of the stored noisy numbers.
        content: SHA-256 of the document that is published of them.
        at: When.
        previous: Hash of the record before it.
    """

    number: int
    charge: int
    camera: str
    day: str
    noise: str
    noisy: str
    content: str
    at: int
    previous: str

    def fields(self) -> dict[str, Any]:
        """As it is published."""
        return asdict(self)

    @property
    def hash(self) -> str:
        """SHA-256 of the record in canonical JSON."""
        return sha256(rfc8785.dumps(self.fields())).hexdigest()


Record = Charge | Kept


def allow(plan: Plan, camera: str, day: str, before: Sequence[Charge]) -> None:
    """There is budget for one more draw of this camera's day.

    Args:
        plan: Under which.
        camera: Whose day.
        day: Which.
        before: All charges of that camera's day so far, of whatever plan.

    Raises:
        BudgetError: There isn't.
    """
    spent = sum(charge.cost for charge in before)
    cap = min([plan.cap, *(charge.cap for charge in before)])
    if any(charge.mechanism != plan.shape.mechanism.value for charge in before):
        raise BudgetError(f"{camera} on {day} was charged in another measure", "keep to one mechanism for a day")
    if spent + plan.shape.cost > cap:
        raise BudgetError(
            f"{camera} on {day} has {(cap - spent) / 1000:g} {plan.shape.mechanism.measure} left and this draw costs "
            f"{plan.shape.cost / 1000:g}",
            "the day stays unpublished; a plan's cap leaves room for a second try, or not",
        )


def follow(records: Iterable[Record]) -> None:
    """A chain holds: no number is missing, each record names the one before it, no camera's day exceeds its caps.

    Raises:
        ReleaseError: It doesn't.
    """
    previous, number = NOTHING, 0
    spent: dict[tuple[str, str], list[Charge]] = {}
    kept: set[tuple[str, str]] = set()
    for record in records:
        number += 1
        if record.number != number or record.previous != previous:
            raise ReleaseError(f"record {number} of the budget does not follow the one before it", "report this")
        previous = record.hash
        here = record.camera, record.day
        if isinstance(record, Charge):
            spent.setdefault(here, []).append(record)
            _within(spent[here])
            continue
        if here in kept:
            raise ReleaseError(f"{record.camera} on {record.day} was published twice", "report this")
        if record.charge not in [charge.number for charge in spent.get(here, [])]:
            raise ReleaseError(f"{record.camera} on {record.day} was drawn without a record", "report this")
        kept.add(here)


def _within(charges: Sequence[Charge]) -> None:
    last = charges[-1]
    if sum(c.cost for c in charges) > min(c.cap for c in charges) or len({c.mechanism for c in charges}) > 1:
        raise ReleaseError(f"{last.camera} on {last.day} exceeds its budget", "report this")


def spent(records: Iterable[Record], camera: str, day: str) -> int:
    """What a camera's day has cost so far, in thousandths."""
    return sum(r.cost for r in records if isinstance(r, Charge) and (r.camera, r.day) == (camera, day))
