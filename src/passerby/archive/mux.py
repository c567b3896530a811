"""Redacted packets into MP4, and redacted MP4 to an RTSP server. Opens no decoder and no encoder."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from fractions import Fraction
from typing import IO

import av
import av.error

from passerby.base.errors import OutputError
from passerby.outlet.messages import RedactedPacket, StreamStart


class Mp4Writer:
    """Writes one H.264 stream into an MP4 file, with no tags.

    Args:
        file: Open for writing and seeking; stays open.
        start: What the encoder said of the stream.
    """

    def __init__(self, file: IO[bytes], start: StreamStart) -> None:
        self._time_base = Fraction(start.time_base_num, start.time_base_den)
        self._start = start
        # The muxer keeps the first picture's time in the movie's ticks: by default milliseconds, which would round it.
        ticks = str(start.time_base_den)
        options = {"fflags": "+bitexact", "movie_timescale": ticks, "video_track_timescale": ticks}
        self._container = av.open(file, "w", format="mp4", options=options)
        self._stream: av.VideoStream | None = None

    def write(self, packet: RedactedPacket) -> None:
        """Add one picture.

        Raises:
            OutputError: The file can't take it.
        """
        if self._stream is None:
            self._stream = self._add_stream(packet.tail)
        out = av.Packet(packet.tail)
        out.stream = self._stream
        out.pts, out.dts, out.time_base = packet.pts, packet.dts, self._time_base
        out.is_keyframe = bool(packet.key)
        if packet.duration:
            out.duration = packet.duration
        self._guard(lambda: self._container.mux_one(out))

    def close(self) -> None:
        """Write the index. Without it the file is no video.

        Raises:
            OutputError: The file can't take it.
        """
        self._guard(self._container.close)

    def _add_stream(self, first: bytes) -> av.VideoStream:
        """The output stream, described by the encoder's own parameter sets. The whitelist keeps decoders shut."""
        elementary = io.BytesIO(self._start.tail + first)
        try:
            with av.open(elementary, format="h264", options={"codec_whitelist": "none"}) as template:
                stream = self._container.add_stream_from_template(template.streams.video[0], opaque=True)
        except (av.error.FFmpegError, IndexError) as error:
            raise OutputError("the first packet is not the H.264 that was announced") from error
        stream.time_base = self._time_base
        return stream

    @staticmethod
    def _guard(act: Callable[[], object]) -> None:
        try:
            act()
        except (av.error.FFmpegError, OSError) as error:
            raise OutputError(f"the result can't be written ({error.strerror or error})") from error


class RtspSender:
    """Sends redacted video to an RTSP server that records (ANNOUNCE, RECORD; RFC 2326), over TCP.

    Args:
        url: With credentials, if the server wants them. Never print it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: tuple[av.container.OutputContainer, av.VideoStream] | None = None

    def send(self, init: bytes, part: bytes) -> None:
        """Send one part of a stream. The first connects.

        Args:
            init: The init section (fragmented MP4) that the part goes with.
            part: One or more whole fragments.

        Raises:
            OutputError: The server can't be reached, refuses, or has hung up.
        """
        try:
            with av.open(io.BytesIO(init + part), "r", format="mp4", options={"codec_whitelist": "none"}) as read:
                source = read.streams.video[0]
                out, stream = self._open or self._connect(source)
                for packet in read.demux(source):
                    if packet.dts is not None:
                        packet.stream = stream
                        out.mux_one(packet)
        except (av.error.FFmpegError, OSError, IndexError) as error:
            # FFmpeg's text quotes the address, and the address may hold a password.
            reason = error.strerror if isinstance(error, OSError) else "the video can't be read"
            raise OutputError(f"the RTSP server does not take the stream ({reason})") from None

    def close(self) -> None:
        """Say goodbye, if the other side still listens."""
        held, self._open = self._open, None
        if held is not None:
            with contextlib.suppress(av.error.FFmpegError, OSError):
                held[0].close()

    def _connect(self, source: av.VideoStream) -> tuple[av.container.OutputContainer, av.VideoStream]:
        container = av.open(self._url, "w", format="rtsp", options={"rtsp_transport": "tcp"})
        self._open = container, container.add_stream_from_template(source, opaque=True)
        return self._open
