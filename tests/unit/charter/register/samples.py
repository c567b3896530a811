"""A whole camera and its owner."""

from __future__ import annotations

from typing import Any

from passerby.charter.register.entry import Entry, Organisation, parse_entry, parse_organisation

OWNER: dict[str, Any] = {
    "id": "harbour", "name": "Harbour Authority", "address": "1 Pier Road", "contact": "cameras@harbour.example",
    "officer": "privacy@harbour.example", "complaints": "Privacy Commissioner, complaints@privacy.example",
    "texts": {"zh-Hant": {"name": "海港管理局", "address": "碼頭道 1 號"}},
}  # fmt: skip
CAMERA: dict[str, Any] = {
    "id": "pier-3", "name": "Pier 3, landing", "owner": "harbour", "area": "central", "place": "Pier 3, east landing",
    "bearing": 135, "angle": 70, "range_m": 40,
    "view": "The landing from 6 m above it, to the gangway", "latitude_e6": 22_287_000, "longitude_e6": 114_158_000,
    "office": "Crowd safety office", "contact": "crowd@harbour.example", "purposes": ["crowd-safety"],
    "analyses": ["crowd"], "why": "The landing is full on holidays; stewards can't see its far end.",
    "ground": "Harbour Ordinance, section 12", "retention_s": 0,
    "forbidden": [{"id": "flats", "why": "windows of homes"}], "languages": ["en", "zh-Hant"],
    "begins": "2027-01-04", "ends": "2028-01-03", "texts": {"zh-Hant": {"name": "三號碼頭", "place": "三號碼頭東面"}},
}  # fmt: skip


def camera(**values: Any) -> Entry:
    return parse_entry({**CAMERA, **values})


def owner(**values: Any) -> Organisation:
    return parse_organisation({**OWNER, **values})
