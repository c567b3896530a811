"""How long to wait before a camera is tried again: for ever, never all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_S, LONGEST_S = 0.25, 3.0


@dataclass(slots=True)
class Backoff:
    """Waits that double up to `LONGEST_S`, each shortened by chance by up to half.

    Args:
        chance: A number in [0, 1), such as `random.random`.
    """

    chance: Callable[[], float]
    _failures: int = field(default=0, init=False)

    def next_s(self) -> float:
        """Seconds to wait after one more failure."""
        wait_s = min(LONGEST_S, FIRST_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return wait_s * (1 - 0.5 * self.chance())

    def reset(self) -> None:
        """It worked."""
        self._failures = 0
