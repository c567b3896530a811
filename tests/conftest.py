"""What all tests share: where the test data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the test data: ``PASSERBY_DATA``, else ``../shared/data``. Absent: a skip, but a failure in CI."""
    folder = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        reason = f"no test data in {folder}: set PASSERBY_DATA to their folder"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
