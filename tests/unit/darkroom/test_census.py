"""Counting without a picture."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.darkroom.scenes import blank, found, painted
from tests.unit.darkroom.script import FAULT, Script

from passerby.crowd import scene_file
from passerby.crowd.calibration import FOUND, calibrate
from passerby.darkroom._frames import RawPlanes, Record, What
from passerby.darkroom.alarm import SIGHT_EVERY_S
from passerby.darkroom.census import LOOK_EVERY_S, LOOKS, Census
from passerby.darkroom.find.finder import COUNT, DENSE, Look
from passerby.darkroom.find.found import NOTHING, Found, Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.redaction import Options
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.shifts import WANTED_S
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import (
    Counts,
    Features,
    LineCounts,
    LineVehicles,
    Message,
    Mode,
    Mosaic,
    ZoneCounts,
    ZoneCrowd,
)

GRID = Grid(64, 64)
FRAME = blank(GRID)
CAR = found((10, 10, 30, 30), kind=Kind.VEHICLE)


def counted(
    script: Script, frames: int, *, per_frame: bool = True, flags: Any = lambda _: 0
) -> tuple[list[Message], Tally, Census]:
    out: list[Message] = []
    about = replace(ABOUT, time_base_num=1, time_base_den=25)
    census = Census(about, (64, 64), script, out.append, tally := Tally(bytes(32)), Options(per_frame=per_frame))
    for n in range(frames):
        script.now = n
        census.count(FRAME, replace(about, what=What.FRAME, pts=n, flags=flags(n)))
    census.finish()
    return out, tally, census


def test_only_numbers_leave() -> None:
    out, tally, census = counted(Script(lambda _: CAR), 30)
    assert {type(m) for m in out} == {Counts}
    assert [m.frame for m in out] == list(range(30))
    assert [m.vehicles for m in out] == [1] * 30
    assert tally.frames == 30
    assert tally.hidden_frames == 30
    assert tally.mode is Mode.MOSAIC
    assert tally.mosaic_frames[Mosaic.NONE] == 30
    assert census.duration_s == pytest.approx(29 / 25)


def test_it_looks_every_so_often_for_people_and_vehicles_only() -> None:
    script = Script()
    _, tally, _ = counted(script, 50, per_frame=False)
    gaps = {b - a for a, b in itertools.pairwise(script.frames)}
    assert script.frames[0] == 0
    assert gaps <= {round(LOOK_EVERY_S * 25), round(LOOK_EVERY_S * 25) + 1}
    assert {id(look) for look in script.looks} == {id(COUNT)}
    assert LOOKS == (COUNT,)
    assert not COUNT.faces
    assert not COUNT.number_plates
    assert tally.detections == len(script.looks)


def test_one_number_for_each_frame_is_of_that_frame() -> None:
    script = Script()
    counted(script, 20)
    assert script.frames == list(range(20))


def test_once_a_second_unless_per_frame() -> None:
    out, _, _ = counted(Script(), 60, per_frame=False)
    assert [m.frame for m in out] == [0, 25, 50]


def test_nobody_is_exactly_nobody() -> None:
    out, _, _ = counted(Script(), 30)
    assert {(m.people, m.low, m.high, m.vehicles) for m in out} == {(0, 0, 0, 0)}


def test_a_broken_network_is_no_number() -> None:
    out, tally, _ = counted(Script(lambda n: FAULT if n >= 5 else CAR), 40)
    assert [m.vehicles for m in out] == [1] * 40
    assert tally.detections == 40


def test_a_network_broken_from_the_start_counts_nobody() -> None:
    out, _, _ = counted(Script(lambda _: FAULT), 10)
    assert [m.people for m in out] == [0] * 10


@pytest.mark.parametrize("flag", [Record.DAMAGED, Record.RESIZED])
def test_doubtful_frames_are_not_looked_at_but_counted_on(flag: int) -> None:
    script = Script(lambda n: CAR if n == 0 else NOTHING)
    out, _, _ = counted(script, 5, flags=lambda n: flag if n else 0)
    assert script.frames == [0]
    assert [m.vehicles for m in out] == [1] * 5


def test_a_look_that_was_due_on_a_doubtful_frame_is_made_on_the_next() -> None:
    script = Script()
    counted(script, 8, per_frame=False, flags=lambda n: Record.DAMAGED if n == 5 else 0)
    assert script.frames == [0, 6]


def rests(keyframes: bool) -> list[tuple[float, float]]:
    """Of a camera: the time of each picture that it asked for, and for how long it needed no other after it."""
    about = replace(ABOUT, time_base_num=1, time_base_den=25, flags=Record.LIVE | Record.LAST_PASS)
    options = Options(count_every_s=5, search_share=0.5, keyframes=keyframes)
    script = Script()
    census = Census(about, (64, 64), script, lambda _: None, Tally(bytes(32)), options)
    assert census.rest_s == 0
    out, needed_s = [], 0.0
    for n in range(100):
        if n / 25 >= needed_s:
            census.count(FRAME, replace(about, what=What.FRAME, flags=0, pts=n))
            out.append((n / 25, census.rest_s))
            needed_s = n / 25 + census.rest_s
    return out


def test_a_camera_asks_for_pictures_often_enough_to_look_and_to_see_that_it_is_blind() -> None:
    for time_s, rest_s in rests(keyframes=False):
        assert 0 <= rest_s <= SIGHT_EVERY_S, time_s


def test_of_keyframes_it_asks_for_those_that_it_looks_at() -> None:
    assert all(rest_s > LOOK_EVERY_S - 1e-6 for _, rest_s in rests(keyframes=True))


def test_before_each_look_in_a_scene_it_asks_for_a_picture_to_see_how_people_move() -> None:
    about = replace(ABOUT, time_base_num=1, time_base_den=25, flags=Record.LIVE | Record.LAST_PASS)
    # So dear that it looks once in five seconds.
    options = Options(count_every_s=5, search_share=1e-9)
    census = Census(about, (64, 64), script := Script(), lambda _: None, Tally(bytes(32)), options, SCENE)
    asked: list[int] = []
    needed_s = 0.0
    for n in range(500):
        if n / 25 >= needed_s - 1e-9:
            script.now = n
            census.count(FRAME, replace(about, what=What.FRAME, flags=0, pts=n))
            asked.append(n)
            needed_s = n / 25 + census.rest_s
    assert len(script.frames) == 4
    for look in script.frames[1:]:
        assert any(abs((look - n) / 25 - WANTED_S) <= 0.05 for n in asked)


def test_a_file_needs_every_picture() -> None:
    _, _, census = counted(Script(), 3)
    assert census.rest_s == 0


SCENE = scene_file.of(
    {
        "version": 1,
        "ground": {"image": [[0, 0], [64, 0], [64, 64], [0, 64]], "metres": [[0, 0], [16, 0], [16, 16], [0, 16]]},
        "zones": [{"id": "all", "polygon": [[0, 0], [64, 0], [64, 64], [0, 64]]}],
        "lines": [{"id": "down", "from": [32, 0], "to": [32, 64]}],
    }
)


def walker(n: int) -> Found:
    """Somebody who walks to the right at 1.25 m/s: 0.2 px a frame, of which four are a metre, 25 frames a second."""
    x = 22 + 0.2 * n
    return found((x - 2, 20, x + 2, 30), score=0.9)


def test_zones_and_lines_leave_as_numbers() -> None:
    """The line runs down the picture: its right hand is on the left, so who walks to the right goes out."""
    out: list[Message] = []
    about = replace(ABOUT, time_base_num=1, time_base_den=25)
    script = Script(walker)
    census = Census(about, (64, 64), script, out.append, Tally(bytes(32)), Options(), scene=SCENE)
    for n in range(100):
        script.now = n
        census.count(FRAME, replace(about, what=What.FRAME, pts=n))
    census.finish()
    assert {type(m) for m in out} == {Counts, ZoneCounts, ZoneCrowd, LineCounts, LineVehicles}
    assert not any(any((*m.into, *m.out_of, m.occupied)) for m in out if isinstance(m, LineVehicles))
    ways = [m.ways for m in out if isinstance(m, ZoneCrowd)]
    # To the right, along X.
    assert ways[-1] == bytes([255, 0, 0, 0, 0, 0, 0, 0])
    zones = [m for m in out if isinstance(m, ZoneCounts)]
    lines = [m for m in out if isinstance(m, LineCounts)]
    assert (lines[-1].into, lines[-1].out_of) == (0, 1)
    assert [a.out_of <= b.out_of for a, b in itertools.pairwise(lines)] == [True] * (len(lines) - 1)
    assert 3 <= len(zones) <= 5
    assert all(z.people == pytest.approx(1, abs=0.05) and z.low <= z.people <= z.high for z in zones)
    assert zones[-1].speed == pytest.approx(1.25, rel=0.1)


def test_a_calibration_changes_what_leaves() -> None:
    made = calibrate([FOUND], [[n] for n in range(1, 11)], [2 * n for n in range(1, 11)])
    scene = scene_file.of({"version": 1, "calibration": made.to_json()})
    out: list[Message] = []
    script = Script(walker)
    about = replace(ABOUT, time_base_num=1, time_base_den=25)
    census = Census(about, (64, 64), script, out.append, Tally(bytes(32)), Options(per_frame=True), scene=scene)
    for n in range(20):
        script.now = n
        census.count(FRAME, replace(about, what=What.FRAME, pts=n))
    last = out[-1]
    assert isinstance(last, Counts)
    assert last.people == pytest.approx(2, abs=0.3)
    assert last.low <= last.people <= last.high


def test_a_calibration_counts_in_zones_too() -> None:
    """Two are found, one in each half of the picture; somebody counted twice as many."""
    made = calibrate([FOUND], [[n] for n in range(1, 11)], [2 * n for n in range(1, 11)])
    zones = [{"id": "left", "polygon": [[0, 0], [32, 0], [32, 64], [0, 64]]},
             {"id": "all", "polygon": [[0, 0], [64, 0], [64, 64], [0, 64]]}]  # fmt: skip
    scene = scene_file.of({"version": 1, "zones": zones, "calibration": made.to_json()})
    out: list[Message] = []
    script = Script(lambda _: found((14, 20, 18, 30), (46, 20, 50, 30), score=0.9))
    about = replace(ABOUT, time_base_num=1, time_base_den=25)
    census = Census(about, (64, 64), script, out.append, Tally(bytes(32)), Options(per_frame=True), scene=scene)
    for n in range(30):
        script.now = n
        census.count(FRAME, replace(about, what=What.FRAME, pts=n))
    left, whole = (next(m for m in out if isinstance(m, ZoneCounts) and m.zone == n) for n in (0, 1))
    last = next(m for m in reversed(out) if isinstance(m, Counts))
    assert left.people == pytest.approx(2, abs=0.3) and left.low <= left.people <= left.high
    assert (whole.people, whole.low, whole.high) == pytest.approx((last.people, last.low, last.high), abs=0.05)
    assert whole.people == pytest.approx(4, abs=0.5)


def calibrating(pictures: list[RawPlanes], *, calibrate: bool = True) -> list[Message]:
    """Two passes over a clip in which one person is found in every frame."""
    out: list[Message] = []
    about = replace(ABOUT, time_base_num=1, time_base_den=25)
    script = Script(lambda _: found((22, 20, 26, 30), score=0.9))
    options = Options(per_frame=True, calibrate=calibrate)
    census = Census(about, (64, 64), script, out.append, tally := Tally(bytes(32)), options)
    for last in (False, True):
        for n, planes in enumerate(pictures):
            record = replace(about, what=What.FRAME, pts=25 * n)
            census.count(planes, record) if last else census.learn(planes, record)
        census.resume(about, tally)
    return out


def test_features_leave_only_where_a_calibration_is_made() -> None:
    pictures = [FRAME] * 20
    assert {type(m) for m in calibrating(pictures)} == {Counts, Features}
    assert {type(m) for m in calibrating(pictures, calibrate=False)} == {Counts}


def test_features_are_numbers_of_their_frame() -> None:
    here = painted(FRAME, (20, 20, 28, 36), 200)
    told = [m for m in calibrating([FRAME] * 15 + [here] + [FRAME] * 5) if isinstance(m, Features)]
    assert [m.frame for m in told] == list(range(21))
    assert all(m.found == pytest.approx(1, abs=0.05) and m.weak == 1 and m.bodies == -1 for m in told)
    assert [m.frame for m in told if m.area > 0] == [15]
    assert told[15].area == pytest.approx(100 * 8 * 16 / 64**2)
    assert told[15].edge > 0


def test_in_a_clip_too_short_for_a_background_detections_speak_alone() -> None:
    told = [m for m in calibrating([FRAME] * 5) if isinstance(m, Features)]
    assert [(m.area, m.edge) for m in told] == [(-1, -1)] * 5


def test_a_packed_crowd_is_looked_at_closely_every_few_seconds() -> None:
    boxes = [(2.0 + 3 * (n % 20), 5.0 + 3 * (n // 20), 4.0 + 3 * (n % 20), 11.0 + 3 * (n // 20)) for n in range(300)]
    close, plain = found(*boxes, score=0.45), found(*boxes[:8], score=0.9)

    class Close(Script):
        def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
            super().find(planes, size, look, full_range=full_range)
            return close if look is DENSE else plain

    out: list[Message] = []
    about = replace(ABOUT, time_base_num=1, time_base_den=1)
    options = Options(per_frame=True, dense=True)
    census = Census(about, (64, 64), script := Close(), out.append, Tally(bytes(32)), options, SCENE)
    for n in range(11):
        script.now = n
        census.count(FRAME, replace(about, what=What.FRAME, pts=n))
    census.finish()
    assert [n for n, look in zip(script.frames, script.looks, strict=True) if look is DENSE] == [0, 5, 10]
    counts = [m for m in out if isinstance(m, Counts)]
    assert all(m.people > 100 and m.low < m.people < m.high for m in counts)
    zones = [m for m in out if isinstance(m, ZoneCounts)]
    # The zone is the whole picture.
    assert all(m.people == pytest.approx(counts[0].people, rel=0.05) for m in zones)
