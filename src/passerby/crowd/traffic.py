"""Vehicles at lines: how many, of which kind, and how long each line was taken up.

Occupancy is the share of time in which a vehicle stands on the line, as traffic engineers measure it with loops in a
lane (FHWA, *Traffic Detector Handbook*, 3rd ed., 2006). A line over one lane gives that lane's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.crossing import Crossings, crossings_of
from passerby.crowd.ground import Ground, scaled_ground
from passerby.crowd.looks import feet_of
from passerby.crowd.scene import Line
from passerby.crowd.tracks import DRIVING, FORGET_S, Tracks

VEHICLES = ("bicycle", "car", "motorcycle", "bus", "train", "truck")
"""Kinds of vehicles; a kind's number is its place here."""
# From this score on a vehicle is followed; from the other on it surely is one. Without a ground a car is so wide.
FOLLOWED, SURE, WIDTH_M = 0.35, 0.45, 1.8
# A vehicle stands on the ground with this share of its box, from below.
FOOTPRINT = 0.5


@dataclass(frozen=True, slots=True)
class Passed:
    """Vehicles at one line.

    Args:
        into: How many of each kind went in, in the order of `VEHICLES`.
        out_of: The same out.
        occupied: The share of the time in which one stood on it.
    """

    into: tuple[int, ...]
    out_of: tuple[int, ...]
    occupied: float


class Traffic:
    """Follows vehicles for seconds and counts them at lines.

    Args:
        lines: Of the scene.
        ground: Where it is known.
        start: Where track numbers begin, from a random source.
    """

    def __init__(self, lines: tuple[Line, ...], ground: Ground | None, start: Callable[[], int]) -> None:
        self._drawn = lines
        self._tracks = Tracks(start, motion=DRIVING)
        self._ground = ground
        self._lines: list[Crossings] = [] if ground is None else [crossings_of(v, ground) for v in lines]
        # What each track was taken for at its looks, by kind; forgotten with it.
        self._votes: dict[int, tuple[float, NDArray[np.float64]]] = {}
        self._passed = np.zeros((len(lines), 2, len(VEHICLES)), np.int64)
        self._looks, self._taken_up = 0, np.zeros(len(lines), np.int64)

    def saw(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], kinds: NDArray[np.uint8], time_s: float
    ) -> None:
        """One look.

        Args:
            boxes: (n, 4) x0, y0, x1, y1 in pixels.
            scores: (n,) 0–1.
            kinds: (n,) places in `VEHICLES`.
            time_s: The frame's time.
        """
        self._looks += 1
        surely = boxes[scores >= SURE]
        self._taken_up += np.array([reach(line, surely).any() for line in self._drawn], np.int64)
        chosen = scores >= FOLLOWED
        boxes, scores, kinds = boxes[chosen], scores[chosen], kinds[chosen]
        if self._ground is None and len(boxes):
            self._ground = scaled_ground(WIDTH_M / float(np.median(boxes[:, 2] - boxes[:, 0])))
            self._lines = [crossings_of(line, self._ground) for line in self._drawn]
        if self._ground is None:
            return
        feet = feet_of(boxes)
        seen = self._ground.sees(feet)
        tracks = self._tracks.saw(self._ground.metres(feet[seen]), time_s)
        for track, score, kind in zip(tracks, scores[seen].tolist(), kinds[seen].tolist(), strict=True):
            votes = self._votes.get(track.number, (time_s, np.zeros(len(VEHICLES))))[1]
            votes[kind] += score
            self._votes[track.number] = time_s, votes
        self._votes = {n: v for n, v in self._votes.items() if 0 <= time_s - v[0] <= FORGET_S}
        for number, line in enumerate(self._lines):
            for who, side in line.saw(tracks, time_s):
                self._passed[number, int(side < 0), int(self._votes[who][1].argmax())] += 1

    def lines(self) -> list[Passed]:
        """Each line since the last time this was asked, in the scene's order."""
        looks, self._looks = max(self._looks, 1), 0
        passed, self._passed = self._passed.tolist(), np.zeros_like(self._passed)
        shares = (self._taken_up / looks).tolist()
        self._taken_up = np.zeros(len(self._drawn), np.int64)
        return [Passed(tuple(both[0]), tuple(both[1]), share) for both, share in zip(passed, shares, strict=True)]


def reach(line: Line, boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which vehicles stand on a line: it goes through the lower part of their boxes.

    Args:
        line: In pixels.
        boxes: (n, 4) in pixels.
    """
    low, high = boxes[:, :2].astype(np.float64), boxes[:, 2:].astype(np.float64)
    low[:, 1] = high[:, 1] - FOOTPRINT * (high[:, 1] - low[:, 1])
    start, along = line.start, line.end - line.start
    # Liang and Barsky: the part of the segment between each pair of sides.
    level = np.abs(along) < 1e-9
    step = np.where(level, 1.0, along)
    a, b = (low - start) / step, (high - start) / step
    beside = np.where(level, (start < low) | (start > high), False).any(axis=1)
    enter = np.where(level, -np.inf, np.minimum(a, b)).max(axis=1, initial=0.0)
    leave = np.where(level, np.inf, np.maximum(a, b)).min(axis=1, initial=1.0)
    return np.asarray(~beside & (enter <= leave))
