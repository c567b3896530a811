"""Which public reports there are, as types. Times are seconds since 1970."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class ReportItemModel(BaseModel):
    """A report that can be had: of a year or a month. ``over``: nothing more can come into it."""

    id: str
    kind: Literal["year", "month"]
    begins: int
    ends: int
    over: bool


class ReportListModel(BaseModel):
    """Reports, the newest first."""

    items: list[ReportItemModel]
    next: str | None
    total: int
