"""Attacks published flows: `make bench-release`, or `python -m bench.attacks [--tries N] [--out FOLDER]`.

Each attack is run on the counts as they are, on the counts without small numbers, and on what Passerby releases. On
raw and suppressed numbers it must win, or it is no attack; on released ones it must stay under its bound. Else the exit
code is 1.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.attacks.membership import Result, best_possible, knowing_all_others, knowing_nobody
from bench.attacks.others import averaging, differencing, reconstruction
from bench.attacks.towns import Town, auckland, melbourne
from bench.machine import processor
from bench.plots import Plot, grouped

EPSILON = 1.0
# On suppressed numbers these must win by so much, or the kit is broken.
LEAST = {
    "membership, all others known": 0.5,
    "membership, all others known, hours only": 0.5,
    "differencing": 0.5,
    "reconstruction of small counts": 0.5,
}


def run(town: Town, size: int) -> list[Result]:
    """All attacks on one town."""
    return [
        *knowing_all_others(town, EPSILON, size),
        *knowing_all_others(town, EPSILON, size, hourly=True),
        best_possible(town, EPSILON, 20 * size),
        best_possible(town, EPSILON, 5 * size, passages=5),
        *knowing_nobody(town, EPSILON, 1, size),
        *knowing_nobody(town, EPSILON, 20, size),
        *differencing(town, EPSILON, size),
        *averaging(town, EPSILON, 100, size),
        *reconstruction(town, EPSILON, size // 20),
    ]


def faults(results: list[Result]) -> list[str]:
    """What is not as it must be."""
    over = [f"{r.attack} on {r.town}: {r.advantage:.3f} is over {r.bound:.3f}" for r in results if not r.holds]
    weak = [r for r in results if r.seen == "suppressed" and r.advantage < LEAST.get(r.attack, -1)]
    return [*over, *(f"{r.attack} on {r.town} wins too little on suppressed numbers: the kit is broken" for r in weak)]


def table(results: list[Result]) -> str:
    """As Markdown."""
    lines = [
        "| attack | counts | raw | suppressed below 10 | released, ε = 1 | bound |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for attack, town in dict.fromkeys((r.attack, r.town) for r in results):
        mine = {r.seen: r for r in results if (r.attack, r.town) == (attack, town)}
        shown = [f"{mine[s].advantage:.3f}" if s in mine else "–" for s in ("raw", "suppressed", "released")]
        if fresh := mine.get("noise fresh at each answer"):
            shown[1] = f"– (fresh noise: {fresh.advantage:.3f})"
        bound = mine["released"].bound if "released" in mine else None
        lines.append(f"| {attack} | {town} | {' | '.join(shown)} | {'–' if bound is None else f'{bound:.3f}'} |")
    return "\n".join(lines)


def plot(results: list[Result]) -> str:
    """As bars, for the attacks that are run on all three."""
    whole = [
        a for a in dict.fromkeys(r.attack for r in results) if {r.seen for r in results if r.attack == a} >= {"raw"}
    ]
    towns = list(dict.fromkeys(r.town for r in results))
    groups = [(a, t) for a in whole for t in towns]
    by = {(r.attack, r.town, r.seen): r for r in results}
    seen = ("raw", "suppressed", "released")
    series = {s: [by[a, t, s].advantage for a, t in groups] for s in seen}
    bounds = [by[a, t, "released"].bound or math.nan for a, t in groups]
    names = [f"{_short(a)}\n{t}" for a, t in groups]
    title = "What an attack gains over a coin; dashed: the bound for what is released"
    return grouped(Plot(title, "", 1.0), names, series, bounds)


_SHORT = {
    "hours only": "all known,\nhours only",
    "all others known": "all others\nknown",
    "nothing known, 1 passages": "nothing\nknown, 1",
    "nothing known, 20 passages": "nothing\nknown, 20",
    "reconstruction": "recon-\nstruction",
    "differencing": "differ-\nencing",
}


def _short(attack: str) -> str:
    return next(short for part, short in _SHORT.items() if part in attack)


def main() -> int:
    """Runs them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=2000, help="Of each attack.")
    parser.add_argument("--out", type=Path, help="Where to write attacks.json and attacks.svg.")
    options = parser.parse_args()
    begun = time.monotonic()
    results = [r for town in (auckland(), melbourne()) for r in run(town, options.tries)]
    where = f"{datetime.now(UTC):%Y-%m-%d}, {processor()}, {time.monotonic() - begun:.0f} s, {options.tries} tries"
    sys.stdout.write(f"{table(results)}\n\n{where}\n")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        rows = [{name: getattr(r, name) for name in Result.__slots__} for r in results]
        (options.out / "attacks.json").write_text(json.dumps({"where": where, "results": rows}, indent=1) + "\n")
        (options.out / "attacks.svg").write_text(plot(results))
    wrong = faults(results)
    sys.stdout.write("".join(f"WRONG: {line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
