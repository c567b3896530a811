"""Cells and blocks tile every picture, and cell means are means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import blank, cells_of, noise, painted, sizes, small_sizes

from passerby.darkroom._frames import padded
from passerby.darkroom.grid import BLOCK_CELLS, CELL_PX, Grid, reduce
from passerby.darkroom.ring_file import ALIGN


@given(sizes)
@example((8192, 8192))
@example((16, 16))
@example((1920, 1080))
def test_grids_tile_the_padded_picture(size: tuple[int, int]) -> None:
    grid = Grid(*size)
    height, width = padded(size[1]), padded(size[0])
    for side, shape in ((grid.cell_px, grid.cells), (grid.block_px, grid.blocks)):
        assert shape == (height / side, width / side)
        assert ALIGN % side == 0
    assert grid.cell_px == CELL_PX * grid.scale
    assert grid.block_px in (grid.cell_px, BLOCK_CELLS * grid.cell_px)


@pytest.mark.parametrize(
    ("size", "cell", "block"),
    [
        ((640, 480), 4, 8),
        ((600, 800), 4, 8),
        ((601, 800), 8, 16),
        ((1920, 1080), 8, 16),
        ((1080, 1920), 8, 16),
        ((3840, 2160), 16, 32),
        ((7680, 4320), 32, 64),
        ((8192, 8192), 64, 64),
        ((16, 16), 4, 8),
    ],
)
def test_cells_grow_with_the_picture(size: tuple[int, int], cell: int, block: int) -> None:
    assert (Grid(*size).cell_px, Grid(*size).block_px) == (cell, block)


@given(sizes)
def test_a_picture_has_about_as_many_cells_at_any_size(size: tuple[int, int]) -> None:
    grid = Grid(*size)
    if grid.scale > 1:
        assert min(size) / grid.cell_px > 75
    if grid.cell_px < ALIGN:
        assert min(size) / grid.cell_px <= 150


@given(sizes)
def test_cells_inside_are_those_that_show_the_picture(size: tuple[int, int]) -> None:
    grid = Grid(*size)
    for where, length in zip(grid.cells_inside, size[::-1], strict=True):
        assert where.start == 0
        assert (where.stop - 1) * grid.cell_px < length <= where.stop * grid.cell_px


@given(small_sizes, st.integers(0, 2**32 - 1))
def test_a_cell_is_the_mean_of_its_pixels(size: tuple[int, int], seed: int) -> None:
    grid = Grid(*size)
    planes = noise(grid, seed)
    cells = reduce(planes, grid)
    for plane, mean, side in ((planes.y, cells.y, 4), (planes.u, cells.u, 2), (planes.v, cells.v, 2)):
        rows, columns = grid.cells
        exact = plane.reshape(rows, side, columns, side).mean(axis=(1, 3))
        assert mean.shape == grid.cells
        assert np.abs(mean - exact).max() <= 0.51


@given(
    small_sizes,
    st.tuples(*[st.integers(-60, 460)] * 4),
)
def test_a_box_touches_its_cells_and_no_other(size: tuple[int, int], corners: tuple[int, int, int, int]) -> None:
    grid = Grid(*size)
    x0, x1 = sorted(corners[::2])
    y0, y1 = sorted(corners[1::2])
    box = (x0 + 0.25, y0 + 0.25, x1 + 0.5, y1 + 0.5)
    got = np.zeros(grid.cells, bool)
    got[grid.box_cells(np.array(box, np.float32))] = True
    assert np.array_equal(got, cells_of(box, grid))


@given(st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 4))
def test_no_box_wraps_around(corners: tuple[float, float, float, float]) -> None:
    grid = Grid(320, 240)
    for where in grid.box_cells(np.array(corners, np.float32)):
        assert 0 <= where.start <= where.stop


def test_reduce_sees_where_something_is() -> None:
    grid = Grid(128, 64)
    cells = reduce(painted(blank(grid), (40, 20, 48, 28), 200, u=90, v=170), grid)
    where = np.zeros(grid.cells, bool)
    where[5:7, 10:12] = True
    assert np.array_equal(cells.y == 200, where)
    assert np.array_equal(cells.y == 100, ~where)
    assert np.array_equal(cells.u == 90, where)
    assert np.array_equal(cells.v == 170, where)
