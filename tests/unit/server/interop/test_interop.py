"""Numbers for other systems: what is read back by their own parsers is what the database holds."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families as parsed

from passerby.crowd.alerts import Severity, What
from passerby.server.interop import ngsi, table
from passerby.server.interop.metrics import Metrics
from passerby.store.cameras import Camera, put_cameras
from passerby.store.counts import Count, add_counts, minutes
from passerby.store.database import Store
from passerby.store.events import AlertRow, HealthRow, add_alert, add_health
from passerby.store.migrate import open_store
from passerby.store.now import Now
from passerby.store.places import Crossed, ZoneCount, add_places, line_minutes_between, zone_minutes_between

S = 1_000_000
NOON = 1_795_435_200 * S
MINUTE = 60 * S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "a.db", lambda: NOON / S) as store:
        cameras = [Camera(n, n, "counts-only", 0, "running", "", NOON, "none", NOON) for n in ("gate", "hall")]
        put_cameras(store, cameras)
        for minute in range(3):
            at = NOON + minute * MINUTE
            add_counts(store, Count("gate", at, 10 + minute, 8, 12.5, 2), mosaic=minute == 1)
            zone = ZoneCount("gate", "=sum(a1)", at, 4.0, 3.0, 5.0, 8.0, 1.2)
            add_places(store, [zone], [Crossed("gate", "door", at, 3, 1)])
        add_alert(store, AlertRow("gate", NOON, What.EXIT_FLOW, Severity.DANGER, 1, 1.4, 1.2, 1.6, "door"))
        add_health(store, HealthRow("gate", NOON, 24.9, 3, 0.25, "none", "ab" * 32))
        yield store


def scraped(store: Store, seen: set[str]) -> dict[tuple[str, str], float]:
    registry = CollectorRegistry()
    metrics = Metrics(store, lambda: NOON / S, lambda: Now(NOON / S, {}), lambda ids: seen & set(ids))
    registry.register(metrics)
    text = generate_latest(registry).decode()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in parsed(text)
        for sample in family.samples
    }


def test_prometheus_reads_what_the_database_holds(store: Store) -> None:
    found = scraped(store, {"gate", "hall"})
    assert found["passerby_camera_people", "gate"] == 12
    assert found["passerby_camera_low", "gate"] == 8
    assert found["passerby_camera_state", "hall,running"] == 1
    assert found["passerby_camera_dropped_frames_total", "gate"] == 3
    assert found["passerby_camera_hidden_ratio", "gate"] == 0.25
    assert found["passerby_alerts_total", "gate,exit-flow,danger"] == 1
    assert found["passerby_station_heard_timestamp_seconds", ""] == NOON / S
    assert ("passerby_camera_people", "hall") not in found, "nothing was counted there"


def test_a_scrape_shows_only_the_asker_s_cameras(store: Store) -> None:
    assert not any("gate" in labels for _, labels in scraped(store, {"hall"}))


def test_the_table_is_the_same_in_both_formats_and_runs_no_formula(store: Store) -> None:
    begin, end = NOON, NOON + 3 * MINUTE
    text = b"".join(table.as_csv(table.rows(store, "gate", begin, end))).decode()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(r["kind"], r["minute_utc"][11:16]) for r in read[:3]] == [("camera", f"12:0{m}") for m in range(3)]
    assert {r["place"] for r in read if r["kind"] == "zone"} == {"'=sum(a1)"}
    held = parquet.read_table(io.BytesIO(table.as_parquet(table.rows(store, "gate", begin, end), {"site": "s"})))
    assert held.schema.metadata[b"site"] == b"s"
    rows = held.to_pylist()
    assert len(rows) == len(read) == 9
    for one, other in zip(rows, read, strict=True):
        for name, value in one.items():
            if isinstance(value, float | int):
                assert float(other[name]) == value
            elif value is None:
                assert other[name] == ""
    line = next(r for r in rows if r["kind"] == "line")
    assert (line["into"], line["out_of"], line["people"]) == (3, 1, None)


def test_the_table_ends_where_it_should(store: Store) -> None:
    assert not list(table.rows(store, "gate", NOON + 3 * MINUTE, NOON + 9 * MINUTE))
    days = list(table.rows(store, "gate", NOON - 3 * table.DAY_US, NOON + 2 * table.DAY_US))
    assert len(days) == 9


def test_ngsi_ld_entities(store: Store) -> None:
    span = (NOON, NOON + 3 * MINUTE)
    whole = minutes(store, "gate", *span)[-1]
    zones = zone_minutes_between(store, "gate", *span)[-1:]
    lines = line_minutes_between(store, "gate", *span)[-1:]
    found = json.loads(json.dumps(list(ngsi.crowds("city", "gate", whole, zones, lines))))
    assert len({entity["id"] for entity in found}) == 4
    for entity in found:
        assert entity["id"].startswith("urn:ngsi-ld:CrowdFlowObserved:city:gate")
        assert entity["dateObservedFrom"]["value"]["@value"] == "2026-11-23T12:02:00Z"
        assert entity["peopleCount"]["observedAt"] == "2026-11-23T12:03:00Z"
    camera, zone, into, out = found
    assert (camera["peopleCount"]["value"], camera["peopleCount"]["low"]["value"]) == (12, 8)
    assert "%3Dsum%28a1%29" in zone["id"]
    assert (zone["crowdDensity"]["value"], zone["averageCrowdSpeed"]["value"]) == (0.5, 4.32)
    assert zone["averageCrowdSpeed"]["unitCode"] == "KMH"
    assert [(e["direction"]["value"], e["peopleCount"]["value"]) for e in (into, out)] == [
        ("inbound", 3),
        ("outbound", 1),
    ]
    traffic = list(ngsi.traffic("city", "gate", whole))
    assert traffic[0]["type"] == "TrafficFlowObserved"
    assert traffic[0]["vehiclesPresent"]["value"] == 2


DOCS = Path(__file__).parents[4] / "docs" / "prometheus"


@pytest.mark.parametrize("name", ["rules.yml", "board.json"])
def test_rules_and_board_ask_for_nothing_that_is_not_there(store: Store, name: str) -> None:
    known = {metric for metric, _ in scraped(store, {"gate", "hall"})}
    asked = set(re.findall(r"passerby_[a-z0-9_]+", (DOCS / name).read_text()))
    assert asked
    assert asked <= known
