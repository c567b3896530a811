"""The velocity field: how a crowd moves at each place, from optical flow and without following anybody.

A look gives the shift of the picture where people are; on the ground that is a velocity at a place. Cut into squares it
gives the local velocity, from whose unrest over seconds crowd pressure follows, and the density beside it.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passerby.crowd.ground import Ground
from passerby.crowd.polygon import Points, area, inside, points
from passerby.crowd.pressure import Pressure, pressure

# Side of a cell, in which density and the local velocity are measured: about as wide as Helbing's mean of 1 m around.
CELL_M = 2.0
# A zone is cut into so many cells at most: theirs grow with it.
MOST_CELLS = 2500
# Cells of which less than this share lies in the zone say nothing by themselves.
LEAST_SHARE = 0.25
# Points by which a cell's share in the zone is measured, each way.
PROBES = 4
# Velocities of so many seconds make up a variance.
STIR_S = 3.0
# A shift is taken to metres over a step of so many seconds, half to each side.
STEP_S = 0.2


def velocities(ground: Ground, feet: ArrayLike, shifts: ArrayLike) -> Points:
    """Shifts in the picture as velocities on the ground.

    Args:
        ground: The scene's.
        feet: (n, 2) where people stand, in pixels.
        shifts: (n, 2) in pixels a second; not a number where not known.

    Returns:
        (n, 2) in m/s; not a number where not known, or at the horizon.
    """
    p, half = points(feet), points(shifts) * (STEP_S / 2)
    return (ground.metres(p + half) - ground.metres(p - half)) / STEP_S


class Cells:
    """A zone cut into squares on the ground.

    Args:
        polygon: (n, 2) its corners in metres.
        side_m: Of a square; more where the zone is so large that there would be too many.
    """

    def __init__(self, polygon: ArrayLike, side_m: float = CELL_M) -> None:
        corners = points(polygon)
        self._origin = corners.min(axis=0)
        width, height = corners.max(axis=0) - self._origin
        self.side_m = max(side_m, math.sqrt(width * height / MOST_CELLS), max(width, height) / MOST_CELLS)
        self.shape = (max(1, math.ceil(height / self.side_m)), max(1, math.ceil(width / self.side_m)))
        rows, columns = self.shape
        at = (np.arange(PROBES * max(self.shape)) + 0.5) * self.side_m / PROBES
        x, y = np.meshgrid(at[: columns * PROBES], at[: rows * PROBES])
        within = inside(corners, np.column_stack((x.ravel(), y.ravel())) + self._origin)
        shares = within.reshape(rows, PROBES, columns, PROBES).mean(axis=(1, 3))
        shares = shares if shares.any() else np.ones(self.shape)
        # What probes miss at the edges is shared out: the whole is known.
        self.area_m2 = shares * (area(corners) / shares.sum())

    def density(self, metres: ArrayLike, weights: ArrayLike) -> NDArray[np.float64]:
        """Classic density by cell, in 1/m²: people over that part of the cell that lies in the zone.

        Args:
            metres: (n, 2) where people stand, all of them in the zone.
            weights: (n,) the chance that each is somebody.

        Returns:
            (rows, columns); not a number where hardly any of the cell lies in the zone.
        """
        people = self._sums(self._at(metres), np.asarray(weights, np.float64))
        small = self.area_m2 < LEAST_SHARE * self.side_m**2
        return np.where(small, np.nan, people / np.where(small, 1.0, self.area_m2))

    def local(self, metres: ArrayLike, velocity: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The local velocity: the mean of those in one cell.

        Args:
            metres: (n, 2) where people stand, all of them in the zone.
            velocity: (n, 2) of each, in m/s.

        Returns:
            (rows, columns, 2) the mean in m/s, not a number where nobody is, and (rows, columns) the square of its
            standard error: the spread of people in the same cell, over how many they are. That is not a number
            anywhere while nowhere two are in one cell.
        """
        v, at = points(velocity), self._at(metres)
        count = self._sums(at)
        some = np.maximum(count, 1)
        mean = np.stack([self._sums(at, v[:, axis]) / some for axis in (0, 1)], axis=-1)
        square = self._sums(at, (v**2).sum(axis=1))
        within = np.maximum(square - count * (mean**2).sum(axis=-1), 0.0)
        more = float(np.maximum(count - 1, 0).sum())
        spread = within.sum() / more if more else np.nan
        mean[count == 0] = np.nan
        return mean, np.where(count > 0, spread / some, np.nan)

    def _at(self, metres: ArrayLike) -> NDArray[np.int64]:
        """Number of the cell of each."""
        rows, columns = self.shape
        at = np.floor((points(metres) - self._origin) / self.side_m).astype(np.int64)
        return np.asarray(np.clip(at[:, 1], 0, rows - 1) * columns + np.clip(at[:, 0], 0, columns - 1))

    def _sums(self, at: NDArray[np.int64], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Sums by cell: (rows, columns)."""
        rows, columns = self.shape
        return np.bincount(at, weights, rows * columns).astype(np.float64).reshape(rows, columns)


class Stir:
    """Density and local velocity in a zone's cells over the last seconds.

    Args:
        cells: The zone's.
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._looks: deque[tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = deque()

    def saw(self, time_s: float, density: NDArray[np.float64], metres: ArrayLike, velocity: ArrayLike) -> None:
        """One look; if time runs backwards, everything is forgotten.

        Args:
            time_s: When.
            density: (rows, columns) in 1/m².
            metres: (n, 2) where those stand whose velocity is known.
            velocity: (n, 2) in m/s.
        """
        self._looks.append((time_s, density, *self._cells.local(metres, velocity)))
        while not time_s - STIR_S < self._looks[0][0] <= time_s:
            self._looks.popleft()

    def density(self) -> NDArray[np.float64]:
        """(rows, columns) the mean of the last seconds, in 1/m²; not a number outside the zone."""
        return np.asarray(np.mean([density for _, density, _, _ in self._looks], axis=0))

    def pressure(self) -> Pressure:
        """Crowd pressure by cell, of the last seconds."""
        means = np.stack([mean for _, _, mean, _ in self._looks])
        errors = np.stack([error for _, _, _, error in self._looks])
        return pressure(self.density(), means, errors)
