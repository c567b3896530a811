"""Crowd pressure: the density times the variance of the velocity, cell by cell, in 1/s².

Helbing, Johansson and Al-Abideen, *Dynamics of crowd disasters: an empirical study*, Physical Review E 75 (2007)
046109: turbulence was seen from about 0.02 1/s². It needs a field of velocities and a map of densities, no tracks.
Their velocity is a local one, the mean of those within about a metre: that people differ is no unrest of the crowd.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.occupancy import Z_90, Estimate

TURBULENT = 0.02
# A variance of fewer samples says nothing.
LEAST_SAMPLES = 6


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


def pressure(
    density: NDArray[np.float64],
    velocities: NDArray[np.float64],
    errors: NDArray[np.float64] | None = None,
    density_error: float = 0.25,
) -> Pressure:
    """The pressure in each cell.

    Args:
        density: (rows, columns) in 1/m².
        velocities: (samples, rows, columns, 2) in m/s, local ones of the places and the seconds of each cell; not a
            number where nothing is known.
        errors: (samples, rows, columns) the square of each one's standard error, in m²/s²; not a number where it is
            not known: then the velocity isn't, either. None where they have none.
        density_error: Relative half-width of the density's 90 % interval.

    Returns:
        Density × mean square distance of the velocity from its mean, less what the errors alone would make of it, and
        never below 0. The interval joins the density's with that of a variance of two normal components.
    """
    known: NDArray[np.bool_] = np.asarray(np.isfinite(velocities).all(axis=-1))
    if errors is not None:
        known &= np.isfinite(errors)
    samples = known.sum(axis=0)
    enough = samples >= LEAST_SAMPLES
    v = np.where(known[..., None], velocities, 0.0)
    count = np.maximum(samples, 1)
    around = v.sum(axis=0) / count[..., None]
    away = np.where(known, ((v - around) ** 2).sum(axis=-1), 0.0).sum(axis=0)
    measured = away / np.maximum(samples - 1, 1)
    chance = np.zeros_like(measured) if errors is None else np.where(known, errors, 0.0).sum(axis=0) / count
    variance = np.maximum(measured - chance, 0.0)
    value = np.where(enough, density * variance, np.nan)
    relative = np.hypot(Z_90 / np.sqrt(np.maximum(samples - 1, 1)), density_error)
    # A variance is skewed: its logarithm is nearly even.
    factor = np.exp(relative)
    low, high = np.maximum(measured / factor - chance, 0.0), measured * factor - chance
    return Pressure(
        value, np.where(enough, density * low, np.nan), np.where(enough, density * np.maximum(high, 0), np.nan)
    )
