"""Accounts, roles and keys: who gives them out, where, and that nobody reaches what is another's."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.server.signin.authenticator import Authenticator
from tests.unit.server.signin.test_entry import ORIGIN, passkey
from tests.unit.server.town import PASSWORD, Browser, Town

from passerby.access import accounts, keys, links
from passerby.access.keys import Wish
from passerby.access.rights import Right
from passerby.access.roles import Grant, Role
from passerby.access.sessions import Kind
from passerby.base.errors import AccessError

ADMIN, OPERATOR = Grant(Role.ADMIN), Grant(Role.OPERATOR)


@pytest.fixture
def admin(place: Town) -> Browser:
    return place.signed_in(place.account("kim", ADMIN))


def add(browser: Browser, name: str, *grants: dict[str, str]) -> Any:
    return browser.post("/api/v1/accounts", json={"name": name, "grants": list(grants)})


def role(name: str, organisation: str = "*", area: str = "*") -> dict[str, str]:
    return {"role": name, "organisation": organisation, "area": area}


def test_an_account_is_made_with_its_roles_and_a_link(place: Town, admin: Browser) -> None:
    made = add(admin, "ivy", role("operator", "city"), role("supervisor", "rail", "north"))
    assert made.status_code == 201
    assert made.json()["account"]["state"] == "invited" and made.json()["path"].startswith("/enter#")
    who = made.json()["account"]["pseudonym"]
    names = [account["name"] for account in admin.get("/api/v1/accounts").json()["items"]]
    assert names == ["ivy", "kim"]
    assert add(admin, "ivy", role("operator")).status_code == 409
    assert add(admin, "Ivy", role("operator")).status_code == 409
    assert add(admin, "zoe", role("operator", "../x")).status_code == 422
    assert add(admin, "zoe").status_code == 422
    assert admin.delete(f"/api/v1/accounts/{who}").status_code == 204
    assert add(admin, "ivy", role("operator")).status_code == 409, "a name never comes back as somebody else"


def test_lists_come_in_pages(place: Town, admin: Browser) -> None:
    for number in range(5):
        add(admin, f"ivy-{number}", role("operator"))
    first = admin.get("/api/v1/accounts?limit=4").json()
    rest = admin.get(f"/api/v1/accounts?limit=4&after={first['next']}").json()
    assert len(first["items"]) == 4 and len(rest["items"]) == 2 and rest["next"] is None and rest["total"] == 6
    seen, after = [], ""
    auditor = place.signed_in(place.account("aud", Grant(Role.AUDITOR)))
    while True:
        page = auditor.get(f"/api/v1/accounts/events?limit=3{after}").json()
        seen += [event["id"] for event in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == sorted(seen, reverse=True) and len(seen) == len(set(seen)) == seen[0]


def test_nobody_gets_roles_of_two_sides(place: Town, admin: Browser) -> None:
    both = add(admin, "ivy", role("operator"), role("reviewer"))
    assert both.status_code == 409 and "at once" in both.json()["title"]
    who = add(admin, "ivy", role("operator")).json()["account"]["pseudonym"]
    for other in ("reviewer", "auditor", "admin"):
        assert admin.post(f"/api/v1/accounts/{who}/grants", json=role(other, "rail")).status_code == 409
    given = admin.post(f"/api/v1/accounts/{who}/grants", json=role("supervisor"))
    assert given.status_code == 201
    first, second = given.json()["grants"]
    assert admin.delete(f"/api/v1/accounts/{who}/grants/{first['id']}").status_code == 200
    assert admin.delete(f"/api/v1/accounts/{who}/grants/{first['id']}").status_code == 404
    assert admin.delete(f"/api/v1/accounts/{who}/grants/{second['id']}").status_code == 200
    assert admin.post(f"/api/v1/accounts/{who}/grants", json=role("reviewer")).status_code == 201


def test_nobody_changes_their_own_and_somebody_remains(place: Town, admin: Browser) -> None:
    me = admin.who["pseudonym"]  # type: ignore[index]
    own = admin.get("/api/v1/account").json()["grants"][0]["id"]
    assert admin.post(f"/api/v1/accounts/{me}/grants", json=role("operator")).status_code == 409
    assert admin.delete(f"/api/v1/accounts/{me}/grants/{own}").status_code == 409
    assert admin.delete(f"/api/v1/accounts/{me}").status_code == 409
    assert admin.post(f"/api/v1/accounts/{me}/link").status_code == 409
    part = place.signed_in(place.account("lee", Grant(Role.ADMIN, "city")))
    assert part.delete(f"/api/v1/accounts/{me}").status_code == 404
    second = place.account("sam", ADMIN)
    assert admin.delete(f"/api/v1/accounts/{second}").status_code == 204
    third = place.signed_in(place.account("tom", ADMIN))
    assert third.delete(f"/api/v1/accounts/{me}").status_code == 204, "a second one may"


def test_the_last_who_gives_out_accounts_stays(place: Town) -> None:
    """Two who end each other at the same moment: one of them is left."""
    one, other = place.account("kim", ADMIN), place.account("lee", ADMIN)
    accounts.end(place.room, other, one)
    with pytest.raises(AccessError, match="nobody would be left"):
        accounts.end(place.room, one, other)
    with pytest.raises(AccessError, match="nobody would be left"):
        accounts.end(place.room, one, place.account("ann", OPERATOR))


def test_who_gives_out_accounts_in_a_part_reaches_no_other(place: Town, admin: Browser) -> None:
    city = place.signed_in(place.account("lee", Grant(Role.ADMIN, "city")))
    rail = place.account("ray", Grant(Role.OPERATOR, "rail"))
    wide = place.account("wes", Grant(Role.OPERATOR, "city"), Grant(Role.OPERATOR, "rail"))
    all_over = place.account("ann", OPERATOR)
    assert [a["name"] for a in city.get("/api/v1/accounts").json()["items"]] == ["lee", "wes"]
    assert add(city, "eve", role("operator")).status_code == 403
    assert add(city, "eve", role("operator", "rail")).status_code == 403
    assert add(city, "eve", role("operator", "*", "north")).status_code == 403
    assert add(city, "eve", role("operator", "city"), role("admin")).status_code == 403
    assert add(city, "ivy", role("operator", "city", "north")).status_code == 201
    for who, status in ((rail, 404), (all_over, 404), (wide, 403), ("p-" + "0" * 32, 404)):
        for method, path, body in (
            ("POST", f"/api/v1/accounts/{who}/link", None),
            ("DELETE", f"/api/v1/accounts/{who}", None),
            ("POST", f"/api/v1/accounts/{who}/grants", role("operator", "city", "south")),
        ):
            assert city(method, path, json=body).status_code == status, (who, method, path)
    number = accounts.account(place.room, rail).grants[0][0]
    assert city.delete(f"/api/v1/accounts/{wide}/grants/{number}").status_code == 403
    ivy = next(a for a in city.get("/api/v1/accounts").json()["items"] if a["name"] == "ivy")
    assert city.delete(f"/api/v1/accounts/{ivy['pseudonym']}/grants/{number}").status_code == 404, "another's number"
    assert accounts.account(place.room, rail).grants


# Proving it anew


def changes(who: str, key: str) -> list[tuple[str, str, Any]]:
    return [
        ("POST", "/api/v1/accounts", {"name": "eve", "grants": [role("operator")]}),
        ("DELETE", f"/api/v1/accounts/{who}", None),
        ("POST", f"/api/v1/accounts/{who}/link", None),
        ("POST", f"/api/v1/accounts/{who}/grants", role("supervisor")),
        ("DELETE", f"/api/v1/accounts/{who}/grants/1", None),
        ("POST", "/api/v1/keys", {"name": "x", "rights": ["read-health"]}),
        ("DELETE", f"/api/v1/keys/{key}", None),
        ("PUT", "/api/v1/account/password", {"password": "another harbour at dusk"}),
        ("DELETE", "/api/v1/account/password", None),
        ("POST", "/api/v1/account/totp", None),
        ("PUT", "/api/v1/account/totp", {"number": "x", "code": "000000"}),
        ("POST", "/api/v1/account/codes", None),
        ("POST", "/api/v1/account/passkeys/options", None),
        ("POST", "/api/v1/account/passkeys", {"number": "x", "answer": {}}),
        ("DELETE", f"/api/v1/account/passkeys/{'0' * 64}", None),
    ]


def test_what_matters_needs_a_fresh_proof(place: Town, admin: Browser) -> None:
    who = place.account("ann", OPERATOR)
    place.clock.now += 301
    before = accounts.everybody(place.room)
    for method, path, body in changes(who, "0" * 16):
        said = admin(method, path, json=body)
        assert (said.status_code, said.json()["type"]) == (403, "reauthenticate"), path
    assert accounts.everybody(place.room) == before
    body = {"password": PASSWORD, "code": place.code("kim")}
    assert admin.post("/api/v1/session/confirm/password", json=body).status_code == 204
    assert admin.delete(f"/api/v1/accounts/{who}").status_code == 204


def test_a_passkey_confirms_its_owner_and_nobody_else(place: Town) -> None:
    ann, bea, device = place.account("ann", OPERATOR), place.account("bea", OPERATOR), Authenticator(ORIGIN)
    passkey(place, ann, device)
    for who, status in ((bea, 401), (ann, 204)):
        browser = place.signed_in(who)
        place.clock.now += 301
        asked = browser.post("/api/v1/session/passkey/options").json()
        body = {"number": asked["number"], "answer": device.sign(asked["options"])}
        assert browser.post("/api/v1/session/confirm/passkey", json=body).status_code == status
        assert browser.post("/api/v1/account/codes").status_code == (200 if status == 204 else 403)


# One's own


def test_nobody_reaches_another_ones_sessions_or_passkeys(place: Town) -> None:
    ann, eve = place.account("ann", OPERATOR), place.account("eve", OPERATOR)
    passkey(place, ann, Authenticator(ORIGIN))
    mine, thief = place.signed_in(ann), place.signed_in(eve)
    told = mine.get("/api/v1/account").json()
    for session in told["sessions"]:
        assert thief.delete(f"/api/v1/account/sessions/{session['id']}").status_code == 404
    assert thief.delete(f"/api/v1/account/passkeys/{told['passkeys'][0]['id']}").status_code == 409
    assert mine.get("/api/v1/account").json()["passkeys"] == told["passkeys"]
    assert thief.get("/api/v1/account").json()["name"] == "eve"


def test_sessions_are_listed_and_ended(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    here, there = place.signed_in(who), place.signed_in(who)
    listed = here.get("/api/v1/account").json()["sessions"]
    other = next(session for session in listed if not session["this"])
    assert here.delete(f"/api/v1/account/sessions/{other['id']}").status_code == 204
    assert there.who is None and here.who is not None
    third = place.signed_in(who)
    assert here.delete("/api/v1/account/sessions").status_code == 204
    assert third.who is None and here.who is not None


def test_a_new_password_ends_other_sessions(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    here, there = place.signed_in(who), place.signed_in(who)
    assert here.put("/api/v1/account/password", json={"password": "another harbour at dusk"}).status_code == 204
    assert there.who is None and here.who is not None


def test_something_to_sign_in_with_remains(place: Town) -> None:
    who = place.account("ann", OPERATOR)
    browser = place.signed_in(who)
    assert browser.delete("/api/v1/account/password").status_code == 409
    passkey(place, who, Authenticator(ORIGIN))
    assert browser.delete("/api/v1/account/password").status_code == 204
    (left,) = browser.get("/api/v1/account").json()["passkeys"]
    assert browser.delete(f"/api/v1/account/passkeys/{left['id']}").status_code == 409


# Machine keys


def make(browser: Browser, *rights: str, **scope: Any) -> Any:
    return browser.post("/api/v1/keys", json={"name": "board", "rights": list(rights), **scope})


def program(place: Town, token: str) -> Browser:
    return place.browser(headers={"authorization": f"Bearer {token}"}, peer="203.0.113.5")


def test_a_key_does_no_more_than_its_maker_may_now(place: Town) -> None:
    who = place.account("sue", Grant(Role.SUPERVISOR, "city"))
    sue = place.signed_in(who)
    made = make(sue, "see-numbers", "look")
    assert made.status_code == 201
    board = program(place, made.json()["token"])
    assert {c["id"] for c in board.get("/api/v1/cameras").json()["cameras"]} == {"city-north", "city-south"}
    assert board.get("/api/v1/account").status_code == 401
    accounts.grant(place.room, who, Grant(Role.OPERATOR, "city", "north"), "terminal")
    accounts.take(place.room, who, accounts.account(place.room, who).grants[0][0], "terminal")
    place.app.state.door.forget()
    assert {c["id"] for c in board.get("/api/v1/cameras").json()["cameras"]} == {"city-north"}
    accounts.end(place.room, who, "terminal")
    place.app.state.door.forget()
    assert board.get("/api/v1/cameras").status_code == 401


def test_what_no_key_gets(place: Town, admin: Browser) -> None:
    sue = place.signed_in(place.account("sue", Grant(Role.SUPERVISOR)))
    for right in ("export", "manage-keys", "file-papers", "work-desk"):
        assert make(sue, right).status_code == 409, right
    assert make(sue, "everything").status_code == 422
    assert make(sue, "see-numbers", days=400).status_code == 422
    assert make(sue, "see-numbers", days=366).status_code == 201
    # Who gives out accounts sees no footage, through no program either.
    assert make(admin, "look").status_code == 409
    assert make(admin, "see-numbers").status_code == 409
    assert make(admin, "read-health").status_code == 201
    part = place.signed_in(place.account("sid", Grant(Role.SUPERVISOR, "city")))
    assert make(part, "look", organisation="rail").status_code == 409
    assert make(part, "look", organisation="city", area="north").status_code == 201


def test_keys_are_ones_own_and_an_admin_ends_all(place: Town, admin: Browser) -> None:
    sue, tim = (place.signed_in(place.account(name, Grant(Role.SUPERVISOR))) for name in ("sue", "tim"))
    made = make(sue, "see-numbers").json()
    number = made["key"]["id"]
    assert tim.get("/api/v1/keys").json()["items"] == []
    assert tim.delete(f"/api/v1/keys/{number}").status_code == 404
    board = program(place, made["token"])
    assert board.get("/api/v1/cameras").status_code == 200
    assert [key["id"] for key in admin.get("/api/v1/keys").json()["items"]] == [number]
    assert admin.delete(f"/api/v1/keys/{number}").status_code == 204
    assert board.get("/api/v1/cameras").status_code == 401
    assert sue.get("/api/v1/keys").json()["items"] == []


def test_a_key_ends_and_is_kept_as_a_hash(place: Town) -> None:
    token, key = keys.make(place.room, Wish("board", frozenset({Right.SEE_NUMBERS}), 3600), None)
    held = b"".join(path.read_bytes() for path in place.room.store.path.parent.glob("access.db*"))
    assert token.encode() not in held and token.removeprefix("pk_").encode() not in held
    board = program(place, token)
    assert board.get("/api/v1/cameras").status_code == 200
    place.clock.now += 3600
    place.app.state.door.forget()
    assert board.get("/api/v1/cameras").status_code == 401
    assert key.until_s == int(place.clock())
    for said in ("Basic abc", "Bearer", "bearer " + token, "Bearer " + token + "x", token):
        assert place.browser(headers={"authorization": said}).get("/api/v1/cameras").status_code == 401


def test_a_program_confirms_nothing(place: Town) -> None:
    sue = place.signed_in(place.account("sue", Grant(Role.SUPERVISOR)))
    board = program(place, make(sue, "see-numbers", "look").json()["token"])
    board.cookies = sue.cookies
    assert board.post("/api/v1/keys", json={"name": "x", "rights": ["look"]}).status_code == 403


# What is seen of it


def test_those_who_oversee_see_what_happened_to_roles_where_they_are(place: Town, admin: Browser) -> None:
    add(admin, "ivy", role("operator", "rail", "north"))
    add(admin, "joe", role("operator", "city", "north"))
    whole = place.signed_in(place.account("rae", Grant(Role.REVIEWER)))
    part = place.signed_in(place.account("rex", Grant(Role.AUDITOR, "city", "north")))

    def granted(browser: Browser) -> set[tuple[str, str]]:
        items = browser.get("/api/v1/accounts/events").json()["items"]
        return {(e["organisation"], e["area"]) for e in items if e["role"] == "operator"}

    assert granted(whole) == {("rail", "north"), ("city", "north")}
    assert granted(part) == {("city", "north")}
    for browser in (admin, place.signed_in(place.account("ann", OPERATOR))):
        assert browser.get("/api/v1/accounts/events").status_code == 403
    text = whole.get("/api/v1/accounts/events").text
    assert "ivy" not in text and "joe" not in text, "pseudonyms alone"


def test_an_ended_account_leaves_nothing_that_opens(place: Town, admin: Browser) -> None:
    who, device = place.account("sue", Grant(Role.SUPERVISOR)), Authenticator(ORIGIN)
    passkey(place, who, device)
    invited = links.invite(place.room, who)
    browser = place.signed_in(who)
    assert admin.delete(f"/api/v1/accounts/{who}").status_code == 204
    assert browser.who is None
    stranger = place.browser()
    assert stranger.post("/api/v1/session/link", json={"token": invited}).status_code == 409
    asked = stranger.post("/api/v1/session/passkey/options").json()
    body = {"number": asked["number"], "answer": device.sign(asked["options"])}
    assert stranger.post("/api/v1/session/passkey", json=body).status_code == 401
    entering = place.signed_in(who, Kind.ENTERING)
    assert entering.get("/api/v1/account").status_code == 409
