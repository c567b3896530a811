"""What a long run has come to so far, as a table: `python -m bench.soak out/soak.jsonl`.

`make soak` writes a line for each kill, each fault and each look at memory as they happen, so a run that was cut off
can be read, too.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

HELD = ("processes", "descriptors", "memory_mib")


def table(lines: Iterable[dict[str, Any]]) -> str:
    """Rounds, first and last day, seconds until it was well again (median, most), what was held at first and last."""
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        runs[line["what"]].append(line)
    out = [
        "| what | times | from, to | well again: median, most | held at first, at last |",
        "| --- | --- | --- | --- | --- |",
    ]
    for what, rows in sorted(runs.items()):
        again = [row["again_s"] for row in rows if "again_s" in row]
        well = f"{median(again):.1f} s, {max(again):.1f} s" if again else "–"
        held = [_held(row) for row in rows if "memory_mib" in row]
        kept = f"{held[0]}, {held[-1]}" if held else "–"
        out.append(f"| {what} | {len(rows)} | {rows[0]['at'][:16]}, {rows[-1]['at'][:16]} | {well} | {kept} |")
    return "\n".join(out)


def _held(row: dict[str, Any]) -> str:
    return "{} processes {} descriptors {:.0f} MiB".format(*(row[name] for name in HELD))


def main(path: Path) -> None:
    """Print it."""
    print(table(json.loads(line) for line in path.read_text("utf-8").splitlines()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
