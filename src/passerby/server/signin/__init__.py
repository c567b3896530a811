"""Signing in and out, one's own account, other people's accounts, machine keys."""

from __future__ import annotations

from fastapi import APIRouter

from passerby.server.signin import entry, own, people, programs
from passerby.server.signin.door import SignIn
from passerby.server.signin.pending import Pending


def routers(door: SignIn) -> list[APIRouter]:
    """All routes of signing in.

    Args:
        door: Knows who asks.
    """
    pending = Pending(door.room.randomness)
    return [entry.routes(door, pending, []), own.routes(door, pending), people.routes(door), programs.routes(door)]
