"""What was asked of somebody and is not answered yet: challenges, enrolments, ways through another sign-in.

In memory alone; each is good once, for a few minutes, and for whom it was made.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from passerby.access.tokens import fresh
from passerby.server.problems import Problem

GOOD_S = 300.0
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Something asked.

    Args:
        what: Which kind of thing.
        of: Whose session, or the empty string.
        secret: What the answer must fit.
        note: Whatever else is needed then.
    """

    what: str
    of: str
    secret: bytes
    note: str = ""


class Pending:
    """Safe to share between threads. When there are too many, the oldest go.

    Args:
        randomness: Gives so many random bytes.
        ticks: Seconds that only go forward.
    """

    def __init__(self, randomness: Callable[[int], bytes], ticks: Callable[[], float] = time.monotonic) -> None:
        self._randomness, self._ticks = randomness, ticks
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, tuple[float, Asked]] = OrderedDict()

    def ask(self, asked: Asked) -> str:
        """Keep it; return the number under which the answer comes."""
        number = fresh(self._randomness)
        with self._lock:
            self._asked[number] = (self._ticks(), asked)
            while len(self._asked) > MOST:
                self._asked.popitem(last=False)
        return number

    def take(self, number: str, what: str, of: str = "") -> Asked:
        """What was asked under a number: now it is answered, rightly or not.

        Raises:
            Problem: Nothing such, or too long ago.
        """
        with self._lock:
            at_s, asked = self._asked.pop(number, (0.0, None))
        if asked is None or self._ticks() - at_s > GOOD_S or (asked.what, asked.of) != (what, of):
            raise Problem(409, "that took too long, or was answered already", "begin again")
        return asked
