"""The plate's pixels: the median of frames in which a block was seen empty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes
from passerby.darkroom.grid import Grid

MOST = 15


def median_of_supporters(
    frames: list[RawPlanes], usable: NDArray[np.bool_], grid: Grid
) -> tuple[RawPlanes, NDArray[np.bool_]]:
    """Per pixel, the median over up to 15 frames that show the block's background.

    A median, not a mean: somebody who was there in a minority of the frames leaves no trace.

    Args:
        frames: Whole frames.
        usable: (frames, rows, columns of blocks): where each frame shows the background with nobody found.
        grid: The picture's grids.

    Returns:
        The planes, and the blocks for which at least three frames could be used.
    """
    count = usable.sum(axis=0)
    choice = _choose(usable)
    side = grid.block_px
    planes = RawPlanes(
        _median([f.y for f in frames], choice, side),
        _median([f.u for f in frames], choice, side // 2),
        _median([f.v for f in frames], choice, side // 2),
    )
    return planes, np.asarray(count >= min(3, len(frames)))


def _choose(usable: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For every block, `MOST` usable frames, evenly spread, repeated where there are fewer: (MOST, rows, columns)."""
    order = np.argsort(~usable, axis=0, kind="stable")
    count = np.maximum(usable.sum(axis=0), 1)
    ranks = np.stack([(j * count) // MOST for j in range(MOST)])
    return np.take_along_axis(order, ranks, axis=0)


def _median(planes: list[Plane], choice: NDArray[np.intp], side: int) -> Plane:
    """Gathers each block from its chosen frames and takes the median, one row of blocks at a time."""
    height, width = planes[0].shape
    stack = np.stack(planes)
    out = np.empty((height, width), np.uint8)
    columns = np.arange(width // side)
    for row in range(height // side):
        strip = stack[:, row * side : (row + 1) * side].reshape(len(planes), side, -1, side)
        chosen = strip.transpose(0, 2, 1, 3)[choice[:, row], columns]
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
