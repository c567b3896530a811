"""Detections to `Counts`: numbers only."""

from __future__ import annotations

import math
from collections.abc import Callable

from passerby.crowd.occupancy import Estimate, Smoother, expected
from passerby.darkroom.find.found import Found, Kind
from passerby.outlet.messages import Counts, Message

SMOOTHED_OVER = 5
VEHICLE_SCORE = 0.45
PERIOD_S = 1.0


class Counter:
    """Turns detections into counts, one for each frame or one in a while.

    Args:
        emit: Sends a message.
        per_frame: One for each frame.
        every_s: Else seconds from one to the next.
    """

    def __init__(self, emit: Callable[[Message], None], *, per_frame: bool, every_s: float = PERIOD_S) -> None:
        self._emit = emit
        self._per_frame = per_frame
        self._every_s = every_s
        self._people, self._vehicles = Smoother(SMOOTHED_OVER), Smoother(SMOOTHED_OVER)
        self._now = (Estimate(0, 0, 0), Estimate(0, 0, 0))
        self._next_s = -math.inf

    def saw(self, found: Found) -> None:
        """Take the detections of a frame into account."""
        people = expected(found.only(Kind.PERSON).scores.tolist())
        vehicles = float(len(found.only(Kind.VEHICLE, VEHICLE_SCORE)))
        self._now = (self._people.add(people), self._vehicles.add(Estimate(vehicles, vehicles, vehicles)))

    def tick(self, frame: int, time_s: float) -> None:
        """A frame has passed; emits if it is time."""
        if not self._per_frame:
            if time_s < self._next_s:
                return
            self._next_s = (math.floor(time_s / self._every_s) + 1) * self._every_s
        people, vehicles = self._now
        self._emit(Counts(frame, time_s, people.value, people.low, people.high, vehicles.value))
