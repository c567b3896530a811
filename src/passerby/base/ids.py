"""Ids that are safe as a file name, in an address and in a log line."""

from __future__ import annotations

import re

from passerby.base.errors import UsageError

SAFE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def checked_id(text: str) -> str:
    """The text itself: 1–63 of a–z, 0–9 and ``-``, with no ``-`` at either end.

    Raises:
        UsageError: It is something else.
    """
    if not SAFE.fullmatch(text):
        raise UsageError(f"{text[:80]!r} can't be a camera's id", "use a–z, 0–9 and - inside, at most 63 signs")
    return text
