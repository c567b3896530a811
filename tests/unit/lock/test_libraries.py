"""PyAV, OpenCV, NumPy and OpenVINO work behind the lock exactly as before it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.unit.lock.programs import ENVIRONMENT, ROOT

from passerby.lock.spawn import ENVIRONMENT as CLEAN


@pytest.mark.parametrize("kind", ["kill", "strict"])
def test_same_work_before_and_after(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.lock.pipeline", kind],
        capture_output=True, cwd=ROOT, timeout=120, check=False, env={**ENVIRONMENT, **CLEAN},
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr.decode())
    said = json.loads(done.stdout)
    assert said["before"] == said["after"]
    assert said["after"][0] == said["after"][1] == 12
    # Without writable code the model was not compiled to any, and freezing it would be untested.
    assert said["frozen"] > 0 or not said["model"]
