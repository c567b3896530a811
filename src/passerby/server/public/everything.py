"""All that answers without sign-in, put together."""

from __future__ import annotations

from fastapi import APIRouter

from passerby.server.public import forms, report_routes, routes, static
from passerby.server.public.service import Public


def public_routes(public: Public, counter: forms.Counter | None) -> list[APIRouter]:
    """All that answers without sign-in, but for sign-in itself.

    Args:
        public: What is shown.
        counter: Takes complaints and requests in; None where nobody does.
    """
    found = [forms.routes(public, counter), report_routes.routes(public), routes.routes(public)]
    if public.shelf.sources.ledger is not None:
        found.append(static.routes(public.shelf.sources.ledger))
    return found
