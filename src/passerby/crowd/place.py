"""One camera's scene, counted: zones and lines, look by look. Pure numbers in, pure numbers out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.calibration import Spread
from passerby.crowd.crossing import Crossings, Nearby, crossings_of
from passerby.crowd.ground import PERSON_M, scaled_ground
from passerby.crowd.looks import Boxes, look
from passerby.crowd.measures import specific_flow
from passerby.crowd.occupancy import Estimate
from passerby.crowd.scene import Scene
from passerby.crowd.tracks import Track, Tracks
from passerby.crowd.traffic import Passed, Traffic
from passerby.crowd.zone_state import ZoneNow, ZoneNumbers, ZoneState

# Who is followed: a post that is followed goes nowhere and crosses nothing, so the weak may take part.
FOLLOWED = 0.2
# A track's speed is worth something from this many looks on.
LEAST_LOOKS = 3


@dataclass(frozen=True, slots=True)
class LineNow:
    """What the last minute says of a line, for alerts.

    Args:
        flow: Specific flow both ways, in 1/(m·s); None where the ground is not known.
        against: Share that goes against the way that is meant; None where there is none, or too few pass.
    """

    flow: Estimate | None
    against: Estimate | None


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
        self._lines = self._crossings()
        self._nearby = [
            Nearby(c, v.way) if v.way and scene.ground is not None else None
            for c, v in zip(self._lines, scene.lines, strict=False)
        ]
        self._traffic = Traffic(scene.lines, scene.ground, start)
        self._zones = [ZoneState(zone, scene.ground) for zone in scene.zones]
        self._began_s: float | None = None
        self._last_s = 0.0

    def saw(
        self,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        time_s: float,
        dense: Boxes | None = None,
        shifts: NDArray[np.float64] | None = None,
        spread: Spread | None = None,
    ) -> None:
        """One look at the people.

        Args:
            boxes: (n, 4) x0, y0, x1, y1 in pixels.
            scores: (n,) 0–1.
            time_s: The frame's time.
            dense: Boxes and scores of a dense look at the same frame, where there was one.
            shifts: (n, 2) how the picture moves at each box, in pixels a second; not a number where not known: there
                somebody moves as their track does.
            spread: What a calibration makes of the whole picture, where there is one.
        """
        if self._began_s is None or time_s < self._last_s:
            self._began_s = time_s
        self._last_s = time_s
        seen = look((boxes, scores), time_s, self._scene.ground, shifts)
        follows = np.flatnonzero(seen.likely >= FOLLOWED)
        if self._ground is None:
            self._guess_scale(boxes[follows])
        if self._ground is not None:
            follows = follows[self._ground.sees(seen.feet[follows])]
            tracks = self._tracks.saw(self._ground.metres(seen.feet[follows]), time_s)
            for line in self._lines:
                line.saw(tracks, time_s)
            if self._scene.ground is not None:
                tracked = _as_tracked(len(boxes), follows, tracks)
                seen = replace(seen, velocity=np.where(seen.moving[:, None], seen.velocity, tracked))
        closer = None if dense is None else look(dense, time_s)
        for zone in self._zones:
            zone.saw(seen, closer, spread)
        for nearby in self._nearby:
            if nearby is not None:
                nearby.saw(seen)

    def saw_vehicles(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], kinds: NDArray[np.uint8], time_s: float
    ) -> None:
        """One look at the vehicles; ``kinds`` are places in `traffic.VEHICLES`."""
        self._traffic.saw(boxes, scores, kinds, time_s)

    def vehicle_lines(self) -> list[Passed]:
        """The vehicles at each line since the last time this was asked, in the scene's order."""
        return self._traffic.lines()

    def zones(self) -> list[ZoneNumbers]:
        """Each zone since the last time this was asked, in the scene's order."""
        return [zone.numbers() for zone in self._zones]

    def lines(self) -> list[tuple[int, int]]:
        """How many went in and out over each line since the beginning, in the scene's order."""
        if not self._lines:
            return [(0, 0)] * len(self._scene.lines)
        return [(line.into, line.out_of) for line in self._lines]

    def zones_now(self) -> list[ZoneNow]:
        """Each zone at the last look, in the scene's order."""
        return [zone.now() for zone in self._zones]

    def lines_now(self) -> list[LineNow]:
        """Each line at the last look, in the scene's order; none before the scale is known."""
        began_s = self._last_s if self._began_s is None else self._began_s
        found = []
        for number, (line, drawn) in enumerate(zip(self._lines, self._scene.lines, strict=False)):
            width_m = drawn.width_m
            rate = specific_flow(line.flow(self._last_s, began_s), width_m) if width_m else None
            nearby = self._nearby[number] if self._nearby else None
            crowd = None if nearby is None else nearby.against()
            found.append(LineNow(rate, crowd or (line.against(drawn.way) if drawn.way else None)))
        return found

    def _guess_scale(self, boxes: NDArray[np.float32]) -> None:
        """Without a ground, lines still count: the first people seen stand in for the scale, everywhere the same."""
        if not len(boxes) or not self._scene.lines:
            return
        self._ground = scaled_ground(PERSON_M / float(np.median(boxes[:, 3] - boxes[:, 1])))
        self._lines = self._crossings()

    def _crossings(self) -> list[Crossings]:
        return [] if self._ground is None else [crossings_of(line, self._ground) for line in self._scene.lines]


def _as_tracked(boxes: int, follows: NDArray[np.intp], tracks: list[Track]) -> NDArray[np.float64]:
    """(boxes, 2) the velocity of each box's track, not a number where it has none or is too young to have a speed."""
    found = np.full((boxes, 2), np.nan)
    for at, track in zip(follows.tolist(), tracks, strict=True):
        if track.looks >= LEAST_LOOKS:
            found[at] = track.velocity
    return found
