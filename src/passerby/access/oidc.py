"""Signing in elsewhere: OpenID Connect 1.0, authorisation code with PKCE (RFC 7636), a nonce and a state.

Authlib writes and reads what is sent and judges the claims, joserfc the signature. An identity elsewhere leads to an
account only where its owner has connected the two; nobody gets an account by signing in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response, prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import insert, select

from passerby.access.accounts import State
from passerby.access.credentials import added
from passerby.access.room import Room
from passerby.access.tokens import fresh
from passerby.base.errors import AccessError, SettingsError
from passerby.store.schema import access

# Signatures that are checked with a key the provider publishes: never a shared one, never none.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
PATIENCE_S, LEEWAY_S, KEPT_S = 10.0, 30, 3600.0
PROVEN_S = 300
LOOPBACK = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}


@dataclass(frozen=True, slots=True)
class Provider:
    """Another sign-in.

    Args:
        name: In addresses and on the page.
        issuer: Its address, as its tokens name it.
        client: What it calls this server.
        secret: What this server shows it.
        acr: How it must have asked who somebody is, where a site wants more than it does by itself.
    """

    name: str
    issuer: str
    client: str
    secret: str
    acr: str = ""

    @property
    def port(self) -> int:
        """The TCP port at which it answers."""
        return urlsplit(self.issuer).port or 443


@dataclass(frozen=True, slots=True)
class Sent:
    """Somebody was sent there.

    Args:
        address: Where their browser goes.
        state: Comes back with them.
        nonce: Comes back in the token.
        verifier: Is shown for the code (PKCE).
    """

    address: str
    state: str
    nonce: str
    verifier: str


class Elsewhere:
    """Speaks with a provider.

    Args:
        provider: Which.
        room: The access folder.
        ticks: Seconds that only go forward.
    """

    def __init__(self, provider: Provider, room: Room, ticks: Callable[[], float]) -> None:
        parts = urlsplit(provider.issuer)
        if parts.scheme != "https" and (parts.scheme, parts.hostname) not in LOOPBACK:
            raise SettingsError(f"the provider {provider.name} is not reached over TLS", "give its https:// address")
        self.provider, self._room, self._ticks = provider, room, ticks
        self._lock = threading.Lock()
        self._known: tuple[float, dict[str, Any], KeySet] | None = None

    def send(self, back: str, *, anew: bool) -> Sent:
        """Where to send somebody.

        Args:
            back: Where they come back to.
            anew: They must prove there who they are, even if they are signed in.

        Raises:
            AccessError: The provider can't be reached.
        """
        about, _ = self._about()
        nonce, verifier = fresh(self._room.randomness), fresh(self._room.randomness)
        more = {"prompt": "login", "max_age": "0"} if anew else {}
        if self.provider.acr:
            more["acr_values"] = self.provider.acr
        state = fresh(self._room.randomness)
        address = prepare_grant_uri(
            about["authorization_endpoint"],
            client_id=self.provider.client,
            response_type="code",
            redirect_uri=back,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **more,
        )
        return Sent(address, state, nonce, verifier)

    def came_back(self, sent: Sent, back: str, address: str, *, anew: bool) -> str:
        """Who came back: their subject there.

        Args:
            sent: As they were sent.
            back: Where to.
            address: With which query they came.
            anew: They had to prove who they are.

        Raises:
            AccessError: They were refused there, or the token is not what it must be.
        """
        about, keys = self._about()
        wrong = AccessError("the other sign-in did not say who this is", "try again, or sign in in another way")
        try:
            code = parse_authorization_code_response(address, sent.state)["code"]
            token = self._token(about["token_endpoint"], code, back, sent.verifier)
            read = jwt.decode(str(token["id_token"]), keys, algorithms=ALGORITHMS)
            options = {"iss": {"essential": True, "value": self.provider.issuer}}
            options["aud"] = {"essential": True, "value": self.provider.client}
            params = {"nonce": sent.nonce, "client_id": self.provider.client}
            params["access_token"] = str(token.get("access_token", ""))
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(int(self._room.clock()), LEEWAY_S)
        except (AuthlibBaseError, JoseError, httpx.HTTPError, KeyError, ValueError, TypeError) as error:
            raise wrong from error
        if self.provider.acr and claims.get("acr") != self.provider.acr:
            raise wrong
        if anew and not self._room.clock() - PROVEN_S <= float(claims.get("auth_time", 0)):
            raise wrong
        return str(claims["sub"])[:255]

    def _token(self, where: str, code: str, back: str, verifier: str) -> dict[str, Any]:
        """What the provider gives for a code (RFC 6749, section 4.1.3; RFC 7636, section 4.5)."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        # RFC 6749, section 2.3.1: both are escaped as in a form before they are put together.
        shown = (quote(self.provider.client, safe=""), quote(self.provider.secret, safe=""))
        with httpx.Client(timeout=PATIENCE_S, follow_redirects=False) as client:
            answer: dict[str, Any] = client.post(where, data=form, auth=shown).raise_for_status().json()
        return answer

    def _about(self) -> tuple[dict[str, Any], KeySet]:
        """What the provider says of itself, and its keys: asked for once an hour."""
        with self._lock:
            if self._known is not None and self._ticks() - self._known[0] < KEPT_S:
                return self._known[1:]
            away = AccessError(f"{self.provider.name} does not answer as it should", "sign in in another way")
            try:
                with httpx.Client(timeout=PATIENCE_S, follow_redirects=False) as client:
                    where = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
                    about = client.get(where).raise_for_status().json()
                    keys = KeySet.import_key_set(client.get(about["jwks_uri"]).raise_for_status().json())
            except (httpx.HTTPError, httpx.InvalidURL, JoseError, KeyError, ValueError, TypeError) as error:
                raise away from error
            if about.get("issuer") != self.provider.issuer:
                raise away
            self._known = (self._ticks(), about, keys)
            return about, keys


def connect(room: Room, who: str, issuer: str, subject: str) -> None:
    """From now on this identity elsewhere leads to an account.

    Raises:
        AccessError: It leads to another one already.
    """
    table = access.subjects
    with room.store.writing() as connection:
        same = (table.c.issuer == issuer) & (table.c.subject == subject)
        found = connection.execute(select(table.c.pseudonym).where(same)).scalar_one_or_none()
        if found not in (None, who):
            raise AccessError("this identity leads to another account", "use another one")
        if found is None:
            connection.execute(insert(table).values(issuer=issuer, subject=subject, pseudonym=who))
            added(connection, room, who)


def led_to(room: Room, issuer: str, subject: str) -> str:
    """The account that an identity elsewhere leads to.

    Raises:
        AccessError: None.
    """
    table, accounts = access.subjects, access.accounts
    with room.store.reading() as connection:
        found = connection.execute(
            select(table.c.pseudonym)
            .join(accounts, accounts.c.pseudonym == table.c.pseudonym)
            .where(table.c.issuer == issuer, table.c.subject == subject, accounts.c.state == State.ACTIVE.value)
        ).scalar_one_or_none()
    if found is None:
        raise AccessError("this identity leads to no account here", "sign in in another way, and connect it")
    return str(found)
