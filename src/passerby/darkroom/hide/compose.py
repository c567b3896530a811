"""The output frame, from what is safe. For a given decision, fill and plate it doesn't depend on the raw frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes, padded
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import Fills
from passerby.darkroom.hide.decide import Decision
from passerby.darkroom.hide.reasons import COLOURS, Reason
from passerby.outlet.messages import Mosaic

NEUTRAL = 128
_U = np.array([COLOURS[r][0] for r in Reason], np.uint8)
_V = np.array([COLOURS[r][1] for r in Reason], np.uint8)


class Composer:
    """Builds output frames in its own buffers, one after the other, without allocating full frames.

    Fills are held for half a second, so their enlarged pictures are kept from frame to frame.

    Args:
        grid: The picture's grids.
    """

    def __init__(self, grid: Grid) -> None:
        height, width = padded(grid.height), padded(grid.width)
        self._grid = grid
        self.out = RawPlanes(*(np.empty((height // n, width // n), np.uint8) for n in (1, 2, 2)))
        self._mask = np.empty((height, width), np.uint8)
        self._neutral = np.full((height // 2, width // 2), NEUTRAL, np.uint8)
        self._enlarged: dict[int, tuple[Plane, Plane]] = {}

    def compose(self, decision: Decision, fills: Fills, background: RawPlanes | None) -> RawPlanes:
        """One output frame; valid until the next call.

        Args:
            decision: What is hidden.
            fills: Values of the fill grids.
            background: What is shown elsewhere: the plate, or in no-plate mode the frame; None in a mosaic.
        """
        if decision.mosaic is not Mosaic.NONE or background is None:
            np.copyto(self.out.y, self._fill(0, fills[0]))
            self.out.u.fill(NEUTRAL)
            self.out.v.fill(NEUTRAL)
            return self.out
        if decision.offset:
            cv2.add(background.y, float(decision.offset), dst=self.out.y)
        else:
            np.copyto(self.out.y, background.y)
        np.copyto(self.out.u, background.u)
        np.copyto(self.out.v, background.v)
        hidden = decision.reasons > 0
        for level in np.flatnonzero(np.bincount(decision.levels[hidden])).tolist():
            self._cover(hidden & (decision.levels == level), self._fill(level, fills[level]), self.out.y)
        for plane in (self.out.u, self.out.v):
            self._cover(hidden, self._neutral, plane)
        return self.out

    def explain(self, decision: Decision) -> RawPlanes:
        """The last output frame dimmed, each hidden cell in its reason's colour. No raw detail."""
        y = self.out.y // 2 + 64
        u, v = (_U[decision.reasons], _V[decision.reasons])
        size = (self._neutral.shape[1], self._neutral.shape[0])
        return RawPlanes(y, *(cv2.resize(p, size, interpolation=cv2.INTER_NEAREST) for p in (u, v)))

    def _fill(self, level: int, values: Plane) -> Plane:
        """A fill grid, enlarged smoothly over the picture; the padding repeats its edge."""
        known = self._enlarged.get(level)
        if known is not None and np.array_equal(known[0], values):
            return known[1]
        into = known[1] if known is not None else np.empty_like(self.out.y)
        width, height = self._grid.width, self._grid.height
        inside = into[:height, :width]
        cv2.resize(values, (width, height), dst=inside, interpolation=cv2.INTER_LINEAR)
        into[:height, width:] = inside[:, -1:]
        into[height:] = into[height - 1]
        self._enlarged[level] = values.copy(), into
        return into

    def _cover(self, cells: NDArray[np.bool_], source: Plane, target: Plane) -> None:
        """Copy the cells from one plane into another, touching no more than the rectangle around them."""
        left, top, width, height = cv2.boundingRect(cells.view(np.uint8))
        if not width:
            return
        part = cells[top : top + height, left : left + width].view(np.uint8) * np.uint8(255)
        side = target.shape[0] // cells.shape[0]
        rows, columns = slice(top * side, (top + height) * side), slice(left * side, (left + width) * side)
        mask = self._mask[: height * side, : width * side]
        self._enlarge(part, mask)
        cv2.copyTo(source[rows, columns], mask, target[rows, columns])

    @staticmethod
    def _enlarge(cells: NDArray[np.uint8], into: Plane) -> None:
        cv2.resize(cells, (into.shape[1], into.shape[0]), dst=into, interpolation=cv2.INTER_NEAREST)
