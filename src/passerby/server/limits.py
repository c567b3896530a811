"""How much one may ask: token buckets by address, or by session and key once they have opened something; sizes.

Who sends invented ones stays in the bucket of their address.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.server.names import Names
from passerby.server.problems import answer

MOST_BUCKETS, MOST_KNOWN = 20_000, 5_000
KNOWN_FOR_S = 900.0
COOKIES = ("passerby", "__Host-passerby")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second, and so many at once.

    Args:
        per_s: A second, in the long run.
        burst: At once.
    """

    per_s: float
    burst: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What is allowed.

    Args:
        address: Whoever is not signed in, by address.
        known: A session or a key.
        forms: Complaints and requests, by address.
        all_forms: Complaints and requests, all together: each is kept.
        dear: What an answer costs that is dear to make.
        largest: Bytes of a body.
        largest_form: Bytes of a complaint or a request.
    """

    address: Rate = Rate(30, 300)
    known: Rate = Rate(200, 2000)
    forms: Rate = Rate(1 / 60, 10)
    all_forms: Rate = Rate(1 / 6, 600)
    dear: float = 15
    largest: int = 1 << 20
    largest_form: int = 128 << 10


USUAL = Rates()
FORMS = ("/api/v1/complaints", "/api/v1/requests")
DEAR = (".pdf", "/export.json", "/export.csv", ".html")


@dataclass(slots=True)
class Buckets:
    """Token buckets by name. Those not used for longest are forgotten: by then they are full again.

    Args:
        clock: Seconds of any steady clock.
        most: Held at most.
    """

    clock: Callable[[], float] = time.monotonic
    most: int = MOST_BUCKETS
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, name: str, rate: Rate, cost: float = 1) -> float:
        """Take from a bucket: 0 where that could be done, else seconds until it can; then nothing was taken."""
        now = self.clock()
        left, then = self._held.pop(name, (rate.burst, now))
        left = min(rate.burst, left + (now - then) * rate.per_s)
        wait = max(0.0, (min(cost, rate.burst) - left) / rate.per_s)
        self._held[name] = (left if wait else left - min(cost, rate.burst)), now
        if len(self._held) > self.most:
            self._held.popitem(last=False)
        return wait


class Limits:
    """Refuses what is too much or too large, before anything else is done with it.

    Args:
        app: What is guarded.
        rates: What is allowed.
        names: The server's own: whether a proxy is in front, which says for whom it asks.
        clock: Seconds of any steady clock.
    """

    def __init__(
        self,
        app: ASGIApp,
        rates: Rates = USUAL,
        names: Names = Names(),  # noqa: B008
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._rates, self._names, self._clock = app, rates, names, clock
        self._buckets = Buckets(clock)
        self._known: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        mark = credential(headers)
        if wait := self._wait(scope, mark):
            refusal = answer(429, "too many requests", f"try again in {math.ceil(wait)} s")
            refusal.headers["retry-after"] = str(math.ceil(wait))
            await refusal(scope, receive, send)
            return
        most = self._rates.largest_form if _is_form(scope) else self._rates.largest
        body = _Body(receive, send, scope, most)
        if _length(headers) > most:
            await body.refuse()
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and mark and scope.get("state", {}).get("caller") is not None:
                self._recognise(mark)
            await body.send(message)

        await self._app(scope, body.receive, watched)

    def _wait(self, scope: Scope, mark: str) -> float:
        address = network(self._names.client(HTTPConnection(scope)))
        if _is_form(scope):
            wait = self._buckets.take(f"form {address}", self._rates.forms)
            return wait or self._buckets.take("forms", self._rates.all_forms)
        cost = self._rates.dear if scope["path"].endswith(DEAR) and scope["path"].startswith("/api/") else 1
        known = mark if self._is_known(mark) else ""
        name, rate = (known, self._rates.known) if known else (address, self._rates.address)
        return self._buckets.take(name, rate, cost)

    def _is_known(self, mark: str) -> bool:
        return bool(mark) and self._known.get(mark, 0.0) > self._clock()

    def _recognise(self, mark: str) -> None:
        self._known.pop(mark, None)
        self._known[mark] = self._clock() + KNOWN_FOR_S
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


class _Body:
    """Counts a body as it comes; one that is larger than allowed ends in a refusal, whatever the application says."""

    def __init__(self, receive: Receive, send: Send, scope: Scope, most: int) -> None:
        self._receive, self._send, self._scope, self._left = receive, send, scope, most
        self._refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return message if self._left >= 0 else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._left >= 0:
            await self._send(message)
        elif not self._refused:
            await self.refuse()

    async def refuse(self) -> None:
        self._refused = True
        await answer(413, "this is too large", "send less")(self._scope, self._receive, self._send)


def _is_form(scope: Scope) -> bool:
    return scope["method"] == "POST" and scope["path"] in FORMS


def _length(headers: Mapping[str, str]) -> int:
    given = headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


def credential(headers: Headers) -> str:
    """A name for the session or key that a request shows, whether it is good or not; empty where it shows none."""
    shown = headers.get("authorization", "")
    if not shown and "cookie" in headers:
        try:
            cookies = SimpleCookie(headers["cookie"])
        except CookieError:
            return ""
        shown = next((cookies[name].value for name in COOKIES if name in cookies), "")
    return sha256(shown.encode("utf-8", "replace")).hexdigest() if shown else ""


def network(given: str) -> str:
    """Whose bucket an address is in: an IPv6 customer has a network of 64 bits, not an address."""
    try:
        ip = ip_address(given)
    except ValueError:
        return "unknown"
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else str(ip)
