"""Counting without a picture."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.darkroom.scenes import blank, found
from tests.unit.darkroom.script import FAULT, Script

from passerby.darkroom._frames import Record, What
from passerby.darkroom.census import LOOK_EVERY_S, LOOKS, Census
from passerby.darkroom.find.finder import COUNT
from passerby.darkroom.find.found import NOTHING, Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.redaction import Options
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Counts, Message, Mode, Mosaic

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
    _, tally, _ = counted(script, 50)
    gaps = {b - a for a, b in itertools.pairwise(script.frames)}
    assert script.frames[0] == 0
    assert gaps <= {round(LOOK_EVERY_S * 25), round(LOOK_EVERY_S * 25) + 1}
    assert {id(look) for look in script.looks} == {id(COUNT)}
    assert LOOKS == (COUNT,)
    assert not COUNT.faces
    assert not COUNT.number_plates
    assert tally.detections == len(script.looks)


def test_once_a_second_unless_per_frame() -> None:
    out, _, _ = counted(Script(), 60, per_frame=False)
    assert [m.frame for m in out] == [0, 25, 50]


def test_nobody_is_exactly_nobody() -> None:
    out, _, _ = counted(Script(), 30)
    assert {(m.people, m.low, m.high, m.vehicles) for m in out} == {(0, 0, 0, 0)}


def test_a_broken_network_is_no_number() -> None:
    out, tally, _ = counted(Script(lambda n: FAULT if n >= 5 else CAR), 40)
    assert [m.vehicles for m in out] == [1] * 40
    assert tally.detections == 8


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
    counted(script, 8, flags=lambda n: Record.DAMAGED if n == 5 else 0)
    assert script.frames == [0, 6]
