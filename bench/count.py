"""How well `passerby count` counts: `make bench-count`. Prints a table, saves it and draws it.

PETS, Mall, ShanghaiTech, a highway, and clips in which nobody is. Data by ``PASSERBY_DATA``. ``--fast`` leaves out
ShanghaiTech, whose pictures are counted one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.counting import empty, plots, sets  # noqa: E402
from bench.machine import processor  # noqa: E402

from passerby.base.build import version_line  # noqa: E402

# Mean absolute errors that others publish for the whole test sets, as references: see docs/counting.md.
PUBLISHED = {"ZIP-P": {"A": 71.18, "B": 8.23}, "P2PNet": {"A": 52.74, "B": 6.25}}


def measured(data: Path, drawn: Path, *, fast: bool, most: int) -> dict[str, Any]:
    """Every figure, and the pictures."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pets, crossings = sets.pets(data)
        mall, calibrated = sets.mall(data, folder)
        table: dict[str, Any] = {
            "pets": {**pets.figures(), **crossings},
            "mall": calibrated,
            "highway": sets.highway(data),
            "nobody": empty.most_people(folder),
        }
    plots.over_time(drawn / "counting-pets.svg", {"PETS, no calibration": pets}, "frame")
    plots.over_time(drawn / "counting-mall.svg", {f"Mall, {name}": s for name, s in mall.items()}, "frame")
    everything = {"PETS": pets, "Mall": mall["no calibration"]}
    if not fast:
        for part in ("B", "A"):
            series, table[f"shanghaitech_{part}"] = sets.shanghai(data, part, most)
            everything[f"ShanghaiTech {part}"] = series
    plots.by_truth(drawn / "counting-by-truth.svg", everything)
    inside = [((s.low <= s.truth) & (s.truth <= s.high)) for s in everything.values()]
    table["covered_over_all"] = round(sum(float(v.sum()) for v in inside) / sum(len(v) for v in inside), 3)
    return table


def lines(table: dict[str, Any], name: str = "") -> Iterator[str]:
    """The table as one line for each figure."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from lines(value, f"{name}{key} ")
        else:
            yield f"{name + key:58} {value}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=ROOT / "docs" / "counting.json")
    arguments.add_argument("--fast", action="store_true", help="leave out ShanghaiTech")
    arguments.add_argument("--pictures", type=int, default=1000, help="of each part of ShanghaiTech, at most")
    given = arguments.parse_args()
    data = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
    table = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "build": version_line(),
        **measured(data, given.out.parent / "images", fast=given.fast, most=given.pictures),
        "published": PUBLISHED,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(table, indent=1) + "\n")
    print("\n".join(lines(table)))


if __name__ == "__main__":
    main()
