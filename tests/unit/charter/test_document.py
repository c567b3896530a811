"""Strict reading: one way to write each document, and a fault for each other."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.world import FOUNDERS, ROOT, T0, first_root, permit, sha, signed, signer, site_key, vkey

from passerby.charter.document import DEEPEST, LONGEST, Fault, Unsound, read, text_of, write
from passerby.charter.root import parse_root
from passerby.charter.shapes import digest, digest_or_none, listed, plain_name, safe_id, site_name, whole
from passerby.charter.site_permit import (
    JUSTIFICATION,
    REVOCATION,
    justification,
    parse_site_permit,
    parse_word,
    revocation,
)
from passerby.ledger.verify import COSIGN_ED25519, ED25519

SHAPES = {"format": lambda v: v == "f", "x": lambda v: True}


def fault(text: str) -> Fault:
    with pytest.raises(Unsound) as caught:
        read(text, SHAPES)
    return caught.value.fault


def nested(depth: int) -> str:
    return '{"format":"f","x":' + "[" * (depth - 1) + "]" * (depth - 1) + "}\n"


CASES = [
    ("", Fault.NO_JSON), ("[]\n", Fault.NO_JSON), ("1\n", Fault.NO_JSON), ("{\n", Fault.NO_JSON),
    ("null\n", Fault.NO_JSON), ('{"format":"f","x":' + "1" * 5000 + "}\n", Fault.NO_JSON),
    ('{"format":"f"}\n', Fault.FIELDS), ('{"format":"f","x":1,"y":1}\n', Fault.FIELDS),
    ('{"format":"g","x":1}\n', Fault.OTHER_FORMAT), ("{}\n", Fault.OTHER_FORMAT),
    ('{"format":"f","x":1}', Fault.NOT_CANONICAL), ('{"format":"f","x":1}\n\n', Fault.NOT_CANONICAL),
    ('{"x":1,"format":"f"}\n', Fault.NOT_CANONICAL), ('{"format":"\\u0066","x":1}\n', Fault.NOT_CANONICAL),
    ('{"format":"f","x":9007199254740993}\n', Fault.NOT_CANONICAL),
    ('{"format":"f","x":"\\ud800"}\n', Fault.NOT_CANONICAL),
    ('{"format":"f","x":1.0}\n', Fault.VALUES), ('{"format":"f","x":1e3}\n', Fault.VALUES),
    ('{"format":"f","x":Infinity}\n', Fault.VALUES), ('{"format":"f","x":-NaN}\n', Fault.NO_JSON),
    ('{"format":"f","format":"f","x":1}\n', Fault.TWICE), ('{"format":"f","x":{"a":1,"a":1}}\n', Fault.TWICE),
    (nested(DEEPEST + 1), Fault.TOO_DEEP), ("[" * 100_000, Fault.TOO_DEEP), (nested(400), Fault.TOO_DEEP),
    ('{"format":"f","x":"' + "a" * LONGEST + '"}\n', Fault.TOO_LONG),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), CASES, ids=range(len(CASES)))
def test_each_fault(text: str, why: Fault) -> None:
    assert fault(text) is why


def test_the_rest_of_the_faults() -> None:
    assert {why for _, why in CASES} | {Fault.NO_NOTE, Fault.SENSE} == set(Fault)
    assert read(nested(DEEPEST), SHAPES)["x"] is not None
    assert read('{"format":"f","x":9007199254740991}\n', SHAPES)["x"] == 2**53 - 1
    with pytest.raises(Unsound):
        write({"x": 1.5e400})
    for junk, why in ((b"x", Fault.NO_NOTE), (b"x" * (LONGEST + 1), Fault.TOO_LONG)):
        with pytest.raises(Unsound) as caught:
            text_of(junk)
        assert caught.value.fault is why
        assert "take it again" in str(caught.value)


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("latin-1")))
def test_whatever_is_read_is_written_the_same(text: str) -> None:
    try:
        found = read(text, SHAPES)
    except Unsound:
        return
    assert write(found) == text


def test_shapes() -> None:
    assert whole(1, 5)(1) and whole(1, 5)(5)
    assert not any(map(whole(1, 5), (0, 6, True, 1.0, "1", None)))
    assert digest("a" * 64) and digest_or_none("")
    assert not any(map(digest, ("", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", None, 1)))
    assert not any(map(digest_or_none, ("A" * 64, None, 0, False)))
    assert safe_id("gate-1") and not any(map(safe_id, ("", "-", "a/b", "A", "a" * 64, None, "gate-1\n")))
    assert site_name("example.org/port") and not any(map(site_name, ("", "Example", "a b", "a/", "a/b/c", None)))
    assert plain_name("City of Ä") and not any(map(plain_name, ("", " a", "a\n", "\u202e", "a" * 121, None)))
    assert listed(digest)([]) and not listed(digest, 1)([])
    assert not any(map(listed(safe_id), (("a",), ["b", "a"], ["a", "a"], [1], None, "ab", ["a", "_"])))


def changed_root(**values: Any) -> bytes:
    return signed(rfc8785.dumps(json.loads(ROOT.text()) | values).decode() + "\n", *FOUNDERS)


def limit(**values: Any) -> dict[str, Any]:
    return {"limits": json.loads(ROOT.text())["limits"] | values}


def key_field(name: str, **values: Any) -> dict[str, Any]:
    keys = json.loads(ROOT.text())["keys"]
    return {"keys": keys | {site_key(name).id: keys[site_key(name).id] | values}}


def keys_without(*names: str) -> dict[str, Any]:
    gone = {site_key(name).id for name in names}
    return {"keys": {k: v for k, v in json.loads(ROOT.text())["keys"].items() if k not in gone}}


BAD_ROOTS = [
    ("a field more", Fault.FIELDS, {"x": 1}), ("a permit", Fault.OTHER_FORMAT, {"format": "passerby/permit@1"}),
    ("no analysis", Fault.VALUES, {"analyses": []}),
    ("recognition", Fault.VALUES, {"analyses": ["crowd", "recognise"]}),
    ("unsorted", Fault.VALUES, {"analyses": ["live", "crowd"]}), ("own purposes", Fault.VALUES, {"purposes": ["fun"]}),
    ("a limit more", Fault.VALUES, limit(x=1)), ("heartbeat of 8 days", Fault.VALUES, limit(heartbeat_s=8 * 86400)),
    ("heartbeat of 0", Fault.VALUES, limit(heartbeat_s=0)), ("emergency maybe", Fault.VALUES, limit(emergency=1)),
    ("kept for ever", Fault.VALUES, limit(retention_s=2**40)), ("less than nothing", Fault.VALUES, limit(waiting_s=-1)),
    ("follows nothing", Fault.SENSE, {"serial": 1}), ("follows something", Fault.SENSE, {"previous": sha("x")}),
    ("over itself", Fault.SENSE, {"oldest": 1}), ("demo by stealth", Fault.SENSE, {"demo": True}),
    ("real by stealth", Fault.SENSE, {"site": "demo.example.org"}),
    ("nobody's key", Fault.SENSE, key_field("op1", institution="x")),
    ("one for both", Fault.SENSE, key_field("rev1", institution="city")),
    ("keeps for itself", Fault.SENSE, key_field("keep", institution="city")),
    ("one operator", Fault.SENSE, keys_without("op2")), ("one reviewer", Fault.SENSE, keys_without("rev2")),
    ("no log", Fault.SENSE, keys_without("log")), ("a witness too few", Fault.SENSE, keys_without("w1")),
    ("a lost key", Fault.SENSE, key_field("op1", state="lost", since=5)),
    ("lost, but when", Fault.SENSE, key_field("op1", state="lost")),
    ("active since", Fault.SENSE, key_field("op1", since=5)),
    ("ends at once", Fault.SENSE, key_field("op1", until=T0)), ("another's id", Fault.SENSE,
     key_field("op1", vkey=json.loads(ROOT.text())["keys"][site_key("op2").id]["vkey"])),
    ("no vkey", Fault.VALUES, key_field("op1", vkey="x")), ("a key's field more", Fault.FIELDS, key_field("op1", x=1)),
    ("no role", Fault.VALUES, key_field("op1", role="king")),
    ("a log as officer", Fault.SENSE, key_field("w1", role="officer")),
    ("quorum none", Fault.SENSE, {"policy": "quorum none\n"}), ("no policy", Fault.SENSE, {"policy": ""}),
    ("own witness", Fault.SENSE, key_field("w1", institution="city") | {
        "policy": ROOT.policy.replace("group both 2", "group both 1")}),
    ("a stranger's log", Fault.SENSE, {"policy": f"log {vkey('stranger')}\n{ROOT.policy}"}),
    ("a stranger's witness", Fault.SENSE, {"policy": ROOT.policy.replace(vkey("w2"), vkey("w3"))}),
    ("one name", Fault.SENSE, {"institutions": {"city": "A", "privacy": "A", "paper": "B"}}),
    ("revokes at first", Fault.SENSE, {"revoked": {sha("x"): 1}}),
    ("seat empty at first", Fault.SENSE, {"seat_empty_since": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "values"), [c[1:] for c in BAD_ROOTS], ids=[c[0] for c in BAD_ROOTS])
def test_roots_that_are_none(why: Fault, values: dict[str, Any]) -> None:
    with pytest.raises(Unsound) as caught:
        parse_root(text_of(changed_root(**values)))
    assert caught.value.fault is why, caught.value


def test_roots_and_permits_come_back_as_they_were() -> None:
    assert parse_root(ROOT.text()) == ROOT
    demo = first_root(site="demo.example.org", demo=True, keys={
        k: v for k, v in ROOT.keys.items() if v.key.name not in ("op2.example.org", "rev2.example.org")})  # fmt: skip
    assert parse_root(demo.text()) == demo
    held = permit(renews=sha("x"), build=sha("y"))
    assert parse_site_permit(signed(held.text(), "op1")) == held
    assert held.hash != permit().hash
    assert {signer("w1").kind, signer("op1").kind} == {COSIGN_ED25519, ED25519}


def test_other_words() -> None:
    for form, text in ((JUSTIFICATION, justification(sha("p"), sha("c"), 5)), (REVOCATION, revocation(sha("p"), 5))):
        assert parse_word(signed(text, "op1"), form) == (sha("p"), 5)
        for bad in (text.replace("5", "true"), text.replace("{", '{"a":1,'), permit().text()):
            with pytest.raises(Unsound):
                parse_word(signed(bad, "op1"), form)
    with pytest.raises(Unsound):
        parse_word(signed(revocation(sha("p"), 5), "op1"), JUSTIFICATION)


SEALED = {"seal_s": 60, "unseal_s": 900}
SENSELESS: list[dict[str, Any]] = [
    {"issued": T0 + 21 * 86400}, {"ends": T0}, {"review_by": T0}, {"retention_s": 0}, {"analyses": ("crowd",)},
    {"emergency": True, "renews": sha("x")}, {"emergency": True, "analyses": ("crowd", "seal"), **SEALED},
    {"analyses": ("crowd", "seal"), **SEALED, "retention_s": 59},
]  # fmt: skip


@pytest.mark.parametrize("values", SENSELESS)
def test_permits_that_contradict_themselves(values: dict[str, Any]) -> None:
    with pytest.raises(Unsound) as caught:
        parse_site_permit(signed(permit(**values).text(), "op1", "rev1"))
    assert caught.value.fault is Fault.SENSE
