"""Crowd pressure: the density times the variance of the velocity, cell by cell, in 1/s².

Helbing, Johansson and Al-Abideen, *Dynamics of crowd disasters: an empirical study*, Physical Review E 75 (2007)
046109: turbulence was seen from about 0.02 1/s². It needs a field of velocities and a map of densities, no tracks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.occupancy import Z_90, Estimate

TURBULENT = 0.02
# A variance of fewer samples says nothing.
LEAST_SAMPLES = 8


@dataclass(frozen=True, slots=True)
class Pressure:
    """Crowd pressure by cell.

    Args:
        value: (rows, columns) in 1/s²; not a number where too little moved into view.
        low: Lower end of the 90 % interval.
        high: Upper end.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def worst(self) -> Estimate | None:
        """The cell with the highest pressure; None where no cell has any."""
        if not np.isfinite(self.value).any():
            return None
        cell = np.unravel_index(int(np.nanargmax(self.value)), self.value.shape)
        return Estimate(float(self.value[cell]), float(self.low[cell]), float(self.high[cell]))


def pressure(density: NDArray[np.float64], velocities: NDArray[np.float64], density_error: float = 0.25) -> Pressure:
    """The pressure in each cell.

    Args:
        density: (rows, columns) in 1/m².
        velocities: (samples, rows, columns, 2) in m/s, over the places and the seconds of each cell; not a number
            where nothing is known.
        density_error: Relative half-width of the density's 90 % interval.

    Returns:
        Density × mean square distance of the velocity from its mean. The interval joins the density's with that of a
        variance of two normal components.
    """
    known: NDArray[np.bool_] = np.asarray(np.isfinite(velocities).all(axis=-1))
    samples = known.sum(axis=0)
    enough = samples >= LEAST_SAMPLES
    v = np.where(known[..., None], velocities, 0.0)
    count = np.maximum(samples, 1)
    around = v.sum(axis=0) / count[..., None]
    away = np.where(known, ((v - around) ** 2).sum(axis=-1), 0.0).sum(axis=0)
    variance = away / np.maximum(samples - 1, 1)
    value = np.where(enough, density * variance, np.nan)
    relative = np.hypot(Z_90 / np.sqrt(np.maximum(samples - 1, 1)), density_error)
    # A variance is skewed: its logarithm is nearly even.
    factor = np.exp(relative)
    return Pressure(value, value / factor, value * factor)
