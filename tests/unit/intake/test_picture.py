"""What pictures say of themselves, read from any bytes."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.e2e import odd

from passerby.intake.picture import JPEG_START, PNG_START, exif_orientation, facts, kind_of

STARTS = st.sampled_from(
    [b"", JPEG_START, PNG_START, JPEG_START[:2] + b"\xff\xe1\x00\x40Exif\0\0MM\0*", b"II*\0", b"MM\0*"]
)
WHOLE = [odd.jpeg_turned(6, size=(64, 48)), odd.png_claiming(60000, 60000) + odd.chunk(b"eXIf", odd.exif(3))]


@given(STARTS, st.binary(max_size=400))
def test_no_bytes_raise(start: bytes, rest: bytes) -> None:
    data = start + rest
    found = facts(data)
    assert (found is None) == (kind_of(data) is None)
    if found is not None:
        assert 1 <= found.orientation <= 8
        assert found.width >= 0 <= found.height
    assert 1 <= exif_orientation(data) <= 8


@given(st.sampled_from(WHOLE), st.data())
def test_no_damage_raises(whole: bytes, data: st.DataObject) -> None:
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    at, new = data.draw(st.integers(0, len(whole))), data.draw(st.binary(max_size=8))
    facts(cut)
    facts(whole[:at] + new + whole[at + len(new) :])


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int, order: str) -> None:
    assert exif_orientation(odd.exif(orientation, order)) == orientation


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_impossible_orientation_is_none(orientation: int) -> None:
    assert exif_orientation(odd.exif(orientation)) == 1


def test_sizes() -> None:
    jpeg, png = facts(odd.jpeg((101, 77))), facts(odd.png_claiming(60000, 50000))
    assert jpeg is not None
    assert png is not None
    assert (jpeg.codec, jpeg.width, jpeg.height) == ("mjpeg", 101, 77)
    assert (png.codec, png.width, png.height) == ("png", 60000, 50000)


@pytest.mark.parametrize(
    "data",
    [
        JPEG_START + b"\xff" * (4 << 20),
        JPEG_START + b"\xd0\xff" * (2 << 20),
        PNG_START + struct.pack(">I4sI", 0, b"junk", 0) * (4 << 16),
    ],
    ids=["fill bytes", "markers without length", "empty chunks"],
)
def test_padding_costs_little_time(data: bytes) -> None:
    started = time.process_time()
    facts(data)
    assert time.process_time() - started < 1.0
