"""One camera's scene, counted: zones and lines, look by look. Pure numbers in, pure numbers out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.choose import Choice, Close
from passerby.crowd.crossing import Crossings
from passerby.crowd.ground import PERSON_M, Ground
from passerby.crowd.measures import DIRECTIONS, density, directions, mean_speed, occupancy, specific_flow
from passerby.crowd.occupancy import WEAK_SCORE, Estimate, Smoother, chances, of_chances
from passerby.crowd.polygon import inside
from passerby.crowd.pressure import pressure
from passerby.crowd.scene import Line, Scene, Zone
from passerby.crowd.tracks import DRIVING, Track, Tracks

# Boxes (n, 4) and their scores (n,).
Boxes = tuple[NDArray[np.float32], NDArray[np.float32]]
SMOOTHED_OVER = 5
# Who is followed: a post that is followed goes nowhere and crosses nothing, so the weak may take part.
FOLLOWED = 0.2
# The same for vehicles, whose scores are surer. A car is so wide where no ground is known.
FOLLOWED_VEHICLE, VEHICLE_M = 0.35, 1.8
# A track's speed is worth something from this many looks on.
LEAST_LOOKS = 3
# A crowd's movement is that of so many at least: one who stops is no crowd that stops.
LEAST_CROWD = 5
# Velocities of so many seconds make up a variance.
STIR_S = 2.0
# Where fewer stand on a square metre nobody is pressed: that people walk different ways is no turbulence. Ours.
PRESSED_PER_M2 = 2.0


@dataclass(frozen=True, slots=True)
class ZoneNumbers:
    """What is known of a zone over a stretch of time.

    Args:
        people: How many, on average.
        density: In 1/m²; None where the ground is not known.
        speed: Mean, in m/s; None where the ground is not known or nobody was there.
        ways: (8,) shares of the movement by direction, as `measures.directions`; all 0 where nobody moved.
        pressure: The highest crowd pressure at any look, in 1/s²; None where it was not known.
    """

    people: Estimate
    density: Estimate | None
    speed: Estimate | None
    ways: NDArray[np.float64]
    pressure: float | None


@dataclass(frozen=True, slots=True)
class ZoneNow:
    """What the last look says of a zone, for alerts; None where the ground is not known, or too few move.

    Args:
        density: In 1/m².
        speed: Mean of a crowd, in m/s.
        pressure: Crowd pressure with the zone as one cell, in 1/s²; 0 where nobody is pressed.
    """

    density: Estimate | None
    speed: Estimate | None
    pressure: Estimate | None


@dataclass(frozen=True, slots=True)
class LineNow:
    """What the last minute says of a line, for alerts.

    Args:
        flow: Specific flow both ways, in 1/(m·s); None where the ground is not known.
        against: Share that went against the way that is meant; None where there is none, or too few passed.
    """

    flow: Estimate | None
    against: Estimate | None


@dataclass(slots=True)
class _Stretch:
    """A zone since the last answer."""

    zone: Zone
    smoother: Smoother
    now: Estimate
    looks: list[Estimate]
    velocities: list[NDArray[np.float64]]
    # Of the last look, and of the last seconds.
    moving: list[NDArray[np.float64]]
    stir: deque[tuple[float, NDArray[np.float64]]]
    choice: Choice
    pressed: float | None = None


class Place:
    """Counts in a scene.

    Args:
        scene: Its zones and lines.
        start: Where track numbers begin, from a random source.
    """

    def __init__(self, scene: Scene, start: Callable[[], int]) -> None:
        self._scene = scene
        self._tracks = Tracks(start)
        self._ground = scene.ground
        self._lines = [_crossings(line, self._ground) for line in scene.lines] if self._ground else []
        self._driven = Tracks(start, motion=DRIVING)
        self._vehicle_ground = scene.ground
        self._vehicle_lines = [_crossings(line, self._ground) for line in scene.lines] if self._ground else []
        none = Estimate(0.0, 0.0, 0.0)
        self._zones = [_Stretch(z, Smoother(SMOOTHED_OVER), none, [], [], [], deque(), Choice()) for z in scene.zones]
        self._began_s: float | None = None
        self._last_s = 0.0

    def saw(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], time_s: float, dense: Boxes | None = None
    ) -> None:
        """One look at the people.

        Args:
            boxes: (n, 4) x0, y0, x1, y1 in pixels.
            scores: (n,) 0–1.
            time_s: The frame's time.
            dense: Boxes and scores of a dense look at the same frame, where there was one.
        """
        if self._began_s is None or time_s < self._last_s:
            self._began_s = time_s
        self._last_s = time_s
        feet = _feet(boxes)
        likely = chances(scores, boxes)
        if self._ground is None:
            self._guess_scale(boxes[likely >= FOLLOWED])
        tracks, places = self._follow(feet[likely >= FOLLOWED], time_s)
        for line in self._lines:
            line.saw(tracks, time_s)
        closer = None if dense is None else (_feet(dense[0]), chances(dense[1], dense[0]), dense[1] >= WEAK_SCORE)
        for part in self._zones:
            plain = occupancy(likely, scores, feet, part.zone.polygon)
            close = None if closer is None else _close(part.zone.polygon, *closer)
            crowded = part.now.value / part.zone.area_m2 if part.zone.area_m2 else None
            part.now = part.smoother.add(part.choice.saw(plain, close, density=crowded), time_s)
            part.looks.append(part.now)
            here = inside(part.zone.polygon, places)
            part.moving = [t.velocity for t, h in zip(tracks, here, strict=True) if h and t.looks >= LEAST_LOOKS]
            part.velocities += part.moving
            part.stir += ((time_s, velocity) for velocity in part.moving)
            while part.stir and not time_s - STIR_S < part.stir[0][0] <= time_s:
                part.stir.popleft()
            stirred = self._zone_now(part).pressure
            if stirred is not None:
                part.pressed = max(part.pressed or 0.0, stirred.value)

    def saw_vehicles(self, boxes: NDArray[np.float32], scores: NDArray[np.float32], time_s: float) -> None:
        """One look at the vehicles; as `saw`."""
        boxes = boxes[scores >= FOLLOWED_VEHICLE]
        if self._vehicle_ground is None and len(boxes):
            self._vehicle_ground = _scaled(VEHICLE_M / float(np.median(boxes[:, 2] - boxes[:, 0])))
            self._vehicle_lines = [_crossings(line, self._vehicle_ground) for line in self._scene.lines]
        if self._vehicle_ground is None:
            return
        feet = _feet(boxes)
        feet = feet[self._vehicle_ground.sees(feet)]
        tracks = self._driven.saw(self._vehicle_ground.metres(feet), time_s)
        for line in self._vehicle_lines:
            line.saw(tracks, time_s)

    def vehicle_lines(self) -> list[tuple[int, int]]:
        """How many vehicles went in and out over each line since the beginning, in the scene's order."""
        if not self._vehicle_lines:
            return [(0, 0)] * len(self._scene.lines)
        return [(line.into, line.out_of) for line in self._vehicle_lines]

    def zones(self) -> list[ZoneNumbers]:
        """Each zone since the last time this was asked, in the scene's order."""
        return [self._answer(part) for part in self._zones]

    def lines(self) -> list[tuple[int, int]]:
        """How many went in and out over each line since the beginning, in the scene's order."""
        if not self._lines:
            return [(0, 0)] * len(self._scene.lines)
        return [(line.into, line.out_of) for line in self._lines]

    def zones_now(self) -> list[ZoneNow]:
        """Each zone at the last look, in the scene's order."""
        return [self._zone_now(part) for part in self._zones]

    def lines_now(self) -> list[LineNow]:
        """Each line at the last look, in the scene's order; none before the scale is known."""
        began_s = self._last_s if self._began_s is None else self._began_s
        found = []
        for line, drawn in zip(self._lines, self._scene.lines, strict=False):
            width_m = drawn.width_m
            rate = specific_flow(line.flow(self._last_s, began_s), width_m) if width_m else None
            found.append(LineNow(rate, line.against(drawn.way) if drawn.way else None))
        return found

    def _zone_now(self, part: _Stretch) -> ZoneNow:
        if not part.zone.area_m2:
            return ZoneNow(None, None, None)
        crowded = density(part.now, part.zone.area_m2)
        if len(part.moving) < LEAST_CROWD:
            return ZoneNow(crowded, None, None)
        stirred: Estimate | None = Estimate(0.0, 0.0, 0.0)
        if crowded.value >= PRESSED_PER_M2:
            samples = np.array([velocity for _, velocity in part.stir]).reshape(-1, 1, 1, 2)
            stirred = pressure(np.array([[crowded.value]]), samples).worst()
        return ZoneNow(crowded, mean_speed(np.array(part.moving)), stirred)

    def _answer(self, part: _Stretch) -> ZoneNumbers:
        looks = part.looks or [part.now]
        people = Estimate(*(float(np.mean(v)) for v in zip(*((e.value, e.low, e.high) for e in looks), strict=True)))
        area = part.zone.area_m2
        speed = mean_speed(np.array(part.velocities)) if area and part.velocities else None
        ways = directions(np.array(part.velocities).reshape(-1, 2)) if area else np.zeros(DIRECTIONS)
        pressed = part.pressed
        part.looks, part.velocities, part.pressed = [], [], None
        return ZoneNumbers(people, density(people, area) if area else None, speed, ways, pressed)

    def _follow(self, feet: NDArray[np.float64], time_s: float) -> tuple[list[Track], NDArray[np.float64]]:
        """Tracks of those who stand on the ground, and where they stand in the picture."""
        if self._ground is None:
            return [], np.zeros((0, 2))
        on_ground = self._ground.sees(feet)
        places = feet[on_ground]
        return self._tracks.saw(self._ground.metres(places), time_s), places

    def _guess_scale(self, boxes: NDArray[np.float32]) -> None:
        """Without a ground, lines still count: the first people seen stand in for the scale, everywhere the same."""
        if not len(boxes) or not self._scene.lines:
            return
        self._ground = _scaled(PERSON_M / float(np.median(boxes[:, 3] - boxes[:, 1])))
        self._lines = [_crossings(line, self._ground) for line in self._scene.lines]


def _feet(boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 2) where each box stands: the middle of its lower edge."""
    return np.column_stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3])).astype(np.float64)


def _close(
    polygon: NDArray[np.float64], feet: NDArray[np.float64], likely: NDArray[np.float64], weak: NDArray[np.bool_]
) -> Close:
    """What of a dense look stands inside."""
    here = inside(polygon, feet)
    return Close(of_chances(likely[here].tolist()).value, float(weak[here].sum()))


def _scaled(metres: float) -> Ground:
    """A ground on which a pixel is so many metres, everywhere."""
    return Ground(np.diag((metres, metres, 1.0)), np.diag((1 / metres, 1 / metres, 1.0)))


def _crossings(line: Line, ground: Ground) -> Crossings:
    start, end = ground.metres(np.array([line.start, line.end]))
    return Crossings(start, end, mirrored=ground.mirrored)
