"""In front of everything: who may ask, from which page, and what a browser may do with the answer."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.server.names import Names
from passerby.server.problems import answer

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
HSTS = "max-age=63072000"
ASSETS = "/assets/"
SAFE = ("GET", "HEAD", "OPTIONS")
OUR_PAGES = "x-passerby"


def elsewhere(tiles: str) -> str:
    """What the policy adds for map tiles: their origin, where that is another than the server's own."""
    try:
        parts = urlsplit(tiles)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.-]+", parts.hostname or ""):
        return ""
    return f" {parts.scheme}://{parts.hostname}{port}"


class Guard:
    """Refuses requests under another name than the server's own (DNS rebinding), and sets every answer's headers.

    Args:
        app: What is guarded.
        names: The server's own.
        tiles: Address of map tiles; pages may fetch from there, too, and from nowhere else.
    """

    def __init__(self, app: ASGIApp, names: Names = Names(), tiles: str = "") -> None:  # noqa: B008
        self._app, self._names = app, names
        policy = POLICY.replace("connect-src 'self'", f"connect-src 'self'{elsewhere(tiles)}")
        self._headers = HEADERS | {"content-security-policy": policy}
        self._headers |= {"strict-transport-security": HSTS} if names.secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A hashed asset never changes under its name; everything else is about people and is kept nowhere.
        keep = "public, max-age=31536000, immutable" if scope["path"].startswith(ASSETS) else "no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # What is the same for everybody says by itself how long it may be kept.
                if message["status"] not in (200, 304) or "cache-control" not in headers:
                    headers["cache-control"] = keep if message["status"] == 200 else "no-store"
            await send(message)

        if not self._names.own(Headers(scope=scope).get("host", "")):
            refusal = answer(421, "this server answers to its own name only", "use the address that it printed")
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


class OwnPages:
    """Refuses changes that another site's page asks a signed-in browser to make (CSRF).

    What changes something needs a header that no form can send and that another origin's script may not send without
    being allowed to, which nobody ever is. Where the browser says which page asks, it must be one of ours. A program
    that shows a key is no browser: none of this concerns it.

    Args:
        app: What is guarded.
        names: The server's own.
    """

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not self._ours(Headers(scope=scope)):
            refusal = answer(403, "this came from another page", "send the header X-Passerby: 1 from our own pages")
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _ours(self, headers: Headers) -> bool:
        if headers.get("authorization", "").startswith("Bearer "):
            return True
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        return (
            headers.get(OUR_PAGES) == "1"
            and (origin is None or origin == self._names.address(headers.get("host", "")).origin)
            and (site is None or site == "same-origin")
        )
