"""/api/v1/accounts: other people's accounts and roles, for who gives them out; what happened, for who oversees it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from passerby.access import accounts, events, links
from passerby.access.accounts import Account
from passerby.access.caller import Caller
from passerby.access.links import INVITE_S, RECOVER_S
from passerby.access.rights import Right
from passerby.access.roles import EVERYWHERE, Grant, Place
from passerby.access.room import Room
from passerby.base.errors import AccessError
from passerby.server.problems import Problem
from passerby.server.rights import needs
from passerby.server.signin.door import SignIn
from passerby.server.signin.models import (
    AccountAsked,
    AccountModel,
    AccountsModel,
    GrantAsked,
    HappenedModel,
    HappenedPageModel,
    LinkModel,
)

Who = Annotated[str, Path(pattern="^p-[0-9a-f]{32}$")]
Admin = Annotated[Caller, needs(Right.MANAGE_ACCOUNTS)]
Sure = Annotated[Caller, needs(Right.MANAGE_ACCOUNTS, fresh=True)]
Overseer = Annotated[Caller, needs(Right.READ_ACTS)]
Limit = Annotated[int, Query(ge=1, le=500)]


def routes(at: SignIn) -> APIRouter:
    """Accounts.

    Args:
        at: Knows who asks.
    """
    router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])
    room = at.room

    @router.get("")
    def listed(caller: Admin, limit: Limit = 100, after: Annotated[str, Query(max_length=63)] = "") -> AccountsModel:
        mine = [a for a in accounts.everybody(room) if _seen(caller, a)]
        rest = [a for a in mine if a.name > after]
        page = rest[:limit]
        return AccountsModel(
            items=[AccountModel.of(a, caller.pseudonym) for a in page],
            next=page[-1].name if len(rest) > limit else None,
            total=len(mine),
        )

    @router.post("", status_code=201)
    def add(asked: AccountAsked, caller: Sure) -> LinkModel:
        grants = [_in_scope(caller, grant.grant) for grant in asked.grants]
        made = accounts.add(room, asked.name, grants, caller.pseudonym)
        return _link(at, caller, made, links.invite(room, made.pseudonym), INVITE_S)

    @router.delete("/{who}", status_code=204)
    def end(who: Who, caller: Sure) -> Response:
        accounts.end(room, _theirs(room, caller, who).pseudonym, caller.pseudonym)
        at.forget()
        return Response(status_code=204)

    @router.post("/{who}/link")
    def recover(who: Who, caller: Sure) -> LinkModel:
        """A new way in for somebody who lost theirs. Those who oversee see that it was made, and that it was used."""
        account = _theirs(room, caller, who)
        return _link(at, caller, account, links.recover(room, who, caller.pseudonym), RECOVER_S)

    @router.post("/{who}/grants", status_code=201)
    def grant(who: Who, asked: GrantAsked, caller: Sure) -> AccountModel:
        given = _in_scope(caller, asked.grant)
        _theirs(room, caller, who)
        changed = accounts.grant(room, who, given, caller.pseudonym)
        at.forget()
        return AccountModel.of(changed, caller.pseudonym)

    @router.delete("/{who}/grants/{number}")
    def take(who: Who, number: Annotated[int, Path(ge=0, le=2**53)], caller: Sure) -> AccountModel:
        held = dict(_theirs(room, caller, who).grants)
        if number not in held:
            raise Problem(404, "they have no such role", "look at the account again")
        _in_scope(caller, held[number])
        changed = accounts.take(room, who, number, caller.pseudonym)
        at.forget()
        return AccountModel.of(changed, caller.pseudonym)

    @router.get("/events")
    def happened(
        caller: Overseer, limit: Limit = 100, after: Annotated[int | None, Query(ge=1)] = None
    ) -> HappenedPageModel:
        """What happened to accounts and keys, newest first: roles given, recoveries asked for and used."""
        found, last = list[HappenedModel](), after
        while len(found) <= limit:
            page = events.listed(room, last)
            for event in page:
                if EVERYWHERE in (event.organisation, event.area) or caller.may(
                    Right.READ_ACTS, Place(event.organisation, event.area)
                ):
                    found.append(HappenedModel.of(event))
            if len(page) < events.MOST:
                break
            last = page[-1].id
        items = found[:limit]
        return HappenedPageModel(items=items, next=str(items[-1].id) if len(found) > limit else None, total=None)

    return router


def _in_scope(caller: Caller, grant: Grant) -> Grant:
    """A role that the caller may give or take: within where they give out accounts themselves."""
    if not _covers(caller, grant):
        raise Problem(403, "that is outside of where you give out accounts", "ask somebody who does there")
    return grant


def _covers(caller: Caller, grant: Grant) -> bool:
    """Whether one of the caller's own roles reaches everywhere that the grant does."""
    return any(
        Right.MANAGE_ACCOUNTS in own.role.rights
        and own.organisation in (EVERYWHERE, grant.organisation)
        and own.area in (EVERYWHERE, grant.area)
        for own in caller.grants
    )


def _seen(caller: Caller, account: Account) -> bool:
    return caller.everywhere(Right.MANAGE_ACCOUNTS) or any(_covers(caller, grant) for _, grant in account.grants)


def _theirs(room: Room, caller: Caller, who: str) -> Account:
    """An account that the caller may change: all of its roles lie where they give out accounts."""
    try:
        account = accounts.account(room, who)
    except AccessError as error:
        raise Problem(404, error.message, "look at the list again") from error
    if not _seen(caller, account):
        raise Problem(404, "there is no such account", "look at the list again")
    if not caller.everywhere(Right.MANAGE_ACCOUNTS) and not all(_covers(caller, g) for _, g in account.grants):
        raise Problem(
            403, "this account has roles outside of where you give out accounts", "ask somebody who does there"
        )
    return account


def _link(at: SignIn, caller: Caller, account: Account, token: str, lasts_s: int) -> LinkModel:
    at.forget()
    return LinkModel(
        account=AccountModel.of(account, caller.pseudonym), path=f"/enter#{token}", until=at.room.now + lasts_s
    )
