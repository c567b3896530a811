"""/api/v1/keys: machine keys. One makes keys that do no more than oneself may; an admin ends anybody's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from passerby.access import keys
from passerby.access.caller import Caller
from passerby.access.keys import Wish
from passerby.access.rights import Right
from passerby.base.errors import AccessError
from passerby.server.problems import Problem
from passerby.server.rights import needs
from passerby.server.signin.door import SignIn
from passerby.server.signin.models import KeyAsked, KeyModel, KeysModel, NewKeyModel

DAY_S = 86_400


def routes(at: SignIn) -> APIRouter:
    """Machine keys.

    Args:
        at: Knows who asks.
    """
    router = APIRouter(prefix="/api/v1/keys", tags=["keys"])
    room = at.room

    @router.get("")
    def listed(caller: Annotated[Caller, needs(Right.MANAGE_KEYS)]) -> KeysModel:
        found = [KeyModel.of(key) for key in keys.listed(room, _only(caller))]
        return KeysModel(items=found, next=None, total=len(found))

    @router.post("", status_code=201)
    def make(asked: KeyAsked, caller: Annotated[Caller, needs(Right.MANAGE_KEYS, fresh=True)]) -> NewKeyModel:
        rights = frozenset(Right(word) for word in asked.rights)
        wish = Wish(asked.name, rights, asked.days * DAY_S, asked.organisation, asked.area)
        token, key = keys.make(room, wish, caller)
        return NewKeyModel(key=KeyModel.of(key), token=token)

    @router.delete("/{key_id}", status_code=204)
    def end(
        key_id: Annotated[str, Path(pattern="^[0-9a-f]{16}$")],
        caller: Annotated[Caller, needs(Right.MANAGE_KEYS, fresh=True)],
    ) -> Response:
        try:
            keys.end(room, key_id, caller.pseudonym, _only(caller))
        except AccessError as error:
            raise Problem(404, error.message, "look at the list again") from error
        at.forget()
        return Response(status_code=204)

    return router


def _only(caller: Caller) -> str | None:
    """Whose keys they see and end: their own; who gives out accounts everywhere, all."""
    return None if caller.everywhere(Right.MANAGE_ACCOUNTS) else caller.pseudonym
