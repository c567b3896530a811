"""The real network and the counter where nobody is: exactly 0, whatever the picture shows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from bench.counting.empty import CLIPS, HEIGHT, WIDTH, street
from numpy.typing import NDArray

from passerby.crowd.alerts import What
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom._frames import What as Frame
from passerby.darkroom.census import LOOKS, Census
from passerby.darkroom.find.finder import Finder, models_for, plan_for
from passerby.darkroom.find.network import available, prepare
from passerby.darkroom.redaction import Options
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Alert, Counts, Message

LOOKS_EACH = 6
BLIND = {"black", "white", "covered lens"}


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(plan_for((WIDTH, HEIGHT), pictures=False), LOOKS, prepare(available(), models_for(LOOKS)), 1)


def planes(picture: NDArray[np.uint8]) -> RawPlanes:
    coded = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
    quarter = HEIGHT // 4
    u, v = (coded[HEIGHT + n * quarter : HEIGHT + (n + 1) * quarter].reshape(HEIGHT // 2, WIDTH // 2) for n in (0, 1))
    return RawPlanes(coded[:HEIGHT], u, v)


@pytest.mark.parametrize("name", list(CLIPS))
def test_nobody_is_counted_and_nothing_raised_but_blind(name: str, finder: Finder) -> None:
    out: list[Message] = []
    about = replace(
        ABOUT, width=WIDTH, height=HEIGHT, time_base_num=1, time_base_den=5, flags=Record.LIVE | Record.LAST_PASS
    )
    census = Census(about, (WIDTH, HEIGHT), finder, out.append, Tally(bytes(32)), Options(per_frame=True, live=True))
    chance = np.random.default_rng(2)
    for n in range(LOOKS_EACH):
        # A camera's clock is the machine's, and this one is never late: each frame is looked at.
        census.count(planes(CLIPS[name](chance)), replace(about, what=Frame.FRAME, flags=0, pts=25 * n))
    counts = [m for m in out if isinstance(m, Counts)]
    assert len(counts) == LOOKS_EACH
    assert {(m.people, m.low, m.high, m.vehicles) for m in counts} == {(0, 0, 0, 0)}
    raised = {m.what for m in out if isinstance(m, Alert)}
    assert raised <= {What.BLIND}
    if name in BLIND:
        assert raised == {What.BLIND}


def test_control_somebody_is_counted(finder: Finder) -> None:
    """A drawn figure is somebody to the network: what finds nobody above can find."""
    picture = street()
    for x in (150, 330, 500):
        cv2.circle(picture, (x, 232), 13, (140, 160, 200), -1)
        cv2.ellipse(picture, (x, 290), (24, 46), 0, 0, 360, (60, 40, 120), -1)
        for leg in (-11, 11):
            cv2.line(picture, (x + leg // 2, 325), (x + leg, 405), (70, 50, 40), 15)
        for arm in (-1, 1):
            cv2.line(picture, (x + 18 * arm, 262), (x + 32 * arm, 322), (60, 40, 120), 11)
    found = finder.find(planes(picture), (WIDTH, HEIGHT), LOOKS[0], full_range=False)
    assert (found.scores >= 0.3).any()
