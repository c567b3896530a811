"""What all tests share: where the test data lies, and databases of both kinds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A PostgreSQL server for the session, or this worker's part of it (`tests.postgres.Cluster`)."""
    from tests.postgres import cluster_or_skip

    cluster = cluster_or_skip()
    yield cluster
    cluster.close()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Path]]:
    """Makes a test run with both databases: call it with the SQLite file's path before anything opens it.

    For PostgreSQL it makes a new database, and the file that names it; gives the path back.
    """
    made = list[str]()

    def place(path: Path) -> Path:
        if request.param == "postgres":
            from passerby.store.postgres import put_address

            made.append(request.getfixturevalue("postgres").new())
            put_address(path, made[-1])
        return path

    yield place
    for address in made:
        request.getfixturevalue("postgres").drop(address)
