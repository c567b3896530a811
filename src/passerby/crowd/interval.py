"""90 % intervals for the kinds of numbers that counting makes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from passerby.crowd.occupancy import Z_90, Estimate

NONE = Estimate(0.0, 0.0, 0.0)


def poisson(count: float) -> Estimate:
    """An interval for the mean of which ``count`` is one draw: how many would pass in another such time.

    Byar's approximation of the exact interval (Breslow and Day, *Statistical Methods in Cancer Research* II, 2.3).
    """
    low = count * (1 - 1 / (9 * count) - Z_90 / (3 * math.sqrt(count))) ** 3 if count > 0 else 0.0
    more = count + 1
    high = more * (1 - 1 / (9 * more) + Z_90 / (3 * math.sqrt(more))) ** 3
    return Estimate(count, min(count, max(0.0, low)), high)


def counted(count: float, missed: float) -> Estimate:
    """An interval for how many there really were, where each is missed or counted twice with a small chance.

    Args:
        count: How many were counted.
        missed: The chance for each of either error, measured (see ``docs/counting.md``).
    """
    spread = Z_90 * math.sqrt(2 * missed * count)
    return Estimate(count, max(0.0, count - spread), count + spread)


def share(part: float, whole: float) -> Estimate:
    """An interval for the share of which ``part`` of ``whole`` is one draw (Wilson's score interval).

    Args:
        part: How many are of the kind; a mean of several counts, too.
        whole: How many there are, over 0.
    """
    z2 = Z_90**2
    middle = (part + z2 / 2) / (whole + z2)
    half = Z_90 * math.sqrt(part * (whole - part) / whole + z2 / 4) / (whole + z2)
    return Estimate(part / whole, max(0.0, middle - half), min(1.0, middle + half))


def mean(values: ArrayLike) -> Estimate | None:
    """The mean of values that vary by chance, with the interval of the mean; None for no values.

    One value alone says nothing of its spread: then the interval is from nothing to twice the value.
    """
    v = np.asarray(values, np.float64)
    if v.size == 0:
        return None
    middle = float(v.mean())
    if v.size == 1:
        return Estimate(middle, min(0.0, 2 * middle), max(0.0, 2 * middle))
    # Student's t at 95 % by its expansion in 1/degrees of freedom (Abramowitz and Stegun 26.7.5).
    n = v.size - 1
    t = Z_90 + (Z_90**3 + Z_90) / (4 * n) + (5 * Z_90**5 + 16 * Z_90**3 + 3 * Z_90) / (96 * n * n)
    spread = t * float(v.std(ddof=1)) / math.sqrt(v.size)
    return Estimate(middle, middle - spread, middle + spread)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """The estimate times a known number that is not negative."""
    return Estimate(estimate.value * factor, estimate.low * factor, estimate.high * factor)
