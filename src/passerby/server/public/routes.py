"""Addresses of the public register: reading only, the same for everybody, with ETags."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from passerby.server.public import camera as pages
from passerby.server.public import lists, prints
from passerby.server.public.cursors import USUAL, After, Limit
from passerby.server.public.lists import Filter
from passerby.server.public.models import (
    AboutModel,
    AnalysisName,
    CameraListModel,
    HistoryModel,
    MapModel,
    PlanListModel,
    PlanModel,
    ProofModel,
    RegisterCameraModel,
)
from passerby.server.public.service import MOVING_S, Public

CameraId = Annotated[str, Path(pattern="^[a-z0-9-]{1,63}$", examples=["north-gate"])]
PlanId = Annotated[str, Path(pattern="^[a-z0-9-]{1,63}$", examples=["harbour-2027"])]
Chosen = Annotated[Filter, Depends()]
MARKDOWN, PDF = "text/markdown; charset=utf-8", "application/pdf"


def routes(public: Public) -> APIRouter:
    """The register's routes.

    Args:
        public: What is shown.
    """
    router = APIRouter(prefix="/api/v1/register", tags=["register"])
    shelf, give = public.shelf, public.give

    @router.get("/about", response_model=AboutModel, summary="The register as a whole")
    async def about(request: Request) -> Response:
        return await give(request, lambda: lists.about(shelf, public.log_model(), public.forms), ledger=True)

    @router.get("/cameras", response_model=CameraListModel, summary="Cameras by name")
    async def cameras(request: Request, chosen: Chosen, limit: Limit = USUAL, after: After = None) -> Response:
        return await give(request, lambda: lists.cameras(shelf, chosen, limit, after))

    @router.get("/map", response_model=MapModel, summary="A part of the map")
    async def map_(
        request: Request,
        chosen: Chosen,
        box: Annotated[
            str,
            Query(max_length=100, description="west,south,east,north in degrees.", examples=["113.8,22.1,114.5,22.6"]),
        ],
        zoom: Annotated[int, Query(ge=0, le=22, description="That of usual web maps.")],
    ) -> Response:
        return await give(request, lambda: lists.map_of(shelf, box, zoom, chosen))

    @router.get("/cameras/{camera_id}", response_model=RegisterCameraModel, summary="Everything for a camera's page")
    async def camera(request: Request, camera_id: CameraId) -> Response:
        return await give(request, lambda: pages.page(shelf, public.fold, camera_id), every_s=MOVING_S, ledger=True)

    @router.get("/cameras/{camera_id}/history", response_model=HistoryModel, summary="What happened to an entry")
    async def history(request: Request, camera_id: CameraId, limit: Limit = USUAL, after: After = None) -> Response:
        return await give(request, lambda: pages.history(shelf, camera_id, limit, after))

    @router.get("/cameras/{camera_id}/proof", response_model=ProofModel, summary="All that proves a camera's permit")
    async def proof(request: Request, camera_id: CameraId) -> Response:
        return await give(request, lambda: pages.proof(shelf, public.fold, camera_id), every_s=MOVING_S, ledger=True)

    @router.get(
        "/cameras/{camera_id}/assessments/{analysis}",
        response_class=Response,
        responses={200: {"content": {MARKDOWN: {}}}},
        summary="An assessment's file, as it was filed last",
    )
    async def assessment(request: Request, camera_id: CameraId, analysis: AnalysisName) -> Response:
        return await give(request, lambda: pages.assessment_text(shelf, camera_id, analysis), MARKDOWN)

    @router.get(
        "/cameras/{camera_id}/sign.pdf",
        response_class=Response,
        responses={200: {"content": {PDF: {}}}},
        summary="The camera's sign, to be printed",
    )
    async def sign(
        request: Request, camera_id: CameraId, size: Annotated[Literal["a4", "a3", "sticker"], Query()] = "a4"
    ) -> Response:
        return await give(request, lambda: prints.sign(shelf, camera_id, size), PDF)

    @router.get("/plans", response_model=PlanListModel, summary="Rollout plans, the newest version of each")
    async def plans(request: Request, limit: Limit = USUAL, after: After = None) -> Response:
        return await give(request, lambda: lists.plans(shelf, limit, after))

    @router.get("/plans/{plan_id}", response_model=PlanModel, summary="A rollout plan, whole")
    async def plan(request: Request, plan_id: PlanId) -> Response:
        return await give(request, lambda: lists.plan(shelf, plan_id))

    return router
