"""Coded pictures: the picture and nothing else."""

from __future__ import annotations

import io
import zlib
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import blank, planes_of, textured

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.encoder import (
    LARGEST_TIME_BASE,
    NAL_SEI,
    PictureEncoder,
    VideoEncoder,
    time_scale,
    without_sei,
)
from passerby.darkroom.grid import Grid
from passerby.outlet.messages import Codec, RedactedPacket, Stream, StreamStart

RATE = Fraction(25)
NAL_SPS, NAL_PPS, NAL_IDR, NAL_SLICE = 7, 8, 5, 1


def video(size: tuple[int, int] = (64, 48), time_base: Fraction = Fraction(1, 25), **options: bool) -> VideoEncoder:
    chosen = {"full_range": False} | options
    return VideoEncoder(size, time_base, RATE, **chosen, stream=Stream.REDACTED, threads=1)


def coded(
    size: tuple[int, int], frames: int = 6, *, full_range: bool = False, planes: RawPlanes | None = None
) -> tuple[StreamStart, list[RedactedPacket]]:
    encoder = video(size, full_range=full_range)
    start = encoder.start()
    packets = [p for n in range(frames) for p in encoder.encode(planes or textured(Grid(*size), n), n)]
    return start, [*packets, *encoder.finish()]


def units(data: bytes) -> list[bytes]:
    """NAL units of an Annex B stream, scanned byte by byte (ITU-T H.264, B.1)."""
    out: list[bytearray] = []
    at = 0
    while at < len(data):
        if data[at : at + 3] == b"\0\0\1":
            out.append(bytearray())
            at += 3
            continue
        if out:
            out[-1].append(data[at])
        at += 1
    return [bytes(u).rstrip(b"\0") for u in out]


def types(data: bytes) -> list[int]:
    return [u[0] & 31 for u in units(data)]


def decoded(start: StreamStart, packets: list[RedactedPacket]) -> list[av.VideoFrame]:
    context = av.CodecContext.create("h264", "r")
    frames = []
    for n, packet in enumerate(packets):
        frames += context.decode(av.Packet((start.tail if n == 0 else b"") + packet.tail))
    return frames + context.decode(None)


@pytest.mark.parametrize("size", [(64, 48), (63, 47), (320, 240), (17, 16)])
def test_nothing_but_parameter_sets_and_slices(size: tuple[int, int]) -> None:
    start, packets = coded(size)
    assert types(start.tail) == [NAL_SPS, NAL_PPS]
    assert types(packets[0].tail) == [NAL_IDR]
    assert {t for p in packets for t in types(p.tail)} <= {NAL_IDR, NAL_SLICE}
    everything = start.tail + b"".join(p.tail for p in packets)
    assert b"x264" not in everything
    assert b"options" not in everything


def test_x264_does_say_its_settings_if_nobody_stops_it() -> None:
    """Control: without `without_sei` they would be there."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt, context.time_base = 64, 48, "yuv420p", Fraction(1, 25)
    packets = [*context.encode(av.VideoFrame(64, 48, "yuv420p")), *context.encode(None)]
    data = b"".join(bytes(p) for p in packets)
    assert NAL_SEI in types(data)
    assert b"x264" in data
    assert NAL_SEI not in types(without_sei(data))
    assert b"x264" not in without_sei(data)


@pytest.mark.parametrize(
    ("size", "padded"), [((64, 48), (64, 48)), ((63, 48), (64, 48)), ((64, 47), (64, 48)), ((33, 17), (34, 18))]
)
def test_odd_sizes_are_padded_by_one_and_told(size: tuple[int, int], padded: tuple[int, int]) -> None:
    start, packets = coded(size)
    assert (start.width, start.height) == padded
    assert start.padded == (size != padded)
    assert (start.stream, start.codec) == (Stream.REDACTED, Codec.H264)
    assert {(f.width, f.height) for f in decoded(start, packets)} == {padded}


@pytest.mark.parametrize("full_range", [True, False])
def test_the_picture_is_the_planes(full_range: bool) -> None:
    planes = blank(Grid(64, 48), 200, 100, 150)
    planes.y[:, :32] = 50
    start, packets = coded((64, 48), 3, full_range=full_range, planes=planes)
    frames = decoded(start, packets)
    assert len(frames) == 3
    for frame in frames:
        yuv = frame.to_ndarray().astype(int)
        assert np.abs(yuv[:48, :28] - 50).max() <= 4
        assert np.abs(yuv[:48, 36:] - 200).max() <= 4
        assert np.abs(yuv[48:60] - 100).max() <= 4
        assert np.abs(yuv[60:] - 150).max() <= 4
        # Limited range is what is meant where nothing is said.
        assert frame.color_range in ((2,) if full_range else (0, 1))


def test_every_picture_comes_out_once_and_at_its_time() -> None:
    encoder = video()
    encoder.start()
    times = [0, 1, 2, 7, 8, 30, 31]
    packets = [p for n, pts in enumerate(times) for p in encoder.encode(textured(Grid(64, 48), n), pts)]
    packets += encoder.finish()
    assert [p.pts for p in packets] == times
    assert [p.dts for p in packets] == times
    assert packets[0].key


def test_times_never_stand_still() -> None:
    encoder = video(time_base=Fraction(1, 2**31))
    encoder.start()
    packets = [p for pts in (0, 1, 2, 5000) for p in encoder.encode(blank(Grid(64, 48)), pts)]
    packets += encoder.finish()
    assert [p.pts for p in packets] == [0, 1, 2, 3]


def test_a_keyframe_at_least_every_two_seconds() -> None:
    _, packets = coded((64, 48), 120, planes=blank(Grid(64, 48)))
    keys = [p.pts for p in packets if p.key]
    assert keys[0] == 0
    assert max(np.diff([*keys, 120])) <= 50


@given(
    st.fractions(min_value=Fraction(1, 2**40), max_value=1000, max_denominator=2**40).filter(bool),
    st.integers(0, 2**40),
)
@example(Fraction(3579125, 214748359), 12345)
@example(Fraction(1001, 30000), 1)
@example(Fraction(1, LARGEST_TIME_BASE), 1)
@example(Fraction(1, LARGEST_TIME_BASE + 1), 1)
def test_time_scales_keep_times(time_base: Fraction, pts: int) -> None:
    base, factor = time_scale(time_base)
    assert base.numerator == 1
    assert base.denominator <= LARGEST_TIME_BASE
    exact = pts * time_base
    kept = int(pts * factor) * base
    if time_base.denominator <= LARGEST_TIME_BASE:
        assert kept == exact
    else:
        assert abs(kept - exact) <= Fraction(1, 1_000_000)


# Payloads never hold three bytes that look like a start code, and never end in zero (7.4.1).
payloads = st.binary(min_size=1, max_size=40).map(
    lambda b: b.replace(b"\0\0\0", b"\0\0\3\0").replace(b"\0\0\1", b"\0\0\3\1").replace(b"\0\0\0", b"\0\0\3\0")
)
nal_units = st.tuples(st.integers(0, 31), st.integers(0, 3), payloads).map(
    lambda t: bytes([t[1] << 5 | t[0]]) + t[2].rstrip(b"\0") + b"\x80"
)


@given(st.lists(nal_units, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8))
def test_only_sei_goes_and_all_else_stays(parts: list[bytes], long: list[bool]) -> None:
    data = b"".join((b"\0\0\0\1" if wide else b"\0\0\1") + part for part, wide in zip(parts, long, strict=False))
    kept = [part for part in parts if part[0] & 31 != NAL_SEI]
    assert units(data) == parts
    assert units(without_sei(data)) == kept
    if kept == parts:
        assert without_sei(data) == data
    assert without_sei(without_sei(data)) == without_sei(data)


@given(st.binary(max_size=60))
@example(b"\0\0\1")
@example(b"\0\0\1\6")
@example(b"\0\0\0\1\6\0\0\1\x65")
def test_no_bytes_get_sei_through(data: bytes) -> None:
    assert NAL_SEI not in [u[0] & 31 for u in units(without_sei(data)) if u]


def picture(codec: Codec, planes: RawPlanes, size: tuple[int, int], *, full_range: bool) -> bytes:
    encoder = PictureEncoder(codec, size, full_range=full_range)
    start = encoder.start()
    assert (start.codec, start.width, start.height, start.padded, start.tail) == (codec, *size, 0, b"")
    (packet,) = [*encoder.encode(planes, 5), *encoder.finish()]
    assert (packet.stream, packet.key) == (Stream.REDACTED, 1)
    return packet.tail


SIZES = [(64, 48), (63, 47), (16, 16), (65, 33)]


def jpeg_segments(data: bytes) -> list[int]:
    """Markers up to the scan (ITU-T T.81, B.1.1)."""
    assert data[:2] == b"\xff\xd8"
    assert data[-2:] == b"\xff\xd9"
    at, markers = 2, []
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        markers.append(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return markers


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("full_range", [True, False])
def test_a_jpeg_has_tables_and_a_picture(size: tuple[int, int], full_range: bool) -> None:
    data = picture(Codec.JPEG, textured(Grid(*size)), size, full_range=full_range)
    tables = {0xDB, 0xC4, 0xC0, 0xDD}
    assert set(jpeg_segments(data)) - {0xE0} <= tables
    assert jpeg_segments(data).count(0xE0) <= 1
    assert b"Lavc" not in data
    assert b"Exif" not in data
    shape = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE).shape
    assert shape == size[::-1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("full_range", [True, False])
def test_a_png_has_a_head_a_picture_and_an_end(size: tuple[int, int], full_range: bool) -> None:
    data = picture(Codec.PNG, textured(Grid(*size)), size, full_range=full_range)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, names = 8, []
    while at < len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        assert int.from_bytes(data[at + 8 + length : at + 12 + length]) == zlib.crc32(data[at + 4 : at + 8 + length])
        names.append(name)
        at += 12 + length
    assert at == len(data)
    assert names[0] == b"IHDR"
    assert names[-1] == b"IEND"
    assert set(names) <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
    assert names.count(b"pHYs") <= 1
    shape = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape
    assert shape == (*size[::-1], 3)


@pytest.mark.parametrize("codec", [Codec.JPEG, Codec.PNG])
@pytest.mark.parametrize(
    ("full_range", "luma", "grey"),
    [
        (True, 0, 0),
        (True, 16, 16),
        (True, 100, 100),
        (True, 235, 235),
        (True, 255, 255),
        (False, 16, 0),
        (False, 100, (100 - 16) * 255 / 219),
        (False, 235, 255),
    ],
)
def test_luma_keeps_its_meaning(codec: Codec, full_range: bool, luma: int, grey: float) -> None:
    data = picture(codec, blank(Grid(64, 48), luma), (64, 48), full_range=full_range)
    colour = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(float)
    assert np.abs(colour - grey).max() <= 2.5


@pytest.mark.parametrize("codec", [Codec.JPEG, Codec.PNG])
def test_colours_keep_their_place_and_sense(codec: Codec) -> None:
    planes = blank(Grid(64, 64), 120)
    planes.v[:16] = 200  # red above
    planes.u[16:] = 200  # blue below
    data = picture(codec, planes, (64, 64), full_range=True)
    blue, _, red = cv2.split(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(int))
    assert (red - blue)[:28].min() > 60
    assert (blue - red)[36:].min() > 60


@pytest.mark.parametrize("codec", [Codec.JPEG, Codec.PNG])
def test_a_picture_is_only_as_large_as_it_is(codec: Codec) -> None:
    """What lies in the padding never gets into the file."""
    planes = blank(Grid(50, 40), 100)
    beyond = blank(Grid(50, 40), 100)
    for plane, ratio in zip(planes_of(beyond), (1, 2, 2), strict=True):
        plane[40 // ratio :] = 255
        plane[:, 50 // ratio :] = 255
    one, two = (picture(codec, p, (50, 40), full_range=True) for p in (planes, beyond))
    assert one == two


def test_the_decoder_of_the_test_reads_what_a_container_would() -> None:
    start, packets = coded((64, 48))
    data = start.tail + b"".join(p.tail for p in packets)
    with av.open(io.BytesIO(data), format="h264") as container:
        assert sum(1 for _ in container.decode(video=0)) == len(packets)
