"""Coming in: passwords with codes, passkeys, links; and what keeps others out."""

from __future__ import annotations

import threading
from base64 import b32decode
from typing import Any

import httpx
import pytest
from tests.unit.server.signin.authenticator import Authenticator
from tests.unit.server.town import PASSWORD, Browser, Town

from passerby.access import accounts, codes, links, sessions
from passerby.access.roles import Grant, Role
from passerby.access.sessions import Kind
from passerby.server.names import Names
from passerby.server.signin.door import SignIn

OPERATOR = Grant(Role.OPERATOR)
ORIGIN = "http://127.0.0.1:8080"


def password(browser: Browser, name: str, code: str, word: str = PASSWORD) -> httpx.Response:
    return browser.post("/api/v1/session/password", json={"name": name, "password": word, "code": code})


def token_of(browser: Browser) -> str | None:
    return browser.cookies.get("passerby") or browser.cookies.get("__Host-passerby")


# Password and code


def test_name_password_and_code(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    browser = place.browser()
    assert browser.get("/api/v1/cameras").status_code == 401
    assert password(browser, "ann", place.code("ann")).status_code == 204
    told = browser.who
    assert told is not None
    assert (told["pseudonym"], told["name"], told["way"]) == (who, "ann", "account")
    assert told["rights"] == sorted(right.value for right in Role.OPERATOR.rights)
    assert browser.get("/api/v1/cameras").status_code == 200
    assert browser.delete("/api/v1/session").status_code == 204
    assert browser.who is None and browser.get("/api/v1/cameras").status_code == 401


def test_whatever_is_wrong_the_answer_is_the_same(place: Town) -> None:
    place.account("ann", OPERATOR)
    invited = accounts.add(place.room, "ivy", [OPERATOR], "terminal")
    ended = place.account("eve", OPERATOR)
    accounts.end(place.room, ended, "terminal")
    good = place.code("ann")
    attempts = [
        ("nobody", PASSWORD, good),
        ("ann", "another harbour at dusk", good),
        ("ann", PASSWORD, "000000"),
        ("ann", "", ""),
        (invited.name, PASSWORD, good),
        ("eve", PASSWORD, place.code("eve")),
        ("ann' OR '1'='1", PASSWORD, good),
        ("ann\x00", PASSWORD, good),
        ("a\udcffnn".encode("utf-8", "replace").decode(), PASSWORD, good),
    ]
    answers = {
        (answer.status_code, answer.text)
        for number, (name, word, code) in enumerate(attempts)
        for answer in [password(place.browser(peer=f"10.0.0.{number}"), name, code, word)]
    }
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 401


def test_a_code_is_good_once(place: Town) -> None:
    place.account("ann", OPERATOR)
    code = place.code("ann")
    assert password(place.browser(), "ann", code).status_code == 204
    assert password(place.browser(), "ann", code).status_code == 401
    before = codes.code_at(b"ann".ljust(20), place.clock() - codes.STEP_S)
    assert password(place.browser(), "ann", before).status_code == 401, "an older one neither"
    assert password(place.browser(), "ann", place.code("ann")).status_code == 204


def test_a_paper_code_is_good_once_and_is_seen(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    mine = place.signed_in(who)
    paper = mine.post("/api/v1/account/codes").json()["codes"]
    assert len(set(paper)) == 10
    typed = paper[0].upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert password(place.browser(), "ann", typed).status_code == 204
    assert password(place.browser(), "ann", paper[0]).status_code == 401
    assert mine.get("/api/v1/account").json()["paper"] == 9
    reviewer = place.signed_in(place.account("rae", Grant(Role.REVIEWER)))
    seen = reviewer.get("/api/v1/accounts/events").json()["items"]
    assert ("code-used", who) in {(event["what"], event["who"]) for event in seen}


def test_a_password_without_a_second_factor_opens_nothing(place: Town) -> None:
    made = accounts.add(place.room, "ann", [OPERATOR], "terminal")
    entering = place.signed_in(made.pseudonym, Kind.ENTERING)
    assert entering.put("/api/v1/account/password", json={"password": PASSWORD}).status_code == 204
    assert password(place.browser(), "ann", "").status_code == 401
    assert entering.get("/api/v1/cameras").status_code == 403
    assert entering.who["way"] == "entering"  # type: ignore[index]


@pytest.mark.parametrize(
    "bad",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "passwordpassword1",
        "123456789012345",
        "ann-ann-ann-ann-ann",
        "qwertyuiopasdf",
        "x" * 300,
    ],
)
def test_passwords_that_are_tried_first_are_refused(place: Town, bad: str) -> None:
    browser = place.signed_in(place.account("ann", OPERATOR))
    assert browser.put("/api/v1/account/password", json={"password": bad}).status_code == 409


# Guessing


def test_guessing_gets_slower_and_never_ends_for_good(place: Town) -> None:
    place.account("ann", OPERATOR)
    thief, waits = place.browser(peer="203.0.113.9"), []
    for _ in range(16):
        answer = password(thief, "ann", "000000", "wrong")
        while answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            place.clock.now += waits[-1]
            answer = password(thief, "ann", "000000", "wrong")
        assert answer.status_code == 401
    assert waits == sorted(waits) and waits[0] == 1 and waits[-1] == 900, waits
    # Its owner, from elsewhere, waits half a minute at most, and is in.
    owner = place.browser(peer="198.51.100.7")
    answer = password(owner, "ann", place.code("ann"))
    if answer.status_code == 429:
        assert int(answer.headers["retry-after"]) <= 30
        place.clock.now += 30
        answer = password(owner, "ann", place.code("ann"))
    assert answer.status_code == 204


def test_a_delay_is_not_made_longer_by_who_tries_meanwhile(place: Town) -> None:
    place.account("ann", OPERATOR)
    browser = place.browser(peer="203.0.113.9")
    for _ in range(4):
        password(browser, "ann", "000000", "wrong")
    for _ in range(50):
        assert password(browser, "ann", "000000", "wrong").headers["retry-after"] == "1"
    place.clock.now += 1
    assert password(browser, "ann", place.code("ann")).status_code == 204


def test_many_guesses_at_once_gain_nothing(place: Town) -> None:
    place.account("ann", OPERATOR)
    answers: list[int] = []

    def guess() -> None:
        answers.append(password(place.browser(peer="203.0.113.9"), "ann", "000000", "wrong").status_code)

    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(401) <= 4 and answers.count(401) + answers.count(429) == 24


def test_an_address_of_ipv6_is_a_network(place: Town) -> None:
    place.account("ann", OPERATOR)
    for number in range(4):
        password(place.browser(peer=f"2001:db8:1:2::{number + 1}"), "ann", "000000", "wrong")
    assert password(place.browser(peer="2001:db8:1:2:ffff::9"), "ann", "000000", "wrong").status_code == 429
    assert password(place.browser(peer="2001:db8:1:3::1"), "ann", "000000", "wrong").status_code == 401


def test_confirming_is_guessing_too(place: Town) -> None:
    browser = place.signed_in(place.account("ann", OPERATOR))
    said = [browser.post("/api/v1/session/confirm/password", json={"password": "x", "code": "1"}) for _ in range(5)]
    assert [answer.status_code for answer in said] == [401, 401, 401, 401, 429]


# Passkeys


def passkey(place: Town, who: str, device: Authenticator) -> httpx.Response:
    browser = place.signed_in(who)
    browser.base = device.origin
    asked = browser.post("/api/v1/account/passkeys/options").json()
    answer = {"number": asked["number"], "answer": device.make(asked["options"]), "name": "my phone"}
    return browser.post("/api/v1/account/passkeys", json=answer)


def enter(browser: Browser, device: Authenticator, way: str = "passkey") -> httpx.Response:
    asked = browser.post("/api/v1/session/passkey/options").json()
    body = {"number": asked["number"], "answer": device.sign(asked["options"])}
    return browser.post(f"/api/v1/session/{way}", json=body)


def test_a_passkey_opens_without_a_name(place: Town) -> None:
    who, device = place.account("ann", OPERATOR), Authenticator(ORIGIN)
    assert passkey(place, who, device).status_code == 204
    browser = place.browser()
    assert enter(browser, device).status_code == 204
    assert browser.who["pseudonym"] == who  # type: ignore[index]
    (listed,) = browser.get("/api/v1/account").json()["passkeys"]
    assert (listed["name"], listed["host"], listed["used"]) == ("my phone", "127.0.0.1", int(place.clock()))


def test_a_passkey_is_never_delayed_by_guesses(place: Town) -> None:
    who, device = place.account("ann", OPERATOR), Authenticator(ORIGIN)
    passkey(place, who, device)
    for _ in range(12):
        password(place.browser(), "ann", "000000", "wrong")
    assert enter(place.browser(), device).status_code == 204


def test_what_no_passkey_gets_past(place: Town) -> None:
    who, device = place.account("ann", OPERATOR), Authenticator(ORIGIN)
    passkey(place, who, device)
    stranger = Authenticator(ORIGIN)
    assert enter(place.browser(), stranger).status_code == 401, "never registered"
    other = Authenticator(ORIGIN, key=device.key, counter=device.counter)
    other.origin = "http://evil.example"
    assert enter(place.browser(), other).status_code == 401, "asked by another page"
    unverified = Authenticator(ORIGIN, verifies=False, key=device.key, counter=device.counter)
    assert enter(place.browser(), unverified).status_code == 401, "whoever held it was not verified"
    assert enter(place.browser(), device).status_code == 204
    copied = Authenticator(ORIGIN, key=device.key, counter=0)
    assert enter(place.browser(), copied).status_code == 401, "its counter went back: a copy"
    assert passkey(place, who, Authenticator(ORIGIN, verifies=False)).status_code == 409
    assert passkey(place, place.account("bea", OPERATOR), device).status_code == 409, "it is ann's"


def test_a_challenge_is_answered_once_by_whom_it_was_for(place: Town) -> None:
    ann, device = place.account("ann", OPERATOR), Authenticator(ORIGIN)
    bea = place.signed_in(place.account("bea", OPERATOR))
    browser = place.signed_in(ann)
    asked = browser.post("/api/v1/account/passkeys/options").json()
    body = {"number": asked["number"], "answer": device.make(asked["options"])}
    assert bea.post("/api/v1/account/passkeys", json=body).status_code == 409
    assert browser.post("/api/v1/account/passkeys", json=body).status_code == 409, "used up, even wrongly"
    asked = browser.post("/api/v1/account/passkeys/options").json()
    body = {"number": asked["number"], "answer": device.make(asked["options"])}
    assert browser.post("/api/v1/account/passkeys", json=body).status_code == 204
    challenge = place.browser().post("/api/v1/session/passkey/options").json()
    signed = {"number": challenge["number"], "answer": device.sign(challenge["options"])}
    assert place.browser().post("/api/v1/session/passkey", json=signed).status_code == 204
    assert place.browser().post("/api/v1/session/passkey", json=signed).status_code == 409, "a replay"


@pytest.mark.parametrize(
    "answer", [{}, {"id": 5}, {"id": "!!"}, {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
               {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30"}}]
)  # fmt: skip
def test_what_is_no_passkeys_answer_is_refused(place: Town, answer: dict[str, Any]) -> None:
    browser = place.browser()
    number = browser.post("/api/v1/session/passkey/options").json()["number"]
    body = {"number": number, "answer": answer}
    assert browser.post("/api/v1/session/passkey", json=body).status_code == 401
    mine = place.signed_in(place.account("ann", OPERATOR))
    number = mine.post("/api/v1/account/passkeys/options").json()["number"]
    body = {"number": number, "answer": answer}
    assert mine.post("/api/v1/account/passkeys", json=body).status_code == 409


# Sessions


def test_the_cookie(reached: Town) -> None:
    reached.account("ann", OPERATOR)
    browser = reached.browser(peer="203.0.113.9")
    said = password(browser, "ann", reached.code("ann"))
    (cookie,) = said.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-passerby"
    parts = {part.strip().lower() for part in rest.split(";")[1:]}
    assert parts == {"httponly", "secure", "samesite=strict", "path=/"}
    assert said.headers["strict-transport-security"] == "max-age=63072000"
    assert browser.who is not None


def test_the_cookie_on_this_machine(place: Town) -> None:
    place.account("ann", OPERATOR)
    said = password(place.browser(), "ann", place.code("ann"))
    (cookie,) = said.headers.get_list("set-cookie")
    assert cookie.startswith("passerby=") and "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert "strict-transport-security" not in said.headers


def test_a_planted_session_is_worth_nothing(place: Town) -> None:
    """Fixation: whatever cookie a browser had before, signing in makes a new one."""
    place.account("ann", OPERATOR)
    planted = place.signed_in(place.account("eve", OPERATOR))
    browser = place.browser()
    browser.cookies.set("passerby", str(token_of(planted)), domain="127.0.0.1")
    assert password(browser, "ann", place.code("ann")).status_code == 204
    assert token_of(browser) != token_of(planted)
    assert planted.who["name"] == "eve"  # type: ignore[index]
    invented = place.browser()
    invented.cookies.set("passerby", "chosen-by-an-attacker", domain="127.0.0.1")
    assert password(invented, "ann", place.code("ann")).status_code == 204
    assert "chosen-by-an-attacker" not in str(token_of(invented))


def test_confirming_makes_a_new_token_and_lasts_no_longer(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    browser = place.signed_in(who)
    before, until = token_of(browser), browser.who["until"]  # type: ignore[index]
    place.clock.now += 600
    body = {"password": PASSWORD, "code": place.code("ann")}
    assert browser.post("/api/v1/session/confirm/password", json=body).status_code == 204
    told = browser.who
    assert told is not None and told["until"] == until and told["proven"] == place.clock()
    old = place.browser()
    old.cookies.set("passerby", str(before), domain="127.0.0.1")
    assert old.who is None


@pytest.mark.parametrize(("step_s", "steps", "alive"), [(1700, 20, True), (1801, 1, False), (1700, 26, False)])
def test_a_session_ends_by_itself(place: Town, step_s: int, steps: int, alive: bool) -> None:
    browser = place.signed_in(place.account("ann", OPERATOR))
    for _ in range(steps):
        place.clock.now += step_s
        place.app.state.door.forget()
        found = browser.who
    assert (found is not None) == alive


def test_what_is_taken_is_gone_at_once(place: Town) -> None:
    who = place.account("ann", OPERATOR, Grant(Role.SUPERVISOR))
    browser = place.signed_in(who)
    assert browser.get("/api/v1/cameras").status_code == 200
    ticks = [0.0]
    place.app.state.door = SignIn(place.room, Names(), lambda: ticks[0])
    assert browser.get("/api/v1/cameras").status_code == 200
    for number, _ in accounts.account(place.room, who).grants:
        accounts.take(place.room, who, number, "terminal")  # by another process: this one remembers for a second
    ticks[0] += 1.0
    assert browser.get("/api/v1/cameras").status_code == 403
    accounts.end(place.room, who, "terminal")
    ticks[0] += 1.0
    assert browser.get("/api/v1/cameras").status_code == 401


# Links


def follow(browser: Browser, token: str) -> httpx.Response:
    return browser.post("/api/v1/session/link", json={"token": token})


def test_the_terminals_link_is_good_once_and_here(place: Town) -> None:
    token = links.local(place.room)
    assert follow(place.browser(peer="192.168.1.9"), token).status_code == 409
    browser = place.browser()
    assert follow(browser, token).status_code == 204
    assert browser.who["way"] == "local" and browser.get("/api/v1/cameras").status_code == 200  # type: ignore[index]
    assert follow(place.browser(), token).status_code == 409
    elsewhere = place.browser(peer="192.168.1.9")
    elsewhere.cookies.set("passerby", str(token_of(browser)), domain="127.0.0.1")
    assert elsewhere.who is None
    for path in ("/api/v1/account", "/api/v1/accounts", "/api/v1/keys"):
        assert browser.get(path).status_code == 403, path


def test_only_the_newest_link_of_the_terminal_is_good(place: Town) -> None:
    older, newer = links.local(place.room), links.local(place.room)
    assert follow(place.browser(), older).status_code == 409
    assert follow(place.browser(), newer).status_code == 204
    again = links.local(place.room, again=True)
    assert [follow(place.browser(), again).status_code for _ in range(3)] == [204] * 3
    expired = links.local(place.room)
    place.clock.now += links.LOCAL_S
    assert follow(place.browser(), expired).status_code == 409


def test_behind_a_proxy_nobody_is_here(place: Town) -> None:
    names = Names(frozenset({"127.0.0.1"}), secure=False, proxied=True)
    place.app.state.door.names = names
    browser = place.browser(headers={"x-forwarded-for": "127.0.0.1, 203.0.113.5"})
    assert follow(browser, links.local(place.room)).status_code == 409
    assert browser.who is None


def test_the_first_account_is_made_from_the_terminals_link_alone(place: Town) -> None:
    stranger = place.browser(peer="192.168.1.9")
    assert stranger.get("/api/v1/session").json()["first"] is True
    assert stranger.post("/api/v1/session/first", json={"name": "kim"}).status_code == 403
    browser = place.browser()
    assert browser.post("/api/v1/session/first", json={"name": "kim"}).status_code == 403
    follow(browser, links.local(place.room))
    assert browser.post("/api/v1/session/first", json={"name": "kim"}).status_code == 204
    assert browser.who["way"] == "entering"  # type: ignore[index]
    assert browser.get("/api/v1/accounts").status_code == 403, "not before there is something to sign in with"
    finish(place, browser)
    assert browser.who["way"] == "account" and browser.get("/api/v1/accounts").status_code == 200  # type: ignore[index]
    second = place.browser()
    follow(second, links.local(place.room))
    assert second.post("/api/v1/session/first", json={"name": "eve"}).status_code == 409
    assert not stranger.get("/api/v1/session").json()["first"]


def finish(place: Town, browser: Browser) -> list[str]:
    """Set up password and authenticator, as the page does; the paper codes."""
    assert browser.put("/api/v1/account/password", json={"password": PASSWORD}).status_code == 204
    enrol = browser.post("/api/v1/account/totp").json()
    assert enrol["uri"].startswith("otpauth://totp/Passerby%3A") and enrol["picture"].startswith("data:image/svg")
    secret = b32decode(enrol["secret"])
    wrong = {"number": enrol["number"], "code": "abcdef"}
    assert browser.put("/api/v1/account/totp", json=wrong).status_code == 409
    enrol = browser.post("/api/v1/account/totp").json()
    secret = b32decode(enrol["secret"])
    body = {"number": enrol["number"], "code": codes.code_at(secret, place.clock())}
    found: list[str] = browser.put("/api/v1/account/totp", json=body).json()["codes"]
    return found


def test_an_invitation(place: Town) -> None:
    made = accounts.add(place.room, "ivy", [OPERATOR], "terminal")
    token, browser = links.invite(place.room, made.pseudonym), place.browser(peer="203.0.113.5")
    assert follow(browser, token).status_code == 204
    before = token_of(browser)
    finish(place, browser)
    assert token_of(browser) != before
    assert browser.get("/api/v1/cameras").status_code == 200
    assert follow(place.browser(), token).status_code == 409


def test_a_recovery_takes_what_was_lost_only_once_it_is_used_and_is_seen(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    old = place.signed_in(who)
    admin = place.signed_in(place.account("kim", Grant(Role.ADMIN)))
    made = admin.post(f"/api/v1/accounts/{who}/link").json()
    assert password(place.browser(), "ann", place.code("ann")).status_code == 204, "nothing is lost yet"
    browser = place.browser()
    assert follow(browser, made["path"].partition("#")[2]).status_code == 204
    assert old.who is None
    assert password(place.browser(), "ann", place.code("ann")).status_code == 401
    assert browser.get("/api/v1/cameras").status_code == 403
    finish(place, browser)
    assert browser.get("/api/v1/cameras").status_code == 200
    reviewer = place.signed_in(place.account("rae", Grant(Role.REVIEWER)))
    seen = [e for e in reviewer.get("/api/v1/accounts/events").json()["items"] if e["who"] == who]
    assert {"recovery", "recovered"} <= {event["what"] for event in seen}
    (by,) = {event["by"] for event in seen if event["what"] == "recovery"}
    assert by == admin.who["pseudonym"]  # type: ignore[index]


def test_a_link_that_was_not_used_ends(place: Town) -> None:
    who = accounts.add(place.room, "ivy", [OPERATOR], "terminal").pseudonym
    for make, lasts_s in (
        (links.invite, links.INVITE_S),
        (lambda r, w: links.recover(r, w, "terminal"), links.RECOVER_S),
    ):
        token = make(place.room, who)
        place.clock.now += lasts_s
        assert follow(place.browser(), token).status_code == 409


# Other pages


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-passerby": "0"}, 403),
        ({"x-passerby": ""}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8081"}, 403),
        ({"origin": "https://127.0.0.1:8080"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, 204),
        ({}, 204),
    ],
)
def test_another_page_changes_nothing(place: Town, headers: dict[str, str], status: int) -> None:
    browser = place.signed_in(place.account("ann", OPERATOR))
    assert browser.delete("/api/v1/account/sessions", headers=headers).status_code == status


def test_nobody_is_signed_in_by_another_page(place: Town) -> None:
    place.account("ann", OPERATOR)
    browser = place.browser(headers={"origin": "http://evil.example"})
    assert password(browser, "ann", place.code("ann")).status_code == 403
    assert token_of(browser) is None


def test_no_answer_lets_another_origin_read_it(place: Town) -> None:
    browser = place.signed_in(place.account("ann", OPERATOR))
    for answer in (
        browser.get("/api/v1/cameras", headers={"origin": "http://evil.example"}),
        browser("OPTIONS", "/api/v1/cameras", headers={"origin": "http://evil.example"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_sessions_and_links_are_kept_as_hashes(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    token = sessions.begin(place.room, who, Kind.ACCOUNT, "a test")
    link = links.invite(place.room, who)
    secret = b"ann".ljust(20)
    held = b"".join(path.read_bytes() for path in place.room.store.path.parent.glob("access.db*"))
    for plain in (token.encode(), link.encode(), PASSWORD.encode(), secret, codes.shown(secret).encode()):
        assert plain not in held
    assert b"$argon2id$" in held
