"""Learns the plate of a camera from the frames that it shows, for as long as the camera runs.

All memory is bounded: a learner's samples lie in a sliding window, and at most two views are remembered. Time is what
has passed here, not what timestamps say: a clock that jumps must not make a short stay look long.
"""

from __future__ import annotations

import math
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

import numpy as np

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import Found
from passerby.darkroom.grid import CellFrame, Grid
from passerby.darkroom.plate.fitting import DEFAULT
from passerby.darkroom.plate.learner import Learner
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.stay import CAMERA_STAY_S

# A window twice as long as the longest stay: who was there for all of a stay is a minority of it.
WINDOW_STAYS = 2.0
# Of a file nothing is shown before this share of it has been seen.
FIRST_SHARE = 0.25
CAMERA_INTERVAL_S = 2.0
MEMORY_BYTES = 96 * 1024 * 1024
FIT_GROWTH, FIT_EVERY_S = 1.15, 60.0
LONGEST_GAP_S, STEP_S = 60.0, 0.04
VIEWS = 2
UNLIKE_SHARE, UNLIKE_LUMA = 0.6, 18
NEW_VIEW_S = 3.0


class Clock:
    """Seconds that have passed, whatever timestamps do: a jump back counts one frame, a jump ahead one minute."""

    def __init__(self) -> None:
        self._stamp_s: float | None = None
        self.now_s = 0.0

    def at(self, stamp_s: float) -> float:
        """The time of a frame that came with this timestamp."""
        if self._stamp_s is not None:
            passed = stamp_s - self._stamp_s
            self.now_s += min(passed, LONGEST_GAP_S) if passed > 0 else STEP_S
        self._stamp_s = stamp_s
        return self.now_s


@dataclass(slots=True)
class View:
    """One direction the camera looks in, and what has been learnt of it.

    Args:
        learner: Its samples.
        seen: Cell means of its last sample; None before the first.
        plate: The plate as last fitted.
        since_s: When it began.
        fitted: Samples at the last fit.
        fitted_s: Time of the last fit.
    """

    learner: Learner
    since_s: float
    seen: CellFrame | None = None
    plate: Plate | None = None
    fitted: int = 0
    fitted_s: float = -math.inf


class LivePlates:
    """The plates of a running camera.

    Args:
        grid: The picture's grids.
        duration_s: Length of a file that is worked on as a camera would be; 0 for a camera.
        longest_stay_s: How long somebody may sit still; None for six hours, or of a file half of what has been seen.
        first: A plate of this view that was proven elsewhere, to show until the first of its own.
        samples: How many samples a clip is worth; fewer where somebody waits for the first picture.
        worker: Fits plates while frames go on; by default a frame waits for the fit that it brings about.
    """

    def __init__(
        self,
        grid: Grid,
        duration_s: float,
        longest_stay_s: float | None,
        first: Plate | None = None,
        samples: int = DEFAULT.most_samples,
        worker: Executor | None = None,
    ) -> None:
        self._grid = grid
        self._duration_s = duration_s if duration_s > 0 else 0.0
        self._rules = replace(DEFAULT, memory_bytes=MEMORY_BYTES, most_samples=samples)
        self._stay_s = longest_stay_s
        if longest_stay_s is None and not self._duration_s:
            self._stay_s = CAMERA_STAY_S
        self._views: deque[View] = deque([self._new(0.0)], maxlen=VIEWS)
        self._views[-1].plate = first
        self._lost_s: float | None = None
        self._worker = worker
        self._fitting: tuple[View, Future[Plate | None]] | None = None

    @property
    def plate(self) -> Plate | None:
        """The plate of the view that the camera looks at; None while it learns."""
        self._take()
        return self._views[-1].plate

    @property
    def view(self) -> View:
        """The view that the camera looks at."""
        return self._views[-1]

    def progress(self, now_s: float) -> float:
        """How far the present view's first plate is, from 0 to 1: time must pass, and samples must come."""
        view = self._views[-1]
        passed = (now_s - view.since_s) / max(self._first_s(), DEFAULT.shortest_s)
        return min(1.0, passed, len(view.learner) / DEFAULT.fewest_samples)

    def follow(self, cells: CellFrame, now_s: float) -> bool:
        """Is this still the view that is being learnt? Turns to a view it remembers, or to a new one after a moment.

        Args:
            cells: The frame's cell means.
            now_s: Time of the frame, as `Clock` gives it.
        """
        self._take()
        if _alike(self._views[-1], cells):
            self._lost_s = None
            return True
        for view in self._views:
            if view.seen is not None and _alike(view, cells):
                self._views.remove(view)
                self._views.append(view)
                self._lost_s = None
                return True
        if self._lost_s is None:
            self._lost_s = now_s
        if now_s - self._lost_s < NEW_VIEW_S:
            return False
        # The oldest view falls out by itself. One that never came to a plate isn't worth its place.
        if self._views[-1].plate is None:
            self._views.pop()
        self._views.append(self._new(now_s))
        self._lost_s = None
        return True

    def wants(self, now_s: float) -> bool:
        """Is it time for another sample?"""
        return self._views[-1].learner.wants(now_s)

    def add(self, now_s: float, planes: RawPlanes, cells: CellFrame, found: Found) -> None:
        """Take a sample of the present view, and fit anew if there is enough that is new."""
        self._take()
        view = self._views[-1]
        view.learner.add(now_s, planes, found)
        view.seen = cells
        enough = len(view.learner) >= view.fitted * FIT_GROWTH or now_s - view.fitted_s >= FIT_EVERY_S
        if not enough or now_s - view.since_s < self._first_s():
            return
        if self._worker is None:
            self._fit(view, now_s)
        elif self._fitting is None:
            self._fitting = view, self._worker.submit(view.learner.samples().fit, self._stay_s)
            view.fitted, view.fitted_s = len(view.learner), now_s

    def fit(self, now_s: float) -> None:
        """Fit the present view, whatever is new."""
        self._fit(self._views[-1], now_s)

    def _fit(self, view: View, now_s: float) -> None:
        # Too little to prove anything is no reason to forget what was proven.
        view.plate = view.learner.fit(self._stay_s) or view.plate
        view.fitted, view.fitted_s = len(view.learner), now_s

    def _take(self) -> None:
        """The plate that the worker has fitted meanwhile, if any. What went wrong there goes wrong here."""
        if self._fitting is not None and self._fitting[1].done():
            view, fitted = self._fitting
            self._fitting = None
            view.plate = fitted.result() or view.plate

    def _first_s(self) -> float:
        if self._stay_s is not None:
            return min(self._stay_s, FIRST_SHARE * self._duration_s) if self._duration_s else self._stay_s
        return FIRST_SHARE * self._duration_s

    def _new(self, now_s: float) -> View:
        rules = self._rules
        window_s = math.inf if self._stay_s is None else WINDOW_STAYS * max(self._stay_s, DEFAULT.shortest_s)
        said_s = self._duration_s or CAMERA_INTERVAL_S * rules.most_samples
        return View(Learner(self._grid, said_s, rules, window_s=window_s), now_s)


def _alike(view: View, cells: CellFrame) -> bool:
    """Does the frame show this view, apart from people in it and the light? A view without samples is any view."""
    plate = view.plate
    if plate is not None and plate.proven.any():
        known, where = plate.cells.y, plate.proven[::2, ::2]
    elif view.seen is not None:
        known, where = view.seen.y, np.ones(cells.y[::2, ::2].shape, bool)
    else:
        return True
    apart = (cells.y[::2, ::2].astype(np.int16) - known[::2, ::2])[where]
    if not apart.size:
        return True
    return float((np.abs(apart - np.median(apart)) > UNLIKE_LUMA).mean()) <= UNLIKE_SHARE
