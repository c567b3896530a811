"""CSV files: real registers whole, hostile ones by name, and every row either a camera or a named refusal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.register.samples import camera, owner

from passerby.charter.register import exports
from passerby.charter.register.phase import Phase
from passerby.charter.register.table import COLUMNS, FORMULA, LARGEST, LONGEST_CELL, Sheet, read_table
from passerby.charter.register.words import Flaw, Flawed

HEAD = "camera_id,name,region,latitude,longitude,owner\n"
EXTRA = ("phase", "owner_name", "missing")


def sheet(text: str, **values: object) -> Sheet:
    return read_table(text.encode(), "list.csv", **values)  # type: ignore[arg-type]


def flaw(content: bytes) -> Flaw:
    with pytest.raises(Flawed) as refused:
        read_table(content, "list.csv")
    assert str(refused.value).startswith("list.csv")
    return refused.value.flaw


@pytest.mark.parametrize(
    ("name", "rows"),
    [("georgia_dot_cameras", 3043), ("hong_kong_td_traffic_cameras", 210), ("nyc_dot_traffic_cameras", 723)],
)
def test_real_registers_whole(data_dir: Path, name: str, rows: int) -> None:
    content = (data_dir / "camera-registers" / f"{name}.csv").read_bytes()
    found = read_table(content, name)
    given_rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert found.rows == len(given_rows) == rows
    assert len(found.cameras) + len(found.refused) == rows
    assert found.refused == []
    for entry, row in zip(found.cameras, given_rows, strict=True):
        assert row["camera_id"] in (entry.id, entry.reference)
        assert entry.latitude_e6 == round(float(row["latitude"]) * 1e6)
        assert found.owners[entry.owner].name == row["owner"].strip()
        assert found.areas[entry.area] == row["region"].strip()
    back = read_table(written(found).encode(), "back.csv", ignored=EXTRA)
    assert back.cameras == found.cameras


def written(found: Sheet) -> str:
    return exports.table((entry, found.owners[entry.owner], Phase.PROPOSED) for entry in found.cameras)


BAD = [
    ("only,three,cells", "row: it is not written as it should be"),
    ("7,,West,1,2,City", "name: it is empty"),
    (",Gate,West,1,2,City", "id: it is empty"),
    ("7,Gate,,1,2,City", "area: it is empty"),
    ("7,Gate,West,1,2,", "owner: it is empty"),
    ("7,Gate,West,north,2,City", "latitude: it is no number"),
    ("7,Gate,West,nan,2,City", "latitude: it is no number"),
    ("7,Gate,West,1e999,2,City", "latitude: it is no number"),
    ("7,Gate,West,91,2,City", "latitude: it is outside"),
    ("7,Gate,West,1,181,City", "longitude: it is outside"),
    ("7,Gate,West,1,,City", "latitude, longitude: it contradicts"),
    ("7,Ga\u202ete,West,1,2,City", "name: it has a sign that can't be seen (U+202E)"),
    ('7,"two\nlines",West,1,2,City', "name: it has more than one line"),
    ("三,Gate,West,1,2,City", "id: it can't be an id"),
    (f"7,{'x' * (LONGEST_CELL + 1)},West,1,2,City", "name: it is too long"),
    ("1,Again,West,1,2,City", "id: it is there twice (1): line 2 has it already"),
    ("7,Gate,West!,1,2,City", "area: it contradicts"),
]


@pytest.mark.parametrize(("row", "why"), BAD, ids=[why for _, why in BAD])
def test_a_bad_row_is_named_and_the_others_are_taken(row: str, why: str) -> None:
    found = sheet(f"{HEAD}1,One,West,1,2,City\n{row}\n2,Two,West,1,2,City\n")
    assert [entry.name for entry in found.cameras] == ["One", "Two"]
    (refused,) = found.refused
    assert why in refused.why
    assert refused.line == 3 + row.count("\n")
    assert ",".join(refused.cells).replace('"', "") == row.replace('"', "")
    assert found.rows == 3


def test_a_quotation_mark_that_never_ends_is_named_with_all_that_it_swallows() -> None:
    found = sheet(f'{HEAD}1,One,West,1,2,City\n2,"Two,West,1,2,City\n3,Three,West,1,2,City\n')
    assert [entry.id for entry in found.cameras] == ["1"]
    (refused,) = found.refused
    assert "lines 3 to 4" in refused.why
    assert refused.cells == ('2,"Two,West,1,2,City', "3,Three,West,1,2,City")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", Flaw.EMPTY),
        (b"\n\n", Flaw.EMPTY),
        (HEAD.encode("utf-16"), Flaw.NOT_UTF8),
        ("id,name\n1,Stra\u00dfe".encode("latin-1"), Flaw.NOT_UTF8),
        (b"PK\x03\x04\x14\x00\xff\xfe", Flaw.NOT_UTF8),
        (b"id,name,secret\n", Flaw.SURPLUS),
        (b"id,name,id\n", Flaw.TWICE),
        (b"camera_id,name,id\n", Flaw.TWICE),
        (b"<html><script>alert(1)</script>\n", Flaw.SURPLUS),
        (b"x" * (LARGEST + 1), Flaw.TOO_LARGE),
    ],
)
def test_a_file_that_is_none(content: bytes, found: Flaw) -> None:
    assert flaw(content) is found


def test_defaults_prefix_and_ignored_columns() -> None:
    text = "camera_id,name,note\n007,Gate,x\n"
    defaults = {"owner": "City Roads", "area": "West Side", "purposes": "crowd-safety;audit"}
    found = sheet(text, defaults=defaults, ignored=["note"], prefix="roads")
    (entry,) = found.cameras
    assert (entry.id, entry.reference, entry.owner, entry.area) == ("roads-007", "007", "city-roads", "west-side")
    assert entry.purposes == ("audit", "crowd-safety")
    assert found.owners["city-roads"].name == "City Roads"


def test_doubtful_places_are_told() -> None:
    rows = "".join(f"{n},Gate {n},West,22.{n:03},114.{n:03},City\n" for n in range(1, 9))
    found = sheet(f"{HEAD}{rows}20,Zero,West,0,0,City\n21,Swapped,West,-84.2,22.1,City\n")
    assert [number for number, _ in found.doubts] == [10, 11]
    assert len(found.cameras) == 10


def test_what_is_exported_is_read_back() -> None:
    text = exports.table([(camera(), owner(), Phase.ACTIVE)])
    found = sheet(text, ignored=EXTRA)
    (entry,) = found.cameras
    assert entry == camera(texts={})
    assert text.splitlines()[0].split(",")[: len(COLUMNS)] == list(COLUMNS)


FORMULAS = ['=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(A1)", "=HYPERLINK(1)", "'quoted", "'=x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula_and_none_is_lost(text: str) -> None:
    entry = camera(name=text, place=text, why=text, texts={})
    out = exports.table([(entry, owner(name=text), Phase.ACTIVE)])
    for row in csv.reader(io.StringIO(out)):
        for cell in row:
            assert not cell.startswith(FORMULA)
    (back,) = sheet(out, ignored=EXTRA).cameras
    assert back == entry


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_that_is_taken_comes_back(name: str, place: str) -> None:
    try:
        entry = camera(name=name, place=place, texts={})
    except Flawed:
        return
    out = exports.table([(entry, owner(), Phase.ACTIVE)])
    assert not any(cell.startswith(FORMULA) for row in csv.reader(io.StringIO(out)) for cell in row)
    (back,) = sheet(out, ignored=EXTRA).cameras
    assert back == entry


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_a_named_refusal(content: bytes) -> None:
    for head in (b"", HEAD.encode()):
        try:
            found = read_table(head + content, "x")
        except Flawed:
            continue
        assert len(found.cameras) + len(found.refused) == found.rows


def test_empty_fields_are_named_in_each_export() -> None:
    found = exports.public(camera(), owner(), Phase.ACTIVE)
    assert "dpia" in found["algorithm_register"]["empty"] and "lawful_basis" not in found["algorithm_register"]["empty"]
    assert "supplier" in found["atrs"]["tier_2"]["empty"]
    assert found["missing"] == []
    whole = exports.Records(
        {"crowd": "abc"}, *(["x"] * 14), page="https://register.example/pier-3"
    )  # fmt: skip
    found = exports.public(camera(), owner(), Phase.ACTIVE, whole)
    parts = (found["algorithm_register"], found["atrs"]["tier_1"], found["atrs"]["tier_2"])
    assert [part["empty"] for part in parts] == [[], [], []]
    assert json.loads(json.dumps(found))["camera"]["id"] == "pier-3"


def test_the_summary_is_short() -> None:
    found = exports.public(camera(why="many words " * 100), owner(), Phase.ACTIVE)
    summary = found["algorithm_register"]["short_description"]
    assert 100 < len(summary) <= exports.SUMMARY
    assert set(exports.STATUS) == set(Phase)
