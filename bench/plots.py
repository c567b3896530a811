"""Small plots as SVG for the documents: bars beside each other, and lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 350, 60, 20, 34, 74
COLOURS = ("#c0672b", "#d9a441", "#1f6f8b", "#6b7785")
_STYLE = "text{font:11px sans-serif;fill:#444c56}.t{font-size:14px;font-weight:600}.g{stroke:#d5dbe3}.b{stroke:#1c2430}"


@dataclass(frozen=True, slots=True)
class Plot:
    """What is around the data.

    Args:
        title: Above.
        unit: Of the upright axis.
        top: Where that axis ends.
        low: Where it begins, if it counts in powers of ten; 0 for one that begins at 0 and counts evenly.
    """

    title: str
    unit: str
    top: float
    low: float = 0.0

    def height(self, value: float) -> float:
        """How far up a value is, in pixels."""
        whole = HEIGHT - TOP - BOTTOM
        if not self.low:
            return whole * min(max(value, 0.0), self.top) / self.top
        inside = min(max(value, self.low), self.top)
        return whole * math.log(inside / self.low) / math.log(self.top / self.low)

    def marks(self) -> list[float]:
        """Where lines are drawn across."""
        if not self.low:
            return [self.top * step / 5 for step in range(6)]
        return [self.low * 10**step for step in range(round(math.log10(self.top / self.low)) + 1)]


def _frame(plot: Plot, names: Sequence[str]) -> list[str]:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(plot.title)}</title><style>{_STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="t" x="{LEFT}" y="18">{escape(plot.title)}</text>',
    ]
    for value in plot.marks():
        y = HEIGHT - BOTTOM - plot.height(value)
        parts.append(f'<line class="g" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}{plot.unit}</text>')
    x = float(LEFT)
    for name, colour in zip(names, COLOURS, strict=False):
        parts.append(f'<rect x="{x:.0f}" y="{HEIGHT - 16}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 17:.0f}" y="{HEIGHT - 6}">{escape(name)}</text>')
        x += 40 + 7 * len(name)
    return parts


def grouped(plot: Plot, groups: Sequence[str], series: Mapping[str, Sequence[float]], bounds: Sequence[float]) -> str:
    """Bars in groups, one for each series; a black line where a group has a bound (NaN: none)."""
    parts = _frame(plot, list(series))
    wide = (WIDTH - LEFT - RIGHT) / len(groups)
    bar = wide * 0.8 / len(series)
    base = HEIGHT - BOTTOM
    for at, group in enumerate(groups):
        x = LEFT + at * wide + wide * 0.1
        for number, (values, colour) in enumerate(zip(series.values(), COLOURS, strict=False)):
            high = plot.height(values[at])
            where = f'x="{x + number * bar:.1f}" y="{base - high:.1f}" width="{bar * 0.92:.1f}" height="{high:.1f}"'
            parts.append(f'<rect {where} fill="{colour}"/>')
        if not math.isnan(bounds[at]):
            y = base - plot.height(bounds[at])
            parts.append(
                f'<line class="b" stroke-width="1.5" stroke-dasharray="4 3" x1="{x:.1f}" x2="{x + wide * 0.8:.1f}" '
                f'y1="{y:.1f}" y2="{y:.1f}"/>'
            )
        for line, words in enumerate(group.split("\n")):
            middle = x + wide * 0.4
            parts.append(
                f'<text x="{middle:.1f}" y="{base + 16 + 14 * line}" text-anchor="middle">{escape(words)}</text>'
            )
    return "".join([*parts, "</svg>\n"])


def curves(plot: Plot, across: Sequence[float], series: Mapping[str, Sequence[float]]) -> str:
    """Lines over a few values, which stand at equal distances."""
    parts = _frame(plot, list(series))
    base, step = HEIGHT - BOTTOM, (WIDTH - LEFT - RIGHT) / max(1, len(across) - 1)
    for at, value in enumerate(across):
        parts.append(f'<text x="{LEFT + at * step:.1f}" y="{base + 16}" text-anchor="middle">{value:g}</text>')
    for values, colour in zip(series.values(), COLOURS, strict=False):
        points = [(LEFT + at * step, base - plot.height(value)) for at, value in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return "".join([*parts, "</svg>\n"])
