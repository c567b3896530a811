"""What somebody asks to see: one text, one hash, and nothing that one act may not cover."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.world import NOW, ROOT, sha

from passerby.charter.asking import KINDS, SESSION_S, SPAN_S, Asking, parse_asking
from passerby.charter.document import Unsound
from passerby.charter.root import PURPOSES

LOOK = Asking(
    act="look", site=ROOT.site, camera="gate-1", kind="redacted", begins=NOW - 900, ends=NOW, until=NOW + SESSION_S,
    purpose="crowd-safety", case=sha("case"), detail="", key=sha("key"), salt=sha("salt"),
)  # fmt: skip


def text(**changes: Any) -> str:
    return rfc8785.dumps(json.loads(LOOK.text()) | changes).decode() + "\n"


def test_there_and_back() -> None:
    assert parse_asking(LOOK.text()) == LOOK and text() == LOOK.text()
    for act, kind in (("export", "redacted"), ("unseal", "sealed")):
        other = replace(LOOK, act=act, kind=kind, detail=sha("x"))
        assert parse_asking(other.text()) == other
        assert "until" not in other.entry() and other.entry()["act"] == act
    assert LOOK.entry()["until"] == LOOK.until and LOOK.entry()["content"] == LOOK.hash
    assert LOOK.camera not in json.dumps(LOOK.entry())


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "passerby/asking@2"}, {"act": "start"}, {"act": ["look"]}, {"site": "No Site"}, {"camera": "../x"},
        {"kind": "raw"}, {"kind": "sealed"}, {"kind": "plate"}, {"from": NOW}, {"from": NOW + 1}, {"from": -1},
        {"from": NOW - SPAN_S["look"] - 1}, {"to": 1.5}, {"until": "x"}, {"until": True}, {"purpose": "curiosity"},
        {"case": "x"}, {"case": ""}, {"detail": "x"}, {"key": "00"}, {"salt": "00"}, {"more": 1},
        {"act": "export"}, {"act": "unseal", "detail": "00" * 32}, {"act": "unseal", "kind": "sealed"},
        {"act": "unseal", "kind": "sealed", "detail": "00" * 32, "from": NOW - 901},
    ],
)  # fmt: skip
def test_no_asking(changes: dict[str, Any]) -> None:
    with pytest.raises(Unsound):
        parse_asking(text(**changes))


@given(
    act=st.sampled_from(sorted(SPAN_S)), kind=st.sampled_from(KINDS), begins=st.integers(0, 1 << 40),
    length=st.integers(1, 25_000), until=st.integers(0, 1 << 40), purpose=st.sampled_from(PURPOSES),
    detail=st.sampled_from(["", "00" * 32]),
)  # fmt: skip
def test_every_asking_there_and_back_or_refused(
    act: str, kind: str, begins: int, length: int, until: int, purpose: str, detail: str
) -> None:
    found = replace(
        LOOK, act=act, kind=kind, begins=begins, ends=begins + length, until=until, purpose=purpose, detail=detail
    )
    right = kind == ("sealed" if act == "unseal" else "redacted")
    if length <= SPAN_S[act] and right and (detail or act == "look"):
        assert parse_asking(found.text()) == found
    else:
        with pytest.raises(Unsound):
            parse_asking(found.text())


def test_any_difference_is_another_hash() -> None:
    others = [replace(LOOK, **{n: v}) for n, v in (("salt", sha("x")), ("ends", NOW + 1), ("key", sha("y")))]
    assert len({o.hash for o in [LOOK, *others]}) == 4
