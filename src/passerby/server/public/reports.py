"""Public reports: of each year and month that the ledger covers, computed from it, the same bytes for everybody."""

from __future__ import annotations

import base64
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from passerby.charter.report.page import STYLE, page
from passerby.charter.report.report import FORMAT, Report, compute
from passerby.ledger.verify import Key, LedgerError, Reader, Trust
from passerby.press.reports import report_pdf
from passerby.server.problems import Problem
from passerby.server.public.cursors import cursor, parts_of
from passerby.server.public.log import Fold
from passerby.server.public.report_models import ReportItemModel, ReportListModel

MOST_KEPT = 32
ID = "^[0-9]{4}(-(0[1-9]|1[0-2]))?$"
LAST_YEAR = 9998
# The page has one style sheet in it, always the same: a browser is told its hash, and runs nothing else.
_STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
PAGE_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["format", "log", "from", "to", "first", "size", "root", "over", "keys", "lines"],
    "properties": {
        "format": {"const": FORMAT},
        "log": {"type": "string"},
        "root": {"type": "string"},
        **{name: {"type": "integer"} for name in ("from", "to", "first", "size")},
        **{name: {"type": "boolean"} for name in ("over", "keys")},
        "lines": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


class Reports:
    """Computes reports, one at a time, and keeps those of periods that are over.

    Args:
        read: The ledger's files.
        keys: The site's log keys.
    """

    def __init__(self, read: Reader, keys: Callable[[], Sequence[Key]]) -> None:
        self._read, self._keys = read, keys
        self._turn = threading.Lock()
        self._kept: OrderedDict[str, Report] = OrderedDict()

    def of(self, log: Fold, report_id: str) -> Report:
        """A report.

        Args:
            log: The ledger as it was read.
            report_id: Of its period.

        Raises:
            Problem: The ledger has nothing of this period, or can't be proven now.
        """
        item = _item(report_id, log)
        with self._turn:
            if (kept := self._kept.get(report_id)) is not None:
                return kept
            keys = list(self._keys()) or log.keys
            trust = Trust(keys, origin=keys[0].name if keys else "")
            try:
                found = compute(self._read, trust, item.begins, item.ends, provisional=not item.over)
            except LedgerError as error:
                raise Problem(503, "the report can't be computed now", str(error)) from error
            if found.over:
                self._kept[report_id] = found
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return found


def listed(log: Fold | None, limit: int, after: str | None) -> ReportListModel:
    """Years and months that the ledger covers, the newest first."""
    last = parts_of(after, str)
    found = [] if log is None else _all(log)
    rest = found if last is None else [item for item in found if _order(item.id) < _order(last[0])]
    more = len(rest) > limit
    return ReportListModel(items=rest[:limit], next=cursor(rest[limit - 1].id) if more else None, total=len(found))


def as_page(report: Report) -> bytes:
    """A report as a page."""
    return page(report)


def as_pdf(report: Report) -> bytes:
    """A report as PDF.

    Raises:
        PressError: It can't be set.
    """
    return report_pdf(report)


def _order(report_id: str) -> tuple[str, str]:
    year, _, month = report_id.partition("-")
    return year, month


def _all(log: Fold) -> list[ReportItemModel]:
    begun, logged = log.ask(lambda told: (told.begun, told.follower.logged))
    if not begun:
        return []
    first, last = (datetime.fromtimestamp(min(t, 250_000_000_000), UTC) for t in (begun, logged))
    names = [f"{year:04d}" for year in range(first.year, last.year + 1)]
    names += [
        f"{number // 12:04d}-{number % 12 + 1:02d}"
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ]
    return [_of(name, logged) for name in sorted(names, key=_order, reverse=True)]


def _item(report_id: str, log: Fold) -> ReportItemModel:
    begun, logged = log.ask(lambda told: (told.begun, told.follower.logged))
    found = _of(report_id, logged)
    if not begun or found.ends <= begun or logged < found.begins:
        raise Problem(404, "the ledger has nothing of this period", "see /api/v1/reports")
    return found


def _of(report_id: str, logged: int) -> ReportItemModel:
    year, month = int(report_id[:4]), int(report_id[5:] or 0)
    if not 1970 <= year <= LAST_YEAR:
        raise Problem(404, "the ledger has nothing of this period", "see /api/v1/reports")
    kind: Literal["year", "month"] = "month" if month else "year"
    begins = datetime(year, month or 1, 1, tzinfo=UTC)
    following = year * 12 + month if month else (year + 1) * 12
    ends = datetime(following // 12, following % 12 + 1, 1, tzinfo=UTC)
    return ReportItemModel(
        id=report_id,
        kind=kind,
        begins=int(begins.timestamp()),
        ends=int(ends.timestamp()),
        over=logged >= int(ends.timestamp()),
    )
