"""Who crosses a line: once each way for each track, and only from firmly on one side to firmly on the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passerby.crowd.interval import counted
from passerby.crowd.measures import flow
from passerby.crowd.occupancy import Estimate
from passerby.crowd.polygon import points
from passerby.crowd.tracks import FORGET_S, Track

# Firmly on a side: at least this far from the line, in metres. Wider than a box trembles.
FIRM_M = 0.3
# The share of passages that is missed or counted twice; measured, see docs/counting.md.
MISSED = 0.08
WINDOW_S = 60.0


@dataclass(slots=True)
class _Passage:
    """What is known of one track beside one line."""

    place: NDArray[np.float64]
    off: float
    firm: int
    seen_s: float
    within: bool = False
    passed: int = 0


class Crossings:
    """Counts crossings of one line.

    "In" is from the left to the right of the line, as one looks at the *picture* from its start to its end.

    Args:
        start: (2,) metres.
        end: (2,) metres.
        mirrored: The ground's axes run against the picture's, so that left and right change places.
        firm_m: How far from the line somebody is firmly on a side.
    """

    def __init__(self, start: ArrayLike, end: ArrayLike, *, mirrored: bool = False, firm_m: float = FIRM_M) -> None:
        self._start, end_ = points(start)[0], points(end)[0]
        along = end_ - self._start
        self.width_m = float(np.linalg.norm(along))
        self._along = along / self.width_m
        # In a picture y runs down: the right hand of somebody who looks along (x, y) is (-y, x).
        self._right = np.array([-self._along[1], self._along[0]]) * (-1 if mirrored else 1)
        self._firm_m = firm_m
        self._known: dict[int, _Passage] = {}
        self._times: deque[tuple[float, int]] = deque()
        self.into = self.out_of = 0

    def saw(self, tracks: Iterable[Track], time_s: float) -> int:
        """Take the tracks of one look into account; how many crossed at this look, both ways."""
        before = self.into + self.out_of
        for track in tracks:
            self._step(track, time_s)
        self._known = {n: p for n, p in self._known.items() if time_s - p.seen_s <= FORGET_S}
        while self._times and self._times[0][0] <= time_s - WINDOW_S:
            self._times.popleft()
        return self.into + self.out_of - before

    def totals(self) -> tuple[Estimate, Estimate]:
        """In and out since the beginning, each with its interval."""
        return counted(self.into, MISSED), counted(self.out_of, MISSED)

    def flow(self, time_s: float, began_s: float) -> Estimate:
        """Flow both ways over the last minute, or since ``began_s`` where that is less, in 1/s."""
        window = min(WINDOW_S, max(time_s - began_s, 1.0))
        return flow(len(self._times), window, MISSED)

    def _step(self, track: Track, time_s: float) -> None:
        off = float((track.place - self._start) @ self._right)
        side = (off >= self._firm_m) - (off <= -self._firm_m)
        known = self._known.get(track.number)
        if known is None:
            self._known[track.number] = _Passage(track.place.copy(), off, side, time_s)
            return
        if (off > 0) != (known.off > 0):
            known.within = self._within(known.place, known.off, track.place, off)
        if side and known.firm and side != known.firm and known.within:
            self._count(known, side, time_s)
        known.firm = side or known.firm
        known.place, known.off, known.seen_s = track.place.copy(), off, time_s

    def _within(self, a: NDArray[np.float64], off_a: float, b: NDArray[np.float64], off_b: float) -> bool:
        """The way from ``a`` to ``b`` goes over the line between its ends, not past them."""
        at = a + (b - a) * off_a / (off_a - off_b)
        return bool(0 <= (at - self._start) @ self._along <= self.width_m)

    def _count(self, known: _Passage, side: int, time_s: float) -> None:
        # First passage only, each way: bit 0 in, bit 1 out.
        bit = 1 if side > 0 else 2
        if known.passed & bit:
            return
        known.passed |= bit
        self.into += side > 0
        self.out_of += side < 0
        self._times.append((time_s, side))
