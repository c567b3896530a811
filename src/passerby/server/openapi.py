"""The interface's description, whole: every answer that can come, errors too, and what each call needs.

FastAPI describes what goes well, and a form of errors that nobody here sends: every error is a problem (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from passerby.server.problems import TYPE
from passerby.server.rights import Needs
from passerby.server.signin.own import Mine

PROBLEM = "Problem"
SCHEMA: Mapping[str, Any] = {
    "title": PROBLEM,
    "description": "Why there is no other answer, and what to do (RFC 9457).",
    "type": "object",
    "required": ["type", "status", "title"],
    "properties": {
        "type": {"type": "string", "description": "about:blank, or a word by which a program knows what to do."},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "What to do about it."},
    },
    "example": {
        "type": "about:blank", "status": 404, "title": "there is no such camera",
        "detail": "see /api/v1/register/cameras",
    },
}  # fmt: skip
SECURITY = {
    "session": {
        "type": "apiKey", "in": "cookie", "name": "passerby",
        "description": "Of a browser that signed in; `__Host-passerby` under TLS.",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "A machine key: `pk_…`."},
}  # fmt: skip
WORDS = {
    400: "the request can't be read",
    401: "sign in first, or show a key",
    403: "it was another site's page that asked, or a role or a recent proof of who asks is missing",
    404: "there is no such thing here, or not for whoever asks",
    409: "it can't be done as things stand",
    413: "the body is too large",
    422: "something in the request is not as it should be: the title says what",
    429: "too many requests: see Retry-After",
    503: "it can't be had just now: the title says why",
}
UNSAFE = ("post", "put", "patch", "delete")
METHODS = (*UNSAFE, "get")
ONCE_ONLY = {"304": {"description": "as it was when its ETag was given"}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, routes=app.routes, description=DESCRIPTION)
        needing = set(_needing(app))
        for path, item in found["paths"].items():
            for method in METHODS:
                if method in item:
                    _complete(path, method, item[method], signed_in=(path, method) in needing)
        _schemas(found)
        app.openapi_schema = found
    return app.openapi_schema


DESCRIPTION = (
    "Numbers, redacted video and papers of a camera network that counts crowds and knows nobody. What needs no sign-in "
    "is public: the register, plans, reports, the ledger, and the forms for complaints and requests. Times are seconds "
    "since 1970; lists are paged with `limit` and `after`; public answers have an ETag."
)


def _needing(app: FastAPI) -> Iterator[tuple[str, str]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and _needs(route.dependant):
            yield from ((route.path_format, method.lower()) for method in route.methods or ())


def _needs(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Needs | Mine) or any(_needs(inner) for inner in dependant.dependencies)


def _complete(path: str, method: str, operation: dict[str, Any], *, signed_in: bool) -> None:
    responses = operation["responses"]
    codes = {404, 429, 503} if "{" in path or path.startswith("/api/v1/re") else {429, 503}
    codes |= {422} if "422" in responses else set()
    codes |= {401, 403, 404} if signed_in else set()
    codes |= {400, 401, 403, 404, 409, 413, 422} if method in UNSAFE else set()
    for code in sorted(codes):
        if code == 422 or str(code) not in responses:
            responses[str(code)] = _answer(code)
    if signed_in:
        operation["security"] = [{name: []} for name in SECURITY]
    elif method == "get" and path.startswith(("/api/v1/register", "/api/v1/reports")):
        responses |= ONCE_ONLY


def _answer(code: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": WORDS[code],
        "content": {TYPE: {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}},
    }
    if code == 429:
        found["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "In how many seconds."}}
    return found


def _schemas(found: dict[str, Any]) -> None:
    parts = found.setdefault("components", {})
    parts["securitySchemes"] = dict(SECURITY)
    schemas = parts.setdefault("schemas", {})
    schemas[PROBLEM] = dict(SCHEMA)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
