"""What has been measured is kept, so that a run that was stopped goes on where it was: in ``.cache/counting``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bench.counting.score import Series

NAMES = ("truth", "people", "low", "high")


class Kept:
    """Answers of one build, by part. Those of another build are not looked at.

    Args:
        folder: Where they lie.
        build: The build's line.
    """

    def __init__(self, folder: Path, build: str) -> None:
        self._folder, self._build = folder, build
        folder.mkdir(parents=True, exist_ok=True)

    def series(self, part: str) -> dict[str, Series]:
        """A part's series by name; none where it has not been measured by this build."""
        path = self._folder / f"{part}.json"
        if not path.exists() or (held := json.loads(path.read_text()))["build"] != self._build:
            return {}
        return {
            name: Series(*(np.array(numbers[n], np.float64) for n in NAMES)) for name, numbers in held["series"].items()
        }

    def keep(self, part: str, series: dict[str, Series]) -> None:
        """A part's series."""
        held = {name: {n: getattr(s, n).tolist() for n in NAMES} for name, s in series.items()}
        (self._folder / f"{part}.json").write_text(json.dumps({"build": self._build, "series": held}))

    def each(self, part: str, names: list[str], measure: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
        """An answer for each name, in order: kept as it is found, and not found again by the same build."""
        path = self._folder / f"{part}.lines"
        held: dict[str, dict[str, Any]] = {}
        if path.exists():
            rows = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
            held = {row["name"]: row["answer"] for row in rows if row["build"] == self._build}
        with path.open("a" if held else "w") as file:
            for name in names:
                if name not in held:
                    held[name] = measure(name)
                    file.write(json.dumps({"build": self._build, "name": name, "answer": held[name]}) + "\n")
                    file.flush()
        return [held[name] for name in names]
