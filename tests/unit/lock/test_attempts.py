"""Every attempt fails behind the lock, from every thread; the same attempts succeed without it."""

from __future__ import annotations

import errno
import signal
from pathlib import Path

import pytest
from tests.unit.lock.attempt import EXECUTED, KILLED, Attempt
from tests.unit.lock.attempts import ATTEMPTS
from tests.unit.lock.conftest import Attempts, Outcome
from tests.unit.lock.world import MISSING

ALL = pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
BOUND_BY_LANDLOCK = [a for a in ATTEMPTS.values() if a.landlock]


def _skip_where_missing(outcome: Outcome) -> None:
    if outcome.result == MISSING:
        pytest.skip("this architecture has no such call")


def _succeeded(outcome: Outcome) -> bool:
    return outcome.status == EXECUTED or (outcome.result is not None and outcome.result >= 0)


def _all_powerful() -> bool:
    status = Path("/proc/self/status").read_text()
    held = int(status.split("CapEff:")[1].split()[0], 16)
    return held.bit_count() > int(Path("/proc/sys/kernel/cap_last_cap").read_text())


def _describe(outcome: Outcome) -> str:
    if outcome.signal is not None:
        return signal.Signals(outcome.signal).name
    if outcome.result is None:
        return f"left with status {outcome.status}"
    return errno.errorcode.get(-outcome.result, str(outcome.result))


def test_there_are_enough() -> None:
    assert len(ATTEMPTS) >= 80


@pytest.mark.parametrize("place", ["main", "older", "younger"])
def test_a_locked_process_can_work(attempts: Attempts, place: str) -> None:
    """Else every attempt would seem to fail."""
    outcome = attempts.make("nothing", "lock", place)
    assert outcome.reached
    assert (outcome.signal, outcome.status, outcome.result) == (None, 0, 0)


@ALL
@pytest.mark.parametrize("place", ["main", "older", "younger"])
def test_fails_behind_the_lock(attempts: Attempts, attempt: Attempt, place: str) -> None:
    outcome = attempts.make(attempt.name, "lock", place)
    _skip_where_missing(outcome)
    assert outcome.reached
    wanted = "SIGSYS" if attempt.locked == KILLED else errno.errorcode[attempt.locked]
    assert _describe(outcome) == wanted


@ALL
def test_succeeds_without_the_lock(attempts: Attempts, attempt: Attempt) -> None:
    outcome = attempts.make(attempt.name, "none")
    _skip_where_missing(outcome)
    assert outcome.reached
    if _succeeded(outcome):
        return
    assert outcome.result is not None, _describe(outcome)
    if attempt.absent(-outcome.result):
        pytest.skip(f"this kernel has no {attempt.feature}")
    if attempt.root and not _all_powerful():
        pytest.skip(f"only root with every capability can ({_describe(outcome)})")
    assert attempt.control == -outcome.result, f"{_describe(outcome)}; {attempt.reason}"
    pytest.skip(f"answers {_describe(outcome)} without a lock: {attempt.reason}")


@pytest.mark.parametrize("place", ["main", "younger"])
@pytest.mark.parametrize("attempt", BOUND_BY_LANDLOCK, ids=lambda a: a.name)
def test_landlock_alone_refuses(attempts: Attempts, attempt: Attempt, place: str) -> None:
    """The second wall stands by itself, behind whatever the filter would have let through."""
    outcome = attempts.make(attempt.name, "landlock", place)
    _skip_where_missing(outcome)
    assert _describe(outcome) == errno.errorcode[attempt.landlock]


def test_landlock_does_not_bind_an_older_thread(attempts: Attempts) -> None:
    """Why both layers must be on before any thread starts. Should this fail, the kernel has become better."""
    assert _succeeded(attempts.make("openat", "landlock", "older"))
