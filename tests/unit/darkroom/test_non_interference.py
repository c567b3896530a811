"""From raw frames to coded packets: pixels of hidden cells that keep the cell's mean change not one byte.

`hide/test_non_interference.py` shows it for one frame; here the mask, the plate, what waits, what is carried and the
encoder's state are those of a whole run, of a file and of a camera.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import Box, copied, found, painted, same, shuffled_in_cells, textured
from tests.unit.darkroom.script import Item, Script, watched

from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.grid import Grid
from passerby.darkroom.redaction import Options
from passerby.outlet.messages import Mode, Mosaic

GRID = Grid(160, 128)
SCENE = textured(GRID, 3)
BOX: Box = (40, 40, 64, 96)
FRAMES = 6
KINDS = {
    "a file with a plate": (Mode.PLATE, Mosaic.NONE),
    "a file without": (Mode.NO_PLATE, Mosaic.NONE),
    "as live": (Mode.PLATE, Mosaic.NONE),
    "as live, learning": (Mode.MOSAIC, Mosaic.LEARNING),
    "a camera": (Mode.PLATE, Mosaic.NONE),
}


def worked_on(kind: str, frames: list[RawPlanes]) -> Item:
    """One run of a kind, from learning to the last packet."""
    live = kind not in ("a file with a plate", "a file without")
    with pytest.MonkeyPatch.context() as patch:
        item = watched(Item(GRID, Script(lambda _: found(BOX)), Options(count=True, live=live)), patch)
        if KINDS[kind][0] is Mode.PLATE:
            item.script._learnt = lambda _: found()
            item.learn(lambda _: SCENE)
        if kind == "a camera":
            item.about = replace(item.about, flags=Record.LIVE | Record.LAST_PASS)
            item.work.resume(item.about, item.tally)
        item.redact([copied(frame) for frame in frames])
    assert item.tally.mode is KINDS[kind][0]
    assert {shown.mosaic for shown in item.shown} == {KINDS[kind][1]}
    return item


def walker(seed: int) -> list[RawPlanes]:
    """Somebody with a pattern, who moves a little in every frame."""
    random = np.random.default_rng(seed)
    frames = []
    for n in range(FRAMES):
        x0, y0, x1, y1 = (int(v) for v in BOX)
        frame = painted(SCENE, (x0 + 2, y0 + 2, x1 - 2, y1 - 2), 220, u=90, v=170)
        frame.y[y0 + 2 : y1 - 2, x0 + 2 + n : x0 + 12 + n] = random.integers(200, 256, (y1 - y0 - 4, 10))
        frames.append(frame)
    return frames


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_hidden_changes_no_byte(kind: str, seed: int) -> None:
    frames = walker(seed)
    one = worked_on(kind, frames)
    masks = [shown.reasons > 0 for shown in one.shown]
    changed = [shuffled_in_cells(f, GRID, m, seed) for f, m in zip(frames, masks, strict=True)]
    assert not any(same(a, b) for a, b in zip(frames, changed, strict=True))
    two = worked_on(kind, changed)
    assert all(np.array_equal(m, s.reasons > 0) for m, s in zip(masks, two.shown, strict=True))
    assert two.out == one.out


def test_a_pixel_that_is_shown_does_change_bytes() -> None:
    """Or the test above could not fail."""
    frames = walker(1)
    changed = [copied(frame) for frame in frames]
    for frame in changed:
        frame.y[:32, :32] = 255 - frame.y[:32, :32]
    assert worked_on("a file without", changed).packets != worked_on("a file without", frames).packets
