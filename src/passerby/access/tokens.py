"""Secrets that whoever holds them may use: 256 random bits, kept here as a hash alone."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

TOKEN_BYTES = 32
LONGEST = 100


def fresh(randomness: Callable[[int], bytes], prefix: str = "") -> str:
    """A new one, of letters that need no escape in an address."""
    return prefix + urlsafe_b64encode(randomness(TOKEN_BYTES)).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What is kept of it. A hash without salt is enough for what nobody can guess."""
    return sha256(token[:LONGEST].encode("utf-8", "surrogatepass")).hexdigest()
