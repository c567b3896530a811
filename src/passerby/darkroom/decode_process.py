"""The decode process: packets in by pipe, planes out by shared memory, and nothing else.

A hostile stream that takes this process over finds a room without doors, whose only outlet is fixed-size planes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from passerby.base.build import build_hash
from passerby.base.errors import OutletError
from passerby.charter.permit import Claims
from passerby.darkroom import warm
from passerby.darkroom._frames import Record, Ring, What, given_back
from passerby.darkroom.decoder import Decoded, Decoder, Refused, copy_padded
from passerby.darkroom.door import Door, FileDoor, site_door
from passerby.darkroom.ring_file import MAX_PIXELS, SLOTS
from passerby.darkroom.weights import listed_hashes
from passerby.lock.child import LOG_FD, Child
from passerby.lock.seccomp import Profile
from passerby.outlet.messages import PAPERS, Codec, Message, Packet, PassEnd, Permit, Status, StreamHeader
from passerby.outlet.pipe import Receiver

PACKETS_IN, BELL_OUT = 0, 1
# Under load a camera's pictures come this late before some are left out, and never more than this long in a row.
LATE_S, LONGEST_LEFT_OUT_S = 0.7, 1.0
BEAT_S = 0.5
# Where not every picture is needed, the hide process is asked no sooner than this after it was given one.
LEAST_REST_S = 0.1


class DecodeProcess:
    """Decodes item after item until the packets end.

    Args:
        receiver: Where packets come from.
        ring: Where planes go.
        ring_bell: Sends one record to the hide process.
        free_slot: Blocks until a slot is free, and names it.
        door: Decides whether anything is decoded.
        threads: Threads for decoding.
        kind: What items are: ``video``, ``pictures`` or ``camera``.
        clock: Monotonic seconds, which a camera's timestamps count.
        rest: Waits until the picture that was handed over has been seen, and says for how many seconds after it no
            other is needed. None where every picture is needed.
        keyframes: A camera's packets are keyframes alone.
    """

    def __init__(
        self,
        receiver: Receiver,
        ring: Ring,
        ring_bell: Callable[[Record], None],
        free_slot: Callable[[], int],
        door: Door,
        threads: int,
        kind: str,
        clock: Callable[[], float],
        rest: Callable[[], float] | None = None,
        *,
        keyframes: bool = False,
    ) -> None:
        self._receiver = receiver
        self._ring = ring
        self._ring_bell = ring_bell
        self._free_slot = free_slot
        self._door = door
        self._threads = threads
        self._kind = kind
        self._clock = clock
        self._handed_over_s = self._beat_s = clock()
        self._skipped = self._unneeded = 0
        self._rest, self._asked = rest, False
        self._shown_s = self._needed_s = float("-inf")
        self._keyframes = keyframes

    def run(self) -> None:
        """Until the other side closes the pipe."""
        while (message := self._receiver.receive()) is not None:
            if isinstance(message, StreamHeader | Packet | PassEnd):
                raise OutletError("an item must begin with its permit")
            self._door.take(message)
            if isinstance(message, Permit):
                self._item()

    def _item(self) -> None:
        message = self._next()
        if isinstance(message, PassEnd):
            self._door.begin(_ITEM.source)
            self._ring_bell(_ITEM)
            self._end(_ITEM, message, Status(message.status), None)
            return
        if not isinstance(message, StreamHeader):
            raise OutletError("a permit must be followed by a stream header")
        self._door.begin(message.source)
        status = Status.DONE if self._door.granted else Status.PERMIT_REFUSED
        header, about = message, _about(message, self._kind)
        self._ring_bell(about)
        while not self._one_pass(header, message, about, status):
            message = self._next()
            if isinstance(message, StreamHeader):
                header, about = message, _about(message, self._kind)
                self._ring_bell(replace(about, what=What.HEADER))

    def _one_pass(self, header: StreamHeader, first: Message, about: Record, status: Status) -> bool:
        """Decode from the pass's header or first packet until it ends; True where it was the last."""
        decoder: Decoder | None = None
        message = self._next() if isinstance(first, StreamHeader) else first
        if status is Status.DONE:
            try:
                decoder = Decoder(header, self._threads, alone=self._keyframes and bool(about.flags & Record.LIVE))
            except Refused as refused:
                status = refused.status
        while isinstance(message, Packet):
            if decoder is not None and status is Status.DONE:
                status = self._decode(decoder, message, about)
            message = self._next()
        if not isinstance(message, PassEnd):
            raise OutletError("a pass must end before anything else comes")
        if decoder is not None and status is Status.DONE:
            status = self._decode(decoder, None, about)
            if decoder.claimed_pixels > MAX_PIXELS:
                status = Status.TOO_LARGE
        self._end(about, message, status if status is not Status.DONE else Status(message.status), decoder)
        return bool(message.last)

    def _decode(self, decoder: Decoder, packet: Packet | None, about: Record) -> Status:
        self._door.check()
        if not self._door.granted:
            return Status.PERMIT_REFUSED
        try:
            if packet is not None and decoder.alone and not self._needed(packet.pts, about):
                self._unneeded += 1
            else:
                self._hand_on(decoder.feed(packet), about)
        except Refused as refused:
            return refused.status
        if about.flags & Record.LIVE and (now_s := self._clock()) - self._beat_s >= BEAT_S:
            self._beat_s = now_s
            self._tell(self._summed(replace(about, what=What.BEAT), decoder))
        return Status.DONE

    def _hand_on(self, pictures: Iterable[Decoded], about: Record) -> None:
        for picture in pictures:
            if not self._needed(picture.pts, about):
                self._unneeded += 1
            elif self._too_late(picture, about):
                self._skipped += 1
            else:
                self._hand_over(picture, about)

    def _needed(self, pts: int, about: Record) -> bool:
        """Whether the hide process needs a picture of this time. It says so itself, as it gives the last one back."""
        if self._rest is None or not about.flags & Record.LIVE:
            return True
        time_s = pts * about.time_base_num / about.time_base_den
        if self._shown_s <= time_s < self._needed_s:
            return False
        if self._asked:
            self._asked = False
            self._needed_s = self._shown_s + self._rest()
        return not self._shown_s <= time_s < self._needed_s

    def _too_late(self, picture: Decoded, about: Record) -> bool:
        """A camera's picture that the hide process has no time for. What is left out is not shown, never unhidden."""
        if not about.flags & Record.LIVE:
            return False
        now_s = self._clock()
        late_s = now_s - picture.pts * about.time_base_num / about.time_base_den
        return late_s > LATE_S and now_s - self._handed_over_s < LONGEST_LEFT_OUT_S

    def _hand_over(self, picture: Decoded, about: Record) -> None:
        width, height = picture.size
        slot = self._free_slot()
        copy_padded(picture, self._ring.planes(slot, width, height))
        self._handed_over_s = self._clock()
        self._shown_s = picture.pts * about.time_base_num / about.time_base_den
        self._asked, self._needed_s = True, self._shown_s + LEAST_REST_S
        flags = Record.DAMAGED * picture.damaged | Record.RESIZED * picture.resized
        record = replace(
            about,
            what=What.FRAME,
            slot=slot,
            width=width,
            height=height,
            pts=picture.pts,
            full_range=int(picture.full_range),
            flags=flags,
        )
        self._tell(record)

    def _end(self, about: Record, message: PassEnd, status: Status, decoder: Decoder | None) -> None:
        flags = about.flags & Record.LIVE | Record.LAST_PASS * message.last
        self._tell(self._summed(replace(about, what=What.PASS_END, flags=flags, status=status), decoder))

    def _tell(self, record: Record) -> None:
        """A record, with the pictures since the last one that nobody needed."""
        self._ring_bell(replace(record, unneeded=self._unneeded))
        self._unneeded = 0

    def _summed(self, record: Record, decoder: Decoder | None) -> Record:
        """The record with what the pass has counted so far."""
        if decoder is None:
            return record
        return replace(
            record,
            damaged=decoder.damaged,
            repaired_times=decoder.repaired_times,
            resized=decoder.resized,
            skipped=self._skipped,
            decode_ns=decoder.decode_ns,
        )

    def _next(self) -> Message:
        message = self._receiver.receive()
        if message is None:
            raise OutletError("the packets ended in mid-item")
        return message


# A picture stays what it is.
_RESULTS = {b"mjpeg": Codec.JPEG, b"png": Codec.PNG}
_ITEM = Record(
    what=What.ITEM,
    slot=0,
    width=0,
    height=0,
    pts=0,
    time_base_num=1,
    time_base_den=1000,
    rate_num=0,
    rate_den=0,
    full_range=0,
    flags=0,
    status=Status.DONE,
    codec=Codec.H264,
    duration_s=0.0,
    damaged=0,
    repaired_times=0,
    resized=0,
    skipped=0,
    decode_ns=0,
    source=bytes(32),
)


def _about(header: StreamHeader, kind: str) -> Record:
    """The record of an item, or of a pass with a header of its own."""
    live = kind == "camera" and header.passes == 1
    name = header.codec.rstrip(b"\0")
    return replace(
        _ITEM,
        time_base_num=header.time_base_num,
        time_base_den=header.time_base_den,
        rate_num=header.rate_num,
        rate_den=header.rate_den,
        duration_s=header.duration_s,
        source=header.source,
        flags=Record.LAST_PASS * (header.passes == 1) | Record.LIVE * live,
        width=header.width,
        height=header.height,
        codec=_RESULTS.get(name, Codec.H264) if header.passes == 1 and kind == "pictures" else Codec.H264,
    )


class Slots:
    """Which slots of the ring are free. A slot comes back as one byte."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._free = list(range(SLOTS))

    def take(self) -> int:
        """A free slot; waits for one."""
        if not self._free:
            self._wait()
        return self._free.pop()

    def rest(self) -> float:
        """Waits until the slot that was taken last is back; for how many seconds no picture is needed."""
        rest_s = 0.0
        while len(self._free) < SLOTS:
            rest_s = self._wait()
        return rest_s

    def _wait(self) -> float:
        back = os.read(self._fd, 1)
        if not back:
            raise OutletError("the hide process has gone")
        slot, rest_s = given_back(back[0])
        self._free.append(slot)
        return rest_s


def run(child: Child) -> None:
    """Lock, then decode until the packets end."""
    settings = child.settings
    ring = Ring(settings.fds["ring"], writable=True)
    slots = settings.fds["slots"]
    models, build = listed_hashes(), build_hash()
    analyses = frozenset(settings.words["analyses"].split(","))
    source_kind = settings.words["source"]

    def claims(source: bytes) -> Claims:
        return Claims(source, analyses, models, build, time.time())

    def ring_bell(record: Record) -> None:
        os.write(BELL_OUT, record.pack())

    warm.judging()
    child.before_threads()
    warm.quiet()
    warm.decoding(settings.threads)
    child.before_first_packet(Profile("decode", read_fds=(PACKETS_IN, slots), write_fds=(BELL_OUT, LOG_FD)))
    camera = source_kind == "camera"
    receiver = Receiver(PACKETS_IN, (*(PAPERS if camera else (Permit,)), StreamHeader, Packet, PassEnd))
    door = site_door(settings) if camera else FileDoor(claims)
    back = Slots(slots)
    # Where pictures are shown, every one of them is needed.
    rest = back.rest if camera and analyses == {"count"} else None
    DecodeProcess(
        receiver,
        ring,
        ring_bell,
        back.take,
        door,
        settings.threads,
        source_kind,
        time.monotonic,
        rest,
        keyframes=settings.words["keyframes"] == "yes",
    ).run()
