"""The index of one epoch: where each segment and init section lies in its file, packed into two blobs."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

US = 1_000_000
SEGMENT = struct.Struct("<QIqqHB")
_FLAGS = [(bool(n & 1), bool(n & 2), bool(n & 4)) for n in range(8)]


class Segment(NamedTuple):
    """2–4 s of redacted video, or a gap (no bytes). A tuple: a playlist of some hours makes ten thousand of them.

    Args:
        offset: Of its first byte in the epoch's file.
        length: In bytes; 0 for a gap.
        start_us: Microseconds since 1970.
        duration_us: Microseconds.
        init: Number of the init section in its epoch.
        key: Starts at a keyframe.
        discontinuity: Does not go on from what is before it.
        recovered: Was found after an unclean end, and may be shorter than it was.
    """

    offset: int
    length: int
    start_us: int
    duration_us: int
    init: int
    key: bool = True
    discontinuity: bool = False
    recovered: bool = False

    @property
    def gap(self) -> bool:
        """Nothing was kept in this time."""
        return self.length == 0

    @property
    def end_us(self) -> int:
        """When it ends."""
        return self.start_us + self.duration_us

    def pack(self) -> bytes:
        """31 bytes."""
        flags = self.key | self.discontinuity << 1 | self.recovered << 2
        return SEGMENT.pack(self.offset, self.length, self.start_us, self.duration_us, self.init, flags)


@dataclass(frozen=True, slots=True)
class Init:
    """An init section's place in its file."""

    layout: ClassVar[struct.Struct] = struct.Struct("<QI")
    offset: int
    length: int


def pack_segments(segments: Sequence[Segment]) -> bytes:
    """All segments, one after another."""
    return b"".join(s.pack() for s in segments)


def unpack_segments(blob: bytes) -> list[Segment]:
    """The segments of an epoch; a torn rest is left out."""
    whole = len(blob) - len(blob) % SEGMENT.size
    return [
        Segment(offset, length, start, duration, init, *_FLAGS[flags & 7])
        for offset, length, start, duration, init, flags in SEGMENT.iter_unpack(blob[:whole])
    ]


def pack_inits(inits: Sequence[Init]) -> bytes:
    """All init sections, in the order of their numbers."""
    return b"".join(Init.layout.pack(i.offset, i.length) for i in inits)


def unpack_inits(blob: bytes) -> list[Init]:
    """The init sections of an epoch."""
    whole = len(blob) - len(blob) % Init.layout.size
    return [Init(*fields) for fields in Init.layout.iter_unpack(blob[:whole])]
