"""The web application over one data folder."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from passerby import __version__
from passerby.access.oidc import Provider
from passerby.access.roles import Place
from passerby.access.room import Room
from passerby.archive.folder import Layout
from passerby.archive.keeper.looks import Looks, Unproven
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.reading import Reading
from passerby.server import alerts, api, events, hls, signin
from passerby.server.guard import Guard, OwnPages
from passerby.server.hub import Hub
from passerby.server.interop import routes as interop
from passerby.server.limits import USUAL, Limits, Rates
from passerby.server.names import Names
from passerby.server.openapi import describe
from passerby.server.pages import Built, pages
from passerby.server.problems import add_handlers
from passerby.server.public import health, published
from passerby.server.public.everything import public_routes
from passerby.server.public.forms import open_counter
from passerby.server.public.service import Public
from passerby.server.public.sources import NOTHING, Sources
from passerby.server.rights import Places
from passerby.server.signin.door import SignIn
from passerby.store.database import Store, read_store
from passerby.store.migrate import open_store
from passerby.store.now import FILE, Now, read_now
from passerby.store.register import places_of

PLACES_KEPT_S = 30.0
STATIC = Path(__file__).with_name("static")


def create_app(
    data_folder: Path,
    room: Room,
    *,
    names: Names = Names(),  # noqa: B008
    clock: Callable[[], float] = time.time,
    stopping: Callable[[], bool] = lambda: False,
    static: Path = STATIC,
    looks: Looks | None = None,
    sources: Sources = NOTHING,
    rates: Rates = USUAL,
    site: str = "passerby",
    providers: Sequence[Provider] = (),
) -> FastAPI:
    """The application: interface, video, events, pages. In the data folder it writes nothing but the access folder.

    Args:
        data_folder: A station works in it, or did.
        room: Who may sign in.
        names: Under which it answers.
        clock: Unix seconds.
        stopping: True once the server should end; open event streams and waiting playlists then end by themselves.
        static: The built page.
        looks: Under which act somebody looks, and the keeper's shares; without a keeper neither is needed.
        rates: How much one may ask.
        providers: Other sign-ins that lead here.
        sources: Where register, papers and ledger lie, for the public.
        site: What receivers of numbers know the site as.

    Raises:
        StoreError: A folder holds no database, or the office's can't be written.
        CharterError: The office's settings are wrong.
    """
    layout = Layout(data_folder)
    store = read_store(layout.database)

    def now() -> Now | None:
        return read_now(data_folder / FILE)

    hub = Hub(store, stopping, clock, now)
    seen = looks or Unproven()
    public = Public(sources, store, clock)
    counter = open_counter(sources.office, public.shelf, clock) if sources.office is not None else None
    public.forms = counter.model if counter is not None else None

    told = _Once(lambda: open_store(layout.notify, clock))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(hub.run()), asyncio.create_task(public.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if counter is not None:
                counter.close()
            public.close()
            told.close()
            store.close()

    # The interactive pages of FastAPI load scripts from elsewhere; the description itself is enough.
    app = FastAPI(
        title="Passerby",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    add_handlers(app)
    places = Places(_finder(store_of(public, store)))
    app.state.door, app.state.places = SignIn(room, names), places
    app.include_router(health.routes())
    for router in signin.routers(app.state.door, providers):
        app.include_router(router)
    app.include_router(api.routes(store, clock, now, seen, places))
    app.include_router(events.routes(hub, places))
    app.include_router(alerts.routes(store, told, clock, hub.say, places))
    app.include_router(interop.routes(store, site, clock, now, places))
    app.include_router(hls.routes(layout, store, hub, Reading(KeyReader(layout.keys), seen), seen, places))
    app.include_router(published.routes(layout.open))
    for router in public_routes(public, counter):
        app.include_router(router)
    _pages(app, static)
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    app.add_middleware(Limits, rates=rates, names=names)
    app.add_middleware(OwnPages, names=names)
    app.add_middleware(Guard, names=names, tiles=sources.tiles)
    return app


class _Once:
    """A database that is opened when it is first needed: most servers are never told that somebody took an alert on."""

    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened, self._lock = opened, threading.Lock()
        self._store: Store | None = None

    def __call__(self) -> Store:
        with self._lock:
            self._store = self._store or self._opened()
            return self._store

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


def store_of(public: Public, store: Store) -> Callable[[], Store]:
    """Where the register is: the office's database or, without an office, the station's."""
    return (lambda: store) if public.shelf.sources.office is None else public.shelf.fresh


def _finder(register: Callable[[], Store]) -> Callable[[Iterable[str]], dict[str, Place]]:
    """Asks the register, and keeps the answer for half a minute: owners change rarely, lists are read all the time."""
    lock, kept, since_s = threading.Lock(), dict[str, Place | None](), [time.monotonic()]

    def find(camera_ids: Iterable[str]) -> dict[str, Place]:
        ids = list(camera_ids)
        with lock:
            if time.monotonic() - since_s[0] > PLACES_KEPT_S:
                kept.clear()
                since_s[0] = time.monotonic()
            unknown = [camera for camera in ids if camera not in kept]
            if unknown:
                found = places_of(register(), unknown)
                kept.update((camera, Place(*found[camera]) if camera in found else None) for camera in unknown)
            return {camera: place for camera in ids if (place := kept[camera]) is not None}

    return find


def _pages(app: FastAPI, static: Path) -> None:
    app.include_router(pages(static))
    if (static / "assets").is_dir():
        app.mount("/assets", Built(directory=static / "assets"), name="assets")
