"""/api/v1/session: in and out. Nobody has to be signed in for these."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from passerby.access import accounts, credentials, links, passkeys, sessions
from passerby.access.guessing import TooSoon
from passerby.access.roles import Grant, Role
from passerby.access.sessions import Kind, Session
from passerby.base.errors import AccessError
from passerby.server.problems import Problem
from passerby.server.rights import SIGN_IN
from passerby.server.signin.door import SignIn, agent_of
from passerby.server.signin.models import (
    ChallengeModel,
    ConfirmAsked,
    FirstAsked,
    GrantModel,
    LinkAsked,
    PasskeyAnswered,
    PasswordAsked,
    SessionModel,
    SignedInModel,
)
from passerby.server.signin.pending import Asked, Pending

T = TypeVar("T")


def routes(door: SignIn, pending: Pending, providers: list[str]) -> APIRouter:
    """Signing in, in each way, and out.

    Args:
        door: Knows who asks.
        pending: What was asked and is not answered yet.
        providers: Names of other sign-ins that lead here.
    """
    router = APIRouter(prefix="/api/v1/session", tags=["session"])
    room = door.room

    @router.get("")
    def session(request: Request) -> SessionModel:
        return SessionModel(
            who=_signed_in(door, request), first=not accounts.any_account(room), providers=providers, time=door.now()
        )

    @router.delete("", status_code=204)
    def sign_out(request: Request) -> Response:
        found = door.session(request)
        if found is not None:
            sessions.end(room, found.pseudonym, found.id)
        gone = Response(status_code=204)
        door.let_out(gone)
        return gone

    @router.post("/link", status_code=204)
    def link(asked: LinkAsked, request: Request) -> Response:
        here = door.names.here(request)
        return _let_in(door, links.follow(room, asked.token, agent_of(request), here=here).token)

    @router.post("/first", status_code=204)
    def first(asked: FirstAsked, request: Request) -> Response:
        found = door.session(request)
        if found is None or found.kind is not Kind.LOCAL or not door.names.here(request):
            raise Problem(403, "only this machine's terminal makes the first account", "open the link that it printed")
        made = accounts.add(room, asked.name, [Grant(Role.ADMIN)], room.here, first=True)
        return _let_in(door, sessions.begin(room, made.pseudonym, Kind.ENTERING, agent_of(request)))

    @router.post("/password", status_code=204)
    def password(asked: PasswordAsked, request: Request) -> Response:
        address = door.names.client(request)
        who = _judged(lambda: credentials.sign_in(room, asked.name, asked.password, asked.code, address))
        return _let_in(door, sessions.begin(room, who, Kind.ACCOUNT, agent_of(request)))

    @router.post("/passkey/options")
    def passkey_options(request: Request) -> ChallengeModel:
        options, challenge = passkeys.to_sign_in(room, door.names.address(request.headers["host"]))
        return ChallengeModel(number=pending.ask(Asked("sign-in", "", challenge)), options=options)

    @router.post("/passkey", status_code=204)
    def passkey(asked: PasskeyAnswered, request: Request) -> Response:
        challenge = pending.take(asked.number, "sign-in").secret
        address = door.names.address(request.headers["host"])
        who = _judged(lambda: passkeys.sign_in(room, asked.answer, challenge, address))
        return _let_in(door, sessions.begin(room, who, Kind.ACCOUNT, agent_of(request)))

    @router.post("/confirm/password", status_code=204)
    def confirm_password(asked: ConfirmAsked, request: Request) -> Response:
        mine, address = _mine(door, request), door.names.client(request)
        _judged(lambda: credentials.confirm(room, mine.pseudonym, asked.password, asked.code, address))
        return _let_in(door, sessions.prove(room, mine))

    @router.post("/confirm/passkey", status_code=204)
    def confirm_passkey(asked: PasskeyAnswered, request: Request) -> Response:
        mine = _mine(door, request)
        challenge = pending.take(asked.number, "sign-in").secret
        address = door.names.address(request.headers["host"])
        if _judged(lambda: passkeys.sign_in(room, asked.answer, challenge, address)) != mine.pseudonym:
            raise Problem(401, "this is another account's passkey", "use one of your own")
        return _let_in(door, sessions.prove(room, mine))

    return router


def _judged(judge: Callable[[], T]) -> T:
    """A judgement on who somebody is; what is wrong becomes 401, and too many attempts 429."""
    try:
        return judge()
    except TooSoon as error:
        raise Problem(429, error.message, error.advice, headers={"retry-after": str(error.wait_s)}) from error
    except AccessError as error:
        raise Problem(401, error.message, error.advice) from error


def _mine(door: SignIn, request: Request) -> Session:
    found = door.session(request)
    if found is None or found.kind is not Kind.ACCOUNT:
        raise Problem(401, "sign in first", "open /sign-in", kind=SIGN_IN)
    return found


def _let_in(door: SignIn, token: str) -> Response:
    """Signed in: a session that did not exist before, whatever cookie came with the request."""
    done = Response(status_code=204)
    door.let_in(done, token)
    return done


def _signed_in(door: SignIn, request: Request) -> SignedInModel | None:
    session, caller = door.session(request), door.who(request)
    if session is None or caller is None:
        return None
    account = None if caller.local else accounts.account(door.room, caller.pseudonym)
    grants = list(account.grants) if account is not None else [(0, grant) for grant in caller.grants]
    return SignedInModel(
        pseudonym=caller.pseudonym,
        name="" if account is None else account.name,
        way=session.kind.value,
        grants=[GrantModel.of(*grant) for grant in grants],
        rights=sorted(right.value for right in caller.rights),
        until=session.until_s,
        idle_s=sessions.IDLE_S,
        proven=session.proven_s,
    )
