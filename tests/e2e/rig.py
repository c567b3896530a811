"""Intake and decode without their walls, in this process: for many inputs in little time.

The real classes run. What would cross a pipe is packed and unpacked, so that the rules of the outlet and the checks of
the hide process's bell hold here as they do there.
"""

from __future__ import annotations

import io
import time
from collections import deque
from dataclasses import dataclass, field

from passerby.base.build import build_hash
from passerby.charter.permit import Claims, local_permit
from passerby.darkroom._frames import Record, Ring, What
from passerby.darkroom.decode_process import DecodeProcess
from passerby.darkroom.door import FileDoor
from passerby.darkroom.ring_file import create_ring
from passerby.darkroom.weights import listed_hashes
from passerby.intake.process import FileIntake
from passerby.outlet.messages import FRAME_HEADER, Message, Permit, Status

ANALYSES = frozenset({"redact"})


class Pipe:
    """A pipe's two ends in one: sender and receiver."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque()

    def send(self, message: Message) -> None:
        self.messages.append(type(message).unpack(message.pack()[FRAME_HEADER.size :]))

    def receive(self) -> Message | None:
        return self.messages.popleft() if self.messages else None


@dataclass
class Passed:
    """What the hide process would have got: the records of the last pass, and how it ended."""

    frames: list[Record] = field(default_factory=list)
    end: Record | None = None
    header: Message | None = None

    @property
    def status(self) -> Status:
        assert self.end is not None
        return Status(self.end.status)

    @property
    def times(self) -> list[int]:
        return [record.pts for record in self.frames]


class Rig:
    """Intake and decode for file after file."""

    def __init__(self, threads: int = 2) -> None:
        writable, readable = create_ring()
        self._ring = Ring(writable, writable=True)
        self._seen = Ring(readable, writable=False)
        self._threads = threads
        self._build, self._models = build_hash(), listed_hashes()

    def _claims(self, source: bytes) -> Claims:
        return Claims(source, ANALYSES, self._models, self._build, time.time())

    def read(self, data: bytes, passes: int = 1) -> Pipe:
        """What intake sends for a file."""
        packets, notes = Pipe(), Pipe()
        intake = FileIntake(io.BytesIO(data), passes, packets, notes, lambda permit, source: True)  # type: ignore[arg-type]
        import hashlib

        intake.run(Permit(0, local_permit(self._claims(hashlib.sha256(data).digest()))))
        return packets

    def decode(self, packets: Pipe) -> Passed:
        """What decode makes of it."""
        passed = Passed()

        def ring_bell(record: Record) -> None:
            record = Record.unpack(record.pack())
            if record.what == What.FRAME:
                planes = self._seen.planes(record.slot, record.width, record.height)
                assert planes.y.shape[0] >= record.height
                passed.frames.append(record)
            elif record.what == What.PASS_END:
                passed.end = record
                if not record.flags & Record.LAST_PASS:
                    passed.frames.clear()

        process = DecodeProcess(
            packets,  # type: ignore[arg-type]
            self._ring,
            ring_bell,
            lambda: 0,
            FileDoor(self._claims),
            self._threads,
            "video",
            time.monotonic,
        )
        process.run()
        return passed

    def run(self, data: bytes, passes: int = 1) -> Passed:
        """Both."""
        return self.decode(self.read(data, passes))
