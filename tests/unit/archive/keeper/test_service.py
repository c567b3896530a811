"""The keeper as a whole: shares for whoever has a proof; counted before they are given; refusals count nothing."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.archive.keeper.kit import EPOCH, MINE, PAIR, World, asking, logged, question, session, share
from tests.unit.charter.world import NOW, ROOT, sha, signer

from passerby.archive import hpke
from passerby.archive.keeper.client import Session, shares_of
from passerby.archive.keeper.count import PUBLISH_S, Answered, parse_answered
from passerby.archive.keeper.messages import Answer, Refusal, answer_info, parse_answer, parse_ask
from passerby.archive.keeper.service import Keeper
from passerby.archive.keeper.shares import SealedShares, opened
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.keys.shares import NoShares
from passerby.base.errors import CustodyError, KeeperAway, KeeperRefused, ShareRefused
from passerby.charter.document import Unsound
from passerby.ledger.verify import Trust, leaf_hash, verify_log


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return World(tmp_path_factory.mktemp("keeper")).keeper()


OTHER = hpke.SealingPair.of(sha256(b"another keeper").digest())


def test_shares_come_back_in_order(tmp_path: Path) -> None:
    keeper = World(tmp_path).keeper()
    files = [(EPOCH, share(EPOCH, fill).sealed) for fill in (b"a", b"b", b"c")]
    assert shares_of(session(), files, keeper.handle) == [b"a" * 32, b"b" * 32, b"c" * 32]


def test_many_shares_in_several_questions(tmp_path: Path) -> None:
    world = World(tmp_path)
    keeper = world.keeper()
    sealed = share().sealed
    assert len(shares_of(session(), [(EPOCH, sealed)] * 70, keeper.handle)) == 70
    assert world.count_number() == 2


def test_an_older_pair_opens_what_was_sealed_to_it(tmp_path: Path) -> None:
    keeper = World(tmp_path, pairs=[OTHER, PAIR]).keeper()
    assert shares_of(session(), [(EPOCH, share().sealed)], keeper.handle) == [b"s" * 32]


@pytest.mark.parametrize(
    "sealed",
    [
        share(replace(EPOCH, camera="gate-2")).sealed,
        share(replace(EPOCH, period_us=EPOCH.period_us + HOUR_US)).sealed,
        share(replace(EPOCH, length_us=HOUR_US - 1)).sealed,
        share(replace(EPOCH, kind="sealed")).sealed,
        share(site="example.net").sealed,
        share(to=OTHER.public).sealed,
        b"",
        share().sealed[:-1],
        share().sealed + b"\0",
        b"\x02" + share().sealed[1:],
    ],
    ids=["camera", "hour", "length", "kind", "site", "keeper", "empty", "cut", "longer", "version"],
)  # fmt: skip
def test_a_share_of_something_else(tmp_path: Path, sealed: bytes) -> None:
    world = World(tmp_path)
    keeper = world.keeper()
    with pytest.raises(KeeperRefused) as caught:
        shares_of(session(), [(EPOCH, share().sealed), (EPOCH, sealed)], keeper.handle)
    assert caught.value.reason == "share"
    assert world.count_number() == 0


@given(at=st.integers(0, len(share().sealed) - 1), bit=st.integers(0, 7))
def test_every_bit_of_a_share_matters(at: int, bit: int) -> None:
    spoilt = bytearray(share().sealed)
    spoilt[at] ^= 1 << bit
    with pytest.raises(CustodyError):
        opened(bytes(spoilt), ROOT.site, EPOCH, {PAIR.id: PAIR})


def test_only_whoever_asked_can_read_the_answer(tmp_path: Path) -> None:
    keeper = World(tmp_path).keeper()
    what = asking()
    answer = parse_answer(keeper.handle(question(what, logged(what), [(EPOCH, share().sealed)]).encode()))
    assert isinstance(answer, Answer)
    assert MINE.open(answer.sealed, answer_info(what.hash)) == b"s" * 32
    for pair, info in ((OTHER, answer_info(what.hash)), (PAIR, answer_info(what.hash)), (MINE, answer_info(sha("x")))):
        with pytest.raises(CustodyError):
            pair.open(answer.sealed, info)


def test_the_share_is_in_no_message(tmp_path: Path) -> None:
    keeper = World(tmp_path).keeper()
    secret = bytes(range(32))
    made = SealedShares(ROOT.site, PAIR.public, lambda _: secret).new(EPOCH)
    sent = question(asking(), logged(asking()), [(EPOCH, made.sealed)]).encode()
    for seen in (made.sealed, sent, keeper.handle(sent), repr(made).encode(), repr(PAIR).encode()):
        assert secret not in seen and secret.hex().encode() not in seen
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret not in everything


def test_answers_are_counted_before_they_are_given_and_refusals_are_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    keeper, files = world.keeper(), [(EPOCH, share().sealed)]
    before = session()
    for number in range(3):
        shares_of(before, files, keeper.handle)
        assert world.count_number() == number + 1
    world.now = before.asking.until
    with pytest.raises(KeeperRefused, match="over"):
        shares_of(before, files, keeper.handle)
    assert world.count_number() == 3
    assert world.log is not None
    leaf = leaf_hash(before.logged.entry).hex()
    assert [parse_answered(e) for e in world.log.entries(0)] == [Answered("look", leaf, NOW, 1)] * 3


def test_anybody_can_check_the_count(tmp_path: Path) -> None:
    world = World(tmp_path)
    keeper = world.keeper()
    shares_of(session(), [(EPOCH, share().sealed)], keeper.handle)
    assert world.log is not None
    world.log.close()
    seen: list[bytes] = []
    told = verify_log(
        lambda p: (tmp_path / "answers" / p).read_bytes() if (tmp_path / "answers" / p).is_file() else None,
        Trust([signer("keep").key], now=NOW),
        lambda _, entry: seen.append(entry),
    )
    assert len(seen) == 1 and "every entry" in told[-1]


def test_the_count_is_signed_now_and_then(tmp_path: Path) -> None:
    world = World(tmp_path)
    count = world.count()
    assert world.log is not None
    count.publish()
    count.add("look", "00" * 32, 1)
    count.publish()
    assert world.log.published.size == 0
    world.now += PUBLISH_S
    count.publish()
    assert world.log.published.size == 1


def test_a_clock_set_back_opens_no_old_session(tmp_path: Path) -> None:
    world = World(tmp_path)
    old, files = session(), [(EPOCH, share().sealed)]
    later = asking(until=NOW + 1500)
    keeper = world.keeper()
    shares_of(old, files, keeper.handle)
    world.now = NOW + 900
    shares_of(Session(later, logged(later, NOW + 900), MINE), files, keeper.handle)
    world.now = NOW
    with pytest.raises(KeeperRefused, match="over"):
        shares_of(old, files, keeper.handle)
    assert world.log is not None
    world.log.close()
    with pytest.raises(KeeperRefused, match="over"):  # nor after a restart
        shares_of(old, files, world.keeper().handle)


def test_what_cannot_be_counted_is_not_answered(tmp_path: Path) -> None:
    world = World(tmp_path)
    keeper = world.keeper()
    assert world.log is not None
    world.log._ports.journal.append = _full  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(KeeperRefused) as caught:
            shares_of(session(), [(EPOCH, share().sealed)], keeper.handle)
        assert caught.value.reason == "busy"


def _full(_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_count_that_is_another_log(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.count()
    assert world.log is not None
    world.log.append(b'{"something":"else"}')
    world.log.close()
    with pytest.raises(Unsound):
        world.count()


def test_the_sites_root_is_asked_each_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    keeper = world.keeper()
    shares_of(session(), [(EPOCH, share().sealed)], keeper.handle)
    world.site = replace(world.site, purposes=frozenset({"flow-statistics"}))
    with pytest.raises(KeeperRefused) as caught:
        shares_of(session(), [(EPOCH, share().sealed)], keeper.handle)
    assert caught.value.reason == "purpose"


@given(st.binary(max_size=200))
def test_whatever_comes_gets_an_answer(idle: Keeper, raw: bytes) -> None:
    answer = parse_answer(idle.handle(raw))
    assert isinstance(answer, Refusal) and answer.reason == "unread"


@given(data=st.data())
def test_a_question_with_something_changed(idle: Keeper, data: st.DataObject) -> None:
    """A bit of a question is another: it is refused, or says the same (white space is not canonical: refused)."""
    raw = bytearray(question(asking(), logged(asking()), [(EPOCH, share().sealed)]).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    assert isinstance(parse_answer(idle.handle(bytes(raw))), Refusal)


def test_questions_and_answers_there_and_back() -> None:
    ask = question(asking(), logged(asking()), [(EPOCH, share().sealed)])
    assert parse_ask(ask.encode()) == ask
    for said in (Answer(7, b"x"), Refusal("key", "no")):
        assert parse_answer(said.encode()) == said


TWO = hpke.seal(MINE.public, b"s" * 64, answer_info(asking().hash))


@pytest.mark.parametrize("answer", [b"", b"{}", Answer(0, b"nothing").encode(), Answer(0, TWO).encode()])
def test_an_answer_that_is_none(answer: bytes) -> None:
    with pytest.raises(KeeperAway):
        shares_of(session(), [(EPOCH, share().sealed)], lambda _: answer)


def test_without_a_keeper_nothing_is_sealed() -> None:
    assert NoShares().new(EpochId("gate-1", 0)).sealed == b""
    assert issubclass(KeeperRefused, ShareRefused)
