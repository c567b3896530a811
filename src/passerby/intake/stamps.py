"""When each picture of a live stream was taken, by our own clock."""

from __future__ import annotations

from fractions import Fraction

TICKS_PER_S = 90_000
TIME_BASE = Fraction(1, TICKS_PER_S)
# A source's clock may run ahead or behind by this much before it is not believed any more.
LARGEST_JUMP_S = 5.0
# Share of what a timestamp is early or late that is corrected at once: follows a drifting clock, smooths the network.
FOLLOW = 0.005


class Stamps:
    """Puts a stream's own timestamps on our monotonic clock, in ticks of 1/90000 s.

    The distance between two pictures is the source's; where they lie is ours. A source whose clock jumps by more than
    `LARGEST_JUMP_S` against ours is anchored anew at the time of arrival.

    Args:
        time_base: Seconds in one tick of the source.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._scale = time_base * TICKS_PER_S
        self._offset: float | None = None
        self.anchored = 0

    def stamp(self, pts: int | None, arrival_s: float) -> int:
        """The timestamp of a picture.

        Args:
            pts: The source's own, if it has one.
            arrival_s: When it came, on the monotonic clock.
        """
        arrival = arrival_s * TICKS_PER_S
        if pts is None:
            return round(arrival)
        own = float(pts * self._scale)
        if self._offset is None or abs(arrival - own - self._offset) > LARGEST_JUMP_S * TICKS_PER_S:
            self._offset = arrival - own
            self.anchored += 1
        self._offset += (arrival - own - self._offset) * FOLLOW
        return round(own + self._offset)
