"""Counting without a picture: nothing but numbers leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction

from passerby.crowd.scene import Scene
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.counting import Counter, Places
from passerby.darkroom.find.decode import ModelOutputFault
from passerby.darkroom.find.finder import COUNT
from passerby.darkroom.redaction import Finds
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Message, Mode, Mosaic

LOOK_EVERY_S = 0.2
LOOKS = (COUNT,)


class Census:
    """Counts one item.

    Args:
        about: The item's record.
        size: Width and height of the first frame.
        finder: The networks.
        emit: Sends a message.
        tally: Counters.
        per_frame: One count for each frame, else one a second.
        scene: Zones, lines and calibration, where there is a scene.
    """

    def __init__(
        self,
        about: Record,
        size: tuple[int, int],
        finder: Finds,
        emit: Callable[[Message], None],
        tally: Tally,
        *,
        per_frame: bool,
        scene: Scene | None = None,
    ) -> None:
        self._time_base = Fraction(about.time_base_num, about.time_base_den)
        self._size = size
        self._finder = finder
        self._tally = tally
        self._counter = Counter(emit, per_frame=per_frame, calibration=scene.calibration if scene else None)
        self._places = Places(scene, emit, _anywhere) if scene else None
        self._next_s = float("-inf")
        self._first_s: float | None = None
        self._last_s = 0.0
        tally.mode = Mode.MOSAIC

    @property
    def duration_s(self) -> float:
        """Time from the first frame to the last, in seconds."""
        return max(0.0, self._last_s - (self._first_s or 0.0))

    def count(self, planes: RawPlanes, record: Record) -> None:
        """One frame."""
        time_s = float(record.pts * self._time_base)
        self._first_s = time_s if self._first_s is None else self._first_s
        self._last_s = time_s
        if time_s >= self._next_s and not record.flags:
            self._next_s = time_s + LOOK_EVERY_S
            self._look(planes, record, time_s)
        self._counter.tick(self._tally.frames, time_s)
        self._tally.shown(1.0, Mosaic.NONE)

    def finish(self) -> None:
        """What the last second saw of zones and lines."""
        if self._places is not None:
            self._places.tell(self._last_s)

    def _look(self, planes: RawPlanes, record: Record, time_s: float) -> None:
        self._tally.detections += 1
        try:
            with self._tally.stage("find"):
                found = self._finder.find(planes, self._size, COUNT, full_range=bool(record.full_range))
        except ModelOutputFault:
            # The last good count stands; a broken network must not turn into a number.
            return
        self._counter.saw(found, time_s)
        if self._places is not None:
            self._places.saw(found, time_s)


def _anywhere() -> int:
    """Where track numbers begin: they must mean nothing outside."""
    return int.from_bytes(os.urandom(4), "little")
