"""The client against the real server; and, where a server must misbehave, against one that does so on purpose."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.server.public.city import GATE, PIER, US, City, caught_up, open_room, served

from passerby.archive.folder import Layout
from passerby.base.errors import ApiAway, ApiRefused
from passerby.client import Client
from passerby.client.events import news_of
from passerby.store.counts import Count, add_counts
from passerby.store.migrate import open_store


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, str, str]]:
    city = City(tmp_path_factory.mktemp("asked"))
    with open_room(city.data) as room, served(city.app(room)) as address:
        import httpx

        with httpx.Client(base_url=address) as client:
            caught_up(client)
        yield city, address, city.key(room)["authorization"].removeprefix("Bearer ")


def test_what_everybody_may_read(place: tuple[City, str, str]) -> None:
    city, address, _ = place
    with Client(address) as api:
        assert api.about().site == city.site.root.site
        assert [camera.id for camera in api.register(limit=1)] == [GATE, PIER]
        assert [camera.id for camera in api.register(q="gate-1")] == [GATE]
        assert sum(mark.count for mark in api.map((114.0, 22.0, 115.0, 23.0), 5).items) == 2
        assert api.registered(PIER).permit is not None
        assert [v.step for v in api.history(PIER)] == ["add"]
        assert api.proof(PIER).proof is not None
        assert api.sign(PIER, "sticker").startswith(b"%PDF")
        assert list(api.plans()) == []
        (month, year) = api.reports()
        assert api.report(month.id).lines == api.report(year.id).lines
        assert api.ledger("checkpoint").startswith(city.site.root.site.encode())


def test_a_second_time_nothing_is_sent_but_that_it_is_the_same(place: tuple[City, str, str]) -> None:
    _, address, _ = place
    with Client(address) as api:
        first = api.registered(PIER)
        assert api._asking._kept and api.registered(PIER) == first


def test_receipts(place: tuple[City, str, str]) -> None:
    _, address, _ = place
    with Client(address) as api:
        receipt = api.complain("It looks into my window.", PIER)
        assert sha256(bytes.fromhex(receipt.secret) + receipt.words.encode()).hexdigest() == receipt.content
        assert api.receipt(receipt.number, receipt.secret).state == "received"
        assert api.ask("All of me", when="noon").kind == "request"
        with pytest.raises(ApiRefused, match="no such receipt") as refused:
            api.receipt(receipt.number, "0" * 64)
        assert refused.value.status == 404
        with pytest.raises(ApiRefused, match="not registered"):
            api.complain("x", "nobody")


def test_what_needs_a_key(place: tuple[City, str, str]) -> None:
    _, address, key = place
    with Client(address) as api, pytest.raises(ApiRefused) as refused:
        api.cameras()
    assert (refused.value.status, refused.value.kind) == (401, "sign-in")
    with Client(address, key) as api:
        assert {camera.id for camera in api.cameras()} == {GATE, PIER}
        assert api.camera(PIER).health is not None
        assert api.counts(PIER).recent and api.places(PIER).zones == [] and api.alerts(PIER).alerts == []


def test_a_name_leads_nowhere_else(place: tuple[City, str, str]) -> None:
    _, address, _ = place
    with Client(address) as api:
        for name in ("../about", "a/b", "..%2f", "?x=1", "#", ""):
            with pytest.raises(ApiRefused):
                api.registered(name)


def test_events_as_they_happen(place: tuple[City, str, str]) -> None:
    city, address, key = place
    with Client(address, key) as api, open_store(Layout(city.data).database, time.time) as store:
        news = api.events()
        assert {next(news).camera, next(news).camera} == {GATE, PIER}
        time.sleep(0.6)  # the server has begun to look for what is new
        add_counts(store, Count(GATE, int(time.time()) * US, 23, 20, 30, 0), mosaic=False)
        found = next(item for item in news if item.kind == "counts")
        assert found.camera == GATE and getattr(found.content, "people", 0) == 23
        news.close()


class Odd(BaseHTTPRequestHandler):
    """Answers what it was told to, in order; then 404."""

    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        status, headers, body = self.answers.pop(0) if self.answers else (404, {}, b"")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[tuple[type[Odd], str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Odd.answers, Odd.asked = [], []
    yield Odd, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


PLANS = b'{"items":[],"next":null,"total":0}'


def test_it_waits_as_long_as_it_is_told(odd: tuple[type[Odd], str]) -> None:
    handler, address = odd
    waited: list[float] = []
    handler.answers = [(429, {"retry-after": "7"}, b""), (503, {}, b"busy"), (200, {}, PLANS)]
    with Client(address, sleep=waited.append) as api:
        assert list(api.plans()) == []
    assert waited == [7.0, 1.0]


def test_patience_ends(odd: tuple[type[Odd], str]) -> None:
    handler, address = odd
    waited: list[float] = []
    handler.answers = [(503, {"retry-after": "20"}, b"")] * 9
    with Client(address, sleep=waited.append, patience_s=50) as api, pytest.raises(ApiRefused) as refused:
        list(api.plans())
    assert waited == [20.0, 20.0] and refused.value.status == 503
    handler.answers = [(429, {"retry-after": "86400"}, b"")]
    with Client(address, sleep=waited.append) as api, pytest.raises(ApiRefused):
        list(api.plans())


def test_what_is_sent_is_sent_once(odd: tuple[type[Odd], str]) -> None:
    handler, address = odd
    handler.answers = [(503, {}, b"")]
    with Client(address, sleep=lambda _: None) as api:
        with pytest.raises(ApiRefused):
            api.complain("x")
        assert len(handler.asked) == 1
        # A server that names a time has taken nothing.
        handler.answers = [(429, {"retry-after": "1"}, b""), (422, {}, b'{"title":"no"}')]
        with pytest.raises(ApiRefused, match=r"^no$"):
            api.complain("x")
        assert len(handler.asked) == 3


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"items":7,"next":1,"total":"x"}', b"<html>"])
def test_an_answer_that_is_none_is_one_clear_line(odd: tuple[type[Odd], str], body: bytes) -> None:
    handler, address = odd
    handler.answers = [(200, {}, body)]
    with Client(address) as api, pytest.raises(ApiAway, match="can't be read"):
        list(api.plans())
    handler.answers = [(500, {}, body)]
    with Client(address) as api, pytest.raises(ApiRefused, match="500"):
        list(api.plans())


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "nonsense", "ftp://x.example", "http://", "http://[::1"])
def test_nobody_there(address: str) -> None:
    waited: list[float] = []
    with pytest.raises(ApiAway), Client(address, sleep=waited.append, patience_s=2) as api:
        api.about()
    assert sum(waited) <= 2


@given(st.lists(st.text(max_size=40).filter(lambda line: "\n" not in line and "\r" not in line), max_size=20))
def test_a_stream_of_anything_gives_news_or_an_error(lines: list[str]) -> None:
    try:
        list(news_of(lines))
    except ApiAway as error:
        assert "version" in str(error)


def test_news_in_pieces() -> None:
    said = (
        'retry: 1000||: still here||event: gone|data: "a"||event: new-kind|data: {}||event: counts|'
        'data: {"camera":"a","time":1,|data: "people":2,"low":1,"high":3,"vehicles":0}|'
    )
    lines = said.split("|")
    found = list(news_of(lines))
    assert [(n.kind, n.camera) for n in found] == [("gone", "a"), ("counts", "a")]
    with pytest.raises(ApiAway):
        list(news_of(["event: counts", "data: {}", ""]))
