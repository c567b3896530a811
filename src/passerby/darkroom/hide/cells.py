"""What stands in the place of hidden areas: coarse, quantised, held, grey.

The coarsest grid that a whole-frame mosaic may have is 32x18 cells; the same grid fills masks. Larger heads get
coarser levels, so that no head is ever drawn with more than 3x3 cells and no body with more than 6x12.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane
from passerby.darkroom.grid import Grid

MOST_LONG, MOST_SHORT = 32, 18
LEVELS = 4
# A value is the mean over so many cells each way: of a cell alone, averaging many frames told the shade of a dark coat.
SPREAD = (3, 3)
STEPS = 16
HOLD_S = 0.5
Fills = list[Plane]


def fill_shape(grid: Grid, level: int) -> tuple[int, int]:
    """Rows and columns of the fill grid at a level (0 finest); never more than 32x18 cells, at least one."""
    long, short = max(grid.width, grid.height), min(grid.width, grid.height)
    side = max(long / MOST_LONG, short / MOST_SHORT) * 2**level
    return max(1, int(grid.height / side)), max(1, int(grid.width / side))


@lru_cache(maxsize=8 * LEVELS)
def fill_cell_px(grid: Grid, level: int) -> float:
    """The shorter side of a fill cell in pixels."""
    rows, columns = fill_shape(grid, level)
    return min(grid.height / rows, grid.width / columns)


def level_for_cell(grid: Grid, cell_px: float) -> int:
    """The finest level whose cells are at least this large; the coarsest where none is."""
    for level in range(LEVELS):
        if cell_px <= fill_cell_px(grid, level):
            return level
    return LEVELS - 1


def level_for_head(grid: Grid, head_px: float) -> int:
    """The finest level that draws a head of this height with at most three cells."""
    return level_for_cell(grid, head_px / 3)


def level_for_body(grid: Grid, width_px: float, height_px: float) -> int:
    """The finest level that draws a body of this size with at most 6x12 cells."""
    return level_for_cell(grid, max(width_px / 6, height_px / 12))


class HeldFill:
    """The values of the fill grids over time: each the mean of 3x3 cells in 16 levels, held for at least half a second.

    Args:
        grid: The picture's grids.
    """

    def __init__(self, grid: Grid) -> None:
        self._inside = grid.cells_inside
        self._shapes = [fill_shape(grid, level) for level in range(LEVELS)]
        self._values: Fills = [np.full(shape, 128, np.uint8) for shape in self._shapes]
        self._since: list[NDArray[np.float64]] = [np.full(shape, -np.inf) for shape in self._shapes]

    def update(self, luma_cells: Plane, time_s: float) -> Fills:
        """The values for the frame at ``time_s``: new ones where the old were held long enough.

        Args:
            luma_cells: Mean luma of the frame's cells.
            time_s: Time in the clip, in seconds.
        """
        inside = luma_cells[self._inside]
        for level, (rows, columns) in enumerate(self._shapes):
            due = time_s - self._since[level] >= HOLD_S
            if due.any():
                means = cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_AREA)
                means = cv2.blur(means, SPREAD, borderType=cv2.BORDER_REPLICATE)
                self._values[level] = np.where(due, quantise(means), self._values[level])
                self._since[level][due] = time_s
        return [values.copy() for values in self._values]


def quantise(values: Plane) -> Plane:
    """Sixteen levels."""
    width = 256 // STEPS
    return (values // width * width + width // 2).astype(np.uint8)
