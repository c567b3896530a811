"""/api/v1/account: what one signs in with oneself, and where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Path, Request, Response

from passerby.access import accounts, codes, credentials, passkeys, sessions
from passerby.access.accounts import Account
from passerby.access.sessions import Kind, Session
from passerby.server.problems import Problem
from passerby.server.rights import FRESH_S, REAUTHENTICATE, SIGN_IN
from passerby.server.signin.door import SignIn, door
from passerby.server.signin.models import (
    ChallengeModel,
    EnrolledAsked,
    EnrolModel,
    NewPasswordAsked,
    OwnModel,
    PaperModel,
    PasskeyAnswered,
)
from passerby.server.signin.pending import Asked, Pending
from passerby.server.signin.providers import Name, Ways

Id = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
SITE = "Passerby"


@dataclass(frozen=True, slots=True)
class Mine:
    """A dependency: whoever is signed in with an account, whatever their rights.

    Args:
        fresh: Only for whom proved within five minutes who they are, or comes by an invitation.
    """

    fresh: bool = False

    def __call__(self, request: Request) -> tuple[Session, Account]:
        """Their session and their account.

        Raises:
            Problem: Nobody is signed in, by the terminal's link alone, or it is too long ago.
        """
        found = door(request)
        session = found.session(request)
        if session is None:
            raise Problem(401, "sign in first", "open /sign-in", kind=SIGN_IN)
        if session.kind is Kind.LOCAL:
            raise Problem(403, "the terminal's link has no account", "make one: passerby account add")
        if self.fresh and session.kind is Kind.ACCOUNT and found.now() - session.proven_s > FRESH_S:
            raise Problem(403, "confirm that it is you", "prove it again, then repeat this", kind=REAUTHENTICATE)
        return session, accounts.account(found.room, session.pseudonym)


Seen = Annotated[tuple[Session, Account], Depends(Mine())]
Changed = Annotated[tuple[Session, Account], Depends(Mine(fresh=True))]


def routes(at: SignIn, pending: Pending, ways: Ways) -> APIRouter:
    """One's own account.

    Args:
        at: Knows who asks.
        pending: What was asked and is not answered yet.
        ways: Other sign-ins that lead here.
    """
    router = APIRouter(prefix="/api/v1/account", tags=["account"])
    room = at.room

    @router.get("")
    def own(mine: Seen) -> OwnModel:
        session, account = mine
        held = credentials.held(room, account.pseudonym)
        return OwnModel.of(
            account,
            replace(held, providers=tuple(ways.name_of(issuer) for issuer in held.providers)),
            passkeys.listed(room, account.pseudonym),
            sessions.listed(room, account.pseudonym),
            session.id,
        )

    @router.put("/password", status_code=204)
    def password(asked: NewPasswordAsked, mine: Changed) -> Response:
        session, account = mine
        credentials.set_password(room, account.pseudonym, account.name, asked.password)
        sessions.end_others(room, account.pseudonym, session.id)
        return _entered(at, session)

    @router.delete("/password", status_code=204)
    def no_password(mine: Changed) -> Response:
        credentials.drop_password(room, mine[1].pseudonym)
        return Response(status_code=204)

    @router.post("/totp")
    def enrol(mine: Changed) -> EnrolModel:
        session, account = mine
        secret = codes.new_secret(room.randomness)
        address = codes.uri(secret, account.name, SITE)
        return EnrolModel(
            number=pending.ask(Asked("totp", session.id, secret)),
            secret=codes.shown(secret),
            uri=address,
            picture=segno.make(address, error="m").svg_data_uri(border=2, scale=5),
        )

    @router.put("/totp")
    def enrolled(asked: EnrolledAsked, mine: Changed, response: Response) -> PaperModel:
        session, account = mine
        secret = pending.take(asked.number, "totp", session.id).secret
        paper = credentials.set_totp(room, account.pseudonym, secret, asked.code)
        _enter(at, session, response)
        return PaperModel(codes=paper)

    @router.post("/codes")
    def paper(mine: Changed) -> PaperModel:
        return PaperModel(codes=credentials.new_paper(room, mine[1].pseudonym))

    @router.post("/passkeys/options")
    def passkey_options(request: Request, mine: Changed) -> ChallengeModel:
        session, account = mine
        address = at.names.address(request.headers["host"])
        options, challenge = passkeys.to_register(room, account.pseudonym, account.name, address)
        return ChallengeModel(number=pending.ask(Asked("passkey", session.id, challenge)), options=options)

    @router.post("/passkeys", status_code=204)
    def passkey(asked: PasskeyAnswered, request: Request, mine: Changed) -> Response:
        session, account = mine
        challenge = pending.take(asked.number, "passkey", session.id).secret
        address = at.names.address(request.headers["host"])
        passkeys.register(room, account.pseudonym, asked.answer, challenge, address, asked.name)
        return _entered(at, session)

    @router.delete("/passkeys/{passkey_id}", status_code=204)
    def no_passkey(passkey_id: Id, mine: Changed) -> Response:
        passkeys.remove(room, mine[1].pseudonym, passkey_id)
        return Response(status_code=204)

    @router.get("/provider/{name}", include_in_schema=False)
    def connect(name: Name, request: Request, mine: Changed) -> Response:
        return ways.send(request, name, "connect", "/account", mine[0])

    @router.delete("/sessions/{session_id}", status_code=204)
    def end_session(session_id: Id, mine: Seen) -> Response:
        if not sessions.end(room, mine[1].pseudonym, session_id):
            raise Problem(404, "you have no such session", "look at the list again")
        at.forget()
        return Response(status_code=204)

    @router.delete("/sessions", status_code=204)
    def end_sessions(mine: Seen) -> Response:
        sessions.end_others(room, mine[1].pseudonym, mine[0].id)
        at.forget()
        return Response(status_code=204)

    return router


def _entered(at: SignIn, session: Session) -> Response:
    done = Response(status_code=204)
    _enter(at, session, done)
    return done


def _enter(at: SignIn, session: Session, response: Response) -> None:
    """Who came by an invitation and now has enough to sign in with is signed in, under a new token."""
    at.forget()
    if session.kind is Kind.ENTERING and credentials.held(at.room, session.pseudonym).enough:
        at.let_in(response, sessions.enter(at.room, session))
