"""Passwords, for where there is no passkey: argon2id (RFC 9106), and rules after NIST SP 800-63B-4, section 3.1.1.

Long, not in a list of the commonest, not the account's name; no rules about signs. Always with a second factor.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from passerby.base.errors import AccessError

SHORTEST, LONGEST = 12, 200
SALT_BYTES = 16
# What the commonest passwords of twelve signs and more are made of: parts that come again, runs, and a few words.
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiop")
_WORDS = (
    "password",
    "passwort",
    "passphrase",
    "passerby",
    "welcome",
    "letmein",
    "administrator",
    "changeme",
    "iloveyou",
)
_FEWEST_SIGNS = 5
# Each takes 64 MiB: who guesses from a thousand places gets no more memory than this.
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess costs.

    Args:
        memory_kib: Memory.
        passes: Over it.
    """

    memory_kib: int
    passes: int


# RFC 9106's second recommendation, with one lane: 64 MiB.
STRONG = Cost(64 * 1024, 3)


def check(password: str, name: str) -> None:
    """Refuse what others would guess.

    Raises:
        AccessError: Too short, too long, common, or the account's name.
    """
    plain = _same(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise AccessError(
            f"a password has {SHORTEST} to {LONGEST} signs", "several words are easy to keep in mind", "weak-password"
        )
    low = plain.casefold()
    for word in (*_WORDS, *_RUNS, *(run[::-1] for run in _RUNS), name.casefold()):
        low = _without(low, word)
    if len(set(low)) < _FEWEST_SIGNS:
        raise AccessError(
            "this password is one of those that are tried first",
            "take several words that nobody expects",
            "weak-password",
        )


def hashed(password: str, cost: Cost, randomness: Callable[[int], bytes]) -> str:
    """As it is kept: a PHC string."""
    with _AT_ONCE:
        return _argon2(randomness(SALT_BYTES), cost).derive_phc_encoded(_same(password).encode("utf-8", "replace"))


def matches(kept: str, password: str) -> bool:
    """Whether it is the one. Takes as long for a wrong one."""
    try:
        with _AT_ONCE:
            Argon2id.verify_phc_encoded(_same(password).encode("utf-8", "replace"), kept)
    except InvalidKey:
        return False
    return True


def _argon2(salt: bytes, cost: Cost) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=1, memory_cost=cost.memory_kib)


def _same(password: str) -> str:
    """The same password from every keyboard."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])


def _without(text: str, word: str) -> str:
    """The text without what it shares with a word: every run of four and more signs of it."""
    at, left = 0, ""
    while at < len(text):
        length = next((n for n in range(min(len(word), len(text) - at), 3, -1) if text[at : at + n] in word), 0)
        left += "" if length else text[at]
        at += length or 1
    return left
