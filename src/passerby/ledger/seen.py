"""Which callers' keys were seen, and where: in memory, 16 bytes of hash and about 16 of table for each entry."""

from __future__ import annotations

from array import array
from hashlib import sha256

ROW = 16
NO_KEY = bytes(ROW)
_SMALLEST = 1 << 10


def key_hash(key: bytes) -> bytes:
    """What is kept of a caller's key. Without a key: zeros, never looked up."""
    return sha256(key).digest()[:ROW] if key else NO_KEY


class Seen:
    """A table with open addressing over rows of 16 bytes, one for each entry of the log.

    Args:
        rows: The rows known so far, one for each entry.
    """

    def __init__(self, rows: bytes = b"") -> None:
        self._rows = bytearray(rows)
        self._slots = array("I")
        self._grow()

    def __len__(self) -> int:
        """How many entries."""
        return len(self._rows) // ROW

    def add(self, row: bytes) -> None:
        """The row of the next entry. Where a key occurs twice, the first stays."""
        self._rows += row
        if 2 * len(self) > len(self._slots):
            self._grow()
        else:
            self._place(len(self) - 1)

    def find(self, row: bytes) -> int | None:
        """The index of the entry with this row."""
        found = self._slots[self._slot(row)] if row != NO_KEY else 0
        return found - 1 if found else None

    def row(self, index: int) -> bytes:
        """The row of an entry."""
        return bytes(self._rows[ROW * index : ROW * (index + 1)])

    def rows(self, first: int, last: int) -> bytes:
        """The rows of the entries from `first` up to, not including, `last`."""
        return bytes(self._rows[ROW * first : ROW * last])

    def _grow(self) -> None:
        size = _SMALLEST
        while size < 4 * len(self):
            size *= 2
        self._slots = array("I", bytes(size * array("I").itemsize))
        for index in range(len(self)):
            self._place(index)

    def _place(self, index: int) -> None:
        row = self.row(index)
        if row != NO_KEY and not self._slots[slot := self._slot(row)]:
            self._slots[slot] = index + 1

    def _slot(self, row: bytes) -> int:
        """Where the row is, or the free slot where it would be."""
        mask = len(self._slots) - 1
        at = int.from_bytes(row[:8], "big") & mask
        while (found := self._slots[at]) and self.row(found - 1) != row:
            at = (at + 1) & mask
        return at
