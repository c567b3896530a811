"""What leaves tells no more of a frame than its cell means: from raw planes to output planes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import (
    Box,
    copied,
    found,
    hide_found,
    painted,
    pixels_of,
    planes_of,
    plate_of,
    same,
    shuffled_in_cells,
    textured,
)

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import Kind
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.hide.cells import HeldFill
from passerby.darkroom.hide.compose import Composer
from passerby.darkroom.hide.decide import Decision, against_plate, nothing_hidden
from passerby.outlet.messages import Mosaic

GRID = Grid(192, 128)
SCENE = textured(GRID, 1)
MARK = 253  # no fill level reaches 249, and the plate ends at 186
seeds = st.integers(0, 2**32 - 1)
boxes = st.tuples(st.integers(0, 150), st.integers(0, 90), st.integers(8, 60), st.integers(16, 60)).map(
    lambda b: (float(b[0]), float(b[1]), float(min(192, b[0] + b[2])), float(min(128, b[1] + b[3])))
)


def shown(frame: RawPlanes, proven: np.ndarray | None = None, before: RawPlanes | None = None) -> tuple[RawPlanes, ...]:
    """The whole way with a plate; ``before`` is a frame a moment earlier, whose fills are still held."""
    plate, fill, composer = plate_of(SCENE, GRID, proven), HeldFill(GRID), Composer(GRID)
    for index, planes in enumerate([p for p in (before, frame) if p is not None]):
        cells = reduce(planes, GRID)
        decision = against_plate(cells, plate, GRID)
        out = composer.compose(decision, fill.update(cells.y, index * 0.1), plate.planes)
        explained = composer.explain(decision)
    return copied(out), copied(explained)


def somebody(box: Box, seed: int) -> RawPlanes:
    """The scene with a patterned patch in it, marked bright."""
    x0, y0, x1, y1 = (int(n) for n in box)
    frame = painted(SCENE, box, MARK, u=90, v=170)
    random = np.random.default_rng(seed)
    frame.y[y0:y1, x0:x1] = random.choice([MARK, 255], (y1 - y0, x1 - x0))
    return frame


@settings(max_examples=40)
@given(boxes, seeds, st.booleans())
def test_with_a_plate_only_cell_means_matter(box: Box, seed: int, everywhere: bool) -> None:
    frame = somebody(box, seed)
    decision = against_plate(reduce(frame, GRID), plate_of(SCENE, GRID), GRID)
    changed = shuffled_in_cells(frame, GRID, (decision.reasons > 0) | everywhere, seed)
    if decision.reasons.any():
        assert not same(changed, frame)
    for one, two in zip(shown(frame), shown(changed), strict=True):
        assert same(one, two)


@settings(max_examples=40)
@given(boxes, seeds)
def test_with_a_plate_no_live_pixel_comes_out(box: Box, seed: int) -> None:
    """Of a frame with marks in it nothing is left, nor of its colours."""
    frame = somebody(box, seed)
    proven = np.random.default_rng(seed).random(GRID.cells) < 0.8
    out, explained = shown(frame, proven)
    assert out.y.max() < MARK - 4
    for plane, plate in ((out.u, SCENE.u), (out.v, SCENE.v)):
        assert ((plane == plate) | (plane == 128)).all()
    assert explained.y.max() <= (MARK - 4) // 2 + 64


@settings(max_examples=30)
@given(seeds)
def test_with_a_plate_a_shown_cell_is_the_plate_to_the_byte(seed: int) -> None:
    """Grain that the plate doesn't have never shows, though the cell agrees with the plate."""
    random = np.random.default_rng(seed)
    grain = RawPlanes(*((p.astype(int) + random.integers(-5, 6, p.shape)).astype(np.uint8) for p in planes_of(SCENE)))
    out, _ = shown(grain)
    assert same(out, SCENE)


@settings(max_examples=25)
@given(boxes, boxes, seeds)
def test_held_fills_tell_nothing_of_the_frame_in_between(first: Box, second: Box, seed: int) -> None:
    """While values are held, the *fill* is that of the earlier frame: two different people give the same cells."""
    x0, y0, x1, y1 = (int(n) // 4 * 4 for n in second)
    before, one = somebody(first, seed), somebody((x0, y0, x1, y1), seed)
    two = copied(one)
    two.y[y0:y1, x0:x1] = 240
    decisions = [against_plate(reduce(f, GRID), plate_of(SCENE, GRID), GRID) for f in (one, two)]
    assert np.array_equal(decisions[0].reasons, decisions[1].reasons)
    for a, b in zip(shown(one, before=before), shown(two, before=before), strict=True):
        assert same(a, b)


def hidden_without_plate(frame: RawPlanes, box: Box, kind: Kind) -> tuple[RawPlanes, Decision]:
    cells = reduce(frame, GRID)
    decision = nothing_hidden(GRID)
    hide_found(decision, found(box, kind=kind), GRID, heads_only=False)
    return Composer(GRID).compose(decision, HeldFill(GRID).update(cells.y, 0.0), frame), decision


@settings(max_examples=40)
@given(boxes, st.sampled_from(list(Kind)), seeds)
def test_without_a_plate_only_cell_means_of_what_is_hidden_matter(box: Box, kind: Kind, seed: int) -> None:
    frame = somebody(box, seed)
    out, decision = hidden_without_plate(frame, box, kind)
    changed = shuffled_in_cells(frame, GRID, decision.reasons > 0, seed)
    assert not same(changed, frame)
    again, _ = hidden_without_plate(changed, box, kind)
    assert same(out, again)
    hidden = pixels_of(decision.reasons > 0, GRID)
    assert out.y[hidden].max() < MARK - 4
    assert np.array_equal(out.y[~hidden], frame.y[~hidden])


@settings(max_examples=20)
@given(seeds)
def test_a_mosaic_tells_only_cell_means(seed: int) -> None:
    random = np.random.default_rng(seed)
    frame = RawPlanes(*(random.integers(0, 256, p.shape, np.uint8) for p in planes_of(SCENE)))
    changed = shuffled_in_cells(frame, GRID, np.ones(GRID.cells, bool), seed)
    for which in (frame, changed):
        decision = against_plate(reduce(which, GRID), plate_of(SCENE, GRID), GRID)
        assert decision.mosaic is Mosaic.CUT
    for one, two in zip(shown(frame), shown(changed), strict=True):
        assert same(one, two)
