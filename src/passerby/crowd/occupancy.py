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

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_90 = 1.645
# Score at which a box is as often somebody as not, and how fast that changes.
EVEN_SCORE, STEEPNESS = 0.36, 18.0
CERTAINLY_NONE = 0.02
# At two frames a second the last five are not the same crowd any more.
MEMORY_S = 1.0
# The same for a box that stands alone, and for one in a crowd. Alone, a weak box is mostly a post or a bush (PETS: of
# those that score 0.4 to 0.5, one in eight is somebody new); in a crowd it is somebody half hidden (Mall).
ALONE, CROWDED, SHARPNESS = 0.53, 0.32, 25.0
# A crowd: this many sure boxes nearby, where nearness fades over so many heights of the boxes.
CROWD, NEARBY_HEIGHTS = 6.0, 4.0
# Relative standard error of the sum where few are found, and by how much it grows where so many are.
ERROR, ERROR_IN_CROWD, CROWDED_FROM = 0.12, 0.20, 25.0
# A box from this score on may be somebody half hidden. Of those beyond what any scene shows (twice what was counted,
# and three), each adds so much to the standard error. All five were chosen for coverage on the first halves of clips.
WEAK_SCORE, WEAK_SHARE, USUAL_WEAK, HIDDEN = 0.2, 2.0, 3.0, 0.30


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with a 90 % interval."""

    value: float
    low: float
    high: float


def chance(score: float) -> float:
    """The chance that a detection of this score (0–1) is somebody."""
    return 1.0 / (1.0 + math.exp(-STEEPNESS * (score - EVEN_SCORE)))


def chances(scores: ArrayLike, boxes: ArrayLike) -> NDArray[np.float64]:
    """The chance of each detection that it is somebody, given what else is in the frame.

    Args:
        scores: (n,) 0–1.
        boxes: (n, 4) x0, y0, x1, y1 in pixels.

    Returns:
        (n,) 0–1. Another sure box never lowers a chance.
    """
    s, b = np.asarray(scores, np.float64), np.asarray(boxes, np.float64).reshape(-1, 4)
    heights, middles = np.maximum(b[:, 3] - b[:, 1], 1.0), (b[:, :2] + b[:, 2:]) / 2
    apart = np.linalg.norm(middles[:, None] - middles[None], axis=2) / np.maximum(heights[:, None], heights[None])
    near = np.exp(-((apart / NEARBY_HEIGHTS) ** 2) / 2)
    np.fill_diagonal(near, 0.0)
    sure = 1 / (1 + np.exp(-STEEPNESS * (s - ALONE)))
    even = CROWDED + (ALONE - CROWDED) * np.exp(-((near @ sure / CROWD) ** 4))
    return np.asarray(1 / (1 + np.exp(-SHARPNESS * (s - even))))


def expected(scores: Sequence[float]) -> Estimate:
    """How many people detections stand for whose places are not known. No detections: 0, and 0 at most.

    Args:
        scores: Scores of person detections, 0–1.
    """
    return of_chances([chance(s) for s in scores])


def of_chances(given: Sequence[float], weak: float = 0.0) -> Estimate:
    """How many people there are, from the chance of each. None worth a word: 0, and 0 at most.

    Args:
        given: Chances, 0–1.
        weak: How many boxes score `WEAK_SCORE` or more, these among them: many more say that people hide each other.
    """
    counted = [c for c in given if c > CERTAINLY_NONE]
    if not counted:
        return Estimate(0.0, 0.0, 0.0)
    mean = sum(counted)
    own = (ERROR + ERROR_IN_CROWD * (1 - math.exp(-((mean / CROWDED_FROM) ** 2)))) * mean
    hidden = HIDDEN * max(0.0, weak - WEAK_SHARE * mean - USUAL_WEAK)
    spread = Z_90 * math.sqrt(sum(c * (1 - c) for c in counted) + own * own + hidden * hidden)
    return Estimate(mean, max(0.0, mean - spread), mean + spread)


class Smoother:
    """The median of the last few estimates: a box that flickers for a frame doesn't count.

    Args:
        length: How many estimates, at most.
    """

    def __init__(self, length: int) -> None:
        self._last: deque[Estimate] = deque(maxlen=length)
        self._times: deque[float] = deque(maxlen=length)

    def add(self, estimate: Estimate, time_s: float = 0.0) -> Estimate:
        """The smoothed estimate after one more; what is older than `MEMORY_S` no longer takes part."""
        self._last.append(estimate)
        self._times.append(time_s)
        while self._times[0] < time_s - MEMORY_S:
            self._last.popleft()
            self._times.popleft()
        return Estimate(
            median(e.value for e in self._last), median(e.low for e in self._last), median(e.high for e in self._last)
        )
