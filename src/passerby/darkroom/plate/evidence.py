"""What detections say against the plate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.find.found import Found, Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.plate.sizes import SURE_SCORE

SIDE_TRIM = 0.05
CORE_SIDE, CORE_BOTTOM = 0.15, 0.15
# A box of which a larger share differs from the plate is of somebody in front. Of those who pass, hardly one in twenty
# boxes differs by less than two thirds; of those who sit in the plate and fidget, by half at most.
IN_FRONT = 0.6
# The second network is heard if it sees so many of those whom the first is sure of, and of so many at least.
FEWEST_SURE, LEAST_SEEN = 30, 0.7


def covered_blocks(found: Found, grid: Grid) -> NDArray[np.bool_]:
    """Blocks that any box touches, 5 % trimmed at the sides."""
    out = np.zeros(grid.blocks, bool)
    for box in found.boxes:
        out[_touched(box, grid.block_px, grid.blocks, SIDE_TRIM, 0.0)] = True
    return out


def second_trusted(found: list[Found]) -> bool:
    """Does the second network see most of those whom the first is sure of? One that sees nothing must clear nothing.

    Args:
        found: Boxes of all samples.
    """
    seen, count = 0, 0
    for f in found:
        sure, second = f.only(Kind.PERSON, SURE_SCORE).boxes, f.second.boxes
        middles = (sure[:, :2] + sure[:, 2:])[:, None] / 2
        covers = np.all((second[:, :2] <= middles) & (middles <= second[:, 2:]), axis=2)
        seen, count = seen + int(np.count_nonzero(np.any(covers, axis=1))), count + len(sure)
    return count >= FEWEST_SURE and seen >= LEAST_SEEN * count


def speaks_against(
    found: Found, foreground: NDArray[np.bool_], grid: Grid, *, second: bool = False
) -> NDArray[np.bool_]:
    """Cells where detections say that the *plate* holds somebody; where there is a second opinion, both networks'.

    One network alone takes tripods, cones and palms for people again and again, faintly; two of different design seldom
    take the same ones, while whoever is really there is seen by both, or by the first for sure. A face is enough by
    itself.

    A box whose core mostly disagrees with the plate is explained by somebody in front of it and says nothing about
    the plate; one that agrees with the plate must be of somebody inside it.

    Args:
        found: Boxes of one sample.
        foreground: (rows, columns of blocks): where that sample disagrees with the plate.
        grid: The picture's grids.
        second: The second network's opinion counts.
    """
    people = _covers(found.only(Kind.PERSON), foreground, grid)
    if second:
        # Whom the first network is sure of is somebody whatever the second says: trust is earned by those who walk
        # upright, and whoever sits, or is far away, may be seen by the first alone.
        sure = _covers(found.only(Kind.PERSON, SURE_SCORE), foreground, grid)
        people = (people & _covers(found.second, foreground, grid)) | sure
    return people | _covers(found.only(Kind.FACE), foreground, grid)


def _covers(found: Found, foreground: NDArray[np.bool_], grid: Grid) -> NDArray[np.bool_]:
    """Cells under boxes that nobody in front explains."""
    out = np.zeros(grid.cells, bool)
    for box in found.boxes:
        core = foreground[_touched(box, grid.block_px, grid.blocks, CORE_SIDE, CORE_BOTTOM)]
        if not core.size or core.mean() <= IN_FRONT:
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
