"""How much of a picture is not background: the features that a calibration learns from, beside detections.

The background is the median of cell means over minutes. It serves counting alone: nothing of it is ever shown, kept or
sent, and it need not be proven empty. Who sits through all of it is part of it, and is left to detections.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.crowd.ground import Ground
from passerby.crowd.scene import Scene
from passerby.darkroom._frames import Plane
from passerby.darkroom.grid import CellFrame, Grid

# Samples that make a background: fewer make none, more make none that is better.
LEAST_SAMPLES, MOST_SAMPLES = 12, 48
FIRST_INTERVAL_S = 0.5
# A camera's background is of this time: light and shadows move.
CAMERA_WINDOW_S = 1200.0
# A cell this many luma levels off its background, after the frame-wide change of light, is foreground.
TOLERANCE = 30
# Where so much of the picture is foreground, it is another picture; after so long it is learnt anew.
OTHER_SHARE, OTHER_S = 0.6, 10.0
SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Covered:
    """What covers the background: numbers that grow with a crowd.

    Args:
        area: Share of the picture, in per cent.
        edge: Share of the picture that lies on an edge of it, in per cent.
        bodies: Its cells, each over the height of somebody who stands there; -1 where the ground is not known.
    """

    area: float
    edge: float
    bodies: float


class Foreground:
    """Learns one view's background, and says how much of a frame is something else.

    Args:
        grid: The picture's grid.
        ground: The scene's; None where it is not known.
        window_s: The background is of so much time at least; for ever in a file, which is read once beforehand.
    """

    def __init__(self, grid: Grid, ground: Ground | None = None, window_s: float = math.inf) -> None:
        self._inside = grid.cells_inside
        self._bodies = None if ground is None else _bodies(grid, ground)
        self._window_s = window_s
        self._begin()

    def _begin(self) -> None:
        self._samples: list[Plane] = []
        self._background: NDArray[np.int16] | None = None
        self._interval_s, self._next_s = FIRST_INTERVAL_S, -math.inf
        self._other_s: float | None = None

    def learn(self, cells: CellFrame, time_s: float) -> None:
        """Take a sample if it is time for one: from a few seconds at first, from ever more time as it passes."""
        if self._next_s - self._interval_s <= time_s < self._next_s:
            return
        self._samples.append(cells.y[self._inside].copy())
        self._background = None
        if len(self._samples) > MOST_SAMPLES:
            if self._interval_s * MOST_SAMPLES < self._window_s:
                self._samples, self._interval_s = self._samples[::2], self._interval_s * 2
            else:
                del self._samples[0]
        self._next_s = time_s + self._interval_s

    def covered(self, cells: CellFrame, time_s: float) -> Covered | None:
        """What covers the background; None while it is not known."""
        if len(self._samples) < LEAST_SAMPLES:
            return None
        if self._background is None:
            middle = len(self._samples) // 2
            self._background = np.partition(np.stack(self._samples), middle, axis=0)[middle].astype(np.int16)
        off = cells.y[self._inside] - self._background
        covers = np.abs(off - round(float(np.median(off)))) > TOLERANCE
        if self._is_other(float(covers.mean()), time_s):
            return None
        edge = cv2.morphologyEx(covers.view(np.uint8), cv2.MORPH_GRADIENT, SQUARE)
        bodies = -1.0 if self._bodies is None else float(self._bodies[covers].sum())
        return Covered(100 * float(covers.mean()), 100 * float(edge.mean()), bodies)

    def _is_other(self, share: float, time_s: float) -> bool:
        """The camera looks elsewhere: nothing can be said, and after a while its background is learnt anew."""
        if share <= OTHER_SHARE:
            self._other_s = None
            return False
        self._other_s = time_s if self._other_s is None else min(self._other_s, time_s)
        if time_s - self._other_s >= OTHER_S and math.isfinite(self._window_s):
            self._begin()
        return True


def foreground_for(grid: Grid, scene: Scene | None, *, asked: bool, live: bool) -> Foreground | None:
    """The foreground of an item, where a calibration is made or used.

    Args:
        grid: The picture's grid.
        scene: With its ground and calibration, where there is one.
        asked: A calibration is made.
        live: Learn as a camera does.
    """
    if not asked and (scene is None or scene.calibration is None):
        return None
    return Foreground(grid, scene.ground if scene else None, CAMERA_WINDOW_S if live else math.inf)


def _bodies(grid: Grid, ground: Ground) -> NDArray[np.float64]:
    """A cell's side over the height of somebody who stands there; 0 above the horizon.

    Not over the height's square: bodies hide each other, the more so the farther. The plain ratio counts better (Mall).
    """
    rows, columns = (range(*s.indices(n)) for s, n in zip(grid.cells_inside, grid.cells, strict=True))
    y, x = np.meshgrid((np.array(rows) + 0.5) * grid.cell_px, (np.array(columns) + 0.5) * grid.cell_px, indexing="ij")
    places = np.column_stack((x.ravel(), y.ravel()))
    seen = ground.sees(places)
    height = np.full(len(places), np.inf)
    height[seen] = np.maximum(ground.person_height_px(places[seen]), grid.cell_px)
    return (grid.cell_px / height).reshape(y.shape)
