"""The scribe: nothing is logged for a case that doesn't cover it, and whoever gives something out says to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.unit.archive.keeper.kit import asking
from tests.unit.charter.world import ACTOR, NOW, ROOT, Ledger, sha

from passerby.archive.keeper.scribe import NOBODY, Given, Scribe, have_logged
from passerby.base.errors import KeeperRefused
from passerby.charter.asking import Asking
from passerby.charter.proofs import Logged
from passerby.ledger.schema import FIRST, Schema, parse_act

GIVEN = Given("prosecutor", "warrant")
EXPORT = asking(act="export", detail=sha("people"))
UNSEAL = asking(act="unseal", kind="sealed", detail=sha("people"))


@dataclass
class Book:
    """A ledger in memory."""

    ledger: Ledger = field(default_factory=Ledger)
    keys: list[bytes] = field(default_factory=list)

    def log(self, act: Mapping[str, object], key: bytes) -> Logged:
        self.keys.append(key)
        return self.ledger.add(act, NOW)

    @property
    def acts(self) -> list[dict[str, Any]]:
        return [parse_act(entry) for entry in self.ledger.entries]


def told(asked: Asking, given: Given = NOBODY, why: str = "") -> Book:
    book = Book()
    scribe = Scribe(ROOT.site, book, lambda: NOW, lambda _asking, _now: why)
    have_logged(asked, ACTOR, scribe.handle, given)
    return book


@pytest.mark.parametrize("asked", [EXPORT, UNSEAL], ids=["export", "unseal"])
def test_to_whom_something_is_given_is_in_the_ledger_first(asked: Asking) -> None:
    book = told(asked, GIVEN)
    share, act = book.acts
    assert (share["act"], share["recipient"], share["basis"]) == ("share", "prosecutor", "warrant")
    assert act["act"] == asked.act
    assert {n: share[n] for n in ("camera", "purpose", "case", "content")} == {
        n: act[n] for n in ("camera", "purpose", "case", "content")
    }
    assert len(set(book.keys)) == 2
    for found in book.acts:
        Schema(FIRST).check(found)


def test_a_look_is_shared_with_nobody() -> None:
    assert [act["act"] for act in told(asking()).acts] == ["look"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (EXPORT, NOBODY),
        (UNSEAL, NOBODY),
        (EXPORT, Given("police", "")),
        (asking(), GIVEN),
        (EXPORT, Given("a friend", "x")),
    ],
)
def test_who_gives_something_out_says_to_whom(asked: Asking, given: Given) -> None:
    with pytest.raises(KeeperRefused):
        told(asked, given)


def test_nothing_is_logged_that_no_case_covers() -> None:
    for asked, given in ((asking(), NOBODY), (EXPORT, GIVEN), (UNSEAL, GIVEN)):
        with pytest.raises(KeeperRefused, match="the case is closed") as caught:
            told(asked, given, "the case is closed")
        assert caught.value.reason == "case"
