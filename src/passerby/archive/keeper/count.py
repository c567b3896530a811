"""The keeper's own count of what it answered: a small ledger of its own, which only grows and anybody can check.

An answer is counted, durably, before it is given. Whatever dies in between, the count may be one too high, for an
answer that nobody received; it is never too low. What can't be counted isn't answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import rfc8785

from passerby.archive.keeper.judge import Why, refuse
from passerby.charter.document import read
from passerby.charter.root import SPAN_S
from passerby.charter.shapes import digest, exactly, whole, word_of
from passerby.ledger.errors import LedgerError
from passerby.ledger.log import Log

FORMAT = "passerby/answered@1"
# How far behind its answers the checkpoint that a keeper publishes may be.
PUBLISH_S = 10
_SHAPES = {
    "format": exactly(FORMAT), "act": word_of(SPAN_S), "entry": digest, "time": whole(), "shares": whole(1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer.

    Args:
        act: `look`, `export` or `unseal`.
        entry: Leaf hash of the act in the site's ledger (hex).
        time: When; seconds since 1970.
        shares: How many shares.
    """

    act: str
    entry: str
    time: int
    shares: int

    def encode(self) -> bytes:
        """As it is counted."""
        return rfc8785.dumps(
            {"format": FORMAT, "act": self.act, "entry": self.entry, "time": self.time, "shares": self.shares}
        )


def parse_answered(entry: bytes) -> Answered:
    """An entry of a keeper's count.

    Raises:
        Unsound: It is none.
    """
    found = read(entry.decode("utf-8", "replace") + "\n", _SHAPES)
    return Answered(found["act"], found["entry"], found["time"], found["shares"])


class Count:
    """Counts answers in a log that the keeper signs.

    Args:
        log: The keeper's own, open.
        clock: Seconds since 1970.

    Raises:
        Unsound: Its last entry is no answer: it is another log.
    """

    def __init__(self, log: Log, clock: Callable[[], float]) -> None:
        self._log, self._clock = log, clock
        self._mutex = threading.Lock()
        last = next(log.entries(log.size - 1), None) if log.size else None
        self._latest = parse_answered(last).time if last is not None else 0
        self._published = 0.0

    @property
    def number(self) -> int:
        """How many answers were counted."""
        return self._log.size

    def now(self) -> int:
        """The time; never less than at any answer: a clock that is set back lets no session begin again."""
        return max(int(self._clock()), self._latest)

    def add(self, act: str, entry: str, shares: int) -> int:
        """Count an answer; durable when this returns.

        Args:
            act: `look`, `export` or `unseal`.
            entry: Leaf hash of the act in the site's ledger (hex).
            shares: How many shares it holds.

        Returns:
            Its number, from 0.

        Raises:
            KeeperRefused: The disk takes no more: nothing may be answered.
        """
        with self._mutex:
            answered = Answered(act, entry, self.now(), shares)
            try:
                number = self._log.append(answered.encode())
            except LedgerError as error:
                raise refuse(Why.BUSY, str(error)) from error
            self._latest = answered.time
            return number

    def publish(self) -> None:
        """Sign what was counted, if the last signature is older than `PUBLISH_S`; called now and then.

        Raises:
            LedgerError: The disk failed.
        """
        now = self._clock()
        if abs(now - self._published) >= PUBLISH_S:
            self._published = now
            self._log.publish()
