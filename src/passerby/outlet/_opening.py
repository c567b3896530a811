"""What crosses the wall of the darkroom in which sealed originals are opened; nowhere else is any of it allowed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from passerby.base.errors import OutletError
from passerby.outlet._inward import Permit, Proof, SiteRoot
from passerby.outlet._outward import ItemEnd, Ready, RedactedPacket, StreamStart
from passerby.outlet._wire import KIB, MIB, Message

MOST_HEADER = 64 * KIB + 2048


@dataclass(frozen=True, slots=True)
class OpeningKey(Message):
    """Out: the public key to which officers seal their halves. Its secret is made inside, and nowhere else."""

    kind: ClassVar[int] = 17
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 2 * KIB
    version: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Opening(Message):
    """What is asked to be unsealed, the act that says so, its proof and what belongs to it: one after the other."""

    kind: ClassVar[int] = 48
    layout: ClassVar[struct.Struct] = struct.Struct("<III")
    max_tail: ClassVar[int] = 256 * KIB
    asking_bytes: int
    entry_bytes: int
    proof_bytes: int
    tail: bytes

    def check(self) -> None:
        """All four lie inside the tail."""
        if self.asking_bytes + self.entry_bytes + self.proof_bytes > len(self.tail):
            raise OutletError("an opening is shorter than its parts")

    @property
    def parts(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Asking, entry, proof, and the document of what belongs to it."""
        a = self.asking_bytes
        b = a + self.entry_bytes
        c = b + self.proof_bytes
        return self.tail[:a], self.tail[a:b], self.tail[b:c], self.tail[c:]


@dataclass(frozen=True, slots=True)
class SealedFile(Message):
    """A file of sealed originals: its slot share, and its header."""

    kind: ClassVar[int] = 49
    layout: ClassVar[struct.Struct] = struct.Struct("<32s")
    max_tail: ClassVar[int] = MOST_HEADER
    share: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Half(Message):
    """One officer's halves of all files, in their order, sealed to the opening's key."""

    kind: ClassVar[int] = 50
    layout: ClassVar[struct.Struct] = struct.Struct("<8s")
    max_tail: ClassVar[int] = 16 * KIB
    officer: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Chunk(Message):
    """A chunk of one of the files, as it is stored."""

    kind: ClassVar[int] = 51
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 16 * MIB
    file: int
    tail: bytes


OPENING_IN: tuple[type[Message], ...] = (SiteRoot, Proof, Opening, SealedFile, Half, Permit, Chunk)
OPENING_OUT: tuple[type[Message], ...] = (Ready, OpeningKey, StreamStart, RedactedPacket, ItemEnd)
