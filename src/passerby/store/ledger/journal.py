"""The journal of acknowledged entries, and the rows of the callers' keys.

A journal file: a header (`passerby-journal-1`, the first record's index, 16 random bytes), then groups. A group: its
length, the SHA-256 of those 16 bytes and its records, the records (16 bytes of key, two of length, the entry). A group
was written by one append and synced before it was acknowledged, so a group that is cut or false and has nothing sound
after it was never acknowledged, and is dropped; one with a sound group after it was damaged, and nothing is dropped.
The random bytes keep an entry from looking like a sound group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from passerby.ledger.errors import Unsafe
from passerby.ledger.ports import Record
from passerby.ledger.seen import ROW
from passerby.store.ledger.disk import PRIVATE, Disk
from passerby.store.ledger.folder import OneFile, settle

_HEADER = b"passerby-journal-1\n"
_SALT = 16
_HEAD = len(_HEADER) + 8 + _SALT
_GROUP = b"GRP\x01"
_FRAME = len(_GROUP) + 4 + 32


class FileJournal:
    """`passerby.ledger.ports.Journal` in a file, mode 0600.

    Args:
        path: The file; its folder exists.
        disk: The operations on files.
        randomness: Gives so many random bytes.
    """

    def __init__(self, path: Path, disk: Disk, randomness: Callable[[int], bytes]) -> None:
        self._path, self._disk, self._randomness = path, disk, randomness
        self._salt = b""
        self.length = 0

    def read(self) -> tuple[int, list[Record]]:
        """The first record's index, and all sound records; what a cut left behind is removed.

        Raises:
            Unsafe: A group that was acknowledged is damaged, or this is no journal.
        """
        raw = self._disk.read(self._path)
        if raw is None:
            return 0, []
        settle(self._path, self._disk)  # records of a killed writer are promised to whoever repeats its calls
        if not raw.startswith(_HEADER) or len(raw) < _HEAD:
            raise Unsafe(f"{self._path} is not a journal: restore it")
        first, records, at = int.from_bytes(raw[len(_HEADER) : _HEAD - _SALT], "big"), list[Record](), _HEAD
        self._salt = raw[_HEAD - _SALT : _HEAD]
        while (group := _group(raw, at, self._salt)) is not None:
            records += _records(group)
            at += _FRAME + len(group)
        if at < len(raw):
            self._refuse_damage(raw, at)
            self.restart(first, records)
        self.length = at
        return first, records

    def _refuse_damage(self, raw: bytes, at: int) -> None:
        while (at := raw.find(_GROUP, at + 1)) >= 0:
            if _group(raw, at, self._salt) is not None:
                raise Unsafe(f"{self._path} is damaged before entries that were acknowledged: restore it")

    def append(self, records: Sequence[Record]) -> None:
        """Add a group; durable when this returns.

        Raises:
            OSError: It can't be written.
        """
        if not self.length:
            self.restart(0, [])
        group = _frame(records, self._salt)
        self._disk.append(self._path, group)
        self._disk.sync(self._path)
        self.length += len(group)

    def restart(self, first: int, records: Sequence[Record]) -> None:
        """Hold exactly these records.

        Raises:
            OSError: It can't be written.
        """
        self._salt = self._randomness(_SALT)
        raw = _HEADER + first.to_bytes(8, "big") + self._salt + (_frame(records, self._salt) if records else b"")
        OneFile(self._path, self._disk).save(raw)
        self.length = len(raw)


class FileRows:
    """`passerby.ledger.ports.Rows` in a file, mode 0600.

    Args:
        path: The file; its folder exists.
        disk: The operations on files.
    """

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path, self._disk = path, disk
        self._new = True

    def load(self, count: int) -> bytes:
        """The first rows."""
        raw = self._disk.read(self._path)
        self._new = raw is None
        if not self._new:
            settle(self._path, self._disk)
        return (raw or b"")[: ROW * count]

    def write(self, first: int, rows: bytes) -> None:
        """Write rows from a number on; durable when this returns.

        Raises:
            OSError: They can't be written.
        """
        self._disk.patch(self._path, ROW * first, rows, PRIVATE)
        self._disk.sync(self._path)
        if self._new:
            self._disk.sync_folder(self._path.parent)
            self._new = False


def _frame(records: Sequence[Record], salt: bytes) -> bytes:
    body = b"".join(r.key + len(r.entry).to_bytes(2, "big") + r.entry for r in records)
    return _GROUP + len(body).to_bytes(4, "big") + sha256(salt + body).digest() + body


def _group(raw: bytes, at: int, salt: bytes) -> bytes | None:
    """The records of the group that begins here; None where there is no sound one."""
    body = at + _FRAME
    if raw[at : at + len(_GROUP)] != _GROUP or body > len(raw):
        return None
    found = raw[body : body + int.from_bytes(raw[at + 4 : at + 8], "big")]
    sound = (
        len(found) == int.from_bytes(raw[at + 4 : at + 8], "big")
        and sha256(salt + found).digest() == raw[at + 8 : body]
    )
    return found if sound else None


def _records(group: bytes) -> list[Record]:
    records, at = list[Record](), 0
    while at < len(group):
        end = at + ROW + 2 + int.from_bytes(group[at + ROW : at + ROW + 2], "big")
        records.append(Record(group[at : at + ROW], group[at + ROW + 2 : end]))
        at = end
    return records
