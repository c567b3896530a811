"""A camera learns from what it shows: for ever, in bounded memory, one view at a time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import Box, blank, found, painted, textured
from tests.unit.darkroom.slow import Slow

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import NOTHING, Found
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.plate.fitting import DEFAULT
from passerby.darkroom.plate.live import LONGEST_GAP_S, NEW_VIEW_S, STEP_S, VIEWS, Clock, LivePlates
from passerby.darkroom.stay import CAMERA_STAY_S

GRID = Grid(96, 64)
SCENE, OTHER, THIRD = (textured(GRID, seed, 20, 235) for seed in (7, 8, 9))
SEAT: Box = (40, 16, 56, 48)


def feed(
    live: LivePlates, planes: RawPlanes, start_s: float, seconds: float, what: Found = NOTHING, step_s: float = 1.0
) -> float:
    """Show one picture for a while; the time after it."""
    cells = reduce(planes, GRID)
    for now_s in np.arange(start_s, start_s + seconds, step_s).tolist():
        if live.follow(cells, now_s) and live.wants(now_s):
            live.add(now_s, planes, cells, what)
    return start_s + seconds


def share(live: LivePlates) -> float:
    return live.plate.proven_share if live.plate is not None else 0.0


def test_a_file_shows_nothing_before_a_quarter_of_it_and_all_of_an_empty_scene_after() -> None:
    live = LivePlates(GRID, 200.0, None)
    feed(live, SCENE, 0.0, 49.0)
    assert live.plate is None
    feed(live, SCENE, 49.0, 20.0)
    assert share(live) == 1


def test_a_camera_shows_nothing_for_six_hours() -> None:
    live = LivePlates(GRID, 0.0, None)
    now_s = feed(live, SCENE, 0.0, CAMERA_STAY_S - 60, step_s=10.0)
    assert share(live) == 0
    feed(live, SCENE, now_s, 1800.0, step_s=10.0)
    assert share(live) == 1


def test_the_longest_stay_that_was_asked_for_is_kept_to() -> None:
    live = LivePlates(GRID, 0.0, 120.0)
    now_s = feed(live, SCENE, 0.0, 118.0)
    assert share(live) == 0
    feed(live, SCENE, now_s, 40.0)
    assert share(live) == 1


def test_who_has_been_found_in_his_seat_all_along_is_never_shown() -> None:
    live = LivePlates(GRID, 0.0, 60.0)
    feed(live, painted(SCENE, SEAT, 250), 0.0, 600.0, found(SEAT, score=0.5))
    assert live.plate is not None
    assert 0.5 < share(live) < 1
    assert live.plate.planes.y.max() < 246


def test_what_is_proven_ages_and_is_renewed() -> None:
    """A bench is put up: hidden as long as it stood for a minority of the window, shown once it is the rule."""
    live = LivePlates(GRID, 0.0, 60.0)
    now_s = feed(live, SCENE, 0.0, 300.0)
    assert live.plate is not None
    assert live.plate.planes.y.max() < 246
    bench = painted(SCENE, SEAT, 250)
    now_s = feed(live, bench, now_s, 40.0)
    assert live.plate.planes.y.max() < 246
    feed(live, bench, now_s, 240.0)
    assert live.plate.planes.y.max() == 250


def test_six_hours_take_no_more_room_than_one() -> None:
    live = LivePlates(GRID, 0.0, 600.0)
    frame = blank(GRID)
    most = 0
    for start_s in range(0, 6 * 3600, 7200):
        feed(live, frame, float(start_s), 7200.0, step_s=10.0)
        (view,) = live._views
        most = max(most, len(view.learner))
        assert len(view.learner._kept) <= view.learner._most_kept
        times = [s.time_s for s in view.learner._samples]
        assert times == sorted(times)
        assert times[-1] - times[0] <= 1200.0 + 10.0
    assert DEFAULT.fewest_samples < most <= 2 * DEFAULT.most_samples
    assert share(live) == 1


def test_another_view_is_learnt_anew_and_the_first_is_known_again() -> None:
    live = LivePlates(GRID, 0.0, 30.0)
    now_s = feed(live, SCENE, 0.0, 60.0)
    first = live.plate
    assert share(live) == 1
    cells = reduce(OTHER, GRID)
    assert not live.follow(cells, now_s), "not learnt from at once"
    assert live.plate is first
    now_s = feed(live, OTHER, now_s, 20.0)
    assert live.plate is None
    now_s = feed(live, OTHER, now_s, 60.0)
    assert share(live) == 1
    assert live.plate is not first
    assert live.follow(reduce(SCENE, GRID), now_s), "a return is no cut"
    assert live.plate is first


def test_a_short_interruption_is_not_a_view() -> None:
    live = LivePlates(GRID, 0.0, 30.0)
    now_s = feed(live, SCENE, 0.0, 60.0)
    first = live.plate
    now_s = feed(live, OTHER, now_s, NEW_VIEW_S - 0.5, step_s=0.2)
    assert live.plate is first
    assert live.follow(reduce(SCENE, GRID), now_s)
    assert len(live._views) == 1


def test_no_more_views_are_remembered_than_there_is_room_for() -> None:
    live, now_s = LivePlates(GRID, 0.0, 30.0), 0.0
    for scene in itertools.islice(itertools.cycle([SCENE, OTHER, THIRD]), 7):
        now_s = feed(live, scene, now_s, 100.0)
        assert len(live._views) <= VIEWS
        assert share(live) == 1


@pytest.mark.parametrize("by", [-30, 30])
def test_a_change_of_light_is_no_other_view(by: int) -> None:
    live = LivePlates(GRID, 0.0, 30.0)
    now_s = feed(live, SCENE, 0.0, 60.0)
    lit = RawPlanes(np.clip(SCENE.y.astype(int) + by, 0, 255).astype(np.uint8), SCENE.u, SCENE.v)
    assert live.follow(reduce(lit, GRID), now_s)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_time_only_goes_forward_and_never_jumps(stamps: list[float]) -> None:
    clock = Clock()
    times = [clock.at(s) for s in stamps]
    assert times[0] == 0
    for (a, b), (s, t) in zip(itertools.pairwise(times), itertools.pairwise(stamps), strict=True):
        assert 0 <= b - a <= LONGEST_GAP_S + 1e-6
        if t <= s:
            assert b - a == pytest.approx(STEP_S)


def test_frames_go_on_while_a_worker_fits() -> None:
    worker = Slow()
    live = LivePlates(GRID, 0.0, 60.0, worker=worker)
    now_s = feed(live, SCENE, 0.0, 90.0)
    worker.work()
    now_s = feed(live, SCENE, now_s, 90.0)
    assert share(live) == 0
    assert len(worker.waiting) == 1, "one fit at a time"
    worker.work()
    assert share(live) == 1
    feed(live, SCENE, now_s, 100.0)
    assert len(worker.waiting) == 1


def test_a_plate_is_that_of_the_view_it_was_fitted_for() -> None:
    worker = Slow()
    live = LivePlates(GRID, 0.0, 60.0, worker=worker)
    now_s = feed(live, SCENE, 0.0, 90.0)
    worker.work()
    now_s = feed(live, SCENE, now_s, 90.0)
    worker.work()
    now_s = feed(live, SCENE, now_s, 61.0)
    now_s = feed(live, OTHER, now_s, NEW_VIEW_S + 3)
    worker.work()
    assert live.plate is None
    feed(live, SCENE, now_s, NEW_VIEW_S + 3)
    assert share(live) == 1


def test_a_fit_that_fails_is_not_passed_over() -> None:
    worker = Slow()
    live = LivePlates(GRID, 0.0, 60.0, worker=worker)
    feed(live, SCENE, 0.0, 200.0)
    worker.waiting[0][0].set_exception(MemoryError())
    with pytest.raises(MemoryError):
        _ = live.plate
