"""How a message looks on the wire.

A message on the wire is ``<HBBI`` (magic, kind, zero, length of what follows), then the kind's fixed head and
its tail. All numbers are little-endian. ``NO_TIME`` stands for a missing timestamp.
"""

from __future__ import annotations

import math
import struct
from dataclasses import fields
from enum import IntEnum
from typing import ClassVar, Self

from passerby.base.errors import OutletError

MAGIC = 0x5042
FRAME_HEADER = struct.Struct("<HBBI")
NO_TIME = -(2**63)
KIB, MIB = 1024, 1024 * 1024


class Message:
    """One message: subclasses are frozen dataclasses whose fields follow ``layout``, a last ``tail`` apart."""

    kind: ClassVar[int]
    layout: ClassVar[struct.Struct]
    max_tail: ClassVar[int] = 0

    def pack(self) -> bytes:
        """The message as bytes, header included.

        Raises:
            OutletError: A field doesn't fit its place.
        """
        values = [getattr(self, f.name) for f in fields(self)]  # type: ignore[arg-type]
        tail = values.pop() if self.max_tail else b""
        if len(tail) > self.max_tail:
            raise OutletError(f"{type(self).__name__} of {len(tail)} bytes is over its limit of {self.max_tail}")
        try:
            head = self.layout.pack(*values)
        except (struct.error, OverflowError) as error:
            raise OutletError(f"{type(self).__name__} does not fit its layout ({error})") from error
        # struct cuts or fills up byte strings without a word: half a hash is no hash.
        if any(isinstance(v, bytes) and v != w for v, w in zip(values, self.layout.unpack(head), strict=True)):
            raise OutletError(f"{type(self).__name__} does not fit its layout (bytes of a wrong length)")
        return FRAME_HEADER.pack(MAGIC, self.kind, 0, len(head) + len(tail)) + head + tail

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The message in ``payload`` (head and tail, without the frame header).

        Raises:
            OutletError: The length is wrong or a number is not finite.
        """
        size = cls.layout.size
        if not size <= len(payload) <= size + cls.max_tail:
            raise OutletError(f"{cls.__name__} of {len(payload)} bytes breaks the outlet's rules")
        values = cls.layout.unpack_from(payload)
        if any(isinstance(v, float) and not math.isfinite(v) for v in values):
            raise OutletError(f"{cls.__name__} holds a number that is not finite")
        tail = (payload[size:],) if cls.max_tail else ()
        # Every subclass is a dataclass whose fields are its layout's.
        message = cls(*values, *tail)
        message.check()
        return message

    @property
    def size_bytes(self) -> int:
        """Length on the wire."""
        tail: bytes = getattr(self, "tail", b"")
        return FRAME_HEADER.size + self.layout.size + len(tail)

    def check(self) -> None:
        """Refuse values that fit their place and still make no sense; by default none."""


def must_be(kind: type[IntEnum], value: int, what: str) -> None:
    """Refuse a value outside a closed set.

    Raises:
        OutletError: It is not a member.
    """
    if value not in kind._value2member_map_:
        raise OutletError(f"{what} {value} is not known")
