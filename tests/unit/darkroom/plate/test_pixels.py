"""The plate's pixels: medians of frames in which a cell was seen empty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import blank, noise, planes_of

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid
from passerby.darkroom.plate.pixels import MOST, median_of_supporters

GRID = Grid(64, 64)
ROWS, COLUMNS = GRID.cells


def cell(plane: np.ndarray, row: int, column: int) -> np.ndarray:
    side = plane.shape[0] // ROWS
    return plane[row * side : (row + 1) * side, column * side : (column + 1) * side]


def check_medians(frames: list[RawPlanes], usable: np.ndarray) -> None:
    planes, _ = median_of_supporters(frames, usable, GRID)
    for index, plane in enumerate(planes_of(planes)):
        stack = np.stack([planes_of(f)[index] for f in frames])
        for row in range(ROWS):
            for column in range(COLUMNS):
                chosen = stack[usable[:, row, column]]
                wanted = np.median([cell(p, row, column) for p in chosen], axis=0)
                assert np.array_equal(cell(plane, row, column), wanted)


def some_usable(counts: list[int], frames: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    usable = np.zeros((frames, ROWS, COLUMNS), bool)
    for row in range(ROWS):
        for column in range(COLUMNS):
            usable[random.permutation(frames)[: random.choice(counts)], row, column] = True
    return usable


@settings(max_examples=10)
@given(st.integers(15, 22), st.integers(0, 2**32 - 1))
def test_the_median_of_an_odd_number_is_exact(count: int, seed: int) -> None:
    frames = [noise(GRID, seed + n) for n in range(count)]
    check_medians(frames, some_usable([1, 3, 5, 7, 15], count, seed))


@pytest.mark.parametrize("count", [9, 11, 13])
def test_the_median_of_more_is_exact_too(count: int) -> None:
    frames = [noise(GRID, n) for n in range(count)]
    check_medians(frames, some_usable([count], count, 0))


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 8, 14, 15])
def test_a_minority_leaves_no_trace(count: int) -> None:
    """Wherever among the frames they stand: another minority in every cell."""
    random = np.random.default_rng(count)
    for _ in range(10):
        there = random.random((count, ROWS, COLUMNS)).argsort(axis=0) < (count - 1) // 2
        frames = [blank(GRID) for _ in range(count)]
        for frame, cells in zip(frames, there, strict=True):
            frame.y[cells.repeat(4, 0).repeat(4, 1)] = 255
        planes, _ = median_of_supporters(frames, np.ones((count, ROWS, COLUMNS), bool), GRID)
        assert (planes.y == 100).all()


@pytest.mark.parametrize("count", [9, 10, 11, 12, 13])
def test_a_minority_of_more_leaves_no_trace(count: int) -> None:
    test_a_minority_leaves_no_trace(count)


def test_frames_that_are_not_usable_leave_no_trace() -> None:
    """Even where they are nearly all."""
    usable = np.zeros((20, ROWS, COLUMNS), bool)
    usable[[4, 11, 19]] = True
    frames = [blank(GRID, 90 if n in (4, 11, 19) else 250, u=100 if n in (4, 11, 19) else 200) for n in range(20)]
    planes, seen = median_of_supporters(frames, usable, GRID)
    assert (planes.y == 90).all()
    assert (planes.u == 100).all()
    assert seen.all()


def test_frames_are_chosen_from_the_whole_clip() -> None:
    """Of 60 usable frames a third at the end differ: with the first 15 only they would not be heard."""
    frames = [blank(GRID, 100 if n < 20 else 140) for n in range(60)]
    planes, _ = median_of_supporters(frames, np.ones((60, ROWS, COLUMNS), bool), GRID)
    assert (planes.y == 140).all()


@pytest.mark.parametrize(("count", "usable", "seen"), [(10, 3, True), (10, 2, False), (10, 0, False), (3, 3, True)])
def test_a_cell_needs_three_frames(count: int, usable: int, seen: bool) -> None:
    which = np.zeros((count, ROWS, COLUMNS), bool)
    which[:usable] = True
    _, got = median_of_supporters([blank(GRID)] * count, which, GRID)
    assert got.all() == seen
    assert got.any() == seen


@pytest.mark.parametrize("count", [1, 2])
def test_a_cell_needs_three_frames_even_of_fewer(count: int) -> None:
    _, got = median_of_supporters([blank(GRID)] * count, np.ones((count, ROWS, COLUMNS), bool), GRID)
    assert not got.any()


def test_most_is_odd() -> None:
    assert MOST % 2 == 1
