"""A keeper answers to a proof of exactly what is asked, and to nothing else: each rule by itself, and at its edge."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.archive.keeper.kit import EPOCH, HOUR, MINE, PAIR, SITE, asking, logged, question, share
from tests.unit.charter.world import FOUNDERS, NOW, ROOT, T0, Ledger, first_root, sha, signer, site_key

from passerby.archive.keeper.judge import Overseen, Why, judge
from passerby.archive.keeper.messages import Ask
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.base.errors import KeeperRefused
from passerby.charter.keys import Role
from passerby.ledger.policy import Witness, compose
from passerby.ledger.schema import FIRST, Schema, parse_act
from passerby.ledger.verify import CLOCKS_DIFFER

SEALED = share().sealed
GOOD = asking()
PROVEN = logged(GOOD)


def ask(what: Any = GOOD, proven: Any = PROVEN, epoch: EpochId = EPOCH, key: bytes = MINE.public) -> Ask:
    return question(what, proven, [(epoch, SEALED)], key)


def refused(found: Ask, now: int = NOW, site: Overseen = SITE) -> str:
    with pytest.raises(KeeperRefused) as caught:
        judge(found, site, now)
    return caught.value.reason


def test_a_proof_of_exactly_this_is_answered() -> None:
    found, epochs = judge(ask(), SITE, NOW)
    assert found == GOOD and epochs == [EPOCH]


def test_the_act_fits_the_ledgers_schema() -> None:
    for what in (GOOD, asking(act="export", detail=sha("x")), asking(act="unseal", kind="sealed", detail=sha("x"))):
        Schema(FIRST).check(parse_act(logged(what).entry))


def relogged(**act: Any) -> Callable[[], Ask]:
    """What is asked stays; the ledger has something else."""
    return lambda: ask(proven=logged(GOOD, **act))


def reasked(**values: Any) -> Callable[[], Ask]:
    """What is in the ledger stays; something else is asked."""
    return lambda: ask(asking(**values))


def both(**values: Any) -> Callable[[], Ask]:
    """Something else is asked, and logged."""
    return lambda: ask(asking(**values), logged(asking(**values)))


LATER = NOW + 10_000
CASES: list[tuple[str, Callable[[], Ask], Why]] = [
    ("another camera in the ledger", relogged(camera="cam-" + "0" * 32), Why.CAMERA),
    ("another purpose in the ledger", relogged(purpose="audit"), Why.PURPOSE),
    ("another case in the ledger", relogged(case=sha("another")), Why.CASE),
    ("another act in the ledger", relogged(act="export"), Why.KIND),
    ("another interval in the ledger", relogged(content=asking(begins=HOUR - 1801).hash), Why.CONTENT),
    ("a longer session in the ledger", relogged(until=NOW + 700), Why.CONTENT),
    ("no end in the ledger", relogged(until=None), Why.CONTENT),
    ("another camera asked", reasked(camera="gate-2"), Why.CAMERA),
    ("another interval asked", reasked(ends=HOUR - 1199), Why.CONTENT),
    ("another purpose asked", reasked(purpose="flow-statistics"), Why.PURPOSE),
    ("another case asked", reasked(case=sha("another")), Why.CASE),
    ("a later end asked", reasked(until=NOW + 601), Why.CONTENT),
    ("another salt", reasked(salt=sha("pepper")), Why.CONTENT),
    ("another key named", reasked(key=sha("thief")), Why.CONTENT),
    ("another site asked", reasked(site="example.net"), Why.SITE),
    ("an export where a look is logged", reasked(act="export", detail=sha("x")), Why.KIND),
    ("a purpose that the site has not", both(purpose="complaint"), Why.PURPOSE),
    ("a session of more than 15 minutes", both(until=NOW + 901), Why.SESSION),
    ("a session that ends before it begins", both(until=NOW), Why.SESSION),
    ("redacted video to be unsealed", both(act="unseal", detail=sha("x")), Why.UNREAD),
    ("originals to be looked at", both(kind="sealed"), Why.UNREAD),
    ("seven hours at once", both(begins=HOUR - 7 * 3600, ends=HOUR), Why.UNREAD),
    ("an hour of originals", both(act="unseal", kind="sealed", detail=sha("x"), begins=HOUR - 3600), Why.UNREAD),
    ("no time at all", both(begins=HOUR, ends=HOUR), Why.UNREAD),
    ("an export that names no recipients", both(act="export"), Why.UNREAD),
    ("another key than the act's", lambda: ask(key=PAIR.public), Why.KEY),
    ("the hour after", lambda: ask(epoch=replace(EPOCH, period_us=HOUR * US)), Why.INTERVAL),
    ("the hour before", lambda: ask(epoch=replace(EPOCH, period_us=(HOUR - 7200) * US)), Why.INTERVAL),
    ("an act of the future", lambda: ask(asking(until=LATER + 60), logged(asking(until=LATER + 60), LATER)), Why.PROOF),
    ("no JSON as act", lambda: ask(proven=replace(PROVEN, entry=b"{}x")), Why.ACT),
    ("an act that is none", lambda: ask(proven=replace(PROVEN, entry=b"{}")), Why.PROOF),
]  # fmt: skip


@pytest.mark.parametrize(("make", "why"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_refused(make: Callable[[], Ask], why: Why) -> None:
    assert refused(make()) == why.name.lower()


def test_every_rule_is_tried() -> None:
    elsewhere = {Why.EARLY, Why.EXPIRED, Why.SHARE, Why.BUSY}
    assert {why for _, _, why in CASES} | elsewhere == set(Why)


def test_the_document_has_every_rule() -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / "custody.md").read_text("utf-8")
    table = text[text.index("| rule |") : text.index("The act in the ledger shows")]
    assert set(re.findall(r"`([a-z]+)`", table.replace("`archive", ""))) == {why.name.lower() for why in Why}


def test_over_is_over() -> None:
    judge(ask(), SITE, GOOD.until - 1)
    for now in (GOOD.until, GOOD.until + 1, GOOD.until + 10**6):
        assert refused(ask(), now) in ("expired", "proof")
    assert refused(ask(), GOOD.until) == "expired"


def test_before_it_begins() -> None:
    judge(ask(), SITE, NOW - CLOCKS_DIFFER)
    assert refused(ask(), NOW - CLOCKS_DIFFER - 1) == "proof"  # its witnesses are of the future, too
    late = Ledger().add(GOOD.entry() | {"time": NOW, "logged": NOW + 400}, NOW)
    assert refused(ask(proven=late)) == "early"
    judge(ask(proven=late), SITE, NOW + 100)


def test_logged_before_it_happened() -> None:
    assert refused(ask(proven=Ledger().add(GOOD.entry() | {"time": NOW + 1, "logged": NOW}, NOW))) == "act"


@pytest.mark.parametrize("value", ["1", None, -1, 1.5, True, [NOW]])
def test_a_time_that_is_none(value: object) -> None:
    assert refused(ask(proven=Ledger().add(GOOD.entry() | {"time": value}, NOW))) == "act"


# --- proofs ---


def proof_by(ledger: Ledger, by: Any = None) -> Ask:
    return ask(proven=logged(GOOD, NOW, ledger, by))


@pytest.mark.parametrize("by", [(), ("w1",), ("w2",), ("w3",), ("w1", "w3"), ("w1", "log")])
def test_too_few_cosignatures(by: tuple[str, ...]) -> None:
    names = tuple(name for name in by if name != "log")
    assert refused(proof_by(Ledger(), names)) == "proof"


def test_another_log() -> None:
    other = Ledger(log="w1")
    assert refused(proof_by(other)) == "proof"
    assert refused(proof_by(Ledger(log="op1"))) == "proof"


def test_another_policy() -> None:
    """The site's witnesses are no longer enough once the site says so; nor are another site's."""
    witnesses = [Witness(n, signer(n).key) for n in ("w1", "w2", "w3")]
    policy = compose([signer("log").key], witnesses, {"all": (3, ("w1", "w2", "w3"))}, "all").decode()
    stricter = first_root(policy=policy, keys=ROOT.keys | {k.id: k for k in [site_key("w3", "paper", Role.WITNESS)]})
    assert refused(ask(), site=Overseen.of(stricter)) == "proof"
    judge(proof_by(Ledger(), ("w1", "w2", "w3")), Overseen.of(stricter), NOW)


def test_old_cosignatures() -> None:
    stale = logged(asking(until=NOW + 600), NOW - 1300)
    assert refused(ask(proven=stale)) == "proof"


def test_the_proof_of_another_entry() -> None:
    ledger = Ledger()
    one = logged(asking(salt=sha("one")), NOW, ledger)
    two = logged(GOOD, NOW, ledger)
    assert refused(ask(proven=replace(two, proof=one.proof))) == "proof"
    judge(ask(proven=two), SITE, NOW)


def test_every_byte_of_the_proof_matters() -> None:
    """A changed proof is refused, or proves the same: names of unknown signatures are the only such place."""
    for at in range(0, len(PROVEN.proof), 7):
        spoilt = bytearray(PROVEN.proof)
        spoilt[at] ^= 1
        try:
            found = Ask(GOOD.text(), PROVEN.entry, bytes(spoilt), MINE.public, ask().epochs)
            judge(found, SITE, NOW)
        except KeeperRefused as refusal:
            assert refusal.reason == "proof"
        else:
            pytest.fail(f"byte {at} of the proof was changed, and nobody noticed")


# --- the whole of it at once ---

SMALL = st.integers(-4000, 4000)


@given(
    begins=SMALL, length=st.integers(1, 4000), until=st.integers(-1000, 2000), logged_at=st.integers(-1000, 1000),
    period=st.integers(-4, 4), seconds=st.sampled_from([30, 60, 3600]), same=st.booleans(),
)  # fmt: skip
def test_what_is_answered_is_what_the_ledger_says(
    begins: int, length: int, until: int, logged_at: int, period: int, seconds: int, same: bool
) -> None:
    """Whatever is asked: an answer means that the act covers epoch, time and session, and is in the ledger."""
    assume(NOW + until >= 0)
    what = asking(begins=HOUR + begins, ends=HOUR + begins + length, until=NOW + until)
    act = what if same else asking(begins=what.begins, ends=what.ends + 1, until=what.until)
    epoch = EpochId("gate-1", (HOUR + period * seconds) * US, seconds * US)
    found = ask(what, logged(act, NOW + logged_at), epoch)
    fits = (
        same
        and what.begins < HOUR + (period + 1) * seconds
        and what.ends > HOUR + period * seconds
        and logged_at < until <= logged_at + 900
        and until > 0
        and -900 - CLOCKS_DIFFER <= logged_at <= CLOCKS_DIFFER
    )
    try:
        judge(found, SITE, NOW)
    except KeeperRefused:
        assert not fits
    else:
        assert fits


def test_the_kit_is_of_its_time() -> None:
    assert T0 < NOW and set(FOUNDERS) and EPOCH.length_us == HOUR_US
    assert sha256(MINE.public).hexdigest() == GOOD.key
