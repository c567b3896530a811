"""What reaches the disk: segments, parts, gaps, epochs, and that all of it plays."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.archive.scene import (
    CAMERA,
    HOUR_S,
    NOON,
    check_all_play,
    check_numbers,
    clear,
    decoded,
    kept,
    later,
    opened,
    stream,
)

from passerby.archive.disk import LocalDisk
from passerby.archive.entries import US, Segment, pack_segments, unpack_segments
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.live import Window
from passerby.archive.recorder import open_keys
from passerby.archive.sweep import epoch_of
from passerby.archive.tape import LIVE_ONLY
from passerby.base.errors import ArchiveError, DiskFault, DiskFull, DiskReadOnly
from passerby.store.epochs import all_epochs, get_live


def test_segments_of_two_seconds_with_parts_of_half_a_second(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        tape.start(start, NOON)
        for packet in packets:
            tape.packet(packet)
        blob = get_live(store, CAMERA)
        assert blob is not None
        window = Window.unpack(blob)
        tape.stop()
        segments = kept(store)
        assert [s.duration_us for s in segments] == [2 * US] * 5
        assert [s.start_us for s in segments] == [round((NOON + 2 * n) * US) for n in range(5)]
        assert all(s.key for s in segments)
        assert [s.discontinuity for s in segments] == [True, False, False, False, False]
        assert {p.duration_us for s in window.segments for p in s.parts} == {US // 2}
        assert check_all_play(tmp_path, store) == 100


def test_what_lies_there_is_no_video_without_its_key(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        tape.start(start, NOON)
        for packet in packets:
            tape.packet(packet)
        tape.stop()
        (row,) = all_epochs(store, CAMERA)
        raw = (Layout(tmp_path).camera(CAMERA) / row.file).read_bytes()
        assert not any(word in raw for word in (b"moof", b"mdat", b"avc1"))
        assert not any(packet.tail[8:40] in raw for packet in packets)
        whole = b"".join(clear(tmp_path, store, row.file, n, s) for n, s in enumerate(kept(store)))
        assert decoded(whole) == 100
        open_keys(Layout(tmp_path), store).destroy([epoch_of(row)])
        assert clear(tmp_path, store, row.file, 0, kept(store)[0]) == b""


def test_an_hour_ends_an_epoch_and_nothing_is_missing_at_the_turn(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        tape.start(start, NOON + HOUR_S - 5)
        for packet in packets:
            tape.packet(packet)
        tape.stop()
        rows = all_epochs(store, CAMERA)
        assert [r.file for r in rows] == ["20261123T120000Z.epoch", "20261123T130000Z.epoch"]
        assert rows[0].end_us == rows[1].start_us
        assert not any(s.gap for s in kept(store))
        assert check_all_play(tmp_path, store) == 100


def test_a_gap_is_in_the_index(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        for anchor in (NOON, NOON + 40):
            tape.start(start, anchor)
            for packet in packets:
                tape.packet(packet)
            tape.stop()
        gaps = [s for s in kept(store) if s.gap]
        assert [(s.start_us, s.end_us) for s in gaps] == [(round((NOON + 10) * US), round((NOON + 40) * US))]
        assert check_all_play(tmp_path, store) == 200


@pytest.mark.parametrize("back_s", [HOUR_S, 30, 0.5])
def test_a_clock_that_is_set_back_overlaps_nothing_and_loses_nothing(tmp_path: Path, back_s: float) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        for anchor in (NOON, NOON + 10 - back_s, NOON + 20 - back_s):
            tape.start(start, anchor)
            for packet in packets:
                tape.packet(packet)
            tape.stop()
        check_numbers(store)
        assert check_all_play(tmp_path, store) == 300
        assert max(r.shift_us for r in all_epochs(store, CAMERA)) == round(back_s * US)


def test_a_shift_ends_once_the_clock_has_caught_up(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, _, _):
        shifts = []
        for anchor in (NOON, NOON - 20, NOON + 100):
            tape.start(start, anchor)
            for packet in packets:
                tape.packet(packet)
            shifts.append(tape.shift_s)
        assert shifts == [0, 30, 0]


def test_before_a_keyframe_nothing_is_kept(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        tape.start(start, NOON)
        for packet in packets[7:]:
            tape.packet(packet)
        tape.stop()
        assert kept(store)[0].start_us == round((NOON + 2) * US)
        assert check_all_play(tmp_path, store) == 80


def test_live_only_ends_epochs_every_half_minute(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path, keep=LIVE_ONLY) as (tape, store, _):
        tape.start(start, NOON)
        for lap in range(8):
            for packet in later(packets, lap * 10):
                tape.packet(packet)
        tape.stop()
        rows = all_epochs(store, CAMERA)
        assert len(rows) == 3
        assert {r.keep_us for r in rows} == {60 * US}
        assert check_all_play(tmp_path, store) == 800


class Failing(LocalDisk):
    """Fails from one call on, for a number of calls; a full disk takes half of what it is given first."""

    def __init__(self, at: int, lasts: int, code: int) -> None:
        self.calls = itertools.count()
        self.bad, self.code = range(at, at + lasts), code

    def write(self, fd: int, data: bytes, offset: int) -> None:
        if next(self.calls) in self.bad:
            super().write(fd, data[: len(data) // 2], offset)
            raise OSError(self.code, "as told")
        super().write(fd, data, offset)

    def sync(self, fd: int) -> None:
        if next(self.calls) in self.bad:
            raise OSError(self.code, "as told")
        super().sync(fd)


ERRORS = [(errno.ENOSPC, DiskFull), (errno.EROFS, DiskReadOnly), (errno.EIO, DiskFault)]


@pytest.mark.parametrize(("code", "kind"), ERRORS)
@pytest.mark.parametrize("lasts", [1, 7])
@pytest.mark.parametrize("at", range(0, 30, 3))
def test_a_disk_that_fails_is_named_and_nothing_half_written_is_indexed(
    tmp_path: Path, at: int, lasts: int, code: int, kind: type[ArchiveError]
) -> None:
    start, packets = stream()
    told = []
    with opened(tmp_path, Failing(at, lasts, code)) as (tape, store, _):
        tape.start(start, NOON)
        for lap in range(3):
            for packet in later(packets, lap * 10):
                try:
                    tape.packet(packet)
                except ArchiveError as error:
                    told.append(error)
        tape.stop()
        assert told
        assert {type(e) for e in told} == {kind}
        assert all(len(str(e).splitlines()) == 1 for e in told)
        found = check_all_play(tmp_path, store)
        check_numbers(store)
    # Each failing call costs at most the segment it is in.
    assert 300 - found <= 20 * (lasts + 1)
    with opened(tmp_path) as (_, store, _):
        assert check_all_play(tmp_path, store) >= found


entries = st.builds(
    Segment,
    st.integers(0, 2**60),
    st.integers(0, 2**32 - 1),
    st.integers(-(2**62), 2**62),
    st.integers(0, 2**62),
    st.integers(0, 2**16 - 1),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(entries, max_size=20))
def test_the_blob_comes_back_as_it_was(segments: list[Segment]) -> None:
    assert unpack_segments(pack_segments(segments)) == segments
    assert unpack_segments(pack_segments(segments)[:-1] if segments else b"") == segments[:-1]


@given(
    st.lists(
        st.tuples(st.floats(-4000, 4000), st.integers(0, 99), st.integers(1, 100), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_nothing_overlaps_and_all_plays(
    tmp_path_factory: pytest.TempPathFactory, streams: list[tuple[float, int, int, bool]]
) -> None:
    """Streams that begin anywhere, at any time, cut off anywhere, with or without a stop, over restarts."""
    root = tmp_path_factory.mktemp("data")
    start, packets = stream()
    expected = 0
    for at, first, count, stop in streams:
        with opened(root) as (tape, store, _):
            tape.start(start, NOON + at)
            given_now = packets[first : first + count]
            for packet in given_now:
                tape.packet(packet)
            keys = [n for n, p in enumerate(given_now) if p.key]
            expected += len(given_now) - keys[0] if keys else 0
            if stop:
                tape.stop()
            else:
                tape.start(start, NOON + at)
            check_numbers(store)
            assert check_all_play(root, store) == expected
            ends = [Epoch.of(r).video[-1].end_us for r in all_epochs(store, CAMERA) if Epoch.of(r).video]
            assert ends == sorted(ends)
