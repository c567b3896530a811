"""``passerby count``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.archive.output import refuse_unwritable
from passerby.cli.common import Backend, WeakerLock, bar, read_scene, threads, write_json
from passerby.crowd.levels import by_density, by_flow, range_by_density
from passerby.crowd.measures import DIRECTIONS, density
from passerby.crowd.occupancy import Estimate
from passerby.crowd.scene import Line, Zone
from passerby.darkroom.launch import Wanted
from passerby.intake.picture import kind_of
from passerby.outlet.messages import VEHICLES, Counts, LineVehicles, ZoneCounts, ZoneCrowd
from passerby.station.crew import open_source
from passerby.station.files import Result, count_video, refuse_clash


def count(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A video, or a JPEG or PNG picture.")],
    scene: Annotated[
        Path | None, typer.Option("--scene", metavar="S", help="scene.json: zones, lines, ground, calibration.")
    ] = None,
    dense: Annotated[
        bool, typer.Option("--dense", help="A packed crowd: look closer every 5 s. Pictures are looked at so always.")
    ] = False,
    per_frame: Annotated[
        bool, typer.Option("--per-frame", help="One entry for each frame instead of one a second.")
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", metavar="C", help="Write the series.")] = None,
    weaker_lock: WeakerLock = False,
    backend: Backend = "",
) -> None:
    """Count people and vehicles in a video or a picture. No picture leaves the darkroom, only numbers."""
    refuse_clash(source, scene, json)
    wanted = Wanted(
        frozenset({"count"}),
        per_frame=per_frame,
        dense=dense or is_picture(source),
        threads=threads(),
        weaker=weaker_lock,
        backend=backend,
        scene=read_scene(scene) if scene else b"",
    )
    if json:
        refuse_unwritable(json)
    with bar(f"counting in {source.name}") as watch:
        result = count_video(source, wanted, watch=watch)
    content = as_json(result)
    write_json(json, content)
    typer.echo(_summary(source, content))


def is_picture(source: Path) -> bool:
    """Does the file begin like a JPEG or PNG?

    Raises:
        SourceError: It can't be opened, or is no file.
    """
    with os.fdopen(open_source(source), "rb") as file:
        return kind_of(file.read(8)) is not None


def as_json(result: Result) -> dict[str, Any]:
    """The counts in the form that others build on. Zones and lines are those of the scene, in its order."""
    scene = result.scene
    return {
        "frames": result.report["frames"],
        "fps": result.report["fps"],
        "series": [_entry(c) for c in result.counts],
        "lines": [_line(v, n, result) for n, v in enumerate(scene.lines)] if scene else [],
        "zones": [_zone(z, n, result) for n, z in enumerate(scene.zones)] if scene else [],
    }


def _entry(c: Counts) -> dict[str, float]:
    numbers = {"t": c.time_s, "people": c.people, "low": c.low, "high": c.high, "vehicles": c.vehicles}
    return {name: round(value, 3) for name, value in numbers.items()}


def _line(line: Line, number: int, result: Result) -> dict[str, Any]:
    people = next((m for m in reversed(result.lines) if m.line == number), None)
    vehicles = [m for m in result.vehicles if m.line == number]
    into, out_of = (people.into, people.out_of) if people else (0, 0)
    duration_s = result.report["seconds"]
    flow = (into + out_of) / duration_s if duration_s else None
    specific = None if flow is None or not line.width_m else flow / line.width_m
    return {
        "id": line.id,
        "in": into,
        "out": out_of,
        "flow_per_s": None if flow is None else round(flow, 4),
        "specific_flow_per_m_s": None if specific is None else round(specific, 4),
        "level_of_service": None if specific is None else by_flow(specific),
        **_vehicles(vehicles, duration_s),
    }


def _vehicles(told: list[LineVehicles], duration_s: float) -> dict[str, Any]:
    """The vehicles at a line: how many, of each kind, a second, and the share of time in which one stood on it."""
    into, out_of = ([sum(kinds) for kinds in zip(*ways, strict=True)] or [0] * len(VEHICLES)
                    for ways in ((m.into for m in told), (m.out_of for m in told)))  # fmt: skip
    both = sum(into) + sum(out_of)
    return {
        "vehicles_in": sum(into),
        "vehicles_out": sum(out_of),
        "vehicles": {kind: {"in": a, "out": b} for kind, a, b in zip(VEHICLES, into, out_of, strict=True) if a or b},
        "vehicle_flow_per_s": round(both / duration_s, 4) if duration_s else None,
        "occupied": round(sum(m.occupied for m in told) / 255 / len(told), 3) if told else 0.0,
    }


def _zone(zone: Zone, number: int, result: Result) -> dict[str, Any]:
    told = [m for m in result.zones if m.zone == number]
    crowds = [m for m in result.crowds if m.zone == number]
    people = _mean(told, "people")
    dense = people / zone.area_m2 if people is not None and zone.area_m2 else None
    most = max((m.people for m in told), default=0.0) / zone.area_m2 if zone.area_m2 else None
    return {
        "id": zone.id,
        "people": people,
        "low": _mean(told, "low"),
        "high": _mean(told, "high"),
        "density_per_m2": None if dense is None else round(dense, 4),
        "speed_m_s": _mean(told, "speed"),
        "profile": zone.profile.value,
        "level_of_service": None if dense is None else by_density(dense, zone.profile),
        "level_of_service_between": _levels(people, _mean(told, "low"), _mean(told, "high"), zone),
        "worst_level_of_service": None if most is None else by_density(most, zone.profile),
        "ways": _ways(crowds) if zone.area_m2 else None,
        "densest_cell_per_m2": _most(crowds, "densest"),
        "most_pressure_per_s2": _most(crowds, "pressure"),
        "queue": _mean(crowds, "queue"),
        "queue_m": _mean(crowds, "queue_m"),
    }


def _levels(people: float | None, low: float | None, high: float | None, zone: Zone) -> list[str] | None:
    """The levels of service at both ends of the interval."""
    if people is None or low is None or high is None or not zone.area_m2:
        return None
    return list(range_by_density(density(Estimate(people, low, high), zone.area_m2), zone.profile)[1:])


def _most(told: list[ZoneCrowd], name: str) -> float | None:
    """The highest of the whole video; null where it was never known."""
    return max((round(value, 4) for m in told if (value := getattr(m, name)) >= 0), default=None)


def _ways(told: list[ZoneCrowd]) -> dict[str, float]:
    """Shares of the movement by its direction on the ground, in degrees from X towards Y; of seconds with movement."""
    moving = [m.ways for m in told if any(m.ways)]
    return {
        str(45 * n): round(sum(w[n] / sum(w) for w in moving) / len(moving), 3) if moving else 0.0
        for n in range(DIRECTIONS)
    }


def _mean(told: Sequence[ZoneCounts | ZoneCrowd], name: str) -> float | None:
    """Over the whole video; null where it was never known."""
    known = [value for m in told if (value := getattr(m, name)) >= 0]
    return round(sum(known) / len(known), 3) if known else None


def _summary(source: Path, content: dict[str, Any]) -> str:
    people = [e["people"] for e in content["series"]]
    mean, most = sum(people) / max(1, len(people)), max(people, default=0.0)
    return f"{source}: {content['frames']} frames, {mean:.1f} people on average, {most:.1f} at most"
