"""Redacted packets into MP4: every timestamp as it was, and nothing but the picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import IO

import av
import numpy as np
import pytest

from passerby.archive.mux import Mp4Writer
from passerby.base.errors import OutputError
from passerby.darkroom._frames import RawPlanes, padded
from passerby.darkroom.encoder import VideoEncoder
from passerby.outlet.messages import RedactedPacket, Stream, StreamStart

SIZE = (64, 48)


def planes(level: int) -> RawPlanes:
    width, height = padded(SIZE[0]), padded(SIZE[1])
    out = RawPlanes(*(np.full((height // n, width // n), 128, np.uint8) for n in (1, 2, 2)))
    out.y[:] = (np.add.outer(np.arange(height), np.arange(width)) * 3 + level * 20) % 200 + 20
    return out


def coded(time_base: Fraction, times: Sequence[int]) -> tuple[StreamStart, list[RedactedPacket]]:
    encoder = VideoEncoder(SIZE, time_base, Fraction(25), full_range=False, stream=Stream.REDACTED, threads=1)
    start = encoder.start()
    packets = [p for n, pts in enumerate(times) for p in encoder.encode(planes(n), pts)]
    return start, [*packets, *encoder.finish()]


def written(start: StreamStart, packets: Sequence[RedactedPacket], file: IO[bytes] | None = None) -> io.BytesIO:
    into = file or io.BytesIO()
    writer = Mp4Writer(into, start)
    for packet in packets:
        writer.write(packet)
    writer.close()
    into.seek(0)
    return into  # type: ignore[return-value]


def read_times(file: IO[bytes]) -> list[Fraction]:
    with av.open(file) as container:
        stream = container.streams.video[0]
        return [p.pts * p.time_base for p in container.demux(stream) if p.pts is not None and p.time_base is not None]


STEPS = [0, 1, 2, 5, 6, 40]


@pytest.mark.parametrize(
    "time_base",
    [
        Fraction(3579125, 214748359),
        Fraction(1, 1000),
        Fraction(1001, 30000),
        Fraction(1, 90000),
        Fraction(1, 12800),
        Fraction(1, 10_000_000),
        Fraction(1, 2**31 - 1),
        Fraction(1),
    ],
    ids=str,
)
@pytest.mark.parametrize("first", [0, 7, -5, 12_345_678])
def test_timestamps_come_back_exactly(time_base: Fraction, first: int) -> None:
    times = [first + step for step in STEPS]
    start, packets = coded(time_base, times)
    assert [p.pts * Fraction(start.time_base_num, start.time_base_den) for p in packets] == [
        t * time_base for t in times
    ]
    file = written(start, packets)
    assert read_times(file) == [t * time_base for t in times]


def test_every_picture_comes_back() -> None:
    start, packets = coded(Fraction(1, 25), range(12))
    with av.open(written(start, packets)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 12
    assert {(f.width, f.height) for f in frames} == {SIZE}
    for n, frame in enumerate(frames):
        wanted = planes(n).y[: SIZE[1], : SIZE[0]].astype(int)
        assert np.abs(frame.to_ndarray()[: SIZE[1]].astype(int) - wanted).mean() < 6


def test_keyframes_are_marked() -> None:
    start, packets = coded(Fraction(1, 25), range(60))
    with av.open(written(start, packets)) as container:
        marked = [p.is_keyframe for p in container.demux(video=0) if p.pts is not None]
    assert marked == [bool(p.key) for p in packets]
    assert sum(marked) >= 2
    assert not all(marked)


def boxes(data: bytes) -> set[bytes]:
    """The names of all boxes, those inside others too (ISO/IEC 14496-12, 4.2)."""
    names, at = set(), 0
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        assert size >= 8, name
        names.add(name)
        if name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts"):
            names |= boxes(data[at + 8 : at + size])
        at += size
    return names


def test_no_tags_no_traces() -> None:
    start, packets = coded(Fraction(1, 25), range(4))
    data = written(start, packets).getvalue()
    assert b"trak" in boxes(data)
    assert not {b"uuid", b"ilst", b"keys", b"XMP_"} & boxes(data)
    # The list of tags is there and empty; so is the free box.
    assert data.count(b"ilst") == data.count(b"\0\0\0\x08ilst") == 1
    assert data.count(b"\0\0\0\x08free") == 1
    assert not [word for word in (b"Lav", b"x264", b"FFmpeg", b"libx") if word in data]
    with av.open(io.BytesIO(data)) as container:
        assert len(container.streams) == 1
        # Times of creation would be 1904 and so unset.
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        assert set(container.streams.video[0].metadata) <= {"language", "handler_name", "vendor_id"}


def test_the_same_packets_give_the_same_bytes() -> None:
    start, packets = coded(Fraction(1, 25), range(4))
    assert written(start, packets).getvalue() == written(start, packets).getvalue()


def test_no_packets_no_video() -> None:
    start, _ = coded(Fraction(1, 25), [0])
    assert written(start, []).getvalue() == b""


class FullDisk(io.BytesIO):
    """Takes a few bytes and no more."""

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_one_clear_error() -> None:
    start, packets = coded(Fraction(1, 25), range(4))
    with pytest.raises(OutputError, match="the result can't be written"):
        written(start, packets, FullDisk())


def test_times_that_go_back_are_one_clear_error() -> None:
    start, packets = coded(Fraction(1, 25), range(3))
    with pytest.raises(OutputError, match="the result can't be written"):
        written(start, [packets[0], packets[2], packets[1]])


def test_what_is_no_video_is_one_clear_error() -> None:
    with pytest.raises(OutputError):
        Mp4Writer(io.BytesIO(), StreamStart(0, 1, *SIZE, 1, 25, 0, b"")).write(
            RedactedPacket(0, 1, 0, 0, 1, b"garbage" * 9)
        )
