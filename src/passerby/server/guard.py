"""In front of everything: who may ask, and what a browser may do with the answer."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.server.problems import answer

LOOPBACK = ("127.0.0.1", "::1", "localhost")
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
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
ASSETS = "/assets/"


class Guard:
    """Refuses requests under another name than this machine's own (DNS rebinding), and sets every answer's headers.

    Args:
        app: What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                # What is the same for everybody says by itself how long it may be kept.
                if message["status"] not in (200, 304) or "cache-control" not in headers:
                    headers["cache-control"] = keep if message["status"] == 200 else "no-store"
            await send(message)

        if not own_name(Headers(scope=scope).get("host", "")):
            refusal = answer(421, "this server answers to its own name only", "use the address that it printed")
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def own_name(host: str) -> bool:
    """Whether a Host header names this machine's loopback, with or without a port."""
    if host.startswith("["):
        name, bracket, rest = host[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return False
        port = rest[1:]
    else:
        name, _, port = host.partition(":")
    return name.lower() in LOOPBACK and (not port or (port.isascii() and port.isdigit()))
