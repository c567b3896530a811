"""How many labelled heads `passerby redact` leaves, and how much of the scene it keeps: `make bench-leak`.

Scored by the yardstick ``tools/leak.py`` beside the test data. Each set is redacted in two passes and as live; of the
latter only the second half counts, as a camera has learnt by then. A plain transcode is the floor: it hides nobody and
shows what coding alone costs the scene. Walkers of PETS 2009 are attacked by averaging their frames, and the sets of
pictures follow. ``--peers`` adds deface.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
from bench import fairness, leak_pictures, peers
from bench.attack import MOST, attack

from passerby.base.build import version_line
from passerby.darkroom.launch import Wanted
from passerby.station.files import redact_video

ROOT = Path(__file__).resolve().parents[1]
SETS = {"pets": "mot-pets09-s2l1", "mall": "crowd-mall", "mot17": "mot17-mini"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    how: str
    score: dict[str, Any]
    size: int
    report: dict[str, Any]

    def line(self, plain: int) -> str:
        """As Markdown; ``plain`` is the size of the plain transcode."""
        kept = self.score["scene_kept"]
        tracks = f"{self.score['tracks_leaked']} of {self.score['tracks']}" if "tracks" in self.score else "–"
        return (
            f"| {self.name} | {self.how} | {self.score['leaked']} of {self.score['heads']} "
            f"({self.score['leak_rate']:.2%}) | {tracks} | {'–' if kept is None else f'{kept:.1%}'} "
            f"| {self.report.get('hidden_share', '–')} | {self.size / plain:.0%} |"
        )


def transcoded(source: Path, target: Path) -> Path:
    """The video coded anew with the darkroom's settings, nothing hidden."""
    with av.open(str(source)) as video, av.open(str(target), "w") as out:
        stream = video.streams.video[0]
        to = out.add_stream(
            "libx264", rate=stream.average_rate, options={"preset": "superfast", "crf": "23", "tune": "fastdecode"}
        )
        to.width, to.height, to.pix_fmt = stream.width, stream.height, "yuv420p"
        for frame in video.decode(stream):
            frame.pict_type = 0
            out.mux(to.encode(frame))
        out.mux(to.encode(None))
    return target


def second_half(heads: Path, frames: int) -> Path:
    """The labels of the second half alone."""
    path = heads.with_name("second-half.csv")
    with heads.open(newline="") as source, path.open("w", newline="") as target:
        rows = csv.DictReader(source)
        out = csv.DictWriter(target, rows.fieldnames or ())
        out.writeheader()
        out.writerows(row for row in rows if int(row["frame"]) > frames // 2)
    return path


def scored(tool: Path, original: Path, redacted: Path, heads: Path, *more: str) -> dict[str, Any]:
    """What the yardstick says."""
    command = [sys.executable, str(tool), "score", str(original), str(redacted), str(heads), *more]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    score: dict[str, Any] = json.loads(done.stdout)
    return score


def measured(tool: Path, name: str, folder: Path, threads: int, *, live: bool) -> Row:
    """One whole run of `passerby redact`."""
    video, heads = folder / "video.mp4", folder / "heads.csv"
    target = folder / ("live.mp4" if live else "redacted.mp4")
    target.unlink(missing_ok=True)
    report = redact_video(video, target, Wanted(frozenset({"redact"}), live=live, threads=threads)).report
    labels = second_half(heads, report["frames"]) if live else heads
    how = "as live, second half" if live else report["mode"]
    return Row(name, how, scored(tool, video, target, labels), target.stat().st_size, report)


def beside(tool: Path, name: str, folder: Path) -> list[Row]:
    """deface with its defaults, and with the strictest settings that are of use."""
    rows = []
    for how, settings in (("deface, default", peers.DEFAULT), ("deface, strict", peers.STRICT)):
        target = folder / f"{how.replace(', ', '-')}.mp4"
        peers.run(folder / "video.mp4", target, settings)
        score = scored(tool, folder / "video.mp4", target, folder / "heads.csv", "--resize")
        rows.append(Row(name, how, score, target.stat().st_size, {}))
    return rows


def by_group(tool: Path, name: str, folder: Path) -> list[str]:
    """Who is hidden less well, as far as the labels tell."""
    groups = fairness.measured(loaded(tool), folder / "video.mp4", folder / "redacted.mp4", folder / "heads.csv")
    return list(groups.lines(name))


def attacked(tool: Path, folder: Path) -> list[str]:
    """What averaging many frames of one walker tells of the redacted video, and as a control of the plain one."""
    yardstick = loaded(tool)
    lines = []
    for name in ("redacted.mp4", "plain.mp4"):
        came = attack(yardstick, folder / "video.mp4", folder / name, folder / "heads.csv")
        lines.append(
            f"Averaging up to {MOST} frames of one walker, {name}: {len(came.leaked)} of {came.walkers} heads made out "
            f"({came.frames} frames of the median walker)."
        )
    return lines


def loaded(tool: Path) -> Any:
    """The yardstick as a module."""
    spec = importlib.util.spec_from_file_location("leak_yardstick", tool)
    if spec is None or spec.loader is None:
        sys.exit(f"{tool} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench-leak")
    parser.add_argument("--sets", nargs="+", choices=[*SETS, *leak_pictures.SETS], default=None)
    parser.add_argument("--peers", action="store_true", help="measure deface as well (downloads it)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    data = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
    tool = data.parent / "tools" / "leak.py"
    if not tool.is_file():
        sys.exit(f"no yardstick at {tool}: set PASSERBY_DATA to the folder of the test data")
    lines = [
        f"{version_line()}; {platform.processor() or platform.machine()}, {os.cpu_count()} cores; "
        f"{datetime.now(UTC):%Y-%m-%d}",
        "",
        "| set | how | heads leaked | tracks | scene kept | hidden | bytes of plain |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    print("\n".join(lines), flush=True)
    sets = asked.sets or [*SETS, *leak_pictures.SETS]
    for name in (name for name in sets if name in SETS):
        folder = asked.out / name
        if not (folder / "heads.csv").is_file():
            subprocess.run(
                [sys.executable, str(tool), "prepare", name, str(data / SETS[name]), str(folder)], check=True
            )
        plain = transcoded(folder / "video.mp4", folder / "plain.mp4")
        size = plain.stat().st_size
        floor = scored(tool, folder / "video.mp4", plain, folder / "heads.csv")
        rows = [Row(name, "plain transcode", floor, size, {}), measured(tool, name, folder, asked.threads, live=False)]
        if name != "mot17":
            rows.append(measured(tool, name, folder, asked.threads, live=True))
        rows += beside(tool, name, folder) if asked.peers else []
        for row in rows:
            lines.append(row.line(size))
            print(lines[-1], flush=True)
    more = attacked(tool, asked.out / "pets") if "pets" in sets else []
    more += fairness.HEAD
    for name in (name for name in sets if name in SETS):
        more += by_group(tool, name, asked.out / name)
    more += leak_pictures.HEAD if (pictures := [name for name in sets if name in leak_pictures.SETS]) else []
    for line in more:
        lines.append(line)
        print(line, flush=True)
    for name in pictures:
        lines.append(leak_pictures.measured(tool, name, data, asked.out, asked.threads).line())
        print(lines[-1], flush=True)
    (asked.out / "table.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
