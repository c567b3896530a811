"""A whole city for the public's side: a demo site with ledger and permits, an office, a station's data, a server."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from tests.unit.charter.register.samples import camera, owner

from passerby.access import keys
from passerby.access.keys import Wish
from passerby.access.rights import FOR_KEYS
from passerby.access.room import Room, open_room
from passerby.archive.folder import Layout
from passerby.charter.site_permit import SitePermit, act_camera
from passerby.ledger.hours import Line, make_list
from passerby.ledger.lists import list_path, write_lines
from passerby.office.book import new_book
from passerby.office.desk import SETTINGS
from passerby.server.app import create_app
from passerby.server.limits import Rate, Rates
from passerby.server.public.sources import Sources
from passerby.station.settings import CameraSettings
from passerby.station.showcase.office import DESK
from passerby.station.showcase.site import DemoSite, demo_home
from passerby.store.acts import ActQueue
from passerby.store.cameras import Camera, put_cameras
from passerby.store.counts import Count, add_counts
from passerby.store.events import HealthRow, add_health, back, gone
from passerby.store.ledger.disk import LocalDisk
from passerby.store.migrate import open_store

US, DAY_S = 1_000_000, 86_400
PIER, GATE = "pier-3", "gate-1"
ADDRESS = "https://register.example.org"
FREE = Rates(Rate(1e6, 1e6), Rate(1e6, 1e6), Rate(1e6, 1e6), Rate(1e6, 1e6))


@dataclass
class City:
    """Two cameras of the harbour: `PIER` counts and has all its papers but those that a demo needs not; `GATE` is live.

    Args:
        folder: A new one.
    """

    folder: Path
    permits: dict[str, SitePermit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data, self.office = self.folder / "data", self.folder / "office"
        self.site = DemoSite(self.folder / "site")
        self.settings = {name: self._camera(name) for name in (PIER, GATE)}
        for permit in self.site.permit(self.settings.values()):
            self.permits[permit.camera] = permit
        self.site.log([({"act": "case", "case": CASE, "purpose": "crowd-safety"}, None)])
        self._register()
        self._station()

    def _camera(self, name: str) -> CameraSettings:
        return CameraSettings.model_validate(
            {"name": name, "source": "rtsp://192.0.2.7/", "mode": "live" if name == GATE else "counts-only"}
        )

    def _register(self) -> None:
        with new_book(self.office, time.time, self.site.root.site, ADDRESS, self.site.root.hash) as book:
            book.name_root((self.site.folder / "roots" / "0.note").read_bytes())
            book.put_organisation(owner())
            book.put_area("central", "Central")
            book.add(camera())
            book.add(camera(id=GATE, name="Gate 1", analyses=["crowd", "live"], latitude_e6=22_290_000))
        (self.office / SETTINGS).write_text(DESK, "utf-8")
        self.deliver()

    def _station(self) -> None:
        self.data.mkdir()
        with open_store(Layout(self.data).database, time.time) as store:
            now = int(time.time()) * US
            known = [Camera(n, n, "live", 0, "running", "", now, "none", now) for n in (PIER, GATE)]
            put_cameras(store, known)
            for day in (3, 2, 1, 0):
                add_counts(store, Count(PIER, now - day * DAY_S * US, 4711, 4000, 5000, 7), mosaic=False)
            away = now - now % (DAY_S * US) - DAY_S * US
            gone(store, PIER, away, "the camera does not answer")
            back(store, PIER, away + 6 * 3600 * US)
            for number, why in enumerate(("none", "none", "none", "learning")):
                build = self.site.root.builds[0]
                row = HealthRow(PIER, away + number * US, 12, 0, 0.3, why, build, self.site.root.hash)
                add_health(store, row)

    def deliver(self) -> None:
        """Hand the office's acts to the ledger, as `passerby ledger deliver` does."""
        queue = ActQueue(Layout(self.office).acts)
        queue.deliver(lambda acts: self.log(*(dict(act) for act, _ in acts)))

    def log(self, *acts: dict[str, Any]) -> None:
        """Log acts in the site's ledger."""
        self.site.log([(act, None) for act in acts])

    def look(self, name: str, kind: str = "look", **more: Any) -> None:
        """Somebody does something with a camera's video."""
        act = {"act": kind, "camera": act_camera(self.site.root.site, name), "purpose": "crowd-safety", "case": CASE}
        more |= {"until": int(time.time()) + 900} if kind == "look" else {}
        self.log(act | {"content": "ab" * 32} | more)

    def hour(self, name: str, hour: int, *lines: tuple[str, int, int]) -> None:
        """A station's hour: what, epoch and keep of each line of one camera."""
        camera_id = act_camera(self.site.root.site, name)
        root, cameras, content = make_list(
            [Line(camera_id, seq, what, epoch, keep) for seq, (what, epoch, keep) in enumerate(lines)]
        )
        self._put(root, content)
        self.log({"act": "hour", "station": "station-1", "hour": hour, "cameras": cameras, "list": root})

    def reconcile(self, *found: bytes) -> None:
        """A reconciling with these findings."""
        root, content = write_lines(found)
        self._put(root, content)
        self.log({"act": "reconcile", "cameras": 2, "findings": len(found), "list": root})

    def _put(self, root: str, content: bytes) -> None:
        demo_home(self.site.folder).objects(LocalDisk()).put([(list_path(root), content)])

    def sources(self) -> Sources:
        """As `passerby serve` finds them in its settings."""
        home = demo_home(self.site.folder)
        read = home.objects(LocalDisk()).get
        return Sources(self.office, read, self.site.folder, self.site.root.hash)

    def app(self, room: Room, **more: Any) -> FastAPI:
        """The real application."""
        return create_app(self.data, room, **{"sources": self.sources(), "rates": FREE} | more)

    def key(self, room: Room) -> dict[str, str]:
        """What a program shows that may do all that a program may."""
        token, _ = keys.make(room, Wish("a test", frozenset(FOR_KEYS)), None)
        return {"authorization": f"Bearer {token}"}


CASE = "ca" * 32


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port of loopback; its address."""
    server = _Quiet(uvicorn.Config(app, port=0, log_config=None, lifespan="on", timeout_graceful_shutdown=2, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until, "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def asked(city: City, *, wait: bool = True, **more: Any) -> Iterator[httpx.Client]:
    """A client of a real server over the city, not signed in; it waits until the ledger has been read."""
    with (
        open_room(city.data) as room,
        served(city.app(room, **more)) as address,
        httpx.Client(base_url=address, timeout=30, headers={"x-passerby": "1"}) as client,
    ):
        if wait:
            caught_up(client)
        yield client


def caught_up(client: httpx.Client, least: int = 1) -> None:
    """Wait until the server has read the ledger up to so many entries."""
    soon(lambda: (client.get("/api/v1/register/about").json()["ledger"] or {"size": least})["size"] >= least)


def soon(what: Callable[[], bool], within_s: float = 30) -> None:
    """Wait for something that comes true by itself."""
    until = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)
