"""What a camera's zones and lines have said and is not written yet."""

from __future__ import annotations

import threading

from passerby.crowd.scene import Scene
from passerby.outlet.messages import FIRST_LINE, WHOLE_CAMERA, LineCounts, ZoneCounts
from passerby.store.places import Crossed, ZoneCount


class PlaceRecords:
    """Gathers one camera's zones and lines between two writings. Safe to share between threads.

    A darkroom names places by number. A number that the scene has not says nothing that could be kept.

    Args:
        camera: The camera's id.
        scene: Its zones and lines, where there are some.
    """

    def __init__(self, camera: str, scene: Scene | None) -> None:
        self._camera = camera
        self._scene = scene
        self._lock = threading.Lock()
        self._zones: list[ZoneCount] = []
        self._crossed: list[Crossed] = []
        self._told: dict[int, tuple[int, int]] = {}

    def name(self, place: int) -> str:
        """The id of a zone or a line by its number (`outlet.messages.Alert`); empty for the camera as a whole."""
        if self._scene is None or place == WHOLE_CAMERA:
            return ""
        drawn, at = (self._scene.lines, place - FIRST_LINE) if place >= FIRST_LINE else (self._scene.zones, place)
        return drawn[at].id if at < len(drawn) else ""

    def take(self, m: ZoneCounts | LineCounts, time_us: int) -> None:
        """One message.

        Args:
            m: Of the camera's darkroom.
            time_us: Its time, in microseconds since 1970.
        """
        with self._lock:
            if isinstance(m, ZoneCounts):
                self._zone(m, time_us)
            else:
                self._line(m, time_us)

    def due(self) -> tuple[list[ZoneCount], list[Crossed]]:
        """What has come since the last time this was asked."""
        with self._lock:
            zones, self._zones = self._zones, []
            crossed, self._crossed = self._crossed, []
        return zones, crossed

    def _zone(self, m: ZoneCounts, time_us: int) -> None:
        if self._scene is None or not (name := self.name(m.zone)):
            return
        area_m2, speed = self._scene.zones[m.zone].area_m2, m.speed if m.speed >= 0 else None
        self._zones.append(ZoneCount(self._camera, name, time_us, m.people, m.low, m.high, area_m2, speed))

    def _line(self, m: LineCounts, time_us: int) -> None:
        if not (name := self.name(FIRST_LINE + m.line)):
            return
        into, out_of = self._told.get(m.line, (0, 0))
        if m.into < into or m.out_of < out_of:
            # Another darkroom counts from nothing.
            into, out_of = 0, 0
        self._told[m.line] = (m.into, m.out_of)
        if m.into > into or m.out_of > out_of:
            self._crossed.append(Crossed(self._camera, name, time_us, m.into - into, m.out_of - out_of))
