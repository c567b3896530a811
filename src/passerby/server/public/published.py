"""/open/: the public folder of released numbers, as it is, for reading."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse

from passerby.server.problems import Problem

# Names without a dot at their beginning: neither hidden files nor a way up.
_NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_PATH = re.compile(rf"(?:{_NAME}/)*{_NAME}")
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".note": "text/plain; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}


def routes(folder: Path) -> APIRouter:
    """The folder's files; it may come later, or never.

    Args:
        folder: What `passerby release build` writes.
    """
    router = APIRouter()

    @router.get("/open", include_in_schema=False)
    def enter() -> RedirectResponse:
        return RedirectResponse("/open/", status_code=308)

    @router.get("/open/{path:path}", include_in_schema=False)
    def file(path: str) -> FileResponse:
        target = folder / (path or "index.html")
        known = _TYPES.get(target.suffix)
        if (path and not _PATH.fullmatch(path)) or known is None or target.is_symlink() or not target.is_file():
            raise Problem(404, "nothing is published there", "see /open/ once `passerby release build` has run")
        return FileResponse(target, media_type=known)

    return router
