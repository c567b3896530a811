"""``passerby calibrate``: learn from frames in which somebody counted silhouettes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from passerby.archive.output import refuse_unwritable
from passerby.base.errors import SceneError, SourceError
from passerby.cli.common import Backend, WeakerLock, bar, read_scene, threads, write_json
from passerby.crowd import scene_file
from passerby.crowd.calibration import Advice, Calibration, advice, calibrate
from passerby.darkroom.counting import FEATURES
from passerby.darkroom.launch import Wanted
from passerby.outlet.messages import Features
from passerby.station.files import count_video, refuse_clash


def calibrate_(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The video that was counted in.")],
    counts: Annotated[Path, typer.Option("--counts", metavar="CSV", help="frame,count; frames from 1.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="SCENE", help="scene.json; what is in it already is kept.")
    ],
    weaker_lock: WeakerLock = False,
    backend: Backend = "",
) -> None:
    """Fit this camera's regression to counted frames, and say how good it is."""
    refuse_clash(source, counts, out)
    known = read_counts(counts)
    content = json.loads(read_scene(out)) if out.exists() else {"version": 1}
    content.pop("calibration", None)
    scene = scene_file.of(content)
    refuse_unwritable(out)
    wanted = Wanted(
        frozenset({"count", "calibrate"}),
        per_frame=True,
        threads=threads(),
        weaker=weaker_lock,
        backend=backend,
        scene=scene.canonical(),
    )
    with bar(f"counting in {source.name}") as watch:
        series = count_video(source, wanted, watch=watch).features
    names, features, people = matched(known, series)
    made = calibrate(names, features, people)
    said = advice(names, features, people, made.ridge, np.random.default_rng(0))
    write_json(out, scene.calibrated(made))
    for line in summary(made, said):
        typer.echo(line)


def read_counts(path: Path) -> dict[int, float]:
    """Counted frames from a CSV file with the columns ``frame`` (from 1) and ``count``, in order.

    Raises:
        PasserbyError: It can't be read, or a line says what can't be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise SourceError(f"{path} can't be read as text", "check its name and rights") from error
    rows = csv.DictReader(io.StringIO(text))
    if not {"frame", "count"} <= set(rows.fieldnames or ()):
        raise SceneError.of("counts", f"{path} lacks a column", "its first line is: frame,count")
    found: dict[int, float] = {}
    for row in rows:
        try:
            frame, count = int(row["frame"]), float(row["count"])
        except (TypeError, ValueError) as error:
            raise SceneError.of("counts", f"line {rows.line_num} of {path} is no frame and count", "mend it") from error
        if frame < 1 or not 0 <= count < 1e6 or frame in found:
            raise SceneError.of("counts", f"line {rows.line_num} of {path} can't be right", "frames from 1, each once")
        found[frame] = count
    return dict(sorted(found.items()))


def matched(known: dict[int, float], series: list[Features]) -> tuple[list[str], list[list[float]], list[float]]:
    """Names of the features, their values and the counts of the counted frames, in order.

    A feature takes part where it is known in every counted frame.

    Raises:
        SceneError: A frame was counted that the video does not have.
    """
    here = {told.frame + 1: told for told in series}
    missing = sorted(set(known) - set(here))
    if missing:
        raise SceneError.of("counts", f"the video has no frame {missing[0]}", f"it has {len(here)}, counted from 1")
    values = {name: [float(getattr(here[frame], name)) for frame in known] for name in FEATURES}
    names = [name for name in FEATURES if min(values[name], default=0.0) >= 0]
    return names, [list(row) for row in zip(*(values[name] for name in names), strict=True)], list(known.values())


def summary(made: Calibration, said: Advice) -> list[str]:
    """How good it is, and what more frames would bring, in plain lines."""
    lines = [
        f"{made.frames} counted frames: off by {made.mae:.2f} people on average where it had not looked",
        f"(always saying the middle count would be off by {said.constant_mae:.2f})",
    ]
    now, *more = said.expected or ((0, 0.0),)
    gains: list[Any] = [(frames - now[0], now[1] - error) for frames, error in more]
    lines += [f"{frames} more frames: about {max(0.0, gain):.2f} better" for frames, gain in gains]
    return lines
