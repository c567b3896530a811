"""Through another sign-in, against a real provider: in, confirmed, connected; and every lie that it may tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey
from tests.unit.server.signin.provider import CLIENT, SECRET, OpenIdProvider, running
from tests.unit.server.town import HERE, Browser, Town, town

from passerby.access import accounts
from passerby.access.oidc import Elsewhere, Provider
from passerby.access.roles import Grant, Role
from passerby.access.sessions import Kind
from passerby.base.errors import SettingsError

OPERATOR = Grant(Role.OPERATOR)
AT = "/api/v1/session/provider/work"


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with running(OpenIdProvider()) as found:
        yield found


@pytest.fixture
def place(tmp_path: Path, provider: OpenIdProvider) -> Iterator[Town]:
    with town(tmp_path, HERE, [Provider("work", provider.issuer, CLIENT, SECRET)]) as built:
        provider.clock = built.clock
        yield built


def there_and_back(browser: Browser, path: str = AT) -> httpx.Response:
    """As a browser goes: sent there, and sent back."""
    sent = browser.get(path)
    assert sent.status_code == 303, sent.text
    answered = httpx.get(sent.headers["location"])
    assert answered.status_code == 302
    back = urlsplit(answered.headers["location"])
    return browser.get(f"{back.path}?{back.query}")


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return query.get("refused", [""])[0]


def connected(place: Town, name: str = "ann") -> str:
    who = place.account(name, OPERATOR)
    answer = there_and_back(place.signed_in(who), "/api/v1/account/provider/work")
    assert refused(answer) == "", answer.headers
    return who


def test_connected_once_it_opens(place: Town) -> None:
    stranger = place.browser()
    assert stranger.get("/api/v1/session").json()["providers"] == ["work"]
    assert "leads to no account" in refused(there_and_back(stranger))
    assert stranger.who is None
    who = connected(place)
    browser = place.browser()
    answer = there_and_back(browser, f"{AT}?to=/account")
    assert answer.headers["location"] == "/sign-in?to=%2Faccount"
    told = browser.who
    assert told is not None and told["pseudonym"] == who
    assert browser.get("/api/v1/account").json()["providers"] == ["work"]
    accounts.end(place.room, who, "terminal")
    assert "leads to no account" in refused(there_and_back(place.browser()))


def test_an_invitation_may_end_there(place: Town) -> None:
    made = accounts.add(place.room, "ivy", [OPERATOR], "terminal")
    browser = place.signed_in(made.pseudonym, Kind.ENTERING)
    there_and_back(browser, "/api/v1/account/provider/work")
    assert browser.who["way"] == "account" and browser.get("/api/v1/cameras").status_code == 200  # type: ignore[index]


def test_an_identity_leads_to_one_account(place: Town) -> None:
    connected(place)
    eve = place.signed_in(place.account("eve", OPERATOR))
    assert "another account" in refused(there_and_back(eve, "/api/v1/account/provider/work"))
    assert eve.get("/api/v1/account").json()["providers"] == []


def test_confirming_there(place: Town, provider: OpenIdProvider) -> None:
    browser = place.signed_in(connected(place))
    place.clock.now += 301
    assert browser.post("/api/v1/account/codes").json()["type"] == "reauthenticate"
    assert browser.get("/api/v1/account/provider/work").json()["type"] == "reauthenticate"
    provider.subject = "somebody@elsewhere"
    assert refused(there_and_back(browser, f"{AT}/confirm"))
    provider.subject, provider.stale_s = "ann@elsewhere", 301
    assert refused(there_and_back(browser, f"{AT}/confirm")), "they did not prove it anew"
    assert browser.post("/api/v1/account/codes").status_code == 403
    provider.stale_s = 0
    assert refused(there_and_back(browser, f"{AT}/confirm")) == ""
    assert browser.post("/api/v1/account/codes").status_code == 200
    assert place.browser().get(f"{AT}/confirm").status_code == 401


def changed(**values: Any) -> Any:
    return lambda claims: {name: value for name, value in (claims | values).items() if value is not None}


@pytest.mark.parametrize(
    "lie",
    [
        changed(nonce="another"), changed(nonce=None), changed(iss="https://evil.example"), changed(iss=None),
        changed(aud="somebody-else"), changed(aud=None), changed(exp=1), changed(exp=None), changed(sub=None),
        changed(aud=[CLIENT, "other"]), changed(azp="other"), changed(iat=99_999_999_999), changed(nbf=99_999_999_999),
        changed(at_hash="wrong"),
    ],
)  # fmt: skip
def test_a_token_that_lies_opens_nothing(place: Town, provider: OpenIdProvider, lie: Any) -> None:
    connected(place)
    provider.lie = lie
    browser = place.browser()
    assert "did not say who this is" in refused(there_and_back(browser))
    assert browser.who is None


@pytest.mark.parametrize(
    ("key", "algorithm"), [(ECKey.generate_key("P-256", {"kid": "one"}), "ES256"), (OctKey.import_key(SECRET), "HS256")]
)
def test_a_token_that_somebody_else_signed_opens_nothing(
    place: Town, provider: OpenIdProvider, key: ECKey | OctKey, algorithm: str
) -> None:
    connected(place)
    provider.key, provider.algorithm = key, algorithm
    browser = place.browser()
    assert refused(there_and_back(browser)) and browser.who is None


def test_who_was_not_sent_from_here_is_not_let_in(place: Town) -> None:
    """Signing somebody in as another: the thief's way back, opened in the victim's browser."""
    connected(place)
    thief, victim = place.browser(), place.browser()
    sent = thief.get(AT)
    back = urlsplit(httpx.get(sent.headers["location"]).headers["location"])
    assert refused(victim.get(f"{back.path}?{back.query}")) and victim.who is None
    victim.get(AT)
    assert refused(victim.get(f"{back.path}?{back.query}")) and victim.who is None, "another one's state"
    fresh_one = place.browser()
    answered = httpx.get(fresh_one.get(AT).headers["location"]).headers["location"]
    back = urlsplit(answered)
    assert refused(fresh_one.get(f"{back.path}?{back.query}")) == ""
    assert refused(fresh_one.get(f"{back.path}?{back.query}")), "once"


def test_what_came_back_is_what_was_asked(place: Town) -> None:
    connected(place)
    browser = place.browser()
    browser.get(AT)
    for query in ("", "?error=access_denied", "?code=x", "?state=x&code=y", "?code=%00&state=%ff"):
        assert refused(browser.get(f"{AT}/back{query}"))
    assert browser.get("/api/v1/session/provider/nobody").status_code == 404


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "", "x"])
def test_nobody_is_sent_elsewhere_afterwards(place: Town, to: str) -> None:
    connected(place)
    answer = there_and_back(place.browser(), f"{AT}?to={to}")
    assert answer.headers["location"] == "/sign-in?to=%2Fcontrol"


def test_a_provider_that_does_not_answer(tmp_path: Path) -> None:
    with town(tmp_path, HERE, [Provider("work", "http://127.0.0.1:9", CLIENT, SECRET)]) as built:
        said = built.browser().get(AT)
        assert said.status_code == 409 and "does not answer" in said.json()["title"]


def test_a_provider_is_reached_over_tls(place: Town) -> None:
    with pytest.raises(SettingsError):
        Elsewhere(Provider("work", "http://login.example", CLIENT, SECRET), place.room, lambda: 0.0)


def test_a_site_may_want_more_of_it(tmp_path: Path, provider: OpenIdProvider) -> None:
    strict = Provider("work", provider.issuer, CLIENT, SECRET, "phishing-resistant")
    with town(tmp_path / "strict", HERE, [strict]) as built:
        provider.clock = built.clock
        who = built.account("ann", OPERATOR)
        for acr, taken in (("password", False), ("phishing-resistant", True)):
            provider.lie = changed(acr=acr)
            answer = there_and_back(built.signed_in(who), "/api/v1/account/provider/work")
            assert (refused(answer) == "") == taken
