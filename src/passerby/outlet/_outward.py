"""What may leave a darkroom."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from passerby.base.errors import OutletError
from passerby.outlet._codes import ANALYSES, MOSAIC_COUNTS, VEHICLES, Codec, Mode, Mosaic, Status, Stream, bits
from passerby.outlet._wire import KIB, MIB, Message, must_be

# What an MP4 has fields for (ISO/IEC 14496-12): pixels a side, ticks between decoding and showing.
MOST_PIXELS, MOST_OFFSET = 2**16 - 1, 2**31 - 1
# Ticks of a picture, which an MP4 cuts to its own limit: a quarter of an hour at the finest time base, nanoseconds.
MOST_TICKS = 2**40


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
        must_be(Stream, self.stream, "stream")
        must_be(Codec, self.codec, "codec")
        if not (self.width and self.height and self.time_base_num and self.time_base_den):
            raise OutletError("a stream start holds a zero")
        if max(self.width, self.height) > MOST_PIXELS:
            raise OutletError("a stream start is larger than a picture can be")


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
        """The stream must be known, and the times such that an MP4 can hold them."""
        must_be(Stream, self.stream, "stream")
        if not 0 <= self.duration <= MOST_TICKS or abs(self.pts - self.dts) > MOST_OFFSET:
            raise OutletError("a redacted packet's times can't be")


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


# What an alert's place means: a zone goes by its place in the scene, a line by its place from `FIRST_LINE` on.
FIRST_LINE, WHOLE_CAMERA = 0x8000, 0xFFFF


@dataclass(frozen=True, slots=True)
class Alert(Message):
    """A place needs attention: the place's number, a kind, a value with its interval; never a person.

    ``zone`` is a zone's place in the scene, `FIRST_LINE` and a line's place, or `WHOLE_CAMERA`.
    """

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

    ``read`` counts raw frames of all passes, ``frames`` those that were shown, ``skipped`` those that a machine under
    load decoded and never looked at, ``sealed`` raw frames that left as ciphertext: 0 where nothing is sealed.
    ``learnt`` is how far the plate is: from 0 to 1 while nothing is shown yet.
    """

    kind: ClassVar[int] = 7
    layout: ClassVar[struct.Struct] = struct.Struct("<QQQQQQQQBBdd5Q64s32s32s")
    read: int
    frames: int
    damaged: int
    repaired_times: int
    resized: int
    skipped: int
    detections: int
    sealed: int
    mode: int
    mosaic: int
    hidden_frames: float
    learnt: float
    decode_ns: int
    learn_ns: int
    find_ns: int
    hide_ns: int
    encode_ns: int
    mosaic_counts: bytes
    build: bytes
    site_root: bytes

    def check(self) -> None:
        """Modes and reasons are closed sets."""
        must_be(Mode, self.mode, "mode")
        must_be(Mosaic, self.mosaic, "mosaic reason")

    @property
    def mosaic_frames(self) -> tuple[int, ...]:
        """Frames shown as a whole mosaic, by reason in the order of `Mosaic`."""
        return MOSAIC_COUNTS.unpack(self.mosaic_counts)


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
        must_be(Status, self.status, "status")


@dataclass(frozen=True, slots=True)
class SealedPacket(Message):
    """Ciphertext of originals, only under a sealing permit: a file's header, then its chunks as they are stored.

    ``file`` is the file's salt, which whoever keeps it gave. ``number`` is 0 for the header, then counts chunks from 1.
    ``opens`` 1: what came before may be lacking. A header and a stretch of some half a second are far below the limit.
    """

    kind: ClassVar[int] = 9
    layout: ClassVar[struct.Struct] = struct.Struct("<32sIB")
    max_tail: ClassVar[int] = 16 * MIB
    file: bytes
    number: int
    opens: int
    tail: bytes

    def check(self) -> None:
        """There is something in it; a header is of a header's size."""
        if self.opens not in (0, 1) or not self.tail or (self.number == 0 and len(self.tail) > 64 * KIB + 512):
            raise OutletError("a sealed packet's fields can't be")


@dataclass(frozen=True, slots=True)
class Ready(Message):
    """The process is locked and warm and waits for its first item. ``landlock`` is the ABI, 0 in the weaker mode."""

    kind: ClassVar[int] = 10
    layout: ClassVar[struct.Struct] = struct.Struct("<BB32s")
    landlock: int
    backend: int
    build: bytes


@dataclass(frozen=True, slots=True)
class IntakeHealth(Message):
    """How a camera's intake is doing, summed over one connection. It leaves intake, never a darkroom."""

    kind: ClassVar[int] = 20
    layout: ClassVar[struct.Struct] = struct.Struct("<QQQQ")
    packets: int
    octets: int
    dropped: int
    anchored: int


@dataclass(frozen=True, slots=True)
class ZoneCounts(Message):
    """A zone over the last stretch of time: numbers only, each with a 90 % interval.

    The zone goes by its place in the scene. Speed is in m/s, -1 where not known; density follows from the zone's area.
    """

    kind: ClassVar[int] = 11
    layout: ClassVar[struct.Struct] = struct.Struct("<dHffffff")
    time_s: float
    zone: int
    people: float
    low: float
    high: float
    speed: float
    speed_low: float
    speed_high: float


@dataclass(frozen=True, slots=True)
class LineCounts(Message):
    """How many crossed a line since the item began, from its left to its right and back. It goes by its place."""

    kind: ClassVar[int] = 12
    layout: ClassVar[struct.Struct] = struct.Struct("<dHII")
    time_s: float
    line: int
    into: int
    out_of: int


@dataclass(frozen=True, slots=True)
class LineVehicles(Message):
    """How many vehicles of each kind crossed a line since the last time, from its left to its right and back.

    ``into`` and ``out_of`` have a byte for each kind, in the order of `VEHICLES`. ``occupied`` is the share of the time
    in which a vehicle stood on the line, in 1/255.
    """

    kind: ClassVar[int] = 15
    layout: ClassVar[struct.Struct] = struct.Struct(f"<dH{len(VEHICLES)}s{len(VEHICLES)}sB")
    time_s: float
    line: int
    into: bytes
    out_of: bytes
    occupied: int


@dataclass(frozen=True, slots=True)
class ZoneCrowd(Message):
    """How a zone's crowd stood and moved over the last stretch of time: numbers only, each -1 where not known.

    ``ways`` are the shares of eight directions, along the ground's X first and turning towards its Y, in 1/255; all are
    0 where nobody moved. ``pressure`` (1/s²) and ``densest`` (1/m²) are of the cell where they were highest. ``queue``
    are people in the zone's queue, ``queue_m`` is its length in metres.
    """

    kind: ClassVar[int] = 16
    layout: ClassVar[struct.Struct] = struct.Struct("<dH8sffff")
    time_s: float
    zone: int
    ways: bytes
    pressure: float
    densest: float
    queue: float
    queue_m: float


@dataclass(frozen=True, slots=True)
class Features(Message):
    """What a calibration learns from, at one frame: numbers that grow with the crowd, -1 where not known.

    They leave only while a file is calibrated in which somebody counted, never from a camera. ``found`` and ``weak``
    are sums over detections, ``area`` and ``edge`` are of what covers the background, in per cent of the picture,
    ``bodies`` is its area, in cells each over the height of somebody there.
    """

    kind: ClassVar[int] = 14
    layout: ClassVar[struct.Struct] = struct.Struct("<Qfffff")
    frame: int
    found: float
    weak: float
    area: float
    edge: float
    bodies: float


@dataclass(frozen=True, slots=True)
class Ruling(Message):
    """What the gate inside a camera's darkroom has decided: numbers of a closed list, no text.

    ``asked``, ``lawful`` and ``open`` have a bit for each analysis: what was asked for, what may run as things stand,
    and what leaves in this item (what was lawful at its beginning and has been ever since). ``reasons`` has a byte for
    each analysis: which rule denies it, counted from 1 (`charter.standing.Reason`), or 0. ``cautions``: a bit for each.
    """

    kind: ClassVar[int] = 13
    layout: ClassVar[struct.Struct] = struct.Struct("<BBB5sB32s32s")
    asked: int
    lawful: int
    open: int
    reasons: bytes
    cautions: int
    permit: bytes
    site_root: bytes

    def check(self) -> None:
        """Only what was asked for can be lawful, only what is lawful leaves, and each denial has its reason."""
        denied = bits(name for name, why in zip(ANALYSES, self.reasons, strict=True) if why)
        if self.asked >= 1 << len(ANALYSES) or self.lawful | denied != self.asked or self.lawful & denied:
            raise OutletError("a ruling contradicts itself")
        if self.open & ~self.lawful:
            raise OutletError("a ruling lets out what it denies")


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
    IntakeHealth,
    ZoneCounts,
    LineCounts,
    Ruling,
    Features,
    LineVehicles,
    ZoneCrowd,
)
