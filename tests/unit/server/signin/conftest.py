"""Each test has a town of its own: they change who may what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.server.town import Town, town

from passerby.server.names import Names


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as built:
        yield built


@pytest.fixture
def reached(tmp_path: Path) -> Iterator[Town]:
    """One that other machines reach, over TLS."""
    with town(tmp_path, Names(frozenset({"cameras.example"}), secure=True)) as built:
        yield built
