"""Detections to `Counts`: numbers only."""

from __future__ import annotations

import math
import os
from collections.abc import Callable

from passerby.crowd.calibration import Calibration
from passerby.crowd.occupancy import Estimate, Smoother, chances, of_chances
from passerby.crowd.place import LineNow, Place, ZoneNow
from passerby.crowd.scene import Scene
from passerby.darkroom.find.found import Found, Kind
from passerby.outlet.messages import Counts, LineCounts, Message, ZoneCounts

SMOOTHED_OVER = 5
VEHICLE_SCORE = 0.45
PERIOD_S = 1.0
# What a calibration may learn from here: the number that goes out as `Counts.people` without one.
FEATURE = "people"
UNKNOWN = Estimate(-1.0, -1.0, -1.0)


class Counter:
    """Turns detections into counts, one for each frame or one in a while.

    Args:
        emit: Sends a message.
        per_frame: One for each frame.
        every_s: Else seconds from one to the next.
        calibration: What the camera's own numbers mean; None where nobody has counted.
    """

    def __init__(
        self,
        emit: Callable[[Message], None],
        *,
        per_frame: bool,
        every_s: float = PERIOD_S,
        calibration: Calibration | None = None,
    ) -> None:
        self._calibration = calibration
        self._emit = emit
        self._per_frame = per_frame
        self._every_s = every_s
        self._people, self._vehicles = Smoother(SMOOTHED_OVER), Smoother(SMOOTHED_OVER)
        self._now = (Estimate(0, 0, 0), Estimate(0, 0, 0))
        self._next_s = -math.inf

    def saw(self, found: Found, time_s: float = 0.0) -> None:
        """Take the detections of a frame into account."""
        bodies = found.only(Kind.PERSON)
        people = of_chances(chances(bodies.scores, bodies.boxes).tolist())
        vehicles = float(len(found.only(Kind.VEHICLE, VEHICLE_SCORE)))
        self._now = (
            self._people.add(people, time_s),
            self._vehicles.add(Estimate(vehicles, vehicles, vehicles), time_s),
        )

    def tick(self, frame: int, time_s: float) -> None:
        """A frame has passed; emits if it is time."""
        if not self._per_frame:
            if time_s < self._next_s:
                return
            self._next_s = (math.floor(time_s / self._every_s) + 1) * self._every_s
        people, vehicles = self._now
        if self._calibration is not None:
            people = self._calibration.people({FEATURE: people.value})
        self._emit(Counts(frame, time_s, people.value, people.low, people.high, vehicles.value))


class Places:
    """Counts zones and lines, once a second.

    Args:
        scene: Where to count.
        emit: Sends a message.
        start: Where track numbers begin, from a random source.
    """

    def __init__(self, scene: Scene, emit: Callable[[Message], None], start: Callable[[], int]) -> None:
        self._place = Place(scene, start)
        self._emit = emit
        self._next_s: float | None = None

    @property
    def now(self) -> tuple[list[ZoneNow], list[LineNow]]:
        """What the last look says of zones and lines, for alerts."""
        return self._place.zones_now(), self._place.lines_now()

    def saw(self, found: Found, time_s: float) -> None:
        """Take the detections of a frame into account; emits if a second has passed."""
        people = found.only(Kind.PERSON)
        self._place.saw(people.boxes, people.scores, time_s)
        if self._next_s is None:
            self._next_s = time_s + PERIOD_S
        elif time_s >= self._next_s:
            self._next_s = time_s + PERIOD_S
            self.tell(time_s)

    def tell(self, time_s: float) -> None:
        """Emit all zones and lines."""
        for number, zone in enumerate(self._place.zones()):
            fast = zone.speed or UNKNOWN
            self._emit(
                ZoneCounts(
                    time_s,
                    number,
                    zone.people.value,
                    zone.people.low,
                    zone.people.high,
                    fast.value,
                    fast.low,
                    fast.high,
                )
            )
        for number, (into, out_of) in enumerate(self._place.lines()):
            self._emit(LineCounts(time_s, number, into, out_of))


def anywhere() -> int:
    """Where track numbers begin: they must mean nothing outside."""
    return int.from_bytes(os.urandom(4), "little")
