"""Curves of leak and scene as SVG, drawn from saved points."""

from __future__ import annotations

from typing import NamedTuple

WIDE, HIGH, LEFT, TOP, LOW, RIGHT = 520, 320, 60, 20, 270, 480
COLOURS = ("#1b6ca8", "#b5541c", "#3b7d3a", "#7a3b8f")
LEAST_KEPT, LEAST_LEAK = 0.5, 0.005


class Spot(NamedTuple):
    """One setting: shares of heads leaked and of scene kept, and whether it is the one in use."""

    leaked: float
    kept: float
    used: bool


def drawn(name: str, lines: dict[str, list[Spot]], note: str) -> str:
    """Leaked heads across (root scale, so that small shares can be told apart), scene kept upward.

    Args:
        name: The set.
        lines: What each line is called, and its settings in order.
        note: What the reader must know.
    """
    most = max([LEAST_LEAK, *(spot.leaked for line in lines.values() for spot in line)])

    def x(leaked: float) -> float:
        return LEFT + float((leaked / most) ** 0.5) * (RIGHT - LEFT)

    def y(kept: float) -> float:
        return LOW - (kept - LEAST_KEPT) / (1 - LEAST_KEPT) * (LOW - TOP)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>',
        f'<path d="M{LEFT},{TOP}V{LOW}H{RIGHT + 20}" fill="none" stroke="#000"/>',
        f'<text x="{LEFT}" y="14">{name}: scene kept over heads leaked ({note})</text>',
    ]
    for kept in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        out.append(f'<text x="{LEFT - 6}" y="{y(kept) + 4:.0f}" text-anchor="end">{kept:.0%}</text>')
        out.append(f'<path d="M{LEFT},{y(kept):.0f}H{RIGHT + 20}" stroke="#ddd"/>')
    out += [
        f'<text x="{x(leaked):.0f}" y="{LOW + 16}" text-anchor="middle">{leaked:.2%}</text>'
        for leaked in (0, most / 16, most / 4, most)
    ]
    for index, (called, line) in enumerate(lines.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = "L".join(f"{x(s.leaked):.1f},{y(s.kept):.1f}" for s in line)
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}"/>')
        for s in line:
            ring = f'r="5" fill="#fff" stroke="{colour}"' if s.used else f'r="2.5" fill="{colour}"'
            out.append(f'<circle cx="{x(s.leaked):.1f}" cy="{y(s.kept):.1f}" {ring}/>')
        out.append(f'<text x="{LEFT + 10 + 110 * index}" y="{HIGH - 14}" fill="{colour}">{called}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
