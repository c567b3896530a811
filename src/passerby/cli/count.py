"""``passerby count``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.archive.output import refuse_unwritable
from passerby.cli.common import Backend, WeakerLock, bar, read_scene, threads, write_json
from passerby.crowd.levels import by_density
from passerby.crowd.measures import DIRECTIONS
from passerby.crowd.scene import Zone
from passerby.darkroom.launch import Wanted
from passerby.intake.picture import kind_of
from passerby.outlet.messages import Counts, ZoneCounts, ZoneWays
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
        "lines": [_line(v.id, n, result) for n, v in enumerate(scene.lines)] if scene else [],
        "zones": [_zone(z, n, result) for n, z in enumerate(scene.zones)] if scene else [],
    }


def _entry(c: Counts) -> dict[str, float]:
    numbers = {"t": c.time_s, "people": c.people, "low": c.low, "high": c.high, "vehicles": c.vehicles}
    return {name: round(value, 3) for name, value in numbers.items()}


def _line(name: str, number: int, result: Result) -> dict[str, Any]:
    people = next((m for m in reversed(result.lines) if m.line == number), None)
    vehicles = next((m for m in reversed(result.vehicles) if m.line == number), None)
    return {
        "id": name,
        "in": people.into if people else 0,
        "out": people.out_of if people else 0,
        "vehicles_in": vehicles.into if vehicles else 0,
        "vehicles_out": vehicles.out_of if vehicles else 0,
    }


def _zone(zone: Zone, number: int, result: Result) -> dict[str, Any]:
    told = [m for m in result.zones if m.zone == number]
    ways = [m for m in result.ways if m.zone == number]
    people = _mean(told, "people")
    density = people / zone.area_m2 if people is not None and zone.area_m2 else None
    most = max((m.people for m in told), default=0.0) / zone.area_m2 if zone.area_m2 else None
    return {
        "id": zone.id,
        "people": people,
        "low": _mean(told, "low"),
        "high": _mean(told, "high"),
        "density_per_m2": None if density is None else round(density, 4),
        "speed_m_s": _mean(told, "speed"),
        "profile": zone.profile.value,
        "level_of_service": None if density is None else by_density(density, zone.profile),
        "worst_level_of_service": None if most is None else by_density(most, zone.profile),
        "ways": _ways(ways) if zone.area_m2 else None,
        "most_pressure_per_s2": max((round(m.pressure, 4) for m in ways if m.pressure >= 0), default=None),
    }


def _ways(told: list[ZoneWays]) -> dict[str, float]:
    """Shares of the movement by its direction on the ground, in degrees from X towards Y; of seconds with movement."""
    moving = [m.ways for m in told if any(m.ways)]
    return {
        str(45 * n): round(sum(w[n] / sum(w) for w in moving) / len(moving), 3) if moving else 0.0
        for n in range(DIRECTIONS)
    }


def _mean(told: list[ZoneCounts], name: str) -> float | None:
    """Over the whole video; null where it was never known."""
    known = [value for m in told if (value := getattr(m, name)) >= 0]
    return round(sum(known) / len(known), 3) if known else None


def _summary(source: Path, content: dict[str, Any]) -> str:
    people = [e["people"] for e in content["series"]]
    mean, most = sum(people) / max(1, len(people)), max(people, default=0.0)
    return f"{source}: {content['frames']} frames, {mean:.1f} people on average, {most:.1f} at most"
