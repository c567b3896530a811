"""The whole interface against its own description, with requests that a machine made up (schemathesis).

For a few seconds in the suite; `PASSERBY_API_EXAMPLES=200` for as long as a soak may take.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.unit.server.public.city import City, open_room, served

EXAMPLES = int(os.environ.get("PASSERBY_API_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
# A stream that never ends; and the way out, after which nothing more would be tried.
LEFT_OUT = ("/api/v1/events",)
# Refused with 503 on purpose, where it is described so.
AWAY = 503


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    city = City(tmp_path_factory.mktemp("tried"))
    with open_room(city.data) as room, served(city.app(room)) as address:
        yield address, city.key(room)


@pytest.mark.parametrize("signed_in", [False, True], ids=["anybody", "with a key"])
def test_no_answer_is_an_error_of_ours_or_differs_from_the_description(
    place: tuple[str, dict[str, str]], signed_in: bool
) -> None:
    address, key = place
    headers = {"x-passerby": "1"} | (key if signed_in else {})
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in LEFT_OUT:
            continue
        tried += 1
        _try(operation, headers)
    assert tried > 40


def _try(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES < 50,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=NEGATIVE)))
    def tried(case: Any) -> None:
        answer = case.call(headers=headers)
        if answer.status_code == AWAY:
            assert answer.headers["content-type"][0] == "application/problem+json"
            return
        case.validate_response(answer, checks=CHECKS, headers=headers)

    tried()


NEGATIVE = schemathesis.GenerationMode.NEGATIVE
