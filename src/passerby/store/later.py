"""Writing later: calls that never wait for the database, and one thread that does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from passerby.base.errors import StoreError

# Numbers that may wait for the database: some minutes of a hundred cameras.
MOST_WAITING = 20_000
RETRY_S = 1.0


class Later:
    """Does what it is given in order, each until the database takes it.

    While the database takes nothing (a full disk, say) things wait in memory and nothing is lost, up to
    `MOST_WAITING`; what comes after that is left out and counted. What is given must be safe to do again.

    Args:
        say: Tells people, a line each: when it stops, and when it goes on.
        most: How much may wait.
        retry_s: Seconds between two tries.
    """

    def __init__(self, say: Callable[[str], None], most: int = MOST_WAITING, retry_s: float = RETRY_S) -> None:
        self._say, self._retry_s = say, retry_s
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(most)
        self._closing = threading.Event()
        self._left_out = 0
        self._trouble = ""
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Why numbers wait, in words; empty where they don't."""
        return self._trouble

    def __call__(self, work: Callable[[], None]) -> None:
        """Do it soon. It may raise StoreError."""
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            self._left_out += 1

    def close(self) -> None:
        """Do what waits. Where the database still takes nothing, say how much is lost and end."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            if not self._until_done(work):
                lost = 1 + self._left_out + sum(rest is not None for rest in self._drain())
                self._say(f"numbers were not kept: {lost}")
                return

    def _until_done(self, work: Callable[[], None]) -> bool:
        failing = False
        while True:
            try:
                work()
            except StoreError as error:
                if not failing:
                    self._trouble = f"numbers wait until the database takes them: {error}"
                    self._say(self._trouble)
                failing = True
                if self._closing.is_set():
                    return False
                self._closing.wait(self._retry_s)
                continue
            self._trouble = ""
            if failing or self._left_out:
                lost, self._left_out = self._left_out, 0
                self._say(f"numbers are being kept again; left out meanwhile: {lost}")
            return True

    def _drain(self) -> list[Callable[[], None] | None]:
        rest: list[Callable[[], None] | None] = []
        while True:
            try:
                rest.append(self._queue.get_nowait())
            except queue.Empty:
                return rest
