"""Who crosses a line: only from firmly on one side to firmly on the other.

In and out count every such passage: whoever turns back was in and is out. Flow counts the first passage of each track
only, as PedPy does. Somebody who lingers on the line, or a box that flickers across it, counts nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passerby.crowd.field import STIR_S
from passerby.crowd.ground import Ground
from passerby.crowd.interval import counted, share
from passerby.crowd.looks import Look
from passerby.crowd.measures import against, flow
from passerby.crowd.occupancy import Estimate
from passerby.crowd.polygon import points
from passerby.crowd.scene import Line
from passerby.crowd.tracks import FORGET_S, Track

# Firmly on a side: at least this far from the line, in metres. Wider than a box trembles.
FIRM_M = 0.3
# A track that has passed once must go this far over the line to have come back, in metres.
RETURN_M = 2 * FIRM_M
# The share of passages that is missed or counted twice; measured, see docs/counting.md.
MISSED = 0.08
WINDOW_S = 60.0
# A share of fewer passages says nothing.
LEAST_PASSAGES = 5
# In a crowd tracks break, and the field beside the line speaks instead: so far from it, in metres, from so many a
# square metre on. Who surely stands there takes part.
NEAR_M, CROWDED_PER_M2, SURE = 2.0, 1.0, 0.5


@dataclass(slots=True)
class _Passage:
    """What is known of one track beside one line."""

    place: NDArray[np.float64]
    off: float
    firm: int
    seen_s: float
    within: bool = False
    passed: bool = False


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
        self._firsts: deque[tuple[float, int]] = deque()
        self.into = self.out_of = 0

    def saw(self, tracks: Iterable[Track], time_s: float) -> list[tuple[int, int]]:
        """Take the tracks of one look into account; the number of each that crossed, and 1 for in, -1 for out."""
        crossed = [(track.number, side) for track in tracks if (side := self._step(track, time_s))]
        self._known = {n: p for n, p in self._known.items() if time_s - p.seen_s <= FORGET_S}
        while self._firsts and self._firsts[0][0] <= time_s - WINDOW_S:
            self._firsts.popleft()
        return crossed

    def totals(self) -> tuple[Estimate, Estimate]:
        """In and out since the beginning, each with its interval."""
        return counted(self.into, MISSED), counted(self.out_of, MISSED)

    def flow(self, time_s: float, began_s: float) -> Estimate:
        """Flow of first passages, both ways, over the last minute, or since ``began_s`` where that is less, in 1/s."""
        window = min(WINDOW_S, max(time_s - began_s, 1.0))
        return flow(len(self._firsts), window, MISSED)

    def against(self, way: int) -> Estimate | None:
        """The share of the last minute's first passages that went against a way; None where fewer than five passed.

        Args:
            way: 1 where people are meant to go in, -1 out.
        """
        if len(self._firsts) < LEAST_PASSAGES:
            return None
        return share(sum(side == -way for _, side in self._firsts), len(self._firsts))

    def beside(self, metres: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Who stands beside the line, at most `NEAR_M` from it."""
        off = metres - self._start
        along, across = off @ self._along, np.abs(off @ self._right)
        return np.asarray((along >= 0) & (along <= self.width_m) & (across <= NEAR_M))

    @property
    def inwards(self) -> NDArray[np.float64]:
        """(2,) the direction on the ground that is in, of length 1."""
        return self._right

    def _step(self, track: Track, time_s: float) -> int:
        off = float((track.place - self._start) @ self._right)
        known = self._known.get(track.number)
        firm = max(RETURN_M, self._firm_m) if known is not None and known.passed else self._firm_m
        side = (off >= firm) - (off <= -firm)
        if known is None:
            self._known[track.number] = _Passage(track.place.copy(), off, side, time_s)
            return 0
        if (off > 0) != (known.off > 0):
            known.within = self._within(known.place, known.off, track.place, off)
        crossed = side if side and known.firm and side != known.firm and known.within else 0
        if crossed:
            self._count(known, side, time_s)
        known.firm = side or known.firm
        known.place, known.off, known.seen_s = track.place.copy(), off, time_s
        return crossed

    def _within(self, a: NDArray[np.float64], off_a: float, b: NDArray[np.float64], off_b: float) -> bool:
        """The way from ``a`` to ``b`` goes over the line between its ends, not past them."""
        at = a + (b - a) * off_a / (off_a - off_b)
        return bool(0 <= (at - self._start) @ self._along <= self.width_m)

    def _count(self, known: _Passage, side: int, time_s: float) -> None:
        self.into += side > 0
        self.out_of += side < 0
        if not known.passed:
            self._firsts.append((time_s, side))
        known.passed = True


class Nearby:
    """Which way a crowd moves beside a line, by the velocity field of the last seconds.

    Args:
        line: Where.
        way: 1 where people are meant to go in, -1 out.
    """

    def __init__(self, line: Crossings, way: int) -> None:
        self._line = line
        self._meant = line.inwards * way
        self._looks: deque[tuple[float, float, int, int]] = deque()

    def saw(self, seen: Look) -> None:
        """One look; if time runs backwards, everything is forgotten."""
        here = self._line.beside(seen.metres) & (seen.likely >= SURE)
        back, moving = against(seen.velocity[here & seen.moving], self._meant)
        self._looks.append((seen.time_s, float(seen.likely[here].sum()), back, moving))
        while not seen.time_s - STIR_S < self._looks[0][0] <= seen.time_s:
            self._looks.popleft()

    def against(self) -> Estimate | None:
        """The share of those who move that goes against the way; None where there is no crowd, or hardly anybody moves.

        The same people are seen at each look, so the interval is that of as many as move at one.
        """
        if not self._looks:
            return None
        people, back, moving = np.mean([numbers for _, *numbers in self._looks], axis=0).tolist()
        crowded = people / (2 * NEAR_M * self._line.width_m) >= CROWDED_PER_M2
        return share(back, moving) if crowded and moving >= LEAST_PASSAGES else None


def crossings_of(line: Line, ground: Ground) -> Crossings:
    """A drawn line on the ground."""
    start, end = ground.metres(np.array([line.start, line.end]))
    return Crossings(start, end, mirrored=ground.mirrored)
