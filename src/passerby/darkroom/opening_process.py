"""The process that opens sealed originals: ciphertext and halves in, one region of pictures out. It parses no video.

It has no file, no network and no key but what it makes: the pair to which two officers seal their halves, and the keys
that these make, which never leave it. Packets go to the decode process, planes come back through shared memory; the one
process that decodes has no outlet but planes, as with a camera.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

from passerby.archive import hpke
from passerby.archive.entries import US
from passerby.base.build import build_hash
from passerby.base.errors import OutletError, PasserbyError
from passerby.darkroom import warm
from passerby.darkroom._frames import Record, Ring, What, give_back
from passerby.darkroom.encoder import VideoEncoder
from passerby.darkroom.opening import Gathered, Opened
from passerby.darkroom.opening_feed import Feed
from passerby.darkroom.region import RegionView
from passerby.lock.child import LOG_FD, Child
from passerby.lock.seccomp import Profile
from passerby.outlet.messages import (
    OPENING_IN,
    Chunk,
    ItemEnd,
    Message,
    OpeningKey,
    Permit,
    Ready,
    Status,
    Stream,
)
from passerby.outlet.pipe import Receiver, Sender

BELL_IN, OUTLET = 0, 1


class Showing:
    """Works through what the decode process announces.

    Args:
        opened: What may be shown.
        ring: Where planes lie.
        release: Gives a slot back.
        emit: Sends a message.
        threads: For encoding.
    """

    def __init__(
        self,
        opened: Opened,
        ring: Ring,
        release: Callable[[int], None],
        emit: Callable[[Message], None],
        threads: int,
    ) -> None:
        self._asking, self._region = opened.asking, opened.unsealing.region
        self._ring, self._release, self._emit, self._threads = ring, release, emit, threads
        self._view: RegionView | None = None
        self._encoder: VideoEncoder | None = None
        self._size = (0, 0)
        self._frames, self._first_us, self._last_us = 0, 0, 0

    def take(self, record: Record) -> None:
        """One record of the decode process.

        Raises:
            OutletError: It is of another size than its stream's first.
        """
        if record.what == What.FRAME:
            if self._asking.begins * US <= record.pts < self._asking.ends * US:
                self._frame(record)
            self._release(record.slot)
        elif record.what == What.PASS_END:
            self._end(Status(record.status))

    def _frame(self, record: Record) -> None:
        size = (record.width, record.height)
        if self._encoder is None or self._view is None:
            self._size, self._view = size, RegionView(size, self._region)
            self._encoder = VideoEncoder(
                size, Fraction(1, US), Fraction(25), full_range=bool(record.full_range), stream=Stream.REDACTED,
                threads=self._threads,
            )  # fmt: skip
            self._frames, self._first_us = 0, record.pts
            self._emit(self._encoder.start())
        if size != self._size:
            raise OutletError("a frame is of another size than the first")
        self._frames, self._last_us = self._frames + 1, record.pts
        planes = self._ring.planes(record.slot, record.width, record.height)
        for packet in self._encoder.encode(self._view.picture(planes, record.pts / US), record.pts):
            self._emit(packet)

    def _end(self, status: Status) -> None:
        if self._encoder is not None:
            for packet in self._encoder.finish():
                self._emit(packet)
            self._emit(ItemEnd(status, self._frames, max(0.0, (self._last_us - self._first_us) / US)))
        elif status is not Status.DONE:
            self._emit(ItemEnd(status, 0, 0.0))
        self._encoder = self._view = None


def gather(receiver: Receiver, pair: hpke.SealingPair, first: str, least: int) -> Opened:
    """Everything that is needed to open, judged.

    Raises:
        PasserbyError: Nothing may be opened.
    """
    gathered = Gathered(pair, first, least)
    while not isinstance(message := receiver.receive(), Permit):
        if message is None:
            raise OutletError("nobody asked any more")
        gathered.add(message)
    return gathered.opened(message, int(time.time()))


def feed(receiver: Receiver, opened: Opened, packets: int, failed: list[PasserbyError]) -> None:
    """Hand everything on to the decode process, then close its pipe. What goes wrong is left for the other thread."""
    work = Feed(opened, Sender(packets).send)
    try:
        while (message := receiver.receive()) is not None:
            if not isinstance(message, Chunk):
                raise OutletError(f"{type(message).__name__} came among chunks")
            work.chunk(message)
        work.end()
    except PasserbyError as error:
        failed.append(error)
    except BrokenPipeError:
        failed.append(OutletError("the decode process has gone"))
    finally:
        os.close(packets)


def run(child: Child) -> None:
    """Lock, make a key, wait for all that is needed, show."""
    settings = child.settings
    ring = Ring(settings.fds["ring"], writable=False)
    slots, control, packets = (settings.fds[name] for name in ("slots", "control", "packets"))
    build = build_hash()
    warm.quiet()
    warm.judging()
    warm.sealing()
    warm.encoding(settings.threads)
    child.before_threads()
    warm.libraries(settings.threads)
    profile = Profile("opening", read_fds=(BELL_IN, control), write_fds=(OUTLET, slots, packets, LOG_FD))
    report = child.before_first_packet(profile)
    outlet, receiver = Sender(OUTLET), Receiver(control, OPENING_IN)
    pair = hpke.SealingPair.fresh(os.urandom)
    outlet.send(Ready(report.landlock_abi or 0, 0, build))
    outlet.send(OpeningKey(1, pair.public))
    try:
        opened = gather(receiver, pair, settings.words["site_root"], int(settings.words["site_serial"]))
    except OutletError:
        raise
    except PasserbyError:
        # Which rule refused, the supervisor can judge for itself, from the same papers.
        outlet.send(ItemEnd(Status.PERMIT_REFUSED, 0, 0.0))
        return
    failed: list[PasserbyError] = []
    feeding = threading.Thread(target=feed, args=(receiver, opened, packets, failed), daemon=True)
    feeding.start()
    showing = Showing(opened, ring, lambda slot: _give(slots, slot), outlet.send, settings.threads)
    while (record := _bell()) is not None:
        showing.take(record)
    feeding.join()
    if failed:
        raise failed[0]


def _bell() -> Record | None:
    data = b""
    while len(data) < Record.layout.size:
        more = os.read(BELL_IN, Record.layout.size - len(data))
        if not more:
            return None
        data += more
    return Record.unpack(data)


def _give(fd: int, slot: int) -> None:
    with suppress(BrokenPipeError):
        os.write(fd, give_back(slot, 0.0))
