"""Real walkers in made-up night, infrared and rain are hidden; where most differs from the plate, everything is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import replay
from bench.conditions import CONDITIONS, Asks, Moment
from bench.frontier import scored

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.finder import Finder, Look, models_for, plan_for
from passerby.darkroom.find.found import NOTHING, Found
from passerby.darkroom.find.network import available, prepare
from passerby.darkroom.redaction import LONG_VIDEO_LOOKS
from passerby.outlet.messages import Mode, Mosaic

pytestmark = pytest.mark.xdist_group("leak")
FRAMES, EVERY, MIDDLE = 30, 13, 20
# In the yardstick's labels a head is the upper 22 % and the middle 60 % of a body.
HIGH, WIDE = 0.22, 0.60


class Street:
    """Thirty frames of ten walkers, a second apart."""

    def __init__(self, folder: Path, yardstick: Any) -> None:
        whole = replay.read(folder / "video.mp4", "street")
        self.clip = replace(whole, frames=whole.frames[::EVERY][:FRAMES], rate=Fraction(1))
        self.heads: dict[int, list[Any]] = defaultdict(list)
        for line in (folder / "gt.txt").read_text().splitlines():
            frame, name, *box = line.split(",")[:6]
            index, rest = divmod(int(float(frame)) - 1, EVERY)
            x, y, w, h = (float(v) for v in box)
            if not rest and index < FRAMES and HIGH * h >= yardstick.SMALLEST:
                self.heads[index + 1].append((x + (1 - WIDE) / 2 * w, y, WIDE * w, HIGH * h, name))
        self.yardstick = yardstick
        runtime = prepare(available(), models_for(LONG_VIDEO_LOOKS))
        self._finder = Finder(plan_for(whole.size, pictures=False), LONG_VIDEO_LOOKS, runtime, 1)

    def worse(self, name: str) -> replay.Clip:
        """The frames under a condition."""
        random = np.random.default_rng(1)
        moments = [Moment(planes, index, random, MIDDLE) for index, planes in enumerate(self.clip.frames)]
        return replace(self.clip, frames=tuple(CONDITIONS[name](now) for now in moments))

    def redacted(self, clip: replay.Clip, folder: Path) -> replay.Run:
        return replay.redact(clip, Asks(clip, folder, self._finder))


@pytest.fixture(scope="module")
def street(data_dir: Path, yardstick: Any) -> Street:
    return Street(data_dir / "mot-pets09-s2l1", yardstick)


@pytest.mark.parametrize("name", ["night", "infrared", "rain"])
def test_walkers_are_hidden(name: str, street: Street, tmp_path: Path) -> None:
    clip = street.worse(name)
    run = street.redacted(clip, tmp_path)
    heads, leaked, blocks, kept = scored(street.yardstick, clip, run.shown, street.heads, 0, 1, 0)
    assert heads > 100
    assert leaked == 0
    assert kept > 0.3 * blocks


class Nobody:
    """Finds nothing: what is left is the plate."""

    frame = 0

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        return NOTHING


@pytest.mark.parametrize("name", ["covered lens", "cut"])
def test_what_no_longer_fits_the_background_is_hidden_whole(name: str, street: Street) -> None:
    """Ten frames of it after thirty usual ones, from which the plate is learnt."""
    clip = replace(street.clip, frames=(*street.clip.frames, *street.worse(name).frames[MIDDLE:]))
    run = replay.redact(clip, Nobody())
    assert run.tally.mode is Mode.PLATE
    assert run.tally.mosaic_frames[Mosaic.CUT] == FRAMES - MIDDLE


def test_a_jump_of_exposure_is_followed(street: Street) -> None:
    clip = replace(street.clip, frames=(*street.clip.frames, *street.worse("exposure jump").frames[MIDDLE:]))
    run = replay.redact(clip, Nobody())
    assert not run.tally.mosaic_frames[Mosaic.CUT]
    usual, bright = (run.shown[n].astype(int) for n in (MIDDLE, FRAMES))
    assert (bright - usual).mean() > 5
