"""One look at a time, in this thread or another; what it may still hide waits for it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.unit.darkroom.scenes import Box, cells_of, copied, found, same, textured
from tests.unit.darkroom.script import FAULT, Item, Script, watched
from tests.unit.darkroom.slow import Slow

from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.find.finder import EVIDENCE, QUICK, Look
from passerby.darkroom.find.found import NOTHING, Found
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.looking import LOOK_EVERY, LOOK_EVERY_S, Asked, Looking
from passerby.darkroom.pace import LEARNING_PART, LONGEST_LEARNING_S, Pace
from passerby.darkroom.pending import LOOK_BACK_S, MOST_WAITING
from passerby.darkroom.redaction import Options, Redaction
from passerby.outlet.messages import Mode, Mosaic

GRID = Grid(160, 128)
SIZE = (160, 128)
SCENE = textured(GRID, 3)
BOX: Box = (40, 40, 60, 96)
HEAD = cells_of((41, 40, 59, 56), GRID)
PERSON = found(BOX, score=0.8)
FPS = 25


class Eyes:
    """Remembers what it was shown."""

    def __init__(self, answer: Found = NOTHING) -> None:
        self.answer = answer
        self.seen: list[RawPlanes] = []

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        self.seen.append(copied(planes))
        return self.answer


def asked(planes: RawPlanes, time_s: float = 0.0) -> Asked:
    return Asked(QUICK, planes, reduce(planes, GRID), False, time_s, time_s)


def test_without_a_worker_the_answer_is_there_at_once() -> None:
    looking = Looking(Eyes(PERSON), SIZE)
    assert looking.idle
    looking.ask(asked(SCENE), 0)
    assert looking.searching_s is None
    looked = looking.take()
    assert looked is not None
    assert looked.found is PERSON
    assert looking.take() is None
    assert looking.idle


@pytest.mark.parametrize(
    ("frame", "time_s", "due"), [(1, 0.1, False), (LOOK_EVERY, 0.1, True), (1, LOOK_EVERY_S, True)]
)
def test_a_file_is_searched_every_few_frames(frame: int, time_s: float, due: bool) -> None:
    looking = Looking(Eyes(), SIZE)
    assert looking.due(0, 0.0)
    looking.ask(asked(SCENE), 0)
    looking.take()
    assert looking.due(frame, time_s) is due


def test_a_camera_is_searched_as_often_as_its_pace_allows() -> None:
    looking = Looking(Eyes(), SIZE, pace=Pace(lambda: 100.0))
    looking.ask(asked(SCENE, 100.0), 0)
    assert not looking.due(99, 100.0 + LOOK_EVERY_S / 2)
    looking.take()
    assert not looking.due(99, 100.0 + LOOK_EVERY_S / 2)
    assert looking.due(1, 100.0 + LOOK_EVERY_S + 0.01)


def test_learning_takes_a_part_of_searching() -> None:
    looking = Looking(Eyes(), SIZE, pace=Pace(lambda: 100.0, 0.1))
    assert looking.may_learn(100.0)
    looking.ask(replace(asked(SCENE, 100.0), look=EVIDENCE), 0)
    looked = looking.take()
    assert looked is not None
    rest_s = looked.taken_ns / 1e9 / (0.1 * LEARNING_PART)
    later_s = 100.0 + max(LOOK_EVERY_S, rest_s)
    assert not looking.may_learn(100.0 + LOOK_EVERY_S / 2)
    assert looking.may_learn(later_s + 0.01)
    assert Pace(lambda: 0.0, 0.1).learning_rest_s(0.3) == pytest.approx(12)
    assert Pace(lambda: 0.0, 0.1).learning_rest_s(9.0) == LONGEST_LEARNING_S


def test_a_worker_searches_the_frame_as_it_was() -> None:
    """Its slot is given back, and written into, before the worker comes to it."""
    worker, eyes = Slow(), Eyes()
    looking = Looking(eyes, SIZE, worker)
    for seed in (1, 2):
        frame = textured(GRID, seed)
        looking.ask(asked(frame, 7.0), 0)
        assert looking.searching_s == 7.0
        assert not looking.idle
        assert looking.take() is None
        for plane in (frame.y, frame.u, frame.v):
            plane[:] = 0
        worker.work()
        assert not looking.idle, "what was found has not been taken yet"
        looked = looking.take()
        assert looked is not None
        assert looking.searching_s is None
        assert same(eyes.seen[-1], textured(GRID, seed))
        assert same(looked.asked.planes, textured(GRID, seed)), "learnt from as it was searched"


def test_an_error_of_the_worker_is_not_passed_over() -> None:
    worker = Slow()
    looking = Looking(Eyes(), SIZE, worker)
    looking.ask(asked(SCENE), 0)
    worker.waiting[0][0].set_exception(MemoryError())
    looking.wait()
    with pytest.raises(MemoryError):
        looking.take()


def camera(script: Script, worker: Slow, monkeypatch: pytest.MonkeyPatch) -> Item:
    """A camera whose plate was learnt before, with a worker."""
    item = watched(Item(GRID, script, Options(count=True, live=True)), monkeypatch)
    item.work = Redaction(item.about, SIZE, script, item.out.append, item.tally, item.options, worker)
    item.learn(lambda _: SCENE)
    item.about = replace(item.about, flags=Record.LIVE | Record.LAST_PASS)
    item.work.resume(item.about, item.tally)
    assert item.tally.mode is Mode.PLATE
    script.says_the_same_to_whoever_learns()
    return item


def play(item: Item, start: int, count: int) -> None:
    for n in range(start, start + count):
        item.work.redact(copied(SCENE), replace(item.record(n), flags=0))


def test_nothing_is_shown_that_a_look_under_way_may_still_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Slow()
    item = camera(Script(lambda _: PERSON), worker, monkeypatch)
    play(item, 0, FPS + 10)
    assert len(worker.waiting) == 1, "one look at a time, and frames go on"
    assert item.shown == []
    worker.work()
    play(item, FPS + 10, 1)
    # The first look's frame and all that waited behind it hide what it found.
    assert item.shown
    assert all((shown.reasons[HEAD] > 0).all() for shown in item.shown)
    assert len(item.shown) == FPS + 10 + 1 - math.ceil(LOOK_BACK_S * FPS)


def test_what_can_not_wait_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Slow()
    item = camera(Script(lambda _: PERSON), worker, monkeypatch)
    play(item, 0, MOST_WAITING + 7)
    assert item.shown == []
    assert item.tally.left_out == 7
    assert item.tally.health().skipped == 7
    worker.work()
    play(item, MOST_WAITING + 7, 1)
    assert all((shown.reasons[HEAD] > 0).all() for shown in item.shown)


def test_a_camera_whose_networks_answer_nonsense_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Slow()
    item = camera(Script(lambda _: FAULT), worker, monkeypatch)
    play(item, 0, 3)
    worker.work()
    play(item, 3, FPS)
    worker.work()
    item.work.finish()
    assert {shown.mosaic for shown in item.shown[3:]} == {Mosaic.DETECTOR_FAULT}


def test_the_end_waits_for_what_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Slow()
    item = camera(Script(lambda _: PERSON), worker, monkeypatch)
    play(item, 0, 5)
    worker.work()
    item.work.finish()
    assert len(item.shown) == 5
    assert all((shown.reasons[HEAD] > 0).all() for shown in item.shown)
