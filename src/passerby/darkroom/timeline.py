"""Timestamps that only go forward, and that an MP4 file can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

DEFAULT_RATE = Fraction(25)
LEAST_RATE, MAX_RATE = Fraction(1, 3600), 1000
# MP4 holds the time from one picture to the next in 31 bits; FFmpeg's muxer alters what is longer without a word.
LONGEST_GAP = 2**31 - 1
# Room for a clock that counts ten-millionths since 1970, and enough left of 63 bits for any clip.
LATEST_START = 2**56


@dataclass(slots=True)
class Timeline:
    """Makes a stream's timestamps strictly increasing, never negative, without impossible gaps, and counts changes.

    A timestamp that goes back, or forward beyond ``gap``, starts a new offset: a clip whose clock jumps goes on where
    it was instead of being squeezed into single ticks; a lone stray timestamp leaves those after it alone. A clip that
    starts before zero is moved as a whole: MP4 shows nothing of what lies before its zero.

    Args:
        step: Ticks between two frames where nothing better is known.
        gap: Most ticks from one frame to the next.
        latest: Latest tick at which a clip may start.
        repaired: How many frames came out with another timestamp than they came with.
    """

    step: int
    gap: int = LONGEST_GAP
    latest: int = LATEST_START
    repaired: int = 0
    _last: int | None = field(default=None, init=False)
    _origin: int = field(default=0, init=False)
    _offset: int = field(default=0, init=False)

    def next(self, pts: int | None) -> int:
        """The timestamp to use for a frame that came with ``pts``."""
        out = self._first(pts) if self._last is None else self._after(self._last, pts)
        self.repaired += out != pts
        self._last = out
        return out

    def _first(self, pts: int | None) -> int:
        if pts is not None and not 0 <= pts <= self.latest:
            self._origin = pts
        return 0 if pts is None else pts - self._origin

    def _after(self, last: int, pts: int | None) -> int:
        step = min(self.step, self.gap)
        if pts is None:
            return last + step
        plain = pts - self._origin
        for out in (plain, plain + self._offset):
            if 0 < out - last <= self.gap:
                return out
        self._offset = last + step - plain
        return last + step


def step_of(rate: Fraction | None, time_base: Fraction) -> int:
    """Ticks of ``time_base`` between two frames at ``rate``; at least one. An absurd rate counts as unknown."""
    if rate is None or not LEAST_RATE <= rate <= MAX_RATE:
        rate = DEFAULT_RATE
    return max(1, round(1 / (rate * time_base)))


def timeline_for(rate: Fraction | None, time_base: Fraction) -> Timeline:
    """The timeline of a stream whose result counts in parts of its time base's denominator, as MP4 must."""
    ticks = time_base.numerator
    return Timeline(step_of(rate, time_base), max(1, LONGEST_GAP // ticks), LATEST_START // ticks)
