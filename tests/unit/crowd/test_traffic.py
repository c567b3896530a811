"""Vehicles at lines: their kinds, and how long a line is taken up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd.scene_file import of
from passerby.crowd.traffic import FOOTPRINT, VEHICLES, Traffic, reach
from passerby.darkroom.find.decode import NANODET_CLASSES
from passerby.outlet import messages

CAR, BUS, TRUCK = (VEHICLES.index(kind) for kind in ("car", "bus", "truck"))
SCENE = of(
    {
        "version": 1,
        "ground": {"image": [[0, 0], [100, 0], [100, 100], [0, 100]], "metres": [[0, 0], [20, 0], [20, 20], [0, 20]]},
        "lines": [{"id": "lane", "from": [0, 50], "to": [40, 50]}, {"id": "other", "from": [60, 50], "to": [100, 50]}],
    }
)


def traffic() -> Traffic:
    return Traffic(SCENE.lines, SCENE.ground, lambda: 3)


def see(counted: Traffic, time_s: float, *seen: tuple[float, float, int]) -> None:
    """Vehicles 20 pixels wide and high by the middle of their lower edge, and their kind."""
    boxes = np.array([(x - 10, y - 20, x + 10, y) for x, y, _ in seen], np.float32).reshape(-1, 4)
    kinds = np.array([kind for _, _, kind in seen], np.uint8)
    counted.saw(boxes, np.full(len(seen), 0.7, np.float32), kinds, time_s)


def test_the_kinds_are_the_networks_and_the_outlets() -> None:
    assert NANODET_CLASSES[1:] == VEHICLES == messages.VEHICLES


def test_a_vehicle_is_what_it_was_mostly_taken_for() -> None:
    counted = traffic()
    for n in range(20):
        see(counted, n * 0.2, (20, 20 + 4 * n, BUS if n in (3, 9, 11) else TRUCK), (80, 96 - 4 * n, CAR))
    lane, other = counted.lines()
    # Since the last answer.
    assert not any(any((*line.into, *line.out_of)) for line in counted.lines())
    assert lane.into == tuple(int(n == TRUCK) for n in range(6)) and not any(lane.out_of)
    assert other.out_of == tuple(int(n == CAR) for n in range(6)) and not any(other.into)


def test_occupancy_is_the_share_of_time_in_which_one_stands_there() -> None:
    counted = traffic()
    for n in range(10):
        see(counted, n * 0.2, *([(20, 55, CAR)] if n < 4 else []))
    assert [line.occupied for line in counted.lines()] == [0.4, 0.0]
    # Since the last answer.
    see(counted, 2.0, (80, 55, CAR))
    assert [line.occupied for line in counted.lines()] == [0.0, 1.0]
    assert [line.occupied for line in counted.lines()] == [0.0, 0.0]


def test_a_tall_lorry_behind_a_line_does_not_stand_on_it() -> None:
    lane = SCENE.lines[0]
    assert reach(lane, np.array([(10, 30, 30, 60)], np.float32)).tolist() == [True]
    assert reach(lane, np.array([(10, 30, 30, 90)], np.float32)).tolist() == [False]
    assert reach(lane, np.zeros((0, 4), np.float32)).tolist() == []


@given(*[st.floats(0, 100)] * 4)
def test_reaching_is_having_a_point_of_the_line_in_the_lower_half(x: float, y: float, wide: float, tall: float) -> None:
    box = np.array([(x, y, x + wide, y + tall)], np.float32)
    along = np.linspace(0, 1, 2001)[:, None]
    for line in SCENE.lines:
        p = line.start + along * (line.end - line.start)
        low = np.array([box[0, 0], box[0, 3] - FOOTPRINT * (box[0, 3] - box[0, 1])])
        assert reach(line, box)[0] >= bool(((p >= low) & (p <= box[0, 2:])).all(axis=1).any())
        if reach(line, box)[0]:
            assert ((p >= low - 0.1) & (p <= box[0, 2:] + 0.1)).all(axis=1).any()


@pytest.mark.parametrize("ground", [True, False])
def test_no_vehicle_is_no_number(ground: bool) -> None:
    counted = Traffic(SCENE.lines, SCENE.ground if ground else None, lambda: 0)
    for n in range(5):
        see(counted, n * 0.2)
    assert all(not any((*line.into, *line.out_of, line.occupied)) for line in counted.lines())
