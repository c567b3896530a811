"""Conditional requests, packing, pages of lists, limits: over every public address."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers
from tests.unit.charter.register.samples import camera
from tests.unit.server.public.city import FREE, PIER, City, asked, open_room, served, soon

from passerby.charter.register.map import quad_of, tile_range
from passerby.office.book import open_book
from passerby.server.limits import Buckets, Rate, credential, network
from passerby.server.public.answers import accepts_gzip, matches
from passerby.server.public.cursors import cursor
from passerby.server.public.map import covering, merged

PUBLIC = (
    "/api/v1/register/about", "/api/v1/register/cameras", "/api/v1/register/map?box=-180,-85,180,85&zoom=3",
    f"/api/v1/register/cameras/{PIER}", f"/api/v1/register/cameras/{PIER}/history",
    f"/api/v1/register/cameras/{PIER}/proof", f"/api/v1/register/cameras/{PIER}/sign.pdf", "/api/v1/register/plans",
    "/api/v1/register/export.json", "/api/v1/register/export.csv", "/api/v1/reports",
)  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_what_has_not_changed_is_not_sent_again(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    etag = answer.headers["etag"]
    assert "public" in answer.headers["cache-control"]
    for given_ in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = client.get(path, headers={"if-none-match": given_})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag), given_
        assert "public" in again.headers["cache-control"]
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_answers_are_packed_for_who_takes_it(client: httpx.Client) -> None:
    path = f"/api/v1/register/cameras/{PIER}"
    with client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "accept-encoding"
    assert gzip.decompress(raw) == plain.content and len(raw) < len(plain.content)
    assert "content-encoding" not in plain.headers and answer.headers["etag"] == plain.headers["etag"]


@pytest.mark.parametrize(
    ("asked_for", "takes"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("", False), ("br", False), ("gzip;q=0", False),
     ("identity", False)],
)  # fmt: skip
def test_accept_encoding(asked_for: str, takes: bool) -> None:
    assert accepts_gzip(asked_for) is takes


@given(st.text(max_size=60))
def test_if_none_match_never_breaks(text: str) -> None:
    assert matches(text, 'W/"abc"') in (True, False)


def test_only_errors_of_this_form(client: httpx.Client) -> None:
    for path, status in (("/api/v1/nothing", 404), ("/api/v1/register/cameras?limit=0", 422), ("/ledger/../x", 404)):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.headers["cache-control"] == "no-store" and answer.json()["status"] == status


def test_the_ledger_s_files_are_those_of_its_folder(city: City, client: httpx.Client) -> None:
    folder = city.site.folder / "ledger"
    files = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")]
    assert len(files) > 4
    for name in files:
        answer = client.get(f"/ledger/{name}")
        assert answer.status_code == 200 and answer.content == (folder / name).read_bytes(), name
        assert ("immutable" in answer.headers["cache-control"]) == name.startswith(("tile/", "lists/"))
    for path in ("", "../keys/log.key", "%2e%2e/keys/log.key", "..%2fkeys%2flog.key", "tile/", "/etc/passwd", ".x"):
        assert client.get(f"/ledger/{path}").status_code == 404, path


def test_reports_are_those_of_the_command(city: City, client: httpx.Client) -> None:
    listed = client.get("/api/v1/reports").json()
    assert [item["kind"] for item in listed["items"]] == ["month", "year"] and not listed["items"][0]["over"]
    name = listed["items"][0]["id"]
    found = client.get(f"/api/v1/reports/{name}")
    assert found.json()["lines"]["acts.permit"] == 2 and found.json()["over"] is False
    page = client.get(f"/api/v1/reports/{name}.html")
    assert "unsafe" not in page.headers["content-security-policy"] and "PROVISIONAL" in page.text
    assert client.get(f"/api/v1/reports/{name}.pdf").content.startswith(b"%PDF")
    for other, status in (("1969", 404), ("2400", 404), ("0000", 404), ("2026-13", 422), ("x", 422)):
        assert client.get(f"/api/v1/reports/{other}").status_code == status, other


# Pages of lists.


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], httpx.Client]]:
    city = City(tmp_path_factory.mktemp("many"))
    with open_book(city.office, lambda: 2e9) as book:
        for number in range(30):
            # Names that many share, so that the order within a name decides, too.
            book.add(camera(id=f"cam-{number}", name=f"Corner {number % 3}", latitude_e6=22_000_000 + 1000 * number))
        names = sorted((held.entry.name, held.entry.id) for held in book.cameras())
    with asked(city) as client:
        soon(lambda: client.get("/api/v1/register/cameras").json()["total"] == len(names))
        yield [camera_id for _, camera_id in names], client


@settings(max_examples=15)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_pages_of_any_size_give_each_camera_once_in_order(
    many: tuple[list[str], httpx.Client], sizes: list[int]
) -> None:
    names, client = many
    seen: list[str] = []
    after: str | None = None
    for turn in range(100):
        asked_for = {"limit": sizes[turn % len(sizes)]} | ({"after": after} if after else {})
        found = client.get("/api/v1/register/cameras", params=asked_for).json()
        assert found["total"] == len(names) and 0 < len(found["items"]) <= asked_for["limit"]
        seen += [item["id"] for item in found["items"]]
        after = found["next"]
        if after is None:
            break
    assert seen == names


PARTS = st.lists(st.one_of(st.integers(), st.text(max_size=9)))
CURSORS = st.one_of(st.text(max_size=80), PARTS.map(lambda parts: cursor(*parts)))


@settings(max_examples=40)
@given(CURSORS)
def test_a_cursor_that_is_none_is_refused_or_leads_on(many: tuple[list[str], httpx.Client], after: str) -> None:
    _, client = many
    for path in ("/api/v1/register/cameras", "/api/v1/register/plans", f"/api/v1/register/cameras/{PIER}/history"):
        answer = client.get(path, params={"after": after})
        assert answer.status_code in (200, 422), answer.text


def test_each_camera_is_on_the_map_once_at_every_zoom(many: tuple[list[str], httpx.Client]) -> None:
    names, client = many
    for zoom in range(0, 23, 3):
        found = client.get("/api/v1/register/map", params={"box": "114,21.9,115,22.4", "zoom": zoom}).json()
        assert sum(mark["count"] for mark in found["items"]) == len(names) == found["total"]
        assert sum(sum(mark["phases"].values()) for mark in found["items"]) == len(names)


@given(
    st.floats(-180, 180), st.floats(-85, 85), st.floats(0, 200), st.floats(0, 100), st.integers(0, 22),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_ranges_cover_every_place_of_a_part(
    west: float, south: float, wide: float, high: float, zoom: int, across: float, up: float
) -> None:
    east, north = min(180.0, west + wide), min(85.0, south + high)
    ranges = merged(covering((west, south, east, north), zoom))
    place = quad_of(round((south + (north - south) * up) * 1e6), round((west + (east - west) * across) * 1e6))
    assert any(first <= place < end for first, end in ranges)
    assert len(ranges) <= 9 and all(0 <= first < end <= tile_range(0, 0, 0)[1] for first, end in ranges)


# Limits.


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 3)), max_size=60))
def test_a_bucket_never_gives_more_than_its_rate_and_its_burst(asked_for: list[tuple[float, float]]) -> None:
    now = [0.0]
    buckets, rate, given_ = Buckets(lambda: now[0]), Rate(2, 5), 0.0
    for pause, cost in asked_for:
        now[0] += pause
        wait = buckets.take("x", rate, cost)
        given_ += 0 if wait else cost
        assert given_ <= 5 + 2 * now[0] + 1e-6
        if wait:
            # Who waits as long as they were told is let in.
            now[0] += wait + 1e-6
            assert buckets.take("x", rate, cost) == 0
            given_ += cost


def test_buckets_are_bounded() -> None:
    buckets = Buckets(lambda: 0.0, most=3)
    for name in "abcdea":
        buckets.take(name, Rate(1, 1))
    assert len(buckets._held) == 3


def test_a_network_of_64_bits_is_one() -> None:
    assert network("2001:db8::1") == network("2001:db8::2") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") != network("192.0.2.2")
    assert network("nonsense") == network("")


@pytest.mark.parametrize(
    "headers",
    [{"cookie": "passerby=a"}, {"cookie": "x=1; __Host-passerby=a"}, {"authorization": "Bearer pk_x"}],
)
def test_a_credential_has_a_name(headers: dict[str, str]) -> None:
    assert len(credential(Headers(headers))) == 64


def test_without_credential_there_is_no_name() -> None:
    for headers in ({}, {"cookie": "other=1"}, {"cookie": "\x7f;;;="}):
        assert credential(Headers(headers)) == ""


def test_invented_keys_stay_in_the_bucket_of_their_address_and_good_ones_get_their_own(tmp_path: Path) -> None:
    city = City(tmp_path)
    few = replace(FREE, address=Rate(0.01, 6), known=Rate(100, 1000))
    with open_room(city.data) as room, served(city.app(room, rates=few)) as address:
        good = city.key(room)
        with httpx.Client(base_url=address) as client:
            assert client.get("/api/v1/cameras", headers=good).status_code == 200
            codes = [
                client.get("/api/v1/register/about", headers={"authorization": f"Bearer pk_{n}"}).status_code
                for n in range(8)
            ]
            assert codes.count(429) == 3 and codes[-1] == 429
            refused = client.get("/api/v1/register/about")
            assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
            assert [client.get("/api/v1/cameras", headers=good).status_code for _ in range(20)] == [200] * 20


def test_large_numbers_of_any_kind_are_refused_as_such(client: httpx.Client) -> None:
    huge: dict[str, Any] = {"limit": 10**30}
    assert client.get("/api/v1/register/cameras", params=huge).status_code == 422
    assert client.get("/api/v1/register/map", params={"box": "1e999,0,1,1", "zoom": 3}).status_code == 422
    assert client.get("/api/v1/register/cameras", params={"q": "%_\\'\"" * 10}).status_code == 200
