"""What the interface says, as types. Times are seconds since 1970; the web client's types are made from these."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from passerby.crowd.alerts import reason_of
from passerby.crowd.levels import Profile, by_density, by_flow
from passerby.crowd.occupancy import Estimate
from passerby.store.cameras import Camera
from passerby.store.counts import Count, Minute
from passerby.store.events import Absence, AlertRow, HealthRow
from passerby.store.now import Now
from passerby.store.places import LineMinute, ZoneMinute
from passerby.store.traffic import VehicleMinute

US = 1_000_000
MINUTE_S = 60
SILENT = "the station says nothing any more: it does not run, or can't write into its data folder"


class CountModel(BaseModel):
    """How many at one moment; ``low`` and ``high`` bound a 90 % interval."""

    camera: str
    time: float
    people: float
    low: float
    high: float
    vehicles: float

    @classmethod
    def of(cls, c: Count) -> CountModel:
        """From the store."""
        return cls(
            camera=c.camera_id, time=c.time_us / US, people=c.people, low=c.low, high=c.high, vehicles=c.vehicles
        )


class MinuteModel(BaseModel):
    """One minute: means, the most people at once, and the share of it that was a mosaic."""

    time: float
    samples: int
    people: float
    low: float
    high: float
    people_max: float
    vehicles: float
    mosaic_share: float

    @classmethod
    def of(cls, m: Minute) -> MinuteModel:
        """From the store."""
        return cls(
            time=m.minute_us / US,
            samples=m.samples,
            people=m.people,
            low=m.low,
            high=m.high,
            people_max=m.people_max,
            vehicles=m.vehicles,
            mosaic_share=m.mosaic_share,
        )


class CameraModel(BaseModel):
    """A camera as last heard of. ``latest`` is its newest count."""

    id: str
    name: str
    mode: Literal["counts-only", "live", "record"]
    retention_hours: float
    state: str
    message: str
    since: float
    mosaic: str
    mosaic_since: float
    latest: CountModel | None

    @classmethod
    def of(cls, c: Camera, latest: Count | None) -> CameraModel:
        """From the store."""
        return cls.model_validate(
            {
                "id": c.id,
                "name": c.name,
                "mode": c.mode,
                "retention_hours": c.retention_us / US / 3600,
                "state": c.state,
                "message": c.message,
                "since": c.since_us / US,
                "mosaic": c.mosaic,
                "mosaic_since": c.mosaic_since_us / US,
                "latest": CountModel.of(latest) if latest else None,
            }
        )

    def told(self, now: Now | None, clock_s: float) -> CameraModel:
        """With what the station says at once: its disk is full, say, so that its database can't be told.

        Args:
            now: What it said last; None where it has ended or never ran.
            clock_s: Seconds since 1970.
        """
        if now is None:
            return self
        if now.silent(clock_s):
            return self.model_copy(update={"state": "away", "message": SILENT, "since": now.time_s})
        words = [words for words in now.words_for(self.id) if words not in self.message]
        return self.model_copy(update={"message": "; ".join([*words, *([self.message] if self.message else [])])})


class AlertModel(BaseModel):
    """A place needs attention; never a person.

    ``what``: 1 density, 2 flow through an exit, 3 counter-flow, 4 sudden stop, 5 pressure, 6 blind. ``severity``: 0
    over, 1 warning, 2 danger. ``place``: the id of the zone or line; empty for the camera as a whole. ``reason``: the
    same in plain words, with the number and its 90 % interval.
    """

    id: int
    camera: str
    time: float
    what: int
    severity: int
    zone: int
    place: str
    value: float
    low: float
    high: float
    reason: str

    @classmethod
    def of(cls, a: AlertRow) -> AlertModel:
        """From the store."""
        return cls(
            id=a.id,
            camera=a.camera_id,
            time=a.time_us / US,
            what=a.what,
            severity=a.severity,
            zone=a.zone,
            place=a.place,
            value=a.value,
            low=a.low,
            high=a.high,
            reason=reason_of(a.what, a.severity, a.place, Estimate(a.value, a.low, a.high)),
        )


class HealthModel(BaseModel):
    """How a camera's darkroom is doing."""

    camera: str
    time: float
    fps: float
    dropped: int
    hidden: float
    mosaic: str
    build: str
    site_root: str
    sealed: int

    @classmethod
    def of(cls, h: HealthRow) -> HealthModel:
        """From the store."""
        return cls(
            camera=h.camera_id,
            time=h.time_us / US,
            fps=h.fps,
            dropped=h.dropped,
            hidden=h.hidden,
            mosaic=h.mosaic,
            build=h.build,
            site_root=h.site_root,
            sealed=h.sealed,
        )


class AbsenceModel(BaseModel):
    """A time in which a camera was away; ``until`` is null while it still is."""

    since: float
    until: float | None
    reason: str

    @classmethod
    def of(cls, a: Absence) -> AbsenceModel:
        """From the store."""
        return cls(since=a.from_us / US, until=None if a.to_us is None else a.to_us / US, reason=a.reason)


class CamerasModel(BaseModel):
    """Every camera of this station."""

    cameras: list[CameraModel]


class CameraDetailModel(BaseModel):
    """One camera, with its newest health sample and the times it was away in the last day."""

    camera: CameraModel
    health: HealthModel | None
    absences: list[AbsenceModel]


class CountsModel(BaseModel):
    """Counts of a time: as they came where that is still known (the last quarter of an hour), and by the minute."""

    recent: list[CountModel]
    minutes: list[MinuteModel]


class ZoneMinuteModel(BaseModel):
    """A zone's minute: means, the most people at once; density in people per m², speed in m/s, null where not known.

    ``low`` and ``high`` bound a 90 % interval of ``people``. Levels of service, A to F, are those of the profile:
    of the mean, and of the most people at once. ``ways`` are shares of the movement by direction on the ground, from
    along X in steps of 45 degrees towards Y. Of pressure (1/s²) and density by cell it is the highest of the minute.
    ``queue`` and ``queue_m`` are people in the zone's queue and its length, null where it has none.
    """

    zone: str
    time: float
    people: float
    low: float
    high: float
    people_max: float
    density_per_m2: float | None
    speed_m_per_s: float | None
    profile: str
    level_of_service: str | None
    worst_level_of_service: str | None
    ways: list[float]
    most_pressure_per_s2: float | None
    densest_cell_per_m2: float | None
    queue: float | None
    queue_m: float | None

    @classmethod
    def of(cls, m: ZoneMinute) -> ZoneMinuteModel:
        """From the store."""
        return cls(
            zone=m.zone,
            time=m.minute_us / US,
            people=m.people,
            low=m.low,
            high=m.high,
            people_max=m.people_max,
            density_per_m2=m.density,
            speed_m_per_s=m.speed,
            profile=m.profile,
            level_of_service=_level(m.density, m.profile),
            worst_level_of_service=_level(m.density_max, m.profile),
            ways=list(m.ways),
            most_pressure_per_s2=m.pressure,
            densest_cell_per_m2=m.densest,
            queue=m.queue,
            queue_m=m.queue_m,
        )


def _level(density: float | None, profile: str) -> str | None:
    return None if density is None else by_density(density, Profile(profile))


class LineMinuteModel(BaseModel):
    """How many crossed a line in a minute: ``into`` from its left to its right, ``out_of`` back.

    ``occupied`` is the share of the time in which a vehicle stood on it; null where vehicles are not counted.
    """

    line: str
    time: float
    into: int
    out_of: int
    specific_flow_per_m_s: float | None
    level_of_service: str | None
    occupied: float | None

    @classmethod
    def of(cls, m: LineMinute) -> LineMinuteModel:
        """From the store."""
        flow = (m.into + m.out_of) / MINUTE_S / m.width_m if m.width_m else None
        return cls(
            line=m.line,
            time=m.minute_us / US,
            into=m.into,
            out_of=m.out_of,
            specific_flow_per_m_s=flow,
            level_of_service=None if flow is None else by_flow(flow),
            occupied=m.occupied,
        )


class VehicleMinuteModel(BaseModel):
    """How many vehicles of a kind crossed a line in a minute; kinds of which there were none are left out."""

    line: str
    time: float
    vehicle: str
    into: int
    out_of: int

    @classmethod
    def of(cls, m: VehicleMinute) -> VehicleMinuteModel:
        """From the store."""
        return cls(line=m.line, time=m.minute_us / US, vehicle=m.vehicle, into=m.into, out_of=m.out_of)


class PlacesModel(BaseModel):
    """What was counted in a camera's zones and over its lines, by the minute."""

    zones: list[ZoneMinuteModel]
    lines: list[LineMinuteModel]
    vehicles: list[VehicleMinuteModel]


class AlertsModel(BaseModel):
    """Alerts, newest first."""

    alerts: list[AlertModel]


class StatusModel(BaseModel):
    """How this station is doing as a whole.

    ``retention``: whether sweeps do all that is due. ``keeper``: a second institution holds half of each key, so that
    nothing is seen before the ledger shows it.
    """

    retention: Literal["nothing kept", "kept", "overdue"]
    cameras: int
    keeper: bool
    time: float
