"""The meter: how much may leave a darkroom, and how much did. Its reading is public."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from passerby.base.errors import OutletError
from passerby.outlet.messages import Message


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of one kind may leave: a steady rate, and a burst on top (token buckets).

    Args:
        messages_per_s: Messages a second.
        bytes_per_s: Bytes a second, headers included.
        burst_s: Seconds of both rates that may come at once.
    """

    messages_per_s: float
    bytes_per_s: float
    burst_s: float = 2.0


class Meter:
    """Counts every message and refuses what no allowance covers.

    Args:
        allowances: The kinds that may leave; every other kind is a breach.
        clock: Monotonic seconds.
    """

    def __init__(self, allowances: Mapping[type[Message], Allowance], clock: Callable[[], float]) -> None:
        self._allowances = dict(allowances)
        self._clock = clock
        self._last = clock()
        self._tokens = {
            kind: (max(1.0, a.messages_per_s * a.burst_s), a.bytes_per_s * a.burst_s) for kind, a in allowances.items()
        }
        self._messages = dict.fromkeys(allowances, 0)
        self._bytes = dict.fromkeys(allowances, 0)

    def allow(self, kind: type[Message], allowance: Allowance) -> None:
        """From now on this kind may leave, too. What is allowed already is not widened."""
        if kind not in self._allowances:
            self._allowances[kind] = allowance
            burst = allowance.burst_s
            self._tokens[kind] = (max(1.0, allowance.messages_per_s * burst), allowance.bytes_per_s * burst)
            self._messages[kind] = self._bytes[kind] = 0

    def admit(self, message: Message) -> None:
        """Take one message into account.

        Raises:
            OutletError: Its kind may not leave, or it came faster than its allowance.
        """
        kind = type(message)
        if kind not in self._allowances:
            raise OutletError(f"{kind.__name__} may not leave this darkroom")
        size_bytes = message.size_bytes
        self._refill()
        messages, octets = self._tokens[kind]
        if messages < 1 or octets < size_bytes:
            raise OutletError(f"{kind.__name__} came faster than its allowance")
        self._tokens[kind] = (messages - 1, octets - size_bytes)
        self._messages[kind] += 1
        self._bytes[kind] += size_bytes

    def reading(self) -> dict[str, dict[str, int]]:
        """Messages and bytes that left, by kind."""
        return {
            kind.__name__: {"messages": self._messages[kind], "bytes": self._bytes[kind]}
            for kind in self._allowances
            if self._messages[kind]
        }

    def _refill(self) -> None:
        now = self._clock()
        passed, self._last = max(0.0, now - self._last), now
        for kind, a in self._allowances.items():
            messages, octets = self._tokens[kind]
            self._tokens[kind] = (
                min(messages + passed * a.messages_per_s, max(1.0, a.messages_per_s * a.burst_s)),
                min(octets + passed * a.bytes_per_s, a.bytes_per_s * a.burst_s),
            )
