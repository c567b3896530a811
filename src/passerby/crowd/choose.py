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
# A dense look takes parts of people who are near for people, too: where it finds fewer than so many times what a plain
# look finds, it is the plain look that is right. How sharp that is, in the same times.
OVERSEEN, OVERSEEN_BLUR = 1.8, 0.2
# Relative standard error of a dense look, the least in people, and that of its logarithm, which is more even.
DENSITY_BIAS, DENSITY_FLOOR, DENSITY_LOG = 0.35, 2.0, 0.45


class Way(Enum):
    """A way of counting."""

    DETECTION = "detection"
    REGRESSION = "regression"
    DENSITY = "density"


@dataclass(frozen=True, slots=True)
class Close:
    """What a dense look finds in one place.

    Args:
        people: The sum of its detections' chances.
        most: How many of its boxes score `WEAK_SCORE` or more: each may be somebody half hidden.
    """

    people: float
    most: float


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


def by_detection(estimate: Estimate, density: float | None, dense: float | None = None) -> Offer:
    """What detections say: good while people stand apart and are large enough to be seen.

    Args:
        estimate: From the detections' scores.
        density: People per m² by the best knowledge so far; None where the ground is not known.
        dense: What a dense look finds; None where there was none.
    """
    hidden = 1 - math.exp(-(density or 0.0) / OVERLAP_DENSITY / 2)
    bias = (DETECTION_BIAS + hidden) * estimate.value
    if dense is not None:
        bias += _crowded(estimate, dense) * max(0.0, dense - estimate.value)
    return Offer(Way.DETECTION, estimate, math.hypot(_standard_error(estimate), bias))


def by_density(estimate: Estimate, plain: Estimate | None = None) -> Offer:
    """What a dense look says: it sees heads where bodies are hidden, but invents a few.

    Args:
        estimate: Its number.
        plain: What the plain look at the same picture says; None where it is not known.
    """
    bias = math.hypot(DENSITY_FLOOR, DENSITY_BIAS * estimate.value)
    if plain is not None:
        bias += (1 - _crowded(plain, estimate.value)) * abs(estimate.value - plain.value)
    return Offer(Way.DENSITY, estimate, math.hypot(_standard_error(estimate), bias))


def _crowded(plain: Estimate, dense: float) -> float:
    """How sure it is, 0 to 1, that a dense look sees people whom the plain one misses."""
    growth = dense / max(plain.value, 1.0)
    return 1 / (1 + math.exp(-min(50.0, max(-50.0, (growth - OVERSEEN) / OVERSEEN_BLUR))))


class Choice:
    """Chooses for one place, look by look. A dense look comes seldom: between two, what it found goes with the plain.

    The calibration of a camera is measured there, and so is believed before anything presumed: by the errors that each
    way expects, detection would be believed too often (Mall with 20 counted frames: off by 3.5 people, not by 2.7).
    """

    def __init__(self) -> None:
        self._before: Way | None = None
        self._growth: float | None = None
        self._room = 0.0

    @property
    def way(self) -> Way | None:
        """What is believed just now; None before the first look."""
        return self._before

    def saw(
        self,
        plain: Estimate,
        dense: Close | None = None,
        calibrated: Estimate | None = None,
        density: float | None = None,
    ) -> Estimate:
        """The number to believe after one more look.

        Args:
            plain: By detections.
            dense: What a dense look at the same picture found, where there was one.
            calibrated: What a calibration makes of it, where there is one.
            density: People per m² by the best knowledge so far; None where the ground is not known.
        """
        if dense is not None:
            self._growth, self._room = dense.people / max(plain.value, 1.0), dense.most / max(plain.value, 1.0)
        if calibrated is not None:
            self._before = Way.REGRESSION
            return calibrated
        if self._growth is None or plain.value == 0:
            self._before = Way.DETECTION
            return plain
        most = self._growth * max(plain.value, 1.0)
        factor = math.exp(Z_90 * DENSITY_LOG)
        seen = Estimate(most, max(0.0, most / factor - DENSITY_FLOOR), most * factor + DENSITY_FLOOR)
        chosen = choose([by_detection(plain, density, most), by_density(seen, plain)], self._before)
        self._before = chosen.way
        if chosen.way is Way.DETECTION:
            return plain
        return Estimate(seen.value, seen.low, max(seen.high, self._room * max(plain.value, 1.0)))


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
