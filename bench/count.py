"""How well `passerby count` counts: `make bench-count`. Prints a table and saves it.

PETS: people of each frame, and crossings of lines through the middle, against the labels. Data by ``PASSERBY_DATA``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from passerby.base.build import version_line
from passerby.cli.count import as_json
from passerby.crowd import scene_file
from passerby.darkroom.launch import Wanted
from passerby.station.files import count_video

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.unit.crowd.pets import MIDDLE, crossings, labels  # noqa: E402


def pets(data: Path) -> dict[str, float]:
    known = labels(data)
    chosen = np.linspace(0, len(known.feet) - 1, 12).astype(int)
    scene = {
        "version": 1,
        "camera": "pets",
        "ground": {"image": known.feet[chosen].tolist(), "metres": known.metres[chosen].tolist()},
        "lines": [{"id": str(n), "from": list(a), "to": list(b)} for n, (a, b) in enumerate(MIDDLE)],
    }
    drawn = scene_file.canonical(json.dumps(scene).encode())
    wanted = Wanted(frozenset({"count"}), per_frame=True, scene=drawn)
    found = as_json(count_video(data / "mot-pets09-s2l1" / "video.mp4", wanted))
    people = np.array([e["people"] for e in found["series"]])
    truth = np.bincount(known.frame, minlength=len(people) + 1)[1:]
    within = [e["low"] <= n <= e["high"] for e, n in zip(found["series"], truth, strict=True)]
    true = [crossings(known, line) for line in MIDDLE]
    wrong = sum(abs(v["in"] - t[0]) + abs(v["out"] - t[1]) for v, t in zip(found["lines"], true, strict=True))
    return {
        "people_mae": round(float(np.mean(np.abs(people - truth))), 3),
        "people_in_interval": round(float(np.mean(within)), 3),
        "crossings_true": sum(map(sum, true)),
        "crossings_wrong": wrong,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=ROOT / "out" / "bench-count.json")
    out: Path = arguments.parse_args().out
    data = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
    table = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "build": version_line(),
        "pets": pets(data),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(table, indent=1) + "\n")
    for name, value in table["pets"].items():  # type: ignore[attr-defined]
        print(f"PETS {name:20} {value}")


if __name__ == "__main__":
    main()
