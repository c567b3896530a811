"""Every alert on its way through a camera's darkroom: pictures in, and a message within a second of what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from tests.unit.darkroom.scenes import found
from tests.unit.darkroom.script import Script
from tests.unit.darkroom.street import SIZE, Floats, boxes_at, street

from passerby.crowd import scene_file
from passerby.crowd.alerts import Severity, What, reason_of
from passerby.crowd.levels import DANGER, DENSITY_ALERTS, Profile, exit_rate
from passerby.crowd.levels import Exit as Way
from passerby.crowd.occupancy import Estimate
from passerby.crowd.pressure import TURBULENT
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom._frames import What as Kind
from passerby.darkroom.census import Census
from passerby.darkroom.redaction import Options, Redaction
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import FIRST_LINE, WHOLE_CAMERA, Alert, Message

FPS = 10
NOBODY = np.zeros((0, 2))
# 640 x 360 pixels are 16 x 9 m. The square is 4 x 4 m, the door 4 m wide, the gate as wide as the street.
SCENE = scene_file.of(
    {
        "version": 1,
        "ground": {"image": [[0, 0], [640, 0], [640, 360], [0, 360]], "metres": [[0, 0], [16, 0], [16, 9], [0, 9]]},
        "zones": [
            {"id": "all", "polygon": [[0, 0], [640, 0], [640, 360], [0, 360]]},
            {"id": "square", "polygon": [[240, 100], [400, 100], [400, 260], [240, 260]], "profile": "standing-event"},
        ],
        "lines": [
            {"id": "door", "from": [320, 100], "to": [320, 260], "exit": "level"},
            {"id": "gate", "from": [480, 0], "to": [480, 360], "way": "in"},
        ],
    }
)
ALL, SQUARE, DOOR, GATE = 0, 1, FIRST_LINE, FIRST_LINE + 1
People = Callable[[float], Floats]


def darkroom(shows: bool, script: Script, out: list[Message]) -> Callable[[RawPlanes, Record], None]:
    """A camera's darkroom that counts alone, or hides as well."""
    about = replace(ABOUT, time_base_num=1, time_base_den=FPS, flags=Record.LIVE | Record.LAST_PASS)
    # However slow the machine that runs the test: searching is never too dear.
    options = Options(live=True, count=True, search_share=1e9)
    if shows:
        return Redaction(about, SIZE, script, out.append, Tally(bytes(32)), options, scene=SCENE).redact
    return Census(about, SIZE, script, out.append, Tally(bytes(32)), options, SCENE).count


@dataclass(frozen=True)
class Told:
    """An alert, and the time of the frame that was worked on when it left."""

    alert: Alert
    left_s: float


def alerts(
    where: People, seconds: float, *, shows: bool = False, covered: tuple[float, float] = (0.0, 0.0)
) -> list[Told]:
    """What a camera says of people who stand where a function of time says."""
    out: list[Message] = []
    told: list[Told] = []
    script = Script(lambda n: found(*boxes_at(where(n / FPS)).tolist(), score=0.95))
    frame = darkroom(shows, script, out)
    for n in range(round(seconds * FPS)):
        script.now = n
        planes = street(boxes_at(where(n / FPS)))
        if covered[0] <= n / FPS < covered[1]:
            planes.y[:] = 60
        frame(planes, replace(ABOUT, time_base_num=1, time_base_den=FPS, what=Kind.FRAME, flags=0, pts=n,
                              width=SIZE[0], height=SIZE[1]))  # fmt: skip
        told += [Told(m, n / FPS) for m in out if isinstance(m, Alert)]
        out.clear()
    return told


def of(told: list[Told], what: What, place: int) -> list[Told]:
    return [t for t in told if (t.alert.what, t.alert.zone) == (what, place)]


def severities(told: list[Told]) -> list[Severity]:
    return [Severity(t.alert.severity) for t in told]


def well_told(told: list[Told]) -> None:
    """Each left while its own frame was worked on, or the next one or two where another thread may search; with an
    interval, and a line that holds its numbers."""
    for t in told:
        a = t.alert
        assert 0 <= t.left_s - a.time_s <= 0.5
        assert a.low <= a.value <= a.high
        said = reason_of(a.what, a.severity, "here", Estimate(a.value, a.low, a.high))
        assert "between" in said and said.count("here") == 1


def packed(per_m2: float) -> Floats:
    """People evenly over the square of 4 x 4 m."""
    side = round(4 * per_m2**0.5)
    at = (np.arange(side) + 0.5) * 4 / side
    x, y = np.meshgrid(at + 6, at + 2.5)
    return np.column_stack((x.ravel(), y.ravel()))


def walkers(time_s: float, speed: float = 1.2, count: int = 10, start: float = 1.0) -> Floats:
    """People in two rows who walk to the right."""
    x = start + 1.2 * (np.arange(count) // 2) + speed * time_s
    return np.column_stack((x, np.where(np.arange(count) % 2, 3.0, 5.5)))


@pytest.mark.parametrize("shows", [False, True])
def test_density_up_with_room_between_and_held_back(shows: bool) -> None:
    """5 and 4 people a square metre are the profile's limits; what wavers about one is told once."""
    limit = DENSITY_ALERTS[Profile.STANDING_EVENT][DANGER]
    steps = [(4, 0.0), (8, 5.8), (12, 4.7), (16, 5.8), (20, 0.0), (24, 5.8), (28, 0.0)]

    def where(time_s: float) -> Floats:
        return packed(next(per_m2 for end_s, per_m2 in steps if time_s < end_s))

    told = of(alerts(where, 28, shows=shows), What.DENSITY, SQUARE)
    well_told(told)
    # 4.7 is within the room below 5; the square that fills again within half a minute is not told as danger again.
    assert severities(told)[:2] == [Severity.DANGER, Severity.CLEARED]
    assert Severity.DANGER not in severities(told)[2:]
    assert 4 <= told[0].alert.time_s <= 5 and told[0].alert.value >= limit
    assert 16 <= told[1].alert.time_s <= 17


def test_flow_through_an_exit() -> None:
    """Four lanes over 4 m, one a metre in each, at 2 m/s: 2 a metre and second, where 1.37 are the most."""
    lanes, ranks = np.meshgrid(np.arange(4), np.arange(12))

    def where(time_s: float) -> Floats:
        x = 6.5 - ranks.ravel() * 1.0 + 2.0 * time_s
        people = np.column_stack((x, 3.0 + lanes.ravel() * 1.0))
        return np.asarray(people[(x > 0.5) & (x < 15.5)])

    told = of(alerts(where, 5), What.EXIT_FLOW, DOOR)
    well_told(told)
    assert severities(told)[:2] == [Severity.WARNING, Severity.DANGER]
    assert told[1].alert.value >= exit_rate(Way.LEVEL)
    # The first rank is firmly over the line after 0.9 s.
    assert told[1].alert.time_s <= 2.5


@pytest.mark.parametrize(("speed", "start", "told"), [(1.5, 5.0, True), (-1.5, 10.0, False)])
def test_counter_flow_by_those_who_cross(speed: float, start: float, told: bool) -> None:
    """In goes from the line's left to its right, which is to the left in the picture."""
    raised = of(alerts(lambda t: walkers(t, speed, start=start), 6), What.COUNTER_FLOW, GATE)
    well_told(raised)
    assert bool(raised) == told
    if told:
        assert raised[0].alert.severity == Severity.DANGER and raised[0].alert.value > 0.9


def test_counter_flow_of_a_crowd_by_how_the_picture_moves() -> None:
    """All walk the way they should, and at 3 s all turn: by first passages nobody has ever gone against it."""
    x, y = np.meshgrid(np.arange(10.6, 13.5, 0.7), np.arange(1.6, 9.0, 0.4))
    crowd = np.column_stack((x.ravel(), y.ravel()))

    def where(time_s: float) -> Floats:
        return crowd - np.array([0.5 * (min(time_s, 3.0) - max(0.0, time_s - 3.0)), 0.0])

    told = of(alerts(where, 7), What.COUNTER_FLOW, GATE)
    well_told(told)
    assert severities(told)[-1] == Severity.DANGER
    assert 3.0 < told[0].alert.time_s <= 4.0


@pytest.mark.parametrize("shows", [False, True])
def test_a_crowd_that_stops(shows: bool) -> None:
    told = of(alerts(lambda t: walkers(min(t, 6.5)), 9, shows=shows), What.SUDDEN_STOP, ALL)
    well_told(told)
    assert Severity.DANGER in severities(told)
    assert all(6.5 <= t.alert.time_s <= 8.0 for t in told)
    assert told[0].alert.time_s <= 7.5


def test_pressure_of_a_crowd_that_is_pushed_to_and_fro() -> None:
    """0.3 m/s once a second, 4 people a square metre: from the third second on, never before."""

    def where(time_s: float) -> Floats:
        push = 0.3 / (2 * np.pi) * (1 - np.cos(2 * np.pi * max(0.0, time_s - 3.0)))
        return packed(4.0) + np.array([push, 0.0])

    told = of(alerts(where, 7), What.PRESSURE, SQUARE)
    well_told(told)
    assert severities(told)[-1] == Severity.DANGER and told[-1].alert.value >= TURBULENT
    # Half a push must have been seen before there is a variance at all.
    assert 3.0 < told[0].alert.time_s <= 4.0


@pytest.mark.parametrize("per_m2", [1.0, 4.0])
def test_who_stands_or_walks_together_is_not_pressed(per_m2: float) -> None:
    assert not of(alerts(lambda t: packed(per_m2) + np.array([0.3 * t, 0.0]), 5), What.PRESSURE, ALL)


@pytest.mark.parametrize("shows", [False, True])
def test_a_blind_camera_and_one_that_sees_again(shows: bool) -> None:
    told = of(alerts(lambda _: NOBODY, 8, shows=shows, covered=(2.0, 5.0)), What.BLIND, WHOLE_CAMERA)
    well_told(told)
    assert severities(told) == [Severity.DANGER, Severity.CLEARED]
    assert 2 <= told[0].alert.time_s <= 3 and 5 <= told[1].alert.time_s <= 6


def test_an_empty_street_raises_nothing() -> None:
    assert alerts(lambda _: NOBODY, 4) == []


def test_an_alert_has_no_room_for_a_person() -> None:
    assert {f.name for f in fields(Alert)} == {"time_s", "what", "severity", "zone", "value", "low", "high"}
