"""The faces: one built page for each, whatever the path below it, and their files, compressed ahead of time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from passerby.server.problems import Problem
from passerby.server.rights import maybe

# Which paths each face answers. A face finds its way below them by itself.
FACES: Final[dict[str, tuple[str, ...]]] = {
    "register": (
        "/", "/map", "/cameras/{camera}", "/plans", "/plans/{plan}", "/reports", "/complain", "/ask", "/receipt",
    ),
    "control": ("/control",),
    "signin": ("/sign-in", "/enter", "/account"),
}  # fmt: skip
# Faces that show nothing to strangers: those are sent to sign in, and come back.
INNER: Final = frozenset({"control"})
PACKED: Final = ".gz"


def pages(static: Path) -> APIRouter:
    """Each face's page under each of its paths.

    Args:
        static: The folder of built files.
    """
    router = APIRouter(include_in_schema=False)
    for face, paths in FACES.items():
        for path in paths:
            router.add_api_route(path, _page(static, face), methods=["GET", "HEAD"])
    return router


def _page(static: Path, face: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        if face in INNER and maybe(request) is None:
            return RedirectResponse(f"/sign-in?to={quote(request.url.path, safe='/')}", status_code=303)
        if not (static / f"{face}.html").is_file():
            raise Problem(503, "the page has not been built", "run make setup; the interface at /api/v1 works without")
        return FileResponse(static / f"{face}.html", media_type="text/html")

    return page


class Built(StaticFiles):
    """Built files; where the browser takes gzip and the build left a packed one beside it, that."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the packed one under its own type."""
        taken = Request(scope).headers.get("accept-encoding", "")
        if "gzip" not in taken or path.endswith(PACKED):
            return await super().get_response(path, scope)
        try:
            packed = await super().get_response(path + PACKED, scope)
        except HTTPException:
            return await super().get_response(path, scope)
        found = _type(path)
        packed.headers["content-type"] = found
        packed.headers["content-encoding"] = "gzip"
        packed.headers["vary"] = "accept-encoding"
        return packed


def _type(path: str) -> str:
    endings = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".json": "application/json"}
    kind = endings.get(Path(path).suffix, "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
