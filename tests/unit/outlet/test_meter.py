"""The meter: what left is read off exactly, and no more leaves than was allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base.errors import OutletError
from passerby.outlet.messages import Checkpoint, Counts, Explain, Health, ItemEnd, Packet
from passerby.outlet.meter import Allowance, Meter

COUNTS = Counts(0, 0.0, 1.0, 0.0, 2.0, 0.0)
SIZE = COUNTS.size_bytes
LOTS = 1e9


class Clock:
    """Seconds that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def metered(**allowance: float) -> tuple[Meter, Clock]:
    clock = Clock()
    return Meter({Counts: Allowance(**allowance)}, clock), clock


def admitted(meter: Meter, message: Counts | Checkpoint, most: int = 1000) -> int:
    for n in range(most):
        try:
            meter.admit(message)
        except OutletError:
            return n
    return most


def test_a_burst_of_messages_and_then_the_rate() -> None:
    meter, clock = metered(messages_per_s=5, bytes_per_s=LOTS, burst_s=2)
    assert admitted(meter, COUNTS) == 10
    clock.now += 0.19
    assert admitted(meter, COUNTS) == 0
    clock.now += 0.02
    assert admitted(meter, COUNTS) == 1
    clock.now += 1
    assert admitted(meter, COUNTS) == 5


def test_a_burst_of_bytes_and_then_the_rate() -> None:
    meter, clock = metered(messages_per_s=LOTS, bytes_per_s=2 * SIZE, burst_s=2)
    assert admitted(meter, COUNTS) == 4
    clock.now += 0.45
    assert admitted(meter, COUNTS) == 0
    clock.now += 0.1
    assert admitted(meter, COUNTS) == 1


def test_the_bytes_are_those_on_the_wire() -> None:
    clock = Clock()
    message = Checkpoint(0.0, bytes(500))
    meter = Meter({Checkpoint: Allowance(LOTS, len(message.pack()), 1.0)}, clock)
    assert admitted(meter, message) == 1
    meter = Meter({Checkpoint: Allowance(LOTS, len(message.pack()) - 1, 1.0)}, clock)
    assert admitted(meter, message) == 0


@pytest.mark.parametrize("rates", [(5, LOTS), (LOTS, 5 * SIZE)], ids=["messages", "bytes"])
def test_rest_saves_up_no_more_than_a_burst(rates: tuple[float, float]) -> None:
    meter, clock = metered(messages_per_s=rates[0], bytes_per_s=rates[1], burst_s=2)
    clock.now += 3600
    assert admitted(meter, COUNTS) == 10


def test_what_is_allowed_once_an_hour_comes_once_an_hour() -> None:
    meter, clock = metered(messages_per_s=1 / 3600, bytes_per_s=LOTS, burst_s=1)
    clock.now += 3601
    assert admitted(meter, COUNTS) == 1
    clock.now += 3590
    assert admitted(meter, COUNTS) == 0
    clock.now += 11
    assert admitted(meter, COUNTS) == 1


def test_an_unknown_kind_is_a_breach_and_counts_for_nothing() -> None:
    meter, _ = metered(messages_per_s=5, bytes_per_s=LOTS)
    for message in (ItemEnd(0, 0, 0.0), Explain(0.0, 0, 0, b""), Packet(0, 0, 0, b"")):
        with pytest.raises(OutletError, match="may not leave"):
            meter.admit(message)
    assert meter.reading() == {}


def test_a_disguised_kind_is_a_breach() -> None:
    class Guise(Counts):
        __slots__ = ()

    meter, _ = metered(messages_per_s=5, bytes_per_s=LOTS)
    with pytest.raises(OutletError, match="may not leave"):
        meter.admit(Guise(0, 0.0, 1.0, 0.0, 2.0, 0.0))


def test_one_kind_does_not_use_up_another() -> None:
    clock = Clock()
    meter = Meter({Counts: Allowance(1, LOTS), Checkpoint: Allowance(2, LOTS)}, clock)
    assert admitted(meter, COUNTS) == 2
    assert admitted(meter, Checkpoint(0.0, b"")) == 4


def test_the_reading_is_what_left_and_nothing_else() -> None:
    clock = Clock()
    meter = Meter({Counts: Allowance(2, LOTS), Checkpoint: Allowance(9, LOTS), Health: Allowance(9, LOTS)}, clock)
    assert meter.reading() == {}
    assert admitted(meter, COUNTS) == 4
    meter.admit(Checkpoint(0.0, bytes(10)))
    meter.admit(Checkpoint(0.0, bytes(20)))
    assert meter.reading() == {
        "Counts": {"messages": 4, "bytes": 4 * SIZE},
        "Checkpoint": {"messages": 2, "bytes": sum(len(Checkpoint(0.0, bytes(n)).pack()) for n in (10, 20))},
    }


def test_a_clock_that_goes_back_gives_nothing() -> None:
    meter, clock = metered(messages_per_s=5, bytes_per_s=LOTS, burst_s=2)
    assert admitted(meter, COUNTS) == 10
    clock.now -= 100
    assert admitted(meter, COUNTS) == 0


@given(
    st.floats(0.01, 50),
    st.floats(10, 5000),
    st.floats(0.1, 10),
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 200), st.integers(0, 30)), max_size=25),
)
def test_never_more_than_burst_and_rate(
    messages_per_s: float, bytes_per_s: float, burst_s: float, steps: list[tuple[float, int, int]]
) -> None:
    clock = Clock()
    meter = Meter({Checkpoint: Allowance(messages_per_s, bytes_per_s, burst_s)}, clock)
    for wait, size, times in steps:
        clock.now += wait
        admitted(meter, Checkpoint(0.0, bytes(size)), times)
        passed = clock.now - 1000.0
        left = meter.reading().get("Checkpoint", {"messages": 0, "bytes": 0})
        assert left["messages"] <= max(1.0, messages_per_s * burst_s) + messages_per_s * passed + 1e-6
        assert left["bytes"] <= bytes_per_s * burst_s + bytes_per_s * passed + 1e-6


@given(st.lists(st.floats(0, 3), max_size=40))
def test_whoever_keeps_to_the_rate_is_never_refused(waits: list[float]) -> None:
    meter, clock = metered(messages_per_s=4, bytes_per_s=4 * SIZE, burst_s=2)
    for wait in waits:
        clock.now += 0.2501 + wait
        meter.admit(COUNTS)
