"""What is known of one zone, look by look."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.calibration import Spread
from passerby.crowd.choose import Choice, Close, Way
from passerby.crowd.field import Cells, Stir
from passerby.crowd.ground import Ground
from passerby.crowd.interval import NONE
from passerby.crowd.looks import Look
from passerby.crowd.measures import DIRECTIONS, density, directions, mean_speed, occupancy, queue
from passerby.crowd.occupancy import WEAK_SCORE, Estimate, Smoother, of_chances
from passerby.crowd.polygon import inside
from passerby.crowd.pressure import Pressure
from passerby.crowd.scene import Zone

SMOOTHED_OVER = 5
# Who is surely somebody: of whom is asked how they move and whether they queue. A post never moves.
SURE = 0.5
# A crowd's movement is that of so many at least: one who stops is no crowd that stops.
LEAST_CROWD = 5
# Where fewer stand on a square metre nobody is pressed: that people walk different ways is no turbulence. Ours.
PRESSED_PER_M2 = 2.0


@dataclass(frozen=True, slots=True)
class Queue:
    """Who stands in a queue.

    Args:
        people: How many.
        length_m: The way along it from its head to its end.
    """

    people: float
    length_m: float


@dataclass(frozen=True, slots=True)
class ZoneNumbers:
    """What is known of a zone over a stretch of time.

    Args:
        people: How many, on average.
        density: In 1/m²; None where the ground is not known.
        densest: The highest density of a cell, over seconds, in 1/m²; None where the ground is not known.
        speed: Mean, in m/s; None where the ground is not known or nobody was there.
        ways: (8,) shares of the movement by direction, as `measures.directions`; all 0 where nobody moved.
        pressure: The highest crowd pressure of a cell at any look, in 1/s²; None where it was not known.
        queue: On average; None where the zone has no head of a queue.
    """

    people: Estimate
    density: Estimate | None
    densest: float | None
    speed: Estimate | None
    ways: NDArray[np.float64]
    pressure: float | None
    queue: Queue | None


@dataclass(frozen=True, slots=True)
class ZoneNow:
    """What the last look says of a zone, for alerts; None where the ground is not known, or too few move.

    Args:
        density: In 1/m².
        speed: Mean of a crowd, in m/s.
        pressure: The highest crowd pressure of a cell, in 1/s²; 0 where nobody is pressed.
    """

    density: Estimate | None
    speed: Estimate | None
    pressure: Estimate | None


class ZoneState:
    """Takes looks into account, and answers for the last and for all since the last answer.

    Args:
        zone: Which.
        ground: The scene's; None where none is given.
    """

    def __init__(self, zone: Zone, ground: Ground | None) -> None:
        self._zone = zone
        self._smoother = Smoother(SMOOTHED_OVER)
        self._choice = Choice()
        self._cells = Cells(ground.metres(zone.polygon)) if ground is not None and zone.area_m2 else None
        self._stir = None if self._cells is None else Stir(self._cells)
        self._head = ground.metres(zone.head)[0] if ground is not None and zone.head is not None else None
        self._people = NONE
        self._now = ZoneNow(None, None, None)
        self._forget()

    def _forget(self) -> None:
        self._looks: list[Estimate] = []
        self._velocities: list[NDArray[np.float64]] = []
        self._queues: list[tuple[int, float]] = []
        self._densest = self._pressed = -math.inf

    def saw(self, seen: Look, dense: Look | None = None, spread: Spread | None = None) -> None:
        """One look.

        Args:
            seen: Everybody in the picture.
            dense: What a dense look at the same frame saw, where there was one.
            spread: What a calibration makes of the whole picture, where there is one.
        """
        at = np.flatnonzero(inside(self._zone.polygon, seen.feet))
        plain = occupancy(seen.likely, seen.scores, seen.feet, self._zone.polygon)
        crowded = self._people.value / self._zone.area_m2 if self._zone.area_m2 else None
        close = None if dense is None else self._close(dense)
        calibrated = None if spread is None else spread.of(plain)
        believed = self._choice.saw(plain, close, calibrated, density=crowded)
        smoothed = self._smoother.add(believed, seen.time_s)
        # A calibration counts worse when it is smoothed.
        self._people = believed if self._choice.way is Way.REGRESSION else smoothed
        self._looks.append(self._people)
        sure = at[seen.likely[at] >= SURE]
        moving = sure[seen.moving[sure]]
        self._velocities.append(seen.velocity[moving])
        self._now = self._judge(seen, at, moving, believed.value / plain.value if plain.value else 1.0)
        if self._head is not None:
            speeds = np.nan_to_num(np.linalg.norm(seen.velocity[sure], axis=1))
            self._queues.append(queue(seen.metres[sure], speeds, self._head))

    def now(self) -> ZoneNow:
        """At the last look."""
        return self._now

    def numbers(self) -> ZoneNumbers:
        """Since the last time this was asked."""
        looks, area = self._looks or [self._people], self._zone.area_m2
        people = Estimate(*(float(np.mean(v)) for v in zip(*((e.value, e.low, e.high) for e in looks), strict=True)))
        moved = np.concatenate([*self._velocities, np.zeros((0, 2))])
        waiting = np.mean(self._queues, axis=0).tolist() if self._queues else [0.0, 0.0]
        found = ZoneNumbers(
            people,
            density(people, area) if area else None,
            self._densest if math.isfinite(self._densest) else None,
            mean_speed(moved) if area else None,
            directions(moved) if area else np.zeros(DIRECTIONS),
            self._pressed if math.isfinite(self._pressed) else None,
            None if self._head is None else Queue(*waiting),
        )
        self._forget()
        return found

    def _judge(self, seen: Look, at: NDArray[np.intp], moving: NDArray[np.intp], more: float) -> ZoneNow:
        """The last look. Detections find only a part of a dense crowd: ``more`` times as many are believed."""
        if self._stir is None or self._cells is None or not self._zone.area_m2:
            return ZoneNow(None, None, None)
        by_cell = self._cells.density(seen.metres[at], seen.likely[at] * more)
        self._stir.saw(seen.time_s, by_cell, seen.metres[moving], seen.velocity[moving])
        self._densest = max(self._densest, float(np.nanmax(self._stir.density(), initial=0.0)))
        crowded = density(self._people, self._zone.area_m2)
        if len(moving) < LEAST_CROWD:
            return ZoneNow(crowded, None, None)
        pressed = _pressed(self._stir.pressure(), self._stir.density())
        if pressed is not None:
            self._pressed = max(self._pressed, pressed.value)
        return ZoneNow(crowded, mean_speed(seen.velocity[moving]), pressed)

    def _close(self, dense: Look) -> Close:
        """What of a dense look stands inside."""
        here = inside(self._zone.polygon, dense.feet)
        weak = np.count_nonzero(dense.scores[here] >= WEAK_SCORE)
        return Close(of_chances(dense.likely[here].tolist()).value, float(weak))


def _pressed(by_cell: Pressure, crowded: NDArray[np.float64]) -> Estimate | None:
    """The cell with the highest pressure, of those where people stand densely and are surely stirred.

    0 where nobody is; None where people stand densely and nothing is known of how they move.
    """
    dense = crowded >= PRESSED_PER_M2
    known = dense & np.isfinite(by_cell.value)
    if not known.any():
        return None if dense.any() else NONE
    # Of many cells one will always move a little by chance.
    return replace(by_cell, value=np.where(known, np.where(by_cell.low > 0, by_cell.value, 0.0), np.nan)).worst()
