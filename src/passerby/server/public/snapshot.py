"""What every answer needs of the register, read once for as long as nothing in it changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from passerby.charter.papers.decision import Kind
from passerby.charter.papers.plan import Plan, parse_plan
from passerby.charter.register.entry import Organisation
from passerby.charter.register.phase import Phase
from passerby.charter.root import SiteRoot
from passerby.office.book import Book
from passerby.store import papers as paper_rows
from passerby.store import register as rows
from passerby.store.database import Store
from passerby.store.papers import PaperRow
from passerby.store.register import ALL, Wanted

MOST_COUNTS = 5_000


@dataclass(slots=True)
class Snapshot:
    """The register at one state. Safe to share between threads.

    Args:
        store: Its database, for reading.
        site: The site's name.
        address: Where its pages are.
        root: Hash of the site's first root, as the register has it.
        site_root: The root in force, as the register has it.
        owners: By id.
        areas: Names by id.
        by_phase: How many cameras in each phase.
        by_owner: How many of each owner that were not removed.
        by_area: The same for areas.
        plans: The newest version of each, parsed.
    """

    store: Store
    site: str
    address: str
    root: str
    site_root: SiteRoot | None
    owners: Mapping[str, Organisation]
    areas: Mapping[str, str]
    by_phase: Counter[str]
    by_owner: Counter[str]
    by_area: Counter[str]
    plans: list[tuple[PaperRow, Plan]]
    _counts: dict[Wanted, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, wanted: Wanted) -> int:
        """How many cameras a filter finds; counted once.

        Raises:
            StoreError: It can't be read.
        """
        if wanted == ALL:
            return self.by_phase.total()
        with self._lock:
            known = self._counts.get(wanted)
        if known is None:
            known = rows.count(self.store, wanted)
            with self._lock:
                if len(self._counts) >= MOST_COUNTS:
                    self._counts.clear()
                self._counts[wanted] = known
        return known

    def page_of(self, camera: str) -> str:
        """The address of a camera's page."""
        return f"{self.address}/cameras/{camera}"


def taken(book: Book) -> Snapshot:
    """The register as it is now.

    Raises:
        StoreError: It can't be read.
    """
    by_phase, by_owner, by_area = Counter[str](), Counter[str](), Counter[str]()
    for (owner, area, phase), number in rows.totals(book.store).items():
        by_phase[phase] += number
        if phase != Phase.REMOVED.value:
            by_owner[owner] += number
            by_area[area] += number
    with book.store.reading() as connection:
        found = paper_rows.newest(connection, Kind.PLAN.value)
    return Snapshot(
        book.store, book.site, book.address, book.root, book.site_root, book.organisations(), book.areas(), by_phase,
        by_owner, by_area, [(row, parse_plan(row.body)) for row in found],
    )  # fmt: skip
