"""One look at a scene: boxes as people who stand somewhere, likely or not, and move so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.field import velocities
from passerby.crowd.ground import Ground
from passerby.crowd.occupancy import chances

# Boxes (n, 4) and their scores (n,).
Boxes = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of people at one time.

    Args:
        time_s: The frame's time.
        feet: (n, 2) where each stands, in pixels.
        scores: (n,) 0–1.
        likely: (n,) the chance that each is somebody.
        metres: (n, 2) where each stands on the ground; not a number at the horizon, or where no ground is known.
        velocity: (n, 2) in m/s; not a number where it is not known.
    """

    time_s: float
    feet: NDArray[np.float64]
    scores: NDArray[np.float64]
    likely: NDArray[np.float64]
    metres: NDArray[np.float64]
    velocity: NDArray[np.float64]

    @property
    def moving(self) -> NDArray[np.bool_]:
        """Whose velocity is known."""
        return np.asarray(np.isfinite(self.velocity).all(axis=1))


def feet_of(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 2) where each box stands: the middle of its lower edge."""
    return np.column_stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3])).astype(np.float64)


def look(boxes: Boxes, time_s: float, ground: Ground | None = None, shifts: NDArray[np.float64] | None = None) -> Look:
    """One look.

    Args:
        boxes: What was found of people.
        time_s: The frame's time.
        ground: Where it is known.
        shifts: (n, 2) how the picture moves at each, in pixels a second; not a number where not known.
    """
    places, scores = boxes
    feet, unknown = feet_of(places), np.full((len(places), 2), np.nan)
    metres = unknown if ground is None else ground.metres(feet)
    velocity = unknown if ground is None or shifts is None else velocities(ground, feet, shifts)
    return Look(time_s, feet, scores.astype(np.float64), chances(scores, places), metres, velocity)
