"""Odd and hostile inputs, made in memory: small, so that making them costs nothing."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
# Grey levels of the quarters of every picture: upper left, upper right, lower left, lower right.
QUARTERS = (60, 110, 160, 210)
SIZE = (64, 48)
TICK = Fraction(1, 25)


def quarters(width: int, height: int) -> Picture:
    """A picture (H, W, 3) whose four quarters have the levels of `QUARTERS`: any turn or flip shows."""
    picture = np.empty((height, width, 3), np.uint8)
    y, x = height // 2, width // 2
    picture[:y, :x], picture[:y, x:], picture[y:, :x], picture[y:, x:] = QUARTERS
    return picture


def levels(luma: Picture) -> list[float]:
    """Mean levels of the four quarters of a luma plane or grey picture, away from their edges."""
    height, width = luma.shape[:2]
    y, x, m, n = height // 2, width // 2, max(1, height // 8), max(1, width // 8)
    parts = (luma[m : y - m, n : x - n], luma[m : y - m, x + n : -n], luma[y + m : -m, n : x - n])
    return [float(part.mean()) for part in (*parts, luma[y + m : -m, x + n : -n])]


def packets(
    *,
    codec: str = "libx264",
    size: tuple[int, int] = SIZE,
    pixels: str = "yuv420p",
    times: Sequence[int] = range(4),
    time_base: Fraction = TICK,
    options: dict[str, str] | None = None,
    key_every: int = 250,
) -> tuple[av.VideoCodecContext, list[av.Packet[Any]]]:
    """An encoder that has run, and what it made."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = *size, pixels
    context.time_base, context.framerate = time_base, Fraction(25)
    context.gop_size = key_every
    context.flags |= av.codec.context.Flags.global_header
    context.options = options or {}
    out = []
    for pts in times:
        frame = av.VideoFrame.from_ndarray(quarters(*size), "rgb24").reformat(format=pixels)
        frame.pts, frame.time_base = pts, time_base
        out += context.encode(frame)
    return context, [*out, *context.encode(None)]


def clip(
    container: str = "mp4",
    *,
    audio: bool = False,
    muxer: dict[str, str] | None = None,
    shift: int = 0,
    **coding: Any,
) -> bytes:
    """A whole file with one video stream.

    Args:
        container: FFmpeg's name of the muxer.
        audio: Add a tone.
        muxer: Options of the muxer.
        shift: Added to every timestamp after coding.
        coding: As for `packets`.
    """
    size = coding.get("size", SIZE)
    memory = io.BytesIO()
    with av.open(memory, "w", format=container, options=muxer or {}) as out:
        context, coded = packets(**coding)
        stream = out.add_stream(coding.get("codec", "libx264"), rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, coding.get("pixels", "yuv420p")
        stream.codec_context.extradata = context.extradata
        stream.codec_context.time_base = coding.get("time_base", TICK)
        stream.codec_context.options = coding.get("options") or {}
        if audio:
            _add_tone(out)
        for packet in coded:
            packet.stream = stream
            if packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            out.mux_one(packet)
    return memory.getvalue()


def muxed(
    coded: Sequence[tuple[bytes, int]], codec: str, container: str = "matroska", size: tuple[int, int] = SIZE
) -> bytes:
    """Given coded pictures with their times in milliseconds in a container, as they are."""
    memory = io.BytesIO()
    with av.open(memory, "w", format=container) as out:
        stream = out.add_mux_stream(codec, rate=25, width=size[0], height=size[1])
        for data, time_ms in coded:
            packet = av.Packet(data)
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, time_ms, time_ms, Fraction(1, 1000)
            packet.is_keyframe = True
            out.mux_one(packet)
    return memory.getvalue()


def tone(container: str = "mp4") -> bytes:
    """Sound and nothing else."""
    memory = io.BytesIO()
    with av.open(memory, "w", format=container) as out:
        _add_tone(out)
    return memory.getvalue()


def _add_tone(out: Any) -> None:
    stream = out.add_stream("aac", rate=44100, layout="mono")
    for index in range(4):
        frame = av.AudioFrame.from_ndarray(np.full((1, 1024), 0.1, np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 44100, index * 1024, Fraction(1, 44100)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def box(data: bytes, name: bytes) -> int:
    """Where the payload of an MP4 box begins."""
    at = data.index(name)
    return at + 4


def with_matrix(data: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """An MP4 whose track header turns the picture: a, b, c, d of its display matrix, each -1, 0 or 1."""
    at = box(data, b"tkhd") + 4 + 16 + 4 + 16  # version and flags, four times 32 bits, reserved and so on
    a, b, c, d = (v * 0x10000 for v in matrix)
    return data[:at] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000) + data[at + 36 :]


def patched(data: bytes, at: int, new: bytes) -> bytes:
    """The data with some bytes replaced."""
    return data[:at] + new + data[at + len(new) :]


def corrupted(data: bytes, random: np.random.Generator) -> bytes:
    """A packet with a few bytes changed, cut, or filled with noise."""
    if not data:
        return data
    out = bytearray(data)
    match int(random.integers(4)):
        case 0:
            for at in random.integers(0, len(out), size=1 + len(out) // 50):
                out[at] = int(random.integers(256))
        case 1:
            del out[int(random.integers(len(out))) :]
        case 2:
            start = int(random.integers(len(out)))
            out[start:] = random.bytes(len(out) - start)
        case _:
            at = int(random.integers(len(out)))
            out[at] ^= 1 << int(random.integers(8))
    return bytes(out)


def jpeg(
    size: tuple[int, int] = SIZE, *, pixels: str = "yuvj420p", before_scan: bytes = b"", picture: Picture | None = None
) -> bytes:
    """A JPEG file; ``before_scan`` goes right after its start marker."""
    frame = av.VideoFrame.from_ndarray(quarters(*size) if picture is None else picture, "rgb24")
    frame = frame.reformat(format=pixels, dst_color_range="JPEG")
    context = av.CodecContext.create("mjpeg", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt, context.time_base = *size, pixels, TICK
    context.color_range = 2
    frame.pts = 0
    data = b"".join(bytes(p) for p in [*context.encode(frame), *context.encode(None)])
    return data[:2] + before_scan + data[2:]


def exif(orientation: int, order: str = ">") -> bytes:
    """An EXIF block (a TIFF header and a directory) with an orientation and a camera's name in it."""
    maker = b"SECRETCAM\0"
    head = (b"MM" if order == ">" else b"II") + struct.pack(order + "HI", 42, 8)
    entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(order + "HHII", 0x010F, 2, len(maker), 8 + 2 + 24 + 4)
    return head + struct.pack(order + "H", 2) + entries + bytes(4) + maker


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_turned(orientation: int, **how: Any) -> bytes:
    """A JPEG with EXIF, a comment, and a piece of an ICC profile."""
    extras = segment(0xE1, b"Exif\0\0" + exif(orientation, "<" if orientation % 2 else ">"))
    extras += segment(0xFE, b"SECRETCOMMENT") + segment(0xE2, b"ICC_PROFILE\0\1\1SECRETPROFILE")
    return jpeg(before_scan=extras, **how)


def progressive_of(size: tuple[int, int] = SIZE) -> bytes:
    """A progressive JPEG (FFmpeg writes none; OpenCV does)."""
    import cv2

    done, data = cv2.imencode(".jpg", quarters(*size), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    assert done
    return data.tobytes()


def chunk(name: bytes, body: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


PNG_START = b"\x89PNG\r\n\x1a\n"


def png(samples: NDArray[Any], colour: int, *, extras: bytes = b"") -> bytes:
    """A PNG of the samples (H, W, channels), 8 or 16 bits, of a colour type (W3C PNG, 11.2.1)."""
    height, width = samples.shape[:2]
    depth = samples.dtype.itemsize * 8
    rows = samples.astype(">u2") if depth == 16 else samples
    lines = b"".join(b"\0" + rows[y].tobytes() for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extras + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return PNG_START + body


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size; there is next to nothing behind it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG_START + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A JPEG whose frame header claims a size."""
    data = jpeg()
    at = data.index(b"\xff\xc0") + 5
    return patched(data, at, struct.pack(">HH", height, width))


def jpeg_segments(data: bytes) -> Iterator[int]:
    """The markers of a JPEG up to its scan."""
    at = 2
    while data[at + 1] != 0xDA:
        yield data[at + 1]
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])


def png_chunks(data: bytes) -> Iterator[bytes]:
    """The names of a PNG's chunks."""
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8]
        at += 12 + length
