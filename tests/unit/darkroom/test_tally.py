"""What a darkroom tells about itself."""

from __future__ import annotations

import pytest

from passerby.darkroom import tally as module
from passerby.darkroom.tally import NO_SITE_ROOT, Tally
from passerby.outlet.messages import Health, Mode, Mosaic

BUILD = bytes(range(32))


def test_every_counter_has_its_own_place() -> None:
    tally = Tally(
        BUILD,
        mode=Mode.PLATE,
        mosaic=Mosaic.CUT,
        read=1,
        frames=2,
        damaged=3,
        repaired_times=4,
        resized=5,
        skipped=13,
        detections=6,
        hidden_frames=7.5,
        learnt=0.25,
        decode_ns=8,
        stage_ns={"learn": 9, "find": 10, "hide": 11, "encode": 12},
        mosaic_frames=list(range(20, 20 + len(Mosaic))),
    )
    health = tally.health()
    names = ("read", "frames", "damaged", "repaired_times", "resized", "skipped", "detections")
    assert [getattr(health, name) for name in names] == [1, 2, 3, 4, 5, 13, 6]
    assert (health.mode, health.mosaic, health.hidden_frames, health.learnt) == (Mode.PLATE, Mosaic.CUT, 7.5, 0.25)
    times = ("decode_ns", "learn_ns", "find_ns", "hide_ns", "encode_ns")
    assert [getattr(health, name) for name in times] == [8, 9, 10, 11, 12]
    assert health.mosaic_frames == tuple(range(20, 20 + len(Mosaic)))
    assert (health.build, health.site_root) == (BUILD, NO_SITE_ROOT)
    assert Health.unpack(health.pack()[8:]) == health


def test_frames_shown_add_up() -> None:
    tally = Tally(BUILD)
    for share, mosaic in ((0.25, Mosaic.NONE), (1.0, Mosaic.CUT), (1.0, Mosaic.CUT), (0.5, Mosaic.NONE)):
        tally.shown(share, mosaic)
    assert tally.frames == 4
    assert tally.hidden_frames == 2.75
    assert tally.mosaic is Mosaic.NONE
    wanted = [0] * len(Mosaic)
    wanted[Mosaic.NONE] = wanted[Mosaic.CUT] = 2
    assert tally.mosaic_frames == wanted


def test_no_two_items_share_their_counters() -> None:
    one, two = Tally(BUILD), Tally(BUILD)
    one.shown(1.0, Mosaic.CUT)
    with one.stage("find"):
        pass
    assert two.mosaic_frames == [0] * len(Mosaic)
    assert two.stage_ns["find"] == 0


def test_stages_add_their_time_even_when_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100, 150, 200, 300])
    monkeypatch.setattr(module.time, "perf_counter_ns", lambda: next(clock))
    tally = Tally(BUILD)
    with tally.stage("hide"):
        pass
    with pytest.raises(ZeroDivisionError), tally.stage("hide"):
        raise ZeroDivisionError
    assert tally.stage_ns == {"learn": 0, "find": 0, "hide": 150, "encode": 0, "seal": 0}


def test_pictures_that_nobody_needed_are_read_and_show_nothing() -> None:
    one_by_one, at_once = Tally(BUILD), Tally(BUILD)
    for _ in range(7):
        one_by_one.read += 1
        one_by_one.shown(1.0, Mosaic.NONE)
    at_once.unneeded(7)
    assert at_once.health() == one_by_one.health()
