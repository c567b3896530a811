"""How often a camera's pictures are searched: as often as asked, and less where the machine can't keep up.

Searching is the largest cost and the first to give. Hiding never waits for it: what differs from the plate is hidden in
every frame, and without a plate everything is.
"""

from __future__ import annotations

from collections.abc import Callable

# Searching may take this share of a camera's time, and down to a tenth of it where pictures come late.
SHARE, LEAST_PART = 0.5, 0.1
LATE_S = 0.25
# A picture that was searched longer ago than this says too little of the present one.
LONGEST_S = 4.0

# Of searching, what may be for learning; and the longest to the next sample.
LEARNING_PART, LONGEST_LEARNING_S = 0.25, 60.0


class Pace:
    """When to search next.

    Args:
        clock: Monotonic seconds, which a camera's timestamps count.
        share: Of the camera's time, the most that searching may take.
        longest_s: It is never longer to the next search.
    """

    def __init__(self, clock: Callable[[], float], share: float = SHARE, longest_s: float = LONGEST_S) -> None:
        self._clock = clock
        self._most = self._share = share
        self._longest_s = longest_s

    def rest_s(self, taken_s: float, stamp_s: float) -> float:
        """How long to leave it after a search.

        Args:
            taken_s: How long the search took.
            stamp_s: When its picture came.
        """
        late_s = self._clock() - taken_s - stamp_s
        slower, faster = max(LEAST_PART * self._most, self._share / 2), min(self._most, self._share * 1.2)
        self._share = slower if late_s > LATE_S else faster
        return min(self._longest_s, taken_s / self._share)

    def learning_rest_s(self, taken_s: float) -> float:
        """How long to leave it after a search that is there to learn from: a part of all searching, and the dearest."""
        return min(LONGEST_LEARNING_S, taken_s / (self._share * LEARNING_PART))

    @property
    def slowed(self) -> bool:
        """Whether the machine can't keep up with what was asked for."""
        return self._share < self._most / 2
