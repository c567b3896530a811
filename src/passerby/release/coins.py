"""Fair choices and coins of rational bias, from random bits alone: no floating point anywhere.

Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy" (NeurIPS 2020), Algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

ROOM = 128  # bytes taken at once: a system call for each choice costs more, and so does a long number in the pool


class Coins(Protocol):
    """The one source of chance that samplers have."""

    def below(self, end: int) -> int:
        """A whole number from 0 to ``end - 1``, each as likely."""


class SystemCoins:
    """Coins from random bytes.

    Args:
        randomness: Gives so many random bytes: `os.urandom`, or a fixed stream in tests.
    """

    def __init__(self, randomness: Callable[[int], bytes]) -> None:
        self._randomness = randomness
        self._pool = self._left = 0

    def below(self, end: int) -> int:
        """See `Coins`. Bits are thrown away until they show a number below the end: at most half the time."""
        if end < 1:
            raise ValueError("there is no whole number below 1 from 0 on")
        width = (end - 1).bit_length()
        while True:
            if self._left < width:
                self._pool |= int.from_bytes(self._randomness(ROOM), "big") << self._left
                self._left += 8 * ROOM
            found = self._pool & ((1 << width) - 1)
            self._pool >>= width
            self._left -= width
            if found < end:
                return found


def bernoulli_exp(coins: Coins, above: int, below: int) -> bool:
    """True with probability exp(−above/below), exactly.

    For γ = above/below ≤ 1: let K be the first k at which a coin of bias γ/k falls on its back. P(K > k) = γ^k/k!, so
    P(K odd) = Σ (−γ)^k/k! = exp(−γ). For a larger γ, exp(−γ) is exp(−1) ⌊γ⌋ times, and the rest.

    Args:
        coins: Chance.
        above: At least 0.
        below: At least 1.
    """
    while above > below:
        if not _within_one(coins, 1, 1):
            return False
        above -= below
    return _within_one(coins, above, below)


def _within_one(coins: Coins, above: int, below: int) -> bool:
    count = 1
    while coins.below(below * count) < above:
        count += 1
    return count % 2 == 1
