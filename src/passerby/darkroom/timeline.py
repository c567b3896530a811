"""Timestamps that only go forward."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

DEFAULT_RATE = Fraction(25)
MAX_RATE = 1000


@dataclass(slots=True)
class Timeline:
    """Makes a stream's timestamps strictly increasing, and counts what it had to change.

    A timestamp that goes back starts a new offset, so that a clip whose clock restarts goes on where it was instead
    of being squeezed into single ticks; a lone stray timestamp leaves those after it alone.

    Args:
        step: Ticks between two frames where nothing better is known.
    """

    step: int
    repaired: int = 0
    _last: int | None = None
    _offset: int = 0

    def next(self, pts: int | None) -> int:
        """The timestamp to use for a frame that came with ``pts``."""
        last = self._last
        if pts is None:
            self.repaired += 1
            out = 0 if last is None else last + self.step
        elif last is None or pts > last:
            out = pts
        else:
            self.repaired += 1
            if pts + self._offset <= last:
                self._offset = last + self.step - pts
            out = pts + self._offset
        self._last = out
        return out


def step_of(rate: Fraction | None, time_base: Fraction) -> int:
    """Ticks of ``time_base`` between two frames at ``rate``; at least one. An absurd rate counts as unknown."""
    if rate is None or not 0 < rate <= MAX_RATE:
        rate = DEFAULT_RATE
    return max(1, round(1 / (rate * time_base)))
