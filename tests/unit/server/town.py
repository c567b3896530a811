"""A town with cameras of two owners in two areas, one that nobody registered, and its server; no network between."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.unit.charter.register.samples import camera, owner

from passerby.access import accounts, codes, credentials, sessions
from passerby.access.oidc import Provider
from passerby.access.passwords import Cost
from passerby.access.roles import Grant
from passerby.access.room import Room, open_room
from passerby.access.sessions import Kind
from passerby.archive.folder import Layout
from passerby.office.book import new_book
from passerby.server.app import create_app
from passerby.server.limits import Rate, Rates
from passerby.server.names import Names
from passerby.server.public.sources import Sources
from passerby.store.cameras import Camera, put_cameras
from passerby.store.migrate import open_store

US = 1_000_000
CHEAP = Cost(64, 1)
PASSWORD = "a quiet harbour at dawn"
# Camera, owner, area; the last is at the station but in no register.
CAMERAS = {"city-north": ("city", "north"), "city-south": ("city", "south"), "rail-north": ("rail", "north")}
STRAY = "stray"
HERE = Names()
OURS = {"x-passerby": "1"}


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


@dataclass
class Browser:
    """Asks the application as a browser does, with a cookie jar."""

    app: FastAPI
    base: str = "http://127.0.0.1:8080"
    peer: str = "127.0.0.1"
    headers: dict[str, str] = field(default_factory=dict)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def __call__(self, method: str, path: str, **what: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.peer, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=self.base, cookies=self.cookies) as client:
                answer = await client.request(
                    method, path, headers=OURS | self.headers | what.pop("headers", {}), **what
                )
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str, **what: Any) -> httpx.Response:
        return self("GET", path, **what)

    def post(self, path: str, **what: Any) -> httpx.Response:
        return self("POST", path, **what)

    def put(self, path: str, **what: Any) -> httpx.Response:
        return self("PUT", path, **what)

    def delete(self, path: str, **what: Any) -> httpx.Response:
        return self("DELETE", path, **what)

    @property
    def who(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.get("/api/v1/session").json()["who"]
        return found


@dataclass
class Town:
    """The server, and the access folder behind it."""

    folder: Path
    app: FastAPI
    room: Room
    clock: Clock
    names: Names

    def browser(self, **what: Any) -> Browser:
        base = "https://cameras.example" if self.names.secure else "http://127.0.0.1:8080"
        return Browser(self.app, **({"base": base} | what))

    def account(self, name: str, *grants: Grant) -> str:
        """Somebody with a password and an authenticator; return their pseudonym."""
        made = accounts.add(self.room, name, grants, "terminal")
        credentials.set_password(self.room, made.pseudonym, name, PASSWORD)
        secret = f"{name:20.20}".encode()
        credentials.set_totp(self.room, made.pseudonym, secret, codes.code_at(secret, self.clock()))
        return made.pseudonym

    def signed_in(self, who: str, kind: Kind = Kind.ACCOUNT) -> Browser:
        """A browser in which somebody is signed in."""
        browser = self.browser()
        token = sessions.begin(self.room, who, kind, "a test")
        cookie = self.app.state.door.cookie
        browser.cookies.set(cookie, token, domain="127.0.0.1" if not self.names.secure else "cameras.example")
        return browser

    def code(self, name: str) -> str:
        """What their authenticator shows; the time moves on, for each is good once."""
        self.clock.now += codes.STEP_S
        return codes.code_at(f"{name:20.20}".encode(), self.clock())


@cache
def _built() -> Path:
    """The folders of a town, made once: bringing three databases up to date takes most of a test's time."""
    root = Path(tempfile.mkdtemp(prefix="passerby-town-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    data, office, clock = root / "data", root / "office", Clock()
    data.mkdir()
    with open_store(Layout(data).database, clock) as store:
        now = round(clock() * US)
        put_cameras(
            store,
            [Camera(c, c, "record", 24 * 3600 * US, "running", "", now, "none", now) for c in (*CAMERAS, STRAY)],
        )
    with new_book(office, clock, "example.org", "https://r.example/", "") as book:
        for name in ("city", "rail"):
            book.put_organisation(owner(id=name, name=name))
        for area in ("north", "south"):
            book.put_area(area, area)
        for name, (owned_by, area) in CAMERAS.items():
            book.add(camera(id=name, owner=owned_by, area=area))
    open_room(data, clock, cost=CHEAP).store.close()
    return root


@contextmanager
def town(root: Path, names: Names = HERE, providers: Sequence[Provider] = ()) -> Iterator[Town]:
    """One of one's own."""
    shutil.copytree(_built(), root, dirs_exist_ok=True)
    clock = Clock()
    with open_room(root / "data", clock, cost=CHEAP) as room:
        app = create_app(
            root / "data",
            room,
            names=names,
            sources=Sources(office=root / "office"),
            clock=clock,
            stopping=lambda: True,
            providers=providers,
            # Tests ask as fast as the machine can; what the limits do has tests of its own.
            rates=Rates(address=Rate(1e6, 1e6), known=Rate(1e6, 1e6)),
        )
        yield Town(root, app, room, clock, names)
