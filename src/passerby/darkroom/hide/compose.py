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

    Args:
        grid: The picture's grids.
    """

    def __init__(self, grid: Grid) -> None:
        height, width = padded(grid.height), padded(grid.width)
        self._grid = grid
        self.out = RawPlanes(*(np.empty((height // n, width // n), np.uint8) for n in (1, 2, 2)))
        self._fill = np.empty((height, width), np.uint8)
        self._mask = np.empty((height, width), np.uint8)
        self._chroma_mask = np.empty((height // 2, width // 2), np.uint8)
        self._shown: RawPlanes | None = None

    def compose(self, decision: Decision, fills: Fills, background: RawPlanes | None) -> RawPlanes:
        """One output frame; valid until the next call.

        Args:
            decision: What is hidden.
            fills: Values of the fill grids.
            background: What is shown elsewhere: the plate, or in no-plate mode the frame; None in a mosaic.
        """
        if decision.mosaic is not Mosaic.NONE or background is None:
            self._blow_up(fills[0], self.out.y)
            self.out.u.fill(NEUTRAL)
            self.out.v.fill(NEUTRAL)
            return self.out
        hidden = (decision.reasons > 0).view(np.uint8) * np.uint8(255)
        if decision.offset:
            cv2.add(background.y, float(decision.offset), dst=self.out.y)
        else:
            np.copyto(self.out.y, background.y)
        np.copyto(self.out.u, background.u)
        np.copyto(self.out.v, background.v)
        for level in np.flatnonzero(np.bincount(decision.levels[decision.reasons > 0])).tolist():
            self._paint(np.where(decision.levels == level, hidden, 0).astype(np.uint8), fills[level])
        self._enlarge(hidden, self._chroma_mask)
        cv2.copyTo(np.full_like(self._chroma_mask, NEUTRAL), self._chroma_mask, self.out.u)
        cv2.copyTo(np.full_like(self._chroma_mask, NEUTRAL), self._chroma_mask, self.out.v)
        return self.out

    def explain(self, decision: Decision) -> RawPlanes:
        """The last output frame dimmed, each hidden cell in its reason's colour. No raw detail."""
        rows, columns = decision.reasons.shape
        self._enlarge((decision.reasons > 0).view(np.uint8), self._mask)
        y = self.out.y // 2 + 64
        u, v = (_U[decision.reasons], _V[decision.reasons])
        size = (self._chroma_mask.shape[1], self._chroma_mask.shape[0])
        del rows, columns
        return RawPlanes(y, *(cv2.resize(p, size, interpolation=cv2.INTER_NEAREST) for p in (u, v)))

    def _paint(self, hidden: NDArray[np.uint8], fill: Plane) -> None:
        self._blow_up(fill, self._fill)
        self._enlarge(hidden, self._mask)
        cv2.copyTo(self._fill, self._mask, self.out.y)

    def _blow_up(self, fill: Plane, into: Plane) -> None:
        """Enlarge a fill grid smoothly over the picture; the padding repeats its edge."""
        width, height = self._grid.width, self._grid.height
        inside = into[:height, :width]
        cv2.resize(fill, (width, height), dst=inside, interpolation=cv2.INTER_LINEAR)
        into[:height, width:] = inside[:, -1:]
        into[height:] = into[height - 1]

    @staticmethod
    def _enlarge(cells: NDArray[np.uint8], into: Plane) -> None:
        cv2.resize(cells, (into.shape[1], into.shape[0]), dst=into, interpolation=cv2.INTER_NEAREST)
