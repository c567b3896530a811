"""The release book: a chain of records and the days that were drawn, which no crash, restart or restore takes back.

Every append is one transaction, synced before it returns. Beside the database a small file remembers the newest record:
a database that lost some, by damage or by a restore, is refused, since a day could get a second value from it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, insert, select, update

from passerby.base.errors import StoreError
from passerby.store.database import Store
from passerby.store.schema import release_days, release_plans, release_records

LOST = "restore the newest backup of both: what was published must not be drawn again"
# A camera's day: noisy sums, and the document that was published of them.
Day = tuple[bytes, bytes]
# The record's number and the hash before it, and the camera's day's records so far, to the new record and its hash.
Make = Callable[[int, str, Sequence["Row"]], tuple[bytes, str]]


class Slot(Protocol):
    """A small file that is replaced whole (`store.ledger.folder.OneFile`)."""

    def load(self) -> bytes | None:
        """What it holds."""

    def save(self, content: bytes) -> None:
        """Replace it, durably."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it is stored."""

    number: int
    kind: str
    camera_id: str
    day: str
    fields: bytes
    hash: str


class Book:
    """The release book of one data folder.

    Args:
        store: Opened with `open_durable`, or for reading only.
        seen: Remembers the newest record; None to only read.

    Raises:
        StoreError: The database has lost records.
    """

    def __init__(self, store: Store, seen: Slot | None) -> None:
        self._store, self._seen = store, seen
        if seen is not None:
            self._compare(seen.load())
            self._remember()

    def records(self) -> list[Row]:
        """All records, in order.

        Raises:
            StoreError: They can't be read.
        """
        with self._store.reading() as connection:
            return _rows(connection)

    def day(self, camera_id: str, day: str) -> Day | None:
        """A camera's day as it was drawn and as it was published; None where it was not.

        Raises:
            StoreError: It can't be read.
        """
        table = release_days.c
        with self._store.reading() as connection:
            asked = select(table.noisy, table.document).where(table.camera_id == camera_id, table.day == day)
            row = connection.execute(asked).first()
            return None if row is None else (row.noisy, row.document)

    def plans(self) -> dict[str, bytes]:
        """The plans under which anything was published, by hash, as signed notes.

        Raises:
            StoreError: They can't be read.
        """
        with self._store.reading() as connection:
            rows = connection.execute(select(release_plans).order_by(release_plans.c.hash))
            return {row.hash: row.note for row in rows}

    def add_plan(self, digest: str, note: bytes) -> None:
        """Keep a plan before anything is published under it.

        Raises:
            StoreError: It can't be written.
        """
        if digest not in self.plans():
            with self._store.writing() as connection:
                connection.execute(insert(release_plans).values(hash=digest, note=note))

    def append(self, kind: str, camera_id: str, day: str, make: Make, drawn: Day | None = None) -> Row:
        """Add a record and, with it, a day as it was drawn: both or neither, durable when this returns.

        Args:
            kind: Which sort of record.
            camera_id: Whose day.
            day: Which.
            make: Makes the record, inside the transaction; may refuse by raising.
            drawn: The day, if this record is about one that was drawn.

        Raises:
            StoreError: It can't be written, or the day was drawn before.
        """
        with self._store.writing() as connection:
            earlier = _rows(connection, camera_id, day)
            number, previous = _head(connection)
            fields, digest = make(number + 1, previous, earlier)
            row = Row(number + 1, kind, camera_id, day, fields, digest)
            connection.execute(
                insert(release_records).values(**{n: getattr(row, n) for n in Row.__slots__}, told=False)
            )
            if drawn is not None:
                day_row = {"camera_id": camera_id, "day": day, "number": row.number}
                connection.execute(insert(release_days).values(**day_row, noisy=drawn[0], document=drawn[1]))
        self._remember()
        return row

    def untold(self) -> list[Row]:
        """Records that the ledger was not told of, or perhaps was just before a crash.

        Raises:
            StoreError: They can't be read.
        """
        with self._store.reading() as connection:
            rows = connection.execute(
                select(*[release_records.c[n] for n in Row.__slots__])
                .where(release_records.c.told.is_(False))
                .order_by(release_records.c.number)
            )
            return [Row(**row._mapping) for row in rows]

    def told(self, number: int) -> None:
        """The ledger has been told of a record.

        Raises:
            StoreError: It can't be written.
        """
        with self._store.writing() as connection:
            connection.execute(update(release_records).where(release_records.c.number == number).values(told=True))

    def _compare(self, seen: bytes | None) -> None:
        with self._store.reading() as connection:
            number, _ = _head(connection)
            if seen is None:
                # Whoever was killed after the very first record had no time to remember it.
                if number > 1:
                    raise StoreError("the file that remembers the newest release is gone", LOST)
                return
            words = seen.decode("ascii", "replace").split()
            known = {row.number: row.hash for row in _rows(connection)}
        if len(words) != 2 or not words[0].isdecimal() or known.get(int(words[0])) != words[1]:
            raise StoreError("the database has lost releases that were made", LOST)

    def _remember(self) -> None:
        assert self._seen is not None
        with self._store.reading() as connection:
            number, digest = _head(connection)
        if number:
            self._seen.save(f"{number} {digest}\n".encode())


def _head(connection: Connection) -> tuple[int, str]:
    table = release_records.c
    row = connection.execute(select(table.number, table.hash).order_by(table.number.desc()).limit(1)).first()
    return (0, "") if row is None else (row.number, row.hash)


def _rows(connection: Connection, camera_id: str = "", day: str = "") -> list[Row]:
    table = release_records.c
    asked = select(*[table[n] for n in Row.__slots__]).order_by(table.number)
    if camera_id:
        asked = asked.where(table.camera_id == camera_id, table.day == day)
    return [Row(**row._mapping) for row in connection.execute(asked)]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One publisher at a time; the kernel gives the lock back when its holder dies.

    Args:
        path: The lock's file.

    Raises:
        StoreError: Another one publishes.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{path} can't be made ({error.strerror})", "check the folder and its rights") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreError("another process publishes from this data folder", "wait for it") from error
    finally:
        os.close(descriptor)
