"""The last minutes as NGSI-LD (ETSI GS CIM 009): CrowdFlowObserved and TrafficFlowObserved of the Smart Data Models.

Terms of our own: `low` and `high`, properties of a property, bound a 90 % interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from passerby.release.formats import CONTEXTS
from passerby.store.counts import Minute
from passerby.store.places import LineMinute, ZoneMinute

US = 1_000_000
MINUTE_S = 60
TYPE = "application/ld+json"
Kind = Literal["CrowdFlowObserved", "TrafficFlowObserved"]
Entity = dict[str, Any]


def crowds(
    site: str, camera: str, whole: Minute | None, zones: list[ZoneMinute], crossed: list[LineMinute]
) -> Iterator[Entity]:
    """A camera's newest minute: the whole picture, each zone, and each line in both directions.

    Args:
        site: Part of each id.
        camera: Its id.
        whole: The newest minute of the picture; None where there is none.
        zones: The newest minute of each zone.
        crossed: The newest minute of each line.
    """
    if whole is not None:
        yield _entity("CrowdFlowObserved", (site, camera), whole.minute_us, peopleCount=_measured(whole))
    for zone in zones:
        more = {"averageCrowdSpeed": _property(round(zone.speed * 3.6, 2), unitCode="KMH")} if zone.speed else {}
        if zone.density is not None:
            more["crowdDensity"] = _property(round(zone.density, 3))
        place = (site, camera, zone.zone)
        yield _entity("CrowdFlowObserved", place, zone.minute_us, peopleCount=_measured(zone), **more)
    for line in crossed:
        for way, count in (("inbound", line.into), ("outbound", line.out_of)):
            about = {"direction": _property(way), "peopleCount": _property(count)}
            yield _entity("CrowdFlowObserved", (site, camera, line.line, way), line.minute_us, **about)


def traffic(site: str, camera: str, whole: Minute | None) -> Iterator[Entity]:
    """A camera's newest minute of vehicles.

    Args:
        site: Part of each id.
        camera: Its id.
        whole: The newest minute of the picture; None where there is none.
    """
    if whole is not None:
        seen = {"vehiclesPresent": _property(round(whole.vehicles, 2))}
        yield _entity("TrafficFlowObserved", (site, camera), whole.minute_us, **seen)


def _entity(kind: Kind, place: tuple[str, ...], minute_us: int, **properties: Any) -> Entity:
    begin, end = minute_us // US, minute_us // US + MINUTE_S
    return {
        "id": f"urn:ngsi-ld:{kind}:{':'.join(quote(part, safe='') for part in place)}",
        "type": kind,
        "@context": CONTEXTS,
        "name": _property("/".join(place[1:])),
        "dateObserved": _property(f"{_utc(begin)}/{_utc(end)}"),
        "dateObservedFrom": _property({"@type": "DateTime", "@value": _utc(begin)}),
        "dateObservedTo": _property({"@type": "DateTime", "@value": _utc(end)}),
        **{name: value | {"observedAt": _utc(end)} for name, value in properties.items()},
    }


def _measured(m: Minute | ZoneMinute) -> dict[str, Any]:
    return _property(round(m.people, 2), low=_property(round(m.low, 2)), high=_property(round(m.high, 2)))


def _property(value: object, **more: object) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
