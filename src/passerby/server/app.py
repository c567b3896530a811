"""The web application over one data folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.staticfiles import StaticFiles

from passerby import __version__
from passerby.archive.folder import Layout
from passerby.archive.keeper.looks import Looks, Unproven
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.reading import Reading
from passerby.server import api, hls, published
from passerby.server.guard import Guard
from passerby.server.hub import Hub
from passerby.server.limits import USUAL, Limits, Rates
from passerby.server.problems import Problem, add_handlers
from passerby.server.public import public_routes
from passerby.server.public.forms import open_counter
from passerby.server.public.service import Public
from passerby.server.public.sources import NOTHING, Sources
from passerby.store.database import read_store
from passerby.store.now import FILE, Now, read_now

STATIC = Path(__file__).with_name("static")


def create_app(
    data_folder: Path,
    *,
    clock: Callable[[], float] = time.time,
    stopping: Callable[[], bool] = lambda: False,
    static: Path = STATIC,
    looks: Looks | None = None,
    sources: Sources = NOTHING,
    rates: Rates = USUAL,
) -> FastAPI:
    """The application: interface, video, events, page. It opens nothing in the data folder for writing.

    Args:
        data_folder: A station works in it, or did.
        clock: Unix seconds.
        stopping: True once the server should end; open event streams and waiting playlists then end by themselves.
        static: The built page.
        looks: Under which act somebody looks, and the keeper's shares; without a keeper neither is needed.
        rates: How much one may ask.
        sources: Where register, papers and ledger lie, for the public.

    Raises:
        StoreError: The folder holds no database, or the office's can't be written.
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
    app.include_router(api.routes(store, clock, now, seen))
    app.include_router(hls.routes(layout, store, hub, Reading(KeyReader(layout.keys), seen), seen))
    app.include_router(published.routes(layout.open))
    for router in public_routes(public, counter):
        app.include_router(router)
    _pages(app, hub, static)
    app.add_middleware(Limits, rates=rates)
    app.add_middleware(Guard)
    return app


def _pages(app: FastAPI, hub: Hub, static: Path) -> None:
    @app.get("/events", include_in_schema=False)
    async def events() -> StreamingResponse:
        return StreamingResponse(hub.events(), media_type="text/event-stream")

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        if not (static / "index.html").is_file():
            raise Problem(503, "the page has not been built", "run make setup; the interface at /api/v1 works without")
        return FileResponse(static / "index.html", media_type="text/html")

    if (static / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=static / "assets"), name="assets")
