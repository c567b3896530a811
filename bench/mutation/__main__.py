"""How many small changes of ledger and charter the tests notice.

    python -m bench.mutation [--count 300] [--seed 1] [--jobs 2] [--out docs/mutation.json] [MODULE …]

A seeded sample of the possible changes in each module; where there are fewer, all of them. A change that the tests
don't notice is a survivor. Survivors are never counted as noticed; those that `explained.toml` gives a reason for (no
input shows the change, or only words change) are counted apart.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import random
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from bench.mutation.changes import Change, changed, mutations
from bench.mutation.trial import ROOT, Bench

TESTS = {
    "merkle": ["test_merkle"],
    "note": ["test_note"],
    "checkpoint": ["test_checkpoint", "test_detection"],
    "policy": ["test_policy"],
    "verify": ["test_checkpoint", "test_note", "test_policy", "test_merkle", "test_detection"],
}
CHARTER = {
    "gate": ["test_decide", "test_ruling", "test_gate", "test_gate_document"],
    "site_permit": ["test_site_permit", "test_document", "test_gate"],
    "root": ["test_root_bounds", "test_document", "test_changes", "test_gate"],
    "keys": ["test_keys", "test_changes", "test_document", "test_gate", "test_root_bounds"],
    "changes": ["test_changes", "test_gate"],
    "differences": ["test_changes"],
    "facts": ["test_gate"],
    "proofs": ["test_gate"],
    "document": ["test_document"],
    "ruling": ["test_ruling"],
}
JUDGED = [*TESTS, "gate", "site_permit", "root"]  # what is run where nothing is named, and has a target
LONG = "not every_byte and not all_dimensions and not every_combination"  # left out: a run of them takes half a minute
UNCHANGED = "0: unchanged"
TARGETS = {"ledger": 0.90, "charter": 0.95}


def run(module: str, count: int, seed: int, jobs: int) -> dict[str, object]:
    """Try a sample of the changes of one module."""
    room = "charter" if module in CHARTER else "ledger"
    path = ROOT / "src" / "passerby" / room / f"{module}.py"
    source = path.read_text()
    whole, lines = ast.parse(source), source.splitlines()
    every = mutations(whole)
    sample = random.Random(seed).sample(every, min(count, len(every)))
    files = [ROOT / "tests" / "unit" / room / f"{name}.py" for name in (TESTS | CHARTER)[module]]
    bench = Bench(f"passerby.{room}.{module}", path, files, LONG if room == "charter" else "")
    begun, survivors = time.monotonic(), list[tuple[int, str]]()

    def finish() -> None:
        label, survived = bench.wait()
        line, _, what = label.partition(": ")
        if label == UNCHANGED and not survived:
            raise RuntimeError(f"the tests of {module} fail without any change: what they noticed before means nothing")
        if survived and label != UNCHANGED:
            survivors.append((int(line), what))
            sys.stdout.write(f"{module} survived {label}\n")
            sys.stdout.flush()

    for done, change in enumerate(sorted(sample), 1):
        bench.start(f"{change[0]}: {change[1]}", changed(whole, *change[2:]))
        if bench.busy >= jobs:
            finish()
        if done % 50 == 0 or done == len(sample):  # that a busy machine alone fails no test
            bench.start(UNCHANGED, None)
            if bench.busy >= jobs:
                finish()
            sys.stdout.write(f"{module}: {done} of {len(sample)}, {len(survivors)} survived\n")
            sys.stdout.flush()
    while bench.busy:
        finish()
    told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine(), "seed": seed}
    return told | _result(module, every, len(sample), sorted(survivors), lines) | {
        "target": TARGETS[room], "endless": bench.endless, "seconds": round(time.monotonic() - begun)
    }  # fmt: skip


def _result(
    module: str, every: list[Change], tried: int, survivors: list[tuple[int, str]], lines: list[str]
) -> dict[str, object]:
    reasons = _reasons(module)
    explained, unexplained = list[dict[str, str]](), list[str]()
    for number, what in survivors:
        line = lines[number - 1].strip() if number else ""
        if why := reasons.get((line, what)):
            explained.append({"line": f"{number}: {line}", "change": what, "why": why})
        else:
            unexplained.append(f"{number}: {line} | {what}")
    killed = tried - len(survivors)
    return {
        "possible": len(every), "tried": tried, "killed": killed, "explained": len(explained),
        "unexplained": len(unexplained), "share": round(killed / tried, 4),
        "why they survive": explained, "survivors not explained": unexplained,
    }  # fmt: skip


def _reasons(module: str) -> dict[tuple[str, str], str]:
    """Why a change survives, by the line it is made in and what it is."""
    known = tomllib.loads(Path(__file__).with_name("explained.toml").read_text())["survivor"]
    return {(e["line"], change): e["why"] for e in known if e["module"] == module for change in e["changes"]}


def _keep(out: Path, module: str, found: dict[str, object]) -> None:
    """Put a module's figures into the file, in place of its earlier ones; those of other modules stay."""
    kept = json.loads(out.read_text()) if out.exists() else {}
    out.write_text(json.dumps(kept | {module: found}, indent=1, ensure_ascii=False) + "\n")


def _machine() -> str:
    model = next((x for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")), "")
    return f"{len(os.sched_getaffinity(0))} cores, {model.partition(': ')[2] or platform.machine()}"


def main() -> None:
    """Run the modules, print a table, and fail where a share is below its target."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    os.chdir(ROOT)
    os.environ["PASSERBY_UNIT_PROFILE"] = "mutation"
    results = dict[str, dict[str, object]]()
    for module in asked.modules or JUDGED:
        results[module] = run(module, asked.count, asked.seed, asked.jobs)
        if asked.out:
            _keep(asked.out, module, results[module])
    head = ("possible", "tried", "killed", "share", "target", "explained", "unexplained", "endless", "seconds")
    for module, found in results.items():
        sys.stdout.write(f"{module}: " + ", ".join(f"{what} {found[what]}" for what in head) + "\n")
    if any(found["share"] < found["target"] for found in results.values()):  # type: ignore[operator]
        sys.exit(1)


if __name__ == "__main__":
    main()
