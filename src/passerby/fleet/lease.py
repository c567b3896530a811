"""Holding a shard's lease: renewed while all is well, and given up by the holder's own watch when it may be over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from passerby.base.errors import PasserbyError, StoreError
from passerby.store.database import Store
from passerby.store.leases import Fence, Lease, release, renew, take

LENGTH_S = 15.0
RENEWALS = 4
# Two watches may run differently, by this part at the most; the holder's counts as the faster one.
DRIFT = 0.05
AGAIN_S = 0.5
WATCH_S = 0.05


def boot_clock() -> float:
    """Seconds since the machine was started, those in which it slept too: a lease doesn't wait for a sleeper."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Holder:
    """One shard's lease, from its taking to its end. Use it once.

    Two threads: one renews, and may hang with the network; the other only looks at the watch, and never waits for
    anybody. What the watch says is for stopping in time. That nothing is written too late, the database sees to
    (`store.leases`), whatever the watch says.

    Args:
        store: A PostgreSQL database.
        shard: Which.
        name: Who holds it, for people.
        lost: Called once, from the watching thread, when the lease is or may be over: everything has to end.
        length_s: How long it holds without being renewed.
        clock: Seconds that never stand still nor go back.
    """

    def __init__(
        self,
        store: Store,
        shard: str,
        name: str,
        lost: Callable[[], None],
        *,
        length_s: float = LENGTH_S,
        clock: Callable[[], float] = boot_clock,
    ) -> None:
        self._store, self._shard, self._name, self._lost = store, shard, name, lost
        self._length_s, self._clock = length_s, clock
        self._until_s = 0.0
        self._over = threading.Event()
        self._lease: Lease | None = None
        self._threads = [
            threading.Thread(target=self._renew, name=f"lease-{shard}", daemon=True),
            threading.Thread(target=self._watch, name=f"watch-{shard}", daemon=True),
        ]

    def wait(self, stop: threading.Event, say: Callable[[str], None] = lambda _: None) -> Fence | None:
        """Take the lease as soon as nobody has it; None where ``stop`` was set before.

        Args:
            stop: Ends the waiting.
            say: Tells people why it waits, each reason once.
        """
        said = ""
        while not stop.is_set():
            asked_s, why = self._clock(), f"{self._shard}: waits until its owner's lease is over"
            try:
                self._lease = take(self._store, self._shard, self._name, round(self._length_s * 1e6))
            except StoreError as error:
                why = f"{self._shard}: waits for the database: {error}"
            if self._lease is not None:
                self._extend(asked_s)
                for thread in self._threads:
                    thread.start()
                return Fence(self._lease, self.valid)
            if why != said:
                say(said := why)
            stop.wait(AGAIN_S)
        return None

    def valid(self) -> bool:
        """Whether the lease holds by the holder's own watch."""
        return not self._over.is_set() and self._clock() < self._until_s

    def close(self) -> None:
        """Give it back, once everything has ended. ``lost`` is not called any more."""
        was_valid = self.valid()
        self._over.set()
        if self._lease is not None and was_valid:
            try:
                release(self._store, self._lease)
            except StoreError:
                return  # it ends by itself

    def _extend(self, asked_s: float) -> None:
        self._until_s = asked_s + self._length_s * (1 - DRIFT)

    def _renew(self) -> None:
        assert self._lease is not None
        while not self._over.wait(self._length_s / RENEWALS):
            asked_s = self._clock()
            try:
                if not renew(self._store, self._lease, round(self._length_s * 1e6)):
                    self._until_s = 0.0
                    return
            except PasserbyError:
                continue  # the watch decides how long there is time for another try
            if asked_s < self._until_s:
                self._extend(asked_s)

    def _watch(self) -> None:
        while not self._over.wait(WATCH_S):
            if self._clock() >= self._until_s:
                self._over.set()
                self._lost()
                return
