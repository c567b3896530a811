"""Figures of releases: `make bench-release`, or `python -m bench.release [--draws N] [--days N] [--sample N]`.

Noise against theory (chi-square and single probabilities at p > 0.001), a simulated year through the real book with
OpenDP's privacy map as the judge, how useful the numbers are by ε, and which shape of draws has the least error. The
exit code is 1 where a figure is not as it must be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.attacks.towns import auckland, melbourne
from bench.machine import processor
from bench.plots import Plot, curves
from bench.release.noise import P, fits
from bench.release.utility import EPSILONS, Use, uses
from bench.release.year import SHOWN, Year, year

from passerby.release.by_opendp import OpenDpNoise
from passerby.release.choose import candidates, errors
from passerby.release.noise import Mechanism

LEAST_HOUR, LEAST_DAY = 0.02, 0.005
SHAPES = (
    "flat",
    "flat and total 5/20",
    "flat and total 6/20",
    "flat and total 10/20",
    "tree of 2",
    "tree of 4",
    "tree of 8",
)


def noise(draws: int, wrong: list[str]) -> tuple[list[str], Any]:
    """Ten million draws."""
    found = fits(draws)
    wrong += [
        f"{f.name} does not fit: p {f.p:.5f}, worst {f.worst:.2f} of {f.allowed:.2f}" for f in found if not f.fits
    ]
    lines = ["| draws of | draws | chi-square, p | worst single probability | may be |", "| --- " * 5 + "|"]
    lines += [
        f"| {f.name} | {f.draws:,} | {f.p:.3f} | {f.worst:.2f} σ | {f.allowed:.2f} σ | {f.us:.0f} |" for f in found
    ]
    return [*lines, f"p > {P} each"], [asdict(f) for f in found]


def shapes(bins: int) -> Iterator[str]:
    """Computed errors of every kind of shape, at ε = 1."""
    yield f"| {bins} bins, ε = 1: sd of | bin | four bins | day | worst running sum | mark |"
    yield "| --- " * 6 + "|"
    for name, shape in candidates(Mechanism.LAPLACE, 1000, bins):
        if name in SHAPES:
            e = errors(shape, bins)
            yield f"| {name} | {e.bin:.2f} | {e.four:.2f} | {e.day:.2f} | {e.running:.1f} | {e.mark:.2f} |"


def utility(sample: int, wrong: list[str]) -> tuple[list[str], list[Use]]:
    """How near the numbers are."""
    found = [use for town in (auckland(), melbourne()) for use in uses(town, sample)]
    lines = ["| counts | ε | hours ≥ 200: median | 9 of 10 | days: median | 9 of 10 | 90 % intervals hold |",
             "| --- " * 7 + "|"]  # fmt: skip
    for u in found:
        covered = " / ".join(f"{share:.1%}" for share in (u.covered_bin, u.covered_hour, u.covered_day))
        spans = " | ".join(f"{v:.2%}" for v in (u.hour, u.hour_90, u.day, u.day_90))
        lines.append(f"| {u.town} | {u.epsilon:g} | {spans} | {covered} |")
        if u.epsilon == 1 and (u.hour > LEAST_HOUR or u.day > LEAST_DAY):
            wrong.append(f"{u.town}: {u.hour:.2%} of an hour, {u.day:.2%} of a day at ε = 1")
        if min(u.covered_bin, u.covered_hour, u.covered_day) < 0.9 - 3 * (0.09 / u.days) ** 0.5:
            wrong.append(f"{u.town}: intervals at ε = {u.epsilon:g} hold {covered}")
    return lines, found


def main() -> int:
    """Runs all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000_000, help="Draws against theory.")
    parser.add_argument("--days", type=int, default=366, help="Days of the simulated year.")
    parser.add_argument("--sample", type=int, default=800, help="Days of each town for utility.")
    parser.add_argument("--only", action="append", choices=["noise", "shapes", "utility", "year"], help="Not all.")
    parser.add_argument("--out", type=Path, help="Where to write release.json and utility.svg.")
    options = parser.parse_args()
    wrong: list[str] = []
    about = f"{datetime.now(UTC):%Y-%m-%d}, {processor()}"
    tables = [[about]]
    parts = options.only or ["noise", "shapes", "utility", "year"]
    if "shapes" in parts:
        tables += [[*shapes(96)], [*shapes(24)], [*shapes(384)]]
    used, uses_ = utility(options.sample, wrong) if "utility" in parts else ([], [])
    years = [year(options.days), year(SHOWN, OpenDpNoise())] if "year" in parts else []
    for y in years:
        tables.append(_of_year(y))
        wrong += [] if y.within == y.releases and y.same else [f"the year with noise by {y.noise}"]
    drawn, fitted = noise(options.draws, wrong) if "noise" in parts else ([], [])
    sys.stdout.write("\n\n".join("\n".join(table) for table in [*tables, used, drawn] if table) + "\n")
    if options.out:
        write(options.out, about, uses_, fitted, [asdict(y) for y in years])
    sys.stdout.write("".join(f"WRONG: {line}\n" for line in wrong))
    return 1 if wrong else 0


def _of_year(y: Year) -> list[str]:
    return [
        f"{y.releases} releases with noise by {y.noise}: {y.within} within OpenDP's map (at most {y.most:.15f} of "
        f"what was charged), {y.acts} acts, replay {'exact' if y.same else 'DIFFERS'}",
        f"{y.day_s * 1000:.0f} ms a camera's day{f'; a folder of {y.bytes >> 20} MiB' if y.bytes else ''}",
        *(f"- {line}" for line in y.checked),
    ]


def write(folder: Path, about: str, found: list[Use], fitted: Any, years: Any) -> None:
    """The figures, and the plot of the documents."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "release.json"
    content = json.loads(path.read_text()) if path.is_file() else {}
    made = {"utility": [asdict(u) for u in found], "noise": fitted, "year": years}
    content |= {"where": about, **{name: part for name, part in made.items() if part}}
    path.write_text(json.dumps(content, indent=1) + "\n")
    if not found:
        return
    towns = dict.fromkeys(u.town for u in found)
    lines = {f"{t}, hours ≥ 200": [100 * u.hour for u in found if u.town == t] for t in towns}
    lines |= {f"{t}, days": [100 * u.day for u in found if u.town == t] for t in towns}
    title = "Median relative error of released numbers, by ε for one passage and day"
    (folder / "utility.svg").write_text(curves(Plot(title, " %", 10, 0.001), EPSILONS, lines))


if __name__ == "__main__":
    sys.exit(main())
