"""Permits: one answer for every input, and one way in."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from passerby.charter.permit import ANALYSES, LOCAL_FILE, LOCAL_LIFETIME_S, Claims, Verdict, judge, local_permit

NOW = 1_800_000_000.0
CLAIMS = Claims(
    source=bytes(range(32)),
    analyses=frozenset({"redact", "count"}),
    models={"nanodet": "aa" * 32, "plate": "bb" * 32},
    build=b"\x07" * 32,
    now_s=NOW,
)
PERMIT = local_permit(CLAIMS)
FIELDS: dict[str, Any] = json.loads(PERMIT)


def permit(**changed: Any) -> bytes:
    return rfc8785.dumps(FIELDS | changed)


def without(name: str) -> bytes:
    return rfc8785.dumps({k: v for k, v in FIELDS.items() if k != name})


def backwards() -> bytes:
    return json.dumps(dict(reversed(FIELDS.items())), separators=(",", ":")).encode()


# One case or more for every verdict; `test_every_verdict_is_reached` keeps the list whole.
CASES: list[tuple[str, Verdict, bytes, Claims]] = [
    ("itself", Verdict.GRANTED, PERMIT, CLAIMS),
    ("fewer analyses", Verdict.GRANTED, PERMIT, replace(CLAIMS, analyses=frozenset({"count"}))),
    ("first second", Verdict.GRANTED, PERMIT, replace(CLAIMS, now_s=NOW - 1)),
    ("last second", Verdict.GRANTED, PERMIT, replace(CLAIMS, now_s=math.nextafter(NOW + LOCAL_LIFETIME_S, 0))),
    ("nothing", Verdict.MALFORMED, b"", CLAIMS),
    ("no JSON", Verdict.MALFORMED, b"{", CLAIMS),
    ("no UTF-8", Verdict.MALFORMED, b'"\xff"', CLAIMS),
    ("null", Verdict.MALFORMED, b"null", CLAIMS),
    ("a list", Verdict.MALFORMED, b"[]", CLAIMS),
    ("empty", Verdict.MALFORMED, b"{}", CLAIMS),
    ("a field too many", Verdict.MALFORMED, permit(extra=1), CLAIMS),
    *[(f"no {name}", Verdict.MALFORMED, without(name), CLAIMS) for name in FIELDS],
    *[(f"{name} null", Verdict.MALFORMED, permit(**{name: None}), CLAIMS) for name in FIELDS],
    *[(f"{name} nested", Verdict.MALFORMED, permit(**{name: [[{}]]}), CLAIMS) for name in FIELDS],
    ("version true", Verdict.MALFORMED, permit(version=True), CLAIMS),
    ("version 2", Verdict.MALFORMED, permit(version=2), CLAIMS),
    ("version text", Verdict.MALFORMED, permit(version="1"), CLAIMS),
    ("not before true", Verdict.MALFORMED, permit(not_before_s=True), CLAIMS),
    ("not after true", Verdict.MALFORMED, permit(not_after_s=True), CLAIMS),
    ("not after a fraction", Verdict.MALFORMED, permit(not_after_s=NOW + 0.5), CLAIMS),
    ("analyses text", Verdict.MALFORMED, permit(analyses="redact"), CLAIMS),
    ("analyses of numbers", Verdict.MALFORMED, permit(analyses=[1]), CLAIMS),
    ("models a list", Verdict.MALFORMED, permit(models=[]), CLAIMS),
    ("models of numbers", Verdict.MALFORMED, permit(models={"nanodet": 1}), CLAIMS),
    ("deep", Verdict.MALFORMED, b"[" * 100_000, CLAIMS),
    ("huge", Verdict.MALFORMED, PERMIT.replace(b'"version":1', b'"version":' + b"1" * 5000), CLAIMS),
    ("a time too large", Verdict.MALFORMED, PERMIT.replace(b":1800086400", b":" + b"9" * 30), CLAIMS),
    ("half a character", Verdict.MALFORMED, PERMIT.replace(b"local-file", b"\\ud800"), CLAIMS),
    ("a space", Verdict.NOT_CANONICAL, PERMIT.replace(b":", b": ", 1), CLAIMS),
    ("a newline", Verdict.NOT_CANONICAL, PERMIT + b"\n", CLAIMS),
    ("an escape", Verdict.NOT_CANONICAL, PERMIT.replace(b"local-file", b"loc\\u0061l-file"), CLAIMS),
    ("version 1.0", Verdict.NOT_CANONICAL, PERMIT.replace(b'"version":1', b'"version":1.0'), CLAIMS),
    ("another order", Verdict.NOT_CANONICAL, backwards(), CLAIMS),
    ("UTF-16", Verdict.NOT_CANONICAL, PERMIT.decode().encode("utf-16"), CLAIMS),
    ("a BOM", Verdict.NOT_CANONICAL, b"\xef\xbb\xbf" + PERMIT, CLAIMS),
    ("twice", Verdict.NOT_CANONICAL, PERMIT.replace(b'"kind":', b'"kind":"x","kind":'), CLAIMS),
    ("another kind", Verdict.UNKNOWN_KIND, permit(kind="camera"), CLAIMS),
    ("no kind", Verdict.UNKNOWN_KIND, permit(kind=""), CLAIMS),
    ("another source", Verdict.OTHER_SOURCE, PERMIT, replace(CLAIMS, source=bytes(32))),
    ("source in capitals", Verdict.OTHER_SOURCE, permit(source=FIELDS["source"].upper()), CLAIMS),
    ("one analysis more", Verdict.OTHER_ANALYSIS, PERMIT, replace(CLAIMS, analyses=ANALYSES)),
    ("no analysis", Verdict.OTHER_ANALYSIS, PERMIT, replace(CLAIMS, analyses=frozenset())),
    (
        "an analysis nobody knows",
        Verdict.OTHER_ANALYSIS,
        permit(analyses=["recognise"]),
        replace(CLAIMS, analyses=frozenset({"recognise"})),
    ),
    ("another model", Verdict.OTHER_MODELS, PERMIT, replace(CLAIMS, models={"nanodet": "cc" * 32})),
    ("one model fewer", Verdict.OTHER_MODELS, PERMIT, replace(CLAIMS, models={"nanodet": "aa" * 32})),
    ("one model more", Verdict.OTHER_MODELS, PERMIT, replace(CLAIMS, models=dict(CLAIMS.models) | {"face": "c" * 64})),
    ("another build", Verdict.OTHER_BUILD, PERMIT, replace(CLAIMS, build=bytes(32))),
    ("too early", Verdict.NOT_YET, PERMIT, replace(CLAIMS, now_s=math.nextafter(NOW - 1, 0))),
    ("too late", Verdict.EXPIRED, PERMIT, replace(CLAIMS, now_s=NOW + LOCAL_LIFETIME_S)),
    ("no clock", Verdict.EXPIRED, PERMIT, replace(CLAIMS, now_s=math.nan)),
    ("end of time", Verdict.EXPIRED, PERMIT, replace(CLAIMS, now_s=math.inf)),
]


@pytest.mark.parametrize(("given_", "claims", "verdict"), [pytest.param(p, c, v, id=n) for n, v, p, c in CASES])
def test_verdicts(given_: bytes, claims: Claims, verdict: Verdict) -> None:
    assert judge(given_, claims) is verdict


def test_every_verdict_is_reached() -> None:
    assert {verdict for _, verdict, _, _ in CASES} == set(Verdict)


def test_a_local_permit_is_for_a_day_and_says_what_it_is() -> None:
    assert FIELDS["kind"] == LOCAL_FILE
    assert FIELDS["not_after_s"] - FIELDS["not_before_s"] == LOCAL_LIFETIME_S + 1
    assert FIELDS["analyses"] == ["count", "redact"]


hexes = st.binary(min_size=32, max_size=32)
claims_ = st.builds(
    Claims,
    source=hexes,
    analyses=st.sets(st.sampled_from(sorted(ANALYSES)), min_size=1).map(frozenset),
    models=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), hexes.map(bytes.hex), max_size=3),
    build=hexes,
    now_s=st.floats(0, 2**40),
)


@given(claims_)
def test_a_permit_covers_what_it_was_made_for(claims: Claims) -> None:
    assert judge(local_permit(claims), claims) is Verdict.GRANTED


@given(claims_, claims_)
def test_a_permit_covers_nothing_else(one: Claims, other: Claims) -> None:
    covered = (
        one.source == other.source
        and other.analyses <= one.analyses
        and dict(one.models) == dict(other.models)
        and one.build == other.build
        and int(one.now_s) - 1 <= other.now_s < int(one.now_s) + LOCAL_LIFETIME_S
    )
    assert (judge(local_permit(one), other) is Verdict.GRANTED) == covered


@given(claims_, st.sampled_from(["source", "analyses", "models", "build"]), st.data())
def test_one_claim_changed_is_never_granted(claims: Claims, name: str, data: st.DataObject) -> None:
    changes = {
        "source": hexes,
        "build": hexes,
        "analyses": st.sets(st.sampled_from([*sorted(ANALYSES), "export", ""])).map(frozenset),
        "models": st.dictionaries(st.text(max_size=3), hexes.map(bytes.hex), max_size=3),
    }
    changed = data.draw(changes[name])
    before = getattr(claims, name)
    if changed == before or (name == "analyses" and changed and changed <= before):
        return
    assert judge(local_permit(claims), replace(claims, **{name: changed})) is not Verdict.GRANTED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
# Values that make a permit no narrower still grant: those are left out.
SAME = {"analyses": lambda v: isinstance(v, list) and {"redact", "count"} <= {a for a in v if isinstance(a, str)}}


@given(st.sampled_from(sorted(FIELDS)), json_values)
@example("version", True)
@example("version", 1.0)
@example("not_before_s", False)
@example("not_after_s", 10**400)
@example("not_after_s", 2**53)
@example("models", {"nanodet": True})
def test_one_field_changed_is_never_granted(name: str, value: Any) -> None:
    fields = FIELDS | {name: value}
    if name in ("not_before_s", "not_after_s") and type(value) is int:
        return
    if type(value) is type(FIELDS[name]) and (value == FIELDS[name] or SAME.get(name, lambda _: False)(value)):
        return
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert judge(plain.encode("utf-8", "surrogatepass"), CLAIMS) is not Verdict.GRANTED


@given(st.integers(-(2**70), 2**70), st.integers(-(2**70), 2**70), st.integers(0, 2**40))
@example(0, 2**53, 5)
@example(0, 2**53 - 1, 5)
def test_times_are_kept(not_before_s: int, not_after_s: int, now_s: int) -> None:
    text = json.dumps(
        FIELDS | {"not_before_s": not_before_s, "not_after_s": not_after_s}, sort_keys=True, separators=(",", ":")
    )
    verdict = judge(text.encode(), replace(CLAIMS, now_s=now_s))
    in_range = max(abs(not_before_s), abs(not_after_s)) < 2**53
    assert (verdict is Verdict.GRANTED) == (in_range and not_before_s <= now_s < not_after_s)


@given(st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode()))
@example(b"\xff\xfe")
@example(b"\x00")
@example(b"NaN")
@example(b"-" * 10)
@example(b'{"a":' * 50_000)
def test_every_input_has_an_answer(junk: bytes) -> None:
    assert judge(junk, CLAIMS) is not Verdict.GRANTED


@given(st.integers(0, len(PERMIT) * 8 - 1))
def test_one_bit_changed_is_never_granted_elsewhere(at: int) -> None:
    garbled = bytearray(PERMIT)
    garbled[at // 8] ^= 1 << at % 8
    verdict = judge(bytes(garbled), CLAIMS)
    if verdict is Verdict.GRANTED:
        # Only a date may be another one and still cover now.
        fields = json.loads(garbled)
        assert {k for k in FIELDS if fields[k] != FIELDS[k]} <= {"not_before_s", "not_after_s"}
        assert fields["not_before_s"] <= NOW < fields["not_after_s"]


@given(st.integers(0, len(PERMIT)), st.integers(0, len(PERMIT)))
def test_a_piece_is_never_granted(start: int, end: int) -> None:
    piece = PERMIT[start:end]
    assert piece == PERMIT or judge(piece, CLAIMS) is not Verdict.GRANTED
