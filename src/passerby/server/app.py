"""The web application over one data folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from passerby import __version__
from passerby.archive.folder import Layout
from passerby.archive.keeper.looks import Looks, Unproven
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.reading import Reading
from passerby.server import api, hls, published
from passerby.server.guard import Guard
from passerby.server.hub import Hub
from passerby.server.pages import Built, pages
from passerby.server.problems import add_handlers
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
) -> FastAPI:
    """The application: interface, video, events, page. It opens nothing in the data folder for writing.

    Args:
        data_folder: A station works in it, or did.
        clock: Unix seconds.
        stopping: True once the server should end; open event streams and waiting playlists then end by themselves.
        static: The built page.
        looks: Under which act somebody looks, and the keeper's shares; without a keeper neither is needed.

    Raises:
        StoreError: The folder holds no database.
    """
    layout = Layout(data_folder)
    store = read_store(layout.database)

    def now() -> Now | None:
        return read_now(data_folder / FILE)

    hub = Hub(store, stopping, clock, now)
    seen = looks or Unproven()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(hub.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
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
    _pages(app, hub, static)
    app.add_middleware(Guard)
    return app


def _pages(app: FastAPI, hub: Hub, static: Path) -> None:
    @app.get("/events", include_in_schema=False)
    async def events() -> StreamingResponse:
        return StreamingResponse(hub.events(), media_type="text/event-stream")

    app.include_router(pages(static))
    if (static / "assets").is_dir():
        app.mount("/assets", Built(directory=static / "assets"), name="assets")
