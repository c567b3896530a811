"""Publishing a day: record, then draw, then keep. Each step is durable before the next begins.

1. The charge is in the book (`BUDGET`): nothing is drawn without a record.
2. The ledger's act waits durably, or is in the ledger.
3. The draw, in memory.
4. The noisy day is in the book (`KEPT`), under a key that takes it once: a number never gets a second value.
5. The act that says what was published.

A crash before 4 loses the budget of 1, and the values, which nobody saw. The next try is another charge, if the cap has
room for it; otherwise the day stays unpublished for good.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

import rfc8785

from passerby.base.errors import BudgetError
from passerby.release.budget import Charge, Kept, Record, allow
from passerby.release.day import NoisyDay, TrueDay, draw
from passerby.release.document import document_of
from passerby.release.noise import Noise
from passerby.release.plan import Plan
from passerby.store.release import Row

BUDGET, KEPT = "budget", "kept"
Tell = Callable[[Mapping[str, object]], None]
Flows = Callable[[str, str], TrueDay]


class Book(Protocol):
    """`passerby.store.release.Book`."""

    def records(self) -> list[Row]:
        """All, in order."""

    def day(self, camera_id: str, day: str) -> tuple[bytes, bytes] | None:
        """A day as it was drawn, and as it was published."""

    def add_plan(self, digest: str, note: bytes) -> None:
        """Keep a plan."""

    def append(
        self,
        kind: str,
        camera_id: str,
        day: str,
        make: Callable[[int, str, Sequence[Row]], tuple[bytes, str]],
        drawn: tuple[bytes, bytes] | None = None,
    ) -> Row:
        """Add a record, and a day."""

    def untold(self) -> list[Row]:
        """Records that the ledger may not know."""

    def told(self, number: int) -> None:
        """It knows."""


class Publisher:
    """Publishes days under one plan.

    Args:
        plan: Judged lawful.
        note: As it was signed.
        book: The release book.
        noise: Draws.
        tell: Hands an act to the ledger, or to what waits for it; durable when it returns.
        actor: Who acts, as the ledger names them.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        plan: Plan,
        note: bytes,
        book: Book,
        noise: Noise,
        tell: Tell,
        actor: str,
        clock: Callable[[], float],
    ) -> None:
        book.add_plan(plan.hash, note)
        self._plan, self._book, self._noise = plan, book, noise
        self._tell, self._actor, self._clock = tell, actor, clock
        self._catch_up()

    def publish(self, camera: str, day: str, flows: Flows) -> bool:
        """Publish a camera's day, unless it is already. Whether it is now.

        Raises:
            BudgetError: Its budget is used up, by draws that a crash took.
            StoreError: The book can't be written.
        """
        if self._book.day(camera, day) is not None:
            return False
        charge = self._charge(camera, day)
        self._tell_all([charge])
        noisy = draw(self._plan, camera, flows(camera, day), self._noise)
        self._tell_all([self._keep(charge.number, camera, day, noisy)])
        return True

    def _charge(self, camera: str, day: str) -> Row:
        plan = self._plan

        def make(number: int, previous: str, earlier: Sequence[Row]) -> tuple[bytes, str]:
            before = [r for r in map(parse_record, earlier) if isinstance(r, Charge)]
            allow(plan, camera, day, before)
            mechanism, cost = plan.shape.mechanism.value, plan.shape.cost
            record = Charge(number, camera, day, plan.hash, mechanism, cost, plan.cap, int(self._clock()), previous)
            return rfc8785.dumps(record.fields()), record.hash

        return self._book.append(BUDGET, camera, day, make)

    def _keep(self, charge: int, camera: str, day: str, noisy: NoisyDay) -> Row:
        stored = noisy.bytes()
        shown = document_of(self._plan, camera, day, charge, noisy)

        def make(number: int, previous: str, earlier: Sequence[Row]) -> tuple[bytes, str]:
            if any(row.kind == KEPT for row in earlier):
                raise BudgetError(f"{camera} on {day} was published by somebody else meanwhile", "nothing to do")
            hashes = sha256(stored).hexdigest(), sha256(shown).hexdigest()
            record = Kept(number, charge, camera, day, self._noise.name, *hashes, int(self._clock()), previous)
            return rfc8785.dumps(record.fields()), record.hash

        return self._book.append(KEPT, camera, day, make, (stored, shown))

    def _catch_up(self) -> None:
        """Tell what a crash kept from being told; an act that was told twice names the same record."""
        self._tell_all(self._book.untold())

    def _tell_all(self, rows: Iterable[Row]) -> None:
        for row in rows:
            record = parse_record(row)
            if isinstance(record, Charge):
                act: dict[str, Any] = {"act": "budget", "content": row.hash, "thousandths": record.cost}
            else:
                act = {"act": "release", "content": record.content}
            self._tell({**act, "actor": self._actor, "time": record.at})
            self._book.told(row.number)


def parse_record(row: Row) -> Record:
    """A record of the book."""
    found = json.loads(row.fields)
    if row.kind == BUDGET:
        return Charge(**{name: found[name] for name in Charge.__slots__})
    return Kept(**{name: found[name] for name in Kept.__slots__})
