"""Each face answers its paths, and built files come packed to browsers that take it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from passerby.server.pages import Built, pages
from passerby.server.problems import add_handlers

CODE = b"export const answer = 42;"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    assets = tmp_path / "assets"
    assets.mkdir()
    for face in ("register", "control"):
        (tmp_path / f"{face}.html").write_text(f"<title>{face}</title>")
    (assets / "code.js").write_bytes(CODE)
    (assets / "code.js.gz").write_bytes(gzip.compress(CODE))
    (assets / "font.woff2").write_bytes(b"letters")
    app = FastAPI()
    add_handlers(app)
    app.state.door = SimpleNamespace(who=lambda _: object())  # somebody is signed in
    app.include_router(pages(tmp_path))
    app.mount("/assets", Built(directory=assets))

    def asking(path: str, **headers: str) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.get(path, headers={name.replace("_", "-"): said for name, said in headers.items()})

        return asyncio.run(go())

    return asking


@pytest.mark.parametrize(
    ("path", "face"),
    [("/", "register"), ("/map", "register"), ("/cameras/pier-3", "register"), ("/receipt", "register"),
     ("/control", "control")],
)  # fmt: skip
def test_faces_answer_their_paths(ask: Ask, path: str, face: str) -> None:
    answer = ask(path)
    assert answer.status_code == 200
    assert answer.text == f"<title>{face}</title>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/cameras", "/cameras/a/b", "/control/x", "/register.html", "/assets/none.js"])
def test_nothing_else_is_a_page(ask: Ask, path: str) -> None:
    assert ask(path).status_code == 404


def test_a_face_that_was_not_built_says_so(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "control.html").unlink()
    answer = ask("/control")
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("run make setup")


def test_packed_for_those_who_take_it(ask: Ask) -> None:
    packed = ask("/assets/code.js", accept_encoding="br, gzip")
    assert packed.content == CODE
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"
    assert packed.headers["vary"] == "accept-encoding"
    plain = ask("/assets/code.js", accept_encoding="identity")
    assert (plain.content, plain.headers.get("content-encoding")) == (CODE, None)


def test_files_without_a_packed_twin_come_as_they_are(ask: Ask) -> None:
    answer = ask("/assets/font.woff2", accept_encoding="gzip")
    assert (answer.content, answer.headers.get("content-encoding")) == (b"letters", None)
