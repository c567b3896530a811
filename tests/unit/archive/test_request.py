"""An officer gives its half for exactly what a request asks, and nothing that case, ledger and permit don't cover."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.archive.keeper.kit import MINE, SITE, logged
from tests.unit.archive.test_seal import PAIRS, SLOT_KEY, TERMS, WHO, draws
from tests.unit.charter.world import DAY, NOW, ROOT, Ledger, sha
from tests.unit.darkroom.sealed import HOUR, wish

from passerby.archive import seal
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.archive.request import Request, agree, answer_text, for_two, parse_half, parse_request
from passerby.archive.unseal import SealedFile, take_halves
from passerby.base.errors import CustodyError, KeeperRefused, PasserbyError
from passerby.charter.document import Unsound
from passerby.charter.matter.record import Kind, Matter

EPOCH = EpochId("gate-1", HOUR * US, HOUR_US, "sealed")
SALT = b"s" * 32


def sealed_file() -> SealedFile:
    from tests.unit.archive.test_seal import OFFICERS

    drawn = draws()
    share = seal.slot_share(SLOT_KEY, SALT, EPOCH)
    place = seal.place_of(ROOT.site, EPOCH, SALT, TERMS)
    made = seal.split(b"k" * 32, share, place, [*OFFICERS.values()], lambda n: next(drawn)[:n])
    return SealedFile(EPOCH, SALT, seal.pack(made, TERMS))


FILE = sealed_file()
CASE = Matter(
    sha("a case"), Kind.CASE, "open", "", NOW - 3600, purpose="crowd-safety", until=NOW + DAY,
    cameras=("gate-1", "gate-2"), since=HOUR - DAY, upto=HOUR + DAY,
)  # fmt: skip


def request(one: str = "ann", other: str = "eve", case: Matter = CASE, when: int = NOW, **values: Any) -> Request:
    asked, belongs = wish(one, other, **values)
    ledger = Ledger()
    opened = ledger.add({"act": "case", "case": case.id, "purpose": case.purpose}, case.begun)
    officers = belongs.officers
    act = logged(asked, when, ledger)
    return Request(asked, act, MINE.public, belongs, (for_two(FILE, officers),), case, opened)


GOOD = request()


def test_there_and_back() -> None:
    again = parse_request(GOOD.text().encode())
    assert again == GOOD and again.text() == GOOD.text()


@pytest.mark.parametrize("one", list(WHO))
def test_each_officer_gives_its_own_half_and_no_other(one: str) -> None:
    other = "guy" if WHO[one] != "court" else "ann"
    asked = request(one, other)
    given_ = parse_half(
        answer_text(asked.asking, PAIRS[one].id, agree(asked, PAIRS[one], SITE, NOW)).encode(), asked.asking
    )
    assert given_[0] == PAIRS[one].id.hex()
    (half,) = take_halves(MINE, asked.asking, PAIRS[one].id, given_[1], 1)
    assert len(half) == 32
    for stranger in set(WHO) - {one, other}:
        with pytest.raises(CustodyError, match="two other officers"):
            agree(asked, PAIRS[stranger], SITE, NOW)


def test_a_request_shows_the_halves_of_two_officers_only() -> None:
    (file,) = GOOD.files
    halves, terms = seal.unpack(file.halves)
    assert len(halves) == 1 and terms == TERMS
    with pytest.raises(CustodyError, match="no pair"):
        for_two(FILE, (PAIRS["ann"].id.hex(), PAIRS["bob"].id.hex()))


def refused() -> Iterator[tuple[str, Callable[[], Request], str]]:
    def case(**values: Any) -> Callable[[], Request]:
        return lambda: request(case=replace(CASE, **values))

    yield "a case that is closed", case(state="closed"), "closed"
    yield "a case that has ended", case(until=NOW + 10), "ended"
    yield "a case of another camera", case(cameras=("gate-2",)), "does not name this camera"
    yield "a case of other hours", case(upto=HOUR + 1230), "hours"
    yield "a case that was opened afterwards", case(begun=NOW + 5), "before the look"
    yield "a case that is another", lambda: replace(GOOD, case=replace(CASE, id=sha("another"))), "another"
    yield "a case for another purpose", case(purpose="flow-statistics"), "purpose"
    yield "a case that is in no ledger", lambda: replace(GOOD, opened=GOOD.logged), "another case"
    yield "another region", lambda: replace(GOOD, unsealing=wish("ann", "eve", region=((0, 0, 9, 9),))[1]), "region"
    yield "longer than the permit lets", lambda: replace(GOOD, files=(shorter(59),)), "59 s"
    yield "a file that is not theirs", lambda: replace(GOOD, files=(other_pair(),)), "no pair"


def shorter(unseal_s: int) -> SealedFile:
    halves, terms = seal.unpack(GOOD.files[0].halves)
    return replace(GOOD.files[0], halves=seal.pack(halves, replace(terms, unseal_s=unseal_s)))


def other_pair() -> SealedFile:
    return for_two(FILE, (PAIRS["bob"].id.hex(), PAIRS["guy"].id.hex()))


@pytest.mark.parametrize(("make", "why"), [r[1:] for r in refused()], ids=[r[0] for r in refused()])
def test_nothing_is_given_for_what_is_not_covered(make: Callable[[], Request], why: str) -> None:
    with pytest.raises(CustodyError, match=why):
        agree(make(), PAIRS["ann"], SITE, NOW)


def test_a_limit_that_somebody_changed_opens_nothing() -> None:
    """The halves are bound to what the permit says: shown another limit, they can't be opened."""
    assert agree(GOOD, PAIRS["ann"], SITE, NOW)
    with pytest.raises(CustodyError, match="not sealed to this key for this"):
        agree(replace(GOOD, files=(shorter(901),)), PAIRS["ann"], SITE, NOW)


def test_no_act_no_half() -> None:
    with pytest.raises(KeeperRefused, match="another key"):
        agree(replace(GOOD, key=PAIRS["eve"].public), PAIRS["ann"], SITE, NOW)
    look = Request(**{f.name: getattr(GOOD, f.name) for f in fields(GOOD)} | {"logged": request().opened})
    with pytest.raises(PasserbyError):
        agree(look, PAIRS["ann"], SITE, NOW)
    with pytest.raises(KeeperRefused, match="over"):
        agree(GOOD, PAIRS["ann"], SITE, GOOD.asking.until)


def test_an_answer_to_another_request() -> None:
    answer = answer_text(GOOD.asking, PAIRS["ann"].id, b"half").encode()
    assert parse_half(answer, GOOD.asking) == (PAIRS["ann"].id.hex(), b"half")
    with pytest.raises(Unsound, match="another request"):
        parse_half(answer, wish("ann", "eve", salt=sha("x"))[0])


@pytest.mark.parametrize("name", list(json.loads(GOOD.text())))
def test_each_field_is_needed_and_read_strictly(name: str) -> None:
    found = json.loads(GOOD.text())
    without = {key: value for key, value in found.items() if key != name}
    proven_later = name in ("entry", "proof", "case_entry", "case_proof")
    odd_text = [] if proven_later else [found | {name: "x"}]
    for odd in (without, found | {name: 5}, *odd_text, found | {name: []}, found | {name: None}):
        with pytest.raises(PasserbyError):
            parse_request(rfc8785.dumps(odd) + b"\n")


@given(st.binary(max_size=200))
def test_every_file_has_an_answer(raw: bytes) -> None:
    with pytest.raises(PasserbyError):
        parse_request(raw)
    with pytest.raises(PasserbyError):
        parse_half(raw, GOOD.asking)
