"""Seals originals inside the darkroom: raw pictures in, ciphertext out. The key is made here and known nowhere else.

What is sealed is coded anew, by our own encoder, from the planes that are hidden. So the process that parses what a
camera sent still has no outlet but planes; what the camera put into its stream (captions, metadata, sound) is not kept;
and who unseals decodes what our encoder made.

A file is of one hour, one permit and one process. It begins when the station has given its salt and slot share, goes on
over connections, and ends with the hour or the permit. Without a share nothing is sealed, and nothing waits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from passerby.archive import seal
from passerby.archive.boxes import DISCONTINUITY, FIRST_OF_SEGMENT, KEYFRAME
from passerby.archive.entries import US
from passerby.archive.keys.cipher import END, INIT, PART, Cipher
from passerby.archive.keys.names import EpochId, Kind
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.door import Sealing
from passerby.darkroom.encoder import VideoEncoder
from passerby.outlet.messages import RedactedPacket, SealedPacket, SealUnder, Stream

PART_US = US // 2
# Time between two pictures from which on the second begins anew, so that nobody has to guess what was between.
GAP_US = 2 * US
# What was given and is not used yet: the present one, and the next hour's.
MOST_GIVEN = 2


@dataclass(slots=True)
class _File:
    """The file that is being sealed into."""

    under: SealUnder
    terms: Sealing
    cipher: Cipher
    sent: int = 0
    inits: int = 0


@dataclass(slots=True)
class _Stream:
    """What is coded now: pictures of one size and time base, without a gap."""

    encoder: VideoEncoder
    about: tuple[object, ...]
    packets: list[RedactedPacket] = field(default_factory=list)
    times_us: list[int] = field(default_factory=list)
    last_us: int = 0
    step_us: int = US // 25
    begun: bool = False


class Sealer:
    """Seals one camera's pictures.

    Args:
        emit: Sends a message, through the door.
        threads: For encoding.
        randomness: Gives so many random bytes.
    """

    def __init__(
        self, emit: Callable[[SealedPacket], None], threads: int, randomness: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._emit, self._threads, self._randomness = emit, threads, randomness
        self._mutex = threading.Lock()
        self._given: list[SealUnder] = []
        self._file: _File | None = None
        self._stream: _Stream | None = None

    def give(self, under: SealUnder) -> None:
        """The station has a file ready. Called by the thread that listens to it."""
        with self._mutex:
            self._given = [*self._given, under][-MOST_GIVEN:]

    def picture(self, planes: RawPlanes, record: Record, terms: Sealing | None) -> bool:
        """One raw picture; whether it was sealed.

        Args:
            planes: Of the picture.
            record: What the decode process says of it; it counts the machine's steady clock.
            terms: For whom; None where nothing may be sealed now.
        """
        base = Fraction(record.time_base_num, record.time_base_den)
        steady_us = int(record.pts * base * US)
        file = self._file_at(steady_us, terms)
        if file is None:
            return False
        at_us = steady_us + file.under.anchor_us
        about = (record.width, record.height, base, record.full_range)
        stream = self._stream
        if stream is None or stream.about != about or not 0 < at_us - stream.last_us <= GAP_US:
            stream = self._begin_stream(file, record, about)
        stream.step_us = at_us - stream.last_us if stream.last_us else stream.step_us
        stream.last_us = at_us
        for packet in stream.encoder.encode(planes, record.pts):
            self._add(file, stream, packet, at_us)
        return True

    def end_item(self) -> None:
        """A connection is over: what was begun of it is sent, and the next begins anew. The file stays."""
        if self._file is not None and self._stream is not None:
            self._flush(self._file, self._stream, self._stream.last_us + self._stream.step_us)
        self._stream = None

    def end(self) -> None:
        """The file is over."""
        self.end_item()
        file, self._file = self._file, None
        if file is not None:
            self._send(file, END, 0, 0, 0, b"")

    def _file_at(self, steady_us: int, terms: Sealing | None) -> _File | None:
        file, under = self._file, self._newest(steady_us, terms)
        if under is None and file is not None and terms == file.terms and _covers(file.under, steady_us):
            return file
        self.end()
        if under is not None and terms is not None:
            self._file = self._begin_file(under, terms)
        return self._file

    def _newest(self, steady_us: int, terms: Sealing | None) -> SealUnder | None:
        """What was given last for now, once: whoever gives another has no use for the one before."""
        with self._mutex:
            fits = [u for u in self._given if terms and u.permit == terms.terms.permit and _covers(u, steady_us)]
            self._given = [under for under in self._given if under not in fits]
        return fits[-1] if fits else None

    def _begin_file(self, under: SealUnder, terms: Sealing) -> _File:
        epoch = EpochId(terms.camera, under.period_us, under.length_us, Kind.SEALED.value)
        named = (terms.site, epoch, terms.terms)
        cipher = seal.new_file(under.share, under.salt, named, terms.officers, self._randomness)
        self._emit(SealedPacket(under.salt, 0, 1, cipher.header.pack()))
        return _File(under, terms, cipher)

    def _begin_stream(self, file: _File, record: Record, about: tuple[object, ...]) -> _Stream:
        self.end_item()
        rate = Fraction(record.rate_num, record.rate_den) if record.rate_num and record.rate_den else Fraction(25)
        encoder = VideoEncoder(
            (record.width, record.height),
            Fraction(record.time_base_num, record.time_base_den),
            min(max(rate, Fraction(1)), Fraction(120)).limit_denominator(1001),
            full_range=bool(record.full_range),
            stream=Stream.REDACTED,
            threads=self._threads,
            live=True,
        )
        self._send(file, INIT, 0, file.inits, 0, encoder.start().pack())
        file.inits += 1
        self._stream = _Stream(encoder, about)
        return self._stream

    def _add(self, file: _File, stream: _Stream, packet: RedactedPacket, at_us: int) -> None:
        if stream.packets and (packet.key or at_us - stream.times_us[0] >= PART_US):
            self._flush(file, stream, at_us)
        stream.packets.append(packet)
        stream.times_us.append(at_us)

    def _flush(self, file: _File, stream: _Stream, until_us: int) -> None:
        """What has gathered leaves as one chunk."""
        if not stream.packets:
            return
        first, from_us = bool(stream.packets[0].key), stream.times_us[0]
        flags = (FIRST_OF_SEGMENT | KEYFRAME) * first | DISCONTINUITY * (first and not stream.begun)
        clear = b"".join(packet.pack() for packet in stream.packets)
        stream.packets, stream.times_us, stream.begun = [], [], True
        self._send(file, PART, flags, from_us, max(0, until_us - from_us), clear)

    def _send(self, file: _File, kind: int, flags: int, start_us: int, duration_us: int, clear: bytes) -> None:
        chunk = file.cipher.seal(kind, flags, start_us, duration_us, clear)
        file.sent += 1
        self._emit(SealedPacket(file.under.salt, file.sent, int(kind != PART or bool(flags & KEYFRAME)), chunk))


def _covers(under: SealUnder, steady_us: int) -> bool:
    return under.period_us <= steady_us + under.anchor_us < under.period_us + under.length_us
