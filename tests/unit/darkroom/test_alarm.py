"""A darkroom that sees nothing says so within a second, once, and takes it back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.darkroom.script import Script

from passerby.crowd.alerts import Severity, What
from passerby.crowd.occupancy import Estimate
from passerby.crowd.place import LineNow
from passerby.crowd.scene_file import parse
from passerby.crowd.zone_state import ZoneNow
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom._frames import What as Kind
from passerby.darkroom.alarm import Alarms
from passerby.darkroom.census import Census
from passerby.darkroom.redaction import Options
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.sight import shows_nothing
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import FIRST_LINE, WHOLE_CAMERA, Alert, Message

SIZE = (640, 360)
SCENE = parse(
    """{"version":1,"camera":"","ground":{"image":[[0,0],[600,0],[600,300],[0,300]],
"metres":[[0,0],[20,0],[20,10],[0,10]]},"zones":[{"id":"path","polygon":[[0,0],[300,0],[300,300]]},
{"id":"stand","polygon":[[300,0],[600,0],[600,300]],"profile":"standing-event"}],
"lines":[{"id":"exit","from":[0,100],"to":[300,100],"exit":"level"},
{"id":"gate","from":[0,200],"to":[300,200],"way":"in"}]}"""
)
RNG = np.random.default_rng(7)


def flat(level: int) -> NDArray[np.uint8]:
    return np.full((SIZE[1], SIZE[0]), level, np.uint8)


def street(side: int = 20) -> NDArray[np.uint8]:
    """Coarse things with edges: walls, windows, kerbs."""
    squares = RNG.integers(30, 220, (SIZE[1] // side, SIZE[0] // side))
    return np.repeat(np.repeat(squares, side, axis=0), side, axis=1).astype(np.uint8)


def noisy(level: int, sigma: float) -> NDArray[np.uint8]:
    return np.clip(RNG.normal(level, sigma, (SIZE[1], SIZE[0])), 0, 255).astype(np.uint8)


def covered() -> NDArray[np.uint8]:
    """A hand over the lens: no edge, light that falls off to one side."""
    return np.broadcast_to(np.linspace(40, 110, SIZE[0]).astype(np.uint8), (SIZE[1], SIZE[0])).copy()


BLIND = [flat(16), flat(235), flat(90), noisy(14, 3), noisy(90, 2), covered()]


@pytest.mark.parametrize("luma", BLIND, ids=["black", "white", "grey", "dark", "covered-noisy", "covered"])
def test_nothing_is_seen(luma: NDArray[np.uint8]) -> None:
    share = shows_nothing(luma)
    assert share.value >= 0.95
    assert share.low <= share.value <= share.high


@pytest.mark.parametrize("size", [(64, 64), (640, 64), SIZE, (1920, 1080)])
def test_something_is_seen_at_any_size(size: tuple[int, int]) -> None:
    width, height = size
    luma = np.tile(street(max(5, height // 20)), (4, 4))[:height, :width]
    assert shows_nothing(luma).value < 0.5


def test_half_a_picture_is_not_blind() -> None:
    luma = street()
    luma[: SIZE[1] // 2] = 200
    assert 0.4 < shows_nothing(luma).value < 0.6


def planes(luma: NDArray[np.uint8]) -> RawPlanes:
    grey = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    return RawPlanes(luma, grey, grey)


def test_blind_is_told_once_and_taken_back() -> None:
    out: list[Message] = []
    alarms = Alarms(out.append)
    seen = planes(street())
    for n in range(20 * 25):
        alarms.picture(planes(BLIND[0]) if 125 <= n < 375 else seen, SIZE, n / 25)
    alerts = [m for m in out if isinstance(m, Alert)]
    assert [(m.what, m.severity, m.zone) for m in alerts] == [
        (What.BLIND, Severity.DANGER, WHOLE_CAMERA),
        (What.BLIND, Severity.CLEARED, WHOLE_CAMERA),
    ]
    assert 5 <= alerts[0].time_s <= 6
    assert 15 <= alerts[1].time_s <= 16
    assert alerts[0].low <= alerts[0].value <= alerts[0].high


def now(density: float, speed: float | None = None, pressure: float | None = None) -> ZoneNow:
    return ZoneNow(*(None if v is None else Estimate(v, v * 0.9, v * 1.1) for v in (density, speed, pressure)))


def told(out: list[Message]) -> list[tuple[int, int, int]]:
    return [(m.what, m.severity, m.zone) for m in out if isinstance(m, Alert)]


def test_each_zone_and_line_by_its_own_rules() -> None:
    out: list[Message] = []
    alarms = Alarms(out.append, SCENE)
    quiet = LineNow(None, None)
    alarms.places(([now(1.5), now(1.5)], [quiet, quiet]), 1.0)
    # 1.5 people a square metre are too many on a walkway and few at an event.
    assert told(out) == [(What.DENSITY, Severity.WARNING, 0)]
    full = Estimate(1.5, 1.2, 1.8)
    alarms.places(([now(0.1), now(4.5)], [LineNow(full, None), LineNow(full, Estimate(0.5, 0.3, 0.7))]), 2.0)
    assert told(out)[1:] == [
        (What.DENSITY, Severity.CLEARED, 0),
        (What.DENSITY, Severity.WARNING, 1),
        (What.EXIT_FLOW, Severity.DANGER, FIRST_LINE),
        (What.COUNTER_FLOW, Severity.DANGER, FIRST_LINE + 1),
    ]
    alarms.places(([now(0.1, None, 0.03), now(4.5)], []), 3.0)
    assert told(out)[5:] == [(What.PRESSURE, Severity.DANGER, 0)]
    # The crowd has gone, and so has what it was warned of.
    alarms.places(([now(0.1), now(4.5)], [quiet, quiet]), 40.0)
    assert told(out)[6:] == [
        (What.PRESSURE, Severity.CLEARED, 0),
        (What.COUNTER_FLOW, Severity.CLEARED, FIRST_LINE + 1),
    ]


def test_a_crowd_that_stops_at_once() -> None:
    out: list[Message] = []
    alarms = Alarms(out.append, SCENE)
    for n in range(100):
        alarms.places(([now(0.5, 1.3 if n < 75 else 0.05), now(0.5, 1.3)], []), n * 0.2)
    assert [alert for alert in told(out) if alert[0] == What.SUDDEN_STOP][-1] == (
        What.SUDDEN_STOP,
        Severity.DANGER,
        0,
    )
    first = next(m for m in out if isinstance(m, Alert))
    assert 15.0 <= first.time_s <= 16.0


@pytest.mark.parametrize(("flags", "told"), [(Record.LIVE, 1), (0, 0)])
def test_cameras_have_alerts_and_files_have_none(flags: int, told: int) -> None:
    out: list[Message] = []
    about = replace(ABOUT, time_base_num=1, time_base_den=25, flags=flags)
    census = Census(about, SIZE, Script(), out.append, Tally(bytes(32)), Options(live=bool(flags)))
    for n in range(30):
        census.count(planes(BLIND[0]), replace(about, what=Kind.FRAME, pts=n, flags=0))
    assert len([m for m in out if isinstance(m, Alert)]) == told


def test_a_damaged_frame_is_no_blind_one() -> None:
    out: list[Message] = []
    about = replace(ABOUT, time_base_num=1, time_base_den=25, flags=Record.LIVE)
    census = Census(about, SIZE, Script(), out.append, Tally(bytes(32)), Options(live=True))
    for n in range(30):
        census.count(planes(BLIND[0]), replace(about, what=Kind.FRAME, pts=n, flags=Record.DAMAGED))
    assert not [m for m in out if isinstance(m, Alert)]
