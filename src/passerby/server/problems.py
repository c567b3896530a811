"""Every error as application/problem+json (RFC 9457): a title, what to do, never a trace."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from passerby.base.errors import AccessError, ArchiveError, CharterError, PressError, StoreError, UsageError

TYPE = "application/problem+json"


class Problem(Exception):
    """An answer other than the one that was asked for.

    Args:
        status: HTTP's.
        title: What is wrong.
        detail: What to do about it.
        kind: A word that programs tell it by, or the empty string.
        headers: Of the answer, such as ``Retry-After``.
    """

    def __init__(
        self, status: int, title: str, detail: str = "", *, kind: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.kind, self.headers = kind, dict(headers or {})


def answer(
    status: int, title: str, detail: str = "", kind: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem as a response."""
    content = {"type": kind or "about:blank", "status": status, "title": title} | ({"detail": detail} if detail else {})
    return JSONResponse(content, status, media_type=TYPE, headers=dict(headers or {}))


def add_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    @app.exception_handler(Problem)
    async def _(_request: Request, problem: Problem) -> JSONResponse:
        return answer(problem.status, problem.title, problem.detail, problem.kind, problem.headers)

    @app.exception_handler(HTTPException)
    async def _(_request: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, HTTPStatus(error.status_code).phrase)

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return answer(422, f"{where or 'the request'} is not as it should be", str(first["msg"]))

    @app.exception_handler(StoreError)
    @app.exception_handler(ArchiveError)
    async def _(_request: Request, error: StoreError | ArchiveError) -> JSONResponse:
        return answer(503, error.message, error.advice)

    @app.exception_handler(AccessError)
    async def _(_request: Request, error: AccessError) -> JSONResponse:
        return answer(409, error.message, error.advice, error.kind)

    @app.exception_handler(CharterError)
    @app.exception_handler(PressError)
    async def _(_request: Request, error: CharterError | PressError) -> JSONResponse:
        return answer(503, error.message, error.advice)

    @app.exception_handler(UsageError)
    async def _(_request: Request, error: UsageError) -> JSONResponse:
        return answer(404, error.message, error.advice)
