"""What a camera's zones and lines have said and is not written yet."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from passerby.crowd.scene import Scene
from passerby.outlet.messages import (
    FIRST_LINE,
    VEHICLES,
    WHOLE_CAMERA,
    LineCounts,
    LineVehicles,
    ZoneCounts,
    ZoneCrowd,
)
from passerby.store.places import Crossed, Stood, ZoneCount
from passerby.store.traffic import Driven

PlaceMessage = ZoneCounts | ZoneCrowd | LineCounts | LineVehicles


@dataclass(slots=True)
class Due:
    """What waits to be written, in the order in which it came."""

    zones: list[ZoneCount] = field(default_factory=list)
    stood: list[Stood] = field(default_factory=list)
    crossed: list[Crossed] = field(default_factory=list)
    driven: list[Driven] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Is there anything?"""
        return bool(self.zones or self.stood or self.crossed or self.driven)


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
        self._due = Due()
        self._told: dict[int, tuple[int, int]] = {}
        # When each zone was last counted: how it stood belongs to the same minute.
        self._counted_us: dict[int, int] = {}

    def name(self, place: int) -> str:
        """The id of a zone or a line by its number (`outlet.messages.Alert`); empty for the camera as a whole."""
        if self._scene is None or place == WHOLE_CAMERA:
            return ""
        drawn, at = (self._scene.lines, place - FIRST_LINE) if place >= FIRST_LINE else (self._scene.zones, place)
        return drawn[at].id if at < len(drawn) else ""

    def take(self, m: PlaceMessage, time_us: int) -> None:
        """One message.

        Args:
            m: Of the camera's darkroom.
            time_us: Its time, in microseconds since 1970.
        """
        with self._lock:
            match m:
                case ZoneCounts():
                    self._zone(m, time_us)
                case ZoneCrowd():
                    self._stood(m)
                case LineCounts():
                    self._line(m, time_us)
                case LineVehicles():
                    self._vehicles(m, time_us)

    def due(self) -> Due:
        """What has come since the last time this was asked."""
        with self._lock:
            due, self._due = self._due, Due()
        return due

    def _zone(self, m: ZoneCounts, time_us: int) -> None:
        if self._scene is None or not (name := self.name(m.zone)):
            return
        area_m2, speed = self._scene.zones[m.zone].area_m2, m.speed if m.speed >= 0 else None
        self._counted_us[m.zone] = time_us
        self._due.zones.append(ZoneCount(self._camera, name, time_us, m.people, m.low, m.high, area_m2, speed))

    def _stood(self, m: ZoneCrowd) -> None:
        time_us = self._counted_us.get(m.zone)
        if self._scene is None or time_us is None:
            return
        zone = self._scene.zones[m.zone]
        queue = (m.queue, m.queue_m) if m.queue >= 0 else None
        pressure, densest = (value if value >= 0 else None for value in (m.pressure, m.densest))
        ways = tuple(m.ways)
        self._due.stood.append(
            Stood(self._camera, zone.id, time_us, zone.profile.value, ways, pressure, densest, queue)
        )

    def _line(self, m: LineCounts, time_us: int) -> None:
        if self._scene is None or not (name := self.name(FIRST_LINE + m.line)):
            return
        into, out_of = self._told.get(m.line, (0, 0))
        if m.into < into or m.out_of < out_of:
            # Another darkroom counts from nothing.
            into, out_of = 0, 0
        self._told[m.line] = (m.into, m.out_of)
        if m.into > into or m.out_of > out_of:
            width_m = self._scene.lines[m.line].width_m
            self._due.crossed.append(Crossed(self._camera, name, time_us, m.into - into, m.out_of - out_of, width_m))

    def _vehicles(self, m: LineVehicles, time_us: int) -> None:
        if self._scene is None or not (name := self.name(FIRST_LINE + m.line)):
            return
        width_m = self._scene.lines[m.line].width_m
        into, out_of = _kinds(m.into), _kinds(m.out_of)
        self._due.driven.append(Driven(self._camera, name, time_us, into, out_of, m.occupied / 255, width_m))


def _kinds(counts: bytes) -> dict[str, int]:
    """How many vehicles of each kind, where there are some."""
    return {kind: count for kind, count in zip(VEHICLES, counts, strict=True) if count}
