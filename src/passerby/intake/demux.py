"""Containers to packets. The only place outside the darkroom and the muxer that knows PyAV; opens no decoder.

FFmpeg's stream analysis would open decoders to learn a stream's pixel format. A codec whitelist that names none keeps
it from doing so; what it then can't know, the darkroom finds out.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av
import av.error
import av.logging
import av.subtitles.stream

from passerby.outlet.messages import NO_TIME, Packet, Status, StreamHeader, codec_name

# Containers of cameras and their exports. Every format more is attack surface, and playlists name other files.
FORMATS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mxf", "ivf"),
    *("h264", "hevc", "av1", "obu", "m4v", "mpegvideo", "h263", "vc1", "mjpeg", "jpeg_pipe", "png_pipe"),
)
OPTIONS = {"codec_whitelist": "none", "format_whitelist": ",".join(FORMATS), "protocol_whitelist": "none"}
MAX_U32 = 2**32 - 1
# Signs of (a, b, c, d) in a display matrix to EXIF orientation.
ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


class Unusable(Exception):
    """The source is no video that can be read; ``status`` says why."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


def quiet() -> None:
    """FFmpeg prints nothing: its words may quote what strangers sent."""
    av.logging.set_level(None)
    av.logging.set_libav_level(av.logging.PANIC)


def warm_up() -> None:
    """Read a made-up container once, so that nothing has to be imported behind the lock."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as out:
        stream = out.add_mux_stream("mjpeg", rate=25, width=16, height=16)
        packet = av.Packet(b"\xff\xd8\xff\xd9")
        packet.stream, packet.pts, packet.dts, packet.time_base = stream, 0, 0, Fraction(1, 1000)
        out.mux_one(packet)
    memory.seek(0)
    demuxer = Demuxer(memory, bytes(32), 1)
    demuxer.header()
    list(demuxer.packets())
    demuxer.close()


class Demuxer:
    """One reading of a container.

    Args:
        file: Open for reading and seeking, at its start.
        source: SHA-256 of the source, to pass on.
        passes: How often it will be read.

    Raises:
        Unusable: It can't be parsed or has no video.
    """

    def __init__(self, file: IO[bytes], source: bytes, passes: int) -> None:
        try:
            self._container = av.open(file, "r", options=dict(OPTIONS), metadata_errors="ignore")
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise Unusable(Status.UNREADABLE) from error
        streams = [s for s in self._container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not streams:
            known = len(self._container.streams)
            self._container.close()
            # A container whose index is cut off or empty has no streams of any kind.
            raise Unusable(Status.NO_VIDEO if known else Status.UNREADABLE)
        self._stream = streams[0]
        self._source = source
        self._passes = passes

    def header(self) -> StreamHeader:
        """What the container says of its video.

        Raises:
            Unusable: The video is of a kind that nothing here could decode.
        """
        stream, context = self._stream, self._stream.codec_context
        if context is None or stream.time_base is None:
            raise Unusable(Status.NO_DECODER)
        base, rate = stream.time_base, stream.average_rate or Fraction(0)
        extradata = context.extradata or b""
        if len(extradata) > StreamHeader.max_tail:
            raise Unusable(Status.OVER_LIMIT)
        return StreamHeader(
            codec_name(context.name),
            _u32(context.width),
            _u32(context.height),
            _u32(base.numerator),
            _u32(base.denominator),
            _u32(rate.numerator),
            _u32(rate.denominator),
            orientation_of(stream),
            self._passes,
            self._duration_s(),
            self._source,
            extradata,
        )

    def packets(self) -> Iterator[Packet]:
        """The video's packets, as far as the container can be read.

        Raises:
            Unusable: A packet is larger than a darkroom takes.
        """
        demuxed = self._container.demux(self._stream)
        while True:
            try:
                packet = next(demuxed)
            except (StopIteration, av.error.FFmpegError, ValueError, OSError):
                return
            if packet.size > Packet.max_tail:
                raise Unusable(Status.OVER_LIMIT)
            if packet.size:
                yield Packet(
                    NO_TIME if packet.pts is None else packet.pts,
                    NO_TIME if packet.dts is None else packet.dts,
                    int(packet.is_keyframe) | int(packet.is_discard) << 1,
                    bytes(packet),
                )

    def close(self) -> None:
        """Done with this reading."""
        self._container.close()

    def _duration_s(self) -> float:
        stream = self._stream
        if stream.duration and stream.time_base:
            return max(0.0, float(stream.duration * stream.time_base))
        return max(0.0, (self._container.duration or 0) / av.time_base)


def orientation_of(stream: av.VideoStream) -> int:
    """How to turn the picture, as EXIF's 1–8.

    The demuxer knows the display matrix but hands it only to decoders and muxers. So a muxer writes a header for the
    stream into memory, and the matrix is read from there (ISO/IEC 14496-12, track header box).
    """
    memory = io.BytesIO()
    try:
        with av.open(memory, "w", format="mov", options={"movflags": "empty_moov+frag_keyframe"}) as out:
            out.add_stream_from_template(stream, opaque=True)
            out.start_encoding()
            data = memory.getvalue()
    except (av.error.FFmpegError, ValueError):
        return 1
    at = data.find(b"tkhd")
    if at < 0 or at + 8 + 32 + 16 + 36 > len(data):
        return 1
    matrix = struct.unpack_from(">9i", data, at + 8 + (32 if data[at + 4] == 1 else 20) + 16)
    a, b, c, d = (0 if abs(m) < 0x8000 else (1 if m > 0 else -1) for m in (*matrix[0:2], *matrix[3:5]))
    return ORIENTATIONS.get((a, b, c, d), 1)


def _u32(value: int | None) -> int:
    return min(max(0, value or 0), MAX_U32)
