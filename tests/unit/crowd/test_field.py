"""The velocity field: local velocities in cells, their unrest, and the density beside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from passerby.crowd.field import CELL_M, MOST_CELLS, Cells, Stir, velocities
from passerby.crowd.ground import from_points, from_pose
from passerby.crowd.pressure import TURBULENT

SQUARE = np.array([(0.0, 0.0), (8.0, 0.0), (8.0, 6.0), (0.0, 6.0)])
Points = NDArray[np.float64]


def crowd(per_m2: float, seed: int = 0) -> Points:
    """People all over the square."""
    return np.random.default_rng(seed).uniform((0, 0), (8, 6), (round(per_m2 * 48), 2))


def test_a_shift_is_a_velocity_on_the_ground() -> None:
    ground = from_points([[0, 0], [100, 0], [100, 100], [0, 100]], [[0, 0], [10, 0], [10, 20], [0, 20]])
    found = velocities(ground, [[50, 50], [20, 80], [1, 1]], [[10, 0], [0, -5], [np.nan, np.nan]])
    assert found[:2] == pytest.approx(np.array([[1.0, 0.0], [0.0, -1.0]]))
    assert np.isnan(found[2]).all()


def test_in_perspective_the_same_shift_is_faster_far_away_and_nothing_beyond_the_horizon() -> None:
    ground = from_pose(5.0, 20.0, 60.0, (640, 360))
    near, far, sky = np.linalg.norm(velocities(ground, [[320, 340], [320, 150], [320, -60]], [[20, 0]] * 3), axis=1)
    assert far > 2 * near > 0
    assert np.isnan(sky)


def test_density_by_cell_is_people_over_what_lies_in_the_zone() -> None:
    cells = Cells(SQUARE)
    assert cells.shape == (3, 4) and cells.area_m2 == pytest.approx(np.full((3, 4), CELL_M**2))
    found = cells.density([[0.5, 0.5], [1.5, 1.0], [7.9, 5.9]], [1.0, 0.5, 1.0])
    assert found[0, 0] == 1.5 / 4 and found[2, 3] == 0.25 and found.sum() == pytest.approx(2.5 / 4)


def test_a_cell_at_the_edge_is_as_dense_as_its_part_in_the_zone() -> None:
    cells = Cells([(0, 0), (3, 0), (3, 2), (0, 2)])
    assert cells.area_m2 == pytest.approx(np.array([[4.0, 2.0]]))
    assert cells.density([[2.5, 1.0]] * 4, np.ones(4))[0, 1] == 2.0
    corner = Cells([(0, 0), (4, 0), (0, 4)])
    assert np.isnan(corner.density([], [])[1, 1])


@given(st.floats(1, 1e5), st.floats(1, 1e5))
@settings(max_examples=30, deadline=None)
def test_no_zone_has_too_many_cells(width: float, height: float) -> None:
    cells = Cells([(0, 0), (width, 0), (width, height), (0, height)])
    assert np.prod(cells.shape) <= 2 * MOST_CELLS
    assert cells.area_m2.sum() == pytest.approx(width * height)


def test_the_local_velocity_is_the_mean_of_those_who_are_there() -> None:
    mean, error = Cells(SQUARE).local([[0.2, 0.2], [0.8, 1.8], [2.5, 0.5]], [[1.0, 0.0], [2.0, 0.0], [5.0, 1.0]])
    known = np.isfinite(mean).all(axis=-1)
    assert known.sum() == 2
    assert {tuple(v) for v in mean[known].tolist()} == {(1.5, 0.0), (5.0, 1.0)}
    # Two at one place differ by a variance of 0.5, and the third is as uncertain as one of them.
    assert sorted(error[known].tolist()) == [0.25, 0.5]


def test_where_nobody_has_a_neighbour_no_velocity_is_known_well_enough() -> None:
    _, error = Cells(SQUARE).local([[0.5, 0.5], [4.5, 4.5]], [[1, 0], [0, 1]])
    assert np.isnan(error).all()


Velocity = Callable[[float, Points], Points]


def stirred(people: Points, velocity: Velocity, noise: float = 0.0) -> float:
    """The worst pressure of two seconds in which people have these velocities, by time and place."""
    cells, chance = Cells(SQUARE), np.random.default_rng(0)
    stir = Stir(cells)
    for n in range(15):
        moves = velocity(n * 0.2, people) + chance.normal(0, noise, people.shape)
        stir.saw(n * 0.2, cells.density(people, np.ones(len(people))), people, moves)
    worst = stir.pressure().worst()
    assert worst is not None
    return worst.value


def walks(_: float, people: Points) -> Points:
    return np.tile((1.0, 0.2), (len(people), 1))


def heaves(time_s: float, people: Points) -> Points:
    return np.tile((0.3 * np.sin(2 * np.pi * time_s), 0.0), (len(people), 1))


@pytest.mark.parametrize("noise", [0.0, 0.15])
def test_a_crowd_that_walks_is_not_pressed_however_unsteady_each_step_is(noise: float) -> None:
    """People sway, and a picture tells a speed to a decimetre or two a second: that is no unrest of the crowd."""
    for seed in range(5):
        assert stirred(crowd(3.0, seed), walks, noise) < TURBULENT


@pytest.mark.parametrize("noise", [0.0, 0.15])
def test_a_crowd_that_is_pushed_to_and_fro_is(noise: float) -> None:
    """What is measured is density times the variance of the wave, with noise and without."""
    found = stirred(crowd(5.0), heaves, noise)
    # The fullest of the cells, of 5 on average, has some 8 people on each square metre.
    assert 5 * 0.3**2 / 2 * 0.8 < found < 9 * 0.3**2 / 2 * 1.5
    assert found > TURBULENT


def test_what_was_long_ago_or_in_another_time_is_forgotten() -> None:
    cells = Cells(SQUARE)
    stir, people = Stir(cells), crowd(3.0)
    still = np.zeros_like(people)
    density = cells.density(people, np.ones(len(people)))
    for n in range(10):
        stir.saw(n * 0.2, density, people, still + (3.0 if n % 2 else -3.0))
    for n in range(10):
        stir.saw(100 + n * 0.2, density, people, still)
    worst = stir.pressure().worst()
    assert worst is not None and worst.value == 0
    stir.saw(5.0, density * 0, people[:0], still[:0])
    assert np.nanmax(stir.density()) == 0
