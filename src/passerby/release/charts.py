"""Charts as SVG, without scripts and without styles of their own: the page's style sheet colours them by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 250
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 12, 26
Numbers = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars up and down from a middle line.

    Args:
        label: What it shows, for who can't see it.
        up: Values; None where there is none to show.
        down: The same; empty where there is only one way.
        seen: Whether anything was observed there.
        ticks: Position and text of the marks below.
        error: Half-widths of the values' 90 % intervals, up and down; drawn where bars are wide enough.
    """

    label: str
    up: Numbers
    down: Numbers
    seen: Sequence[bool]
    ticks: Sequence[tuple[float, str]]
    error: tuple[Sequence[int], Sequence[int]]


def nice(most: float) -> int:
    """The next round number from here up: a digit that halves well, times a power of ten."""
    step = 1
    while True:
        for factor in (1, 2, 3, 4, 6, 8):
            if factor * step >= most:
                return factor * step
        step *= 10


def bars(chart: Bars) -> str:
    """The chart."""
    top = nice(max([1, *(v for v in (*chart.up, *chart.down) if v is not None)]))
    full = HEIGHT - TOP - BOTTOM
    middle, half = (TOP + full / 2, full / 2) if chart.down else (TOP + full, full)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(chart.up))
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(chart.label)}">']
    for share in (-1, -0.5, 0, 0.5, 1) if chart.down else (0, 0.5, 1):
        y = middle - share * half
        kind = "axis" if share == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        mark = _mark(abs(share) * top)
        parts.append(f'<text class="mark" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{mark}</text>')
    for at, seen in enumerate(chart.seen):
        x = LEFT + at * step
        if not seen:
            parts.append(f'<rect class="away" x="{x:.1f}" y="{TOP}" width="{step:.1f}" height="{full:.1f}"/>')
            continue
        parts += _bar(chart.up[at], chart.error[0][at], x, step, middle, half / top, "in", -1)
        if chart.down:
            parts += _bar(chart.down[at], chart.error[1][at], x, step, middle, half / top, "out", 1)
    for place, text in chart.ticks:
        x = LEFT + place * step
        parts.append(f'<text class="mark" x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(text)}</text>')
    return "".join([*parts, "</svg>"])


def _mark(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _bar(
    value: int | None, error: int, x: float, step: float, middle: float, scale: float, name: str, side: int
) -> list[str]:
    """One bar, its uncertain end, or a dot in place of one that is not shown."""
    width = max(0.8, step * 0.78)
    x += (step - width) / 2
    if value is None:
        return [f'<circle class="hidden" cx="{x + width / 2:.1f}" cy="{middle + side * 4:.1f}" r="1.1"/>']
    long = value * scale
    y = middle - long if side < 0 else middle
    found = [f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{long:.1f}"/>']
    if error * scale > 1 and step > 3:
        end, reach = middle + side * long, error * scale
        centre = x + width / 2
        line = f'x1="{centre:.1f}" x2="{centre:.1f}" y1="{max(TOP, end - reach):.1f}"'
        found.append(f'<line class="error" {line} y2="{min(HEIGHT - BOTTOM, end + reach):.1f}"/>')
    return found
