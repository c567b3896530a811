"""Learns the plate of a clip: gathers samples in a first pass, evenly spread and in bounded memory."""

from __future__ import annotations

import numpy as np

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import Found
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.plate.fitting import DEFAULT, Rules, Sample, Samples
from passerby.darkroom.plate.plate import Plate

# Looks closer together than this cost time and tell nothing new.
LEAST_INTERVAL_S = 0.35


class Learner:
    """Gathers samples of one clip, to fit a plate to them.

    Args:
        grid: The picture's grids.
        duration_s: Length of the clip as far as known; 0 where it isn't.
        rules: What a block needs.
        window_s: Samples older than this are forgotten.
    """

    def __init__(self, grid: Grid, duration_s: float, rules: Rules = DEFAULT, window_s: float = np.inf) -> None:
        self._grid = grid
        self._rules = rules
        self._interval_s = max(duration_s / rules.most_samples, LEAST_INTERVAL_S)
        self._samples: list[Sample] = []
        self._kept: dict[int, RawPlanes] = {}
        self._most_kept = max(3, min(40, rules.memory_bytes // (grid.width * grid.height * 3 // 2 + 1)))
        self._window_s = window_s
        self._step, self._since_kept = 1, 0
        self._next_s = -np.inf

    def __len__(self) -> int:
        """How many samples."""
        return len(self._samples)

    def wants(self, time_s: float) -> bool:
        """Is it time for another sample?"""
        return time_s >= self._next_s

    def add(self, time_s: float, planes: RawPlanes, found: Found) -> None:
        """Take a sample. Where the clip turns out longer than it said, every second sample is given up again."""
        self._forget(time_s - self._window_s)
        if len(self._samples) >= 2 * self._rules.most_samples:
            self._thin_out()
        self._samples.append(Sample(time_s, reduce(planes, self._grid), found))
        self._keep(len(self._samples) - 1, planes)
        self._next_s = time_s + self._interval_s

    def fit(self, longest_stay_s: float | None = None) -> Plate | None:
        """The plate of what has been gathered so far, as `Samples.fit`."""
        return self.samples().fit(longest_stay_s)

    def samples(self) -> Samples:
        """What has been gathered so far. More may be added here while a plate is fitted to it elsewhere."""
        return Samples(self._grid, self._rules, tuple(self._samples), dict(self._kept))

    def _keep(self, index: int, planes: RawPlanes) -> None:
        """Keep whole frames, evenly spread: when the store is full, every second goes and the step doubles."""
        self._since_kept += 1
        if self._kept and self._since_kept < self._step:
            return
        self._since_kept = 0
        self._kept[index] = RawPlanes(planes.y.copy(), planes.u.copy(), planes.v.copy())
        while len(self._kept) > self._most_kept:
            self._step *= 2
            self._kept = {i: self._kept[i] for i in sorted(self._kept)[::2]}

    def _forget(self, before_s: float) -> None:
        """Give up samples from before a time."""
        old = sum(s.time_s < before_s for s in self._samples)
        if old:
            self._samples = self._samples[old:]
            self._kept = {i - old: planes for i, planes in self._kept.items() if i >= old}

    def _thin_out(self) -> None:
        """Give up every second sample, and take those to come as far apart as those that stay."""
        span_s = self._samples[-1].time_s - self._samples[0].time_s
        self._interval_s = max(self._interval_s * 2, span_s / self._rules.most_samples, 1e-3)
        self._samples = self._samples[::2]
        self._kept = {i // 2: planes for i, planes in self._kept.items() if i % 2 == 0}
        self._step = max(1, self._step // 2)
