"""Ends processes that have gone silent."""

from __future__ import annotations

import threading
from collections.abc import Callable

CHECK_S = 0.5


class Watchdog:
    """Calls ``bite`` once if nobody feeds it for too long.

    Args:
        patience_s: How long silence may last.
        bite: What to do then.
        clock: Monotonic seconds.
    """

    def __init__(self, patience_s: float, bite: Callable[[], None], clock: Callable[[], float]) -> None:
        self._patience_s = patience_s
        self._bite = bite
        self._clock = clock
        self._fed = clock()
        self._over = threading.Event()
        self.bitten = False
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def feed(self, grace_s: float = 0.0) -> None:
        """There is a sign of life; the next may take ``grace_s`` longer than usual."""
        self._fed = self._clock() + grace_s

    def stop(self) -> None:
        """Watching is over."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(CHECK_S):
            if self._clock() - self._fed > self._patience_s:
                self.bitten = True
                self._bite()
                return
