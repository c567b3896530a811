"""Knows who asks, by cookie or key. What is known of somebody is asked anew each second, so that an end is felt."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response

from passerby.access import keys, sessions
from passerby.access.caller import Caller
from passerby.access.room import Room
from passerby.access.sessions import Session
from passerby.access.tokens import digest
from passerby.base.errors import StoreError
from passerby.server.names import Names
from passerby.server.problems import Problem

COOKIE = "passerby"
REMEMBERED_S = 1.0
MOST_REMEMBERED = 2000
BEARER = "Bearer "
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    at_s: float
    session: Session | None
    caller: Caller

    def good(self, *, key: bool, now_s: float) -> bool:
        """Whether it is of the right kind, and goes on."""
        return key if self.session is None else not key and self.session.alive(now_s)


class SignIn:
    """The door: `passerby.server.rights.Door`.

    Args:
        room: The access folder.
        names: The server's own.
        ticks: Seconds that only go forward.
    """

    def __init__(self, room: Room, names: Names, ticks: Callable[[], float] = time.monotonic) -> None:
        self.room, self.names, self._ticks = room, names, ticks
        self.cookie = f"__Host-{COOKIE}" if names.secure else COOKIE
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def now(self) -> float:
        """Seconds since 1970."""
        return self.room.clock()

    def who(self, request: Request) -> Caller | None:
        """Who asks; None where nobody is signed in.

        Raises:
            Problem: A key is shown that is not good.
        """
        said = request.headers.get("authorization")
        if said is not None:
            caller = self._find(said.removeprefix(BEARER).strip(), key=True) if said.startswith(BEARER) else None
            if caller is None:
                raise Problem(401, "this key is not good, or not any more", "make one: passerby account key add")
            return caller.caller
        found = self._of(request)
        return None if found is None else found.caller

    def session(self, request: Request) -> Session | None:
        """The session of whoever asks; None for programs and strangers."""
        found = self._of(request)
        return None if found is None else found.session

    def let_in(self, response: Response, token: str) -> None:
        """Give a browser its session. A cookie that was there before is replaced, whoever set it."""
        self.forget()
        response.set_cookie(self.cookie, token, path="/", secure=self.names.secure, httponly=True, samesite="strict")

    def let_out(self, response: Response) -> None:
        """Take it back."""
        self.forget()
        response.delete_cookie(self.cookie, path="/", secure=self.names.secure, httponly=True, samesite="strict")

    def forget(self) -> None:
        """Something was changed: ask anew for everybody."""
        with self._lock:
            self._known.clear()

    def _of(self, request: Request) -> _Known | None:
        token = request.cookies.get(self.cookie)
        found = self._find(token, key=False) if token else None
        if found is not None and found.caller.local and not self.names.here(request):
            return None
        return found

    def _find(self, token: str, *, key: bool) -> _Known | None:
        name, now = digest(token), self._ticks()
        with self._lock:
            known = self._known.get(name)
        if known is not None and now - known.at_s < REMEMBERED_S and known.good(key=key, now_s=self.room.clock()):
            return known
        known = self._ask(token, now, key=key)
        with self._lock:
            if known is None:
                self._known.pop(name, None)
            else:
                if len(self._known) >= MOST_REMEMBERED:
                    self._known.clear()
                self._known[name] = known
        return known

    def _ask(self, token: str, now: float, *, key: bool) -> _Known | None:
        found = None if key else sessions.find(self.room, token)
        caller = keys.find(self.room, token) if key else found and found[1]
        if caller is None:
            return None
        try:
            if found is not None:
                sessions.touch(self.room, found[0])
            else:
                keys.touch(self.room, token)
        except StoreError as error:
            # A full disk shuts nobody out: only the time at which they were seen last is not kept.
            log.warning("%s", error)
        return _Known(now, found and found[0], caller)


def door(request: Request) -> SignIn:
    """The application's door, for the routes of signing in."""
    found = request.app.state.door
    assert isinstance(found, SignIn)
    return found


def agent_of(request: Request) -> str:
    """A browser in a few words: enough to know one's own in a list, too little to know somebody by."""
    said = request.headers.get("user-agent", "")
    browsers = ("Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/", "curl/", "python-httpx/")
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux")
    names = {"Edg/": "Edge", "OPR/": "Opera", "Mac OS X": "macOS", "CrOS": "ChromeOS"}
    found = [next((names.get(w, w.rstrip("/")) for w in words if w in said), "") for words in (browsers, systems)]
    return ", ".join(word for word in found if word) or "another program"
