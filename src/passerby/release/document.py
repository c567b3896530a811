"""What is published of a day, in one canonical document for a camera or an area: every other format is made from it.

Numbers below the plan's threshold are not shown (null): beside noise they say little. The threshold looks at the noisy
number, so that whether one is shown says nothing that the noise doesn't protect. It is for readers; the noise protects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

import rfc8785

from passerby.base.errors import ReleaseError
from passerby.release.day import HOUR_BINS, NoisyDay, Series, half_width, series
from passerby.release.plan import WAYS, Area, Plan

FORMAT = "passerby/released-day@1"
PRESENT = "present"
Numbers = list[int | None]


def document_of(plan: Plan, camera: str, day: str, charge: int, noisy: NoisyDay) -> bytes:
    """A camera's day, in canonical JSON."""
    seen = [minutes > 0 for minutes in noisy.covered]
    shown = {name: _series(plan, found, seen) for name, found in series(plan, noisy)}
    return _dumps(plan, "camera", camera, day, list(noisy.covered), shown, {"charge": charge})


def area_document(plan: Plan, area_id: str, day: str, noisy: Mapping[str, NoisyDay]) -> bytes:
    """An area's day: sums of its lines' numbers, and presence where the area is closed. No draw, no budget.

    Args:
        plan: Has the area.
        area_id: Which.
        day: Which.
        noisy: Each of its cameras' days as drawn.
    """
    area = plan.areas[area_id]
    count = min(len(found.covered) for found in noisy.values())
    covered = [min(found.covered[at] for found in noisy.values()) for at in range(count)]
    seen = [minutes > 0 for minutes in covered]
    lines = {f"{camera}/{name}": found for camera, day_ in noisy.items() for name, found in series(plan, day_)}
    ways = {way: _total(area, way, lines) for way in WAYS}
    shown: dict[str, Any] = {way: _series(plan, ways[way], seen) for way in WAYS}
    if area.closed:
        shown[PRESENT] = _presence(ways["in"], ways["out"], seen, plan.threshold)
    return _dumps(plan, "area", area_id, day, covered, shown, {})


def _dumps(
    plan: Plan, kind: str, place: str, day: str, covered: list[int], shown: Mapping[str, Any], more: Mapping[str, Any]
) -> bytes:
    about: dict[str, Any] = {
        "format": FORMAT,
        "site": plan.site,
        "plan": plan.hash,
        "zone": plan.zone,
        "threshold": plan.threshold,
    }
    about |= {"kind": kind, "place": place, "day": day, "covered": covered}
    return rfc8785.dumps({**about, "series": dict(shown), **more})


@dataclass(frozen=True, slots=True)
class _Sum:
    """Sums of several series, and their variances."""

    bins: list[int]
    bin_errors: list[Fraction]
    hour_errors: list[Fraction]
    running_errors: list[Fraction]
    day_error: Fraction


def _total(area: Area, way: str, lines: Mapping[str, Series]) -> _Sum:
    """All that goes one way, in or out of an area."""
    parts = [lines[f"{name}/{way if into == 'in' else _other(way)}"] for name, into in area.lines.items()]
    return _Sum(
        [sum(values) for values in zip(*(p.bins for p in parts), strict=True)],
        _added([p.errors.bins for p in parts]),
        _added([p.errors.hours for p in parts]),
        _added([p.errors.running for p in parts]),
        sum((p.errors.day for p in parts), Fraction(0)),
    )


def _other(way: str) -> str:
    return WAYS[1 - WAYS.index(way)]


def _added(variances: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    return [sum(values, Fraction(0)) for values in zip(*variances, strict=True)]


def _series(plan: Plan, found: Series | _Sum, seen: Sequence[bool]) -> dict[str, Any]:
    """Bins, hours and the day of one series, with the half-width of each number's 90 % interval."""
    if isinstance(found, Series):
        errors = found.errors
        bin_errors, hour_errors, day_error = list(errors.bins), list(errors.hours), errors.day
    else:
        bin_errors, hour_errors, day_error = found.bin_errors, found.hour_errors, found.day_error
    hours = [sum(found.bins[at : at + HOUR_BINS]) for at in range(0, len(found.bins), HOUR_BINS)]
    hours_seen = [any(seen[at : at + HOUR_BINS]) for at in range(0, len(seen), HOUR_BINS)]
    return {
        "bins": _shown(found.bins, seen, plan.threshold),
        "bins_error90": [half_width(v) for v in bin_errors],
        "hours": _shown(hours, hours_seen, plan.threshold),
        "hours_error90": [half_width(v) for v in hour_errors],
        "day": _shown([sum(found.bins)], [any(seen)], plan.threshold)[0],
        "day_error90": half_width(day_error),
    }


def _shown(values: Sequence[int], seen: Sequence[bool], threshold: int) -> Numbers:
    return [v if here and v >= threshold else None for v, here in zip(values, seen, strict=True)]


def _presence(into: _Sum, out_of: _Sum, seen: Sequence[bool], threshold: int) -> dict[str, Any]:
    """People inside at the end of each bin, beyond those who were when the day began: entries less exits so far.

    Unknown from the first bin on that was not observed: who came then isn't known.
    """
    steps = [came - left for came, left in zip(into.bins, out_of.bins, strict=True)]
    present = [max(total, 0) for total in accumulate(steps)]
    known = [all(seen[: at + 1]) for at in range(len(seen))]
    errors = _added([into.running_errors, out_of.running_errors])
    return {"bins": _shown(present, known, threshold), "bins_error90": [half_width(v) for v in errors]}


def parse_document(content: bytes) -> dict[str, Any]:
    """A published day.

    Raises:
        ReleaseError: It is something else.
    """
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ReleaseError("a published day is no JSON", "take it again from the publisher") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT or rfc8785.dumps(found) != content:
        raise ReleaseError("a published day is of another form", "take it again from the publisher")
    return found
