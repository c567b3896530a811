"""Truth beside count over time, and error by density, as small SVG pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from bench.counting.score import Series

mpl.use("Agg")
# The same figures give the same file.
mpl.rcParams.update(
    {"svg.hashsalt": "passerby", "svg.fonttype": "none", "font.size": 8, "path.simplify_threshold": 1.0}
)

import matplotlib.pyplot as plt  # noqa: E402

MOST_DOTS = 100


def over_time(path: Path, named: Mapping[str, Series], xlabel: str) -> None:
    """One panel for each series: the interval as a band, the count, and the truth."""
    figure, panels = plt.subplots(len(named), 1, figsize=(7, 1.7 * len(named)), sharex=True, squeeze=False)
    for panel, (name, series) in zip(panels[:, 0], named.items(), strict=True):
        frames = np.arange(1, len(series.truth) + 1)
        panel.fill_between(frames, series.low, series.high, color="#9ecae1", alpha=0.6, linewidth=0)
        panel.plot(frames, series.people, color="#08519c", linewidth=0.8, label="count, 90 % interval")
        panel.plot(frames, series.truth, color="#d94801", linewidth=0.8, label="truth")
        panel.set_title(f"{name}: off by {series.mae:.2f}, {series.covered:.0%} in the interval", loc="left")
        panel.set_ylabel("people")
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3, linewidth=0.4)
    panels[0, 0].legend(loc="upper right", frameon=False, ncols=2)
    panels[-1, 0].set_xlabel(xlabel)
    _save(figure, path)


def by_truth(path: Path, named: Mapping[str, Series]) -> None:
    """Count against truth on logarithmic axes, with the line of no error."""
    figure, panel = plt.subplots(figsize=(4.2, 4))
    for (name, series), colour in zip(named.items(), ("#08519c", "#31a354", "#d94801", "#756bb1"), strict=False):
        shown = series.only(np.arange(0, len(series.truth), max(1, len(series.truth) // MOST_DOTS)))
        panel.plot(shown.truth + 1, shown.people + 1, ".", markersize=3, alpha=0.5, color=colour, label=name)
    ends = [1, 1 + max(float(series.truth.max()) for series in named.values())]
    panel.plot(ends, ends, color="black", linewidth=0.6)
    panel.set(xscale="log", yscale="log", xlabel="people in truth, and one", ylabel="people counted, and one")
    panel.legend(frameon=False)
    panel.grid(alpha=0.3, linewidth=0.4)
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
