"""What detections say against the plate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.find.found import Found
from passerby.darkroom.grid import Grid

SIDE_TRIM = 0.05
CORE_SIDE, CORE_BOTTOM = 0.15, 0.15
SPEAKS = 0.12


def covered_blocks(found: Found, grid: Grid) -> NDArray[np.bool_]:
    """Blocks that any box touches, 5 % trimmed at the sides."""
    out = np.zeros(grid.blocks, bool)
    for box in found.boxes:
        out[_touched(box, grid.block_px, grid.blocks, SIDE_TRIM, 0.0)] = True
    return out


def speaks_against(found: Found, foreground: NDArray[np.bool_], grid: Grid) -> NDArray[np.bool_]:
    """Cells where a detection says that the *plate* holds somebody.

    A box whose core mostly disagrees with the plate is explained by somebody in front of it and says nothing about
    the plate; one that agrees with the plate must be of somebody inside it.

    Args:
        found: Boxes of one sample.
        foreground: (rows, columns of blocks): where that sample disagrees with the plate.
        grid: The picture's grids.
    """
    out = np.zeros(grid.cells, bool)
    for box, score in zip(found.people.boxes, found.people.scores, strict=True):
        core = foreground[_touched(box, grid.block_px, grid.blocks, CORE_SIDE, CORE_BOTTOM)]
        explained = float(core.mean()) if core.size else 0.0
        weight = min(1.0, max(0.0, (0.35 - explained) / 0.25))
        if score * weight > SPEAKS:
            out[_touched(box, grid.cell_px, grid.cells, SIDE_TRIM, 0.0)] = True
    return out


def _touched(
    box: NDArray[np.float32], side: int, shape: tuple[int, int], sides: float, bottom: float
) -> tuple[slice, slice]:
    """What a box touches of a grid of squares, once it is trimmed at both sides and at the bottom."""
    x0, y0, x1, y1 = (float(v) for v in box)
    width, height = x1 - x0, y1 - y0
    x0, x1, y1 = x0 + sides * width, x1 - sides * width, y1 - bottom * height
    rows, columns = shape
    top, left = min(rows - 1, int(y0 // side)), min(columns - 1, int(x0 // side))
    return slice(top, max(top + 1, int(-(-y1 // side)))), slice(left, max(left + 1, int(-(-x1 // side))))
