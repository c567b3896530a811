"""Containers to packets. The only place outside the darkroom and the muxer that knows PyAV; opens no decoder.

FFmpeg's stream analysis would open decoders to learn a stream's pixel format. A codec whitelist that names none keeps
it from doing so; what it then can't know, the darkroom finds out.
"""

from __future__ import annotations

import errno
import io
import struct
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av
import av.container
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
# For cameras: RTSP over TCP or UDP to the address given, nothing that leads elsewhere, no decoder. A stream is looked
# at shortly and then taken as it is: parameter sets are in its description, or come with its first keyframe.
LIVE_OPTIONS = {
    "codec_whitelist": "none",
    "format_whitelist": "rtsp",
    "protocol_whitelist": "rtsp,rtp,tcp,udp",
    "analyzeduration": "300000",
    "probesize": "500000",
    "buffer_size": "1048576",
    "allowed_media_types": "video",
}
OPEN_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 2.0
DEFAULT_RATE = Fraction(25)
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


def why_lost(error: Exception) -> Status:
    """What an error of a connection to a camera means."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return Status.UNAUTHORISED
        case av.error.HTTPClientError():
            return Status.NOT_FOUND
        case ConnectionRefusedError():
            return Status.REFUSED
        case av.error.ExitError() | TimeoutError():
            return Status.TIMED_OUT
        case av.error.EOFError() | ConnectionError():
            return Status.ENDED
        case OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH | errno.EACCES):
            return Status.UNREACHABLE
        case _:
            return Status.UNREADABLE


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
            container = av.open(file, "r", options=dict(OPTIONS), metadata_errors="ignore")
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise Unusable(Status.UNREADABLE) from error
        self._take(container, source, passes)

    @classmethod
    def of_address(cls, url: str, source: bytes, *, udp: bool) -> Demuxer:
        """A connection to a camera.

        Args:
            url: ``rtsp://``, with a numeric address: names are looked up elsewhere. Credentials in it are used.
            source: As for a file.
            udp: Ask for datagrams instead of TCP.

        Raises:
            Unusable: Why there is none.
        """
        transport = {"rtsp_transport": "udp" if udp else "tcp"}
        started_s = time.monotonic()
        try:
            container = av.open(
                url,
                "r",
                options=LIVE_OPTIONS | transport,
                timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
                metadata_errors="ignore",
            )
        except (av.error.FFmpegError, ValueError, OSError) as error:
            # A server that hangs while it is opened reads as invalid data.
            late = time.monotonic() - started_s >= OPEN_TIMEOUT_S * 0.9
            raise Unusable(Status.TIMED_OUT if late else why_lost(error)) from error
        demuxer = cls.__new__(cls)
        demuxer._take(container, source, 1)
        return demuxer

    def _take(self, container: av.container.InputContainer, source: bytes, passes: int) -> None:
        self._container = container
        streams = [s for s in self._container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not streams:
            known = len(self._container.streams)
            self._container.close()
            # A container whose index is cut off or empty has no streams of any kind.
            raise Unusable(Status.NO_VIDEO if known else Status.UNREADABLE)
        self._stream = streams[0]
        self._source = source
        self._passes = passes

    @property
    def time_base(self) -> Fraction:
        """Seconds in one tick of a packet's timestamps."""
        return self._stream.time_base or Fraction(1, 90_000)

    @property
    def rate(self) -> Fraction:
        """Frames a second as the container says, or a guess."""
        return self._stream.average_rate or DEFAULT_RATE

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

    def packets(self, *, live: bool = False) -> Iterator[Packet]:
        """The video's packets, as far as the container can be read.

        Args:
            live: The stream must not end: that it does is a failure, too.

        Raises:
            Unusable: A packet is larger than a darkroom takes, or a live stream ended.
        """
        demuxed = self._container.demux(self._stream)
        while True:
            try:
                packet = next(demuxed)
            except (StopIteration, av.error.FFmpegError, ValueError, OSError) as error:
                if live:
                    raise Unusable(Status.ENDED if isinstance(error, StopIteration) else why_lost(error)) from error
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
