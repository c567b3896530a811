"""/api/v1/health: that the server answers, and which build it is. No more without sign-in."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from passerby import __version__
from passerby.base.build import build_hash


class HealthyModel(BaseModel):
    """That the server answers. ``build``: a hash over its code, as in permits and on signs."""

    status: Literal["ok"]
    version: str
    build: str


def routes() -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/api/v1")

    @router.get("/health")
    def health() -> HealthyModel:
        return HealthyModel(status="ok", version=__version__, build=build_hash().hex())

    return router
