"""What is on file about cameras, for the exports of the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from passerby.charter.papers.assessment.paper import parse_assessment
from passerby.charter.papers.decision import Kind
from passerby.charter.papers.supplier import parse_supplier
from passerby.charter.records import records_for
from passerby.charter.register.entry import Entry
from passerby.charter.register.exports import Records
from passerby.office.book import Book
from passerby.office.files import filed
from passerby.store import papers as rows

# Cameras whose papers are in memory at once.
SOME = 200


def records_of(book: Book, entries: Sequence[Entry]) -> Iterator[Records]:
    """The records of each of these cameras, in their order.

    Raises:
        StoreError: The papers can't be read.
    """
    with book.store.reading() as connection:
        suppliers = [filed(row, parse_supplier(row.body)) for row in rows.newest(connection, Kind.SUPPLIER.value)]
        for first in range(0, len(entries), SOME):
            some = entries[first : first + SOME]
            wanted = [f"{entry.id}/{name}" for entry in some for name in entry.analyses]
            found = {row.subject: row for row in rows.newest(connection, Kind.ASSESSMENT.value, wanted)}
            for entry in some:
                papers = {name: found[f"{entry.id}/{name}"] for name in entry.analyses if f"{entry.id}/{name}" in found}
                parsed = {name: filed(row, parse_assessment(row.body)) for name, row in papers.items()}
                yield records_for(parsed, suppliers, book.page_of(entry.id))
