"""Zones and lines by the minute: means, the most at once, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from passerby.store.database import Store
from passerby.store.migrate import open_store
from passerby.store.places import (
    Crossed,
    LineMinute,
    Stood,
    ZoneCount,
    ZoneMinute,
    add_places,
    line_minutes_between,
    zone_minutes_between,
)
from passerby.store.traffic import Driven, VehicleMinute, vehicle_minutes_between

S = 1_000_000
NOON = 1_795_435_200 * S


@pytest.fixture
def store(tmp_path: Path, place: Callable[[Path], Path]) -> Iterator[Store]:
    with open_store(place(tmp_path / "db"), lambda: NOON / S) as store:
        yield store


def zone(
    at_s: int, people: float, speed: float | None = None, name: str = "hall", area: float | None = 20.0
) -> ZoneCount:
    return ZoneCount("gate", name, NOON + at_s * S, people, people - 1, people + 1, area, speed)


def test_a_minute_is_the_mean_of_its_seconds(store: Store) -> None:
    add_places(store, [zone(0, 2, 1.0), zone(1, 6), zone(59, 4, 2.0), zone(60, 9, name="stairs", area=None)], [])
    assert zone_minutes_between(store, "gate", NOON, NOON + 120 * S) == [
        ZoneMinute("hall", NOON, 4.0, 3.0, 5.0, 6.0, 0.2, 1.5, density_max=0.3),
        ZoneMinute("stairs", NOON + 60 * S, 9.0, 8.0, 10.0, 9.0, None, None),
    ]
    assert zone_minutes_between(store, "other", NOON, NOON + 120 * S) == []


def test_how_a_zone_stood_goes_into_its_minute(store: Store) -> None:
    east, none = (255, 0, 0, 0, 0, 0, 0, 0), (0,) * 8
    stood = [
        Stood("gate", "hall", NOON, "queue", east, 0.01, 1.5, (4.0, 3.0)),
        Stood("gate", "hall", NOON + S, "queue", none, None, 2.5, (6.0, 5.0)),
        Stood("gate", "hall", NOON + 2 * S, "queue", (0, 255, 0, 0, 0, 0, 0, 0), 0.005, 0.5, None),
        # Nobody has counted there in that minute.
        Stood("gate", "hall", NOON + 60 * S, "queue", east, 0.1, 1.0, None),
    ]
    add_places(store, [zone(0, 2), zone(1, 4), zone(2, 6)], [], stood)
    (minute,) = zone_minutes_between(store, "gate", NOON, NOON + 120 * S)
    assert minute == ZoneMinute(
        "hall", NOON, 4.0, 3.0, 5.0, 6.0, 0.2, None, "queue", 0.3, (0.5, 0.5, 0, 0, 0, 0, 0, 0), 0.01, 2.5, 5.0, 4.0
    )


def test_vehicles_add_up_by_kind(store: Store) -> None:
    driven = [
        Driven("gate", "road", NOON, {"car": 2}, {"truck": 1}, 0.5, 7.0),
        Driven("gate", "road", NOON + S, {}, {}, 0.0, 7.0),
        Driven("gate", "road", NOON + 2 * S, {"car": 1}, {}, 0.25, 7.0),
    ]
    add_places(store, [], [Crossed("gate", "road", NOON, 5, 0, 7.0)], (), driven)
    assert line_minutes_between(store, "gate", NOON, NOON + 60 * S) == [LineMinute("road", NOON, 5, 0, 7.0, 0.25)]
    assert vehicle_minutes_between(store, "gate", NOON, NOON + 60 * S) == [
        VehicleMinute("road", NOON, "car", 3, 0),
        VehicleMinute("road", NOON, "truck", 0, 1),
    ]


def test_crossings_add_up(store: Store) -> None:
    add_places(store, [], [Crossed("gate", "door", NOON, 2, 1)])
    add_places(store, [], [Crossed("gate", "door", NOON + 5 * S, 1, 0), Crossed("gate", "door", NOON + 61 * S, 0, 4)])
    assert line_minutes_between(store, "gate", NOON, NOON + 120 * S) == [
        LineMinute("door", NOON, 3, 1),
        LineMinute("door", NOON + 60 * S, 0, 4),
    ]
