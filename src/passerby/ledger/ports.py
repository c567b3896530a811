"""What the ledger is given from outside: storage, journal, state, clock. Adapters are in `passerby.store.ledger`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Clock = Callable[[], int]  # whole seconds since 1970


@dataclass(frozen=True, slots=True)
class Record:
    """An entry on its way: the hash of its caller's key (16 bytes; zeros where it has none) and its bytes."""

    key: bytes
    entry: bytes


class Objects(Protocol):
    """The public files of a log, by their paths below its folder."""

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none."""

    def put(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files, each whole or not at all; all are durable when this returns."""

    def remove(self, folders: Sequence[str]) -> None:
        """Remove these folders and their files, where they exist. Need not be durable."""


class Journal(Protocol):
    """Entries that are acknowledged but not yet in tiles. Survives the loss of power."""

    def read(self) -> tuple[int, list[Record]]:
        """The index of the first record, and all records that were acknowledged (and perhaps some that were not).

        All are durable when this returns: a writer that was killed may have left some that were not.
        """

    def append(self, records: Sequence[Record]) -> None:
        """Add records, all or none; durable when this returns."""

    def restart(self, first: int, records: Sequence[Record]) -> None:
        """Hold exactly these records from now on, whole or not at all."""

    @property
    def length(self) -> int:
        """Bytes held."""


class Slot(Protocol):
    """One small file that is replaced whole: the last signed checkpoint, a witness's memory, a monitor's."""

    def load(self) -> bytes | None:
        """What was saved last, durable when this returns; None where nothing was."""

    def save(self, content: bytes) -> None:
        """Replace it, whole or not at all; durable when this returns."""


class Rows(Protocol):
    """Rows of 16 bytes by number: the hashes of the callers' keys, in the order of the entries."""

    def load(self, count: int) -> bytes:
        """The first rows, durable when this returns; fewer where fewer are there."""

    def write(self, first: int, rows: bytes) -> None:
        """Write rows from this number on; durable when this returns."""


class Lock(Protocol):
    """Keeps a second writer with the same key out."""

    def acquire(self) -> None:
        """Take it, or raise `Misuse` at once."""

    def release(self) -> None:
        """Give it back."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All that a log's writer touches."""

    objects: Objects
    journal: Journal
    state: Slot
    rows: Rows
    lock: Lock
    clock: Clock
