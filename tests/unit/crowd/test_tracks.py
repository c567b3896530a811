"""Tracks last for seconds, and crossings count once."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd import tracks as module
from passerby.crowd.crossing import FIRM_M, RETURN_M, Crossings
from passerby.crowd.tracks import FORGET_S, Track, Tracks


def at(*places: tuple[float, float]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(places, float).reshape(-1, 2)


def test_one_who_walks_is_one() -> None:
    tracks = Tracks(lambda: 77)
    numbers = {tracks.saw(at((0.25 * n, 0)), n / 5)[0].number for n in range(50)}
    assert numbers == {77}
    assert tracks.alive()[0].velocity == pytest.approx((1.25, 0), abs=0.01)


def test_two_who_pass_each_other_stay_two() -> None:
    tracks = Tracks(lambda: 0)
    pairs = [tracks.saw(at((0.2 * n, 0), (8 - 0.2 * n, 0.6)), n / 6) for n in range(41)]
    assert {(a.number, b.number) for a, b in pairs} == {(0, 1)}


def test_who_is_away_for_longer_is_nobody_known() -> None:
    tracks = Tracks(lambda: 0)
    first = tracks.saw(at((0, 0)), 0.0)[0].number
    assert tracks.saw(at((0, 0)), FORGET_S)[0].number == first
    assert tracks.saw(at((0, 0)), 2 * FORGET_S + 0.01)[0].number != first


@given(st.floats(0, 1e6))
def test_nothing_can_make_it_remember_longer(forget_s: float) -> None:
    tracks = Tracks(lambda: 0, forget_s)
    tracks.saw(at((0, 0)), 0.0)
    tracks.saw(at(), FORGET_S + 0.01)
    assert tracks.alive() == []


def test_time_that_runs_backwards_forgets_everything() -> None:
    tracks = Tracks(lambda: 0)
    tracks.saw(at((0, 0)), 10.0)
    assert tracks.saw(at((0, 0)), 9.0)[0].number == 1


def test_numbers_start_where_chance_says_and_wrap() -> None:
    assert Tracks(lambda: 123).saw(at((0, 0)), 0)[0].number == 123
    last = Tracks(lambda: module.NUMBERS - 1)
    assert [t.number for t in last.saw(at((0, 0), (9, 9)), 0)] == [module.NUMBERS - 1, 0]


def test_places_and_times_are_all_that_takes_part() -> None:
    """No appearance can enter: there is no argument for it, and a track holds numbers only."""
    assert list(inspect.signature(Tracks.saw).parameters) == ["self", "metres", "time_s"]
    assert set(Track.__dataclass_fields__) == {"number", "place", "velocity", "seen_s", "looks", "motion", "doubt"}


looks = st.lists(st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), max_size=6), min_size=1, max_size=12)


@given(looks, st.floats(0.02, 3))
def test_each_place_has_a_track_of_its_own(places: list[list[tuple[float, float]]], step: float) -> None:
    tracks = Tracks(lambda: 5)
    for n, now in enumerate(places):
        found = tracks.saw(at(*now), n * step)
        assert len(found) == len(now)
        assert len({t.number for t in found}) == len(now)
        assert all(np.isfinite(t.place).all() and t.seen_s == n * step for t in found)


def crossed(ys: list[float], x: float = 5.0, *, mirrored: bool = False) -> tuple[int, int]:
    """In and out of a line from (0, 0) to (10, 0) for one track at these places."""
    counted = Crossings((0, 0), (10, 0), mirrored=mirrored)
    for n, y in enumerate(ys):
        counted.saw([Track(1, np.array([x, y]), np.zeros(2), n / 5)], n / 5)
    return counted.into, counted.out_of


def test_in_is_from_left_to_right() -> None:
    """In a picture, y runs down: the right hand of somebody who looks along +x is at +y."""
    assert crossed([-1, -0.5, 0.1, 0.5, 1]) == (1, 0)
    assert crossed([1, 0.5, -0.1, -0.5, -1]) == (0, 1)
    assert crossed([-1, -0.5, 0.1, 0.5, 1], mirrored=True) == (0, 1)


def test_past_the_ends_is_not_across() -> None:
    assert crossed([-1, 1], x=-0.1) == (0, 0)
    assert crossed([-1, 1], x=10.1) == (0, 0)
    assert crossed([-1, 1], x=9.9) == (1, 0)


@given(st.lists(st.floats(-FIRM_M + 0.001, FIRM_M - 0.001), min_size=2, max_size=50))
def test_flicker_on_the_line_counts_nothing(ys: list[float]) -> None:
    assert crossed(ys) == (0, 0)


@given(st.lists(st.floats(-RETURN_M + 0.001, RETURN_M - 0.001), min_size=2, max_size=50))
def test_flicker_after_a_passage_counts_nothing_more(ys: list[float]) -> None:
    assert crossed([-1, 1, *ys, 1]) == (1, 0)


def test_whoever_comes_back_is_out_again() -> None:
    assert crossed([-1, 1, 2, 1, -1]) == (1, 1)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40))
def test_in_and_out_alternate(ys: list[float]) -> None:
    into, out_of = crossed(ys)
    assert abs(into - out_of) <= 1


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40))
def test_backwards_in_space_swaps(ys: list[float]) -> None:
    assert crossed(ys) == crossed([-y for y in ys])[::-1]


def test_flow_counts_the_first_passage_only() -> None:
    counted = Crossings((0, 0), (10, 0))
    for n, y in enumerate([-1, 1, 2, 1, -1, -2]):
        counted.saw([Track(1, np.array([5.0, y]), np.zeros(2), n)], n)
    assert (counted.into, counted.out_of) == (1, 1)
    assert counted.flow(60.0, 0.0).value == pytest.approx(1 / 60)
    assert counted.totals()[0].low <= 1 <= counted.totals()[0].high


def test_a_box_that_flickers_between_two_places_is_no_passage() -> None:
    """Boxes tremble by half a metre across the line for a minute: tracked and counted, nobody passed."""
    tracks, counted = Tracks(lambda: 0), Crossings((0, 0), (10, 0))
    chance = np.random.default_rng(3)
    for n in range(300):
        counted.saw(tracks.saw(at((5, chance.normal(0, 0.2))), n / 5), n / 5)
    assert counted.into + counted.out_of <= 1
    tracks, counted = Tracks(lambda: 0), Crossings((0, 0), (10, 0))
    for n in range(300):
        counted.saw(tracks.saw(at((5, 0.25 if n % 2 else -0.25)), n / 5), n / 5)
    assert counted.into + counted.out_of == 0
