"""The intake process: reads one source and hands its packets to the darkroom. Opens nothing itself."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from typing import IO

from passerby.base.build import build_hash
from passerby.base.errors import OutletError
from passerby.charter.permit import Claims, Verdict, judge
from passerby.intake import demux, picture
from passerby.intake.live import LiveIntake
from passerby.intake.outbox import Outbox
from passerby.lock.child import LOG_FD, Child
from passerby.lock.seccomp import Profile
from passerby.outlet.messages import (
    NO_TIME,
    PAPERS,
    Address,
    Packet,
    PassEnd,
    Permit,
    Picture,
    Status,
    StreamHeader,
    codec_name,
)
from passerby.outlet.pipe import Receiver, Sender

CONTROL_IN, PACKETS_OUT = 0, 1
CHUNK = 1 << 20
PICTURE_RATE = (1, 25)

Granted = Callable[[Permit, bytes], bool]


class FileIntake:
    """Reads one video file as often as asked.

    Args:
        file: The source, open for reading.
        passes: How often to read it.
        packets: Towards the darkroom.
        notes: Towards the supervisor: the header, or why there is none.
        granted: Does a permit cover a source of this hash?
    """

    def __init__(self, file: IO[bytes], passes: int, packets: Sender, notes: Sender, granted: Granted) -> None:
        self._file = file
        self._passes = passes
        self._packets = packets
        self._notes = notes
        self._granted = granted

    def run(self, permit: Permit) -> None:
        """All passes."""
        self._packets.send(permit)
        source = self._hash()
        if not self._granted(permit, source):
            self._fail(Status.PERMIT_REFUSED)
            return
        for index in range(self._passes):
            try:
                self._read(source, first=index == 0, last=index == self._passes - 1)
            except demux.Unusable as unusable:
                self._fail(unusable.status)
                return

    def _read(self, source: bytes, *, first: bool, last: bool) -> None:
        self._file.seek(0)
        demuxer = demux.Demuxer(self._file, source, self._passes)
        try:
            if first:
                header = demuxer.header()
                self._packets.send(header)
                self._notes.send(header)
            for packet in demuxer.packets():
                self._packets.send(packet)
        finally:
            demuxer.close()
        self._packets.send(PassEnd(int(last), Status.DONE))

    def _fail(self, status: Status) -> None:
        end = PassEnd(1, status)
        self._packets.send(end)
        self._notes.send(end)

    def _hash(self) -> bytes:
        total = hashlib.sha256()
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            total.update(chunk)
        return total.digest()


def picture_items(control: Receiver, packets: Sender, granted: Granted) -> None:
    """Pictures, one after the other, each after its permit, until the supervisor closes the pipe."""
    while (permit := control.receive()) is not None:
        item = control.receive()
        if not isinstance(permit, Permit) or not isinstance(item, Picture):
            raise OutletError("a picture must follow its permit")
        packets.send(permit)
        source = hashlib.sha256(item.tail).digest()
        about = picture.facts(item.tail)
        if not granted(permit, source):
            packets.send(PassEnd(1, Status.PERMIT_REFUSED))
        elif about is None:
            packets.send(PassEnd(1, Status.UNREADABLE))
        else:
            packets.send(
                StreamHeader(
                    codec_name(about.codec),
                    about.width,
                    about.height,
                    *PICTURE_RATE,
                    25,
                    1,
                    about.orientation,
                    1,
                    0.0,
                    source,
                    b"",
                )
            )
            packets.send(Packet(0, NO_TIME, 1, item.tail))
            packets.send(PassEnd(1, Status.DONE))


def serve_camera(child: Child) -> None:
    """Lock, then connect to one camera as often as the supervisor says. Its permit is judged in the darkroom."""
    notes, source = child.settings.fds["notes"], child.settings.fds.get("source")
    os.set_blocking(PACKETS_OUT, False)
    file = None if source is None else os.fdopen(source, "rb", buffering=0)
    child.before_threads()
    child.before_first_packet(
        Profile(
            "intake-camera",
            read_fds=(CONTROL_IN, *(() if source is None else (source,))),
            write_fds=(PACKETS_OUT, notes, LOG_FD),
            seek_fds=() if source is None else (source,),
            allow_threads=bool(child.settings.ports),
            allow_poll=True,
            allow_ip=bool(child.settings.ports),
        )
    )
    control = Receiver(CONTROL_IN, (*PAPERS, Address))
    LiveIntake(control, CONTROL_IN, Outbox(PACKETS_OUT, os.write), Sender(notes), file, time.monotonic).run()


def run(child: Child) -> None:
    """Lock, then read."""
    settings = child.settings
    models: dict[str, str] = json.loads(settings.words["models"])
    analyses = frozenset(settings.words["analyses"].split(","))
    build = build_hash()
    control = Receiver(CONTROL_IN, (Permit, Picture))
    packets = Sender(PACKETS_OUT)

    def granted(permit: Permit, source: bytes) -> bool:
        return judge(permit.tail, Claims(source, analyses, models, build, time.time())) is Verdict.GRANTED

    hashlib.sha256(b"").digest()
    demux.quiet()
    demux.warm_up()
    if settings.words["source"] == "camera":
        serve_camera(child)
        return
    if settings.words["source"] == "pictures":
        child.before_threads()
        child.before_first_packet(
            Profile("intake", read_fds=(CONTROL_IN,), write_fds=(PACKETS_OUT, LOG_FD), allow_threads=False)
        )
        picture_items(control, packets, granted)
        return
    source, notes = settings.fds["source"], settings.fds["notes"]
    with os.fdopen(source, "rb", buffering=0) as file:
        child.before_threads()
        child.before_first_packet(
            Profile(
                "intake",
                read_fds=(CONTROL_IN, source),
                write_fds=(PACKETS_OUT, notes, LOG_FD),
                seek_fds=(source,),
                allow_threads=False,
            )
        )
        permit = control.receive()
        if not isinstance(permit, Permit):
            raise OutletError("a source must follow its permit")
        FileIntake(file, int(settings.words["passes"]), packets, Sender(notes), granted).run(permit)
