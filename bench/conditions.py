"""Night, rain, shake and the like on a real clip: what is hidden, and what is shown. `python -m bench.conditions`.

Half a clip of walkers (PETS 2009) is made worse frame by frame, redacted by the darkroom's own pipeline in two passes
(`bench.replay`), and scored against the worsened clip by the yardstick. Made-up weather is no real weather: this shows
that hiding holds on to its rules, not how well networks see in fog.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from bench import replay
from bench.frontier import scored
from bench.leak import ROOT, SETS, loaded
from numpy.typing import NDArray

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.finder import Finder, Look, models_for, plan_for
from passerby.darkroom.find.found import Found
from passerby.darkroom.find.network import available, prepare
from passerby.darkroom.redaction import VIDEO_LOOKS
from passerby.outlet.messages import Mosaic

Luma = NDArray[np.uint8]
FRAMES = 200
MIDDLE = FRAMES // 2
NEUTRAL = 128
COVERED = 28


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of the clip, its number, where the clip's middle is, and chance."""

    planes: RawPlanes
    index: int
    random: np.random.Generator
    middle: int = MIDDLE


Worse = Callable[[Moment], RawPlanes]


def night(now: Moment) -> RawPlanes:
    """A third of the light, with a sensor's noise."""
    return _noisy(RawPlanes(_scaled(now.planes.y, 0.33), now.planes.u, now.planes.v), 4.0, now.random)


def infrared(now: Moment) -> RawPlanes:
    """No colour; a lamp at the camera: bright in the middle, dark at the rim."""
    height, width = now.planes.y.shape
    y, x = np.ogrid[:height, :width]
    lamp = np.exp(-(((x - width / 2) / (0.45 * width)) ** 2 + ((y - height / 2) / (0.55 * height)) ** 2)) + 0.15
    lit = np.clip(now.planes.y * lamp, 16, 235).astype(np.uint8)
    return _noisy(
        RawPlanes(lit, np.full_like(now.planes.u, NEUTRAL), np.full_like(now.planes.v, NEUTRAL)), 3.0, now.random
    )


def rain(now: Moment) -> RawPlanes:
    """Three hundred bright streaks, elsewhere in every frame."""
    return _drops(now.planes, 300, (3, 14), 1, now.random)


def snow(now: Moment) -> RawPlanes:
    """Four hundred flakes."""
    return _drops(now.planes, 400, (1, 1), 3, now.random)


def headlights(now: Moment) -> RawPlanes:
    """A pair of lamps crosses the dark picture and lights what is before them."""
    dark = night(now)
    height, width = dark.y.shape
    y, x = np.ogrid[:height, :width]
    glow = np.zeros((height, width), np.float32)
    for side in (-14, 14):
        apart = ((x - (now.index * 8 % (width + 200) - 100) - side) / 60.0) ** 2 + ((y - 0.6 * height) / 35.0) ** 2
        glow += 200 * np.exp(-apart)
    return RawPlanes(np.clip(dark.y + glow, 16, 235).astype(np.uint8), dark.u, dark.v)


def shake(now: Moment) -> RawPlanes:
    """A pole in the wind: up to two pixels each way."""
    dx, dy = (int(2 * np.round(np.sin(now.index * f))) for f in (1.3, 0.7))
    return _moved(now.planes, dx, dy)


def pan(now: Moment) -> RawPlanes:
    """From the middle on the camera turns, four pixels a frame."""
    return _moved(now.planes, 4 * max(0, now.index - now.middle), 0)


def covered(now: Moment) -> RawPlanes:
    """A hand over the lens for four seconds."""
    return (
        RawPlanes(
            *(np.full_like(p, 30 if p is now.planes.y else NEUTRAL) for p in (now.planes.y, now.planes.u, now.planes.v))
        )
        if (now.middle <= now.index < now.middle + COVERED)
        else now.planes
    )


def exposure(now: Moment) -> RawPlanes:
    """From the middle on a fifth brighter at once."""
    return RawPlanes(_scaled(now.planes.y, 1.2), now.planes.u, now.planes.v) if now.index >= now.middle else now.planes


def cut(now: Moment) -> RawPlanes:
    """From the middle on another view: the same one, mirrored."""
    return (
        RawPlanes(*(p[:, ::-1].copy() for p in (now.planes.y, now.planes.u, now.planes.v)))
        if now.index >= now.middle
        else now.planes
    )


CONDITIONS: dict[str, Worse] = {
    "as it is": lambda now: now.planes,
    "night": night,
    "infrared": infrared,
    "rain": rain,
    "snow": snow,
    "headlights": headlights,
    "shake": shake,
    "turning camera": pan,
    "covered lens": covered,
    "exposure jump": exposure,
    "cut": cut,
}


def _scaled(luma: Luma, by: float) -> Luma:
    return np.clip(16 + (luma.astype(np.float32) - 16) * by, 16, 235).astype(np.uint8)


def _noisy(planes: RawPlanes, levels: float, random: np.random.Generator) -> RawPlanes:
    noise = random.normal(0, levels, planes.y.shape)
    return RawPlanes(np.clip(planes.y + noise, 16, 235).astype(np.uint8), planes.u, planes.v)


def _drops(planes: RawPlanes, count: int, long: tuple[int, int], wide: int, random: np.random.Generator) -> RawPlanes:
    luma = planes.y.copy()
    height, width = luma.shape
    places = random.integers(0, (width, height), (count, 2))
    for (x, y), length in zip(places.tolist(), random.integers(*long, count, endpoint=True).tolist(), strict=True):
        cv2.line(luma, (x, y), (x - length // 4, y + length), 200, wide)
    return RawPlanes(luma, planes.u, planes.v)


def _moved(planes: RawPlanes, dx: int, dy: int) -> RawPlanes:
    """Everything shifted by an even number of pixels; what comes in repeats the edge."""

    def shifted(plane: Luma, n: int) -> Luma:
        by = np.array([[1, 0, dx // n], [0, 1, dy // n]], np.float32)
        out: Luma = cv2.warpAffine(plane, by, plane.shape[::-1], borderMode=cv2.BORDER_REFLECT)
        return out

    return RawPlanes(shifted(planes.y, 1), shifted(planes.u, 2), shifted(planes.v, 2))


class Asks(replay.Answers):
    """Asks the networks anew, once for each frame and look."""

    def __init__(self, clip: replay.Clip, folder: Path, finder: Finder) -> None:
        super().__init__(clip, folder)
        self._finder = finder

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        """As `Finder.find`."""
        return self._finder.find(planes, size, look, full_range=full_range)


def measured(names: list[str], tool: Any, folder: Path, threads: int) -> Iterator[str]:
    """One line of the table for each condition."""
    whole = replay.read(folder / "video.mp4", "pets").part(0, FRAMES)
    heads = tool.read_heads(folder / "heads.csv")
    finder = Finder(
        plan_for(whole.size, pictures=False), VIDEO_LOOKS, prepare(available(), models_for(VIDEO_LOOKS)), threads
    )
    for name in names:
        random = np.random.default_rng(1)
        frames = tuple(CONDITIONS[name](Moment(planes, index, random)) for index, planes in enumerate(whole.frames))
        clip = replace(whole, frames=frames)
        run = replay.redact(clip, Asks(clip, folder / "answers", finder))
        where = _labels(name, heads, whole.frames[0].y.shape[1])
        found, leaked, blocks, kept = scored(tool, clip, run.shown, where, 0, 1, 0)
        told = {m: n for m in Mosaic if m is not Mosaic.NONE and (n := run.tally.mosaic_frames[m])}
        reasons = ", ".join(f"{m.name.lower().replace('_', ' ')} {n / FRAMES:.0%}" for m, n in told.items())
        share = f"{kept / blocks:.1%}" if blocks else "–"
        hidden = run.tally.hidden_frames / max(1, run.tally.frames)
        yield f"| {name} | {leaked} of {found} | {share} | {hidden:.0%} | {reasons or '–'} |"


def _labels(name: str, heads: dict[int, list[Any]], width: int) -> dict[int, list[Any]]:
    """Where the heads are once the picture is moved or mirrored; ``width`` is that of the padded planes."""

    def at(frame: int, head: Any) -> Any:
        x, y, w, h, i = head
        index = frame - 1
        if name == "shake":
            return x + int(2 * np.round(np.sin(index * 1.3))), y + int(2 * np.round(np.sin(index * 0.7))), w, h, i
        if name == "turning camera":
            return x + 4 * max(0, index - MIDDLE), y, w, h, i
        if name == "cut" and index >= MIDDLE:
            return width - x - w, y, w, h, i
        return head

    def seen(frame: int, head: Any) -> bool:
        return (
            not (name == "covered lens" and MIDDLE <= frame - 1 < MIDDLE + COVERED)
            and -head[2] / 2 < head[0] < width - 4
        )

    moved = {frame: [at(frame, head) for head in boxes] for frame, boxes in heads.items()}
    return {frame: [head for head in boxes if seen(frame, head)] for frame, boxes in moved.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench-leak")
    parser.add_argument("--only", nargs="+", choices=CONDITIONS, default=list(CONDITIONS))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    data = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
    yardstick = data.parent / "tools" / "leak.py"
    if not yardstick.is_file():
        sys.exit(f"no yardstick at {yardstick}: set PASSERBY_DATA to the folder of the test data")
    folder = asked.out / "pets"
    if not (folder / "heads.csv").is_file():
        command = [sys.executable, str(yardstick), "prepare", "pets", str(data / SETS["pets"]), str(folder)]
        subprocess.run(command, check=True)
    print("| condition | heads leaked | scene kept | hidden | mosaic |\n| --- | --- | --- | --- | --- |")
    for line in measured(asked.only, loaded(yardstick), folder, asked.threads):
        print(line, flush=True)


if __name__ == "__main__":
    main()
