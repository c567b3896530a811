"""Raw pictures, a sealer that seals them, and officers who open what came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from tests.unit.archive.keeper.kit import MINE, asking, logged
from tests.unit.archive.test_seal import OFFICERS, PAIRS, SLOT_KEY, TERMS
from tests.unit.charter.world import FOUNDERS, NOW, ROOT, Ledger, sha, signed
from tests.unit.darkroom.scenes import painted, textured

from passerby.archive import hpke, seal
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keys.cipher import Header, parse_header
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.archive.unseal import SealedFile as Lying
from passerby.archive.unseal import give_halves
from passerby.charter.asking import Asking
from passerby.charter.proofs import Logged
from passerby.charter.unsealing import Unsealing
from passerby.darkroom._frames import RawPlanes, Record, What
from passerby.darkroom.door import Sealing
from passerby.darkroom.grid import Grid
from passerby.darkroom.opening import Gathered, Opened
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.sealing import Sealer
from passerby.outlet.messages import Half, Opening, Permit, Proof, Proves, SealedFile, SealedPacket, SealUnder, SiteRoot

GRID = Grid(160, 128)
SCENE = textured(GRID, 3)
TICKS, STEP = 90_000, 3600
HOUR = NOW // 3600 * 3600 - 3600
# The darkroom's clock counts from here on.
BEGUN_S = 1000
ANCHOR_US = (HOUR + 1200 - BEGUN_S) * US
FOR = Sealing(ROOT.site, "gate-1", TERMS, tuple(OFFICERS.values()))
LIVE = replace(
    ABOUT, flags=Record.LIVE, what=What.FRAME, width=160, height=128, time_base_num=1, time_base_den=TICKS,
    rate_num=25, rate_den=1,
)  # fmt: skip


def under(salt: bytes = b"s" * 32, hour: int = HOUR, permit: bytes = TERMS.permit) -> SealUnder:
    """What a station would give."""
    epoch = EpochId("gate-1", hour * US, HOUR_US, "sealed")
    return SealUnder(hour * US, HOUR_US, ANCHOR_US, permit, salt, bytes(seal.slot_share(SLOT_KEY, salt, epoch)))


def walker(n: int) -> RawPlanes:
    """Somebody who crosses the picture."""
    return painted(SCENE, (8 + 2 * n, 40, 24 + 2 * n, 96), 220, u=90, v=170)


def record(n: int, seconds: float = 0.0) -> Record:
    """Of the n-th picture."""
    return replace(LIVE, pts=round((BEGUN_S + seconds) * TICKS) + n * STEP)


@dataclass
class Room:
    """A sealer, and what left."""

    left: list[SealedPacket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sealer = Sealer(self.left.append, 1)

    def seal(self, frames: Iterable[int], seconds: float = 0.0, terms: Sealing | None = FOR) -> int:
        """Seal these pictures; how many were."""
        return sum(self.sealer.picture(walker(n), record(n, seconds), terms) for n in frames)

    @property
    def headers(self) -> list[Header]:
        found = [parse_header(packet.tail) for packet in self.left if packet.number == 0]
        return [header for header in found if header is not None]

    def chunks(self, file: bytes = b"s" * 32) -> list[bytes]:
        return [packet.tail for packet in self.left if packet.file == file and packet.number]


def sealed(frames: int = 60) -> Room:
    """A minute's beginning."""
    room = Room()
    room.sealer.give(under())
    assert room.seal(range(frames)) == frames
    room.sealer.end()
    return room


def wish(one: str, other: str, **values: Any) -> tuple[Asking, Unsealing]:
    """What two officers are asked for."""
    officers = sorted((PAIRS[one].id.hex(), PAIRS[other].id.hex()))
    belongs = Unsealing(values.pop("region", ((0, 0, 500, 1000),)), (officers[0], officers[1]), sha("recipients"))
    given: dict[str, Any] = {
        "act": "unseal",
        "kind": "sealed",
        "begins": HOUR + 1200,
        "ends": HOUR + 1260,
        "detail": belongs.hash,
    }
    return asking(**given | values), belongs


@dataclass
class Ask:
    """An opening on its way; each part can be another."""

    asked: Asking
    belongs: Unsealing
    headers: Sequence[Header]
    proven: Logged | None = None
    shares: Sequence[bytes] | None = None
    halves: Sequence[tuple[bytes, bytes]] = ()
    pair: hpke.SealingPair = MINE
    when: int = NOW

    def __post_init__(self) -> None:
        ledger = Ledger()
        self.root = ledger.add({"act": "site-root", "content": ROOT.hash}, self.when - 40)
        self.proven = self.proven or logged(self.asked, self.when, ledger)

    def messages(self) -> list[Any]:
        assert self.proven is not None
        asked, belongs = self.asked.text().encode(), self.belongs.text().encode()
        entry, proof = self.proven.entry, self.proven.proof
        shares = self.shares or [bytes(seal.slot_share(SLOT_KEY, header.salt, header.epoch)) for header in self.headers]
        return [
            SiteRoot(0, signed(ROOT.text(), *FOUNDERS)),
            Proof(Proves.ROOT, 0, len(self.root.entry), self.root.entry + self.root.proof),
            Opening(len(asked), len(entry), len(proof), asked + entry + proof + belongs),
            *(SealedFile(share, header.pack()) for share, header in zip(shares, self.headers, strict=True)),
            *(Half(officer, given) for officer, given in self.halves),
        ]

    def opened(self, now: int = NOW) -> Opened:
        gathered = Gathered(self.pair, ROOT.hash, 0)
        for message in self.messages():
            gathered.add(message)
        return gathered.opened(Permit(0, b"{}"), now)


def ask(
    one: str, other: str, headers: Sequence[Header], when: int = NOW, key: bytes = MINE.public, **values: Any
) -> Ask:
    """A question with both officers' honest answers."""
    asked, belongs = wish(one, other, **{"until": when + 600, "key": sha256(key).hexdigest()} | values)
    found = Ask(asked, belongs, headers, when=when)
    files = [Lying(header.epoch, header.salt, header.sealed) for header in headers]
    assert found.proven is not None
    site = Overseen.of(ROOT)
    found.halves = [
        (PAIRS[who].id, give_halves(PAIRS[who], PAIRS[whom].id, (asked, found.proven, key), files, site, when))
        for who, whom in ((one, other), (other, one))
    ]
    return found


def named(word: str) -> bytes:
    """A salt."""
    return sha256(word.encode()).digest()
