"""The document's table of states is the code's, and its sample is what its ledger gives."""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.charter.matter import kit

from passerby.charter.report.report import compute, parse, refute
from passerby.ledger.verify import Trust, parse_vkey

ROOT = Path(__file__).resolve().parents[4]
DOCS = ROOT / "docs"


def table() -> str:
    rows = ["| kind | state | takes |", "| --- | --- | --- |"]
    for kind, module in kit.KINDS.items():
        flow = module.FLOW  # type: ignore[attr-defined]
        for state in module.State:  # type: ignore[attr-defined]
            takes = [f"{e.value} → {flow.steps[state, e].value}" for e in flow.open_to(state)]
            told = [t if not t.endswith(f" → {state.value}") else t.split(" ")[0] for t in takes]
            rows.append(f"| {kind.value} | {state.value} | {', '.join(told) or '–'} |")
    return "\n".join(rows)


def test_states_are_those_of_the_code() -> None:
    text = (DOCS / "charter-cases.md").read_text()
    found = re.search(r"<!-- states -->\n(.*?)\n?<!-- /states -->", text, re.DOTALL)
    assert found
    assert found[1] == table(), "write this table into docs/charter-cases.md:\n" + table()


def test_every_test_that_is_named_exists() -> None:
    text = (DOCS / "charter-cases.md").read_text()
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    names = set(re.findall(r"`[^`]*?(test_[a-z_0-9]+)(?:…|`| )", text)) - {"test_"}
    assert len(names) > 15
    missing = [n for n in names if f"def {n}" not in tests and not list((ROOT / "tests").rglob(f"{n}.py"))]
    assert missing == []


def test_the_sample_is_what_its_ledger_gives() -> None:
    folder = DOCS / "sample-report"
    claimed = parse((folder / "report.json").read_bytes())
    key = parse_vkey((folder / "ledger" / "log.vkey").read_text().strip())

    def read(path: str) -> bytes | None:
        whole = folder / "ledger" / path
        return whole.read_bytes() if whole.is_file() else None

    assert refute(claimed, compute(read, Trust([key]), claimed.begins, claimed.ends)) == []
