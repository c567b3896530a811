"""What is found at t also hides t-k, and what was hidden stays so for a moment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import Box, blank, cells_of, found, hide_found, noise, planes_of, same

from passerby.darkroom.find.found import Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.decide import Decision, nothing_hidden, whole
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.hide.spots import spots_of
from passerby.darkroom.pending import CARRIED_FRAMES, LOOK_BACK_S, MOST_WAITING, RAW_BYTES, LookBack, Waiting
from passerby.outlet.messages import Mosaic

GRID = Grid(160, 128)
BOX: Box = (40, 40, 60, 80)
PLACE = cells_of(BOX, GRID)
RAW = blank(GRID)


def look_back(look_back_s: float = LOOK_BACK_S, **options: bool) -> LookBack:
    return LookBack(GRID, **({"keeps_raw": False} | options), look_back_s=look_back_s)


def add(pending: LookBack, frame: int, time_s: float, decision: Decision | None = None) -> None:
    pending.add(decision or nothing_hidden(GRID), [], frame, time_s, RAW)


def test_frames_come_out_in_order_once_and_after_their_time() -> None:
    pending, out = look_back(), []
    for n in range(50):
        add(pending, n, n / 8)
        for waiting in pending.due(n / 8):
            assert n / 8 - waiting.time_s >= LOOK_BACK_S
            assert waiting.time_s == waiting.pts / 8
            out.append(waiting.pts)
        assert len(out) == max(0, n - 3), "held longer than it has to be"
    out += [w.pts for w in pending.rest()]
    assert out == list(range(50))
    assert list(pending.rest()) == []


def test_a_mosaic_needs_no_wait_but_keeps_its_place() -> None:
    pending = look_back()
    add(pending, 0, 0.0, whole(GRID, Mosaic.LEARNING))
    assert [w.pts for w in pending.due(0.0)] == [0]
    add(pending, 1, 0.1)
    add(pending, 2, 0.2, whole(GRID, Mosaic.DAMAGED))
    assert list(pending.due(0.2)) == []
    assert [w.pts for w in pending.due(0.1 + LOOK_BACK_S)] == [1, 2]


@settings(max_examples=30)
@given(st.lists(st.floats(0.001, 0.7), min_size=1, max_size=40), st.data())
def test_a_detection_hides_all_of_the_look_back(waits: list[float], data: st.DataObject) -> None:
    """Whenever somebody is found, no frame less than the look-back old goes out with the place shown."""
    pending, out = look_back(), []
    times = np.cumsum(waits)
    hit = data.draw(st.integers(0, len(times) - 1))
    for n, time_s in enumerate(times):
        if n == hit:
            pending.found(spots_of(found(BOX), GRID, heads_only=False))
        add(pending, n, float(time_s))
        out += list(pending.due(float(time_s)))
    out += list(pending.rest())
    assert [w.pts for w in out] == list(range(len(times)))
    for waiting in out[:hit]:
        hidden = bool((waiting.decision.reasons[PLACE] == Reason.AHEAD).all())
        if times[hit] - waiting.time_s < LOOK_BACK_S:
            assert hidden
        # The frame just before waits in any case.
        if waiting.pts == hit - 1:
            assert hidden
    for waiting in out[hit:]:
        assert not waiting.decision.reasons.any()


def test_what_is_found_ahead_is_told_so_and_does_not_lower_a_rank() -> None:
    pending = look_back()
    decision = nothing_hidden(GRID)
    decision.reasons[10, 10] = Reason.FACE
    add(pending, 0, 0.0, decision)
    pending.found(spots_of(found((30, 30, 60, 70), kind=Kind.VEHICLE), GRID, heads_only=False))
    (waiting,) = pending.rest()
    assert waiting.decision.reasons[10, 10] == Reason.FACE
    assert waiting.decision.reasons[12, 12] == Reason.AHEAD


def test_what_is_found_ahead_is_as_coarse() -> None:
    pending = look_back()
    add(pending, 0, 0.0)
    face = found((10, 10, 110, 120), kind=Kind.FACE)
    pending.found(spots_of(face, GRID, heads_only=False))
    own = nothing_hidden(GRID)
    hide_found(own, face, GRID, heads_only=False)
    (waiting,) = pending.rest()
    assert np.array_equal(waiting.decision.levels, own.levels)
    assert own.levels.max() > 0


def one_hit(reason: Reason, frames: int = 6) -> list[Waiting]:
    """Frames of which only the second has something hidden."""
    pending = look_back()
    for n in range(frames):
        decision = nothing_hidden(GRID)
        if n == 1:
            decision.reasons[PLACE] = reason
        add(pending, n, n / 10, decision)
    return list(pending.rest())


@pytest.mark.parametrize("reason", [r for r in Reason if r not in (Reason.SHOWN, Reason.UNPROVEN)])
def test_masks_are_carried_for_a_moment_and_not_for_ever(reason: Reason) -> None:
    for waiting in one_hit(reason):
        got = waiting.decision.reasons
        carried = 1 < waiting.pts <= 1 + CARRIED_FRAMES
        assert (got[PLACE] == (reason if waiting.pts == 1 else Reason.CARRIED if carried else Reason.SHOWN)).all()
        assert not got[~PLACE].any()


def test_what_is_unproven_is_judged_anew() -> None:
    assert [bool(w.decision.reasons.any()) for w in one_hit(Reason.UNPROVEN)] == [False, True] + [False] * 4


def test_a_mosaic_is_carried_as_a_mask() -> None:
    pending = look_back()
    add(pending, 0, 0.0, whole(GRID, Mosaic.DETECTOR_FAULT))
    add(pending, 1, 0.1)
    after = list(pending.rest())[1].decision
    assert (after.reasons == Reason.CARRIED).all()
    assert after.mosaic is Mosaic.NONE


def test_a_carried_mask_is_as_coarse_as_it_was() -> None:
    pending = look_back()
    first = nothing_hidden(GRID)
    hide_found(first, found((10, 10, 110, 120), kind=Kind.FACE), GRID, heads_only=False)
    wanted = first.levels.copy()
    add(pending, 0, 0.0, first)
    for n in range(CARRIED_FRAMES):
        add(pending, n + 1, (n + 1) / 10)
    for waiting in list(pending.rest())[1:]:
        hidden = waiting.decision.reasons > 0
        assert (waiting.decision.levels[hidden] >= wanted[hidden]).all()


def test_the_callers_own_mask_is_what_is_carried_not_what_it_became() -> None:
    """A detection ahead marks a waiting frame; that isn't carried to the frames after it."""
    pending = look_back()
    add(pending, 0, 0.0)
    pending.found(spots_of(found(BOX), GRID, heads_only=False))
    add(pending, 1, 0.1)
    first, second = pending.rest()
    assert first.decision.reasons.any()
    assert not second.decision.reasons.any()


def test_with_a_plate_the_plate_itself_waits() -> None:
    """It isn't copied: nothing raw is kept."""
    pending = look_back()
    add(pending, 0, 0.0)
    pending.add(nothing_hidden(GRID), [], 1, 0.1, None)
    first, second = pending.rest()
    assert first.background is RAW
    assert second.background is None


def test_without_a_plate_a_copy_is_kept() -> None:
    pending = look_back(keeps_raw=True)
    frames = [noise(GRID, n) for n in range(12)]
    slot = noise(GRID, 99)
    shown = 0
    for n, frame in enumerate(frames):
        for into, plane in zip(planes_of(slot), planes_of(frame), strict=True):
            into[:] = plane
        pending.add(nothing_hidden(GRID), [], n, n / 10, slot)
        for into in planes_of(slot):
            into[:] = 0
        for waiting in pending.due(n / 10):
            assert waiting.background is not None
            assert same(waiting.background, frames[waiting.pts])
            shown += 1
    for waiting in pending.rest():
        assert waiting.background is not None
        assert same(waiting.background, frames[waiting.pts])
        shown += 1
    assert shown == len(frames)


def test_copies_are_used_again() -> None:
    pending = look_back(keeps_raw=True)
    buffers, most = set(), 0
    for n in range(60):
        pending.add(nothing_hidden(GRID), [], n, n / 10, RAW)
        for waiting in pending.due(n / 10):
            assert waiting.background is not None
            buffers.add(waiting.background.y.__array_interface__["data"][0])
        most = max(most, len(buffers))
    assert most <= 7


def test_no_more_wait_than_there_is_room_for() -> None:
    pending, out = look_back(look_back_s=1e9), 0
    for n in range(100):
        add(pending, n, n / 1000)
        out += len(list(pending.due(n / 1000)))
        assert n + 1 - out <= MOST_WAITING


def test_large_raw_frames_are_few() -> None:
    """By bytes: 8192x8192 pixels are 96 MiB, so two wait and one more is on its way."""
    large = LookBack(Grid(8192, 8192), keeps_raw=True, look_back_s=1e9)
    assert large._most == RAW_BYTES // (8192 * 8192 * 3 // 2 + 1) == 2


def test_a_still_picture_does_not_wait() -> None:
    pending = look_back(look_back_s=0.0)
    add(pending, 0, 0.0)
    assert len(list(pending.due(0.0))) == 1
