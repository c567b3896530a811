"""Suppliers' records: what is lacking, and names on lists of sanctions, which are an input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.papers.samples import a_record, record_text

from passerby.charter.papers.supplier import EXAMPLE, LARGEST_LIST, lacks, parse_supplier, sanctioned
from passerby.charter.register.words import Flaw, Flawed


def test_a_whole_record() -> None:
    assert lacks(a_record(), []) == []
    assert a_record().model_hashes == {"aa" * 32}


@pytest.mark.parametrize(
    "listed",
    ["Acme Vision Ltd.", "ACMÉ VISION LTD", "Ltd Acme Vision", "x,y\n1,Acme Vision Ltd", "name\n'Acme Vision Ltd.'\n"],
)
def test_a_name_on_the_list_is_found_and_has_to_be_answered(listed: str) -> None:
    hits = sanctioned(a_record(), listed.encode(), "list")
    assert hits == ["Acmé Vision Ltd."]
    (lacking,) = lacks(a_record(), hits)
    assert "sanctions" in lacking
    text = record_text().decode().replace(
        "[[models]]", '[[flags]]\nwhat = "Acmé Vision Ltd. is on a list"\nanswer = "Another firm"\n\n[[models]]'
    )  # fmt: skip
    assert lacks(parse_supplier(text.encode()), hits) == []


def test_names_that_are_not_on_it() -> None:
    assert sanctioned(a_record(), b"Acme\nVision\nAcme Vision Limited\n", "list") == []
    assert sanctioned(a_record(), b"acme holding\n", "list") == ["Acme Holding"]


@pytest.mark.parametrize(
    ("content", "flaw"),
    [(b"", Flaw.EMPTY), (b",,\n\n", Flaw.EMPTY), (b"\xff\xfea", Flaw.NOT_UTF8), (b'"' + b"x" * 200_000, Flaw.SYNTAX),
     (b"x" * (LARGEST_LIST + 1), Flaw.TOO_LARGE)],
)  # fmt: skip
def test_lists_that_are_none(content: bytes, flaw: Flaw) -> None:
    with pytest.raises(Flawed) as refused:
        sanctioned(a_record(), content, "list")
    assert refused.value.flaw is flaw


def test_gaps() -> None:
    text = record_text().decode()
    empty = parse_supplier(text.split("\n## Human rights")[0].encode())
    assert [gap.split(":")[0] for gap in lacks(empty, [])] == ["Human rights", "Why this supplier"]
    no_errors = text.replace(
        '[[errors]]\ncondition = "Daylight"\nmeasure = "mean absolute error"\nvalue = "0.5 people"\n', ""
    )
    assert lacks(parse_supplier(no_errors.encode()), []) == ["errors: a model needs its measured error, by condition"]
    example = EXAMPLE.replace("SHA-256 as `passerby permit plan` prints it", "aa" * 32)
    assert len(lacks(parse_supplier(example.encode()), [])) == 5


@pytest.mark.parametrize(
    ("values", "flaw"),
    [({"valid_until": '"soon"'}, Flaw.NO_DAY), ({"name": '""'}, Flaw.EMPTY), ({"id": '"A B"'}, Flaw.NO_ID),
     ({"name": '"a\\u202eb"'}, Flaw.HIDDEN), ({"sha256": '"short"'}, Flaw.SYNTAX)],
)  # fmt: skip
def test_records_that_are_none(values: dict[str, str], flaw: Flaw) -> None:
    with pytest.raises(Flawed) as refused:
        parse_supplier(record_text(**values))
    assert refused.value.flaw is flaw


@given(st.text(max_size=100))
def test_any_list_is_read_or_refused_by_name(text: str) -> None:
    try:
        sanctioned(a_record(), text.encode("utf-8", "surrogatepass"), "list")
    except Flawed:
        return
