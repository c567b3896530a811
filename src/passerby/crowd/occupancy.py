"""How many, from the scores of detections.

Each detection is a chance that somebody is there, so the expected number is the sum of the chances and its spread
that of independent trials (Poisson binomial). The chance rises with the score by a logistic curve.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Z_90 = 1.645
# Score at which a box is as often somebody as not, and how fast that changes.
EVEN_SCORE, STEEPNESS = 0.36, 18.0
CERTAINLY_NONE = 0.02


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with a 90 % interval."""

    value: float
    low: float
    high: float


def chance(score: float) -> float:
    """The chance that a detection of this score (0–1) is somebody."""
    return 1.0 / (1.0 + math.exp(-STEEPNESS * (score - EVEN_SCORE)))


def expected(scores: Sequence[float]) -> Estimate:
    """How many people a frame's detections stand for. No detections: 0, and 0 at most.

    Args:
        scores: Scores of person detections, 0–1.
    """
    chances = [c for c in map(chance, scores) if c > CERTAINLY_NONE]
    mean = sum(chances)
    spread = Z_90 * math.sqrt(sum(c * (1 - c) for c in chances) + 0.02 * mean * mean)
    return Estimate(mean, max(0.0, mean - spread), mean + spread)


class Smoother:
    """The median of the last few estimates: a box that flickers for a frame doesn't count.

    Args:
        length: How many estimates.
    """

    def __init__(self, length: int) -> None:
        self._last: deque[Estimate] = deque(maxlen=length)

    def add(self, estimate: Estimate) -> Estimate:
        """The smoothed estimate after one more."""
        self._last.append(estimate)
        return Estimate(
            median(e.value for e in self._last), median(e.low for e in self._last), median(e.high for e in self._last)
        )
