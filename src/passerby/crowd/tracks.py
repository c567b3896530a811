"""Short-lived tracks: which box of this look is the same movement as one of the last, for seconds, in one memory.

Nearest in metres, with a gate and constant velocity. No appearance takes part: a track knows a place and a speed, and
whoever leaves the picture is nobody when they come back. Numbers start anywhere, so that they mean nothing outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passerby.crowd.polygon import Points, points

# Seconds after which a track that is not seen is forgotten; the boundary's "seconds, never stored".
FORGET_S = 2.0
# How many standard deviations apart a place and a track may be.
GATE = 4.0
NUMBERS = 1 << 31


@dataclass(frozen=True, slots=True)
class Motion:
    """How something moves; the first three are standard deviations.

    Args:
        place_m: Where a box puts its foot.
        speed_m_s: How fast it is.
        turn_m_s2: How it changes that.
        farthest_m: How far from where it is expected it may be at most.
    """

    place_m: float
    speed_m_s: float
    turn_m_s2: float
    farthest_m: float


WALKING = Motion(0.25, 1.2, 1.0, 2.5)
DRIVING = Motion(0.7, 12.0, 5.0, 8.0)


@dataclass(slots=True)
class Track:
    """One movement.

    Args:
        number: Starts anywhere; never stored, never sent.
        place: (2,) metres.
        velocity: (2,) m/s.
        seen_s: When it was last seen.
        looks: How often it was seen.
        motion: How such a thing moves.
    """

    number: int
    place: NDArray[np.float64]
    velocity: NDArray[np.float64]
    seen_s: float
    looks: int = 1
    motion: Motion = WALKING
    # Variance of the place, covariance, variance of the speed: the same along both axes.
    doubt: tuple[float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        """Seen once: the place is known as well as a box says, the speed not at all."""
        self.doubt = (self.motion.place_m**2, 0.0, self.motion.speed_m_s**2)

    def at(self, time_s: float) -> NDArray[np.float64]:
        """Where it would be by now."""
        return self.place + self.velocity * (time_s - self.seen_s)

    def doubt_at(self, time_s: float) -> tuple[float, float, float]:
        """How uncertain place and speed would be by now (constant velocity, white acceleration)."""
        t = time_s - self.seen_s
        a, b, c = self.doubt
        q = self.motion.turn_m_s2**2
        return a + 2 * t * b + t * t * c + q * t**4 / 4, b + t * c + q * t**3 / 2, c + q * t * t

    def reach(self, time_s: float) -> float:
        """How far from where it would be it may be seen, in metres."""
        spread = math.sqrt(self.doubt_at(time_s)[0] + self.motion.place_m**2)
        return min(self.motion.farthest_m, GATE * spread)


class Tracks:
    """The tracks of one camera.

    Args:
        start: Gives the first number: a whole number from a random source.
        forget_s: Seconds after which a track that is not seen is forgotten.
        motion: How what is followed moves.
    """

    def __init__(self, start: Callable[[], int], forget_s: float = FORGET_S, motion: Motion = WALKING) -> None:
        self._motion = motion
        self._next = start() % NUMBERS
        self._forget_s = min(forget_s, FORGET_S)
        self._tracks: list[Track] = []

    def saw(self, metres: ArrayLike, time_s: float) -> list[Track]:
        """One look: where people stand now. Returns the track of each, in the same order.

        Args:
            metres: (n, 2) places on the ground; none may be not a number.
            time_s: When; if it runs backwards, everything is forgotten.
        """
        places = points(metres)
        self._tracks = [t for t in self._tracks if 0 <= time_s - t.seen_s <= self._forget_s]
        out: list[Track | None] = [None] * len(places)
        for place, track in self._pairs(places, time_s):
            _follow(track, places[place], time_s)
            out[place] = track
        new = {n: self._new(places[n], time_s) for n, t in enumerate(out) if t is None}
        self._tracks += new.values()
        return [t if t is not None else new[n] for n, t in enumerate(out)]

    def alive(self) -> list[Track]:
        """All that are not forgotten."""
        return list(self._tracks)

    def _pairs(self, places: Points, time_s: float) -> list[tuple[int, Track]]:
        """Nearest first, each place and each track once; by the share of its reach that a track would need."""
        if not (len(places) and self._tracks):
            return []
        expected = np.array([t.at(time_s) for t in self._tracks])
        reach = np.array([t.reach(time_s) for t in self._tracks])
        need = np.linalg.norm(places[:, None] - expected[None], axis=2) / reach
        # Of two that are as near, the track that is better known goes first.
        order = np.argsort(need + 0.1 * (np.array([t.looks for t in self._tracks]) == 1), axis=None, kind="stable")
        taken_places: set[int] = set()
        taken_tracks: set[int] = set()
        pairs = []
        for flat in order.tolist():
            place, track = divmod(flat, len(self._tracks))
            if need[place, track] > 1 or place in taken_places or track in taken_tracks:
                continue
            taken_places.add(place)
            taken_tracks.add(track)
            pairs.append((place, self._tracks[track]))
        return pairs

    def _new(self, place: NDArray[np.float64], time_s: float) -> Track:
        number, self._next = self._next, (self._next + 1) % NUMBERS
        return Track(number, place.copy(), np.zeros(2), time_s, motion=self._motion)


def _follow(track: Track, place: NDArray[np.float64], time_s: float) -> None:
    """One step of Kalman's filter: the surer the track is, the less one look moves it."""
    expected = track.at(time_s)
    off = place - expected
    a, b, c = track.doubt_at(time_s)
    spread = a + track.motion.place_m**2
    follow, turn = a / spread, b / spread
    track.place = expected + follow * off
    track.velocity = track.velocity + turn * off
    track.doubt = (a * (1 - follow), b * (1 - follow), c - turn * b)
    track.seen_s = time_s
    track.looks += 1
