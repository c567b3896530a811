"""Waits: for ever, never long, never all at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passerby.station.backoff import FIRST_S, LONGEST_S, Backoff


@given(st.integers(1, 3000), st.floats(0, 1, exclude_max=True))
def test_no_wait_is_longer_than_the_longest_or_nothing(failures: int, chance: float) -> None:
    backoff = Backoff(lambda: chance)
    waits = [backoff.next_s() for _ in range(failures)]
    assert all(FIRST_S / 2 <= wait <= LONGEST_S for wait in waits)
    assert waits == sorted(waits)


def test_success_begins_anew() -> None:
    backoff = Backoff(lambda: 0.0)
    first = [backoff.next_s() for _ in range(6)]
    backoff.reset()
    assert [backoff.next_s() for _ in range(6)] == first
    assert first[0] == FIRST_S
    assert first[-1] == LONGEST_S


def test_two_cameras_do_not_come_at_once() -> None:
    one, other = Backoff(lambda: 0.1), Backoff(lambda: 0.9)
    assert one.next_s() != other.next_s()
