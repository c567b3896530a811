"""The labels of PETS 2009 S2.L1: places, and a second, plain count of crossings to hold ours to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.ground import Ground, from_points

SIZE = (480, 360)
# Its SOURCE.md: the true rate is about 7 frames a second.
FPS = 7.0
MIDDLE = [
    ((0, 180), (480, 180)),
    ((240, 40), (240, 360)),
    ((60, 60), (420, 340)),
    ((420, 60), (60, 340)),
]


@dataclass(frozen=True)
class Labels:
    frame: NDArray[np.int64]
    who: NDArray[np.int64]
    feet: NDArray[np.float64]
    heights: NDArray[np.float64]
    metres: NDArray[np.float64]
    ground: Ground


def labels(data: Path) -> Labels:
    rows = np.loadtxt(data / "mot-pets09-s2l1" / "gt.txt", delimiter=",")
    feet = np.column_stack((rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5]))
    # A dozen places spread over the picture, as an operator would measure them.
    chosen = np.linspace(0, len(rows) - 1, 12).astype(int)
    ground = from_points(feet[chosen], rows[chosen, 7:9], SIZE)
    return Labels(rows[:, 0].astype(int), rows[:, 1].astype(int), feet, rows[:, 5], rows[:, 7:9], ground)


def crossings(of: Labels, line: tuple[tuple[int, int], tuple[int, int]], firm_px: float = 4.0) -> tuple[int, int]:
    """In and out by the labels' own identities, in pixels, with none of the code under test."""
    (ax, ay), (bx, by) = line
    length = np.hypot(bx - ax, by - ay)
    ux, uy = (bx - ax) / length, (by - ay) / length
    into = out_of = 0
    for who in np.unique(of.who):
        x, y = of.feet[of.who == who].T
        # Looking along (ux, uy) where y runs down, the right hand is (-uy, ux).
        off = (x - ax) * -uy + (y - ay) * ux
        along = (x - ax) * ux + (y - ay) * uy
        side = np.where(off >= firm_px, 1, np.where(off <= -firm_px, -1, 0))
        known = np.flatnonzero(side)
        for a, b in itertools.pairwise(known):
            if side[a] != side[b] and 0 <= along[b] <= length:
                into += side[b] > 0
                out_of += side[b] < 0
    return int(into), int(out_of)
