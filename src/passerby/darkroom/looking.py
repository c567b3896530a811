"""Looks for people in some of the frames: when, and in which thread."""

from __future__ import annotations

import sys
import time
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Protocol

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.decode import ModelOutputFault
from passerby.darkroom.find.finder import EVIDENCE, Look
from passerby.darkroom.find.found import Found
from passerby.darkroom.grid import CellFrame
from passerby.darkroom.pace import Pace
from passerby.darkroom.shifts import Small

# With a plate, detectors look every few frames, or sooner where frames are far apart.
LOOK_EVERY, LOOK_EVERY_S = 4, 0.35


class Finds(Protocol):
    """What looks for people: a `Finder`."""

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        """Everything found in a frame, as `Finder.find`."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A frame to be searched.

    Args:
        look: What for.
        planes: The frame.
        cells: Its cell means.
        full_range: Luma uses 0–255.
        time_s: Its time in what has been seen.
        stamp_s: Its timestamp.
        view: What it shows, for whoever asks.
        before: A picture of shortly before, to see how people move.
    """

    look: Look
    planes: RawPlanes
    cells: CellFrame
    full_range: bool
    time_s: float
    stamp_s: float
    view: object = None
    before: Small | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame that has been searched. ``found`` is None where a network answered nonsense."""

    asked: Asked
    found: Found | None
    taken_ns: int


class Looking:
    """One look at a time: in the thread that asks, or in a worker's, while frames go on.

    Args:
        finder: The networks.
        size: Width and height of the frames.
        worker: Searches; None where whoever asks waits.
        pace: How often a camera's machine can bear to search; None to look every few frames.
    """

    def __init__(
        self, finder: Finds, size: tuple[int, int], worker: Executor | None = None, pace: Pace | None = None
    ) -> None:
        self._finder, self._size, self._worker, self._pace = finder, size, worker, pace
        self._buffer: RawPlanes | None = None
        self._running: tuple[Asked, Future[Looked]] | None = None
        self._done: Looked | None = None
        self._next, self._next_s = 0, float("-inf")
        self._next_learning_s = float("-inf")

    @property
    def searching_s(self) -> float | None:
        """Time of the frame that is being searched just now."""
        return None if self._running is None else self._running[0].time_s

    @property
    def idle(self) -> bool:
        """Whether something may be asked."""
        return self._running is None and self._done is None

    def due(self, frame: int, time_s: float) -> bool:
        """Is it time for another look?"""
        return frame >= self._next or time_s >= self._next_s

    def may_learn(self, time_s: float) -> bool:
        """May there be a look to learn from? Of a camera only as often as its pace allows."""
        return self._pace is None or time_s >= max(self._next_s, self._next_learning_s)

    def ask(self, asked: Asked, frame: int) -> None:
        """Search a frame. Only while idle.

        Args:
            asked: Where a worker searches, its planes are copied: the frame's slot is given back before it is done.
            frame: Its number in the stream.
        """
        if self._worker is None:
            self._done = self._look(asked)
        else:
            asked = replace(asked, planes=self._copy(asked.planes))
            self._running = asked, self._worker.submit(self._look, asked)
        self._next, self._next_s = frame + LOOK_EVERY, asked.time_s + LOOK_EVERY_S
        if self._pace is not None:
            self._next, self._next_s = sys.maxsize, asked.time_s + LOOK_EVERY_S

    def take(self) -> Looked | None:
        """What has been found since the last call, if a look has ended."""
        if self._running is not None and self._running[1].done():
            self._done, self._running = self._running[1].result(), None
        looked, self._done = self._done, None
        if looked is not None and self._pace is not None:
            rest_s = self._pace.rest_s(looked.taken_ns / 1e9, looked.asked.stamp_s)
            self._next_s = looked.asked.time_s + max(LOOK_EVERY_S, rest_s)
            if looked.asked.look is EVIDENCE:
                self._next_learning_s = looked.asked.time_s + self._pace.learning_rest_s(looked.taken_ns / 1e9)
        return looked

    def wait(self) -> None:
        """Until the look that is running has ended."""
        if self._running is not None:
            self._running[1].exception()

    def _look(self, asked: Asked) -> Looked:
        started_ns = time.perf_counter_ns()
        try:
            found = self._finder.find(asked.planes, self._size, asked.look, full_range=asked.full_range)
        except ModelOutputFault:
            found = None
        return Looked(asked, found, time.perf_counter_ns() - started_ns)

    def _copy(self, planes: RawPlanes) -> RawPlanes:
        """Into the one buffer: what was in it has been searched."""
        if self._buffer is None:
            self._buffer = RawPlanes(planes.y.copy(), planes.u.copy(), planes.v.copy())
            return self._buffer
        into = self._buffer
        for target, source in zip((into.y, into.u, into.v), (planes.y, planes.u, planes.v), strict=True):
            target[:] = source
        return into
