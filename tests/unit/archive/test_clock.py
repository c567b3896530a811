"""The archive's clock: however a clock is set, nothing is destroyed early."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept

from passerby.archive.clock import SMALL_US, ArchiveClock, Moment, advance
from passerby.archive.tape import record
from passerby.store.epochs import all_epochs

US = 1_000_000
DAY_S = 86_400.0
STEPS = st.tuples(
    st.integers(0, 3 * 86_400),  # seconds that really pass
    st.sampled_from([0, 0, 1, -1, 200, -200, 3600, -3600, 100 * 86_400, -100 * 86_400]),  # the wall clock is set by
    st.sampled_from(["", "", "reboot", "witness"]),
)


@given(st.lists(STEPS, max_size=30))
def test_it_is_never_ahead_of_the_time_that_has_passed(steps: list[tuple[int, int, str]]) -> None:
    """Whatever the wall clock says: at most by one small step for each run of the machine."""
    real, off, boot, steady, seen = 10**15, 0, 0, 0, 0
    last = advance(None, real, steady, b"0" * 16, seen)
    begun, runs = last.now - real, 1
    for passed, step, what in steps:
        real, off, steady = real + passed * US, off + step * US, steady + passed * US
        if what == "reboot":
            boot, steady, runs = boot + 1, 0, runs + 1
        if what == "witness":
            seen = real
        last = advance(last, real + off, steady, str(boot).zfill(16).encode(), seen)
        assert last.now - begun <= real + SMALL_US * (1 + sum(abs(s) <= 300 for _, s, _ in steps))


@given(st.lists(st.integers(0, 3600), min_size=2, max_size=20))
def test_with_a_right_clock_it_is_the_time(passed: list[int]) -> None:
    real = [10**15 + US * sum(passed[:n]) for n in range(len(passed))]
    last: Moment | None = None
    for now in real:
        last = advance(last, now, now, b"b" * 16, None)
        assert last.now == now
    assert all(a <= b for a, b in pairwise(real))


def test_an_outage_counts_once_the_witnesses_confirm_it() -> None:
    last = advance(None, 10**15, 5, b"1" * 16, 0)
    after = advance(last, 10**15 + 3600 * US, 5, b"2" * 16, 0)
    assert (after.now, after.owed) == (10**15, 3600 * US)
    told = advance(after, 10**15 + 3660 * US, 5 + 60 * US, b"2" * 16, 10**15 + 1800 * US)
    assert told.now == 10**15 + 1800 * US
    assert advance(told, told.wall + US, told.steady + US, b"2" * 16, told.wall + US).now == told.wall + US
    alone = advance(last, 10**15 + 3600 * US, 5, b"2" * 16, None)
    assert alone.now == 10**15 + 3600 * US, "without any witness the wall clock is believed over a restart"


def test_it_is_remembered_and_a_torn_record_makes_it_slower(tmp_path: Path) -> None:
    path, time = tmp_path / "clock", Time()
    for hour in range(3):
        time.now_s += HOUR_S
        clock = time.clock(path)
        assert clock.now_us() == round(time.now_s * US), hour
        clock.save()
        clock.save()
    raw = bytearray(path.read_bytes())
    raw[10] ^= 1
    path.write_bytes(raw)
    assert ArchiveClock(path, time, time, time.boot).moment().now == round(time.now_s * US)


SET = [
    ("forward", 5 * HOUR_S),
    ("100 days forward", 100 * DAY_S),
    ("back", -5 * HOUR_S),
    ("100 days back", -100 * DAY_S),
]


@pytest.mark.parametrize(("how", "by_s"), SET, ids=[s[0] for s in SET])
def test_a_clock_that_is_set_destroys_nothing_early_and_nothing_late(tmp_path: Path, how: str, by_s: float) -> None:
    time = Time()
    time.witnessed_s = 0.0
    start = time.now_s
    with archive_in(tmp_path, time) as (archive, store):
        record_hour(archive, time, "entrance", record(2))
        time.now_s, time.off_s = start + 600, by_s
        assert swept(archive).destroyed == 0
        time.now_s = start + 3 * HOUR_S - 1
        assert swept(archive).destroyed == 0, how
        assert len(all_epochs(store, "entrance")) == 1
        time.now_s = start + 3 * HOUR_S + 10
        assert swept(archive).destroyed == 1
        assert all_epochs(store, "entrance") == []


def test_a_restart_with_a_wrong_clock_waits_for_the_witnesses(tmp_path: Path) -> None:
    time = Time()
    time.witnessed_s = start = time.now_s
    with archive_in(tmp_path, time) as (archive, _):
        record_hour(archive, time, "entrance", record(2))
        swept(archive)
    time.boot, time.off_s = b"c" * 16, 100 * DAY_S
    with archive_in(tmp_path, time) as (archive, store):
        archive.recorder("entrance", record(2))
        assert swept(archive).destroyed == 0
        assert len(all_epochs(store, "entrance")) == 1
        time.now_s, time.off_s = start + 4 * HOUR_S, 0.0
        time.witnessed_s = time.now_s
        assert swept(archive).destroyed == 1
