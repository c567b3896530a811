"""Every address that anybody may ask, walked: nothing of live numbers, video or accounts is in what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from tests.unit.server.public.city import GATE, PIER, City, caught_up, open_room, served

from passerby.access import accounts
from passerby.access.roles import Grant, Role
from passerby.server.openapi import describe

MARK = b"harbour-master-hypatia"
FILLED = {
    "camera_id": PIER, "plan_id": "none", "report_id": "2026", "number": "0" * 64, "analysis": "crowd",
    "path": "checkpoint",
}  # fmt: skip
PARAMETERS = {"box": "-180,-85,180,85", "zoom": "3"}
# What only the station's database knows: the counts of `city`, and the camera's way to its picture.
SECRETS = (b"4711", b"rtsp:", b"192.0.2.7", MARK, b"4000.0", b"m3u8", b"m4s", b"people_max")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, FastAPI, httpx.Client]]:
    city = City(tmp_path_factory.mktemp("opened"))
    with open_room(city.data) as room:
        accounts.add(room, MARK.decode(), [Grant(Role.ADMIN)], room.here, first=True)
        app = city.app(room)
        with served(app) as address, httpx.Client(base_url=address, timeout=30) as client:
            caught_up(client)
            yield city, app, client


def anonymous(app: FastAPI) -> Iterator[str]:
    """Addresses for reading that need no right, with their parameters filled in."""
    paths = describe(app)["paths"]
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
            continue
        described = paths.get(route.path_format, {}).get("get", {})
        if described.get("security") or not route.endpoint.__module__.startswith("passerby.server.public"):
            continue
        path = re.sub(r"\{(\w+)(?::path)?\}", lambda found: FILLED[found[1]], route.path)
        yield path


def test_what_anybody_may_read_has_nothing_live(opened: tuple[City, FastAPI, httpx.Client]) -> None:
    _, app, client = opened
    walked = sorted(set(anonymous(app)))
    assert len(walked) >= 18
    for path in walked:
        answer = client.get(path, params=PARAMETERS, headers={"x-receipt": "0" * 64})
        assert answer.status_code in (200, 308, 404, 503), (path, answer.status_code, answer.text[:200])
        for secret in SECRETS:
            assert secret not in answer.content, (path, secret)


def test_the_secrets_are_there_for_who_has_the_right(opened: tuple[City, FastAPI, httpx.Client]) -> None:
    """Else the walk above would prove nothing."""
    city, app, client = opened
    key = city.key(app.state.door.room)
    assert b"4711" in client.get("/api/v1/cameras", headers=key).content
    assert client.get("/api/v1/cameras").status_code == 401


def test_everything_else_asks_who_is_there(opened: tuple[City, FastAPI, httpx.Client]) -> None:
    _, app, client = opened
    for path, item in describe(app)["paths"].items():
        for method, operation in item.items():
            if operation.get("security"):
                filled = re.sub(r"\{(\w+)\}", lambda found: FILLED.get(found[1], "0" * 16), path)
                answer = client.request(method, filled, headers={"x-passerby": "1"})
                assert answer.status_code == 401, (method, path, answer.status_code)
    for path in (f"/hls/{GATE}/live.m3u8", f"/hls/{GATE}/segment/0.m4s", f"/hls/{GATE}/part/0/0.m4s", "/events"):
        assert client.get(path).status_code == 401, path


def test_an_error_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    city = City(tmp_path)
    with open_room(city.data) as room:
        app = city.app(room)
        with served(app) as address, httpx.Client(base_url=address) as client:
            for path in (city.office / "passerby.db", city.office / "passerby.db-wal", city.office / "passerby.db-shm"):
                path.unlink(missing_ok=True)
            answer = client.get("/api/v1/register/cameras", params={"q": "new"})
            assert str(tmp_path) not in answer.text
