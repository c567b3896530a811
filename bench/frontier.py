"""How many heads leak and how much of the scene is kept at other limits of evidence: `python -m bench.frontier`.

The darkroom's own pipeline without coding (`bench.replay`), on the whole of each clip and on each half of it as if it
were a clip of its own, in two passes and as live (of which the second half counts). Networks are asked once; with their
answers on disk a point takes seconds. Points are saved as JSON, and drawn from it as a curve for each set.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench import curves, replay
from bench.leak import ROOT, SETS, loaded

from passerby.darkroom.plate import fitting, learner, live

LIMITS = (0.10, 0.15, 0.20, 0.24, 0.30, 0.40, 0.60, 1.0)
PARTS = {"whole": (0, 400), "first half": (0, 200), "second half": (200, 400)}
SCENE_EVERY = 10


@dataclass(frozen=True, slots=True)
class Point:
    """One setting on one part of a clip."""

    name: str
    part: str
    how: str
    most_evidence: float
    heads: int
    leaked: int
    blocks: int
    kept: int


def scored(tool: Any, clip: replay.Clip, shown: list[replay.Luma], heads: dict[int, list[Any]], first: int, every: int,
           start: int) -> tuple[int, int, int, int]:  # fmt: skip
    """Heads, heads leaked, blocks of the scene, blocks kept, by the yardstick's rule.

    Args:
        tool: The yardstick's module.
        clip: The frames that were redacted.
        shown: What came of them.
        heads: Labels by frame of the whole clip, from 1.
        first: The number of the first frame in the whole clip, from 0.
        every: Heads of every n-th frame are looked at.
        start: Frames before this one don't count.
    """
    width, height = clip.size
    found = leaked = blocks = kept = 0
    for index in range(start, len(shown)):
        number = first + index + 1
        boxes = heads.get(number, [])
        look, scene = (number - 1) % every == 0, number % SCENE_EVERY == 1
        if not boxes or not (look or scene):
            continue
        one, two = tool.gradients(clip.frames[index].y[:height, :width]), tool.gradients(shown[index])
        away = np.ones((height, width), bool)
        for x, y, w, h, _ in boxes:
            x0, y0, x1, y1 = max(0, int(x)), max(0, int(y)), min(width, int(x + w) + 1), min(height, int(y + h) + 1)
            away[max(0, int(y - h)) : int(y + 9 * h), max(0, int(x - 2.5 * w)) : int(x + 3.5 * w)] = False
            if look and h >= tool.SMALLEST and x1 - x0 >= 6 and y1 - y0 >= 6:
                found += 1
                leaked += bool(tool.survives(one, two, x0, y0, x1, y1))
        for y, x in ((y, x) for y in range(0, height - 31, 32) for x in range(0, width - 31, 32)):
            texture = one[:, y : y + 32, x : x + 32]
            if scene and away[y : y + 32, x : x + 32].all() and float((texture * texture).mean()) > 400:
                blocks += 1
                kept += bool(tool.survives(one, two, x, y, x + 32, y + 32, 0))
    return found, leaked, blocks, kept


@contextmanager
def limited(most: float) -> Iterator[None]:
    """Another limit of evidence, for whoever makes a learner meanwhile."""
    rules = replace(fitting.DEFAULT, most_evidence=most, most_evidence_alone=min(most, 0.12))
    usual, usual_live = learner.Learner.__init__.__defaults__, live.DEFAULT
    learner.Learner.__init__.__defaults__ = (rules, np.inf)
    live.DEFAULT = rules  # type: ignore[misc]
    try:
        yield
    finally:
        learner.Learner.__init__.__defaults__, live.DEFAULT = usual, usual_live  # type: ignore[misc]


def lines_of(points: list[Point], name: str) -> dict[str, list[curves.Spot]]:
    """The points of one set as lines: heads leaked, scene kept, and whether the setting is the one in use."""
    lines: dict[str, list[curves.Spot]] = {}
    for p in sorted((p for p in points if p.name == name), key=lambda p: p.most_evidence):
        used = p.most_evidence == fitting.DEFAULT.most_evidence
        spot = curves.Spot(p.leaked / max(1, p.heads), p.kept / max(1, p.blocks), used)
        lines.setdefault(p.part + (", live" if p.how == "as live" else ""), []).append(spot)
    return lines


def measured(
    name: str, tool: Any, folder: Path, every: int, limits: tuple[float, ...], *, live_too: bool
) -> Iterator[Point]:
    """Every setting on every part of one set."""
    whole = replay.read(folder / "video.mp4", name)
    answers, heads = replay.Answers(whole, folder / "answers"), tool.read_heads(folder / "heads.csv")
    for most in limits:
        for part, (first, last) in PARTS.items():
            for as_live in (False, True) if live_too and part == "whole" else (False,):
                clip = whole.part(first, last)
                with limited(most):
                    run = replay.redact(clip, answers, first=first, live=as_live)
                start = (last - first) // 2 if as_live else 0
                got = scored(tool, clip, run.shown, heads, first, every, start)
                yield Point(name, part, "as live" if as_live else "two passes", most, *got)


def main() -> None:
    """Measure, print, save, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench-leak")
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "images" / "frontier.json")
    parser.add_argument("--limits", type=float, nargs="+", default=LIMITS)
    parser.add_argument("--live", action="store_true", help="as live, too (slow)")
    parser.add_argument("--draw", action="store_true", help="only draw what was saved")
    asked = parser.parse_args()
    points: list[Point] = []
    if asked.draw:
        points = [Point(**p) for p in json.loads(asked.json.read_text())]
    else:
        data = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
        yardstick = data.parent / "tools" / "leak.py"
        if not yardstick.is_file():
            sys.exit(f"no yardstick at {yardstick}: set PASSERBY_DATA to the folder of the test data")
        for name, every in (("pets", 1), ("mall", 4)):
            folder = asked.out / name
            if not (folder / "heads.csv").is_file():
                command = [sys.executable, str(yardstick), "prepare", name, str(data / SETS[name]), str(folder)]
                subprocess.run(command, check=True)
            for point in measured(name, loaded(yardstick), folder, every, tuple(asked.limits), live_too=asked.live):
                points.append(point)
                asked.json.write_text(json.dumps([asdict(p) for p in points], indent=0) + "\n")
                kept = point.kept / max(1, point.blocks)
                print(f"| {point.name} | {point.part}, {point.how} | {point.most_evidence:.2f} "
                      f"| {point.leaked} of {point.heads} | {kept:.1%} |", flush=True)  # fmt: skip
    for name in ("pets", "mall"):
        asked.json.with_name(f"frontier-{name}.svg").write_text(
            curves.drawn(name, lines_of(points, name), "root scale; ring: in use")
        )


if __name__ == "__main__":
    main()
