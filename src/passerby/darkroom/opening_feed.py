"""Ciphertext in, packets for the decode process out. What is opened here is never parsed here.

Each beginning of a stream in a file is an item of its own for the decode process. Times are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from passerby.archive.boxes import FIRST_OF_SEGMENT
from passerby.archive.entries import US
from passerby.archive.keys.cipher import END, INIT, parse_head
from passerby.base.errors import OutletError
from passerby.darkroom.opening import Opened
from passerby.outlet.messages import (
    FRAME_HEADER,
    MAGIC,
    Chunk,
    Message,
    Packet,
    PassEnd,
    RedactedPacket,
    Status,
    StreamHeader,
    StreamStart,
    codec_name,
)

KEY = 1
RATE = 25


class Feed:
    """Opens chunks and hands packets on.

    Args:
        opened: What may be opened.
        send: Towards the decode process.
    """

    def __init__(self, opened: Opened, send: Callable[[Message], None]) -> None:
        self._opened, self._send = opened, send
        self._start: StreamStart | None = None
        self._file = -1
        self._number: int | None = None
        self._begun = False

    def chunk(self, chunk: Chunk) -> None:
        """The next chunk.

        Raises:
            OutletError: It is of no file that was named, or holds what a darkroom never sealed.
            Altered: It is not what was sealed for this place.
        """
        head = parse_head(chunk.tail)
        if not 0 <= chunk.file < len(self._opened.ciphers) or head is None or head.stored != len(chunk.tail):
            raise OutletError("a chunk is none, or of a file that nobody named")
        clear = self._opened.ciphers[chunk.file].open(head, chunk.tail)
        if head.kind == INIT:
            self._end_item()
            start, *more = _messages(clear, StreamStart)
            if more or not isinstance(start, StreamStart):
                raise OutletError("what was sealed has two beginnings at once")
            self._start, self._file, self._number = start, chunk.file, None
        elif head.kind != END and self._start is not None and chunk.file == self._file:
            follows = self._number is not None and head.number == self._number + 1
            if not follows and not head.flags & FIRST_OF_SEGMENT:
                raise OutletError("a chunk is missing before this one")
            self._number = head.number
            self._part(head.start_us, [m for m in _messages(clear, RedactedPacket) if isinstance(m, RedactedPacket)])

    def end(self) -> None:
        """There is nothing more."""
        self._end_item()

    def _part(self, start_us: int, packets: list[RedactedPacket]) -> None:
        start = self._start
        assert start is not None
        if not self._begun:
            self._begun = True
            self._send(self._opened.permit)
            self._send(_header(start, bytes.fromhex(self._opened.asking.hash)))
        base = Fraction(start.time_base_num, start.time_base_den) * US
        for packet in packets:
            pts = start_us + int((packet.pts - packets[0].pts) * base)
            self._send(Packet(pts, pts, KEY * bool(packet.key), packet.tail))

    def _end_item(self) -> None:
        if self._begun:
            self._begun = False
            self._send(PassEnd(1, Status.DONE))


def _header(start: StreamStart, source: bytes) -> StreamHeader:
    """For the decoder; extradata are our encoder's own parameter sets."""
    return StreamHeader(
        codec_name("h264"), start.width, start.height, 1, US, RATE, 1, 1, 1, 0.0, source, start.tail
    )  # fmt: skip


def _messages(clear: bytes, kind: type[Message]) -> list[Message]:
    """What a darkroom sealed: whole messages of one kind.

    Raises:
        OutletError: It is something else.
    """
    found, at = list[Message](), 0
    while at < len(clear):
        if at + FRAME_HEADER.size > len(clear):
            raise OutletError("what was sealed is cut short")
        magic, number, _, length = FRAME_HEADER.unpack_from(clear, at)
        at += FRAME_HEADER.size
        if (magic, number) != (MAGIC, kind.kind) or at + length > len(clear):
            raise OutletError("what was sealed is no picture of a darkroom")
        found.append(kind.unpack(clear[at : at + length]))
        at += length
    if not found:
        raise OutletError("what was sealed is empty")
    return found
