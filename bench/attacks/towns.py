"""The towns under attack: hourly counts of Auckland and Melbourne, cut into simulated quarter hours."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
QUARTERS = 96
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Town:
    """A town's counts.

    Args:
        name: Its name.
        hours: Days by sensor: 24 hourly counts each; only days on which every hour was counted.
    """

    name: str
    hours: dict[str, Counts]

    def days(self) -> Counts:
        """All sensors' days, one below the other."""
        return np.concatenate(list(self.hours.values()))


def quarters(hours: Counts, seed: int) -> Counts:
    """Simulated passages: each hour's people come in any of its quarters, as likely in each. Shape: days × 96."""
    dice = np.random.default_rng(seed)
    return dice.multinomial(hours, [0.25] * 4).reshape(*hours.shape[:-1], QUARTERS)


def auckland() -> Town:
    """21 sensors, 2019 to 2023 (Hyesop Shin; Heart of the City Auckland; CC BY 4.0)."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [-1] * 24))
    with (DATA / "counts-auckland" / "hourly_counts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        sensors = next(rows)[3:]
        for row in rows:
            hour = int(row[1].split(":")[0])
            for sensor, value in zip(sensors, row[3:], strict=True):
                if value:
                    found[sensor][row[0]][hour] = int(float(value))
    return Town("Auckland", _whole(found))


def melbourne() -> Town:
    """City of Melbourne's sensors, 2012 and 2013 (open data, CC BY)."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [-1] * 24))
    with gzip.open(DATA / "counts-melbourne" / "hourly_counts.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            moment = datetime.strptime(row["timestamp"], "%d-%b-%Y %H:%M")  # noqa: DTZ007  # local, as it was counted
            if row["count"]:
                found[row["sensor_id"]][moment.date().isoformat()][moment.hour] = int(row["count"])
    return Town("Melbourne", _whole(found))


def _whole(found: dict[str, dict[str, list[int]]]) -> dict[str, Counts]:
    whole = {s: [hours for _, hours in sorted(days.items()) if min(hours) >= 0] for s, days in found.items()}
    return {sensor: np.array(days, dtype=np.int64) for sensor, days in whole.items() if len(days) >= 100}
