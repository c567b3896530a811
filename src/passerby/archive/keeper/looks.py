"""Sessions of whoever shows video: an act in the ledger for each quarter of an hour, then the keeper's shares.

A session is of one camera, one stretch of recorded time and whoever looks. It begins with `begin`; what none covers
does not open. Shares are kept in memory for as long as their session, and for no longer than that.

Without a keeper nothing but this process's own honesty stands between whoever looks and the video; where there is a
ledger, the act is logged first all the same, and what no session covers is not given out (`require`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from passerby.archive import hpke
from passerby.archive.keeper.client import Session, shares_of
from passerby.archive.keeper.scribe import have_logged
from passerby.archive.keeper.wire import Handle
from passerby.archive.keys.names import US, EpochId
from passerby.archive.keys.shares import NoShares, ShareOpener
from passerby.base.errors import ShareRefused
from passerby.charter.asking import SESSION_S, Asking
from passerby.charter.proofs import Logged
from passerby.charter.root import SPAN_S

SALT = 32
# Open at once; more is a fault or an attack, and each is an entry in the ledger.
MOST_OPEN = 512
# Whoever looks on gets a new session this long before the old one is over, so that the picture doesn't stop for it.
AHEAD_S = 20
# Live video comes a little late: what ends within this time is of somebody who looks on.
NEAR_S = 60
# A segment may begin a little before the stretch that somebody asked for.
SLACK_S = 15


class Looks(ShareOpener, Protocol):
    """Opens shares for whoever said beforehand what is to be seen."""

    @property
    def proven(self) -> bool:
        """Whether there is a keeper, so that nothing opens before it is logged."""

    def begin(self, camera: str, begins_us: int, ends_us: int, by: str = "") -> None:
        """Somebody is about to see this stretch of recorded time; returns once the ledger shows it.

        Args:
            camera: The camera's id.
            begins_us: Microseconds since 1970.
            ends_us: Not included.
            by: Pseudonym of who looks; empty where only the pages as a whole are known.

        Raises:
            ShareRefused: It can't be logged; then nothing may be seen.
        """

    def require(self, camera: str, at_us: int | None, by: str = "") -> None:
        """Whoever looks has a session of this camera that covers this moment.

        Args:
            camera: The camera's id.
            at_us: Microseconds since 1970; None for any moment.
            by: As for `begin`.

        Raises:
            ShareRefused: They have none.
        """


class Unproven(NoShares):
    """The weakest form: neither keeper nor ledger. Nothing is asked, nothing is logged, and the pages say so."""

    proven = False

    def begin(self, camera: str, begins_us: int, ends_us: int, by: str = "") -> None:
        """As `Looks`."""

    def require(self, camera: str, at_us: int | None, by: str = "") -> None:
        """As `Looks`."""


@dataclass(frozen=True, slots=True)
class Why:
    """For what somebody looks.

    Args:
        actor: By pseudonym.
        purpose: One of the site's.
        case: The case's commitment (hex).
    """

    actor: str
    purpose: str
    case: str


class OneSession:
    """Opens shares under one act: `archive.keys.shares.ShareOpener`.

    Args:
        asking: What was asked for.
        logged: The act, and its proof.
        pair: To which the keeper seals its answers.
        keeper: Asks the keeper.
    """

    def __init__(self, asking: Asking, logged: Logged, pair: hpke.SealingPair, keeper: Handle) -> None:
        self._held, self._keeper = _Open(Session(asking, logged, pair)), keeper

    def open(self, epoch: EpochId, sealed: bytes) -> bytes:
        """As `ShareOpener`."""
        return self._held.share(epoch, sealed, self._keeper) if sealed else b""


@dataclass(slots=True)
class _Open:
    session: Session
    by: str = ""
    shares: dict[bytes, bytes] = field(default_factory=dict)
    asking: threading.Lock = field(default_factory=threading.Lock)

    def share(self, epoch: EpochId, sealed: bytes, keeper: Handle) -> bytes:
        """Asked for once: the keeper counts each answer, and two threads want one."""
        name = sha256(sealed).digest()
        with self.asking:
            if name not in self.shares:
                (self.shares[name],) = shares_of(self.session, [(epoch, sealed)], keeper)
            return self.shares[name]


class ProvenLooks:
    """Sessions under a scribe and, where there is one, a keeper: `Looks`. Safe to share between threads.

    Args:
        site: The site's name.
        why: For what.
        scribe: Asks the scribe.
        keeper: Asks the keeper; None where there is none: then looks are logged, and nothing more.
        clock: Seconds since 1970.
        randomness: Gives so many random bytes.
    """

    def __init__(
        self,
        site: str,
        why: Why,
        scribe: Handle,
        keeper: Handle | None,
        clock: Callable[[], float],
        randomness: Callable[[int], bytes],
    ) -> None:
        self._site, self._why, self._scribe, self._keeper = site, why, scribe, keeper
        self._clock, self._randomness = clock, randomness
        self.proven = keeper is not None
        self._mutex = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._open: list[_Open] = []

    def begin(self, camera: str, begins_us: int, ends_us: int, by: str = "") -> None:
        """As `Looks`. Where a session of theirs at this camera covers all of it and is not about to end, it goes on.

        A stretch that reaches nearly up to now is for whoever looks on: it is taken further by a session's length.
        """
        with self._turn(f"{camera} {by}"):
            now = int(self._clock())
            begins = begins_us // US
            ends = min(-(-ends_us // US), begins + SPAN_S["look"])
            if self._going(now + AHEAD_S, camera, begins, ends, by):
                return
            if len(self._alive(now)) >= MOST_OPEN:
                raise ShareRefused("too many looks are open at once", "wait until some are over")
            if ends >= now - NEAR_S:
                ends = min(ends + SESSION_S, begins + SPAN_S["look"])
            try:
                session = self._logged(camera, begins, ends, now, by or self._why.actor)
            except ShareRefused:
                # Who looks on goes on for as long as the present session lasts, and asks again before it ends.
                if self._going(now, camera, begins_us // US, -(-ends_us // US), by):
                    return
                raise
            with self._mutex:
                self._open.append(_Open(session, by))

    def require(self, camera: str, at_us: int | None, by: str = "") -> None:
        """As `Looks`."""
        now = int(self._clock())
        for held in self._alive(now):
            asking = held.session.asking
            if held.by != by or asking.camera != camera:
                continue
            if at_us is None or asking.begins - SLACK_S <= at_us // US < asking.ends:
                return
        raise ShareRefused(f"nobody has said that {camera} is to be looked at", "open it anew")

    def _going(self, beyond: int, camera: str, begins: int, ends: int, by: str) -> bool:
        """Whether a session of theirs that lasts beyond a time covers all of a stretch."""
        mine = (o for o in self._alive(beyond) if o.by == by)
        return any(_covers(o.session.asking, camera, begins, ends) for o in mine)

    def open(self, epoch: EpochId, sealed: bytes) -> bytes:
        """As `archive.keys.shares.ShareOpener`."""
        if not sealed or self._keeper is None:
            return NoShares().open(epoch, sealed)
        return self._for(epoch).share(epoch, sealed, self._keeper)

    def _for(self, epoch: EpochId) -> _Open:
        now = int(self._clock())
        for held in reversed(self._alive(now)):
            asking = held.session.asking
            if (asking.camera, asking.kind) == (epoch.camera, epoch.kind) and _touches(asking, epoch):
                return held
        raise ShareRefused(f"nobody has said that {epoch.camera} is to be looked at", "open it anew")

    def _alive(self, now: int) -> list[_Open]:
        """Sessions that go on beyond a time; the others are forgotten once they are over."""
        with self._mutex:
            over = [o for o in self._open if o.session.asking.until <= int(self._clock())]
            self._open = [o for o in self._open if o not in over]
            return [o for o in self._open if o.session.asking.until > now]

    def _turn(self, camera: str) -> threading.Lock:
        with self._mutex:
            return self._turns.setdefault(camera, threading.Lock())

    def _logged(self, camera: str, begins: int, ends: int, now: int, actor: str) -> Session:
        pair = hpke.SealingPair.fresh(self._randomness)
        asking = Asking(
            act="look", site=self._site, camera=camera, kind="redacted", begins=begins, ends=ends,
            until=now + SESSION_S, purpose=self._why.purpose, case=self._why.case, detail="",
            key=sha256(pair.public).hexdigest(), salt=self._randomness(SALT).hex(),
        )  # fmt: skip
        return Session(asking, have_logged(asking, actor, self._scribe), pair)


def _covers(asking: Asking, camera: str, begins: int, ends: int) -> bool:
    return asking.camera == camera and asking.begins <= begins and ends <= asking.ends


def _touches(asking: Asking, epoch: EpochId) -> bool:
    return epoch.period_us < asking.ends * US and epoch.end_us > asking.begins * US
