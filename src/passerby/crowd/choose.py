"""Which way of counting to believe in a zone: the one whose error is expected to be least.

Sparse scenes by detection, dense ones by density, foreground regression between. Each way says how wrong it expects to
be at the number it found; the choice changes only for a clear gain, so that it doesn't swing to and fro.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from passerby.crowd.occupancy import Z_90, Estimate

# Another way must be this much better before it is believed instead.
CLEAR_GAIN = 0.8
# People overlap in the picture from about this many a square metre, and detections go missing with it. Ours, measured.
OVERLAP_DENSITY = 1.0
# Relative error that stays however sparse it is.
DETECTION_BIAS = 0.10
# Of networks that were never shown the place.
DENSITY_BIAS, DENSITY_FLOOR = 0.25, 2.0


class Way(Enum):
    """A way of counting."""

    DETECTION = "detection"
    REGRESSION = "regression"
    DENSITY = "density"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one way of counting says.

    Args:
        way: Which.
        estimate: Its number and interval.
        error: The standard error it expects, bias included, in people.
    """

    way: Way
    estimate: Estimate
    error: float


def by_detection(estimate: Estimate, density: float | None) -> Offer:
    """What detections say: good while people stand apart.

    Args:
        estimate: From the detections' scores.
        density: People per m² by the best knowledge so far; None where the ground is not known.
    """
    hidden = 1 - math.exp(-(density or 0.0) / OVERLAP_DENSITY / 2)
    bias = (DETECTION_BIAS + hidden) * estimate.value
    return Offer(Way.DETECTION, estimate, math.hypot(_standard_error(estimate), bias))


def by_regression(estimate: Estimate) -> Offer:
    """What a calibrated regression says: its interval was cross-validated, so that it holds its bias as well."""
    return Offer(Way.REGRESSION, estimate, _standard_error(estimate))


def by_density(estimate: Estimate) -> Offer:
    """What a density network says: it sees heads where bodies are hidden, but invents a few."""
    bias = math.hypot(DENSITY_FLOOR, DENSITY_BIAS * estimate.value)
    return Offer(Way.DENSITY, estimate, math.hypot(_standard_error(estimate), bias))


def choose(offers: Sequence[Offer], before: Way | None = None) -> Offer:
    """The offer with the least expected error, or the way that was believed before unless another is clearly better.

    Args:
        offers: One or more.
        before: The way that was believed before.
    """
    best = min(offers, key=lambda o: o.error)
    held = next((o for o in offers if o.way is before), None)
    return best if held is None or best.error < CLEAR_GAIN * held.error else held


def _standard_error(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / (2 * Z_90)
