"""How the picture moves where people are: optical flow, for numbers alone.

Lucas and Kanade's method with pyramids (OpenCV), at points on the upper bodies that were found, and not over the whole
picture: what is dense at this price (DIS, Farnebäck) loses small walkers into the ground that stands still.
`docs/counting.md` has both beside each other.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes

# Longer side of the small pictures that are compared, at most.
LONGEST_PX = 480
# Two pictures are compared whose times lie so far apart: long enough to move a pixel, too short for a step to end.
SHORTEST_S, WANTED_S, LONGEST_S = 0.08, 0.3, 0.5
# A picture is kept so often, and so many of them.
KEEP_EVERY_S, KEPT = 0.09, 5
WINDOW, LEVELS, STEPS, PRECISE = (9, 9), 2, 10, 0.03
# A point that, taken back, ends farther than this from where it began has been lost, in small pixels.
ASTRAY_PX = 1.0
# Points on each body, as shares of its box: in the middle of its upper half, where least of the background shows.
ACROSS, DOWN = (0.3, 0.7), (0.1, 0.6)
FEWEST, MOST_BODIES = 3, 150
# Points over the whole picture: how it moves where nobody is, is how the camera shakes.
SHAKE_ROWS, SHAKE_COLUMNS = 6, 8


@dataclass(frozen=True, slots=True)
class Small:
    """A small picture and its time.

    Args:
        luma: (height, width).
        px: How many pixels of the frame one of its pixels is wide.
        time_s: The frame's timestamp.
    """

    luma: Plane
    px: int
    time_s: float


def small(planes: RawPlanes, size: tuple[int, int], time_s: float) -> Small:
    """A frame, made small.

    Args:
        planes: The frame.
        size: Width and height without padding.
        time_s: Its timestamp.
    """
    width, height = size
    px = -(-max(size) // LONGEST_PX)
    luma = planes.y[: height // px * px, : width // px * px]
    if px == 1:
        return Small(luma.copy(), px, time_s)
    small_size = (max(1, width // px), max(1, height // px))
    return Small(cv2.resize(luma, small_size, interpolation=cv2.INTER_AREA), px, time_s)


class Shifts:
    """Keeps the small pictures of the last half second, and compares one with what comes.

    Args:
        size: Width and height of the frames.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._kept: deque[Small] = deque(maxlen=KEPT)

    def keep(self, planes: RawPlanes, time_s: float) -> None:
        """A frame that what comes later may be compared with."""
        if self._kept and time_s < self._kept[-1].time_s:
            self._kept.clear()
        if not self._kept or time_s - self._kept[-1].time_s >= KEEP_EVERY_S:
            self._kept.append(small(planes, self._size, time_s))

    def before(self, time_s: float) -> Small | None:
        """The picture to compare a frame of this time with; None where none is near enough."""
        able = [kept for kept in self._kept if SHORTEST_S <= time_s - kept.time_s <= LONGEST_S]
        return min(able, key=lambda kept: abs(time_s - kept.time_s - WANTED_S), default=None)

    def of(self, boxes: NDArray[np.float32], planes: RawPlanes, time_s: float, before: Small) -> NDArray[np.float64]:
        """How each body moves, in pixels a second.

        Args:
            boxes: (n, 4) x0, y0, x1, y1 in pixels of the frame; the likeliest first.
            planes: The frame that they were found in.
            time_s: Its timestamp.
            before: What it is compared with.

        Returns:
            (n, 2); not a number where the picture doesn't tell, and beyond `MOST_BODIES`.
        """
        moves = np.full((len(boxes), 2), np.nan)
        if not len(boxes):
            return moves
        now = small(planes, self._size, time_s)
        bodies = boxes[:MOST_BODIES]
        on, around = _on_bodies(bodies), _around(self._size)
        shifts, sure = _shifts(before, now, np.concatenate((on.reshape(-1, 2), around)))
        split = on.shape[0] * on.shape[1]
        still = sure[split:] & ~_covered(around, bodies)
        shake = np.median(shifts[split:][still], axis=0) if still.sum() >= FEWEST else np.zeros(2)
        shifts, sure = shifts[:split].reshape(on.shape) - shake, sure[:split].reshape(on.shape[:2])
        told = sure.sum(axis=1) >= FEWEST
        known = np.where(sure[..., None], shifts, np.nan)[told]
        if len(known):
            moves[: len(bodies)][told] = np.nanmedian(known, axis=1) * now.px / (now.time_s - before.time_s)
        return moves


def _on_bodies(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, points, 2) points of the frame; fewer on each where bodies are many."""
    across, down = (3, 4) if len(boxes) <= MOST_BODIES // 2 else (2, 3)
    x, y = np.meshgrid(np.linspace(*ACROSS, across), np.linspace(*DOWN, down))
    shares = np.column_stack((x.ravel(), y.ravel()))
    sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64)
    return np.asarray(boxes[:, None, :2] + shares[None] * sides[:, None])


def _around(size: tuple[int, int]) -> NDArray[np.float64]:
    """(m, 2) points evenly over the frame."""
    x, y = np.meshgrid(np.arange(SHAKE_COLUMNS) + 0.5, np.arange(SHAKE_ROWS) + 0.5)
    return np.column_stack((x.ravel() * size[0] / SHAKE_COLUMNS, y.ravel() * size[1] / SHAKE_ROWS))


def _covered(at: NDArray[np.float64], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which points lie in a box."""
    x, y = at[:, :1], at[:, 1:]
    within = (x >= boxes[:, 0]) & (x <= boxes[:, 2]) & (y >= boxes[:, 1]) & (y <= boxes[:, 3])
    return np.asarray(np.any(within, axis=1))


def _shifts(before: Small, now: Small, at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """By how many small pixels each point of the frame has moved, and whether its way back ends where it began."""
    start = ((at + 0.5) / now.px - 0.5).astype(np.float32).reshape(-1, 1, 2)
    back, found = _follow(now.luma, before.luma, start)
    again, found_again = _follow(before.luma, now.luma, back)
    astray = np.linalg.norm((again - start).reshape(-1, 2), axis=1)
    sure = found & found_again & (astray < ASTRAY_PX)
    return (start - back).reshape(-1, 2).astype(np.float64), sure


def _follow(one: Plane, other: Plane, at: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where points of one picture are in the other."""
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, STEPS, PRECISE)
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        one, other, at, np.zeros_like(at), winSize=WINDOW, maxLevel=LEVELS, criteria=criteria
    )
    return np.asarray(there, np.float32), np.asarray(found.ravel() == 1)
