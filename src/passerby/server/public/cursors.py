"""Cursors: where a list goes on. Opaque to whoever follows them; nothing in one is believed."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any

from fastapi import Query

from passerby.server.problems import Problem

MOST, USUAL = 200, 50
LONGEST = 1024
Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many.")]
After = Annotated[
    str | None, Query(max_length=LONGEST, pattern="^[A-Za-z0-9_-]*$", description="The `next` of the page before.")
]


def cursor(*parts: str | int) -> str:
    """A cursor of these parts."""
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def parts_of(given: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """A cursor's parts; None where there is no cursor.

    Args:
        given: As it came.
        kinds: Of each part.

    Raises:
        Problem: It is none of this list's.
    """
    if not given:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    except (ValueError, RecursionError) as error:
        raise _none() from error
    if not isinstance(found, list) or [type(part) for part in found] != list(kinds):
        raise _none()
    return tuple(found)


def _none() -> Problem:
    return Problem(422, "after is no cursor of this list", "take `next` from the page before, as it is")
