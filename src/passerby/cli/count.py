"""``passerby count``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.archive.output import refuse_unwritable
from passerby.cli.common import Backend, WeakerLock, bar, threads, write_json
from passerby.darkroom.launch import Wanted
from passerby.outlet.messages import Counts
from passerby.station.files import Result, count_video, refuse_clash


def count(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A video.")],
    per_frame: Annotated[
        bool, typer.Option("--per-frame", help="One entry for each frame instead of one a second.")
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", metavar="C", help="Write the series.")] = None,
    weaker_lock: WeakerLock = False,
    backend: Backend = "",
) -> None:
    """Count people and vehicles in a video. No picture leaves the darkroom, only numbers."""
    wanted = Wanted(frozenset({"count"}), per_frame=per_frame, threads=threads(), weaker=weaker_lock, backend=backend)
    refuse_clash(source, json)
    if json:
        refuse_unwritable(json)
    with bar(f"counting in {source.name}") as watch:
        result = count_video(source, wanted, watch=watch)
    content = as_json(result)
    write_json(json, content)
    typer.echo(_summary(source, content))


def as_json(result: Result) -> dict[str, Any]:
    """The counts in the form that others build on."""
    return {
        "frames": result.report["frames"],
        "fps": result.report["fps"],
        "series": [_entry(c) for c in result.counts],
        "lines": [],
        "zones": [],
    }


def _entry(c: Counts) -> dict[str, float]:
    numbers = {"t": c.time_s, "people": c.people, "low": c.low, "high": c.high, "vehicles": c.vehicles}
    return {name: round(value, 3) for name, value in numbers.items()}


def _summary(source: Path, content: dict[str, Any]) -> str:
    people = [e["people"] for e in content["series"]]
    mean, most = sum(people) / max(1, len(people)), max(people, default=0.0)
    return f"{source}: {content['frames']} frames, {mean:.1f} people on average, {most:.1f} at most"
