"""Levels of service, pressure, the choice between ways of counting, intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd.choose import CLEAR_GAIN, Choice, Close, Way, by_density, by_detection, choose
from passerby.crowd.interval import counted, mean
from passerby.crowd.levels import DENSITIES, DENSITY_ALERTS, Profile, by_flow, range_by_density
from passerby.crowd.levels import by_density as level
from passerby.crowd.occupancy import Estimate
from passerby.crowd.pressure import LEAST_SAMPLES, pressure

SQUARE_FEET_PER_M2 = 10.7639


def test_fruins_walkway_in_his_own_units() -> None:
    for feet, one in ((40, "A"), (30, "B"), (20, "C"), (12, "D"), (7, "E"), (4, "F")):
        assert level(SQUARE_FEET_PER_M2 / feet, Profile.WALKWAY) == one


def test_flow_in_the_sources_units() -> None:
    assert [by_flow(n / 60) for n in (10, 30, 40, 60, 70, 90)] == list("ABCDEF")


@given(st.sampled_from(list(Profile)), st.floats(0, 12), st.floats(0, 12))
def test_denser_is_never_better(profile: Profile, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert level(less, profile) <= level(more, profile)
    assert range_by_density(Estimate(more, less, 12), profile)[1] <= level(more, profile)


def test_warnings_lie_within_the_last_levels() -> None:
    for profile, (warn, danger) in DENSITY_ALERTS.items():
        assert level(warn, profile) == "E"
        assert level(danger, profile) == "F"
        assert list(DENSITIES[profile]) == sorted(DENSITIES[profile])


def test_pressure_is_density_times_variance() -> None:
    chance = np.random.default_rng(0)
    v = chance.normal((0.3, 0.1), (0.1, 0.05), (4000, 2, 3, 2))
    found = pressure(np.full((2, 3), 5.0), v)
    assert found.value == pytest.approx(np.full((2, 3), 5 * (0.1**2 + 0.05**2)), rel=0.1)
    worst = found.worst()
    assert worst is not None
    assert worst.low < worst.value < worst.high


def test_a_crowd_that_moves_as_one_has_no_pressure() -> None:
    v = np.broadcast_to(np.array([1.2, -0.4]), (20, 2, 2, 2))
    assert pressure(np.full((2, 2), 6.0), v).value == pytest.approx(np.zeros((2, 2)), abs=1e-12)


def test_too_little_is_no_pressure() -> None:
    v = np.full((LEAST_SAMPLES - 1, 1, 1, 2), 1.0)
    assert pressure(np.ones((1, 1)), v).worst() is None


@given(st.integers(0, 1000), st.floats(-5, 5), st.floats(-5, 5))
def test_pressure_does_not_know_the_mean_flow(seed: int, vx: float, vy: float) -> None:
    v = np.random.default_rng(seed).normal(0, 0.2, (30, 1, 1, 2))
    still, moving = (pressure(np.ones((1, 1)), w).value for w in (v, v + np.array([vx, vy])))
    assert moving == pytest.approx(still)


def offers(people: float, density: float):  # type: ignore[no-untyped-def]
    return [
        by_detection(Estimate(people, 0.8 * people, 1.2 * people), density),
        by_density(Estimate(people, 0.9 * people, 1.1 * people)),
    ]


def test_sparse_by_detection_dense_by_density() -> None:
    assert choose(offers(6, 0.05)).way is Way.DETECTION
    assert choose(offers(200, 3.0)).way is Way.DENSITY


@given(st.floats(0, 300), st.floats(0, 5), st.sampled_from([None, *Way]))
def test_the_choice_is_the_least_error_but_for_what_is_held(people: float, density: float, before: Way | None) -> None:
    given_ = offers(people, density)
    chosen = choose(given_, before)
    least = min(o.error for o in given_)
    assert chosen.error * CLEAR_GAIN <= least


def test_it_does_not_swing() -> None:
    near = next(density for density in np.linspace(0, 4, 400) if choose(offers(40, density)).way is Way.DENSITY)
    held = Way.DETECTION
    swings = 0
    for n in range(50):
        now = choose(offers(40, near + (0.01 if n % 2 else -0.01)), held).way
        swings, held = swings + (now is not held), now
    assert swings <= 1


PLAIN = Estimate(40.0, 30.0, 50.0)


def test_a_dense_look_is_believed_where_it_sees_many_more() -> None:
    """A packed crowd: heads that a plain look can't see."""
    choice = Choice()
    assert choice.saw(PLAIN) == PLAIN
    assert choice.way is Way.DETECTION
    seen = choice.saw(PLAIN, Close(160.0, 160.0))
    assert choice.way is Way.DENSITY
    assert seen.value == 160
    assert seen.low < 110 and seen.high > 210
    # Each of its weak boxes may be somebody: the interval reaches as far.
    assert Choice().saw(PLAIN, Close(160.0, 900.0)) == Estimate(seen.value, seen.low, 900)


def test_a_dense_look_that_sees_twice_as_many_sees_parts_of_them() -> None:
    choice = Choice()
    assert choice.saw(PLAIN, Close(64.0, 64.0)) == PLAIN
    assert choice.way is Way.DETECTION


def test_between_two_dense_looks_what_it_found_goes_with_the_plain() -> None:
    choice = Choice()
    choice.saw(PLAIN, Close(160.0, 160.0))
    assert choice.saw(Estimate(20.0, 15.0, 25.0)).value == 80
    assert choice.saw(Estimate(0.0, 0.0, 0.0)).value < 5
    # The crowd has gone apart.
    assert choice.saw(PLAIN, Close(45.0, 45.0)) == PLAIN


def test_an_empty_place_is_nobody_whatever_was_before() -> None:
    choice = Choice()
    none = Estimate(0.0, 0.0, 0.0)
    assert choice.saw(none, Close(0.0, 0.0)) == none
    assert choice.saw(none) == none


def test_a_calibration_is_believed_before_anything_presumed() -> None:
    choice = Choice()
    assert choice.saw(PLAIN, Close(400.0, 400.0), Estimate(55.0, 50.0, 60.0)).value == 55
    assert choice.way is Way.REGRESSION


@given(st.floats(0, 1000), st.floats(0, 0.5))
def test_counted(count: float, missed: float) -> None:
    found = counted(count, missed)
    assert 0 <= found.low <= count <= found.high


def test_the_interval_of_a_mean_covers() -> None:
    for size in (4, 8, 30):
        draws = np.random.default_rng(1).normal(3, 1, (4000, size))
        covered = np.mean([e.low <= 3 <= e.high for e in map(mean, draws) if e])
        assert covered == pytest.approx(0.9, abs=0.02)
