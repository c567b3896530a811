"""A camera in the register: what is required, what is captured, what a field may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.register.samples import CAMERA, camera, owner

from passerby.charter.register import words
from passerby.charter.register.entry import (
    CAPTURED,
    OWNER_REQUIRED,
    READ,
    REQUIRED,
    changed,
    missing,
    parse_organisation,
    plain,
    stored_entry,
)
from passerby.charter.register.words import Flaw, Flawed


def flaw(**values: Any) -> Flaw:
    with pytest.raises(Flawed) as refused:
        camera(**values)
    assert "\n" not in str(refused.value)
    return refused.value.flaw


def test_a_whole_camera_is_publishable() -> None:
    assert missing(camera(), owner()) == []


EMPTY = {"purposes": [], "analyses": [], "languages": [], "begins": None, "ends": None}


@pytest.mark.parametrize("name", [name for name in REQUIRED if name != "name"])
def test_an_empty_required_field_is_named(name: str) -> None:
    assert missing(camera(**{name: EMPTY.get(name, "")}), owner()) == [name]


@pytest.mark.parametrize("name", [name for name in OWNER_REQUIRED if name != "name"])
def test_an_empty_field_of_the_owner_is_named(name: str) -> None:
    assert missing(camera(), owner(**{name: " "})) == [f"owner's {name}"]


def test_a_camera_without_a_place_on_the_map_is_not_publishable() -> None:
    assert missing(camera(latitude_e6=None, longitude_e6=None), owner()) == ["latitude, longitude"]


CHANGES = {
    "place": "Pier 4", "view": "The other way", "latitude_e6": 1, "longitude_e6": 1, "purposes": ["flow-statistics"],
    "analyses": ["traffic"], "forbidden": [], "name": "Another name", "office": "x", "contact": "x", "why": "x",
    "ground": "x", "languages": ["zh-Hant"], "begins": "2027-01-05", "ends": "2027-12-31", "reference": "7",
    "texts": {}, "owner": "city", "area": "west", "bearing": 0, "angle": 90, "range_m": None,
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_captured_changes_with_these_and_no_others(name: str) -> None:
    after = changed(camera(), {name: CHANGES[name]})
    assert (after.capture != camera().capture) == (name in CAPTURED)
    assert after.hash != camera().hash


def test_longer_retention_is_another_capture() -> None:
    kept = camera(analyses=["crowd", "record"], retention_s=3600)
    assert changed(kept, {"retention_s": 7200}).capture != kept.capture
    assert CHANGES.keys() | {"id", "retention_s"} == READ.keys()


def test_an_entry_without_a_cone_has_not_even_its_names() -> None:
    """So entries of before there were such fields keep their hashes, and what was signed on them."""
    bare = camera(bearing=None, angle=None, range_m=None)
    assert not {"bearing", "angle", "range_m"} & json.loads(bare.text()).keys()
    assert stored_entry(bare.text()) == bare
    assert bare.capture != camera().capture


@pytest.mark.parametrize("given", [{"angle": None}, {"bearing": None}, {"bearing": None, "angle": None}])
def test_half_a_cone_is_none(given: dict[str, None]) -> None:
    assert flaw(**given) is Flaw.SENSE


def test_it_is_read_back_from_its_own_text() -> None:
    assert stored_entry(camera().text()) == camera()
    assert parse_organisation(plain(owner())) == owner()
    assert json.loads(camera().text())["begins"] == "2027-01-04"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"id": "Pier 3"}, Flaw.NO_ID),
        ({"id": "../x"}, Flaw.NO_ID),
        ({"name": ""}, Flaw.EMPTY),
        ({"name": "a\u202eb"}, Flaw.HIDDEN),
        ({"name": "a\x00b"}, Flaw.HIDDEN),
        ({"name": "a\u200bb"}, Flaw.HIDDEN),
        ({"name": "a\ufeffb"}, Flaw.HIDDEN),
        ({"name": "a\ud800b"}, Flaw.HIDDEN),
        ({"name": "two\nlines"}, Flaw.LINES),
        ({"name": "x" * 201}, Flaw.TOO_LONG),
        ({"name": "x" * 5_000_000}, Flaw.TOO_LONG),
        ({"name": 7}, Flaw.NOT_TEXT),
        ({"purposes": ["surveillance"]}, Flaw.UNKNOWN),
        ({"purposes": ["audit", "audit"]}, Flaw.TWICE),
        ({"purposes": "audit"}, Flaw.SYNTAX),
        ({"analyses": ["face-recognition"]}, Flaw.UNKNOWN),
        ({"languages": ["English"]}, Flaw.NO_LANGUAGE),
        ({"languages": ["en"] * 100}, Flaw.TOO_LONG),
        ({"latitude_e6": 90_000_001}, Flaw.RANGE),
        ({"latitude_e6": True}, Flaw.NO_NUMBER),
        ({"latitude_e6": None}, Flaw.SENSE),
        ({"retention_s": 10}, Flaw.SENSE),
        ({"analyses": ["record"]}, Flaw.SENSE),
        ({"begins": "2027-02-29"}, Flaw.NO_DAY),
        ({"begins": "20270101"}, Flaw.NO_DAY),
        ({"begins": "2029-01-01"}, Flaw.SENSE),
        ({"forbidden": [{"id": "a"}]}, Flaw.SYNTAX),
        ({"forbidden": [{"id": "a", "why": "x", "outline": [[0, 0], [1, 1]]}]}, Flaw.SENSE),
        ({"forbidden": [{"id": "a", "why": "x", "outline": [[0, 0], [1, 1], [1]]}]}, Flaw.SYNTAX),
        ({"forbidden": [{"id": "a", "why": "x", "outline": [[0, 0], [1, 1], [0, 1001]]}]}, Flaw.RANGE),
        ({"forbidden": [{"id": "a", "why": "x", "corners": []}]}, Flaw.SYNTAX),
        ({"forbidden": [{"id": "a", "why": "x"}] * 2}, Flaw.TWICE),
        ({"texts": {"zh-Hant": {"owner": "x"}}}, Flaw.UNKNOWN),
        ({"texts": []}, Flaw.SYNTAX),
        ({"texts": {"en": "x"}}, Flaw.SYNTAX),
        ({"faces": "x"}, Flaw.SURPLUS),
    ],
)
def test_each_flaw_has_its_name(values: dict[str, Any], found: Flaw) -> None:
    assert flaw(**values) is found


def test_what_is_missing_is_named() -> None:
    for name in ("id", "name", "owner", "area"):
        with pytest.raises(Flawed) as refused:
            words_without(name)
        assert refused.value.flaw is Flaw.MISSING and name in str(refused.value)


def words_without(name: str) -> None:
    from passerby.charter.register.entry import parse_entry

    parse_entry({k: v for k, v in CAMERA.items() if k != name})


def test_an_id_never_changes() -> None:
    with pytest.raises(Flawed):
        changed(camera(), {"id": "pier-4"})


def test_alphabets_are_welcome() -> None:
    for name in ("三號碼頭", "ميدان التحرير", "می‌خواهم", "Владивосток", "क्षेत्र", "Plaza de España"):
        assert camera(name=name).name == name


@given(st.text(max_size=80))
def test_a_line_is_refused_or_stays_what_it_is(text: str) -> None:
    try:
        found = words.line(text, "x")
    except Flawed:
        return
    assert words.line(found, "x") == found
    assert "\n" not in found and found == found.strip()


@given(st.text(max_size=80))
def test_an_id_made_from_anything_is_safe_or_empty(text: str) -> None:
    found = words.id_from(text)
    assert found == "" or words.identity(found, "x") == found


@given(st.dates())
def test_days_are_read_back(day: Any) -> None:
    assert words.day(day.isoformat(), "x") == day
    assert words.day(day, "x") == day
