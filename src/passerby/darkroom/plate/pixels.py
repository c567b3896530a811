"""The plate's pixels: the median of frames in which a cell was seen empty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes
from passerby.darkroom.grid import Grid

MOST, FEWEST = 15, 3


def median_of_supporters(
    frames: list[RawPlanes], usable: NDArray[np.bool_], grid: Grid
) -> tuple[RawPlanes, NDArray[np.bool_]]:
    """Per pixel, the median over up to 15 frames that show the cell's background.

    A median, not a mean: somebody who was there in a minority of the frames leaves no trace.

    Args:
        frames: Whole frames.
        usable: (frames, rows, columns of cells): where each frame shows the background with nobody found.
        grid: The picture's grids.

    Returns:
        The planes, and the cells for which at least three frames could be used.
    """
    count = usable.sum(axis=0)
    choice, padding = _choose(usable)
    side = grid.cell_px
    planes = RawPlanes(
        _median([f.y for f in frames], choice, padding, side),
        _median([f.u for f in frames], choice, padding, side // 2),
        _median([f.v for f in frames], choice, padding, side // 2),
    )
    return planes, np.asarray(count >= FEWEST)


def _choose(usable: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """For every cell an odd number of usable frames, up to `MOST`, evenly spread: (MOST, rows, columns).

    Places left over are padded in pairs, one darkest and one brightest, which leave the median where it is; the second
    array says which: -1 darkest, 1 brightest, 0 a frame.
    """
    order = np.argsort(~usable, axis=0, kind="stable")
    count = np.maximum(usable.sum(axis=0), 1)
    take = np.minimum(count - (count + 1) % 2, MOST)
    ranks = np.stack([np.minimum((j * count) // take, count - 1) for j in range(MOST)])
    padding = np.stack([np.where(j < take, 0, 1 if j % 2 else -1) for j in range(MOST)]).astype(np.int8)
    return np.take_along_axis(order, ranks, axis=0), padding


def _median(planes: list[Plane], choice: NDArray[np.intp], padding: NDArray[np.int8], side: int) -> Plane:
    """Gathers each cell from its chosen frames and takes the median, one row of cells at a time."""
    height, width = planes[0].shape
    stack = np.stack(planes)
    out = np.empty((height, width), np.uint8)
    columns = np.arange(width // side)
    for row in range(height // side):
        strip = stack[:, row * side : (row + 1) * side].reshape(len(planes), side, -1, side)
        chosen = strip.transpose(0, 2, 1, 3)[choice[:, row], columns]
        chosen[padding[:, row] < 0] = 0
        chosen[padding[:, row] > 0] = 255
        middle = _middle(chosen)
        out[row * side : (row + 1) * side] = middle.transpose(1, 0, 2).reshape(side, width)
    return out


def _middle(stack: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The median of an odd number of arrays by exchanging neighbours: far faster than sorting along the axis."""
    arrays = list(stack)
    half = len(arrays) // 2
    for last in range(len(arrays) - 1, half - 1, -1):
        for i in range(last):
            arrays[i], arrays[i + 1] = np.minimum(arrays[i], arrays[i + 1]), np.maximum(arrays[i], arrays[i + 1])
    return arrays[half]
