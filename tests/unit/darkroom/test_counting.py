"""Detections to counts."""

from __future__ import annotations

import pytest
from tests.unit.darkroom.scenes import found

from passerby.crowd.occupancy import chances, of_chances
from passerby.darkroom.counting import SMOOTHED_OVER, VEHICLE_SCORE, Counter
from passerby.darkroom.find.found import NOTHING, Kind, together
from passerby.outlet.messages import Counts, Message

BOX = (10.0, 10.0, 20.0, 40.0)


def counter(*, per_frame: bool = True) -> tuple[Counter, list[Message]]:
    out: list[Message] = []
    return Counter(out.append, per_frame=per_frame), out


def test_one_for_each_frame() -> None:
    counts, out = counter()
    for n in range(7):
        counts.tick(n, n / 25)
    assert out == [Counts(n, n / 25, 0, 0, 0, 0) for n in range(7)]


def test_one_a_second() -> None:
    counts, out = counter(per_frame=False)
    for n in range(100):
        counts.tick(n, n / 25 + 0.3)
    assert [(m.frame, round(m.time_s, 3)) for m in out] == [(0, 0.3), (18, 1.02), (43, 2.02), (68, 3.02), (93, 4.02)]


def test_frames_far_apart_are_one_each() -> None:
    counts, out = counter(per_frame=False)
    for n in range(4):
        counts.tick(n, n * 2.5)
    assert [m.frame for m in out] == [0, 1, 2, 3]


def test_people_are_the_sum_of_their_chances() -> None:
    counts, out = counter()
    people = found(BOX, BOX, BOX, score=0.6)
    counts.saw(people)
    counts.tick(0, 0.0)
    wanted = of_chances(chances(people.scores, people.boxes).tolist(), 3)
    assert out == [Counts(0, 0.0, wanted.value, wanted.low, wanted.high, 0)]
    assert 2.5 < wanted.value < 3


def test_faces_and_number_plates_are_nobody_more() -> None:
    counts, out = counter()
    counts.saw(together([found(BOX, kind=Kind.FACE), found(BOX, kind=Kind.NUMBER_PLATE)]))
    counts.tick(0, 0.0)
    assert out == [Counts(0, 0.0, 0, 0, 0, 0)]


@pytest.mark.parametrize(("score", "vehicles"), [(VEHICLE_SCORE + 0.01, 2), (VEHICLE_SCORE - 0.01, 0)])
def test_vehicles_are_counted_and_are_no_people(score: float, vehicles: int) -> None:
    counts, out = counter()
    counts.saw(found(BOX, BOX, kind=Kind.VEHICLE, score=score))
    counts.tick(0, 0.0)
    assert out == [Counts(0, 0.0, 0, 0, 0, vehicles)]


def test_a_flicker_is_smoothed_away_and_a_stay_is_not() -> None:
    counts, out = counter()
    seen = [found(BOX, kind=Kind.VEHICLE)] * SMOOTHED_OVER + [NOTHING] + [found(BOX, kind=Kind.VEHICLE)] + [NOTHING] * 5
    for n, what in enumerate(seen):
        counts.saw(what)
        counts.tick(n, n / 25)
    assert [m.vehicles for m in out] == [1] * 8 + [0] * 4


def test_the_last_count_stands_until_there_is_a_new_one() -> None:
    counts, out = counter()
    counts.saw(found(BOX, kind=Kind.VEHICLE))
    for n in range(5):
        counts.tick(n, n / 25)
    assert [m.vehicles for m in out] == [1] * 5


def test_an_empty_scene_is_exactly_nobody() -> None:
    counts, out = counter()
    for n in range(20):
        counts.saw(NOTHING)
        counts.tick(n, n / 25)
    assert {(m.people, m.low, m.high, m.vehicles) for m in out} == {(0, 0, 0, 0)}
