"""Timestamps that only go forward: for any that come in."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.darkroom.timeline import LATEST_START, LONGEST_GAP, Timeline, step_of, timeline_for

ANY = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-100, 100), max_size=60)
BASES = st.builds(Fraction, st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1))
RATES = st.none() | st.builds(Fraction, st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1))


def run(timeline: Timeline, times: list[int | None]) -> list[int]:
    return [timeline.next(pts) for pts in times]


@given(ANY, RATES, BASES)
def test_strictly_forward_and_within_what_mp4_holds(
    times: list[int | None], rate: Fraction | None, base: Fraction
) -> None:
    out = run(timeline_for(rate, base), times)
    assert all(0 < (b - a) * base.numerator <= max(LONGEST_GAP, base.numerator) for a, b in pairwise(out))
    assert all(0 <= pts * base.numerator < 2**63 for pts in out)


@given(st.lists(st.integers(1, LONGEST_GAP), max_size=60), st.integers(0, LATEST_START))
def test_what_goes_forward_already_stays_as_it_is(gaps: list[int], start: int) -> None:
    times: list[int | None] = [start]
    for gap in gaps:
        times.append((times[-1] or 0) + gap)
    timeline = Timeline(step=40)
    assert run(timeline, times) == times
    assert timeline.repaired == 0


@given(ANY)
def test_every_change_is_counted(times: list[int | None]) -> None:
    timeline = Timeline(step=40)
    assert timeline.repaired == 0
    out = run(timeline, times)
    assert timeline.repaired == sum(a != b for a, b in zip(out, times, strict=True))


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30), st.integers(-(2**40), -1))
def test_a_start_before_zero_keeps_all_distances(gaps: list[int], start: int) -> None:
    times: list[int | None] = [start]
    for gap in gaps:
        times.append((times[-1] or 0) + gap)
    out = run(Timeline(step=40), times)
    assert out[0] == 0
    assert [b - a for a, b in pairwise(out)] == gaps


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 40, 80, 0, 40, 80], [0, 40, 80, 120, 160, 200]),
        ([0, 40, 80, 40, 160, 200], [0, 40, 80, 120, 160, 200]),
        ([None, None, None], [0, 40, 80]),
        ([100, None, 180], [100, 140, 180]),
        ([0, 0, 0], [0, 40, 80]),
        ([0, 40, 2**40, 2**40 + 40], [0, 40, 80, 120]),
    ],
    ids=["clock starts anew", "one stray", "none at all", "one missing", "all the same", "clock jumps ahead"],
)
def test_examples(times: list[int | None], expected: list[int]) -> None:
    assert run(Timeline(step=40), times) == expected


@given(RATES, BASES)
def test_step_is_at_least_a_tick(rate: Fraction | None, base: Fraction) -> None:
    assert step_of(rate, base) >= 1
