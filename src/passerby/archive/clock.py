"""The archive's own clock: how much time has really passed, so that a clock set wrongly destroys nothing early.

Within one boot it goes by the machine's steady clock, which nobody can set. What the wall clock was set forward by is
*owed*: it counts only once independent witnesses have cosigned at that time. What it was set back by changes nothing.
Over a restart of the machine no steady clock tells how long that took, so the wall clock's word is owed in the same
way; without any witness it is believed then. So the archive's clock is never ahead of the time that has passed by more
than `SMALL_US`, and behind it only for as long as the witnesses have not spoken since.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from passerby.base.errors import DiskFault
from passerby.store.ledger.disk import PRIVATE, Disk, LocalDisk

US = 1_000_000
# A step that any clock may make when it is put right; believed at once.
SMALL_US = 300 * US
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_RECORD = struct.Struct(">4sqqqq16s")
MARK, CHECK, APART = b"PCLK", 8, 4096


@dataclass(frozen=True, slots=True)
class Moment:
    """What the archive's clock remembers, all in microseconds.

    Args:
        now: Its own time.
        wall: The wall clock's, then.
        steady: The steady clock's, then.
        owed: What the wall clock says has passed beyond that, and nobody has confirmed.
        boot: Which run of the machine the steady clock is of.
    """

    now: int
    wall: int
    steady: int
    owed: int
    boot: bytes

    def pack(self) -> bytes:
        """With a checksum."""
        body = _RECORD.pack(MARK, self.now, self.wall, self.steady, self.owed, self.boot)
        return body + sha256(body).digest()[:CHECK]

    @classmethod
    def parse(cls, raw: bytes) -> Moment | None:
        """What was packed; None where it is not whole."""
        body, check = raw[: _RECORD.size], raw[_RECORD.size : _RECORD.size + CHECK]
        if len(check) < CHECK or sha256(body).digest()[:CHECK] != check or body[:4] != MARK:
            return None
        return cls(*_RECORD.unpack(body)[1:])


def advance(last: Moment | None, wall: int, steady: int, boot: bytes, witnessed: int | None) -> Moment:
    """The next moment. Pure.

    Args:
        last: The one before; None at the very first.
        wall: The wall clock, in microseconds since 1970.
        steady: The steady clock, in microseconds.
        boot: Which run of the machine.
        witnessed: A time that independent witnesses have cosigned at; None where there are no witnesses.
    """
    if last is None:
        return Moment(wall, wall, steady, 0, boot)
    same = boot == last.boot
    passed = max(0, steady - last.steady) if same else 0
    step = wall - last.wall - passed
    # What a clock set back hides is remembered a little, so that one that swings to and fro doesn't gain.
    now, owed = last.now + passed, max(-SMALL_US, last.owed + step)
    if owed <= SMALL_US:
        believed = max(0, owed)
    elif witnessed is None and not same:
        believed = max(0, min(owed, step))
    else:
        believed = max(0, min(owed, (witnessed or 0) - now))
    return Moment(now + believed, wall, steady, owed - believed, boot)


class ArchiveClock:
    """The archive's clock of one data folder; safe to share between threads.

    Args:
        path: Where it is remembered: beside the keys, and in no backup either. None: nowhere.
        wall: Seconds since 1970.
        steady: Seconds of a clock that nobody can set, and that runs through sleep.
        boot: Which run of the machine that is of, 16 bytes.
        witnessed: The newest time that a quorum of witnesses cosigned at, in seconds; None where there are none.
        disk: The operations on files.
    """

    def __init__(
        self,
        path: Path | None = None,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        boot: bytes | None = None,
        witnessed: Callable[[], float | None] = lambda: None,
        disk: Disk | None = None,
    ) -> None:
        self._path, self._wall, self._steady, self._witnessed = path, wall, steady, witnessed
        self._boot = boot if boot is not None else boot_id()
        self._disk = disk or LocalDisk()
        self._mutex = threading.Lock()
        self._turn = 0
        self._last = self._load()

    def now_us(self) -> int:
        """The archive's time."""
        return self.moment().now

    def moment(self) -> Moment:
        """The archive's time, and what is owed to it."""
        with self._mutex:
            at, wall = self._witnessed(), round(self._wall() * US)
            seen = None if at is None else round(at * US)
            self._last = advance(self._last, wall, round(self._steady() * US), self._boot, seen)
            return self._last

    def save(self) -> None:
        """Remember it. What a crash loses makes it slower, never faster.

        Raises:
            DiskFault: It can't be written.
        """
        moment = self.moment()
        if self._path is None:
            return
        with self._mutex:
            self._turn = 1 - self._turn
            try:
                self._disk.patch(self._path, self._turn * APART, moment.pack(), PRIVATE)
                self._disk.sync(self._path)
            except OSError as error:
                raise DiskFault(f"{self._path} can't be written ({error.strerror})", "look at the disk") from error

    def _load(self) -> Moment | None:
        raw = (self._disk.read(self._path) if self._path is not None else None) or b""
        places = [Moment.parse(raw[at:]) for at in (0, APART)]
        found = [(m.now, turn, m) for turn, m in enumerate(places) if m is not None]
        if not found:
            return None
        _, self._turn, newest = max(found, key=lambda one: one[:2])
        return newest


def boot_id() -> bytes:
    """Which run of the machine this is; where the kernel doesn't say, one of its own for each call."""
    try:
        return bytes.fromhex(BOOT_ID.read_text("ascii").strip().replace("-", ""))
    except (OSError, ValueError):
        return struct.pack(">QQ", 0, time.monotonic_ns())
