"""Cells and blocks: the grids on which frames are compared and hidden.

A *cell* is the unit of comparison, a *block* (2x2 cells) the unit of proof. Both grow with the picture, so that a
person covers about as many cells at any resolution: 4 and 8 pixels up to 600 rows, 8 and 16 up to 1200, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes, padded
from passerby.darkroom.ring_file import ALIGN

Mask = NDArray[np.uint8]
CELL_PX, BLOCK_CELLS, ROWS_PER_SCALE = 4, 2, 600


@dataclass(frozen=True, slots=True)
class Grid:
    """The grids of one picture size. What follows from the size is worked out once: every box of every frame asks.

    Args:
        width: Picture width in pixels, before padding.
        height: Picture height in pixels, before padding.

    Attributes:
        scale: A power of two: pixels of a cell are four times this. At most 16, so that cells tile the padding.
        cell_px: Side of a cell in pixels.
        block_px: Side of a block in pixels.
        cells: Rows and columns of cells over the padded picture.
        blocks: Rows and columns of blocks over the padded picture.
        cells_inside: The cells that show any of the picture rather than padding.
    """

    width: int
    height: int
    scale: int = field(init=False, repr=False, compare=False)
    cell_px: int = field(init=False, repr=False, compare=False)
    block_px: int = field(init=False, repr=False, compare=False)
    cells: tuple[int, int] = field(init=False, repr=False, compare=False)
    blocks: tuple[int, int] = field(init=False, repr=False, compare=False)
    cells_inside: tuple[slice, slice] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Works out what follows from the size."""
        scale = 1
        while min(self.width, self.height) > ROWS_PER_SCALE * scale and scale * CELL_PX < ALIGN:
            scale *= 2
        cell = CELL_PX * scale
        block = min(cell * BLOCK_CELLS, ALIGN)
        high, wide = padded(self.height), padded(self.width)
        known = {
            "scale": scale,
            "cell_px": cell,
            "block_px": block,
            "cells": (high // cell, wide // cell),
            "blocks": (high // block, wide // block),
            "cells_inside": (slice(0, -(-self.height // cell)), slice(0, -(-self.width // cell))),
        }
        for name, value in known.items():
            object.__setattr__(self, name, value)

    def luma_cells(self, y: Plane) -> Plane:
        """Mean luma of every cell (rows, columns)."""
        rows, columns = self.cells
        return cv2.resize(y, (columns, rows), interpolation=cv2.INTER_AREA)

    def chroma_cells(self, plane: Plane) -> Plane:
        """Mean of a chroma plane over every cell (rows, columns)."""
        rows, columns = self.cells
        return cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)

    def box_cells(self, box: NDArray[np.float32]) -> tuple[slice, slice]:
        """The cells that a box (x0, y0, x1, y1 in pixels) touches."""
        rows, columns = self.cells
        x0, y0, x1, y1 = (float(v) / self.cell_px for v in box)
        top, bottom = max(0, int(np.floor(y0))), min(rows, int(np.ceil(y1)))
        left, right = max(0, int(np.floor(x0))), min(columns, int(np.ceil(x1)))
        return slice(top, max(top, bottom)), slice(left, max(left, right))


@dataclass(frozen=True, slots=True)
class CellFrame:
    """A frame reduced to cell means (rows, columns); luma, and both chroma planes."""

    y: Plane
    u: Plane
    v: Plane


def reduce(planes: RawPlanes, grid: Grid) -> CellFrame:
    """The frame's cell means."""
    return CellFrame(grid.luma_cells(planes.y), grid.chroma_cells(planes.u), grid.chroma_cells(planes.v))
