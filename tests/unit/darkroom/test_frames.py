"""Raw frames in shared memory: slots that never touch, records that are checked, a wall that can't be written."""

from __future__ import annotations

import itertools
import mmap
import os
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import planes_of, sizes

from passerby.base.errors import OutletError
from passerby.darkroom._frames import (
    LONGEST_REST,
    REST_UNIT_S,
    RawPlanes,
    Record,
    Ring,
    What,
    check_size,
    give_back,
    given_back,
    padded,
)
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.ring_file import ALIGN, MAX_PIXELS, MAX_SIDE, RING_BYTES, SLOT_BYTES, SLOTS, create_ring
from passerby.outlet.messages import Codec, Status

u32, u64, u8 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.integers(0, 255)
FRAME = replace(ABOUT, what=What.FRAME, slot=SLOTS - 1)


@st.composite
def records(draw: st.DrawFn) -> Record:
    width, height = draw(sizes)
    return Record(
        what=draw(st.sampled_from(list(What)).map(int)),
        slot=draw(st.integers(0, SLOTS - 1)),
        width=width,
        height=height,
        pts=draw(st.integers(-(2**63), 2**63 - 1)),
        time_base_num=draw(st.integers(1, 2**32 - 1)),
        time_base_den=draw(st.integers(1, 2**32 - 1)),
        rate_num=draw(u32),
        rate_den=draw(u32),
        full_range=draw(u8),
        flags=draw(u8),
        status=draw(st.sampled_from(list(Status)).map(int)),
        codec=draw(st.sampled_from(list(Codec)).map(int)),
        duration_s=draw(st.floats(allow_nan=False, allow_infinity=False)),
        damaged=draw(u64),
        repaired_times=draw(u64),
        resized=draw(u64),
        skipped=draw(u64),
        decode_ns=draw(u64),
        source=draw(st.binary(min_size=32, max_size=32)),
        unneeded=draw(u32),
    )


@given(records())
def test_records_come_back(record: Record) -> None:
    data = record.pack()
    assert len(data) == Record.layout.size
    assert Record.unpack(data) == record


@pytest.mark.parametrize(
    "changed",
    [
        {"what": 0},
        {"what": max(What) + 1},
        {"slot": SLOTS},
        {"slot": 255},
        {"width": 0},
        {"height": 0},
        {"width": MAX_SIDE + 1, "height": 16},
        {"width": 16, "height": MAX_SIDE + 1},
        {"width": 8193, "height": 8192},
        {"width": 2**32 - 1, "height": 2**32 - 1},
        {"codec": 0},
        {"codec": max(Codec) + 1},
        {"status": max(Status) + 1},
        {"time_base_num": 0},
        {"time_base_den": 0},
        {"duration_s": float("nan")},
        {"duration_s": float("inf")},
    ],
    ids=str,
)
def test_records_out_of_range_are_refused(changed: dict[str, float]) -> None:
    Record.unpack(FRAME.pack())
    with pytest.raises(OutletError):
        Record.unpack(replace(FRAME, **changed).pack())  # type: ignore[arg-type]


@given(st.binary(min_size=Record.layout.size, max_size=Record.layout.size))
@example(b"\xff" * Record.layout.size)
@example(bytes(Record.layout.size))
def test_any_bytes_are_refused_or_fit_the_ring(data: bytes) -> None:
    try:
        record = Record.unpack(data)
    except OutletError:
        return
    assert record.slot < SLOTS
    assert record.what != What.FRAME or record.width * record.height <= MAX_PIXELS


@given(st.integers(0, SLOTS - 1), st.floats(-1, 100))
def test_a_slot_comes_back_with_a_rest_that_is_never_too_long(slot: int, rest_s: float) -> None:
    byte = give_back(slot, rest_s)
    assert len(byte) == 1
    back, rest_back_s = given_back(byte[0])
    assert back == slot
    least_s = min(max(0.0, rest_s), REST_UNIT_S * LONGEST_REST)
    assert least_s - REST_UNIT_S - 1e-9 <= rest_back_s <= max(0.0, rest_s) + 1e-9


@given(st.integers(0, 255))
def test_any_byte_names_a_slot_of_the_ring(byte: int) -> None:
    assert 0 <= given_back(byte)[0] < SLOTS


@given(st.integers(1, 2**20))
def test_padding_is_the_next_multiple(length: int) -> None:
    assert padded(length) % ALIGN == 0
    assert 0 <= padded(length) - length < ALIGN


@pytest.mark.parametrize("size", [(MAX_SIDE, MAX_PIXELS // MAX_SIDE), (MAX_PIXELS // MAX_SIDE, MAX_SIDE), (1, 1)])
def test_the_largest_sizes_are_allowed(size: tuple[int, int]) -> None:
    check_size(*size)


@pytest.mark.parametrize(
    "size", [(0, 9), (9, 0), (-1, 9), (MAX_SIDE + 1, 1), (1, MAX_SIDE + 1), (MAX_SIDE, 4097), (8193, 8193)]
)
def test_what_fits_no_slot_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(OutletError):
        check_size(*size)


@pytest.fixture(scope="module")
def rings() -> tuple[Ring, Ring]:
    """The decode process's ring and the hide process's, of one memory file. Pages are taken only where written."""
    write, read = create_ring()
    return Ring(write, writable=True), Ring(read, writable=False)


def span(plane: np.ndarray) -> tuple[int, int]:
    start = plane.__array_interface__["data"][0]
    return start, start + plane.nbytes


@given(sizes)
@example((MAX_SIDE, MAX_PIXELS // MAX_SIDE))
@example((MAX_PIXELS // MAX_SIDE, MAX_SIDE))
@example((8192, 8192))
@example((8129, 8129))
@example((MAX_SIDE - 63, 4111))
@example((4111, MAX_SIDE - 63))
@example((16, 16))
def test_planes_never_overlap(rings: tuple[Ring, Ring], size: tuple[int, int]) -> None:
    check_size(*size)
    ring = rings[0]
    base = span(ring.planes(0, 1, 1).y)[0]
    spans = []
    for slot in range(SLOTS):
        planes = ring.planes(slot, *size)
        height, width = padded(size[1]), padded(size[0])
        assert [p.shape for p in planes_of(planes)] == [(height, width)] + [(height // 2, width // 2)] * 2
        assert all(p.flags.c_contiguous for p in planes_of(planes))
        own = [span(p) for p in planes_of(planes)]
        assert base + slot * SLOT_BYTES <= own[0][0]
        assert own[-1][1] <= base + (slot + 1) * SLOT_BYTES
        spans += own
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert spans[-1][1] <= base + RING_BYTES


def test_what_is_written_is_read(rings: tuple[Ring, Ring]) -> None:
    writer, reader = rings
    for slot in range(SLOTS):
        for value, plane in enumerate(planes_of(writer.planes(slot, 70, 50))):
            plane[:] = 10 * slot + value
    for slot in range(SLOTS):
        read = reader.planes(slot, 70, 50)
        assert [(int(p.min()), int(p.max())) for p in planes_of(read)] == [(10 * slot + n,) * 2 for n in range(3)]


def test_the_reader_can_not_write(rings: tuple[Ring, Ring]) -> None:
    for plane in planes_of(rings[1].planes(0, 64, 64)):
        assert not plane.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            plane[0, 0] = 1
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            plane.flags.writeable = True


def test_the_readers_descriptor_can_not_be_mapped_for_writing() -> None:
    write, read = create_ring()
    try:
        with pytest.raises(PermissionError):
            mmap.mmap(read, RING_BYTES, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(read, b"x")
        with pytest.raises(OSError, match="Invalid argument"):
            os.ftruncate(read, 0)
    finally:
        os.close(write)
        os.close(read)


def test_the_ring_has_no_name_and_its_descriptors_are_not_inherited() -> None:
    write, read = create_ring()
    try:
        assert os.fstat(write).st_nlink == 0
        assert os.fstat(write).st_size == RING_BYTES
        assert os.fstat(write).st_blocks == 0, "memory is taken before it is needed"
        assert not os.get_inheritable(write)
        assert not os.get_inheritable(read)
    finally:
        os.close(write)
        os.close(read)


def test_mapping_closes_the_descriptor() -> None:
    write, read = create_ring()
    Ring(write, writable=True)
    Ring(read, writable=False)
    for fd in (write, read):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)


def test_frames_hold_no_more_than_planes() -> None:
    assert set(RawPlanes.__slots__) == {"y", "u", "v"}
    assert struct.calcsize(Record.layout.format) == Record.layout.size
