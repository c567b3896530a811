"""Zones and lines on their way from a darkroom to the store."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from passerby.crowd.scene_file import parse
from passerby.outlet.messages import (
    FIRST_LINE,
    WHOLE_CAMERA,
    LineCounts,
    LineVehicles,
    ZoneCounts,
    ZoneCrowd,
)
from passerby.station.place_records import Due, PlaceRecords
from passerby.store.places import Crossed, Stood, ZoneCount
from passerby.store.traffic import Driven

SCENE = parse(
    json.dumps(
        {
            "version": 1,
            "camera": "",
            "ground": {
                "image": [[0, 0], [100, 0], [100, 100], [0, 100]],
                "metres": [[0, 0], [10, 0], [10, 10], [0, 10]],
            },
            "zones": [{"id": "hall", "polygon": [[0, 0], [100, 0], [100, 100], [0, 100]]}],
            "lines": [{"id": "door", "from": [0, 50], "to": [100, 50]}],
        }
    )
)


def test_numbers_get_their_names() -> None:
    records = PlaceRecords("one", SCENE)
    assert (records.name(0), records.name(FIRST_LINE), records.name(WHOLE_CAMERA)) == ("hall", "door", "")
    records.take(ZoneCounts(1.0, 0, 4, 3, 5, 1.5, 1, 2), 7)
    records.take(ZoneCounts(2.0, 0, 4, 3, 5, -1, -1, -1), 8)
    records.take(ZoneCrowd(2.0, 0, bytes([0, 255, 0, 0, 0, 0, 0, 0]), 0.5, 1.5, -1, -1), 9)
    records.take(LineCounts(2.0, 0, 2, 1), 8)
    # How a zone stood is of the time at which it was counted: a minute may end between two messages.
    assert records.due() == Due(
        [
            ZoneCount("one", "hall", 7, 4, 3, 5, pytest.approx(100.0), 1.5),
            ZoneCount("one", "hall", 8, 4, 3, 5, pytest.approx(100.0), None),
        ],
        [Stood("one", "hall", 8, "walkway", (0, 255, 0, 0, 0, 0, 0, 0), 0.5, 1.5, None)],
        [Crossed("one", "door", 8, 2, 1, pytest.approx(10.0))],
    )
    assert not records.due()


def vehicles(cars_in: int, trucks_out: int, occupied: int = 0) -> LineVehicles:
    return LineVehicles(0.0, 0, bytes([0, cars_in, 0, 0, 0, 0]), bytes([0, 0, 0, 0, 0, trucks_out]), occupied)


def test_vehicles_by_their_kinds_and_how_long_they_stood_there() -> None:
    records = PlaceRecords("one", SCENE)
    for time_us, told in ((1, vehicles(2, 0, 51)), (2, vehicles(0, 0)), (3, vehicles(0, 1, 255))):
        records.take(told, time_us)
    assert records.due().driven == [
        Driven("one", "door", 1, {"car": 2}, {}, 0.2, pytest.approx(10.0)),
        Driven("one", "door", 2, {}, {}, 0.0, pytest.approx(10.0)),
        Driven("one", "door", 3, {}, {"truck": 1}, 1.0, pytest.approx(10.0)),
    ]


def test_sums_become_what_is_new_and_another_darkroom_begins_at_nothing() -> None:
    records = PlaceRecords("one", SCENE)
    for time_us, into, out_of in ((1, 5, 0), (2, 5, 0), (3, 7, 1), (4, 1, 0)):
        records.take(LineCounts(0.0, 0, into, out_of), time_us)
    assert records.due().crossed == [
        Crossed("one", "door", 1, 5, 0, pytest.approx(10.0)),
        Crossed("one", "door", 3, 2, 1, pytest.approx(10.0)),
        Crossed("one", "door", 4, 1, 0, pytest.approx(10.0)),
    ]


@pytest.mark.parametrize("scene", [None, SCENE])
def test_what_the_scene_has_not_is_not_kept(scene: object) -> None:
    records = PlaceRecords("one", scene)  # type: ignore[arg-type]
    records.take(ZoneCounts(1.0, 9, 4, 3, 5, 1, 1, 1), 7)
    records.take(LineCounts(1.0, 9, 4, 3), 7)
    records.take(ZoneCrowd(1.0, 9, bytes(8), -1, -1, -1, -1), 7)
    records.take(replace(vehicles(1, 1), line=9), 7)
    assert not records.due()
    assert (records.name(9), records.name(FIRST_LINE + 9)) == ("", "")
