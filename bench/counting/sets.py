"""The sets that are counted in. Each is research-only: measured, never trained from."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from bench.counting.kept import Kept
from bench.counting.score import Series
from tests.unit.crowd.pets import FPS, MIDDLE, Labels, crossings, labels

from passerby.cli.calibrate import matched
from passerby.cli.count import as_json
from passerby.crowd import scene_file
from passerby.crowd.calibration import Calibration, calibrate
from passerby.darkroom.launch import Wanted
from passerby.outlet.messages import Features
from passerby.station.files import count_video

PETS_FILE_FPS = 10.0
ZONE = [[10, 80], [470, 80], [470, 350], [10, 350]]
# By hand, on slit pictures of these rows of the clip: see docs/counting.md.
HIGHWAY = {90: (85, 275, 29), 130: (60, 275, 28), 170: (0, 275, 27)}


def counted(path: Path, scene: dict[str, Any] | None = None, *, dense: bool = False) -> dict[str, Any]:
    """``passerby count --per-frame --json``."""
    drawn = scene_file.canonical(json.dumps(scene).encode()) if scene else b""
    return as_json(count_video(path, Wanted(frozenset({"count"}), per_frame=True, scene=drawn, dense=dense)))


def pets(data: Path) -> tuple[Series, dict[str, Any]]:
    """People of each frame, crossings of four lines both ways, and walking speed."""
    known = labels(data)
    chosen = np.linspace(0, len(known.feet) - 1, 12).astype(int)
    scene = {
        "version": 1,
        "ground": {"image": known.feet[chosen].tolist(), "metres": known.metres[chosen].tolist()},
        "zones": [{"id": "path", "polygon": ZONE}],
        "lines": [{"id": str(n), "from": list(a), "to": list(b)} for n, (a, b) in enumerate(MIDDLE)],
    }
    found = counted(data / "mot-pets09-s2l1" / "video.mp4", scene)
    series = Series.of(np.bincount(known.frame, minlength=len(found["series"]) + 1)[1:], found["series"])
    true = [crossings(known, line) for line in MIDDLE]
    wrong = sum(abs(v["in"] - t[0]) + abs(v["out"] - t[1]) for v, t in zip(found["lines"], true, strict=True))
    # The file's clock is wrong: see the set's description.
    speed, truth = found["zones"][0]["speed_m_s"] * FPS / PETS_FILE_FPS, walking_speed(known)
    return series, {
        "crossings_true": sum(map(sum, true)),
        "crossings_wrong": wrong,
        "crossings_wrong_share": round(wrong / sum(map(sum, true)), 3),
        "speed_m_s": round(speed, 3),
        "speed_true_m_s": round(truth, 3),
        "speed_wrong_share": round(abs(speed - truth) / truth, 3),
    }


def walking_speed(known: Labels) -> float:
    """Mean speed in the zone by the labels' metres, each over a second."""
    (left, top), (right, bottom) = ZONE[0], ZONE[2]
    step, speeds = round(FPS), []
    for who in np.unique(known.who):
        mine = known.who == who
        frame, metres, feet = known.frame[mine], known.metres[mine], known.feet[mine]
        for n in range(len(frame) - step):
            x, y = feet[n]
            if frame[n + step] - frame[n] == step and left <= x <= right and top <= y <= bottom:
                speeds.append(np.linalg.norm(metres[n + step] - metres[n]))
    return float(np.mean(speeds))


def mall_clip(data: Path, folder: Path) -> tuple[Path, list[float]]:
    """Mall's frames as a video of two frames a second, and their counts."""
    path = folder / "mall.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=2, options={"crf": "16", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for picture in sorted((data / "crowd-mall" / "frames").glob("*.jpg")):
            frame = av.VideoFrame.from_ndarray(np.asarray(cv2.imread(str(picture)), np.uint8), format="bgr24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    with (data / "crowd-mall" / "counts.csv").open() as file:
        return path, [float(row["count"]) for row in csv.DictReader(file)]


def mall(data: Path, folder: Path) -> tuple[dict[str, Series], dict[str, Any]]:
    """People of each frame: without calibration, and with 20 and 50 counted frames."""
    path, truth = mall_clip(data, folder)
    found: dict[str, Series] = {"no calibration": Series.of(truth, counted(path)["series"])}
    wanted = Wanted(frozenset({"count", "calibrate"}), per_frame=True, scene=scene_file.canonical(b'{"version":1}'))
    told = count_video(path, wanted).features
    figures: dict[str, Any] = {"no_calibration": found["no calibration"].figures()}
    for frames in (20, 50):
        evenly = np.unique(np.round(np.linspace(1, len(truth), frames)).astype(int))
        made, rest = _calibrated(told, truth, evenly)
        scene = {"version": 1, "calibration": made.to_json()}
        series = Series.of(truth, counted(path, scene)["series"])
        found[f"{frames} counted frames"] = series
        figures[f"{frames}_frames"] = {"own_word_mae": round(made.mae, 3), **series.only(rest).figures()}
        figures[f"{frames}_frames_drawn"] = _drawn(told, truth, frames, len(truth))
        figures[f"{frames}_frames_of_first_half"] = _drawn(told, truth, frames, len(truth) // 2)
    return found, figures


def _drawn(told: list[Features], truth: list[float], frames: int, before: int) -> dict[str, float]:
    """Ten calibrations by frames drawn from before one: error and coverage where nobody counted."""
    errors, inside = [], []
    for seed in range(10):
        drawn = np.sort(np.random.default_rng(seed).choice(before, frames, replace=False)) + 1
        made, rest = _calibrated(told, truth, drawn)
        rest = rest if before == len(truth) else np.arange(before, len(truth))
        for n in rest:
            e = made.people({name: getattr(told[n], name) for name in made.features})
            errors.append(abs(e.value - truth[n]))
            inside.append(e.low <= truth[n] <= e.high)
    return {"mae": round(float(np.mean(errors)), 3), "covered": round(float(np.mean(inside)), 3)}


def _calibrated(told: list[Features], truth: list[float], frames: Any) -> tuple[Calibration, Any]:
    names, features, people = matched({int(n): truth[n - 1] for n in frames}, told)
    return calibrate(names, features, people), np.setdiff1d(np.arange(len(truth)), np.asarray(frames) - 1)


def highway(data: Path) -> dict[str, Any]:
    """Vehicles at three lines across the road, against a count by hand."""
    lines = [{"id": str(y), "from": [x0, y], "to": [x1, y]} for y, (x0, x1, _) in HIGHWAY.items()]
    path = data / "video-fixed-camera" / "highway_bgslibrary_video03.avi"
    found = counted(path, {"version": 1, "lines": lines})["lines"]
    rows = {
        line["id"]: {
            "by_hand": HIGHWAY[int(line["id"])][2],
            "in": line["vehicles_in"],
            "out": line["vehicles_out"],
            "kinds": {kind: ways["in"] for kind, ways in line["vehicles"].items()},
            "occupied": line["occupied"],
        }
        for line in found
    }
    wrong = sum(abs(r["in"] - r["by_hand"]) + r["out"] for r in rows.values())
    return {"lines": rows, "wrong_share": round(wrong / sum(r["by_hand"] for r in rows.values()), 3)}


def shanghai(data: Path, part: str, most: int, kept: Kept) -> tuple[Series, dict[str, Any]]:
    """ShanghaiTech's pictures, counts only, each counted by itself."""
    folder = data / "crowd-shanghaitech-counts" / f"part_{part}"
    with (folder / "counts.csv").open() as file:
        rows = list(csv.DictReader(file))[:most]
    entries = kept.each(
        f"shanghaitech_{part}_pictures",
        [row["image"] for row in rows],
        lambda name: counted(folder / "images" / name, dense=True)["series"][0],
    )
    series = Series.of([float(row["count"]) for row in rows], entries)
    return series, series.figures()
