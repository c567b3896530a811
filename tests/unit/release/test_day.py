"""A day from truth to page: one draw, the same numbers for ever, thresholds on noisy values, formats that agree."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.release.kit import DAY, GAUSSIAN, PLAN, plan, seeded, true_day

from passerby.release import formats
from passerby.release.budget import Charge, Kept
from passerby.release.by_opendp import OpenDpNoise
from passerby.release.day import NoisyDay, TrueDay, draw, errors_of, half_width, parse_noisy, series
from passerby.release.document import area_document, document_of, parse_document
from passerby.release.noise import ExactNoise, Mechanism, Noise
from passerby.release.page import pages
from passerby.release.plan import Plan
from passerby.release.protection import advantage, certainty, epsilon
from passerby.release.rows import COLUMNS, cells, seconds
from passerby.release.words import WORDS


class Silent:
    """No noise at all, to see what the rest does. In tests alone."""

    name = "none"

    def noisy(self, mechanism: Mechanism, cost: int, values: Sequence[int]) -> list[int]:
        return list(values)


def drawn(found: Plan = PLAN, camera: str = "gate-1", noise: Noise | None = None, **more: Any) -> NoisyDay:
    return draw(found, camera, true_day(found, camera, DAY, **more), noise or ExactNoise(seeded(5)))


def document(found: Plan = PLAN, **more: Any) -> dict[str, Any]:
    return parse_document(document_of(found, "gate-1", DAY, 1, drawn(found, **more)))


@pytest.mark.parametrize("noise", [ExactNoise(seeded(1)), OpenDpNoise()], ids=lambda n: n.name)
@pytest.mark.parametrize("shape", [PLAN.shape, GAUSSIAN], ids=["laplace", "gaussian"])
def test_what_was_drawn_comes_back_the_same(noise: Noise, shape: Any) -> None:
    found = plan(shape=shape)
    noisy = drawn(found, noise=noise)
    again = parse_noisy(noisy.bytes())
    assert again.bytes() == noisy.bytes()
    assert document_of(found, "gate-1", DAY, 1, again) == document_of(found, "gate-1", DAY, 1, noisy)
    assert set(noisy.sums) == {"north/in", "north/out", "south/in", "south/out"}
    assert all([len(level) for level in sums] == [1, 96] for sums in noisy.sums.values())


class Recorder:
    """Notes what reaches the mechanism."""

    name = "recorder"

    def __init__(self) -> None:
        self.seen: list[tuple[int, list[int]]] = []

    def noisy(self, mechanism: Mechanism, cost: int, values: Sequence[int]) -> list[int]:
        self.seen.append((cost, list(values)))
        return list(values)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 60), min_size=96, max_size=96), st.integers(0, 95), st.booleans())
def test_one_passage_moves_one_sum_of_each_level_by_one(flow: list[int], at: int, into: bool) -> None:
    """The sensitivity that the budget is counted by, of what really reaches the mechanism; clamped at 50."""
    found = plan(clamp=50, cameras={"gate-1": ("north", "south")}, areas={}, names={})

    def reaching(flow: list[int]) -> list[tuple[int, list[int]]]:
        ways = (flow, [3] * 96) if into else ([3] * 96, flow)
        recorder = Recorder()
        draw(found, "gate-1", TrueDay({"north": ways, "south": ([1] * 96, [2] * 96)}, [15] * 96), recorder)
        return recorder.seen

    more = [value + (i == at) for i, value in enumerate(flow)]
    before, after = reaching(flow), reaching(more)
    moved = Counter[int]()
    for (cost, old), (_, new) in zip(before, after, strict=True):
        distance = sum(abs(a - b) for a, b in zip(old, new, strict=True))
        assert distance in (0, 1)
        moved[cost] += distance
    assert sum(cost * times for cost, times in moved.items()) == (found.shape.cost if flow[at] < 50 else 0)


def test_every_line_is_drawn_whatever_was_counted() -> None:
    nothing = draw(PLAN, "gate-1", TrueDay({}, [0] * 96), ExactNoise(seeded(2)))
    assert set(nothing.sums) == set(drawn().sums)
    shown = parse_document(document_of(PLAN, "gate-1", DAY, 1, nothing))
    assert all(v is None for s in shown["series"].values() for v in [*s["bins"], *s["hours"], s["day"]])


def test_the_threshold_looks_at_the_noisy_number() -> None:
    """Where truth is above and the noisy number below it is hidden, and the other way round: never by the truth."""
    found = plan(threshold=30)
    exact = true_day(found, "gate-1", DAY).flows
    pairs = [
        (value, true)
        for name, entry in document(found)["series"].items()
        for value, true in zip(entry["bins"], exact[name.split("/")[0]][name.endswith("out")], strict=True)
    ]
    assert all(value is None or value >= 30 for value, _ in pairs)
    assert any(value is None and true >= 30 for value, true in pairs)
    assert any(value is not None and true < 30 for value, true in pairs)


def test_numbers_add_up_and_gaps_are_gaps() -> None:
    found = plan(threshold=0)
    shown = document(found, away=range(20, 26))
    for entry in shown["series"].values():
        assert entry["bins"][20:26] == [None] * 6
        bins = [value or 0 for value in entry["bins"]]
        assert [sum(bins[at : at + 4]) for at in range(0, 96, 4)] == [v or 0 for v in entry["hours"]]
        assert sum(bins) == entry["day"]
        assert entry["bins_error90"][22] == 0
        assert entry["hours"][5] is None


def test_without_noise_documents_say_the_truth() -> None:
    found = plan(threshold=0)
    exact = true_day(found, "gate-1", DAY).flows
    shown = document(found, noise=Silent())["series"]
    assert shown["south/out"]["bins"] == list(exact["south"][1])
    assert shown["north/in"]["day"] == sum(exact["north"][0])


def test_errors_hold_in_nine_of_ten() -> None:
    """Seeded draws of one day, many times: the intervals of bins, hours and day cover at least 90 % less chance."""
    found = plan(threshold=0, cameras={"gate-1": ("north",)}, areas={}, names={})
    true = true_day(found, "gate-1", DAY)
    into = true.flows["north"][0]
    truth = {"bins": list(into), "hours": [sum(into[at : at + 4]) for at in range(0, 96, 4)]}
    hits, tries = Counter[str](), Counter[str]()
    noise = ExactNoise(seeded(6))
    for _ in range(12):
        entry = dict(series(found, draw(found, "gate-1", true, noise)))["north/in"]
        errors = entry.errors
        for name, values, widths in (
            ("bins", entry.bins, errors.bins),
            ("hours", [sum(entry.bins[at : at + 4]) for at in range(0, 96, 4)], errors.hours),
        ):
            for value, exact, variance in zip(values, truth[name], widths, strict=True):
                hits[name] += abs(value - exact) <= half_width(variance)
                tries[name] += 1
    assert all(hits[name] / tries[name] > 0.87 for name in truth)


def area(found: Plan, **more: Any) -> dict[str, Any]:
    noisy = {camera: drawn(found, camera, **more) for camera in ("gate-1", "gate-2")}
    return parse_document(area_document(found, "square", DAY, noisy))


def test_an_area_is_its_lines_turned_the_right_way() -> None:
    found = plan(threshold=0)
    lines = {f"{c}/{n}": f for c in found.cameras for n, f in true_day(found, c, DAY).flows.items()}
    shown = area(found, noise=Silent())["series"]
    came = [a + b + c for a, b, c in zip(
        lines["gate-1/north"][0], lines["gate-1/south"][1], lines["gate-2/door"][0], strict=True)]  # fmt: skip
    left = [a + b + c for a, b, c in zip(
        lines["gate-1/north"][1], lines["gate-1/south"][0], lines["gate-2/door"][1], strict=True)]  # fmt: skip
    assert (shown["in"]["bins"], shown["out"]["bins"]) == (came, left)
    running = [max(0, sum(came[: at + 1]) - sum(left[: at + 1])) for at in range(96)]
    assert shown["present"]["bins"] == running
    assert area(found)["series"]["in"]["bins_error90"][40] > document(found)["series"]["north/in"]["bins_error90"][40]


def test_presence_is_unknown_after_a_gap() -> None:
    shown = area(plan(threshold=0), noise=Silent(), away=range(50, 52))["series"]["present"]["bins"]
    assert None not in shown[:50]
    assert shown[50:] == [None] * 46


def test_errors_are_known_before_the_draw() -> None:
    """They depend on the plan and on what was observed, not on any number."""
    unseen = tuple([False] * 96)
    assert dict(series(PLAN, drawn()))["north/in"].errors == errors_of(PLAN.shape, unseen)


def test_formats_say_the_same() -> None:
    shown = document(away=range(3))
    rows = list(cells(shown))
    assert len(rows) == 4 * (96 + 24 + 1)
    table = list(csv.DictReader(io.StringIO(formats.as_csv(rows).decode())))
    assert tuple(table[0]) == COLUMNS
    data = json.loads(formats.as_json({"licence": "CC-BY-4.0"}, rows))["data"]
    columns = parquet.read_table(io.BytesIO(formats.as_parquet({"licence": "CC-BY-4.0"}, rows)))
    assert columns.to_pylist() == data
    assert columns.schema.metadata[b"licence"] == b"CC-BY-4.0"
    assert [row["value"] for row in table] == ["" if row["value"] is None else str(row["value"]) for row in data]
    assert [row["start"] for row in table] == [row["start"] for row in data]
    assert data[0]["start"] == f"{DAY}T00:00+08:00"
    assert data[0]["minutes"] == 0
    assert data[0]["value"] is None
    same = formats.as_parquet({"licence": "CC-BY-4.0"}, rows)
    assert same == formats.as_parquet({"licence": "CC-BY-4.0"}, rows)


def test_ngsi_ld_entities() -> None:
    shown = document()
    rows = [(cell, seconds(cell.period, shown)) for cell in cells(shown)]
    entities = json.loads(formats.as_ngsi_ld("example.org", rows))
    assert len({e["id"] for e in entities}) == len(entities) == 4 * 25
    day = next(e for e in entities if e["id"].endswith("north:in:day:2026-11-01T16%3A00%3A00Z"))
    assert day["type"] == "CrowdFlowObserved"
    assert day["dateObservedTo"]["value"]["@value"] == "2026-11-02T16:00:00Z"
    assert day["peopleCount"]["value"] == shown["series"]["north/in"]["day"]
    assert day["peopleCount"]["error90"]["value"] == shown["series"]["north/in"]["day_error90"]
    assert day["direction"]["value"] == "inbound"
    for entity in entities:  # ETSI GS CIM 009, 4.5: every attribute says what it is, and none is null
        attributes = [v for k, v in entity.items() if k not in ("id", "type", "@context")]
        assert all(a["type"] == "Property" and a["value"] is not None for a in attributes)


@given(st.text(max_size=20))
def test_no_text_is_a_formula(text: str) -> None:
    found = formats.safe(text)
    assert isinstance(found, str)
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert found.removeprefix("'") == text.removeprefix("'") or found == text


class Tags(HTMLParser):
    """Checks that tags close in order, and collects what matters."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "line", "rect", "circle", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "circle"):
            assert self.open.pop() == tag


def made_pages(found: Plan) -> dict[str, str]:
    noisy = {camera: drawn(found, camera) for camera in found.cameras}
    documents = [parse_document(document_of(found, c, DAY, at + 1, n)) for at, (c, n) in enumerate(noisy.items())]
    documents.append(parse_document(area_document(found, "square", DAY, noisy)))
    one = Charge(1, "gate-1", DAY, found.hash, found.shape.mechanism.value, found.shape.cost, found.cap, 1, "")
    two = Kept(2, 1, "gate-1", DAY, "passerby", "0" * 64, "0" * 64, 2, one.hash)
    return {path: content.decode() for path, content in pages(found, documents, [one, two])}


@pytest.mark.parametrize("shape", [PLAN.shape, GAUSSIAN], ids=["laplace", "gaussian"])
def test_pages_are_whole_and_safe(shape: Any) -> None:
    found = plan(shape=shape, publisher="<script>alert(1)</script> & sons")
    made = made_pages(found)
    assert set(made) == {"index.html", "index.zh-Hant.html", "style.css"}
    for path in ("index.html", "index.zh-Hant.html"):
        tags = Tags()
        tags.feed(made[path])
        assert tags.open == []
        names = [tag for tag, _ in tags.seen]
        assert "script" not in names
        assert "style" not in names  # the server's policy lets in no style of a page's own
        assert not any("style" in attrs or any(a.startswith("on") for a in attrs) for _, attrs in tags.seen)
        assert names.count("svg") == names.count("figcaption") == 5
        assert names.count("table") >= names.count("svg") - 1
        assert all(attrs.get("aria-label") for tag, attrs in tags.seen if tag == "svg")
        hosts = [attrs["href"] for tag, attrs in tags.seen if tag == "a" and "://" in (attrs.get("href") or "")]
        assert all(host and host.startswith("https://spdx.org/") for host in hosts)
    assert "&lt;script&gt;" in made["index.html"]
    assert "市集廣場" in made["index.zh-Hant.html"]
    assert "anonym" in made["index.html"]


def test_both_languages_have_all_words() -> None:
    one, other = WORDS.values()
    assert one.keys() == other.keys()
    for word, text in one.items():
        assert sorted(_fields(text)) == sorted(_fields(other[word])), word


def _fields(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


def test_what_a_budget_means() -> None:
    assert epsilon(Mechanism.LAPLACE, 1000, 10) == 10
    assert certainty(1) == pytest.approx(0.7311, abs=1e-4)
    assert advantage(1) == pytest.approx(0.4621, abs=1e-4)
    assert advantage(0) == 0
    assert epsilon(Mechanism.GAUSSIAN, 500, 2) > epsilon(Mechanism.GAUSSIAN, 500)
