"""One item from raw frames to redacted packets: what is shown, when, and why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.darkroom.scenes import (
    Box,
    blank,
    cells_of,
    copied,
    found,
    noise,
    painted,
    planes_of,
    same,
    shuffled_in_cells,
    textured,
)
from tests.unit.darkroom.script import FAULT, LEARNING_FRAMES, Item, Script, watched

from passerby.base.errors import OutletError
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.find.finder import EVERYTHING, EVIDENCE, QUICK
from passerby.darkroom.find.found import NOTHING, Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.looking import LOOK_EVERY
from passerby.darkroom.redaction import Options
from passerby.darkroom.rehearsal import ABOUT
from passerby.outlet.messages import Codec, Explain, Mode, Mosaic, RedactedPacket, Stream

GRID = Grid(160, 128)
SCENE = textured(GRID, 3)
BOX: Box = (40, 40, 60, 96)
PLACE = cells_of(BOX, GRID)
HEAD = cells_of((41, 40, 59, 56), GRID)
PERSON = found(BOX, score=0.8)
MARK = 253
Make = Callable[..., Item]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    def made(script: Script | None = None, *, plate: bool = True, **options: Any) -> Item:
        chosen = Options(**({"count": True, "per_frame": True} | options))
        item = watched(Item(GRID, script or Script(), chosen), monkeypatch)
        if plate:
            item.learn(lambda _: SCENE)
            assert item.tally.mode is Mode.PLATE
        return item

    return made


def scenes(count: int) -> list[RawPlanes]:
    return [copied(SCENE) for _ in range(count)]


def mosaics(item: Item) -> list[Mosaic]:
    return [s.mosaic for s in item.shown]


# Every frame once.


@pytest.mark.parametrize("plate", [True, False])
@pytest.mark.parametrize("count", [1, 2, 30])
def test_every_frame_comes_out_once_at_its_time(make: Make, plate: bool, count: int) -> None:
    item = make(plate=plate)
    item.redact(scenes(count), step=3)
    assert [p.pts for p in item.packets] == [3 * n for n in range(count)]
    assert item.tally.frames == count == len(item.shown)
    assert len(item.starts) == 1
    assert item.out.index(item.starts[0]) < item.out.index(item.packets[0])
    assert item.work.duration_s == pytest.approx((count - 1) * 3 / 25)
    assert [c.frame for c in item.counts] == list(range(count))


def test_no_frames_no_packets(make: Make) -> None:
    item = make(plate=False)
    item.redact([])
    assert item.out == []
    assert item.work.duration_s == 0


# With a plate.


def test_an_empty_scene_is_shown(make: Make) -> None:
    item = make()
    item.redact(scenes(10))
    assert not any(s.reasons.any() for s in item.shown)
    assert item.tally.hidden_frames == 0
    # The plate is the median of equal frames: the scene itself.
    assert all(same(s.out, SCENE) for s in item.shown)


def test_with_a_plate_no_live_pixel_is_coded(make: Make) -> None:
    item = make(explain=True)
    somebody = [painted(SCENE, (4.0 * n, 40, 4.0 * n + 24, 100), MARK) for n in range(30)]
    item.redact(somebody)
    for n, shown in enumerate(item.shown):
        assert shown.out.y.max() < MARK - 4
        assert shown.explained is not None
        assert shown.explained.y.max() <= (MARK - 4) // 2 + 64
        assert (shown.reasons[cells_of((4.0 * n, 40, 4.0 * n + 24, 100), GRID)] > 0).all()


def test_with_a_plate_packets_depend_on_cell_means_alone(make: Make) -> None:
    """From raw frames to coded bytes: whatever the pixels within cells, the same packets leave."""
    frames = [painted(SCENE, (3.0 * n, 20, 3.0 * n + 30, 90), 240, 100, 150) for n in range(20)]
    for n, frame in enumerate(frames):
        frame.y[20:90, 3 * n : 3 * n + 30] -= noise(GRID, n).y[20:90, 3 * n : 3 * n + 30] // 16
    everywhere = np.ones(GRID.cells, bool)
    shuffled = [shuffled_in_cells(f, GRID, everywhere, n) for n, f in enumerate(frames)]
    assert not same(frames[5], shuffled[5])
    out = []
    for which in (frames, shuffled):
        item = make(Script(lambda n: PERSON if n > 7 else NOTHING), explain=True)
        item.redact(which)
        out.append([m for m in item.out if isinstance(m, RedactedPacket | Explain)])
    assert len(out[0]) > 40
    assert out[0] == out[1]


def test_what_is_found_is_hidden_on_every_frame_between_looks(make: Make) -> None:
    """Somebody the plate agrees with (a twin of the background) is hidden by detections alone: no frame is skipped."""
    item = make(Script(lambda _: PERSON))
    item.redact(scenes(20))
    assert len(item.script.frames) < LEARNING_FRAMES + 20
    for shown in item.shown:
        assert (shown.reasons[HEAD] == Reason.PERSON).all()
        assert (shown.out.u[HEAD.repeat(2, 0).repeat(2, 1)] == 128).all()


def test_looks_with_a_plate(make: Make) -> None:
    item = make()
    item.redact(scenes(20))
    assert item.script.looks[:LEARNING_FRAMES] == [EVIDENCE] * LEARNING_FRAMES
    assert set(map(id, item.script.looks[LEARNING_FRAMES:])) == {id(QUICK)}
    assert item.script.frames[LEARNING_FRAMES:] == list(range(0, 20, LOOK_EVERY))
    assert item.tally.detections == len(item.script.looks)


def test_frames_far_apart_are_looked_at_sooner(make: Make) -> None:
    item = make()
    item.redact(scenes(8), step=10)  # 0.4 s
    assert item.script.frames[LEARNING_FRAMES:] == list(range(8))


def test_what_is_found_later_hides_the_moment_before(make: Make) -> None:
    """Found at frame 20 (0.8 s): hidden from 0.3 s before that on, and not before the half second."""
    item = make(Script(lambda n: PERSON if n == 20 else NOTHING))
    item.redact(scenes(40))
    hidden = [bool((s.reasons[HEAD] > 0).all()) for s in item.shown]
    assert not any(hidden[:7])
    assert all(hidden[9:24])
    assert item.shown[15].reasons[HEAD].max() == Reason.AHEAD
    assert item.shown[22].reasons[HEAD].max() == Reason.PERSON
    # Two frames after the next look, which found nobody, nothing is left.
    assert hidden[24:26] == [True, True]
    assert not any(hidden[26:])


@pytest.mark.parametrize("score", [0.21, 0.9])
def test_with_a_plate_a_box_hides_the_head_only(make: Make, score: float) -> None:
    """The rest differs from the plate, which holds nobody."""
    item = make(Script(lambda _: found(BOX, score=score)))
    item.redact(scenes(3))
    assert item.shown[0].reasons[11, 12] == Reason.PERSON
    assert item.shown[0].reasons[20, 12] == Reason.SHOWN


# Without a plate.


def test_without_a_plate_every_frame_is_searched_for_everything(make: Make) -> None:
    item = make(plate=False)
    item.redact(scenes(9))
    assert item.tally.mode is Mode.NO_PLATE
    assert item.script.frames == list(range(9))
    assert {id(look) for look in item.script.looks} == {id(EVERYTHING)}


def test_without_a_plate_what_is_found_is_hidden_and_the_rest_is_the_frame(make: Make) -> None:
    frames = [noise(GRID, n) for n in range(12)]
    for frame in frames:
        frame.y[40:96, 40:60] = MARK
    item = make(Script(lambda _: PERSON), plate=False)
    item.redact([copied(f) for f in frames])
    for frame, shown in zip(frames, item.shown, strict=True):
        hidden = shown.reasons > 0
        assert hidden[PLACE].all()
        pixels = hidden.repeat(4, 0).repeat(4, 1)
        assert shown.out.y[40:96, 40:60].max() < MARK - 4
        assert np.array_equal(shown.out.y[~pixels], frame.y[~pixels])


def test_without_a_plate_a_weak_box_hides_the_whole_body(make: Make) -> None:
    item = make(Script(lambda _: found(BOX, score=0.21)), plate=False)
    item.redact(scenes(2))
    assert (item.shown[0].reasons[PLACE] == Reason.PERSON).all()


@pytest.mark.parametrize("plate", [True, False])
def test_a_slot_may_change_once_it_is_given_back(make: Make, plate: bool) -> None:
    def spoil(planes: RawPlanes) -> None:
        for plane in planes_of(planes):
            plane[:] = MARK

    item = make(plate=plate)
    item.redact(scenes(30), spoil=spoil)
    assert all(same(s.out, SCENE) for s in item.shown)


def test_a_picture_waits_for_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for codec in (Codec.JPEG, Codec.PNG):
        item = watched(Item(GRID, Script(lambda _: PERSON), Options(), replace(ABOUT, codec=codec)), monkeypatch)
        item.script.now = 0
        item.work.redact(copied(SCENE), item.record(0))
        assert len(item.packets) == 1, "shown before the item ends"
        item.work.finish()
        assert len(item.packets) == 1
        assert (item.starts[0].codec, item.starts[0].width, item.starts[0].height) == (codec, 160, 128)
        assert item.tally.mode is Mode.NO_PLATE
        assert (item.shown[0].reasons[PLACE] == Reason.PERSON).all()


# Doubt.


@pytest.mark.parametrize("plate", [True, False])
def test_a_broken_detector_hides_everything_and_counts_go_on(make: Make, plate: bool) -> None:
    item = make(Script(lambda _: FAULT), plate=plate)
    item.redact(scenes(12))
    assert mosaics(item) == [Mosaic.DETECTOR_FAULT] * 12
    assert all((s.reasons == Reason.MOSAIC).all() for s in item.shown)
    assert len(item.counts) == 12
    assert {(c.people, c.vehicles) for c in item.counts} == {(0, 0)}
    assert item.tally.mosaic_frames[Mosaic.DETECTOR_FAULT] == 12
    assert item.tally.hidden_frames == 12


def test_a_fault_lasts_until_the_next_good_look(make: Make) -> None:
    item = make(Script(lambda n: FAULT if n == 2 * LOOK_EVERY else NOTHING))
    item.redact(scenes(20))
    wanted = [Mosaic.NONE] * 20
    wanted[2 * LOOK_EVERY : 3 * LOOK_EVERY] = [Mosaic.DETECTOR_FAULT] * LOOK_EVERY
    assert mosaics(item) == wanted


def test_without_a_plate_a_fault_hides_its_frame_and_carries_on(make: Make) -> None:
    item = make(Script(lambda n: FAULT if n == 5 else NOTHING), plate=False)
    item.redact(scenes(10))
    assert mosaics(item) == [Mosaic.DETECTOR_FAULT if n == 5 else Mosaic.NONE for n in range(10)]
    assert [bool(s.reasons.all()) for s in item.shown] == [n in (5, 6, 7) for n in range(10)]


def test_counts_keep_their_last_good_value_through_a_fault(make: Make) -> None:
    item = make(Script(lambda n: FAULT if n >= 6 else PERSON), plate=False)
    item.redact(scenes(10))
    assert all(c.people > 0.99 for c in item.counts)


FLAGS = {Record.DAMAGED: Mosaic.DAMAGED, Record.RESIZED: Mosaic.SIZE_CHANGED}


@pytest.mark.parametrize("plate", [True, False])
@pytest.mark.parametrize("flag", FLAGS)
def test_frames_one_can_not_rely_on_are_hidden(make: Make, plate: bool, flag: int) -> None:
    item = make(plate=plate)
    item.redact(scenes(10), flags=lambda n: flag if n in (3, 4) else 0)
    assert mosaics(item) == [FLAGS[flag] if n in (3, 4) else Mosaic.NONE for n in range(10)]
    assert len(item.counts) == len(item.packets) == 10
    assert item.tally.mosaic_frames[FLAGS[flag]] == 2


def test_a_scene_cut_is_hidden(make: Make) -> None:
    item = make()
    item.redact([noise(GRID) if n in (4, 5) else copied(SCENE) for n in range(12)])
    assert mosaics(item) == [Mosaic.CUT if n in (4, 5) else Mosaic.NONE for n in range(12)]


def test_nothing_proven_nothing_shown(make: Make) -> None:
    item = make(plate=False)
    item.learn(lambda n: noise(GRID, n))
    assert item.tally.mode is Mode.MOSAIC
    item.redact(scenes(10))
    assert mosaics(item) == [Mosaic.NO_BACKGROUND] * 10
    assert len(item.counts) == 10
    assert len(item.script.frames) > LEARNING_FRAMES, "counting goes on"


def test_a_mosaic_that_nobody_counts_needs_no_detector(make: Make) -> None:
    item = make(plate=False, count=False)
    item.learn(lambda n: noise(GRID, n))
    item.redact(scenes(10))
    assert len(item.script.frames) == LEARNING_FRAMES
    assert item.counts == []


@pytest.mark.parametrize(("can_clear", "mode"), [(True, Mode.NO_PLATE), (False, Mode.MOSAIC)])
def test_a_clip_too_short_for_a_plate(make: Make, can_clear: bool, mode: Mode) -> None:
    item = make(plate=False, can_clear=can_clear)
    item.work.learnt()
    assert item.tally.mode is mode
    item.redact(scenes(3))
    assert mosaics(item) == [Mosaic.NONE if can_clear else Mosaic.NO_BACKGROUND] * 3


def test_without_its_networks_no_plate_mode_never_starts(make: Make) -> None:
    item = make(plate=False, can_clear=False)
    item.redact(scenes(3))
    assert item.tally.mode is Mode.MOSAIC


def test_a_frame_of_another_size_is_a_breach(make: Make) -> None:
    item = make()
    other = Grid(640, 480)
    with pytest.raises(OutletError):
        item.work.redact(textured(other), item.record(0, width=640, height=480))


# Learning.


@pytest.mark.parametrize("changed", [{"flags": Record.DAMAGED}, {"flags": Record.RESIZED}, {"width": 159}])
def test_nothing_is_learnt_from_doubtful_frames(make: Make, changed: dict[str, int]) -> None:
    item = make(plate=False)
    item.learn(lambda _: SCENE, **changed)
    assert item.script.looks == []
    assert item.tally.mode is Mode.NO_PLATE


def test_nothing_is_learnt_from_what_could_not_be_searched(make: Make) -> None:
    item = make(Script(learnt=lambda _: FAULT), plate=False)
    item.learn(lambda _: SCENE)
    assert item.tally.mode is Mode.NO_PLATE
    assert item.tally.detections == LEARNING_FRAMES


def test_who_sits_through_the_first_pass_is_hidden_in_the_last(make: Make) -> None:
    """And by not being proven, whatever the detector says in the last pass."""
    seated = painted(SCENE, BOX, MARK)
    item = make(Script(learnt=lambda _: PERSON), plate=False)
    item.learn(lambda _: seated)
    assert item.tally.mode is Mode.PLATE
    item.redact([copied(seated) for _ in range(6)])
    for shown in item.shown:
        assert (shown.reasons[PLACE] == Reason.UNPROVEN).all()
        assert shown.out.y.max() < MARK - 4


def test_the_longest_stay_is_asked_for(make: Make) -> None:
    item = make(plate=False, longest_stay_s=60.0)
    item.learn(lambda _: SCENE)
    assert item.tally.mode is Mode.MOSAIC


# What is told.


def test_reasons_are_explained_once_a_second(make: Make) -> None:
    item = make(Script(lambda _: PERSON))
    item.redact(scenes(60))
    assert [e.time_s for e in item.explanations] == [0.0, 1.0, 2.0]
    explain = item.explanations[0]
    assert (explain.rows, explain.columns) == GRID.blocks
    told = np.frombuffer(explain.tail, np.uint8).reshape(GRID.blocks)
    assert set(np.unique(told)) == {Reason.SHOWN, Reason.PERSON}
    assert (told[5:7, 5:7] == Reason.PERSON).all()


def test_a_block_that_is_hidden_in_part_is_not_told_as_shown(make: Make) -> None:
    face = found((60.6, 60.6, 61.4, 61.4), kind=Kind.FACE)  # one cell, in the lower right of its block
    item = make(Script(lambda _: face))
    item.redact(scenes(1))
    assert int((item.shown[0].reasons > 0).sum()) == 1
    assert Reason.FACE in item.explanations[0].tail


def test_reasons_of_the_largest_pictures_are_explained() -> None:
    """Their cells are as large as the padding, so their number may be odd."""
    grid = Grid(4801, 4865)
    assert [n % 2 for n in grid.cells] == [1, 0]
    item = Item(grid, Script(lambda _: found((0, 4840, 40, 4865))), Options(), replace(ABOUT, codec=Codec.JPEG))
    item.redact([blank(grid)])
    (explain,) = item.explanations
    assert (explain.rows, explain.columns) == (39, 38)
    assert np.frombuffer(explain.tail, np.uint8).reshape(39, 38)[-1, 0] == Reason.PERSON


def test_the_explained_video_is_there_when_asked_for(make: Make) -> None:
    item = make(explain=True)
    item.redact(scenes(5))
    assert [s.stream for s in item.starts] == [Stream.REDACTED, Stream.EXPLAINED]
    explained = [p for p in item.of(RedactedPacket) if p.stream == Stream.EXPLAINED]
    assert [p.pts for p in explained] == list(range(5))
    without = make()
    without.redact(scenes(5))
    assert [s.stream for s in without.starts] == [Stream.REDACTED]


def test_the_hidden_share_is_of_the_picture_not_of_its_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Grid(65, 65)
    item = watched(Item(grid, Script(lambda _: found((0, 0, 65, 65)))), monkeypatch)
    item.redact([blank(grid)] * 4)
    assert item.tally.hidden_frames == 4


def test_counts_once_a_second_unless_per_frame(make: Make) -> None:
    item = make(per_frame=False)
    item.redact(scenes(60))
    assert [c.frame for c in item.counts] == [0, 25, 50]


def test_time_is_told_by_stage(make: Make) -> None:
    item = make()
    item.redact(scenes(3))
    spent = dict(item.tally.stage_ns)
    assert spent.pop("seal") == 0, "nothing is sealed here"
    assert all(ns > 0 for ns in spent.values())


# As a camera does.


def test_live_is_a_mosaic_until_blocks_are_proven_and_then_shows_them(make: Make) -> None:
    item = make(plate=False, live=True)
    item.redact(scenes(60), step=5)  # 12 s
    learning = [s.mosaic is Mosaic.LEARNING for s in item.shown]
    assert learning == sorted(learning, reverse=True)
    first = learning.index(False)
    assert 45 <= first < 58
    assert item.tally.mode is Mode.PLATE
    assert not item.shown[-1].reasons.any()
    assert same(item.shown[-1].out, SCENE)


def test_live_goes_on_from_a_pass_that_was_not_shown(make: Make) -> None:
    """Timestamps start anew; the view is the same, so nothing is a cut."""
    item = make(plate=False, live=True)
    item.learn(lambda _: SCENE)
    assert item.tally.mode is Mode.PLATE
    item.redact([painted(SCENE, BOX, MARK) if n % 2 else copied(SCENE) for n in range(40)])
    assert mosaics(item) == [Mosaic.NONE] * 40
    for n, shown in enumerate(item.shown):
        assert shown.out.y.max() < MARK - 4
        if n % 2:
            assert (shown.reasons[PLACE] > 0).all()
    assert EVIDENCE in item.script.looks[LEARNING_FRAMES:], "learning goes on"


def test_live_never_clears_by_detectors_alone(make: Make) -> None:
    item = make(plate=False, live=True, can_clear=True)
    item.redact([noise(GRID, n) for n in range(40)], step=10)
    assert set(mosaics(item)) == {Mosaic.LEARNING}
    assert item.tally.mode is Mode.MOSAIC


def test_live_hides_another_view_and_learns_it(make: Make) -> None:
    item = make(plate=False, live=True, longest_stay_s=11.0)
    item.learn(lambda _: SCENE)
    other = textured(GRID, 77, 20, 235)
    item.redact([copied(SCENE), copied(SCENE), *(copied(other) for _ in range(400)), copied(SCENE)], step=3)
    told = mosaics(item)
    assert told[:2] == [Mosaic.NONE] * 2
    assert told[2] is Mosaic.CUT
    assert set(told[2:60]) == {Mosaic.CUT, Mosaic.LEARNING}
    assert told[-2] is Mosaic.NONE
    assert same(item.shown[-2].out, other)
    assert told[-1] is Mosaic.NONE, "it is known again"
    assert same(item.shown[-1].out, SCENE)


def test_live_proves_nothing_while_the_detector_is_broken(make: Make) -> None:
    item = make(Script(learnt=lambda _: FAULT), plate=False, live=True)
    item.redact(scenes(60), step=5)
    assert set(mosaics(item)) <= {Mosaic.LEARNING, Mosaic.DETECTOR_FAULT}
