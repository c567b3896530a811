"""Learns the plate of a camera while it runs: for ever, in bounded memory, never faster than people leave."""

from __future__ import annotations

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import Found
from passerby.darkroom.grid import Grid
from passerby.darkroom.plate.learner import DEFAULT, Learner
from passerby.darkroom.plate.plate import Plate

# Cameras: how long somebody may sit still, unless the settings say otherwise.
LONGEST_STAY_S = 6 * 3600.0
# What is remembered, in longest stays. An appearance must be seen for longer than one of them.
WINDOW_STAYS = 2.5
SAMPLES_IN_WINDOW = 100
CLOSEST_SAMPLES_S = 0.5
REFIT_SAMPLES = 8
# A picture that shows another view than the plate for this long has been moved, not covered for a moment.
MOVED_S = 20.0


class LiveLearner:
    """Gathers samples over a sliding window and fits a plate again and again.

    Args:
        grid: The picture's grids.
        longest_stay_s: How long somebody may stay in one place; None for `LONGEST_STAY_S`.
    """

    def __init__(self, grid: Grid, longest_stay_s: float | None) -> None:
        self._grid = grid
        self._stay_s = LONGEST_STAY_S if longest_stay_s is None else longest_stay_s
        self._window_s = self._stay_s * WINDOW_STAYS
        self._began_s: float | None = None
        self._cut_s: float | None = None
        self._last_s = float("-inf")
        self._samples, self._unfitted = 0, REFIT_SAMPLES
        self._learner = self._new_learner()

    @property
    def progress(self) -> float:
        """How far the first plate is, from 0 to 1: the longest stay must pass, and enough samples."""
        if self._began_s is None:
            return 0.0
        samples = self._samples / DEFAULT.fewest_samples
        return min(1.0, samples, (self._last_s - self._began_s) / max(self._stay_s, DEFAULT.shortest_s))

    def wants(self, time_s: float) -> bool:
        """Is it time for another sample? Time that went back begins anew."""
        if time_s < self._last_s - CLOSEST_SAMPLES_S:
            self._forget()
        return self._learner.wants(time_s)

    def add(self, time_s: float, planes: RawPlanes, found: Found) -> Plate | None:
        """Take a sample; a new plate if it is time for one and there is enough to prove one."""
        self._began_s = time_s if self._began_s is None else self._began_s
        self._last_s = time_s
        self._learner.forget_before(time_s - self._window_s)
        self._learner.add(time_s, planes, found)
        self._samples += 1
        self._unfitted += 1
        if self.progress < 1.0 or self._unfitted < REFIT_SAMPLES:
            return None
        self._unfitted = 0
        return self._learner.fit(self._stay_s)

    def moved(self, time_s: float, *, cut: bool) -> bool:
        """Has the view been another one for so long that what was learnt is void? Then all is forgotten."""
        if not cut:
            self._cut_s = None
            return False
        self._cut_s = time_s if self._cut_s is None else self._cut_s
        if time_s - self._cut_s < MOVED_S:
            return False
        self._forget()
        return True

    def _forget(self) -> None:
        self._began_s = self._cut_s = None
        self._last_s = float("-inf")
        self._samples, self._unfitted = 0, REFIT_SAMPLES
        self._learner = self._new_learner()

    def _new_learner(self) -> Learner:
        # One window is learnt as a clip of its length would be; samples beyond it slide out instead of thinning out.
        return Learner(self._grid, max(self._window_s, CLOSEST_SAMPLES_S * SAMPLES_IN_WINDOW))
