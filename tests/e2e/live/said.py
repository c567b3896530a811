"""What a process says, read by a thread: its pipe never fills, and who waits for a line does not wait for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import IO


class Said:
    """Lines of a stream, as they come.

    Args:
        stream: Closed by this once it has ended.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._taken = 0
        self._changed = threading.Condition()
        self._over = False
        # A process that nobody ends must not keep the tests from ending.
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def until(self, wanted: Callable[[str], bool], what: str, patience_s: float) -> str:
        """The next line that is wanted; those before it are passed over."""
        end_s = time.monotonic() + patience_s
        with self._changed:
            while True:
                while self._taken < len(self._lines):
                    self._taken += 1
                    if wanted(self._lines[self._taken - 1]):
                        return self._lines[self._taken - 1]
                left_s = end_s - time.monotonic()
                assert not self._over and left_s > 0, f"never said: {what}\n{''.join(self._lines)}"
                self._changed.wait(left_s)

    def all(self, patience_s: float) -> str:
        """Everything, once it has ended."""
        self._thread.join(patience_s)
        assert self._over, f"still open after {patience_s:.0f} s:\n{''.join(self._lines)}"
        return "".join(self._lines)

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                with self._changed:
                    self._lines.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()
