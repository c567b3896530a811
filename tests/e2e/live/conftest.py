"""Clips and cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.clips import noise_clip
from tests.e2e.live.camera import RtspCamera


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_clip(tmp_path_factory.mktemp("live") / "noise.mp4", frames=100, seed=5)


@pytest.fixture
def camera(clip: Path) -> Iterator[RtspCamera]:
    camera = RtspCamera(clip)
    camera.start()
    yield camera
    camera.stop()
