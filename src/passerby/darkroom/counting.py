"""Detections to `Counts`: numbers only."""

from __future__ import annotations

import math
import os
from collections.abc import Callable

import numpy as np

from passerby.crowd.calibration import FOUND, Calibration, Spread
from passerby.crowd.choose import Choice, Close
from passerby.crowd.occupancy import WEAK_SCORE, Estimate, Smoother, chances, of_chances
from passerby.crowd.place import LineNow, Place
from passerby.crowd.scene import Scene
from passerby.crowd.zone_state import ZoneNow, ZoneNumbers
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import Found, Kind
from passerby.darkroom.foreground import Covered, Foreground
from passerby.darkroom.grid import CellFrame
from passerby.darkroom.shifts import Shifts, Small
from passerby.outlet.messages import (
    Counts,
    Features,
    LineCounts,
    LineVehicles,
    Message,
    ZoneCounts,
    ZoneCrowd,
)

SMOOTHED_OVER = 5
VEHICLE_SCORE = 0.45
PERIOD_S = 1.0
# Looked at in every frame, a car whose box flickers begins a second track and counts twice (highway: 9 % too many).
VEHICLES_EVERY_S = 0.2
FEATURES = (FOUND, "weak", "area", "edge", "bodies")
UNKNOWN = Estimate(-1.0, -1.0, -1.0)


class Counter:
    """Turns detections into counts, one for each frame or one in a while.

    Args:
        emit: Sends a message.
        per_frame: One for each frame.
        every_s: Else seconds from one to the next.
        calibration: What the camera's own numbers mean; None where nobody has counted.
        foreground: What covers the background, for a calibration; None where there is none.
        tells: Send what a calibration learns from, beside each count.
    """

    def __init__(
        self,
        emit: Callable[[Message], None],
        *,
        per_frame: bool,
        every_s: float = PERIOD_S,
        calibration: Calibration | None = None,
        foreground: Foreground | None = None,
        tells: bool = False,
    ) -> None:
        self._calibration = calibration
        self._foreground = foreground
        self._tells = tells
        self._features = dict.fromkeys(FEATURES, 0.0)
        self._choice = Choice()
        self._emit = emit
        self._per_frame = per_frame
        self._every_s = every_s
        self._people, self._vehicles = Smoother(SMOOTHED_OVER), Smoother(SMOOTHED_OVER)
        self._now = (Estimate(0, 0, 0), Estimate(0, 0, 0))
        self._next_s = -math.inf
        # What the calibration makes of the last look, for parts of the picture.
        self.spread: Spread | None = None

    def learn(self, cells: CellFrame, time_s: float) -> None:
        """Learn the background from a frame."""
        if self._foreground is not None:
            self._foreground.learn(cells, time_s)

    @property
    def wants_cells(self) -> bool:
        """Whether cell means are of use."""
        return self._foreground is not None

    def saw(
        self, found: Found, time_s: float = 0.0, cells: CellFrame | None = None, dense: Found | None = None
    ) -> None:
        """Take a frame into account.

        Args:
            found: What a plain look finds in it.
            time_s: Its time.
            cells: Its cell means, where a calibration learns from what covers the background.
            dense: What a dense look finds in it, where there was one.
        """
        bodies = found.only(Kind.PERSON)
        weak = float(np.count_nonzero(bodies.scores >= WEAK_SCORE))
        people = of_chances(chances(bodies.scores, bodies.boxes).tolist(), weak)
        covered = None
        if self._foreground is not None and cells is not None:
            covered = self._foreground.covered(cells, time_s)
        self._features = _features(people.value, weak, covered)
        vehicles = float(len(found.only(Kind.VEHICLE, VEHICLE_SCORE)))
        calibrated = None
        if self._calibration is not None:
            calibrated = self._calibration.people({n: v for n, v in self._features.items() if v >= 0})
            self.spread = Spread.between(people, calibrated)
        people = self._choice.saw(people, None if dense is None else _close(dense), calibrated)
        self._now = (
            people if calibrated else self._people.add(people, time_s),
            self._vehicles.add(Estimate(vehicles, vehicles, vehicles), time_s),
        )

    def tick(self, frame: int, time_s: float) -> None:
        """A frame has passed; emits if it is time."""
        if not self._per_frame:
            if time_s < self._next_s:
                return
            self._next_s = (math.floor(time_s / self._every_s) + 1) * self._every_s
        people, vehicles = self._now
        self._emit(Counts(frame, time_s, people.value, people.low, people.high, vehicles.value))
        if self._tells:
            self._emit(Features(frame, *self._features.values()))


def _close(found: Found) -> Close:
    """What a dense look's detections stand for."""
    bodies = found.only(Kind.PERSON)
    weak = float(np.count_nonzero(bodies.scores >= WEAK_SCORE))
    return Close(of_chances(chances(bodies.scores, bodies.boxes).tolist()).value, weak)


def _features(people: float, weak: float, covered: Covered | None) -> dict[str, float]:
    """What a calibration learns from, by name in the order of `Features`; -1 where it is not known."""
    area, edge, in_bodies = (covered.area, covered.edge, covered.bodies) if covered else (-1.0, -1.0, -1.0)
    return dict(zip(FEATURES, (people, weak, area, edge, in_bodies), strict=True))


class Places:
    """Counts zones and lines, once a second.

    Args:
        scene: Where to count.
        emit: Sends a message.
        start: Where track numbers begin, from a random source.
        size: Width and height of the frames.
    """

    def __init__(
        self, scene: Scene, emit: Callable[[Message], None], start: Callable[[], int], size: tuple[int, int]
    ) -> None:
        # Without a ground a shift is no speed.
        self._shifts = None if scene.ground is None else Shifts(size)
        self._vehicles_s = -math.inf
        self._place = Place(scene, start)
        self._emit = emit
        self._next_s: float | None = None

    @property
    def now(self) -> tuple[list[ZoneNow], list[LineNow]]:
        """What the last look says of zones and lines, for alerts."""
        return self._place.zones_now(), self._place.lines_now()

    def pass_by(self, planes: RawPlanes, time_s: float) -> None:
        """A frame has come; what is seen later moves since then."""
        if self._shifts is not None:
            self._shifts.keep(planes, time_s)

    def before(self, time_s: float) -> Small | None:
        """What a frame of this time is to be compared with to see how people move."""
        return None if self._shifts is None else self._shifts.before(time_s)

    def saw(
        self,
        found: Found,
        time_s: float,
        dense: Found | None = None,
        moved: tuple[RawPlanes, Small] | None = None,
        spread: Spread | None = None,
    ) -> None:
        """Take the detections of a frame into account; emits if a second has passed.

        Args:
            found: What a plain look finds.
            time_s: The frame's time.
            dense: What a dense look finds, where there was one.
            moved: The frame, and what it is to be compared with, where there is something.
            spread: What a calibration makes of the whole picture, where there is one.
        """
        people = found.only(Kind.PERSON)
        crowd = None if dense is None else dense.only(Kind.PERSON)
        closer = None if crowd is None else (crowd.boxes, crowd.scores)
        shifts = None
        if self._shifts is not None and moved is not None:
            shifts = self._shifts.of(people.boxes, moved[0], time_s, moved[1])
        self._place.saw(people.boxes, people.scores, time_s, closer, shifts, spread)
        if not self._vehicles_s <= time_s < self._vehicles_s + VEHICLES_EVERY_S:
            self._vehicles_s = time_s
            vehicles = found.only(Kind.VEHICLE)
            self._place.saw_vehicles(vehicles.boxes, vehicles.scores, vehicles.vehicles, time_s)
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
            self._emit(_crowd(zone, number, time_s))
        for number, (into, out_of) in enumerate(self._place.lines()):
            self._emit(LineCounts(time_s, number, into, out_of))
        for number, passed in enumerate(self._place.vehicle_lines()):
            kinds_in, kinds_out = (bytes(min(n, 255) for n in ways) for ways in (passed.into, passed.out_of))
            self._emit(LineVehicles(time_s, number, kinds_in, kinds_out, round(255 * passed.occupied)))


def _crowd(zone: ZoneNumbers, number: int, time_s: float) -> ZoneCrowd:
    """How a zone's crowd stands and moves."""
    ways = bytes(round(255 * share) for share in zone.ways.tolist())
    waiting = (-1.0, -1.0) if zone.queue is None else (zone.queue.people, zone.queue.length_m)
    pressure, densest = (-1.0 if n is None else n for n in (zone.pressure, zone.densest))
    return ZoneCrowd(time_s, number, ways, pressure, densest, *waiting)


def anywhere() -> int:
    """Where track numbers begin: they must mean nothing outside."""
    return int.from_bytes(os.urandom(4), "little")
