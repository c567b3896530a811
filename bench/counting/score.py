"""What a series of counts is worth beside the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Counts beside the truth, frame by frame or picture by picture.

    Args:
        truth: (n,) people.
        people: (n,) counted.
        low: (n,) lower ends of the 90 % intervals.
        high: (n,) upper ends.
    """

    truth: Floats
    people: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, truth: ArrayLike, entries: list[dict[str, Any]]) -> Series:
        """From the entries of ``count``'s JSON."""
        people, low, high = (np.array([e[name] for e in entries], np.float64) for name in ("people", "low", "high"))
        return cls(np.asarray(truth, np.float64), people, low, high)

    def only(self, chosen: ArrayLike) -> Series:
        """Some of the frames."""
        at = np.asarray(chosen)
        return Series(self.truth[at], self.people[at], self.low[at], self.high[at])

    @property
    def mae(self) -> float:
        """Mean absolute error, in people."""
        return round(float(np.mean(np.abs(self.people - self.truth))), 3)

    @property
    def covered(self) -> float:
        """Share of frames whose truth lies in the interval."""
        return round(float(np.mean((self.low <= self.truth) & (self.truth <= self.high))), 3)

    def figures(self) -> dict[str, float]:
        """Error and coverage, of each half too: constants were chosen on first halves."""
        half = len(self.truth) // 2
        first, second = self.only(np.arange(half)), self.only(np.arange(half, len(self.truth)))
        return {
            "frames": len(self.truth),
            "mae": self.mae,
            "mae_first_half": first.mae,
            "mae_second_half": second.mae,
            "bias": round(float(np.mean(self.people - self.truth)), 3),
            "covered": self.covered,
            "covered_first_half": first.covered,
            "covered_second_half": second.covered,
            "middle_count_mae": round(float(np.mean(np.abs(self.truth - np.median(self.truth)))), 3),
        }
