"""Alerts come at once, don't flicker, and say why."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd.alerts import (
    WORDS,
    Raised,
    Rule,
    Severity,
    Stop,
    Watch,
    What,
    blind,
    counter_flow,
    density,
    exit_flow,
    pressure,
    sudden_stop,
)
from passerby.crowd.levels import Exit, Profile
from passerby.crowd.occupancy import Estimate

RULE = Rule(What.DENSITY, 2.0, 4.0, clear=0.85, hold_off_s=30)
ALL = (
    [density(p) for p in Profile] + [exit_flow(e) for e in Exit] + [counter_flow(), sudden_stop(), pressure(), blind()]
)


def around(value: float) -> Estimate:
    return Estimate(value, 0.9 * value, 1.1 * value)


def run(values: list[float], step_s: float = 1.0, rule: Rule = RULE) -> list[Raised]:
    watch = Watch(rule, "gate")
    return [r for n, v in enumerate(values) if (r := watch.saw(around(v), n * step_s))]


@pytest.mark.parametrize("rule", ALL, ids=lambda r: f"{r.what.name}-{r.danger:.3g}")
def test_at_once_and_in_words(rule: Rule) -> None:
    """The very number that is too high raises: no frame is waited for, so an alert is as young as its frame."""
    (raised,) = run([0.0, 0.0, rule.danger * 1.01], 0.2, rule)
    assert raised.time_s == pytest.approx(0.4)
    assert raised.severity is Severity.DANGER
    for part in (WORDS[rule.what], "between", "danger"):
        assert part in raised.reason
    assert len(raised.reason.splitlines()) == 1
    assert raised.number == around(rule.danger * 1.01)


def test_up_and_down_with_room_between() -> None:
    found = run([1, 2.1, 1.9, 1.75, 2.1, 4.2, 3.8, 3.3, 1.6])
    assert [(r.severity, r.time_s) for r in found] == [
        (Severity.WARNING, 1),
        (Severity.DANGER, 5),
        (Severity.WARNING, 7),
        (Severity.CLEARED, 8),
    ]


@given(st.lists(st.floats(1.75, 2.4), min_size=2, max_size=60))
def test_trembling_at_the_threshold_raises_once(values: list[float]) -> None:
    assert len(run(values)) <= 1


@given(st.lists(st.floats(0, 3.9), min_size=1, max_size=200))
def test_the_same_is_not_raised_twice_within_the_hold_off(values: list[float]) -> None:
    warnings = [r.time_s for r in run(values, 0.5) if r.severity is Severity.WARNING]
    assert all(b - a >= RULE.hold_off_s for a, b in itertools.pairwise(warnings))


def test_what_lasts_is_raised_after_the_hold_off() -> None:
    """Held back is not forgotten: the alert comes as soon as it may."""
    found = run([2.5, 1.0] + [2.5] * 40)
    assert [r.time_s for r in found if r.severity is Severity.WARNING] == [0, 30]


def test_worse_is_never_held_back() -> None:
    assert [r.severity for r in run([2.5, 4.5])] == [Severity.WARNING, Severity.DANGER]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=100))
def test_each_alert_changes_something(values: list[float]) -> None:
    severities = [r.severity for r in run(values)]
    assert all(a != b for a, b in zip([Severity.CLEARED, *severities], severities, strict=False))


def test_no_number_is_no_danger() -> None:
    assert run([float("nan")] * 5) == []


def test_an_alert_has_no_room_for_a_person() -> None:
    assert set(Raised.__dataclass_fields__) == {"what", "severity", "place", "time_s", "number", "reason"}


def test_green_guide_rates() -> None:
    """82, 72, 66, 56 people a minute and metre."""
    assert [exit_flow(e).danger * 60 for e in Exit] == pytest.approx([82, 72, 66, 56])


def stopped(speeds: list[float], fps: float = 5.0) -> list[float]:
    stop = Stop()
    return [stop.saw(Estimate(v, 0.9 * v, 1.1 * v), n / fps).value for n, v in enumerate(speeds)]


def test_a_crowd_that_stops_has_stopped_within_a_second() -> None:
    lost = stopped([1.3] * 100 + [0.05] * 5)
    assert max(lost[:100]) == 0
    assert lost[-1] >= sudden_stop().warn


def test_a_crowd_that_slows_down_or_stands_has_not_stopped() -> None:
    slowing = [1.3 * (1 - n / 1500) for n in range(1500)]
    assert max(stopped(slowing)) < sudden_stop().warn
    assert max(stopped([0.1, 0.3, 0.0] * 100)) == 0


@given(st.lists(st.floats(0, 5), min_size=1, max_size=80))
def test_what_was_lost_is_a_share(speeds: list[float]) -> None:
    assert all(0 <= lost <= 1 for lost in stopped(speeds))
