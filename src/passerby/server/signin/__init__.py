"""Signing in and out, one's own account, other people's accounts, machine keys."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from passerby.access.oidc import Provider
from passerby.server.signin import entry, own, people, programs, providers
from passerby.server.signin.door import SignIn
from passerby.server.signin.pending import Pending


def routers(door: SignIn, others: Sequence[Provider]) -> list[APIRouter]:
    """All routes of signing in.

    Args:
        door: Knows who asks.
        others: Other sign-ins that lead here.
    """
    pending = Pending(door.room.randomness)
    ways = providers.Ways(door, pending, others)
    return [
        entry.routes(door, pending, ways.names),
        providers.routes(door, ways),
        own.routes(door, pending, ways),
        people.routes(door),
        programs.routes(door),
    ]
