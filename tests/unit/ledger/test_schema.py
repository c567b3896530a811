"""What may enter: nothing that could hold a name, free text or a picture, under any schema."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from passerby.ledger.errors import Refusal
from passerby.ledger.schema import FIRST, MOST, SCHEMA_ACT, Schema, format_act, is_count, is_id, parse_act

ACTOR = "p-" + "1" * 32
LOOK: dict[str, Any] = {
    "act": "look",
    "v": 1,
    "actor": ACTOR,
    "seq": 0,
    "time": 5,
    "logged": 6,
    "camera": "cam-0a",
    "purpose": "complaint",
    "case": "c" * 64,
    "content": "d" * 64,
    "until": 9,
}


def changed(**fields: object) -> dict[str, Any]:
    return LOOK | fields


def schema(change: Any) -> dict[str, Any]:
    document = copy.deepcopy(FIRST)
    change(document)
    return document


def test_what_fits_is_taken() -> None:
    Schema(FIRST).check(LOOK)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (changed(act="gossip"), "not in the schema"),
        (changed(act=["look"]), "not in the schema"),
        ({k: v for k, v in LOOK.items() if k != "case"}, "lacks case"),
        (changed(note="Mr Smith"), "1 fields that its kind has not"),
        (changed(actor="Mr Smith"), "actor is not a pseudonym"),
        (changed(actor="p-" + "1" * 31 + "G"), "actor is not a pseudonym"),
        (changed(actor="p-" + "1" * 32 + "\n"), "actor is not a pseudonym"),
        (changed(camera="Main Street 5"), "camera is not a id"),
        (changed(camera="cam-xyz"), "camera is not a id"),
        (changed(purpose="curiosity"), "purpose is not a purpose"),
        (changed(purpose=3), "purpose is not a purpose"),
        (changed(case="c" * 63), "case is not a hash"),
        (changed(until=-1), "until is not a time"),
        (changed(until=1.0), "until is not a time"),
        (changed(until=True), "until is not a time"),
        (changed(until=MOST + 1), "until is not a time"),
    ],
)
def test_what_does_not_fit_is_refused(act: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        Schema(FIRST).check(act)


@given(st.text(max_size=70))
def test_no_free_text_fits_any_field(text: str) -> None:
    """Whatever a field takes is of so few letters that no sentence is among it."""
    for name in LOOK:
        try:
            Schema(FIRST).check(changed(**{name: text}))
        except Refusal:
            continue
        assert text == LOOK[name] or is_id(text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("v"), "not a schema"),
        (lambda d: d.update(v="1"), "version a number"),
        (lambda d: d.update(v=True), "version a number"),
        (lambda d: d.update(lists=[]), "not a schema"),
        (lambda d: d["lists"].update(purpose="crowd"), "small letters"),
        (lambda d: d["lists"].update(purpose=[["crowd"]]), "not a schema"),
        (lambda d: d["lists"].update(purpose=["Mr Smith"]), "small letters"),
        (lambda d: d["acts"].update(look="hash"), "not a schema"),
        (lambda d: d["acts"]["look"].update(remark="text"), "unknown types: look.remark"),
        (lambda d: d["acts"]["look"].update(remark=["hash"]), "unknown types: look.remark"),
        (lambda d: d["acts"]["look"].update(remark="act"), "unknown types: look.remark"),
        (lambda d: d["acts"]["look"].update(logged="hash"), "redefines what every act has: look.logged"),
        (lambda d: d["acts"].update(hour={"station": "id"}), "what an hour is"),
        (lambda d: d["acts"]["hour"].update(more="hash"), "what an hour is"),
    ],
)
def test_no_schema_may_open_a_hole(change: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        Schema(schema(change))


def test_a_schema_is_checked_where_it_is_logged() -> None:
    act = {"act": SCHEMA_ACT, "v": 1, "actor": ACTOR, "seq": 0, "time": 5, "logged": 5, SCHEMA_ACT: FIRST}
    Schema(FIRST).check(act)
    with pytest.raises(Refusal, match="unknown types"):
        Schema(FIRST).check(act | {SCHEMA_ACT: schema(lambda d: d["acts"]["look"].update(remark="text"))})
    with pytest.raises(Refusal, match="schema is not a schema"):
        Schema(FIRST).check(act | {SCHEMA_ACT: "one"})


def test_only_canonical_json_is_an_act() -> None:
    entry = format_act(LOOK)
    assert parse_act(entry) == LOOK
    for odd in (
        b" " + entry,
        entry + b"\n",
        b"[]",
        b"1",
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"a":1e400}',
        b'{"a":%d}' % 10**400,
    ):
        with pytest.raises(Refusal):
            parse_act(odd)
    with pytest.raises(Refusal, match="canonical JSON"):
        format_act({"n": MOST + 2})


def test_numbers_are_whole_and_ids_are_ids() -> None:
    assert is_count(0)
    assert is_count(MOST)
    assert not any(is_count(odd) for odd in (-1, MOST + 1, True, 1.0, "1", None))
    assert is_id("cam-0")
    assert not any(is_id(odd) for odd in ("cam-", "-0", "Cam-0", "cam-0\n", "camera-x-0", "abcdefghi-0", 3, None, ""))


@given(
    st.dictionaries(
        st.text(max_size=6),
        st.one_of(
            st.text(max_size=12), st.integers(-3, 2**53 + 2), st.booleans(), st.none(), st.lists(st.integers(0, 3))
        ),
        max_size=6,
    )
)
@example({"a": '\x00\x1f\x7f"\\/\b\f\n\r\t', "Z": MOST, "_": "plain"})
def test_the_short_way_to_canonical_json_writes_the_same_bytes(act: dict[str, Any]) -> None:
    try:
        expected = rfc8785.dumps(act)
    except rfc8785.CanonicalizationError:
        with pytest.raises(Refusal):
            format_act(act)
    else:
        assert format_act(act) == expected
        assert parse_act(expected) == act


pieces = st.sampled_from(
    ['{', '}', ',', ':', '"a"', '"b"', '"act"', '"look"', '"0"', '""', '0', '7', '42', '007', '-1', '1.0', '1e3', ' ',
     '[]', '"a:b"', '"\\u0061"', '"é"', '9007199254740993', 'true', '"a":1', '"b":2', '"a":"x"']
)  # fmt: skip


@given(
    st.one_of(
        st.lists(pieces, max_size=12).map("".join), st.lists(pieces, max_size=5).map(lambda p: f"{{{','.join(p)}}}")
    )
)
@example('{"a":1,"a":1}')
@example('{"b":1,"a":1}')
@example('{"a":1,"b":":"}')
@example('{"a":"\\u0061"}')
@example('{"a":01}')
def test_the_short_way_of_reading_takes_what_the_long_way_takes(text: str) -> None:
    """Bytes are an act exactly where writing them again, by RFC 8785, gives the same bytes."""
    entry = text.encode()
    try:
        found = json.loads(entry)
        canonical = isinstance(found, dict) and rfc8785.dumps(found) == entry
    except (ValueError, rfc8785.CanonicalizationError):
        canonical = False
    if canonical:
        assert parse_act(entry) == found
    else:
        with pytest.raises(Refusal):
            parse_act(entry)
