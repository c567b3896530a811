"""The master key's file: two places for one record each, far enough apart that no torn write harms both.

While a new generation is being made both places hold a master; the older one counts until it is overwritten.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from passerby.store.ledger.disk import PRIVATE, Disk

PLACES, APART = 2, 4096
MARK, VERSION = b"PMST", 1
_RECORD = struct.Struct(">4sB3x16sQ32s")
CHECK = 8
RECORD_BYTES = _RECORD.size + CHECK


@dataclass(frozen=True, slots=True)
class Master:
    """A master key.

    Args:
        file: Id of the key file it belongs to.
        generation: Counts up with every rotation.
        key: 32 bytes.
    """

    file: bytes
    generation: int
    key: bytes = field(repr=False)

    @property
    def place(self) -> int:
        """Which place, and which file of slots, this generation uses."""
        return self.generation % PLACES

    def pack(self) -> bytes:
        """Its record."""
        body = _RECORD.pack(MARK, VERSION, self.file, self.generation, self.key)
        return body + sha256(body).digest()[:CHECK]


def parse(raw: bytes) -> Master | None:
    """A record; None where there is none that is whole."""
    body, check = raw[: _RECORD.size], raw[_RECORD.size : RECORD_BYTES]
    if len(check) < CHECK or sha256(body).digest()[:CHECK] != check:
        return None
    mark, version, file, generation, key = _RECORD.unpack(body)
    return Master(file, generation, key) if (mark, version) == (MARK, VERSION) else None


def read(path: Path, disk: Disk) -> list[bytes]:
    """What the two places hold, whole or not."""
    raw = disk.read(path) or b""
    return [raw[n * APART : n * APART + RECORD_BYTES] for n in range(PLACES)]


def in_force(places: list[bytes]) -> Master | None:
    """The master that counts: of two, the older."""
    found = [m for m in map(parse, places) if m is not None]
    return min(found, key=lambda m: m.generation, default=None)


def write(path: Path, disk: Disk, place: int, record: bytes) -> None:
    """Overwrite a place; durable when this returns.

    Raises:
        OSError: It can't be written.
    """
    disk.patch(path, place * APART, record, PRIVATE)
    disk.sync(path)
