"""Who averages 200 frames of one walker, aligned to the pixel, still doesn't see his head."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.darkroom.scenes import Box, copied, found, textured
from tests.unit.darkroom.script import Item, Script, watched

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide import cells
from passerby.darkroom.redaction import Options
from passerby.outlet.messages import Mode

GRID = Grid(320, 180)
SCENE = textured(GRID, 3)
FRAMES, MARGIN, FINE_PX = 200, 6, 3
HEAD, BODY, TOP, LEFT = 16, (24, 80), 48, 30
Luma = NDArray[np.uint8]


def head() -> Luma:
    """Light and dark patches of 4 px, as eyes, hair and a mouth make them."""
    patches = np.random.default_rng(5).choice([40, 220], (HEAD // 4, HEAD // 4)).astype(np.uint8)
    return cv2.resize(patches, (HEAD, HEAD), interpolation=cv2.INTER_LINEAR)


def walking() -> list[RawPlanes]:
    """He walks one pixel a frame."""
    frames = []
    for n in range(FRAMES):
        frame = copied(SCENE)
        frame.y[TOP : TOP + BODY[1], LEFT + n : LEFT + n + BODY[0]] = 30
        at = LEFT + n + (BODY[0] - HEAD) // 2
        frame.y[TOP : TOP + HEAD, at : at + HEAD] = head()
        frames.append(frame)
    return frames


def box(n: int) -> Box:
    return float(LEFT + n), float(TOP), float(LEFT + n + BODY[0]), float(TOP + BODY[1])


def average(frames: list[Luma]) -> NDArray[np.float32]:
    """The head with a margin, over all frames, each moved to where he is."""
    left = LEFT + (BODY[0] - HEAD) // 2 - MARGIN
    parts = [
        f[TOP - MARGIN : TOP + HEAD + MARGIN, left + n : left + n + HEAD + 2 * MARGIN] for n, f in enumerate(frames)
    ]
    return np.mean(np.array(parts, np.float32), axis=0)


def seen(yardstick: Any, one: NDArray[Any], two: NDArray[Any]) -> bool:
    gradients = (yardstick.gradients(one), yardstick.gradients(two))
    return bool(yardstick.survives(*gradients, MARGIN, MARGIN, MARGIN + HEAD, MARGIN + HEAD))


@pytest.mark.parametrize("plate", [True, False])
def test_averaging_a_walkers_frames_does_not_show_his_head(
    plate: bool, yardstick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = walking()
    item = watched(Item(GRID, Script(lambda n: found(box(n), score=0.8)), Options()), monkeypatch)
    if plate:
        item.script._learnt = lambda _: found()
        item.learn(lambda _: SCENE)
    item.redact([copied(frame) for frame in frames])
    assert item.tally.mode is (Mode.PLATE if plate else Mode.NO_PLATE)
    truth = average([frame.y for frame in frames])
    assert not seen(yardstick, truth, average([shown.out.y for shown in item.shown]))


def test_the_attack_sees_through_cells_that_are_fine_and_never_held(yardstick: Any) -> None:
    """Or the test above could not fail."""
    frames = [frame.y for frame in walking()]
    height, width = frames[0].shape
    small = [cv2.resize(f, (width // FINE_PX, height // FINE_PX), interpolation=cv2.INTER_AREA) for f in frames]
    shown = [cv2.resize(c, (width, height), interpolation=cv2.INTER_NEAREST) for c in small]
    assert seen(yardstick, average(frames), average(shown))


def test_averaging_does_not_tell_the_shade_of_a_coat(yardstick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head of half a fill cell, shaded by the collar: values of single cells told it, means over nine don't."""
    grid, high, body, top, left = Grid(640, 368), 12, (26, 84), 120, 60
    scene = textured(grid, 3)
    shade = np.clip(128 - 108 * np.arange(body[1]) / (2 * high), 20, 128).astype(np.uint8)
    frames = [copied(scene) for _ in range(FRAMES)]
    for n, frame in enumerate(frames):
        frame.y[top : top + body[1], left + n : left + n + body[0]] = shade[:, None]

    def averaged(lumas: list[Luma]) -> NDArray[np.float32]:
        x, y, side = left + (body[0] - high) // 2 - MARGIN, top - MARGIN, high + 2 * MARGIN
        parts = [luma[y : y + side, x + n : x + n + side] for n, luma in enumerate(lumas)]
        return np.mean(np.array(parts, np.float32), axis=0)

    def made_out() -> bool:
        def boxed(n: int) -> Box:
            return float(left + n), float(top), float(left + n + body[0]), float(top + body[1])

        item = watched(Item(grid, Script(lambda n: found(boxed(n), score=0.8)), Options()), monkeypatch)
        item.script._learnt = lambda _: found()
        item.learn(lambda _: scene)
        item.redact(frames)
        ours, theirs = averaged([f.y for f in frames]), averaged([s.out.y for s in item.shown])
        gradients = yardstick.gradients(ours), yardstick.gradients(theirs)
        return bool(yardstick.survives(*gradients, MARGIN, MARGIN, MARGIN + high, MARGIN + high))

    assert not made_out()
    monkeypatch.setattr(cells, "SPREAD", (1, 1))
    assert made_out(), "or this test could not fail"
