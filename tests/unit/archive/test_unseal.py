"""Two officers open a sealed original together: logged first, scoped, each by the keeper's rules; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import permutations, product
from typing import Any

import pytest
from tests.unit.archive.keeper.kit import HOUR, MINE, SITE, asking, logged
from tests.unit.archive.test_seal import OFFICERS, PAIRS, SLOT_KEY, TERMS, WHO, draws
from tests.unit.charter.world import NOW, ROOT, sha

from passerby.archive import seal
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.archive.unseal import SealedFile, give_halves, take_halves
from passerby.base.errors import CustodyError, KeeperRefused

EPOCH = EpochId("gate-1", (HOUR - 3600) * US, HOUR_US, "sealed")
ASKED = asking(act="unseal", kind="sealed", detail=sha("the region"))
PROVEN = logged(ASKED)
KEYS = [sha256(b"file %d" % n).digest() for n in (1, 2)]


def sealed_file(number: int, epoch: EpochId = EPOCH) -> SealedFile:
    salt = sha256(b"salt %d" % number).digest()
    share, given = seal.slot_share(SLOT_KEY, salt, epoch), draws()
    place = seal.place_of(ROOT.site, epoch, salt, TERMS)
    made = seal.split(KEYS[number], share, place, list(OFFICERS.values()), lambda n: next(given)[:n])
    return SealedFile(epoch, salt, seal.pack(made, TERMS))


FILES = [sealed_file(0), sealed_file(1)]


def give(
    officer: str, other: str, what: Any = ASKED, proven: Any = PROVEN, key: bytes = MINE.public, **more: Any
) -> bytes:
    files, now = more.get("files", FILES), more.get("now", NOW)
    return give_halves(PAIRS[officer], PAIRS[other].id, (what, proven, key), files, SITE, now)


def opened(one: str, two: str, slot_key: bytes = SLOT_KEY) -> list[bytes]:
    halves = [take_halves(MINE, ASKED, PAIRS[who].id, give(who, other), 2) for who, other in ((one, two), (two, one))]
    shares = [seal.slot_share(slot_key, file.salt, file.epoch) for file in FILES]
    return [bytes(seal.joined(s, a, b)) for s, a, b in zip(shares, *halves, strict=True)]


@pytest.mark.parametrize(("one", "two"), list(permutations(WHO, 2)))
def test_every_pair(one: str, two: str) -> None:
    """Every allowed pair opens, while the slot lives; no other pair is given anything."""
    if WHO[one] == WHO[two]:
        with pytest.raises(CustodyError, match="no pair"):
            opened(one, two)
    else:
        assert opened(one, two) == KEYS
        assert not set(opened(one, two, bytes(32))) & set(KEYS)


@pytest.mark.parametrize("one", list(WHO))
def test_nobody_alone(one: str) -> None:
    with pytest.raises(CustodyError, match="no pair"):
        give(one, one)


def refusals() -> Iterator[tuple[dict[str, Any], str]]:
    other = asking(act="unseal", kind="sealed", detail=sha("another region"))
    look = asking()
    yield (
        {"what": look, "proven": logged(look), "files": [replace(FILES[0], epoch=replace(EPOCH, kind="redacted"))]},
        "kind",
    )
    yield {"what": other}, "content"
    yield {"proven": logged(ASKED, camera="cam-" + "0" * 32)}, "camera"
    yield {"proven": logged(ASKED, act="look")}, "kind"
    yield {"proven": logged(ASKED, by=("w1",))}, "proof"
    yield {"now": ASKED.until}, "expired"
    yield {"key": PAIRS["ann"].public}, "key"
    yield {"files": []}, "interval"
    yield {"files": [sealed_file(0, replace(EPOCH, camera="gate-2"))]}, "interval"
    yield {"files": [sealed_file(0, replace(EPOCH, period_us=HOUR * US))]}, "interval"


@pytest.mark.parametrize(("more", "reason"), list(refusals()), ids=[f"{n}-{r[1]}" for n, r in enumerate(refusals())])
def test_an_officer_gives_nothing_that_no_act_covers(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(KeeperRefused) as caught:
        give("ann", "eve", **more)
    assert caught.value.reason == reason


def test_what_an_officer_gave_is_for_whoever_asked_and_says_whose_it_is() -> None:
    given = give("ann", "eve")
    assert len(take_halves(MINE, ASKED, PAIRS["ann"].id, given, 2)) == 2
    wrong = product((MINE, PAIRS["bob"]), (ASKED, replace(ASKED, salt=sha("x"))), (PAIRS["ann"].id, PAIRS["eve"].id))
    for pair, what, who in wrong:
        if (pair, what, who) != (MINE, ASKED, PAIRS["ann"].id):
            with pytest.raises(CustodyError):
                take_halves(pair, what, who, given, 2)
    with pytest.raises(CustodyError, match="another number"):
        take_halves(MINE, ASKED, PAIRS["ann"].id, given, 1)


def test_halves_of_two_pairs_do_not_open() -> None:
    """Two officers of two institutions who answered different questions: what they gave fits nothing."""
    (first, _), (second, _) = (
        take_halves(MINE, ASKED, PAIRS[who].id, give(who, other), 2) for who, other in (("ann", "fay"), ("eve", "bob"))
    )
    share = seal.slot_share(SLOT_KEY, FILES[0].salt, EPOCH)
    assert bytes(seal.joined(share, first, second)) not in KEYS


def test_a_file_without_halves() -> None:
    with pytest.raises(CustodyError, match="holds no halves"):
        give("ann", "eve", files=[replace(FILES[0], halves=b"")])
