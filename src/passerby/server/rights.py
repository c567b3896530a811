"""The one way in: each route says which right it needs, and gets who asks.

    def route(caller: Annotated[Caller, needs(Right.SEE_NUMBERS)]) -> …

`needs` lets in whoever has the right *somewhere*. A route about a camera then asks `Places.check`, and a list is cut
down with `Places.seen`: whose camera it is and where decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from fastapi import Depends, Request

from passerby.access.caller import Caller
from passerby.access.rights import Right
from passerby.access.roles import Place
from passerby.server.problems import Problem

FRESH_S = 300.0
REAUTHENTICATE = "reauthenticate"
SIGN_IN = "sign-in"


class Door(Protocol):
    """Knows who asks: the application's ``state.door``."""

    def who(self, request: Request) -> Caller | None:
        """Who asks; None where nobody is signed in.

        Raises:
            Problem: A cookie or key is shown that is not good.
        """

    def now(self) -> float:
        """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency that gives the caller to a route.

    Args:
        right: What the route does.
        fresh: Only for whom proved who they are within five minutes: signing, and changes of accounts.
    """

    right: Right
    fresh: bool = False

    def __call__(self, request: Request) -> Caller:
        """The caller.

        Raises:
            Problem: 401 without sign-in, 403 without the right, 403 ``reauthenticate`` where it was too long ago.
        """
        caller = known(request)
        if not caller.has(self.right):
            raise Problem(403, "your role does not do this", f"it needs the right {self.right.value}")
        if self.fresh:
            fresh(request, caller)
        return caller


def needs(right: Right, *, fresh: bool = False) -> Any:
    """For a route's signature: who asks, once they have this right.

    Args:
        right: What the route does.
        fresh: Only for whom proved who they are within five minutes.
    """
    return Depends(Needs(right, fresh))


def known(request: Request) -> Caller:
    """Whoever is signed in, whatever their rights.

    Raises:
        Problem: Nobody is.
    """
    caller = maybe(request)
    if caller is None:
        raise Problem(401, "sign in first", "open /sign-in, or send a machine key", kind=SIGN_IN)
    return caller


def maybe(request: Request) -> Caller | None:
    """Who asks; None where nobody is signed in. For public routes that answer a signed-in caller more fully."""
    found = cast(Door, request.app.state.door).who(request)
    request.state.caller = found
    return found


def fresh(request: Request, caller: Caller) -> None:
    """Only for whom proved who they are within five minutes.

    Raises:
        Problem: It was longer ago, or it is a program that asks.
    """
    now = cast(Door, request.app.state.door).now()
    if caller.key_id is not None or now - caller.proven_s > FRESH_S:
        raise Problem(403, "confirm that it is you", "prove it again, then repeat this", kind=REAUTHENTICATE)


def no_camera() -> Problem:
    """The same for a camera that is not there and for one that is none of the caller's: an id tells nothing."""
    return Problem(404, "there is no such camera", "see /api/v1/cameras")


class Places:
    """Where cameras are, by the register.

    Args:
        find: Owner and area of these cameras; what the register does not know is left out.
    """

    def __init__(self, find: Callable[[Iterable[str]], dict[str, Place]]) -> None:
        self._find = find

    def check(self, caller: Caller, right: Right, camera_id: str) -> None:
        """Refuse what is outside of the caller's scope, as if it were not there: an id tells nothing.

        Raises:
            Problem: They may not do this at this camera.
        """
        if not caller.everywhere(right) and not caller.may(right, self.of(camera_id)):
            raise no_camera()

    def seen(self, caller: Caller, right: Right, camera_ids: Iterable[str]) -> set[str]:
        """Those of these cameras at which the caller may do this."""
        ids = list(camera_ids)
        if caller.everywhere(right):
            return set(ids)
        places = self._find(ids)
        return {camera for camera in ids if caller.may(right, places.get(camera, Place()))}

    def of(self, camera_id: str) -> Place:
        """Where it is."""
        return self._find([camera_id]).get(camera_id, Place())
