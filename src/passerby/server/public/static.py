"""/ledger/: the ledger's public files, as they are (C2SP tlog-tiles), for mirrors, monitors and browsers."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from passerby.ledger.verify import Reader
from passerby.server.problems import Problem

IMMUTABLE, SHORT = "public, max-age=31536000, immutable", "public, max-age=2"


def routes(read: Reader) -> APIRouter:
    """The files' routes.

    Args:
        read: Gives a file's bytes; None for what is none of a log's, and for what would lead out of its folder.
    """
    router = APIRouter()

    @router.get("/ledger/{path:path}", include_in_schema=False)
    async def file(path: str) -> Response:
        content = await run_in_threadpool(read, path) if path else None
        if content is None:
            raise Problem(404, "the ledger has no such file", "begin with /ledger/checkpoint")
        fixed = path.startswith(("tile/", "lists/"))
        kind = "application/octet-stream" if path.startswith("tile/") else "text/plain; charset=utf-8"
        return Response(content, media_type=kind, headers={"cache-control": IMMUTABLE if fixed else SHORT})

    return router
