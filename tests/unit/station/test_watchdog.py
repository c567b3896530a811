"""The watchdog bites once, and only who was silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from passerby.station import watchdog
from passerby.station.watchdog import Watchdog

SOON = 5.0


class Clock:
    """Seconds that only the test moves; tells when the watchdog has looked at it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.looks = 0
        self._looked = threading.Condition()

    def __call__(self) -> float:
        with self._looked:
            self.looks += 1
            self._looked.notify_all()
            return self.now

    def wait_for_looks(self, count: int) -> None:
        """Until the watchdog has looked so many more times."""
        with self._looked:
            wanted = self.looks + count
            assert self._looked.wait_for(lambda: self.looks >= wanted, SOON)


class Dog:
    """A watchdog whose bites are counted."""

    def __init__(self, patience_s: float) -> None:
        self.clock = Clock()
        self.bites = 0
        self.bit = threading.Event()
        self.watchdog = Watchdog(patience_s, self._bite, self.clock)

    def _bite(self) -> None:
        self.bites += 1
        self.bit.set()


@pytest.fixture
def dog(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dog]:
    monkeypatch.setattr(watchdog, "CHECK_S", 0.002)
    made = Dog(10.0)
    yield made
    made.watchdog.stop()


def test_silence_is_bitten_once(dog: Dog) -> None:
    dog.clock.now += 10.5
    assert dog.bit.wait(SOON)
    dog.clock.now += 100
    time.sleep(0.05)  # many times `CHECK_S`
    assert dog.bites == 1
    assert dog.watchdog.bitten
    dog.watchdog.stop()
    assert not [t for t in threading.enumerate() if t.name == "watchdog"]


def test_patience_is_kept(dog: Dog) -> None:
    dog.clock.now += 10.0
    dog.clock.wait_for_looks(3)
    assert not dog.watchdog.bitten
    assert dog.bites == 0


def test_a_sign_of_life_starts_over(dog: Dog) -> None:
    dog.clock.now += 9
    dog.watchdog.feed()
    dog.clock.now += 9
    dog.clock.wait_for_looks(3)
    assert dog.bites == 0
    dog.clock.now += 2
    assert dog.bit.wait(SOON)


def test_grace_is_given_once(dog: Dog) -> None:
    dog.watchdog.feed(grace_s=100)
    dog.clock.now += 109
    dog.clock.wait_for_looks(3)
    assert dog.bites == 0
    dog.watchdog.feed()
    dog.clock.now += 11
    assert dog.bit.wait(SOON)


def test_after_stop_nobody_is_bitten(dog: Dog) -> None:
    dog.watchdog.stop()
    dog.clock.now += 1000
    looks = dog.clock.looks
    assert not dog.bit.wait(0.05)
    assert dog.clock.looks == looks
    assert not dog.watchdog.bitten
