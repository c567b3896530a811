"""The examples of docs/api.md, run as they stand there, against the real server."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import httpx
import pytest
from tests.unit.server.public.city import City, caught_up, open_room, served

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
ADDRESS, KEY = "https://register.example.org", "pk_…"


def test_the_examples_of_the_documentation_run(tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(examples) >= 4
    city = City(tmp_path)
    said = io.StringIO()
    with open_room(city.data) as room, served(city.app(room)) as address:
        with httpx.Client(base_url=address) as client:
            caught_up(client)
        key, names = city.key(room)["authorization"].removeprefix("Bearer "), dict[str, object]()
        with contextlib.redirect_stdout(said):
            for example in examples:
                assert ADDRESS in example or "Client" not in example
                exec(compile(example.replace(ADDRESS, address).replace(KEY, key), str(PAGE), "exec"), names)
    for word in ("demo.passerby", "pier-3 Pier 3, landing proposed", "do not run here", "received", "state"):
        assert word in said.getvalue(), word


@pytest.mark.parametrize("name", ["test_a_stranger_checks_a_permit_by_the_documented_bytes_alone"])
def test_the_tests_it_names_are_there(name: str) -> None:
    assert name in PAGE.read_text("utf-8")
    assert f"def {name}(" in (PAGE.parents[1] / "tests/unit/server/public/test_register.py").read_text("utf-8")
