"""A city that publishes: a plan, a data folder with simulated passages, a seeded source of chance."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.unit.charter.world import ROOT, signed

from passerby.archive.folder import Layout
from passerby.release.calendar import bin_starts
from passerby.release.coins import SystemCoins
from passerby.release.day import TrueDay
from passerby.release.noise import Mechanism
from passerby.release.plan import Area, Plan
from passerby.release.tree import Level, Shape
from passerby.store.database import Store
from passerby.store.migrate import open_store
from passerby.store.schema import line_minutes, minute_counts

ZONE = "Asia/Hong_Kong"
DAY = "2026-11-02"
ACTOR = "p-" + "7" * 32
LAPLACE = Shape(Mechanism.LAPLACE, (Level(0, 300), Level(1, 700)))
GAUSSIAN = Shape(Mechanism.GAUSSIAN, (Level(0, 50), Level(1, 100)))
PLAN = Plan(
    site=ROOT.site, root=ROOT.hash, purpose="flow-statistics", publisher="City of Example",
    contact="open-data@example.org", licence="CC-BY-4.0", zone=ZONE, shape=LAPLACE, cap=2000, clamp=2000, threshold=10,
    cameras={"gate-1": ("north", "south"), "gate-2": ("door",)},
    areas={"square": Area(True, {"gate-1/north": "in", "gate-1/south": "out", "gate-2/door": "in"})},
    names={"square": {"en": "Market square", "zh-Hant": "市集廣場"}}, issued=ROOT.at + 1000,
    first_day=DAY, last_day="2027-11-01", due_h=6,
)  # fmt: skip


def plan(**values: object) -> Plan:
    return replace(PLAN, **values)  # type: ignore[arg-type]


def note_of(found: Plan, *names: str) -> bytes:
    return signed(found.text(), *(names or ("op1", "rev1")))


def seeded(seed: int = 1) -> SystemCoins:
    """Chance that comes again, for tests alone."""
    return SystemCoins(random.Random(seed).randbytes)


def passages(day: str, zone: str = ZONE, seed: int = 0, busy: float = 60.0) -> tuple[list[int], list[int]]:
    """A street's quarter hours: a morning in, an evening out, and chance."""
    dice = random.Random(f"{day} {seed}")
    count = len(bin_starts(day, zone))

    def wave(at: int, peak: float) -> float:
        hour = at * 24 / count
        return busy * (0.04 + math.exp(-((hour - peak) ** 2) / 5) + 0.45 * math.exp(-((hour - 13) ** 2) / 18))

    def near(mean: float) -> int:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))

    return [near(wave(at, 8.5)) for at in range(count)], [near(wave(at, 18.5)) for at in range(count)]


def true_day(found: Plan, camera: str, day: str, *, away: range = range(0)) -> TrueDay:
    flows = {line: passages(day, found.zone, seed) for seed, line in enumerate(found.cameras[camera])}
    count = len(bin_starts(day, found.zone))
    return TrueDay(flows, [0 if at in away else 15 for at in range(count)])


def fill(store: Store, found: Plan, day: str, away: Callable[[int], bool] = lambda _: False) -> None:
    """A day's minutes, as a station writes them; quarter hours that were away have none."""
    starts = bin_starts(day, found.zone)
    with store.writing() as connection:
        for camera in found.cameras:
            true = true_day(found, camera, day)
            for at, start in enumerate(starts):
                if away(at):
                    continue
                minutes = [(start + 60 * m) * 1_000_000 for m in range(15)]
                nothing = dict.fromkeys(
                    ("people_sum", "low_sum", "high_sum", "people_max", "vehicles_sum", "mosaic_samples"), 0
                )
                connection.execute(
                    minute_counts.insert(),
                    [{"camera_id": camera, "minute_us": m, "samples": 12, **nothing} for m in minutes],
                )
                for line, (into, out_of) in true.flows.items():
                    where = {"camera_id": camera, "line": line, "minute_us": minutes[at % 15]}
                    connection.execute(line_minutes.insert(), [{**where, "into": into[at], "out_of": out_of[at]}])


def data_folder(folder: Path, found: Plan, days: list[str]) -> Layout:
    folder.mkdir(exist_ok=True)
    layout = Layout(folder)
    with open_store(layout.database, lambda: 0) as store:
        for day in days:
            fill(store, found, day, away=lambda at: 30 <= at < 36)
    return layout
