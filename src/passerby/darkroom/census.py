"""Counting without a picture: nothing but numbers leaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

from passerby.crowd.scene import Scene
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.alarm import Alarms
from passerby.darkroom.counting import Counter, Places, anywhere
from passerby.darkroom.find.decode import ModelOutputFault
from passerby.darkroom.find.finder import COUNT, DENSE, Look
from passerby.darkroom.find.found import Found
from passerby.darkroom.foreground import foreground_for
from passerby.darkroom.grid import CellFrame, Grid, reduce
from passerby.darkroom.looking import Finds
from passerby.darkroom.pace import LONGEST_S, Pace
from passerby.darkroom.redaction import Options
from passerby.darkroom.shifts import WANTED_S
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Message, Mode, Mosaic

LOOK_EVERY_S = 0.2
# A look at a large input costs as much as dozens of plain ones.
DENSE_EVERY_S = 5.0
LOOKS = (COUNT,)


class Census:
    """Counts one item.

    Args:
        about: The item's record.
        size: Width and height of the first frame.
        finder: The networks.
        emit: Sends a message.
        tally: Counters.
        options: What was asked for.
        scene: Zones, lines and calibration, where there is a scene.
    """

    def __init__(
        self,
        about: Record,
        size: tuple[int, int],
        finder: Finds,
        emit: Callable[[Message], None],
        tally: Tally,
        options: Options,
        scene: Scene | None = None,
    ) -> None:
        self._time_base = Fraction(about.time_base_num, about.time_base_den)
        self.size = size
        self._grid = grid = Grid(*size)
        live = about.flags & Record.LIVE
        self._finder = finder
        self._tally = tally
        self._counter = Counter(
            emit,
            per_frame=options.per_frame,
            every_s=options.count_every_s,
            calibration=scene.calibration if scene else None,
            foreground=foreground_for(grid, scene, asked=options.calibrate, live=bool(live)),
            tells=options.calibrate,
        )
        # One number for each frame is meant to be of that frame; a file has time.
        self._look_every_s = 0.0 if options.per_frame and not live else LOOK_EVERY_S
        # Nothing is hidden by what is found here: numbers need no search more often than they are sent.
        longest_s = max(LONGEST_S, options.count_every_s)
        self._pace = Pace(time.monotonic, options.search_share, longest_s) if live else None
        self._alarms = Alarms(emit, scene) if live else None
        self._every_picture = not options.keyframes
        self._places = Places(scene, emit, anywhere, size) if scene else None
        self._next_s = self._next_dense_s = float("-inf")
        self._dense = options.dense
        self._first_s: float | None = None
        self._last_s = 0.0
        tally.mode = Mode.MOSAIC

    @property
    def live(self) -> bool:
        """Whether it counts a camera, at a camera's pace and with alerts."""
        return self._alarms is not None

    @property
    def duration_s(self) -> float:
        """Time from the first frame to the last, in seconds."""
        return max(0.0, self._last_s - (self._first_s or 0.0))

    @property
    def rest_s(self) -> float:
        """For how long after the last frame a camera needs to show no other: until the next look or judgement of sight.

        Of keyframes alone each is dear, and only looks are worth one.
        """
        if self._pace is None or self._alarms is None:
            return 0.0
        until_s = self._next_s
        if self._every_picture:
            until_s = min(until_s, self._alarms.next_s)
            # How people move is seen beside a picture shortly before.
            earlier_s = self._next_s - WANTED_S
            if self._places is not None and self._last_s < earlier_s:
                until_s = min(until_s, earlier_s)
        return max(0.0, until_s - self._last_s)

    def resume(self, about: Record, tally: Tally) -> None:
        """Go on with another connection of the same camera, or another pass."""
        self._time_base = Fraction(about.time_base_num, about.time_base_den)
        self._tally = tally
        self._first_s, self._next_s, self._next_dense_s = None, float("-inf"), float("-inf")
        tally.mode = Mode.MOSAIC

    def learn(self, planes: RawPlanes, record: Record) -> None:
        """A frame of the first pass, where there are two: the background is learnt."""
        if not record.flags and (record.width, record.height) == self.size:
            self._counter.learn(reduce(planes, self._grid), float(record.pts * self._time_base))

    def count(self, planes: RawPlanes, record: Record) -> None:
        """One frame."""
        time_s = float(record.pts * self._time_base)
        self._first_s = time_s if self._first_s is None else self._first_s
        self._last_s = time_s
        if self._alarms is not None and not record.flags:
            self._alarms.picture(planes, self.size, time_s)
        if time_s >= self._next_s and not record.flags:
            started_s = time.monotonic()
            self._look(planes, record, time_s)
            rest_s = 0.0 if self._pace is None else self._pace.rest_s(time.monotonic() - started_s, time_s)
            self._next_s = time_s + max(self._look_every_s, rest_s)
        if self._places is not None and not record.flags:
            self._places.pass_by(planes, time_s)
        self._counter.tick(self._tally.frames, time_s)
        self._tally.shown(1.0, Mosaic.NONE)

    def finish(self) -> None:
        """What the last second saw of zones and lines."""
        if self._places is not None:
            self._places.tell(self._last_s)

    def _look(self, planes: RawPlanes, record: Record, time_s: float) -> None:
        try:
            found = self._find(planes, record, COUNT)
            dense: Found | None = None
            if self._dense and time_s >= self._next_dense_s:
                self._next_dense_s = time_s + DENSE_EVERY_S
                dense = self._find(planes, record, DENSE)
        except ModelOutputFault:
            # The last good count stands; a broken network must not turn into a number.
            return
        cells: CellFrame | None = None
        if self._counter.wants_cells:
            cells = reduce(planes, self._grid)
            if self._pace is not None:
                self._counter.learn(cells, time_s)
        self._counter.saw(found, time_s, cells, dense)
        if self._places is not None:
            before = self._places.before(time_s)
            moved = None if before is None else (planes, before)
            self._places.saw(found, time_s, dense, moved, self._counter.spread)
            if self._alarms is not None:
                self._alarms.places(self._places.now, time_s)

    def _find(self, planes: RawPlanes, record: Record, look: Look) -> Found:
        self._tally.detections += 1
        with self._tally.stage("find"):
            return self._finder.find(planes, self.size, look, full_range=bool(record.full_range))
