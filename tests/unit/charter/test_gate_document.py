"""docs/gate.md shows the gate that the code is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from passerby.charter.standing import Reason

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "gate.md").read_text()


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("gate_doc", ROOT / "scripts" / "gate_doc.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.written(PAGE) == PAGE, "run python scripts/gate_doc.py"
    assert script.written(PAGE.replace("| revocation | revoked |", "| x |")) == PAGE
    assert all(f"| {reason.name} |" in PAGE for reason in Reason)


def test_the_tests_it_names_are_there() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_[a-z_0-9]+)`", PAGE))
    assert len(named) > 15
    assert {name for name in named if f"def {name}(" not in tests} == set()
