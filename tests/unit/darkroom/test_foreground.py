"""What covers the background: numbers of a frame, and nothing where nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.darkroom.scenes import blank, painted, textured

from passerby.crowd.ground import from_pose
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.foreground import (
    CAMERA_WINDOW_S,
    FIRST_INTERVAL_S,
    LEAST_SAMPLES,
    MOST_SAMPLES,
    OTHER_S,
    TOLERANCE,
    Foreground,
)
from passerby.darkroom.grid import CellFrame, Grid, reduce

GRID = Grid(320, 240)
EMPTY = textured(GRID)
BODY = (100.0, 100.0, 120.0, 160.0)


def cells(planes: RawPlanes) -> CellFrame:
    return reduce(planes, GRID)


def learnt(window_s: float = math.inf) -> Foreground:
    made = Foreground(GRID, window_s=window_s)
    for n in range(LEAST_SAMPLES):
        made.learn(cells(EMPTY), n * FIRST_INTERVAL_S)
    return made


def test_nothing_is_known_before_there_are_samples() -> None:
    made = Foreground(GRID)
    for n in range(LEAST_SAMPLES - 1):
        made.learn(cells(EMPTY), n * FIRST_INTERVAL_S)
        made.learn(cells(EMPTY), n * FIRST_INTERVAL_S + 0.1)
        assert made.covered(cells(EMPTY), 0.0) is None
    made.learn(cells(EMPTY), 100.0)
    assert made.covered(cells(EMPTY), 0.0) is not None


def test_an_empty_view_is_covered_by_nothing_whatever_the_light() -> None:
    made = learnt()
    for lighter in (-25, 0, 25):
        shown = RawPlanes((EMPTY.y.astype(int) + lighter).astype(np.uint8), EMPTY.u, EMPTY.v)
        found = made.covered(cells(shown), 0.0)
        assert found is not None and (found.area, found.edge) == (0.0, 0.0)


def test_area_and_edge_are_those_of_what_stands_there() -> None:
    made = learnt()
    base = blank(GRID, luma=60)
    plain = Foreground(GRID)
    for n in range(LEAST_SAMPLES):
        plain.learn(cells(base), float(n))
    one = plain.covered(cells(painted(base, BODY, 200)), 0.0)
    assert one is not None
    assert one.area == pytest.approx(100 * 20 * 60 / (320 * 240))
    # Cells of 4 px: the gradient is one cell wide on both sides of an edge.
    assert one.edge == pytest.approx(100 * (7 * 17 - 3 * 13) / (80 * 60))
    assert one.bodies == -1
    faint = plain.covered(cells(painted(base, BODY, 60 + TOLERANCE)), 0.0)
    assert faint is not None and faint.area == 0
    two = plain.covered(cells(painted(painted(base, BODY, 200), (200.0, 100.0, 220.0, 160.0), 10)), 0.0)
    assert two is not None and two.area == pytest.approx(2 * one.area)
    assert made is not plain


def test_on_the_ground_a_far_body_counts_as_much_as_a_near_one() -> None:
    ground = from_pose(6.0, 20.0, 60.0, (GRID.width, GRID.height))
    made = Foreground(GRID, ground)
    base = blank(GRID, luma=60)
    for n in range(LEAST_SAMPLES):
        made.learn(cells(base), float(n))
    found = []
    for y in (140.0, 230.0):
        height = float(ground.person_height_px([[160.0, y]])[0])
        box = (160 - height / 6, y - height, 160 + height / 6, y)
        here = made.covered(cells(painted(base, box, 200)), 0.0)
        assert here is not None
        found.append(here)
    near, far = found[1], found[0]
    assert near.area > 1.5 * far.area
    assert near.bodies == pytest.approx(far.bodies, rel=0.2)


def test_who_is_there_for_less_than_half_of_it_is_no_background() -> None:
    made = Foreground(GRID)
    base = blank(GRID, luma=60)
    for n in range(30):
        made.learn(cells(painted(base, BODY, 200) if n % 3 == 0 else base), float(n))
    found = made.covered(cells(base), 0.0)
    assert found is not None and found.area == 0


def test_memory_is_bounded_and_a_file_is_sampled_over_all_of_it() -> None:
    base = blank(GRID, luma=60)
    file, camera = Foreground(GRID), Foreground(GRID, window_s=CAMERA_WINDOW_S)
    for n in range(8000):
        shown = cells(painted(base, BODY, 200)) if n < 5000 else cells(base)
        file.learn(shown, float(n))
        camera.learn(shown, float(n))
    assert len(file._samples) <= MOST_SAMPLES and len(camera._samples) <= MOST_SAMPLES
    # Most of the file shows the box; a camera's last twenty minutes don't.
    whole, lately = file.covered(cells(base), 8000.0), camera.covered(cells(base), 8000.0)
    assert whole is not None and whole.area > 0
    assert lately is not None and lately.area == 0


def test_a_camera_that_turns_away_says_nothing_and_learns_anew() -> None:
    made = learnt(CAMERA_WINDOW_S)
    other = textured(GRID, seed=5, low=0, high=255)
    assert made.covered(cells(other), 50.0) is None
    assert made.covered(cells(EMPTY), 51.0) is not None
    assert made.covered(cells(other), 52.0) is None
    assert made.covered(cells(other), 52.0 + OTHER_S) is None
    for n in range(LEAST_SAMPLES):
        made.learn(cells(other), 100.0 + n)
    found = made.covered(cells(other), 120.0)
    assert found is not None and found.area == 0


def test_a_clock_that_jumps_back_goes_on() -> None:
    made = learnt()
    for n in range(3):
        made.learn(cells(EMPTY), -1000.0 + n)
    assert len(made._samples) == LEAST_SAMPLES + 3
