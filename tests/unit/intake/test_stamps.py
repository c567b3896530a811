"""A stream's timestamps on our own clock."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from passerby.intake.stamps import LARGEST_JUMP_S, TICKS_PER_S, Stamps

RTP = Fraction(1, 90_000)


def seconds(ticks: int) -> float:
    return ticks / TICKS_PER_S


@given(st.integers(0, 2**40), st.floats(0, 1e6), st.lists(st.floats(0, 1.0), min_size=2, max_size=60))
def test_the_distance_is_the_source_s_and_the_place_ours(start: int, arrival_s: float, late_s: list[float]) -> None:
    """Pictures that are up to a second late on the network keep their even distance to within that share of it."""
    stamps = Stamps(RTP)
    got = [seconds(stamps.stamp(start + n * 3600, arrival_s + n / 25 + late)) for n, late in enumerate([0.0, *late_s])]
    steps = [b - a for a, b in itertools.pairwise(got)]
    assert all(abs(step - 1 / 25) < 0.006 for step in steps)
    assert abs(got[0] - arrival_s) < 0.01
    assert stamps.anchored == 1


@given(st.floats(LARGEST_JUMP_S * 1.1, 1e5), st.booleans())
def test_a_jump_is_anchored_anew(jump_s: float, back: bool) -> None:
    stamps = Stamps(RTP)
    stamps.stamp(10**11, 100.0)
    jumped = 10**11 + round(jump_s * 90_000) * (-1 if back else 1)
    assert abs(seconds(stamps.stamp(jumped, 100.04)) - 100.04) < 0.01
    assert stamps.anchored == 2


def test_a_clock_that_drifts_is_followed() -> None:
    """100 parts in a million, 8.6 s a day: never anchored anew, never far off."""
    stamps = Stamps(RTP)
    for n in range(25 * 3600):
        arrival_s = n / 25
        off = seconds(stamps.stamp(round(arrival_s * 1.0001 * 90_000), arrival_s)) - arrival_s
        assert abs(off) < 0.01
    assert stamps.anchored == 1


def test_what_comes_without_a_time_gets_that_of_its_arrival() -> None:
    assert Stamps(RTP).stamp(None, 12.5) == 12.5 * TICKS_PER_S
