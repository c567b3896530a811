"""Complaints and requests: kept, told, answered with a receipt; and whatever somebody sends instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.server.public.city import FREE, GATE, PIER, City, asked, caught_up, soon

from passerby.archive.folder import Layout
from passerby.charter.matter.complaint import Event, go_on
from passerby.charter.matter.record import Kind, Told
from passerby.office import matters
from passerby.office.desk import open_desk
from passerby.server.limits import Rate
from passerby.store.acts import ActQueue

WINDOW: dict[str, Any] = {"text": "The camera at the pier looks into my window.", "camera": PIER}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def web(town: City) -> Iterator[httpx.Client]:
    with asked(town) as client:
        yield client


def waiting(city: City) -> list[dict[str, Any]]:
    return [dict(act) for act in ActQueue(Layout(city.office).acts).waiting()]


def test_a_complaint_is_told_before_its_receipt_is_handed_out(town: City, web: httpx.Client) -> None:
    answer = web.post("/api/v1/complaints", json=WINDOW | {"reach": "flat 4"})
    assert answer.status_code == 201
    receipt = answer.json()
    told = [act for act in waiting(town) if receipt["number"] in (act.get("case"), act.get("subject"))]
    assert [act["act"] for act in told] == ["case", "complaint", "due"]
    words = "Camera: pier-3\nTo answer: flat 4\n\nThe camera at the pier looks into my window."
    assert receipt["words"] == words
    assert told[1]["content"] == receipt["content"]
    assert sha256(bytes.fromhex(receipt["secret"]) + words.encode()).hexdigest() == receipt["content"]
    assert receipt["due"] > receipt["at"]


def test_a_receipt_shows_state_clock_and_letters_and_nobody_else_sees_them(town: City, web: httpx.Client) -> None:
    receipt = web.post("/api/v1/complaints", json={"text": "why?"}).json()
    address, shown = f"/api/v1/receipts/{receipt['number']}", {"x-receipt": receipt["secret"]}
    found = web.get(address, headers=shown).json()
    assert (found["state"], found["overdue"], found["entry"]) == ("received", False, None)
    for number, secret in (
        (receipt["number"], "0" * 64), ("0" * 64, receipt["secret"]), (receipt["number"], receipt["number"]),
    ):  # fmt: skip
        refused = web.get(f"/api/v1/receipts/{number}", headers={"x-receipt": secret})
        assert (refused.status_code, refused.json()["title"]) == (404, "there is no such receipt")
    assert web.get(address).status_code == 422
    by = "p-" + "a" * 32
    with open_desk(town.office) as desk:
        office = desk.office

        def step(event: Event, letter: bytes) -> None:
            told = Told(desk.clock(), why=bool(letter))
            entry = matters.Entry(told.at, event.value, by, "", letter or None, b"s" * 32 if letter else None)
            matters.go_on(
                desk.store, receipt["number"], lambda held: go_on(held, event, told, office.complaint, office.calendar),
                entry, lambda count: b"r" * count,
            )  # fmt: skip

        step(Event.LOOK_INTO, b"")
        step(Event.UPHOLD, b"You are right: we turn it away.")
    found = web.get(address, headers=shown).json()
    assert found["state"] == "upheld" and found["over"] > 0
    assert [e["letter"] for e in found["events"]] == ["", "", "You are right: we turn it away."]
    town.deliver()
    caught_up(web, 1)
    soon(lambda: web.get(address, headers=shown).json()["entry"] is not None)
    with open_desk(town.office) as desk:
        matters.forget(desk.store, receipt["number"], by, desk.clock())
    found = web.get(address, headers=shown).json()
    assert found["state"] == "upheld" and not any(e["letter"] for e in found["events"])


def test_a_request_names_a_time_and_follows_the_office_s_law(web: httpx.Client) -> None:
    asked_for = {"text": "All of me", "camera": GATE, "when": "2026-11-03, about noon"}
    receipt = web.post("/api/v1/requests", json=asked_for).json()
    assert receipt["kind"] == "request"
    assert receipt["words"] == "Camera: gate-1\nWhen: 2026-11-03, about noon\n\nAll of me"


BAD: tuple[Any, ...] = (
    {}, {"text": ""}, {"text": "   \n "}, {"text": 7}, {"text": None}, [], "text", {"text": "x", "camera": "../x"},
    {"text": "x", "camera": "nobody"}, {"text": "x", "reach": "y" * 201}, {"text": "x", "reach": "two\nlines"},
    {"text": "a\x00b"}, {"text": "turn\u202eround"}, {"text": "z" * 20_001},
)  # fmt: skip


@pytest.mark.parametrize("given_", BAD, ids=lambda value: repr(value)[:20])
def test_what_is_no_complaint_is_refused_with_its_reason(town: City, web: httpx.Client, given_: Any) -> None:
    before = len(waiting(town))
    answer = web.post("/api/v1/complaints", content=json.dumps(given_).encode())
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["title"]
    assert len(waiting(town)) == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b'{"text":', b"[" * 50_000, b"null", b'{"text":"\\ud800"}']
)
def test_what_is_no_json_is_refused(web: httpx.Client, content: bytes) -> None:
    answer = web.post("/api/v1/complaints", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_too_large_is_refused_however_it_comes(web: httpx.Client) -> None:
    large = json.dumps({"text": "x" * 200_000}).encode()
    assert web.post("/api/v1/complaints", content=large).status_code == 413

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(large), 10_000):
            yield large[at : at + 10_000]

    assert web.post("/api/v1/complaints", content=pieces()).status_code == 413


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn")), min_size=1, max_size=300)


@settings(max_examples=25)
@given(TEXTS.filter(lambda text: bool(text.strip())))
def test_whatever_was_said_is_what_was_hashed(web: httpx.Client, text: str) -> None:
    answer = web.post("/api/v1/complaints", json={"text": text})
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert sha256(bytes.fromhex(receipt["secret"]) + receipt["words"].encode()).hexdigest() == receipt["content"]


def test_no_more_than_a_few_from_one_address(tmp_path: Path) -> None:
    city = City(tmp_path)
    with asked(city, rates=replace(FREE, forms=Rate(1 / 60, 3))) as client:
        answers = [client.post("/api/v1/complaints", json={"text": "x"}) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
        assert 50 < int(answers[-1].headers["retry-after"]) <= 60
        # Reading goes on.
        assert client.get("/api/v1/register/about").status_code == 200
    with open_desk(city.office) as desk:
        assert len(matters.all_matters(desk.store, Kind.COMPLAINT)) == 3


def test_an_office_without_a_desk_takes_nothing_and_says_where_to_write(tmp_path: Path) -> None:
    city = City(tmp_path)
    (city.office / "office.toml").unlink()
    with asked(city) as client:
        assert client.get("/api/v1/register/about").json()["forms"] is None
        answer = client.post("/api/v1/complaints", json={"text": "x"})
        assert answer.status_code == 503 and "write to" in answer.json()["detail"]
