"""Raw frames between the decode process and the hide process: a ring in shared memory and a bell.

The ring lies in one anonymous memory file that never has a name on any disk. The decode process maps it for writing,
the hide process for reading only; both unmap nothing and open nothing afterwards. The bell is a pipe of fixed-size
records towards the hide process, and one byte a slot back when a slot is free again. That byte also says for how long
hide needs no other picture: where nothing is shown, what nobody looks at need not be copied.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from passerby.base.errors import OutletError
from passerby.darkroom.ring_file import ALIGN, MAX_PIXELS, MAX_SIDE, RING_BYTES, SLOT_BYTES, SLOTS
from passerby.lock.process import dont_dump
from passerby.outlet.messages import Codec, Status

Plane = NDArray[np.uint8]


class What(IntEnum):
    """What a record announces."""

    ITEM = 1
    FRAME = 2
    PASS_END = 3
    # The decode process lives and has nothing to show.
    BEAT = 4
    # The next pass of the item has a header of its own.
    HEADER = 5


@dataclass(frozen=True, slots=True)
class Record:
    """One ring of the bell. Every field is checked by the receiver: the sender has parsed hostile input.

    ``width`` and ``height`` are the picture's own size; the planes in the slot are padded to multiples of `ALIGN`.
    ``codec`` is what the redacted item is to be coded as. ``unneeded`` counts pictures since the record before that
    were not handed over because nobody needed them.
    """

    layout: ClassVar[struct.Struct] = struct.Struct("<BBIIqIIIIBBBBdQQQQQ32sI")
    what: int
    slot: int
    width: int
    height: int
    pts: int
    time_base_num: int
    time_base_den: int
    rate_num: int
    rate_den: int
    full_range: int
    flags: int
    status: int
    codec: int
    duration_s: float
    damaged: int
    repaired_times: int
    resized: int
    skipped: int
    decode_ns: int
    source: bytes
    unneeded: int = 0

    DAMAGED: ClassVar[int] = 1
    RESIZED: ClassVar[int] = 2
    LAST_PASS: ClassVar[int] = 4
    LIVE: ClassVar[int] = 8

    def pack(self) -> bytes:
        """The record as bytes of fixed length."""
        return self.layout.pack(*(getattr(self, f.name) for f in fields(self)))

    @classmethod
    def unpack(cls, data: bytes) -> Record:
        """The record in ``data``.

        Raises:
            OutletError: A field is out of range.
        """
        record = cls(*cls.layout.unpack(data))
        if record.what not in What._value2member_map_ or not 0 <= record.slot < SLOTS:
            raise OutletError("a frame record is of no known kind")
        if record.what == What.FRAME:
            check_size(record.width, record.height)
        if record.codec not in Codec._value2member_map_ or record.status not in Status._value2member_map_:
            raise OutletError("a frame record holds an unknown codec or status")
        if not (record.time_base_num and record.time_base_den and math.isfinite(record.duration_s)):
            raise OutletError("a frame record has no time base")
        return record


REST_UNIT_S, LONGEST_REST = 0.1, 63


def give_back(slot: int, rest_s: float) -> bytes:
    """A slot that is free again, and for how long no other picture is needed: whole tenths of a second, 6.3 at most."""
    return bytes([slot | min(LONGEST_REST, max(0, math.floor(rest_s / REST_UNIT_S))) << 2])


def given_back(byte: int) -> tuple[int, float]:
    """What `give_back` said."""
    return byte & (SLOTS - 1), (byte >> 2) * REST_UNIT_S


def check_size(width: int, height: int) -> None:
    """Refuse sizes that a slot can't hold.

    Raises:
        OutletError: Too large or empty.
    """
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise OutletError(f"a frame of {width}x{height} pixels does not fit the ring")


def padded(length: int) -> int:
    """The next multiple of `ALIGN`."""
    return -(-length // ALIGN) * ALIGN


@dataclass(frozen=True, slots=True)
class RawPlanes:
    """A raw frame: views of the ring, valid until the slot is released. Luma (H, W), chroma (H/2, W/2), padded."""

    y: Plane
    u: Plane
    v: Plane


class Ring:
    """The slots. ``writable`` only in the decode process.

    Args:
        fd: The memory file, of `RING_BYTES`; closed here once it is mapped.
        writable: Map for writing.
    """

    def __init__(self, fd: int, *, writable: bool) -> None:
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        self._map = mmap.mmap(fd, RING_BYTES, mmap.MAP_SHARED, protection)
        os.close(fd)
        self._bytes = np.frombuffer(self._map, np.uint8)
        dont_dump(self._bytes.ctypes.data, RING_BYTES)

    def planes(self, slot: int, width: int, height: int) -> RawPlanes:
        """The planes of a slot for a picture of this size, padded."""
        w, h = padded(width), padded(height)
        start, luma, chroma = slot * SLOT_BYTES, w * h, w * h // 4
        at = self._bytes[start : start + luma + 2 * chroma]
        return RawPlanes(
            at[:luma].reshape(h, w),
            at[luma : luma + chroma].reshape(h // 2, w // 2),
            at[luma + chroma :].reshape(h // 2, w // 2),
        )
