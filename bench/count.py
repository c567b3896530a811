"""How well `passerby count` counts: `make bench-count`. Prints a table, saves it and draws it.

PETS, Mall, a highway, clips in which nobody is, optical flow, cost beside hiding, ShanghaiTech. Data by
``PASSERBY_DATA``. It takes the better part of an hour; a run that was stopped goes on where it was: what this build has
measured is not measured again, unless ``--again``. ``--only`` measures some.
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

from bench.counting import cost, empty, field, plots, sets  # noqa: E402
from bench.counting.kept import Kept  # noqa: E402
from bench.counting.score import Series  # noqa: E402
from bench.machine import processor  # noqa: E402

from passerby.base.build import version_line  # noqa: E402

# Mean absolute errors that others publish for the whole test sets, as references: see docs/counting.md.
PUBLISHED = {"ZIP-P": {"A": 71.18, "B": 8.23}, "P2PNet": {"A": 52.74, "B": 6.25}}


PARTS = ("pets", "mall", "highway", "nobody", "field", "cost", "shanghaitech_B", "shanghaitech_A")
# PETS, Mall, and both parts of ShanghaiTech.
SETS = 4
WITHOUT_SERIES = ("highway", "nobody", "field", "cost")


def measured(part: str, data: Path, folder: Path, most: int, kept: Kept) -> tuple[dict[str, Any], dict[str, Series]]:
    """The figures of one part, and its series by name."""
    if part == "pets":
        series, more = sets.pets(data)
        return {**series.figures(), **more}, {"PETS": series}
    if part == "mall":
        found, figures = sets.mall(data, folder)
        return figures, {f"Mall, {name}": s for name, s in found.items()}
    if part.startswith("shanghaitech"):
        letter = part[-1]
        series, figures = sets.shanghai(data, letter, most, kept)
        return figures, {f"ShanghaiTech {letter}": series}
    figures = {"highway": lambda: sets.highway(data), "nobody": lambda: empty.most_people(folder),
               "field": lambda: field.field(data), "cost": lambda: cost.cost(data)}[part]()  # fmt: skip
    return figures, {}


def drawn(found: dict[str, Series], images: Path) -> None:
    """The pictures for what was measured."""
    for name in ("PETS", "Mall"):
        if named := {key: s for key, s in found.items() if key.startswith(name)}:
            plots.over_time(images / f"counting-{name.lower()}.svg", named, "frame")
    plain = _plain(found)
    if len(plain) == SETS:
        plots.by_truth(images / "counting-by-truth.svg", plain)


def _plain(found: dict[str, Series]) -> dict[str, Series]:
    """Those without a calibration: one of each set."""
    return {key: s for key, s in found.items() if "counted frames" not in key}


def over_all(found: dict[str, Series]) -> float:
    """The share of frames and pictures without a calibration whose truth lies in the interval."""
    plain = _plain(found).values()
    return round(sum(s.covered * len(s.truth) for s in plain) / sum(len(s.truth) for s in plain), 3)


def lines(table: dict[str, Any], name: str = "") -> Iterator[str]:
    """The table as one line for each figure."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from lines(value, f"{name}{key} ")
        else:
            yield f"{name + key:58} {value}"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--out", type=Path, default=ROOT / "docs" / "counting.json")
    wanted.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="the others keep what they have")
    wanted.add_argument("--again", action="store_true", help="also what this build has measured")
    wanted.add_argument("--pictures", type=int, default=1000, help="of each part of ShanghaiTech, at most")
    return wanted.parse_args()


def main() -> None:
    """Measure what is not measured yet, and save and draw all there is."""
    given = arguments()
    data = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
    table: dict[str, Any] = json.loads(given.out.read_text()) if given.out.exists() else {"published": PUBLISHED}
    build = version_line()
    kept = Kept(ROOT / ".cache" / "counting", build)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        for part in given.only:
            done = table.get(part, {}).get("build") == build and (part in WITHOUT_SERIES or kept.series(part))
            if not done or given.again:
                figures, series = measured(part, data, Path(made), given.pictures, kept)
                kept.keep(part, series)
                said = {"date": datetime.now(UTC).date().isoformat(), "build": build,
                        "machine": f"{processor()}, {os.cpu_count()} cores"}  # fmt: skip
                table[part] = {**said, **figures}
            found = {name: s for each in PARTS for name, s in kept.series(each).items()}
            if len(_plain(found)) == SETS:
                table["covered_over_all"] = over_all(found)
            given.out.write_text(json.dumps(table, indent=1) + "\n")
            print("\n".join(lines({part: table[part]})), flush=True)
    drawn(found, given.out.parent / "images")


if __name__ == "__main__":
    main()
