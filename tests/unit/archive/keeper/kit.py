"""A keeper, a station that seals to it, and somebody who looks: real keys, a real ledger, real proofs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.unit.charter.world import NOW, ROOT, Ledger, sha, signer
from tests.unit.ledger.kit import ports_at

from passerby.archive import hpke
from passerby.archive.keeper.client import Session
from passerby.archive.keeper.count import Count
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keeper.messages import Ask, Epoch
from passerby.archive.keeper.service import Keeper
from passerby.archive.keeper.shares import SealedShares
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.archive.keys.shares import Share
from passerby.charter.asking import Asking
from passerby.charter.proofs import Logged
from passerby.ledger.log import Log
from passerby.store.ledger.disk import LocalDisk

SITE = Overseen.of(ROOT)
PAIR = hpke.SealingPair.of(sha256(b"the keeper").digest())
MINE = hpke.SealingPair.of(sha256(b"whoever looks").digest())
HOUR = NOW // 3600 * 3600
EPOCH = EpochId("gate-1", (HOUR - 3600) * US, HOUR_US)


def asking(**values: Any) -> Asking:
    """Ten minutes of the hour before, for ten minutes from now on."""
    found = Asking(
        act="look", site=ROOT.site, camera="gate-1", kind="redacted", begins=HOUR - 1800, ends=HOUR - 1200,
        until=NOW + 600, purpose="crowd-safety", case=sha("a case"), detail="", key=sha256(MINE.public).hexdigest(),
        salt=sha("salt"),
    )  # fmt: skip
    return replace(found, **values)


def logged(
    what: Asking, when: int = NOW, ledger: Ledger | None = None, by: Sequence[str] | None = None, **act: Any
) -> Logged:
    """The act in the ledger, proven."""
    return (ledger or Ledger()).add(what.entry() | act, when, by)


def share(epoch: EpochId = EPOCH, fill: bytes = b"s", site: str = ROOT.site, to: bytes = PAIR.public) -> Share:
    """A share as the station would make it."""
    return SealedShares(site, to, lambda count: fill * count).new(epoch)


def question(what: Asking, proven: Logged, sealed: Sequence[tuple[EpochId, bytes]], key: bytes = MINE.public) -> Ask:
    """A question, as `client` would put it."""
    epochs = tuple(Epoch(epoch.period_us, epoch.length_us, content) for epoch, content in sealed)
    return Ask(what.text(), proven.entry, proven.proof, key, epochs)


def session(what: Asking | None = None) -> Session:
    found = what or asking()
    return Session(found, logged(found), MINE)


@dataclass
class World:
    """A keeper with a count on the disk, and a clock."""

    folder: Path
    now: float = NOW
    site: Overseen = SITE
    pairs: list[hpke.SealingPair] = field(default_factory=lambda: [PAIR])
    log: Log | None = None

    def count(self, wrap: Callable[[Log], Log] = lambda log: log) -> Count:
        disk, stem = LocalDisk(), self.folder / "count"
        found = ports_at(disk, self.folder / "answers", stem, int(self.now))
        if not stem.with_suffix(".state").exists():
            (self.folder / "answers").mkdir()
            Log.create([signer("keep")], "keep.example.org", found)
        self.log = wrap(Log([signer("keep")], found))
        return Count(self.log, lambda: self.now)

    def keeper(self) -> Keeper:
        return Keeper(self.pairs, lambda: self.site, self.count())

    def count_number(self) -> int:
        assert self.log is not None
        return self.log.size
