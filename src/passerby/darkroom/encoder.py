"""Output planes to coded pictures: H.264 for video, JPEG or PNG for pictures. Carries no metadata of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

import av
import av.error
import numpy as np

from passerby.base.errors import DarkroomError
from passerby.darkroom._frames import Plane, RawPlanes
from passerby.outlet.messages import Codec, RedactedPacket, Stream, StreamStart

KEYFRAME_S = 2.0
LARGEST_TIME_BASE = 2**31 - 1
JPEG_RANGE, MPEG_RANGE = 2, 1
NAL_SEI = 6
FILE_OPTIONS = {"preset": "superfast", "crf": "23", "tune": "fastdecode"}
# Of a picture that hardly moves the fastest preset makes as few bytes, in two thirds of the time.
LIVE_OPTIONS = {"preset": "ultrafast", "crf": "23", "tune": "fastdecode,zerolatency", "x264-params": "8x8dct=1"}


class Encoder(Protocol):
    """Codes one redacted stream."""

    def start(self) -> StreamStart:
        """What a muxer must know."""
        ...

    def encode(self, planes: RawPlanes, pts: int) -> Iterator[RedactedPacket]:
        """The packets that come out once a picture has gone in. ``pts`` in the source's time base."""
        ...

    def finish(self) -> Iterator[RedactedPacket]:
        """The packets still inside."""
        ...


def time_scale(time_base: Fraction) -> tuple[Fraction, Fraction]:
    """A time base that MP4 can hold exactly (1/n), and what to multiply timestamps by to get there.

    Where n would not fit, microseconds: then timestamps are rounded.
    """
    if time_base.denominator <= LARGEST_TIME_BASE:
        return Fraction(1, time_base.denominator), Fraction(time_base.numerator)
    return Fraction(1, 1_000_000), time_base * 1_000_000


class VideoEncoder:
    """H.264 by libx264.

    Args:
        size: Width and height; odd ones are padded by one.
        time_base: The source's time base.
        rate: Nominal frame rate, for rate control only.
        full_range: Luma uses 0–255.
        stream: Which stream the packets belong to.
        threads: Threads for encoding.
        live: Each picture comes out at once.
    """

    def __init__(
        self,
        size: tuple[int, int],
        time_base: Fraction,
        rate: Fraction,
        *,
        full_range: bool,
        stream: Stream,
        threads: int,
        live: bool = False,
    ) -> None:
        self._size = (size[0] + size[0] % 2, size[1] + size[1] % 2)
        self._padded = self._size != size
        self._stream = stream
        self._time_base, self._factor = time_scale(time_base)
        self._last: int | None = None
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = self._size
        context.pix_fmt = "yuv420p"
        context.time_base = self._time_base
        context.framerate = rate
        context.gop_size = max(1, round(KEYFRAME_S * rate))
        context.max_b_frames = 0
        context.thread_count = threads
        context.color_range = JPEG_RANGE if full_range else MPEG_RANGE
        context.flags |= av.codec.context.Flags.global_header
        context.options = LIVE_OPTIONS if live else FILE_OPTIONS
        self._context = context
        self._frame = av.VideoFrame(*self._size, "yuv420p")
        self._into = [_writable(self._frame, index) for index in range(3)]

    def start(self) -> StreamStart:
        """Opens the encoder; its parameter sets go ahead of the packets."""
        self._context.open()
        header = without_sei(self._context.extradata or b"")
        base = self._time_base
        return StreamStart(
            self._stream, Codec.H264, *self._size, base.numerator, base.denominator, int(self._padded), header
        )

    def encode(self, planes: RawPlanes, pts: int) -> Iterator[RedactedPacket]:
        """Codes one picture."""
        for target, source in zip(self._into, (planes.y, planes.u, planes.v), strict=True):
            np.copyto(target, source[: target.shape[0], : target.shape[1]])
        scaled = int(pts * self._factor)
        if self._last is not None and scaled <= self._last:
            scaled = self._last + 1
        self._last = scaled
        self._frame.pts, self._frame.time_base = scaled, self._time_base
        yield from self._packets(self._context.encode(self._frame))

    def finish(self) -> Iterator[RedactedPacket]:
        """Whatever the encoder still holds."""
        yield from self._packets(self._context.encode(None))

    def _packets(self, packets: list[av.Packet[av.VideoStream]]) -> Iterator[RedactedPacket]:
        for packet in packets:
            if packet.pts is None or packet.dts is None:
                raise DarkroomError("the encoder lost a timestamp")
            data = without_sei(bytes(packet))
            yield RedactedPacket(
                self._stream, int(packet.is_keyframe), packet.pts, packet.dts, packet.duration or 0, data
            )


class PictureEncoder:
    """One JPEG or PNG.

    Args:
        codec: JPEG or PNG.
        size: Width and height, odd ones as they are.
        full_range: Luma uses 0–255.
    """

    QUALITY = 2

    def __init__(self, codec: Codec, size: tuple[int, int], *, full_range: bool) -> None:
        self._codec = codec
        self._size = size
        self._full_range = full_range

    def start(self) -> StreamStart:
        """Pictures need no header of their own."""
        return StreamStart(Stream.REDACTED, self._codec, *self._size, 1, 25, 0, b"")

    def encode(self, planes: RawPlanes, pts: int) -> Iterator[RedactedPacket]:
        """Codes the picture."""
        del pts  # a picture has no time
        frame = av.VideoFrame(*self._size, "yuv420p")
        for index, source in enumerate((planes.y, planes.u, planes.v)):
            target = _writable(frame, index)
            np.copyto(target, source[: target.shape[0], : target.shape[1]])
        frame.color_range = JPEG_RANGE if self._full_range else MPEG_RANGE
        name, pixels = ("mjpeg", "yuvj420p") if self._codec is Codec.JPEG else ("png", "rgb24")
        ranges = {"src_color_range": "JPEG" if self._full_range else "MPEG", "dst_color_range": "JPEG"}
        frame = frame.reformat(format=pixels, **ranges)  # type: ignore[arg-type]
        context = av.CodecContext.create(name, "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height, context.pix_fmt = *self._size, pixels
        context.time_base = Fraction(1, 25)
        context.color_range = JPEG_RANGE
        context.flags |= av.codec.context.Flags.bitexact
        if self._codec is Codec.JPEG:
            context.flags |= av.codec.context.Flags.qscale
            context.qmin, context.qmax = self.QUALITY, self.QUALITY
        frame.pts = 0
        for packet in [*context.encode(frame), *context.encode(None)]:
            yield RedactedPacket(Stream.REDACTED, 1, 0, 0, 0, bytes(packet))

    def finish(self) -> Iterator[RedactedPacket]:
        """Nothing is kept back."""
        return iter(())


def _writable(frame: av.VideoFrame, index: int) -> Plane:
    """A view of a frame's plane, of the picture's own width."""
    plane = frame.planes[index]
    lines = np.frombuffer(memoryview(plane), np.uint8)[: plane.height * plane.line_size].reshape(
        plane.height, plane.line_size
    )
    view: Plane = lines[:, : plane.width]
    return view


def without_sei(data: bytes) -> bytes:
    """An Annex B byte stream without its SEI units: x264 puts its settings there (ITU-T H.264, 7.4.1).

    Payload bytes can't look like a start code, so splitting at start codes is exact.
    """
    if b"\x00\x00\x01" not in data or not _has_sei(data):
        return data
    out = bytearray()
    for unit in data.split(b"\x00\x00\x01")[1:]:
        body = unit.rstrip(b"\x00") if unit else unit
        if body and body[0] & 0x1F != NAL_SEI:
            out += b"\x00\x00\x00\x01" + body
    return bytes(out)


def _has_sei(data: bytes) -> bool:
    start = data.find(b"\x00\x00\x01")
    while start >= 0:
        if len(data) > start + 3 and data[start + 3] & 0x1F == NAL_SEI:
            return True
        start = data.find(b"\x00\x00\x01", start + 3)
    return False
