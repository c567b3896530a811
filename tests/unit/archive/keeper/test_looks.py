"""Whoever looks: an act first, then shares; one act a quarter of an hour; nothing that no act covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from tests.unit.archive.keeper.kit import PAIR, World

from passerby.archive.keeper import looks as looks_module
from passerby.archive.keeper.book import LocalBook, by_policy
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keeper.looks import AHEAD_S, ProvenLooks, Unproven, Why
from passerby.archive.keeper.messages import Refusal
from passerby.archive.keeper.scribe import Scribe, have_logged
from passerby.archive.keeper.service import Keeper
from passerby.archive.keeper.shares import SealedShares
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.archive.keys.shares import Share
from passerby.base.errors import KeeperAway, KeeperRefused, ShareRefused
from passerby.charter.asking import SESSION_S
from passerby.ledger.errors import Refuted
from passerby.ledger.note import Signer
from passerby.ledger.policy import Witness as Named
from passerby.ledger.policy import compose
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import COSIGN_ED25519, Reader, Trust, parse_policy, verify_proof
from passerby.ledger.witness import Witness
from passerby.station.showcase.site import DemoSite, demo_cosign, demo_home
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, create, open_log
from passerby.store.ledger.web import Server, Web

BEGUN = 1_790_000_000 // 3600 * 3600 + 1000
WHY = Why("p-" + "a" * 32, "crowd-safety", "ca" * 32)


@dataclass
class City:
    """A demo site with scribe and keeper, a clock, and what went wrong."""

    folder: Path
    now: float = BEGUN
    silent: bool = False
    drawn: int = 0
    asked: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.demo = DemoSite(self.folder / "site", lambda: self.now)
        self.world = World(self.folder, self.now, Overseen.of(self.demo.root))
        self.count = self.world.count()
        self.keeper = Keeper([PAIR], lambda: self.world.site, self.count)
        site = self.world.site
        book = LocalBook(demo_home(self.demo.folder), LocalDisk(), lambda: self.now, lambda: site, self.cosign)
        self.scribe = Scribe(self.demo.root.site, book, lambda: self.now)
        self.looks = self.fresh()

    def fresh(self) -> ProvenLooks:
        return ProvenLooks(self.demo.root.site, WHY, self.scribe.handle, self.ask, lambda: self.now, self.randomness)

    def cosign(self, note: bytes, read: Reader) -> Sequence[str]:
        return [] if self.silent else demo_cosign(self.demo.folder, lambda: self.now)(note, read)

    def ask(self, raw: bytes) -> bytes:
        self.world.now = self.now
        self.asked.append(raw)
        return self.keeper.handle(raw)

    def randomness(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")

    def share(self, epoch: EpochId) -> Share:
        return SealedShares(self.demo.root.site, PAIR.public, self.randomness).new(epoch)

    def acts(self) -> list[dict[str, object]]:
        with open_log(demo_home(self.demo.folder), LocalDisk(), lambda: int(self.now)) as log:
            return [act for act in map(parse_act, log.entries(0)) if act["act"] == "look"]


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path)


def hour(number: int = 0, camera: str = "gate-1") -> EpochId:
    return EpochId(camera, (BEGUN - 1000 + number * 3600) * US, HOUR_US)


def test_logged_before_anything_opens(city: City) -> None:
    share = city.share(hour())
    with pytest.raises(ShareRefused, match="nobody has said"):
        city.looks.open(hour(), share.sealed)
    assert city.asked == [] and city.acts() == []
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    (act,) = city.acts()
    assert (act["actor"], act["purpose"], act["case"]) == (WHY.actor, WHY.purpose, WHY.case)
    assert act["until"] == BEGUN + SESSION_S
    assert city.looks.open(hour(), share.sealed) == share.share
    assert city.count.number == 1


def test_what_a_session_does_not_cover(city: City) -> None:
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    for epoch in (hour(-1), hour(1), hour(0, "gate-2"), EpochId("gate-1", hour().period_us, HOUR_US, "sealed")):
        with pytest.raises(ShareRefused):
            city.looks.open(epoch, city.share(epoch).sealed)
    assert city.asked == []


def test_looking_on_is_one_act_a_quarter_of_an_hour(city: City) -> None:
    epochs = [EpochId("gate-1", (BEGUN - 1000 + n * 30) * US, 30 * US) for n in range(200)]
    sealed = {epoch: city.share(epoch) for epoch in epochs}
    for second in range(0, 2000, 5):
        city.now = BEGUN + second
        late = second % 7  # live video comes now a little late, now less so
        city.looks.begin("gate-1", int((city.now - 30) * US), int((city.now - late) * US))
        epoch = epochs[int(city.now - BEGUN + 1000) // 30]
        assert city.looks.open(epoch, sealed[epoch].sealed) == sealed[epoch].share
    begun = [act["time"] for act in city.acts()]
    assert begun == [BEGUN, BEGUN + SESSION_S - AHEAD_S, BEGUN + 2 * (SESSION_S - AHEAD_S)]
    assert city.count.number <= len(epochs)


def test_who_looks_on_goes_on_to_the_end_of_the_session_when_the_next_cannot_be_logged(city: City) -> None:
    share = city.share(hour())
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    city.silent, city.now = True, BEGUN + SESSION_S - AHEAD_S + 1
    city.looks.begin("gate-1", int((city.now - 60) * US), int(city.now * US))
    assert city.looks.open(hour(), share.sealed) == share.share
    city.now = BEGUN + SESSION_S
    with pytest.raises(ShareRefused):
        city.looks.begin("gate-1", int((city.now - 60) * US), int(city.now * US))
    with pytest.raises(ShareRefused):
        city.looks.open(hour(), share.sealed)


def test_a_share_is_asked_for_once_a_session(city: City) -> None:
    share = city.share(hour())
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    threads = [Thread(target=city.looks.open, args=(hour(), share.sealed)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(city.asked) == 1
    city.now += SESSION_S
    with pytest.raises(ShareRefused):
        city.looks.open(hour(), share.sealed)


def test_six_hours_up_to_now(city: City) -> None:
    for _ in range(2):
        city.looks.begin("gate-1", (BEGUN - 6 * 3600) * US - 1, BEGUN * US + 1)
    assert len(city.acts()) == 1
    first = hour(-5)
    assert city.looks.open(first, city.share(first).sealed)


def test_other_stretches_are_other_acts(city: City) -> None:
    for begins in (7200, 3600, 7200):
        city.looks.begin("gate-1", (BEGUN - begins) * US, (BEGUN - begins + 600) * US)
    city.looks.begin("gate-2", (BEGUN - 7200) * US, (BEGUN - 6600) * US)
    acts = city.acts()
    assert len(acts) == 3 and len({str(act["content"]) for act in acts}) == 3
    assert len({str(act["camera"]) for act in acts}) == 2


def test_no_cosignature_no_pixels(city: City) -> None:
    city.silent = True
    with pytest.raises(KeeperRefused, match="quorum is not reached") as caught:
        city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    assert caught.value.reason == "ledger"
    with pytest.raises(ShareRefused):
        city.looks.open(hour(), city.share(hour()).sealed)
    assert city.asked == []
    city.silent = False
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    assert city.looks.open(hour(), city.share(hour()).sealed)


def test_the_scribe_logs_nothing_else(city: City) -> None:
    handle = city.scribe.handle
    long = lambda raw: handle(raw.replace(b'"until\\":%d' % (BEGUN + 900), b'"until\\":%d' % (BEGUN + 901)))  # noqa: E731
    for scribe, reason in ((long, "session"), (lambda raw: handle(raw + b" "), "unread")):
        looks = ProvenLooks(city.demo.root.site, WHY, scribe, city.ask, lambda: city.now, city.randomness)
        with pytest.raises(KeeperRefused) as caught:
            looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
        assert caught.value.reason == reason
    other = ProvenLooks("example.net", WHY, handle, city.ask, lambda: city.now, city.randomness)
    with pytest.raises(KeeperRefused) as caught:
        other.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    assert caught.value.reason == "site"
    named = ProvenLooks(
        city.demo.root.site, Why("Ann", "audit", "x"), handle, city.ask, lambda: city.now, city.randomness
    )
    with pytest.raises(KeeperRefused):
        named.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    assert city.acts() == []


@pytest.mark.parametrize("answer", [b"", b"{}", b"\xff", Refusal("x", "y").encode()[:-3]])
def test_a_scribe_that_makes_no_sense(city: City, answer: bytes) -> None:
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    with pytest.raises(KeeperAway):
        have_logged(city.looks._open[0].session.asking, WHY.actor, lambda _: answer)


def test_asked_twice_logged_once(city: City) -> None:
    city.looks.begin("gate-1", (BEGUN - 60) * US, BEGUN * US)
    asking = city.looks._open[0].session.asking
    again = have_logged(asking, WHY.actor, city.scribe.handle)
    assert again.entry == city.looks._open[0].session.logged.entry and len(city.acts()) == 1


def test_too_many_at_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks_module, "MOST_OPEN", 2)
    for hours in (3, 5):
        city.looks.begin("gate-1", (BEGUN - hours * 3600) * US, (BEGUN - hours * 3600 + 60) * US)
    with pytest.raises(ShareRefused, match="too many"):
        city.looks.begin("gate-1", (BEGUN - 7 * 3600) * US, (BEGUN - 7 * 3600 + 60) * US)
    city.now += SESSION_S
    city.looks.begin("gate-1", (BEGUN - 7 * 3600) * US, (BEGUN - 7 * 3600 + 60) * US)
    assert len(city.acts()) == 3


def test_witnesses_elsewhere(tmp_path: Path) -> None:
    """Two witnesses behind addresses, both needed: while one is away nothing is proven, and what was logged stays."""
    disk, home = LocalDisk(), Home.at(tmp_path / "log")
    (log,) = create(home, "example.org/log", disk, lambda: BEGUN, lambda n: b"l" * n)
    signers = [Signer(f"w{n}.example.org", COSIGN_ED25519, bytes([n]) * 32) for n in (1, 2)]

    def witness(signer: Signer, port: int = 0) -> Server:
        memory = lambda h: OneFile(tmp_path / f"{signer.name}.{h[:8]}", disk)  # noqa: E731
        server = Server(Witness([signer], {log.name: [log.key]}, memory, lambda: BEGUN).handle, port=port)
        server.start()
        return server

    servers = [witness(signer) for signer in signers]
    named = [Named(f"w{n}", s.key, at.url) for n, (s, at) in enumerate(zip(signers, servers, strict=True))]
    site = Overseen(
        "example.org", [log.key], parse_policy(compose([], named, {"both": (2, ("w0", "w1"))}, "both")), frozenset()
    )
    web = Web()
    book = LocalBook(home, disk, lambda: BEGUN, lambda: site, by_policy(lambda: site, web.post))
    act = {"actor": WHY.actor, "act": "case", "case": "ca" * 32, "purpose": "audit"}
    try:
        one = book.log(act, b"one")
        verify_proof(one.proof, one.entry, Trust([log.key], site.policy, BEGUN))
        port = int(servers[1].url.rpartition(":")[2])
        servers.pop().close()
        web.close()
        with pytest.raises(Refuted, match="quorum is not reached: 1 of 2"):
            book.log(act | {"purpose": "complaint"}, b"two")
        servers.append(witness(signers[1], port))
        again = book.log(act | {"purpose": "complaint"}, b"two")
        # The schema, the first act, this one once: not a second time.
        assert b"index 2\n" in again.proof and b'"seq":2' in again.entry
    finally:
        web.close()
        for server in servers:
            server.close()


def test_the_weaker_form_asks_nobody() -> None:
    looks = Unproven()
    looks.begin("gate-1", 0, 1)
    assert looks.open(hour(), b"") == b""
    with pytest.raises(ShareRefused):
        looks.open(hour(), b"sealed")
