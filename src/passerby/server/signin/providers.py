"""Through another sign-in: sent there, and back. For coming in, for confirming, for connecting the two.

A browser comes back from another site, so its session's cookie doesn't come with it (SameSite=Strict). What ties the
two ends together is a cookie of its own that is sent then, good once, for five minutes, and for this alone.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from passerby.access import credentials, oidc, sessions
from passerby.access.oidc import Elsewhere, Provider, Sent
from passerby.access.sessions import Kind, Session
from passerby.base.errors import AccessError
from passerby.server.problems import Problem
from passerby.server.signin.door import SignIn, agent_of
from passerby.server.signin.pending import Asked, Pending

COOKIE, AT = "passerby-way", "/api/v1/session/provider"
HERE = re.compile(r"/(?![/\\])[\w\-./?=&%]*")
Name = Annotated[str, Path(pattern="^[a-z0-9-]{1,63}$")]
Why = Literal["enter", "confirm", "connect"]


class Ways:
    """Other sign-ins that lead here.

    Args:
        door: Knows who asks.
        pending: Who was sent and has not come back.
        providers: Each other sign-in.
        ticks: Seconds that only go forward.
    """

    def __init__(
        self,
        door: SignIn,
        pending: Pending,
        providers: Sequence[Provider],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._door, self._pending = door, pending
        self._known = {provider.name: Elsewhere(provider, door.room, ticks) for provider in providers}

    @property
    def names(self) -> list[str]:
        """Theirs, for the page."""
        return list(self._known)

    def issuer(self, name: str) -> str:
        """By which an account knows it."""
        return self._at(name).provider.issuer

    def name_of(self, issuer: str) -> str:
        """The other way round; the issuer itself where the settings know it no more."""
        return next((name for name, at in self._known.items() if at.provider.issuer == issuer), issuer)

    def send(self, request: Request, name: str, why: Why, to: str, session: Session | None) -> Response:
        """Send somebody's browser there."""
        anew = why != "enter"
        sent = self._at(name).send(self._back(request, name), anew=anew)
        to = to if HERE.fullmatch(to) else "/control"
        kept = json.dumps([sent.address, sent.state, sent.nonce, sent.verifier, why, to])
        number = self._pending.ask(Asked(f"way {name}", "", session.id.encode() if session else b"", kept))
        answer = RedirectResponse(sent.address, status_code=303)
        answer.set_cookie(
            COOKIE, number, max_age=300, path=AT, secure=self._door.names.secure, httponly=True, samesite="lax"
        )
        return answer

    def come_back(self, request: Request, name: str) -> Response:
        """Somebody's browser is back: signed in, confirmed or connected; or on the page that says it was refused."""
        try:
            asked = self._pending.take(request.cookies.get(COOKIE, ""), f"way {name}")
            *sent, why, to = json.loads(asked.note)
            answer = self._judged(request, name, Sent(*sent), why, to, asked.secret.decode())
        except (AccessError, Problem) as error:
            answer = RedirectResponse(f"/sign-in?{urlencode({'refused': error.args[0]})}", status_code=303)
        answer.delete_cookie(COOKIE, path=AT, secure=self._door.names.secure, httponly=True, samesite="lax")
        return answer

    def _judged(self, request: Request, name: str, sent: Sent, why: Why, to: str, session_id: str) -> Response:
        room, issuer = self._door.room, self.issuer(name)
        back = self._back(request, name)
        subject = self._at(name).came_back(sent, back, f"{back}?{request.url.query}", anew=why != "enter")
        # By way of a page of ours: the browser sends the new cookie only once it asks from here.
        answer = RedirectResponse(f"/sign-in?{urlencode({'to': to})}", status_code=303)
        if why == "enter":
            who = oidc.led_to(room, issuer, subject)
            self._door.let_in(answer, sessions.begin(room, who, Kind.ACCOUNT, agent_of(request)))
            return answer
        mine = sessions.by_id(room, session_id)
        if mine is None or mine.kind is Kind.LOCAL:
            raise AccessError("your session has ended meanwhile")
        if why == "confirm":
            if oidc.led_to(room, issuer, subject) != mine.pseudonym:
                raise AccessError("that was another account's identity")
            self._door.let_in(answer, sessions.prove(room, mine))
            return answer
        oidc.connect(room, mine.pseudonym, issuer, subject)
        if mine.kind is Kind.ENTERING and credentials.held(room, mine.pseudonym).enough:
            self._door.let_in(answer, sessions.enter(room, mine))
        self._door.forget()
        return answer

    def _at(self, name: str) -> Elsewhere:
        found = self._known.get(name)
        if found is None:
            raise Problem(404, "there is no such sign-in", "see /api/v1/session")
        return found

    def _back(self, request: Request, name: str) -> str:
        return f"{self._door.names.address(request.headers['host']).origin}{AT}/{name}/back"


def routes(door: SignIn, ways: Ways) -> APIRouter:
    """The addresses to which browsers go.

    Args:
        door: Knows who asks.
        ways: Other sign-ins.
    """
    router = APIRouter(prefix=AT, include_in_schema=False)

    @router.get("/{name}")
    def enter(name: Name, request: Request, to: Annotated[str, Query(max_length=200)] = "/control") -> Response:
        return ways.send(request, name, "enter", to, None)

    @router.get("/{name}/confirm")
    def confirm(name: Name, request: Request, to: Annotated[str, Query(max_length=200)] = "/account") -> Response:
        session = door.session(request)
        if session is None or session.kind is not Kind.ACCOUNT:
            raise Problem(401, "sign in first", "open /sign-in")
        return ways.send(request, name, "confirm", to, session)

    @router.get("/{name}/back")
    def back(name: Name, request: Request) -> Response:
        return ways.come_back(request, name)

    return router
