"""docs/access.md says what the code does."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

READ = "import rights; print(rights.written(rights.TARGET.read_text('utf-8')), end='')"


def test_the_tables_are_those_of_the_code() -> None:
    """Fails when roles, rights or addresses have changed: run scripts/rights.py."""
    made = subprocess.run(
        [sys.executable, "-c", READ], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    assert made.stdout == (ROOT / "docs" / "access.md").read_text("utf-8")
