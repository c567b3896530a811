"""What leak tests share: the yardstick beside the test data."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def yardstick(data_dir: Path) -> Any:
    path = data_dir.parent / "tools" / "leak.py"
    if not path.is_file():
        pytest.skip(f"no yardstick at {path}")
    spec = importlib.util.spec_from_file_location("leak_yardstick", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool
