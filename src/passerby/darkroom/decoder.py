"""Coded packets to raw planes: the part of the darkroom that a hostile stream can reach.

Everything here runs in the decode process, which is locked before the first packet comes and can only write planes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, cast

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame

from passerby.darkroom._frames import Plane, RawPlanes
from passerby.darkroom.ring_file import MAX_PIXELS, MAX_SIDE
from passerby.darkroom.timeline import timeline_for
from passerby.outlet.messages import NO_TIME, Packet, Status, StreamHeader

# What cameras and cameras' exports use. Every codec more is attack surface.
CODECS = frozenset(
    {
        "h264",
        "hevc",
        "av1",
        "libdav1d",
        "vp8",
        "libvpx",
        "vp9",
        "libvpx-vp9",
        "mjpeg",
        "png",
        "mpeg1video",
        "mpeg2video",
        "mpeg4",
        "h263",
        "msmpeg4v2",
        "msmpeg4",
        "msmpeg4v3",
        "wmv1",
        "wmv2",
        "vc1",
        "prores",
        "dnxhd",
        "ffv1",
    }
)
# Of which each packet is a picture of its own.
INTRA = frozenset({"mjpeg", "png", "prores", "dnxhd"})
JPEG_RANGE = 2


class Decoded(NamedTuple):
    """One decoded picture in display orientation: planes still the decoder's, unpadded."""

    y: Plane
    u: Plane
    v: Plane
    pts: int
    full_range: bool
    damaged: bool
    resized: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.y.shape
        return width, height


class Refused(Exception):
    """The stream can't be decoded; ``status`` says why."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


class Decoder:
    """Decodes one pass of one stream.

    Args:
        header: What the container said. Only codec, extradata, time base and orientation are relied on.
        threads: Threads for decoding.
        alone: Packets are keyframes: each is a picture that needs no other. So are a codec's that knows no other kind.

    Raises:
        Refused: No decoder for this codec, or the header claims more than a darkroom takes.
    """

    def __init__(self, header: StreamHeader, threads: int, *, alone: bool = False) -> None:
        name = header.codec.rstrip(b"\0").decode("ascii", "replace")
        if header.width * header.height > MAX_PIXELS:
            raise Refused(Status.TOO_LARGE)
        if name not in CODECS:
            raise Refused(Status.NO_DECODER)
        context = av.CodecContext.create(name, "r")
        assert isinstance(context, av.VideoCodecContext)
        self._context = context
        self._context.extradata = header.tail or None
        self._context.options = {"max_pixels": str(MAX_PIXELS)}
        self._context.thread_count = threads
        # Never frame by frame: damaged HEVC then leaves FFmpeg's threads waiting for each other for ever, and pictures
        # that wait in other threads are lost when the last packet is damaged.
        self._context.thread_type = "SLICE"
        self._keyframes = alone
        self.alone = alone or name in INTRA
        if header.width and header.height:
            self._context.width, self._context.height = header.width, header.height
        self._time_base = Fraction(header.time_base_num, header.time_base_den)
        rate = Fraction(header.rate_num, header.rate_den) if header.rate_num and header.rate_den else None
        self._orientation = header.orientation
        self._timeline = timeline_for(rate, self._time_base)
        self._first_size: tuple[int, int] | None = None
        # Pictures that the container's edit list leaves out: decoded for others' sake, never shown.
        self._not_shown: set[int] = set()
        self._reformatter = av.video.reformatter.VideoReformatter()
        self.damaged = 0
        self.resized = 0
        self.decode_ns = 0

    @property
    def repaired_times(self) -> int:
        """Timestamps that had to be changed so far."""
        return self._timeline.repaired

    @property
    def claimed_pixels(self) -> int:
        """How many pixels the stream says its pictures have."""
        return (self._context.width or 0) * (self._context.height or 0)

    def feed(self, packet: Packet | None) -> Iterator[Decoded]:
        """The pictures that come out once ``packet`` (or the end of the stream: None) has gone in.

        Raises:
            Refused: The first picture is larger than a darkroom takes.
        """
        started = time.perf_counter_ns()
        frames = self._decode(packet)
        self.decode_ns += time.perf_counter_ns() - started
        for frame in frames:
            started = time.perf_counter_ns()
            picture = self._picture(frame)
            self.decode_ns += time.perf_counter_ns() - started
            yield picture

    def _decode(self, packet: Packet | None) -> list[VideoFrame]:
        coded = None
        if packet is not None:
            if not packet.tail:
                return []
            coded = cast("av.Packet[av.VideoStream]", av.Packet(packet.tail))
            coded.time_base = self._time_base
            coded.pts = None if packet.pts == NO_TIME else packet.pts
            coded.dts = None if packet.dts == NO_TIME else packet.dts
            coded.is_keyframe = bool(packet.flags & 1)
            if packet.flags & 2:
                self._not_shown.add(packet.pts)
        try:
            frames = self._context.decode(coded)
            if self._keyframes and coded is not None:
                # A decoder that reorders would hold each back until two more have come, seconds later.
                try:
                    frames += self._context.decode(None)
                finally:
                    self._context.flush_buffers()
        except (av.error.FFmpegError, ValueError):
            # A damaged packet costs its own pictures only; the decoder goes on with the next.
            self.damaged += 1
            return []
        return [frame for frame in frames if frame.pts not in self._not_shown]

    def _picture(self, frame: VideoFrame) -> Decoded:
        size = (frame.width, frame.height)
        if self._first_size is None:
            if max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS:
                raise Refused(Status.TOO_LARGE)
            self._first_size = size
        resized = size != self._first_size
        full_range = frame.color_range == JPEG_RANGE or frame.format.name.startswith("yuvj") or frame.format.is_rgb
        pts, damaged = self._timeline.next(frame.pts), bool(frame.is_corrupt)
        planes = self._letterboxed(frame, full_range) if resized else _views(self._planar(frame, size, full_range))
        self.resized += resized
        turned = [turn(plane, self._orientation) for plane in planes]
        return Decoded(turned[0], turned[1], turned[2], pts, full_range, damaged, resized)

    def _planar(self, frame: VideoFrame, size: tuple[int, int], full_range: bool) -> VideoFrame:
        """The frame as 8-bit 4:2:0 of this size. Untouched where it is that already."""
        if frame.format.name in ("yuv420p", "yuvj420p") and size == (frame.width, frame.height):
            return frame
        target = "JPEG" if full_range else "MPEG"
        source = target if not frame.format.is_rgb else None
        return self._reformatter.reformat(
            frame, size[0], size[1], "yuv420p", src_color_range=source, dst_color_range=target
        )

    def _letterboxed(self, frame: VideoFrame, full_range: bool) -> list[Plane]:
        """A frame of another size, scaled into the first one's size, black around it."""
        assert self._first_size is not None
        width, height = self._first_size
        scale = min(width / frame.width, height / frame.height)
        w, h = max(2, int(frame.width * scale) // 2 * 2), max(2, int(frame.height * scale) // 2 * 2)
        w, h = min(w, width), min(h, height)
        out = []
        small = _views(self._planar(frame, (w, h), full_range))
        for index, plane in enumerate(small):
            shape = (height, width) if index == 0 else (-(-height // 2), -(-width // 2))
            canvas = np.full(shape, (0 if full_range else 16) if index == 0 else 128, np.uint8)
            top, left = (shape[0] - plane.shape[0]) // 2, (shape[1] - plane.shape[1]) // 2
            canvas[top : top + plane.shape[0], left : left + plane.shape[1]] = plane
            out.append(canvas)
        return out


def _views(frame: VideoFrame) -> list[Plane]:
    """The three planes of an 8-bit 4:2:0 frame, without copying."""
    out = []
    for index, plane in enumerate(frame.planes[:3]):
        height = frame.height if index == 0 else -(-frame.height // 2)
        width = frame.width if index == 0 else -(-frame.width // 2)
        lines = np.frombuffer(memoryview(plane), np.uint8)[: height * plane.line_size].reshape(height, plane.line_size)
        out.append(lines[:, :width])
    return out


def turn(plane: Plane, orientation: int) -> Plane:
    """A view of the plane in display orientation. ``orientation`` is EXIF's 1–8 (CIPA DC-008, tag 0x0112)."""
    if orientation >= 5:
        plane = plane.T
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    return plane[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def copy_padded(picture: Decoded, into: RawPlanes) -> None:
    """Copy a picture into a slot; the padding repeats the last row and column."""
    for source, target in zip((picture.y, picture.u, picture.v), (into.y, into.u, into.v), strict=True):
        height, width = source.shape
        target[:height, :width] = source
        target[:height, width:] = target[:height, width - 1 : width]
        target[height:] = target[height - 1]
