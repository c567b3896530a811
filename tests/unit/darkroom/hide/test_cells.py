"""Fill cells: coarse enough for everybody, few levels, held."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import sizes, small_sizes

from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import (
    HOLD_S,
    LEVELS,
    STEPS,
    HeldFill,
    fill_cell_px,
    fill_shape,
    level_for_body,
    level_for_cell,
    level_for_head,
    quantise,
)

levels = st.integers(0, LEVELS - 1)
anything = st.tuples(st.integers(1, 16384), st.integers(1, 16384))


@given(anything, levels)
@example((1920, 1080), 0)
@example((1080, 1920), 0)
@example((3840, 2160), 0)
@example((640, 480), 0)
@example((16, 16), 0)
@example((8192, 16), 0)
def test_never_more_than_32_by_18(size: tuple[int, int], level: int) -> None:
    rows, columns = fill_shape(Grid(*size), level)
    long, short = (rows, columns) if size[1] > size[0] else (columns, rows)
    assert 1 <= long <= 32
    assert 1 <= short <= 18


@given(sizes)
def test_each_level_is_coarser(size: tuple[int, int]) -> None:
    grid = Grid(*size)
    for finer in range(LEVELS - 1):
        one, two = fill_shape(grid, finer), fill_shape(grid, finer + 1)
        assert two[0] <= one[0]
        assert two[1] <= one[1]
        assert fill_cell_px(grid, finer) <= fill_cell_px(grid, finer + 1)


def test_a_wide_picture_has_32_by_18() -> None:
    assert fill_shape(Grid(1920, 1080), 0) == (18, 32)
    assert fill_shape(Grid(1080, 1920), 0) == (32, 18)
    assert [fill_shape(Grid(1920, 1080), n) for n in range(1, LEVELS)] == [(9, 16), (4, 8), (2, 4)]


def cell_px(grid: Grid, level: int) -> float:
    """The shorter side of a cell."""
    rows, columns = fill_shape(grid, level)
    return min(grid.height / rows, grid.width / columns)


@given(sizes, st.floats(0.001, 1))
def test_no_head_has_more_than_three_cells(size: tuple[int, int], share: float) -> None:
    grid = Grid(*size)
    head = share * min(size)
    level = level_for_head(grid, head)
    assert head / cell_px(grid, level) <= 3 + 1e-9
    if level:
        assert head / cell_px(grid, level - 1) > 3, "coarser than it has to be"


@given(sizes, st.floats(0.001, 1), st.floats(0.001, 1))
def test_no_body_has_more_than_6_by_12_cells(size: tuple[int, int], wide: float, high: float) -> None:
    grid = Grid(*size)
    width, height = wide * size[0], high * size[1]
    level = level_for_body(grid, width, height)
    if level < LEVELS - 1 or max(width / 6, height / 12) <= cell_px(grid, level):
        assert width / cell_px(grid, level) <= 6 + 1e-9
        assert height / cell_px(grid, level) <= 12 + 1e-9
    if level:
        finer = cell_px(grid, level - 1)
        assert width / finer > 6 or height / finer > 12


def test_what_no_level_covers_gets_the_coarsest() -> None:
    assert level_for_cell(Grid(640, 480), 1e9) == LEVELS - 1
    assert level_for_cell(Grid(640, 480), 0.0) == 0


def test_sixteen_levels() -> None:
    every = quantise(np.arange(256, dtype=np.uint8))
    assert len(np.unique(every)) == STEPS == 16
    assert np.abs(every.astype(int) - np.arange(256)).max() <= 8
    assert (np.diff(every.astype(int)) >= 0).all()


steps = st.lists(st.tuples(st.floats(0, 0.7), st.integers(0, 255)), min_size=1, max_size=40)


@given(small_sizes, steps)
@example((64, 64), [(0.0, 10), (0.499, 200), (0.0, 90), (0.002, 250)])
def test_values_are_held(size: tuple[int, int], moves: list[tuple[float, int]]) -> None:
    grid = Grid(*size)
    fill = HeldFill(grid)
    now, last_change = 0.0, [-np.inf] * LEVELS
    before: list[np.ndarray] | None = None
    for wait, luma in moves:
        now += wait
        values = fill.update(np.full(grid.cells, luma, np.uint8), now)
        for level in range(LEVELS):
            assert values[level].shape == fill_shape(grid, level)
            assert set(np.unique(values[level] % 16)) == {8}
            if before is not None and not np.array_equal(values[level], before[level]):
                assert now - last_change[level] >= HOLD_S
                last_change[level] = now
            elif before is None:
                last_change[level] = now
        before = values


def test_after_the_hold_comes_the_present() -> None:
    grid = Grid(64, 64)
    fill = HeldFill(grid)
    cells = np.full(grid.cells, 10, np.uint8)
    assert set(fill.update(cells, 0.0)[0].ravel()) == {8}
    cells = np.full(grid.cells, 200, np.uint8)
    assert set(fill.update(cells, 0.25)[0].ravel()) == {8}
    assert set(fill.update(cells, 0.5)[0].ravel()) == {200}
    cells = np.full(grid.cells, 10, np.uint8)
    assert set(fill.update(cells, 0.75)[0].ravel()) == {200}


def test_time_that_goes_back_changes_nothing() -> None:
    grid = Grid(64, 64)
    fill = HeldFill(grid)
    fill.update(np.full(grid.cells, 10, np.uint8), 10.0)
    assert set(fill.update(np.full(grid.cells, 200, np.uint8), 0.0)[0].ravel()) == {8}


def test_values_given_out_do_not_change_later() -> None:
    grid = Grid(64, 64)
    fill = HeldFill(grid)
    early = fill.update(np.full(grid.cells, 10, np.uint8), 0.0)
    fill.update(np.full(grid.cells, 200, np.uint8), 5.0)
    assert all(set(values.ravel()) == {8} for values in early)


def test_the_padding_has_no_part_in_it() -> None:
    grid = Grid(65, 65)
    cells = np.full(grid.cells, 255, np.uint8)
    cells[grid.cells_inside] = 20
    assert all(set(v.ravel()) == {24} for v in HeldFill(grid).update(cells, 0.0))


def test_cells_are_where_they_show() -> None:
    grid = Grid(320, 192)
    cells = np.full(grid.cells, 20, np.uint8)
    cells[: grid.cells[0] // 2] = 220
    values = HeldFill(grid).update(cells, 0.0)
    for level in range(LEVELS):
        rows = values[level].shape[0]
        # The rows beside the edge hold a part of what is beyond it.
        assert set(values[level][: rows // 2 - 1].ravel()) <= {216}
        assert set(values[level][rows // 2 + 2 :].ravel()) <= {24}
        assert values[level][0, 0] > 120 > values[level][-1, 0]


def test_a_value_is_the_mean_of_nine_cells() -> None:
    grid = Grid(512, 288)
    rows, columns = fill_shape(grid, 0)
    cells = np.full(grid.cells, 40, np.uint8)
    high, wide = 288 // 4 // rows, 512 // 4 // columns
    cells[6 * high : 7 * high, 9 * wide : 10 * wide] = 40 + 90
    values = HeldFill(grid).update(cells, 0.0)[0].astype(int)
    around = np.zeros((rows, columns), bool)
    around[5:8, 8:11] = True
    assert set(values[around]) == {quantise(np.array([50], np.uint8))[0]}
    assert set(values[~around]) == {quantise(np.array([40], np.uint8))[0]}


@given(st.integers(0, 2**32 - 1), levels)
def test_a_fill_tells_no_more_than_its_cells_means(seed: int, level: int) -> None:
    """However what lies inside a fill cell is arranged, the fill is the same."""
    grid = Grid(512, 288)
    random = np.random.default_rng(seed)
    (rows, columns), (high, wide) = fill_shape(grid, level), (288 // 4, 512 // 4)
    cells = random.integers(0, 256, grid.cells, np.uint8)
    parts = cells[:high, :wide].reshape(rows, high // rows, columns, wide // columns).transpose(0, 2, 1, 3)
    shuffled = random.permuted(parts.reshape(rows, columns, -1), axis=2).reshape(parts.shape)
    other = cells.copy()
    other[:high, :wide] = shuffled.transpose(0, 2, 1, 3).reshape(high, wide)
    one, two = (HeldFill(grid).update(c, 0.0)[level] for c in (cells, other))
    assert np.array_equal(one, two)
