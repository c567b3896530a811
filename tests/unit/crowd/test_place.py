"""A scene counted look by look: what a zone and a line say now, for alerts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.crowd.occupancy import Estimate
from passerby.crowd.place import Place
from passerby.crowd.pressure import TURBULENT
from passerby.crowd.scene_file import of
from passerby.crowd.traffic import VEHICLES
from passerby.crowd.zone_state import LEAST_CROWD

# 1000 x 1000 pixels are 10 x 10 m.
SCENE: dict[str, Any] = {
    "version": 1,
    "camera": "",
    "ground": {"image": [[0, 0], [1000, 0], [1000, 1000], [0, 1000]], "metres": [[0, 0], [10, 0], [10, 10], [0, 10]]},
    "zones": [{"id": "hall", "polygon": [[0, 0], [1000, 0], [1000, 1000], [0, 1000]]}],
    "lines": [{"id": "door", "from": [500, 0], "to": [500, 1000], "exit": "level", "way": "in"}],
}
LOOK_S = 0.2
CAR = VEHICLES.index("car")


def place(**changes: Any) -> Place:
    return Place(of(json.loads(json.dumps(SCENE)) | changes), lambda: 7)


def people(feet: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Boxes of people who surely stand there."""
    x, y = feet[:, 0], feet[:, 1]
    return np.column_stack((x - 20, y - 100, x + 20, y)).astype(np.float32), np.full(len(feet), 0.95, np.float32)


def walk(counted: Place, speeds: NDArray[np.float64], looks: int, start_s: float = 0.0, x: float = 800.0) -> float:
    """People one below the other walk along x, at these speeds in m/s; the time of the last look."""
    rows = 60.0 + 120.0 * np.arange(len(speeds))
    for n in range(looks):
        at_s = start_s + n * LOOK_S
        feet = np.column_stack((x + speeds * 100 * n * LOOK_S, rows))
        counted.saw(*people(feet), at_s)
    return start_s + (looks - 1) * LOOK_S


def test_a_zone_now() -> None:
    counted = place()
    walk(counted, np.full(6, -1.0), 10)
    (hall,) = counted.zones_now()
    assert hall.density is not None and hall.density.value == pytest.approx(0.06, rel=0.2)
    assert hall.speed is not None and hall.speed.value == pytest.approx(1.0, abs=0.15)
    assert hall.pressure is not None and hall.pressure.value < 0.01


def test_few_are_no_crowd() -> None:
    counted = place()
    walk(counted, np.full(LEAST_CROWD - 1, -1.0), 10)
    (hall,) = counted.zones_now()
    assert hall.speed is None and hall.pressure is None and hall.density is not None


# 1.6 x 1.6 m: what walks 1 m in the large picture walks 0.16 m here.
SMALL = SCENE["ground"] | {"metres": [[0, 0], [1.6, 0], [1.6, 1.6], [0, 1.6]]}


def pushed(counted: Place, speed: float, seconds: float = 4.0, ground_px_m: float = 625.0) -> None:
    """Twelve people stand close, and the picture shows them pushed to and fro together, once a second."""
    x, y = np.meshgrid(np.linspace(100, 900, 4), np.linspace(200, 900, 3))
    boxes, scores = people(np.column_stack((x.ravel(), y.ravel())))
    for n in range(round(seconds / LOOK_S)):
        at_s = n * LOOK_S
        shifts = np.tile((speed * ground_px_m * np.sin(2 * np.pi * at_s), 0.0), (12, 1))
        counted.saw(boxes, scores, at_s, shifts=shifts)


def test_pressure_comes_of_a_crowd_that_is_pushed_to_and_fro() -> None:
    still, stirred = place(ground=SMALL), place(ground=SMALL)
    pushed(still, 0.0)
    pushed(stirred, 0.3)
    none, found = (p.zones_now()[0].pressure for p in (still, stirred))
    assert none == Estimate(0.0, 0.0, 0.0)
    assert found is not None and found.low <= found.value <= found.high
    # Twelve on 2.56 m², half the square of the greatest speed.
    assert found.value == pytest.approx(12 / 2.56 * 0.3**2 / 2, rel=0.25)
    assert found.value > TURBULENT
    (hall,) = stirred.zones()
    assert hall.pressure == pytest.approx(found.value, rel=0.5)
    assert hall.densest is not None and hall.density is not None
    assert hall.densest == pytest.approx(hall.density.value, rel=0.1)


def test_a_crowd_that_walks_two_ways_is_not_pressed() -> None:
    counted = place(ground=SMALL)
    walk(counted, np.array([-1.5, 1.5] * 4), 12, x=500)
    (hall,) = counted.zones_now()
    assert hall.pressure is not None and hall.pressure.value < TURBULENT / 2


def test_the_field_speaks_where_the_picture_tells_and_tracks_elsewhere() -> None:
    """Of six who walk to the left by their tracks, the picture says of three that they walk to the right."""
    counted = place()
    rows = 60.0 + 120.0 * np.arange(6)
    for n in range(10):
        shifts = np.full((6, 2), np.nan)
        shifts[:3] = 100.0, 0.0
        counted.saw(*people(np.column_stack((np.full(6, 800.0 - 20 * n), rows))), n * LOOK_S, shifts=shifts)
    (hall,) = counted.zones()
    assert hall.ways[0] > 0.4 and hall.ways[4] > 0.3
    assert hall.speed is not None and hall.speed.value == pytest.approx(1.0, abs=0.15)


def test_people_and_length_of_a_queue() -> None:
    """Six stand 1 m apart from the head on, two walk by, and one stands far off."""
    counted = place(zones=[SCENE["zones"][0] | {"head": [500, 100], "profile": "queue"}])
    standing = np.array([(500.0, 150.0 + 100 * n) for n in range(6)] + [(50.0, 950.0)])
    for n in range(15):
        walking = np.array([(300.0 + 25 * n, 400.0), (300.0 + 25 * n, 600.0)])
        counted.saw(*people(np.concatenate((standing, walking))), n * LOOK_S)
    counted.zones()
    for n in range(15, 20):
        counted.saw(*people(standing), n * LOOK_S)
    (hall,) = counted.zones()
    assert hall.queue is not None
    assert hall.queue.people == 6 and hall.queue.length_m == pytest.approx(5.5, abs=0.1)
    assert place().zones()[0].queue is None


def test_in_a_crowd_the_field_beside_a_line_says_who_goes_against_it() -> None:
    """60 people on 10 m by 4 m: a quarter moves against the way, whichever that is."""
    away, back = (100.0, 0.0), (-100.0, 0.0)
    shares = []
    for way in ("in", "out"):
        counted = place(lines=[SCENE["lines"][0] | {"way": way}])
        rows = 25.0 + 50 * np.arange(20)
        feet = np.concatenate([np.column_stack((np.full(20, x), rows)) for x in (450.0, 500.0, 550.0)])
        shifts = np.array(([away] * 3 + [back]) * 15)
        for n in range(5):
            counted.saw(*people(feet), n * LOOK_S, shifts=shifts)
        assert counted.lines() == [(0, 0)]
        against = counted.lines_now()[0].against
        assert against is not None and against.low <= against.value <= against.high
        shares.append(against.value)
    assert sorted(shares) == [0.25, 0.75]


def test_a_few_beside_a_line_are_no_crowd() -> None:
    counted = place()
    feet = np.array([(450.0, 100.0 + 100 * n) for n in range(8)])
    for n in range(5):
        counted.saw(*people(feet), n * LOOK_S, shifts=np.tile((-100.0, 0.0), (8, 1)))
    assert counted.lines_now()[0].against is None


def test_few_who_walk_different_ways_press_nobody() -> None:
    square = place()
    walk(square, np.array([-1.5, 1.5] * 4), 12, x=500)
    assert square.zones_now()[0].pressure == Estimate(0.0, 0.0, 0.0)


def test_a_line_now() -> None:
    counted = place()
    assert counted.lines_now()[0].against is None
    # Up the picture's line, its right side has the larger x: whoever walks towards smaller x comes from there.
    end_s = walk(counted, np.full(6, -1.0), 40)
    (door,) = counted.lines_now()
    into, out_of = counted.lines()[0]
    assert sorted((into, out_of)) == [0, 6]
    assert door.flow is not None and door.flow.value == pytest.approx(6 / end_s / 10, rel=0.05)
    assert door.against is not None and door.against.value == (1.0 if out_of else 0.0)
    assert door.against.low <= door.against.value <= door.against.high


def test_who_goes_the_other_way_is_against_it() -> None:
    one, other = place(), place(lines=[SCENE["lines"][0] | {"way": "out"}])
    for counted in (one, other):
        walk(counted, np.full(6, -1.0), 40)
    shares = [counted.lines_now()[0].against for counted in (one, other)]
    assert shares[0] is not None and shares[1] is not None
    assert sorted((shares[0].value, shares[1].value)) == [0.0, 1.0]


def test_without_a_ground_there_are_no_metres() -> None:
    counted = place(ground=None)
    walk(counted, np.full(6, -1.0), 10)
    (hall,) = counted.zones_now()
    assert hall.density is None and hall.speed is None and hall.pressure is None
    assert counted.lines_now()[0].flow is None


def test_a_clock_that_runs_backwards_begins_anew() -> None:
    counted = place()
    walk(counted, np.full(6, -1.0), 40, start_s=1000.0)
    walk(counted, np.full(6, 0.0), 3, start_s=0.0)
    (door,) = counted.lines_now()
    assert door.flow is not None and door.flow.value >= 0


def drive(
    counted: Place, metres_a_look: float, looks: int, lanes: int = 2, gap_looks: int = 6, kind: int = CAR
) -> None:
    """Cars one behind the other in lanes beside each other, straight down the picture, each seen at every look."""
    for n in range(looks):
        boxes = []
        for car in range(4):
            for lane in range(lanes):
                foot = 100 * metres_a_look * (n - car * gap_looks) + 40 * lane
                if 0 < foot < 1000:
                    x = 300 + 300 * lane
                    boxes.append((x - 90, foot - 150, x + 90, foot))
        given = np.array(boxes, np.float32).reshape(-1, 4)
        kinds = np.full(len(given), kind, np.uint8)
        counted.saw_vehicles(given, np.full(len(given), 0.6, np.float32), kinds, n * LOOK_S)


ACROSS = [{"id": "road", "from": [0, 500], "to": [1000, 500]}]


@pytest.mark.parametrize("ground", [SCENE["ground"], None])
@pytest.mark.parametrize("metres_a_look", [0.3, 1.0])
def test_vehicles_cross_a_line_each_once(ground: Any, metres_a_look: float) -> None:
    """Up to 5 m/s in a picture 10 m high; people's lines count none of them."""
    counted = place(lines=ACROSS, **({"ground": ground} if ground else {"ground": None, "zones": []}))
    drive(counted, metres_a_look, 80, gap_looks=14)
    # From the left end of the line looking to its right, down the picture is to the right hand: in.
    (road,) = counted.vehicle_lines()
    assert road.into == tuple(8 * (kind == "car") for kind in VEHICLES) and not any(road.out_of)
    assert counted.lines() == [(0, 0)]


def test_a_weak_vehicle_is_not_followed_and_a_parked_one_crosses_nothing() -> None:
    counted = place(lines=ACROSS)
    for n in range(40):
        foot = 50 + 25 * n
        weak = np.array([(100, foot - 150, 280, foot)], np.float32)
        counted.saw_vehicles(weak, np.array([0.2], np.float32), np.array([CAR], np.uint8), n * 0.2)
        shaken = 500 + 12 * (-1) ** n
        parked = np.array([(600, shaken - 150, 780, shaken)], np.float32)
        counted.saw_vehicles(parked, np.array([0.9], np.float32), np.array([CAR], np.uint8), n * 0.2 + 0.1)
    (road,) = counted.vehicle_lines()
    assert not any((*road.into, *road.out_of))
