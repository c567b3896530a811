"""A camera's intake: connects when it is told to, hands its packets on, and says what became of it.

It decides nothing: where a camera is, when to try again and for how long is the supervisor's. One connection is one
item for the darkroom; so is each further permit that comes while the connection lasts.
"""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO

from passerby.base.errors import OutletError
from passerby.charter.permit import camera_source
from passerby.intake import demux
from passerby.intake.outbox import KEYFRAME, Outbox
from passerby.intake.stamps import TICKS_PER_S, Stamps
from passerby.outlet.messages import (
    NO_TIME,
    Address,
    IntakeHealth,
    Message,
    Packet,
    PassEnd,
    Permit,
    Status,
    StreamHeader,
)
from passerby.outlet.pipe import Receiver, Sender

REPORT_S = 1.0
# How far ahead of its time a picture of a file may be handed on.
AHEAD_S = 0.005
LONGEST_SLEEP_S = 0.25


@dataclass(frozen=True, slots=True)
class Place:
    """A camera's address, taken apart. Holds credentials: never printed.

    Args:
        camera: Its name.
        place: Its address as the permit names it, without credentials.
        url: What FFmpeg is asked to open; empty for a file.
    """

    camera: str
    place: str
    url: str

    @classmethod
    def parse(cls, tail: bytes) -> Place:
        """The place in an `Address`.

        Raises:
            OutletError: It is none.
        """
        try:
            fields = json.loads(tail)
            return cls(**{name: str(fields[name]) for name in ("camera", "place", "url")})
        except (ValueError, KeyError, TypeError) as error:
            raise OutletError("an address can't be read") from error


class Ended(Exception):
    """The supervisor has gone or wants nothing more."""


class LiveIntake:
    """Serves one camera until the supervisor closes the pipe.

    Args:
        control: Papers that end in a permit, followed by an address; without one they renew the connection that lasts,
            and nothing where it doesn't. Intake hands papers on and decides nothing: the darkroom judges them.
        control_fd: Its descriptor, to look whether something waits there.
        packets: Towards the darkroom.
        notes: Towards the supervisor.
        file: The clip that a file camera plays, or that is learnt from beforehand.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        control: Receiver,
        control_fd: int,
        packets: Outbox,
        notes: Sender,
        file: IO[bytes] | None,
        clock: Callable[[], float],
    ) -> None:
        self._control = control
        self._poll = select.poll()
        self._poll.register(control_fd, select.POLLIN)
        self._packets = packets
        self._notes = notes
        self._file = file
        self._clock = clock
        self._sent = IntakeHealth(0, 0, 0, 0)
        self._said_s = 0.0

    def run(self) -> None:
        """Connection after connection."""
        papers = self._papers()
        while papers is not None:
            message = self._control.receive()
            if message is None:
                return
            if not isinstance(message, Address):
                # They were to renew a connection that had ended meanwhile.
                papers = self._papers(message)
                continue
            try:
                self._connection(papers, message)
            except Ended:
                return
            papers = self._papers()

    def _papers(self, first: Message | None = None) -> list[Message] | None:
        """Messages up to a permit; None where the supervisor has gone."""
        papers: list[Message] = [] if first is None else [first]
        while not papers or not isinstance(papers[-1], Permit):
            message = self._control.receive()
            if message is None:
                return None
            if isinstance(message, Address):
                raise OutletError("an address came among papers")
            papers.append(message)
        return papers

    def _connection(self, papers: list[Message], address: Address) -> None:
        """From connecting to the end, whatever it is."""
        place = Place.parse(address.tail)
        source = camera_source(place.camera, place.place)
        self._hand_over(papers)
        try:
            if address.prior:
                self._prior(source)
            if place.url:
                self._stream(demux.Demuxer.of_address(place.url, source, udp=bool(address.transport)), address)
            else:
                self._play(address, source)
        except demux.Unusable as unusable:
            self._end(unusable.status)

    def _prior(self, source: bytes) -> None:
        """The clip as a pass that is learnt from and not shown."""
        demuxer = demux.Demuxer(self._rewound(), source, 2)
        try:
            self._packets.message(demuxer.header())
            for packet in demuxer.packets():
                self._packets.message(packet)
        finally:
            demuxer.close()
        self._packets.message(PassEnd(0, Status.DONE))

    def _stream(self, demuxer: demux.Demuxer, address: Address) -> None:
        """One connection to a camera."""
        try:
            header = replace(demuxer.header(), time_base_num=1, time_base_den=TICKS_PER_S, passes=1)
            stamps = Stamps(demuxer.time_base)
            self._begin(header)
            for packet in demuxer.packets(live=True):
                ticks = stamps.stamp(None if packet.pts == NO_TIME else packet.pts, self._clock())
                self._hand_on(replace(packet, pts=ticks, dts=NO_TIME), address, header, stamps.anchored)
        finally:
            demuxer.close()

    def _play(self, address: Address, source: bytes) -> None:
        """A file as if it were a camera: paced by its own timestamps, again and again."""
        begun: StreamHeader | None = None
        next_s = self._clock()
        while True:
            start_s = max(next_s, self._clock())
            demuxer = demux.Demuxer(self._rewound(), source, 1)
            try:
                header = replace(demuxer.header(), time_base_num=1, time_base_den=TICKS_PER_S, passes=1)
                if begun is None:
                    begun = header
                    self._begin(header)
                for packet, at_s in paced(demuxer):
                    self._wait_until(start_s + at_s)
                    ticks = round((start_s + at_s) * TICKS_PER_S)
                    self._hand_on(replace(packet, pts=ticks, dts=NO_TIME), address, header, 1)
                    # The last picture is shown for as long as any other before the clip begins again.
                    next_s = max(next_s, start_s + at_s + float(1 / demuxer.rate))
            finally:
                demuxer.close()
            if next_s <= start_s:
                raise demux.Unusable(Status.NO_FRAMES)

    def _hand_on(self, packet: Packet, address: Address, header: StreamHeader, anchored: int) -> None:
        keyframe = packet.flags & KEYFRAME
        if keyframe and (papers := self._renewal()) is not None:
            self._packets.message(PassEnd(1, Status.DONE))
            self._hand_over(papers)
            self._begin(header)
        if address.keyframes and not keyframe:
            return
        self._packets.packet(packet)
        sent = self._sent
        octets = sent.octets + len(packet.tail)
        self._sent = IntakeHealth(sent.packets + 1, octets, self._packets.dropped, anchored)
        if (now := self._clock()) - self._said_s >= REPORT_S:
            self._said_s = now
            self._notes.send(self._sent)

    def _begin(self, header: StreamHeader) -> None:
        self._packets.message(header)
        self._notes.send(header)
        self._sent = IntakeHealth(0, 0, self._packets.dropped, 0)

    def _end(self, status: Status) -> None:
        end = PassEnd(1, status)
        self._packets.message(end)
        self._notes.send(end)

    def _renewal(self) -> list[Message] | None:
        if not self._poll.poll(0):
            return None
        papers = self._papers()
        if papers is None:
            raise Ended
        return papers

    def _hand_over(self, papers: list[Message]) -> None:
        for message in papers:
            self._packets.message(message)

    def _wait_until(self, due_s: float) -> None:
        while (left_s := due_s - self._clock() - AHEAD_S) > 0:
            self._packets.flush()
            time.sleep(min(left_s, LONGEST_SLEEP_S))

    def _rewound(self) -> IO[bytes]:
        if self._file is None:
            raise demux.Unusable(Status.UNREADABLE)
        self._file.seek(0)
        return self._file


def paced(demuxer: demux.Demuxer) -> Iterator[tuple[Packet, float]]:
    """A file's packets and when each picture is due, in seconds from the first."""
    step_s = float(1 / demuxer.rate)
    first: float | None = None
    at_s = -step_s
    for packet in demuxer.packets():
        ticks = packet.pts if packet.pts != NO_TIME else packet.dts
        if ticks == NO_TIME:
            at_s += step_s
        else:
            own_s = float(ticks * demuxer.time_base)
            first = own_s if first is None else first
            at_s = max(0.0, own_s - first)
        yield packet, at_s
