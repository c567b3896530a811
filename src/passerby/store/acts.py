"""Acts that wait for the ledger: what narrows happens at once, and is written here, durably, with its own time.

One file (`store.ledger.journal`), made of groups that are synced before `put` returns. Whoever delivers them may be
another process: each step opens the file anew under a lock. An act is delivered with a key of its own, so that a second
delivery after a crash adds no second entry.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from passerby.base.errors import StoreError
from passerby.ledger.errors import Unsafe
from passerby.ledger.ports import Record
from passerby.ledger.schema import Act, format_act, parse_act
from passerby.store.ledger.disk import PRIVATE, LocalDisk
from passerby.store.ledger.journal import FileJournal

KEY_BYTES = 16
Deliver = Callable[[Sequence[tuple[Act, bytes]]], object]


class ActQueue:
    """Acts of one station on their way to the ledger.

    Args:
        path: The file; its folder exists.
        randomness: Gives so many random bytes.
    """

    def __init__(self, path: Path, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self._path, self._randomness = path, randomness

    def put(self, act: Mapping[str, object]) -> None:
        """Add an act; durable when this returns.

        Args:
            act: `act`, `actor`, `time` and the fields of its kind.

        Raises:
            StoreError: It can't be written.
        """
        self.put_many([(act, self._randomness(KEY_BYTES))])

    def put_many(self, acts: Sequence[tuple[Mapping[str, object], bytes]]) -> None:
        """Add acts, each with its key, durable together when this returns.

        Raises:
            StoreError: They can't be written.
        """
        records = [Record(key, format_act(dict(act))) for act, key in acts]
        with self._opened() as journal:
            journal.read()
            journal.append(records)

    def waiting(self) -> list[Act]:
        """The acts that no ledger has yet, the oldest first.

        Raises:
            StoreError: They can't be read.
        """
        with self._opened() as journal:
            return [parse_act(record.entry) for record in journal.read()[1]]

    def deliver(self, take: Deliver) -> int:
        """Hand over all that waits, in order, each with its key; forgotten once it has been taken. How many there were.

        Args:
            take: Returns once all are durable elsewhere (`ActWriter.append_many`).

        Raises:
            StoreError: They can't be read, or not be forgotten: then they are delivered again, to no effect.
        """
        with self._opened() as journal:
            first, records = journal.read()
            if records:
                take([(parse_act(record.entry), record.key) for record in records])
                journal.restart(first + len(records), [])
            return len(records)

    def _opened(self) -> AbstractContextManager[FileJournal]:
        return opened_journal(self._path, self._randomness)


@contextmanager
def opened_journal(path: Path, randomness: Callable[[int], bytes] = os.urandom) -> Iterator[FileJournal]:
    """A journal that several processes use in turn, for as long as this one holds its lock.

    Raises:
        StoreError: It can't be used.
    """
    disk = LocalDisk()
    try:
        lock = os.open(path.with_name(f"{path.stem}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield FileJournal(path, disk, randomness)
        finally:
            disk.close()
            os.close(lock)
    except OSError as error:
        raise StoreError(f"{path} can't be used ({error.strerror})", "check the disk") from error
    except Unsafe as error:
        raise StoreError(str(error), "check the disk") from error
