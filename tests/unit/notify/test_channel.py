"""When a channel is told: never before its time, never inside a quiet time, and at once where it matters."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd.alerts import Severity, What
from passerby.notify.channel import NOTHING, US, Channel, Quiet
from passerby.store.events import AlertRow

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NIGHT = Quiet(time(22), time(6))


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).timestamp() * US)


def alert(
    time_us: int, severity: Severity = Severity.WARNING, what: What = What.DENSITY, camera: str = "gate"
) -> AlertRow:
    return AlertRow(camera, time_us, int(what), int(severity), 1, 4.2, 3.9, 4.5, "square", 7)


@pytest.mark.parametrize(
    ("channel", "raised", "told"),
    [
        (Channel("a"), "2026-11-28T23:30", "2026-11-28T23:30"),
        (Channel("a", after_s=120), "2026-11-28T12:00", "2026-11-28T12:02"),
        (Channel("a", quiet=(NIGHT,)), "2026-11-28T23:30", "2026-11-29T06:00"),
        (Channel("a", quiet=(NIGHT,)), "2026-11-29T05:59", "2026-11-29T06:00"),
        (Channel("a", quiet=(NIGHT,)), "2026-11-29T06:00", "2026-11-29T06:00"),
        (Channel("a", quiet=(NIGHT,)), "2026-11-28T21:59:59", "2026-11-28T21:59:59"),
        (Channel("a", quiet=(NIGHT,), after_s=60), "2026-11-28T21:59:30", "2026-11-29T06:00"),
        (Channel("a", quiet=(NIGHT, Quiet(time(6), time(7)))), "2026-11-28T23:30", "2026-11-29T07:00"),
        # The night in which clocks go back is an hour longer, the one in which they go forward an hour shorter.
        (Channel("a", quiet=(NIGHT,)), "2026-10-24T23:00", "2026-10-25T06:00"),
        (Channel("a", quiet=(NIGHT,)), "2026-03-28T23:00", "2026-03-29T06:00"),
    ],
)
def test_when(channel: Channel, raised: str, told: str) -> None:
    channel = Channel(channel.name, after_s=channel.after_s, quiet=channel.quiet, zone=AMSTERDAM)
    assert channel.due_us(alert(at(raised))) == at(told)


def test_danger_wakes_people_unless_nothing_may() -> None:
    raised = alert(at("2026-11-28T23:30"), Severity.DANGER)
    assert Channel("a", quiet=(NIGHT,), zone=AMSTERDAM).due_us(raised) == raised.time_us
    silent = Channel("a", quiet=(NIGHT,), zone=AMSTERDAM, through=NOTHING)
    assert silent.due_us(raised) == at("2026-11-29T06:00")


def test_what_a_channel_wants() -> None:
    some = Channel(
        "a", least=Severity.DANGER, kinds=frozenset({What.DENSITY}), cameras=frozenset({"gate"}), cleared=False
    )
    assert some.wants(alert(0, Severity.DANGER))
    assert not some.wants(alert(0, Severity.WARNING))
    assert not some.wants(alert(0, Severity.CLEARED))
    assert not some.wants(alert(0, Severity.DANGER, What.BLIND))
    assert not some.wants(alert(0, Severity.DANGER, camera="other"))
    assert Channel("a", least=Severity.DANGER).wants(alert(0, Severity.CLEARED))


@given(
    st.integers(1_735_689_600, 1_830_297_600),
    st.lists(st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] != pair[1]), max_size=3),
    st.floats(0, 7200),
    st.sampled_from([AMSTERDAM, ZoneInfo("Asia/Hong_Kong"), ZoneInfo("America/St_Johns"), UTC]),
)
def test_never_early_never_in_a_quiet_time_and_within_a_day_of_each(
    when_s: int, spans: list[tuple[time, time]], after_s: float, zone: ZoneInfo
) -> None:
    quiet = tuple(Quiet(begins.replace(microsecond=0), ends.replace(microsecond=0)) for begins, ends in spans)
    quiet = tuple(q for q in quiet if q.begins != q.ends)
    raised = alert(when_s * US)
    due_us = Channel("a", after_s=after_s, quiet=quiet, zone=zone).due_us(raised)
    assert due_us >= raised.time_us + round(after_s * US)
    due = datetime.fromtimestamp(due_us / US, zone)
    if len(quiet) == 1:
        assert quiet[0].until(due) is None
    assert due_us - raised.time_us <= (after_s + (len(quiet) + 1) * 25 * 3600) * US
