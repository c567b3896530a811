"""An OpenID provider on this machine: a real server that speaks discovery, authorisation, tokens and keys.

It asks nobody for a password: whoever comes is who the test says. It can be told to lie in each way that a client must
notice (OpenID Connect Core 1.0, section 3.1.3.7).
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

CLIENT, SECRET = "passerby", "a secret between two servers"


@dataclass
class Issued:
    """A code, and what was asked for."""

    asked: dict[str, str]
    auth_time: int


@dataclass
class OpenIdProvider:
    """The provider.

    Args:
        subject: Who comes.
        clock: Seconds since 1970.
        lie: Changes the claims of the next tokens.
        key: What it signs with; another than it publishes is a forgery.
        algorithm: What it signs with.
        stale_s: How long ago everybody proved who they are, even where that was asked anew.
    """

    subject: str = "ann@elsewhere"
    clock: Callable[[], float] = time.time
    lie: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    key: ECKey | OctKey | None = None
    algorithm: str = "ES256"
    stale_s: int = 0
    issuer: str = ""
    published: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    codes: dict[str, Issued] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code" and "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256" and asked["nonce"] and asked["state"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = Issued(asked, int(self.clock()) - self.stale_s)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], who: str) -> dict[str, Any] | None:
        """The answer to a code; None where it is not good."""
        issued = self.codes.pop(form.get("code", ""), None)
        if issued is None or who != f"{CLIENT}:{SECRET}" or form.get("grant_type") != "authorization_code":
            return None
        shown = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if shown != issued.asked["code_challenge"] or form.get("redirect_uri") != issued.asked["redirect_uri"]:
            return None
        now = int(self.clock())
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": issued.asked["nonce"], "auth_time": issued.auth_time,
        }  # fmt: skip
        key = self.key or self.published
        header = {"alg": self.algorithm, "kid": "one"}
        made = jwt.encode(header, self.lie(claims), key, algorithms=[self.algorithm])
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": made, "expires_in": 300}


@contextmanager
def running(provider: OpenIdProvider) -> Iterator[OpenIdProvider]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def _json(self, content: Any, status: int = 200) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self._json(provider.about())
            elif parts.path == "/keys":
                self._json(KeySet([provider.published]).as_dict(private=False))
            elif parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("location", provider.authorize(asked))
                self.send_header("content-length", "0")
                self.end_headers()
            else:
                self._json({}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            who = unquote(b64decode(self.headers.get("authorization", "").removeprefix("Basic ")).decode())
            answer = provider.token(form, who)
            self._json(answer or {"error": "invalid_grant"}, 200 if answer else 400)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
