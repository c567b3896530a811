"""The message types and their layout.

A message on the wire is ``<HBxI`` (magic, kind, length of what follows), then the kind's fixed head, then its tail.
All numbers are little-endian. ``NO_TIME`` stands for a missing timestamp.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import ClassVar, Self

from passerby.base.errors import OutletError

MAGIC = 0x5042
FRAME_HEADER = struct.Struct("<HBxI")
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
        except struct.error as error:
            raise OutletError(f"{type(self).__name__} does not fit its layout ({error})") from error
        return FRAME_HEADER.pack(MAGIC, self.kind, len(head) + len(tail)) + head + tail

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
        message = cls(*values, payload[size:]) if cls.max_tail else cls(*values)
        message.check()
        return message

    def check(self) -> None:
        """Refuse values that fit their place and still make no sense; by default none."""


class Codec(IntEnum):
    """How the redacted pictures are coded."""

    H264 = 1
    JPEG = 2
    PNG = 3


class Stream(IntEnum):
    """Which redacted stream a packet belongs to."""

    REDACTED = 0
    EXPLAINED = 1


class Mode(IntEnum):
    """Where the safe pixels came from."""

    UNKNOWN = 0
    PLATE = 1
    NO_PLATE = 2
    MOSAIC = 3


class Mosaic(IntEnum):
    """Why a whole frame is a mosaic. A closed set: it is public and carries no content."""

    NONE = 0
    LEARNING = 1
    CUT = 2
    NO_BACKGROUND = 3
    DETECTOR_FAULT = 4
    SIZE_CHANGED = 5
    DAMAGED = 6
    COVERED = 7


class Status(IntEnum):
    """How an item ended. A closed set; each has its line in ``station.report``."""

    DONE = 0
    UNREADABLE = 1
    NO_VIDEO = 2
    NO_FRAMES = 3
    TOO_LARGE = 4
    NO_DECODER = 5
    PERMIT_REFUSED = 6
    TOO_SMALL = 7
    ENCODER_REFUSED = 8
    OVER_LIMIT = 9


def _enum(kind: type[IntEnum], value: int, what: str) -> None:
    if value not in kind._value2member_map_:
        raise OutletError(f"{what} {value} is not known")


@dataclass(frozen=True, slots=True)
class StreamStart(Message):
    """A redacted stream begins: what a muxer must know. The tail is the encoder's own header."""

    kind: ClassVar[int] = 1
    layout: ClassVar[struct.Struct] = struct.Struct("<BBIIIIB")
    max_tail: ClassVar[int] = 4 * KIB
    stream: int
    codec: int
    width: int
    height: int
    time_base_num: int
    time_base_den: int
    padded: int
    tail: bytes

    def check(self) -> None:
        """Streams, codecs and sizes must be possible."""
        _enum(Stream, self.stream, "stream")
        _enum(Codec, self.codec, "codec")
        if not (self.width and self.height and self.time_base_num and self.time_base_den):
            raise OutletError("a stream start holds a zero")


@dataclass(frozen=True, slots=True)
class RedactedPacket(Message):
    """One coded redacted picture. Times are in the stream's time base; the tail is the coded picture."""

    kind: ClassVar[int] = 2
    layout: ClassVar[struct.Struct] = struct.Struct("<BBqqq")
    max_tail: ClassVar[int] = 96 * MIB
    stream: int
    key: int
    pts: int
    dts: int
    duration: int
    tail: bytes

    def check(self) -> None:
        """The stream must be known."""
        _enum(Stream, self.stream, "stream")


@dataclass(frozen=True, slots=True)
class Counts(Message):
    """How many, at one moment: numbers only. ``low`` and ``high`` bound a 90 % interval."""

    kind: ClassVar[int] = 3
    layout: ClassVar[struct.Struct] = struct.Struct("<Qdffff")
    frame: int
    time_s: float
    people: float
    low: float
    high: float
    vehicles: float


@dataclass(frozen=True, slots=True)
class Alert(Message):
    """Something in a zone needs attention: a zone's number, a kind, a value with its interval; never a person."""

    kind: ClassVar[int] = 4
    layout: ClassVar[struct.Struct] = struct.Struct("<dBBHfff")
    time_s: float
    what: int
    severity: int
    zone: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlateUpdate(Message):
    """Background blocks that were proven empty, as one coded picture; at most one an hour for each camera."""

    kind: ClassVar[int] = 5
    layout: ClassVar[struct.Struct] = struct.Struct("<dII")
    max_tail: ClassVar[int] = 4 * MIB
    time_s: float
    blocks_shown: int
    blocks_total: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Explain(Message):
    """Why each block of a coarse grid is hidden: one reason code a block, row by row; no pixels."""

    kind: ClassVar[int] = 6
    layout: ClassVar[struct.Struct] = struct.Struct("<dHH")
    max_tail: ClassVar[int] = 256 * KIB
    time_s: float
    columns: int
    rows: int
    tail: bytes

    def check(self) -> None:
        """One byte a block."""
        if self.columns * self.rows != len(self.tail):
            raise OutletError("an explanation has more or fewer blocks than its grid")


@dataclass(frozen=True, slots=True)
class Health(Message):
    """How the darkroom is doing, summed since the item began. Stage times are wall nanoseconds.

    ``read`` counts raw frames of all passes, ``frames`` those that were shown.
    """

    kind: ClassVar[int] = 7
    layout: ClassVar[struct.Struct] = struct.Struct("<QQQQQQBBd5Q8Q32s32s")
    read: int
    frames: int
    damaged: int
    repaired_times: int
    resized: int
    detections: int
    mode: int
    mosaic: int
    hidden_frames: float
    decode_ns: int
    learn_ns: int
    find_ns: int
    hide_ns: int
    encode_ns: int
    mosaic_0: int
    mosaic_1: int
    mosaic_2: int
    mosaic_3: int
    mosaic_4: int
    mosaic_5: int
    mosaic_6: int
    mosaic_7: int
    build: bytes
    site_root: bytes

    def check(self) -> None:
        """Modes and reasons are closed sets."""
        _enum(Mode, self.mode, "mode")
        _enum(Mosaic, self.mosaic, "mosaic reason")

    @property
    def mosaic_frames(self) -> tuple[int, ...]:
        """Frames shown as a whole mosaic, by reason in the order of `Mosaic`."""
        return tuple(int(getattr(self, f"mosaic_{reason.value}")) for reason in Mosaic)


@dataclass(frozen=True, slots=True)
class ItemEnd(Message):
    """An item (a file, a picture) is done: how, how many frames came out, and their span in seconds."""

    kind: ClassVar[int] = 8
    layout: ClassVar[struct.Struct] = struct.Struct("<BQd")
    status: int
    frames: int
    duration_s: float

    def check(self) -> None:
        """The status is a closed set."""
        _enum(Status, self.status, "status")


@dataclass(frozen=True, slots=True)
class SealedPacket(Message):
    """Ciphertext of an original packet; only under a sealing permit."""

    kind: ClassVar[int] = 9
    layout: ClassVar[struct.Struct] = struct.Struct("<Qq")
    max_tail: ClassVar[int] = 16 * MIB
    sequence: int
    pts: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Ready(Message):
    """The process is locked and warm and waits for its first item. ``landlock`` is the ABI, 0 in the weaker mode."""

    kind: ClassVar[int] = 10
    layout: ClassVar[struct.Struct] = struct.Struct("<BB32s")
    landlock: int
    backend: int
    build: bytes


@dataclass(frozen=True, slots=True)
class Permit(Message):
    """The right to run, as canonical JSON. Must come before anything else of an item."""

    kind: ClassVar[int] = 32
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 64 * KIB
    item: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class StreamHeader(Message):
    """What the container says of its video. Hints only, but for codec and time base. The tail is extradata."""

    kind: ClassVar[int] = 33
    layout: ClassVar[struct.Struct] = struct.Struct("<24sIIIIIIBBd32s")
    max_tail: ClassVar[int] = MIB
    codec: bytes
    width: int
    height: int
    time_base_num: int
    time_base_den: int
    rate_num: int
    rate_den: int
    orientation: int
    passes: int
    duration_s: float
    source: bytes
    tail: bytes

    def check(self) -> None:
        """Orientation is one of EXIF's eight; there are one or two passes; time needs a base."""
        if not 1 <= self.orientation <= 8 or self.passes not in (1, 2):
            raise OutletError("a stream header has an impossible orientation or number of passes")
        if not (self.time_base_num and self.time_base_den) or self.duration_s < 0:
            raise OutletError("a stream header has no time base")


@dataclass(frozen=True, slots=True)
class Packet(Message):
    """One coded original picture, on its way in. Bit 0 of ``flags``: keyframe; bit 1: not to be shown."""

    kind: ClassVar[int] = 34
    layout: ClassVar[struct.Struct] = struct.Struct("<qqB")
    max_tail: ClassVar[int] = 64 * MIB
    pts: int
    dts: int
    flags: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class PassEnd(Message):
    """The source has been read once, whole (``status`` DONE) or as far as it could be."""

    kind: ClassVar[int] = 35
    layout: ClassVar[struct.Struct] = struct.Struct("<BB")
    last: int
    status: int

    def check(self) -> None:
        """The status is a closed set."""
        _enum(Status, self.status, "status")


@dataclass(frozen=True, slots=True)
class SiteRoot(Message):
    """Institutions, keys and witness policy, as a signed note."""

    kind: ClassVar[int] = 36
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 256 * KIB
    version: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint(Message):
    """A cosigned checkpoint of the ledger: the heartbeat of a permit."""

    kind: ClassVar[int] = 37
    layout: ClassVar[struct.Struct] = struct.Struct("<d")
    max_tail: ClassVar[int] = 64 * KIB
    time_s: float
    tail: bytes


@dataclass(frozen=True, slots=True)
class Scene(Message):
    """A camera's geometry and calibration, as canonical JSON."""

    kind: ClassVar[int] = 38
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 256 * KIB
    version: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Revoke(Message):
    """Stop at once: the permit with this hash is void."""

    kind: ClassVar[int] = 39
    layout: ClassVar[struct.Struct] = struct.Struct("<32s")
    permit: bytes


@dataclass(frozen=True, slots=True)
class Picture(Message):
    """A whole picture file, on its way to intake."""

    kind: ClassVar[int] = 40
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 64 * MIB
    item: int
    tail: bytes


OUTWARD: tuple[type[Message], ...] = (
    StreamStart,
    RedactedPacket,
    Counts,
    Alert,
    PlateUpdate,
    Explain,
    Health,
    ItemEnd,
    SealedPacket,
    Ready,
)
INWARD: tuple[type[Message], ...] = (
    Permit,
    StreamHeader,
    Packet,
    PassEnd,
    SiteRoot,
    Checkpoint,
    Scene,
    Revoke,
    Picture,
)
