"""The demo's page: one file of HTML beside the videos, no script from elsewhere, nothing fetched."""

from __future__ import annotations

import html
import string
from collections.abc import Sequence
from importlib import resources
from typing import Any

from passerby.darkroom.hide.reasons import COLOURS, Reason
from passerby.outlet.messages import Counts
from passerby.station.report import REASONS, SHOWN

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 220, 36, 28, 10


def page(name: str, credit: str, report: dict[str, Any], counts: Sequence[Counts]) -> str:
    """The page.

    Args:
        name: The clip's name.
        credit: Where the clip comes from.
        report: As `Run.report`.
        counts: One a second.
    """
    template = string.Template(resources.files(__package__).joinpath("page.html").read_text("utf-8"))
    hidden = {why: share for why, share in report["hidden_why"].items() if why != REASONS[SHOWN]}
    return template.substitute(
        name=html.escape(name),
        credit=html.escape(credit),
        chart=chart(counts),
        reasons="\n".join(_bar(why, share, max(hidden.values(), default=1.0)) for why, share in _sorted(hidden)),
        facts="\n".join(f"<dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd>" for k, v in _facts(report, counts)),
    )


def chart(counts: Sequence[Counts]) -> str:
    """People over time as SVG: the line, and the 90 % interval as a band."""
    if not counts:
        return "<p>No counts.</p>"
    end = max(counts[-1].time_s - counts[0].time_s, 1.0)
    most = max(1.0, max(c.high for c in counts))

    def place(time_s: float, people: float) -> str:
        x = LEFT + (time_s - counts[0].time_s) / end * (WIDTH - LEFT - 8)
        return f"{x:.1f},{HEIGHT - BOTTOM - people / most * (HEIGHT - BOTTOM - TOP):.1f}"

    line = " ".join(place(c.time_s, c.people) for c in counts)
    band = " ".join([*(place(c.time_s, c.high) for c in counts), *(place(c.time_s, c.low) for c in reversed(counts))])
    ticks = "".join(_tick(n, place(counts[0].time_s, n)) for n in _steps(most))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="People over time, at most {most:.0f}">{ticks}'
        f'<polygon class="band" points="{band}"/><polyline class="line" points="{line}"/>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 8}" text-anchor="end">{end:.0f} s</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 8}">0 s</text></svg>'
    )


def _steps(most: float) -> list[int]:
    step = max(1, round(most / 4))
    return list(range(0, int(most) + 1, step))


def _tick(n: int, place: str) -> str:
    y = place.split(",")[1]
    label = f'<text x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{n}</text>'
    return f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y}" y2="{y}"/>{label}'


def _bar(why: str, share: float, most: float) -> str:
    width = share / most * 100 if most else 0
    return (
        f'<tr><th scope="row"><span class="swatch" style="background:{colour_of(why)}"></span>{html.escape(why)}</th>'
        f'<td><span class="bar" style="width:{width:.1f}%"></span></td><td class="number">{share:.1%}</td></tr>'
    )


def colour_of(why: str) -> str:
    """The colour of a reason in the explained video, for the legend (BT.601, middle grey)."""
    u, v = (c - 128 for c in COLOURS[Reason(REASONS.index(why))])
    red, green, blue = 150 + 1.402 * v, 150 - 0.344 * u - 0.714 * v, 150 + 1.772 * u
    return "#" + "".join(f"{max(0, min(255, round(c))):02x}" for c in (red, green, blue))


def _sorted(shares: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: -item[1])


def _facts(report: dict[str, Any], counts: Sequence[Counts]) -> list[tuple[str, str]]:
    people = [c.people for c in counts]
    mosaic = ", ".join(f"{s:.1f} s {why}" for why, s in report["mosaic_s"].items()) or "never"
    return [
        ("Clip", f"{report['frames']} frames, {report['seconds']:.0f} s, {report['width']}x{report['height']}"),
        ("People", f"{sum(people) / max(1, len(people)):.1f} on average, {max(people, default=0):.1f} at most"),
        ("Hidden", f"{report['hidden_share']:.0%} of the picture on average"),
        ("Whole picture hidden", mosaic),
        ("Left of each person", "coarse grey cells, held for half a second, and no number that follows anybody"),
        ("Build", report["build"][:16]),
    ]
