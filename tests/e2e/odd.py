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
# Wide and low: looking for people in it costs little.
SIZE = (160, 16)
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


def _frame(size: tuple[int, int], pixels: str) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(quarters(*size), "rgb24")
    if pixels != "gray":
        return frame.reformat(format=pixels)
    # FFmpeg's grey has the full range, but in H.264 luma has not unless it says so.
    luma = frame.reformat(format="yuv420p").to_ndarray()[: size[1]]
    return av.VideoFrame.from_ndarray(luma, "gray")


def _noise(size: tuple[int, int], pixels: str, seed: int, index: int) -> av.VideoFrame:
    width, height = size
    picture = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    moved = np.roll(picture // 2 + quarters(width, height) // 2, 3 * index, axis=1)
    return av.VideoFrame.from_ndarray(moved, "rgb24").reformat(format=pixels)


def packets(
    *,
    codec: str = "libx264",
    size: tuple[int, int] = SIZE,
    pixels: str = "yuv420p",
    times: Sequence[int] = range(4),
    time_base: Fraction = TICK,
    options: dict[str, str] | None = None,
    key_every: int = 250,
    noise: int | None = None,
    headers_apart: bool = True,
) -> tuple[av.VideoCodecContext, list[av.Packet[Any]]]:
    """An encoder that has run, and what it made; with ``noise`` (a seed) of pictures that move and are hard to code."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = *size, pixels
    context.time_base, context.framerate = time_base, Fraction(25)
    context.gop_size = key_every
    if headers_apart:
        context.flags |= av.codec.context.Flags.global_header
    context.options = options or {}
    out = []
    for pts in times:
        frame = _frame(size, pixels) if noise is None else _noise(size, pixels, noise, pts)
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
    coded: Sequence[tuple[bytes, int]],
    codec: str,
    container: str = "matroska",
    size: tuple[int, int] = SIZE,
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


def without_pictures(container: str) -> bytes:
    """A file that announces a video stream and holds not one picture of it."""
    memory = io.BytesIO()
    with av.open(memory, "w", format=container) as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        out.start_encoding()
    return memory.getvalue()


def raw_h264(count: int = 4) -> bytes:
    """H.264 with no container around it, so with no timestamps."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="h264") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for pts in range(count):
            frame = av.VideoFrame.from_ndarray(quarters(*SIZE), "rgb24").reformat(format="yuv420p")
            frame.pts = pts
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return memory.getvalue()


def with_cover(*, video: bool) -> bytes:
    """An MP4 with cover art ahead of its video, or of its sound."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4") as out:
        cover = out.add_mux_stream("mjpeg", rate=25, width=SIZE[0], height=SIZE[1])
        cover.disposition = av.stream.Disposition.attached_pic
        context, coded = packets()
        if video:
            stream = out.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            stream.codec_context.extradata, stream.codec_context.time_base = context.extradata, TICK
        else:
            _add_tone(out)
        art = av.Packet(jpeg())
        art.stream, art.pts, art.dts, art.time_base = cover, 0, 0, Fraction(1, 90000)
        out.mux_one(art)
        for packet in coded if video else ():
            packet.stream = stream
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


def jpeg_by_opencv(picture: Picture, *flags: int) -> bytes:
    """A JPEG of a kind that FFmpeg doesn't write."""
    import cv2

    done, data = cv2.imencode(".jpg", picture, list(flags))
    assert done
    return data.tobytes()


def cmyk(size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG of four components, as print shops use: baseline, every block one flat level (T.81, annexes B and F)."""
    width, height = size
    components = b"".join(struct.pack(">BBB", i, 0x11, 0) for i in (1, 2, 3, 4))
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 4) + components)
    table = segment(0xDB, b"\0" + bytes([1] * 64))
    # One code of one bit in each table: no difference (DC), end of block (AC). So a block is two zero bits.
    codes = b"".join(segment(0xC4, bytes([kind]) + bytes([1] + [0] * 15) + b"\0") for kind in (0x00, 0x10))
    scan = segment(0xDA, b"\4" + b"".join(bytes([i, 0]) for i in (1, 2, 3, 4)) + b"\0\x3f\0")
    blocks = -(-width // 8) * -(-height // 8) * 4
    return b"\xff\xd8" + table + frame + codes + scan + bytes(blocks * 2 // 8 + 1) + b"\xff\xd9"


def progressive_of(size: tuple[int, int] = SIZE) -> bytes:
    """A progressive JPEG (FFmpeg writes none; OpenCV does)."""
    import cv2

    return jpeg_by_opencv(quarters(*size), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)


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
