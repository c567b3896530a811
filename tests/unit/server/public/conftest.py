"""One city for tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tests.unit.server.public.city import City, asked


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="session")
def client(city: City) -> Iterator[httpx.Client]:
    with asked(city) as client:
        yield client
