"""True flows from the store, as a station writes it: the right quarter hours, both ways, and when it counted at all."""

from __future__ import annotations

from pathlib import Path

from tests.unit.release.kit import plan

from passerby.release.calendar import starts
from passerby.release.source import true_day
from passerby.store.counts import Count, add_counts
from passerby.store.migrate import open_store
from passerby.store.places import Crossed, add_places

US = 1_000_000
PLAN = plan(zone="Europe/Berlin", cameras={"gate-1": ("north", "south")}, areas={}, names={})


def test_minutes_become_quarter_hours(tmp_path: Path) -> None:
    day, begin = "2026-10-25", starts("2026-10-25", PLAN.zone)  # 25 hours long
    with open_store(tmp_path / "x.db", lambda: 0) as store:
        crossings = [
            (0, "north", 1, 0), (14 * 60 + 59, "north", 2, 1), (15 * 60, "north", 4, 0), (25 * 3600 - 1, "south", 0, 8),
            (25 * 3600, "south", 16, 16), (-1, "south", 32, 32), (60, "elsewhere", 64, 64),
        ]  # fmt: skip
        add_places(store, [], [Crossed("gate-1", line, (begin + at) * US, i, o) for at, line, i, o in crossings])
        add_places(store, [], [Crossed("gate-2", "north", begin * US, 128, 128)])
        for at in (0, 5, 61, 16 * 60, 25 * 3600):
            add_counts(store, Count("gate-1", (begin + at) * US, 1.0, 0.0, 2.0, 0.0), mosaic=False)
        found = true_day(store, PLAN, "gate-1", day)
    assert set(found.flows) == {"north", "south"}
    assert all(len(way) == 100 for flow in found.flows.values() for way in flow)
    into, out_of = found.flows["north"]
    assert (into[:2], out_of[:2], sum(into), sum(out_of)) == ([3, 4], [1, 0], 7, 1)
    assert (found.flows["south"][1][99], sum(found.flows["south"][0]), sum(found.flows["south"][1])) == (8, 0, 8)
    assert list(found.covered[:2]) == [2, 1]
    assert sum(found.covered) == 3
