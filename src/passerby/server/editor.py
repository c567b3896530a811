"""The page to draw a camera's scene on: one file, one redacted picture, one person at this machine."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import FileResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from passerby.base.errors import FileChanged, OutputError, SceneError, SourceError
from passerby.crowd.scene_file import LARGEST_BYTES
from passerby.server.drawing import Drawing
from passerby.server.guard import Guard
from passerby.server.problems import Problem, add_handlers, answer

TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What is drawn on.

    Args:
        path: A redacted video or picture; its ending says which.
        size: Width and height in pixels.
    """

    path: Path
    size: tuple[int, int]

    @property
    def moves(self) -> bool:
        """It is a video."""
        return self.path.suffix == ".mp4"


def create_editor(drawing: Drawing, backdrop: Backdrop, token: str, static: Path) -> FastAPI:
    """The application. Everything but the page's own code lies below ``/TOKEN/``: who does not know it reads nothing.

    Args:
        drawing: The scene.
        backdrop: What the darkroom gave back of the camera's view.
        token: Unguessable, of letters that need no escape in an address.
        static: The built page.
    """
    app = FastAPI(title="Passerby scene editor", docs_url=None, redoc_url=None, openapi_url=None)
    add_handlers(app)

    @app.exception_handler(SceneError)
    async def _(_request: Request, error: SceneError) -> JSONResponse:
        return answer(422, error.message, error.advice)

    @app.exception_handler(FileChanged)
    async def _(_request: Request, error: FileChanged) -> JSONResponse:
        return answer(409, error.message, error.advice)

    @app.exception_handler(OutputError)
    @app.exception_handler(SourceError)
    async def _(_request: Request, error: OutputError | SourceError) -> JSONResponse:
        return answer(503, error.message, error.advice)

    app.include_router(_routes(drawing, backdrop, token, static))
    if (static / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=static / "assets"), name="assets")
    app.add_middleware(Guard)
    return app


def _routes(drawing: Drawing, backdrop: Backdrop, token: str, static: Path) -> APIRouter:
    def known(given: str) -> None:
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Problem(404, "Not Found", "use the address that was printed")

    router = APIRouter(prefix="/{given}", dependencies=[Depends(known)])

    @router.get("/")
    def page() -> FileResponse:
        if not (static / "editor.html").is_file():
            raise Problem(503, "the page has not been built", "run make setup")
        return FileResponse(static / "editor.html", media_type="text/html")

    @router.get("/picture")
    def picture() -> FileResponse:
        return FileResponse(backdrop.path, media_type=TYPES[backdrop.path.suffix])

    @router.get("/scene")
    def scene() -> dict[str, Any]:
        content, revision = drawing.read()
        return {
            "scene": content,
            "revision": revision,
            "name": drawing.path.name,
            "size": backdrop.size,
            "video": backdrop.moves,
        }

    @router.post("/check")
    async def check(request: Request) -> dict[str, Any]:
        return await run_in_threadpool(drawing.check, await _body(request))

    @router.put("/scene")
    async def save(request: Request, revision: Annotated[str, Header(max_length=64)] = "") -> dict[str, str]:
        return {"revision": await run_in_threadpool(drawing.save, await _body(request), revision)}

    return router


async def _body(request: Request) -> bytes:
    """The request's body, never more than a scene may have."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > LARGEST_BYTES:
            raise SceneError.of("too-large", "the scene is larger than 256 KiB", "draw fewer points")
    return bytes(read)
