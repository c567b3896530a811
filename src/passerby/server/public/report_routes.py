"""Addresses of reports, and of the register as a whole for others to take."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from typing import Annotated

import rfc8785
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse

from passerby.base.errors import StoreError
from passerby.charter.register import exports
from passerby.charter.report.report import Report
from passerby.office.records import SOME, records_of
from passerby.server.problems import Problem
from passerby.server.public import reports
from passerby.server.public.answers import JSON, matches
from passerby.server.public.cursors import USUAL, After, Limit
from passerby.server.public.lists import Filter
from passerby.server.public.report_models import ReportListModel
from passerby.server.public.service import Public
from passerby.store import register as rows

ReportId = Annotated[str, Path(pattern=reports.ID, examples=["2026-11"])]
HTML, PDF, CSV = "text/html; charset=utf-8", "application/pdf", "text/csv; charset=utf-8"
# A report of a period that is not over yet is computed anew no more often than this.
ANEW_S = 600.0


def routes(public: Public) -> APIRouter:
    """The routes.

    Args:
        public: What is shown.
    """
    router = APIRouter(prefix="/api/v1", tags=["reports"])

    def report(report_id: str) -> Report:
        if public.reports is None or public.fold is None:
            raise Problem(404, "this server shows no ledger", "name its folder: [server] ledger")
        return public.reports.of(public.fold, report_id)

    @router.get("/reports", response_model=ReportListModel, summary="Reports that can be had, the newest first")
    async def listed(request: Request, limit: Limit = USUAL, after: After = None) -> Response:
        return await public.give(request, lambda: reports.listed(public.fold, limit, after), ledger=True)

    @router.get(
        "/reports/{report_id}.html",
        response_class=Response,
        responses={200: {"content": {HTML: {}}}},
        summary="A report as a page",
    )
    async def as_page(request: Request, report_id: ReportId) -> Response:
        policy = {"content-security-policy": reports.PAGE_POLICY}
        return await public.lasting(request, lambda: reports.as_page(report(report_id)), HTML, ANEW_S, policy)

    @router.get(
        "/reports/{report_id}.pdf",
        response_class=Response,
        responses={200: {"content": {PDF: {}}}},
        summary="A report as PDF",
    )
    async def as_pdf(request: Request, report_id: ReportId) -> Response:
        return await public.lasting(request, lambda: reports.as_pdf(report(report_id)), PDF, ANEW_S)

    @router.get(
        "/reports/{report_id}",
        response_class=Response,
        responses={200: {"content": {JSON: {"schema": reports.SCHEMA}}}},
        summary="A report: canonical JSON, the same bytes for everybody who has the ledger",
    )
    async def as_json(request: Request, report_id: ReportId) -> Response:
        return await public.lasting(request, lambda: report(report_id).encode(), JSON, ANEW_S)

    @router.get(
        "/register/export.json",
        response_class=Response,
        responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}},
        summary="The register with the fields of algorithm registers, ATRS and DTPR",
    )
    def export_json(request: Request, chosen: Annotated[Filter, Depends()]) -> Response:
        return _export(public, request, chosen, JSON)

    @router.get(
        "/register/export.csv",
        response_class=Response,
        responses={200: {"content": {CSV: {}}}},
        summary="The register as a table, which `passerby camera import` reads back",
    )
    def export_csv(request: Request, chosen: Annotated[Filter, Depends()]) -> Response:
        return _export(public, request, chosen, CSV)

    return router


def _export(public: Public, request: Request, chosen: Filter, kind: str) -> Response:
    """Piece by piece: a register of 60,000 cameras is larger than what an answer should hold."""
    try:
        stamp = repr((rows.stamp(public.shelf.fresh()), kind, chosen))
    except StoreError as error:
        raise public.away(error) from error
    headers = {"etag": f'W/"{sha256(stamp.encode()).hexdigest()[:32]}"', "cache-control": "public, max-age=10"}
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    pieces = _as_json(public, chosen) if kind == JSON else _as_table(public, chosen)
    return StreamingResponse(pieces, media_type=kind, headers=headers)


def _as_json(public: Public, chosen: Filter) -> Iterator[bytes]:
    book = public.shelf.book()
    yield b'{"site":' + rfc8785.dumps(book.site) + b',"cameras":['
    between = b"\n"
    cameras = book.cameras(chosen.wanted())
    while some := list(islice(cameras, SOME)):
        for held, records in zip(some, records_of(book, [held.entry for held in some]), strict=True):
            yield between + rfc8785.dumps(exports.public(held.entry, held.owner, held.phase, records))
            between = b",\n"
    yield b"\n]}\n"


def _as_table(public: Public, chosen: Filter) -> Iterator[bytes]:
    lines = ((held.entry, held.owner, held.phase) for held in public.shelf.book().cameras(chosen.wanted()))
    return exports.table_lines(lines)
