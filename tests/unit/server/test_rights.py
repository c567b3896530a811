"""Every route has a right or is public; and who may do what, tried for every role, scope, route and camera."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute
from tests.unit.server.town import CAMERAS, STRAY, Browser, Town, town

from passerby.access import keys
from passerby.access.caller import Caller
from passerby.access.keys import Wish
from passerby.access.rights import FOR_KEYS, Right
from passerby.access.roles import EVERYWHERE, Grant, Role
from passerby.server.rights import Needs
from passerby.server.signin.own import Mine

# Modules whose routes anybody may ask: what the public reads, pages, and signing in itself.
PUBLIC = (
    "passerby.server.public.",
    "passerby.server.pages",
    "passerby.server.signin.entry",
    "passerby.server.signin.providers",
)
DESCRIPTION = {"/api/v1/openapi.json"}
SCOPES = ((EVERYWHERE, EVERYWHERE), ("city", EVERYWHERE), ("city", "north"), (EVERYWHERE, "north"))
KNOWN = {**CAMERAS, STRAY: ("", "")}
WHO = "p-" + "0" * 32
FILLED = {"who": WHO, "number": "7", "index": "0", "stem": "20261128T000000Z", "key_id": "0" * 16,
          "passkey_id": "0" * 64, "session_id": "0" * 64}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as built:
        yield built


def all_routes(place: Town) -> list[BaseRoute]:
    return [context.original_route for context in iter_route_contexts(place.app.routes)]


def routes(place: Town) -> list[APIRoute]:
    return [route for route in all_routes(place) if isinstance(route, APIRoute)]


def needed(dependant: Dependant) -> set[object]:
    """What a route asks of whoever asks it, however deep."""
    own = {dependant.call} if isinstance(dependant.call, Needs | Mine) else set[object]()
    return own.union(*(needed(part) for part in dependant.dependencies))


def right_of(route: APIRoute) -> Right | None:
    rights = {need.right for need in needed(route.dependant) if isinstance(need, Needs)}
    assert len(rights) <= 1, route.path
    return rights.pop() if rights else None


def test_every_route_has_a_right_or_is_public(place: Town) -> None:
    open_, shut = [], []
    for route in all_routes(place):
        path = str(getattr(route, "path", ""))
        if not isinstance(route, APIRoute):
            assert path in {*DESCRIPTION, "/assets", "/ledger"}, path
            continue
        public = route.endpoint.__module__.startswith(PUBLIC)
        assert public != bool(needed(route.dependant)), f"{route.path}: a right, or a place among what is public"
        (open_ if public else shut).append(route.path)
    assert len(open_) > 20 and len(shut) > 30
    # What can be changed without sign-in is named here, one by one.
    changes = {
        (method, route.path)
        for route in routes(place)
        if not needed(route.dependant)
        for method in route.methods - {"GET", "HEAD"}
    }
    assert changes == {
        ("POST", "/api/v1/complaints"), ("POST", "/api/v1/requests"), ("DELETE", "/api/v1/session"),
        *(("POST", f"/api/v1/session/{name}") for name in (
            "link", "first", "password", "passkey", "passkey/options", "confirm/password", "confirm/passkey")),
    }  # fmt: skip


def asked(browser: Browser, method: str, route: APIRoute, camera: str = STRAY) -> tuple[int, dict[str, Any]]:
    """Ask a route, with a path that could be; a body of the right kind is not needed to be refused."""
    path = re.sub(r"{([a-z_]+)(:path)?}", lambda m: {"camera_id": camera, **FILLED}.get(m[1], "one"), route.path)
    more = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    answer = browser(method, path, params={"from": "0", "to": "60"} if "table" in path else {}, **more)
    told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return answer.status_code, told if isinstance(told, dict) else {}


def shut_routes(place: Town) -> list[tuple[str, APIRoute]]:
    return [(m, route) for route in routes(place) if needed(route.dependant) for m in sorted(route.methods)]


def test_a_stranger_gets_through_nowhere(place: Town) -> None:
    stranger = place.browser()
    forged = place.browser(headers={"authorization": "Bearer pk_" + "A" * 43})
    planted = place.browser()
    planted.cookies.set("passerby", "A" * 43, domain="127.0.0.1")
    for method, route in shut_routes(place):
        for browser in (stranger, forged, planted):
            status, told = asked(browser, method, route, "city-north")
            assert status == 401, (method, route.path, told)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
@pytest.mark.parametrize("scope", SCOPES, ids="/".join)
def test_matrix(place: Town, role: Role, scope: tuple[str, str]) -> None:
    grant = Grant(role, *scope)
    name = f"{role.value}-{'-'.join(word.replace('*', 'all') for word in scope)}"
    browser = place.signed_in(place.account(name, grant))
    tried = 0
    for method, route in shut_routes(place):
        right = right_of(route)
        for camera in KNOWN if "{camera_id}" in route.path else [STRAY]:
            status, told = asked(browser, method, route, camera)
            where = (role.value, scope, method, route.path, camera, status, told)
            tried += 1
            if right is not None and right not in role.rights:
                assert status == 403 and "type" in told, where
            elif "{camera_id}" in route.path and not covered(grant, camera):
                assert (status, told["title"]) == (404, "there is no such camera"), where
            else:
                assert status not in (401, 403), where
                assert told.get("title") != "there is no such camera", where
    assert tried > 40


def covered(grant: Grant, camera: str) -> bool:
    """Worked out here once more, by hand."""
    organisation, area = KNOWN[camera]
    return grant.organisation in ("*", organisation) and grant.area in ("*", area)


@pytest.mark.parametrize("scope", SCOPES, ids="/".join)
def test_lists_hold_what_is_in_scope(place: Town, scope: tuple[str, str]) -> None:
    grant = Grant(Role.OPERATOR, *scope)
    browser = place.signed_in(place.account(f"lists-{'-'.join(w.replace('*', 'all') for w in scope)}", grant))
    expected = {camera for camera in KNOWN if covered(grant, camera)}
    listed = {camera["id"] for camera in browser.get("/api/v1/cameras").json()["cameras"]}
    assert listed == expected
    assert browser.get("/api/v1/status").json()["cameras"] == len(expected)
    # The same in every form that tells of several cameras at once.
    for path in ("/api/v1/events", "/events", "/metrics"):
        said = browser.get(path)
        assert said.status_code == 200, path
        assert {camera for camera in KNOWN if camera in said.text} == expected, path


@pytest.mark.parametrize("right", sorted(FOR_KEYS, key=lambda right: right.value), ids=lambda right: right.value)
def test_a_key_opens_what_it_is_for_and_nothing_else(place: Town, right: Right) -> None:
    token, _ = keys.make(place.room, Wish("test", frozenset({right}), organisation="city"), None)
    program = place.browser(headers={"authorization": f"Bearer {token}"})
    for method, route in shut_routes(place):
        for camera in ("city-north", "rail-north") if "{camera_id}" in route.path else ("city-north",):
            status, told = asked(program, method, route, camera)
            through = status not in (401, 403) and told.get("title") != "there is no such camera"
            assert through == (right_of(route) is right and camera == "city-north"), (method, route.path, status, told)


def test_two_roles_of_one_side_add_up(place: Town) -> None:
    grants = (Grant(Role.OPERATOR, "city"), Grant(Role.SUPERVISOR, "rail"))
    browser = place.signed_in(place.account("both", *grants))
    caller = Caller("p", grants)
    assert set(browser.who["rights"]) == {right.value for right in caller.rights}  # type: ignore[index]
    assert {c["id"] for c in browser.get("/api/v1/cameras").json()["cameras"]} == set(CAMERAS)
