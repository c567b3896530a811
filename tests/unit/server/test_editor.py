"""The editor's server: for one person at this machine, who has its address."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from passerby.server.drawing import Drawing
from passerby.server.editor import Backdrop, create_editor

TOKEN = "unguessable"
PICTURE = bytes(range(256)) * 40


class Client:
    """Asks an application, no network between."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def __call__(self, method: str, path: str, **what: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
                return await client.request(method, path, **what)

        return asyncio.run(ask())

    def get(self, path: str, **what: Any) -> httpx.Response:
        return self("GET", path, **what)

    def put(self, path: str, **what: Any) -> httpx.Response:
        return self("PUT", path, **what)

    def post(self, path: str, **what: Any) -> httpx.Response:
        return self("POST", path, **what)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    return tmp_path / "scene.json"


@pytest.fixture
def client(scene: Path, tmp_path: Path) -> Client:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "editor.html").write_text("<p>page</p>")
    (static / "assets" / "code.js").write_text("1")
    view = tmp_path / "view.mp4"
    view.write_bytes(PICTURE)
    app = create_editor(Drawing(scene, (640, 480)), Backdrop(view, (640, 480)), TOKEN, static)
    return Client(app)


@pytest.mark.parametrize("path", ["", "picture", "scene"])
@pytest.mark.parametrize("token", ["wrong", "unguessablé", "%00", "unguessable1"])
def test_who_lacks_the_token_reads_nothing(client: Client, path: str, token: str) -> None:
    answer = client.get(f"/{token}/{path}")
    assert answer.status_code == 404
    assert b"page" not in answer.content


def test_who_lacks_the_token_writes_nothing(client: Client, scene: Path) -> None:
    assert client.put("/wrong/scene", content=b'{"version": 1}').status_code == 404
    assert client.post("/wrong/check", content=b'{"version": 1}').status_code == 404
    assert not scene.exists()


@pytest.mark.parametrize("path", ["/", "/scene", "/picture", "/docs", "/openapi.json", f"/{TOKEN}"])
def test_there_is_nothing_beside_it(client: Client, path: str) -> None:
    assert client.get(path).status_code in (404, 307)


def test_another_name_is_refused(client: Client) -> None:
    assert client.get(f"/{TOKEN}/scene", headers={"host": "evil.example"}).status_code == 421


def test_every_answer_is_shut_in(client: Client) -> None:
    for path in (f"/{TOKEN}/", f"/{TOKEN}/scene", "/wrong/", "/assets/code.js"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
    assert client.get(f"/{TOKEN}/scene").headers["cache-control"] == "no-store"


def test_the_page_can_seek_in_the_view(client: Client) -> None:
    answer = client.get(f"/{TOKEN}/picture", headers={"range": "bytes=100-199"})
    assert answer.status_code == 206 and answer.content == PICTURE[100:200]
    assert answer.headers["content-type"] == "video/mp4"


def test_a_scene_is_opened_checked_and_saved(client: Client, scene: Path) -> None:
    opened = client.get(f"/{TOKEN}/scene").json()
    assert opened == {"scene": {"version": 1}, "revision": "", "name": "scene.json", "size": [640, 480], "video": True}
    drawn = b'{"version": 1, "lines": [{"id": "door", "from": [0, 0], "to": [60, 80]}]}'
    assert client.post(f"/{TOKEN}/check", content=drawn).json()["lines"] == [None]
    saved = client.put(f"/{TOKEN}/scene", content=drawn, headers={"revision": ""}).json()
    assert json.loads(scene.read_text())["lines"][0]["id"] == "door"
    assert client.get(f"/{TOKEN}/scene").json()["revision"] == saved["revision"]


def problem(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["title"])


def test_what_is_wrong_is_said_in_words(client: Client, scene: Path) -> None:
    assert "not JSON" in problem(client.post(f"/{TOKEN}/check", content=b"{"), 422)
    assert "256 KiB" in problem(client.put(f"/{TOKEN}/scene", content=b" " * 300_000), 422)
    assert "somebody else" in problem(
        client.put(f"/{TOKEN}/scene", content=b'{"version": 1}', headers={"revision": "other"}), 409
    )
    scene.mkdir()
    assert "can't be read" in problem(client.get(f"/{TOKEN}/scene"), 503)


def test_a_page_that_was_not_built_says_so(scene: Path, tmp_path: Path) -> None:
    app = create_editor(Drawing(scene, (640, 480)), Backdrop(tmp_path / "view.png", (640, 480)), TOKEN, tmp_path)
    client = Client(app)
    assert "not been built" in problem(client.get(f"/{TOKEN}/"), 503)
