"""What may enter intake and a darkroom."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from passerby.base.errors import OutletError
from passerby.outlet._codes import ANALYSES, Proves, Status
from passerby.outlet._wire import KIB, MIB, Message, must_be


@dataclass(frozen=True, slots=True)
class Permit(Message):
    """The right to run: of a file canonical JSON, of a camera a signed note. Must come before anything else of an item.

    Of a camera it is the last of its papers: `Task`, `Scene`, `SiteRoot`, `Proof`, `Checkpoint`, `Revoke` and
    `Justification` come before it, and belong to it.
    """

    kind: ClassVar[int] = 32
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 64 * KIB
    item: int
    tail: bytes


def codec_name(name: str) -> bytes:
    """A codec's name as a stream header holds it: 24 bytes, filled up with zeros."""
    return name.encode()[:24].ljust(24, b"\0")


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
        must_be(Status, self.status, "status")


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
    """Stop at once: the permit with this hash is void. The tail is the signed note that says so, if there is one."""

    kind: ClassVar[int] = 39
    layout: ClassVar[struct.Struct] = struct.Struct("<32s")
    max_tail: ClassVar[int] = 64 * KIB
    permit: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Picture(Message):
    """A whole picture file, on its way to intake."""

    kind: ClassVar[int] = 40
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 64 * MIB
    item: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Address(Message):
    """Where a camera is and how to ask it, for intake only: canonical JSON with credentials, so never logged.

    ``transport`` 0: TCP, 1: UDP. ``keyframes`` 1: only those are handed on. ``prior`` 1: a clip is learnt from first.
    """

    kind: ClassVar[int] = 41
    layout: ClassVar[struct.Struct] = struct.Struct("<BBB")
    max_tail: ClassVar[int] = 16 * KIB
    transport: int
    keyframes: int
    prior: int
    tail: bytes

    def check(self) -> None:
        """All are yes or no."""
        if not {self.transport, self.keyframes, self.prior} <= {0, 1}:
            raise OutletError("an address names an unknown transport")


@dataclass(frozen=True, slots=True)
class Task(Message):
    """What a camera's darkroom is asked to do: for which camera (filled up with zeros) and address, which analyses.

    ``analyses`` has a bit for each of `ANALYSES`, the first the lowest. Begins a camera's papers.
    """

    kind: ClassVar[int] = 42
    layout: ClassVar[struct.Struct] = struct.Struct("<64s32sBII")
    camera: bytes
    source: bytes
    analyses: int
    retention_s: int
    seal_s: int

    def check(self) -> None:
        """At least one analysis, and none that isn't known."""
        if not 0 < self.analyses < 1 << len(ANALYSES):
            raise OutletError("a task names no analysis, or an unknown one")


@dataclass(frozen=True, slots=True)
class Proof(Message):
    """An entry of the ledger and the proof that it is there; the tail is both, one after the other."""

    kind: ClassVar[int] = 43
    layout: ClassVar[struct.Struct] = struct.Struct("<BII")
    max_tail: ClassVar[int] = 128 * KIB
    of: int
    version: int
    entry_bytes: int
    tail: bytes

    def check(self) -> None:
        """It proves something known, and the entry lies inside the tail."""
        must_be(Proves, self.of, "proof")
        if self.entry_bytes > len(self.tail):
            raise OutletError("a proof is shorter than its entry")


@dataclass(frozen=True, slots=True)
class Justification(Message):
    """Why an emergency was one, signed by both sides."""

    kind: ClassVar[int] = 44
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 64 * KIB
    version: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Officer(Message):
    """The note by which an officer vouches for the key to which halves of sealed originals are sealed."""

    kind: ClassVar[int] = 45
    layout: ClassVar[struct.Struct] = struct.Struct("<I")
    max_tail: ClassVar[int] = 16 * KIB
    number: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class SealUnder(Message):
    """What a file of sealed originals is to be: of which period and permit, with which salt, and its slot share.

    A newer one of the same period and permit takes the older one's place. The share is one of three parts of the file's
    key: alone it opens nothing. ``anchor_us`` is what to add to the darkroom's clock for microseconds since 1970.
    """

    kind: ClassVar[int] = 46
    layout: ClassVar[struct.Struct] = struct.Struct("<qqq32s32s32s")
    period_us: int
    length_us: int
    anchor_us: int
    permit: bytes
    salt: bytes
    share: bytes

    def check(self) -> None:
        """Periods lie behind 1970 and last."""
        if self.period_us < 0 or self.length_us <= 0:
            raise OutletError("a period of sealed originals can't be")


PAPERS: tuple[type[Message], ...] = (
    Task,
    Scene,
    SiteRoot,
    Proof,
    Checkpoint,
    Revoke,
    Justification,
    Officer,
    Permit,
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
    Address,
    Task,
    Proof,
    Justification,
    Officer,
    SealUnder,
)
