"""The darkroom's own door: who decides, inside the locked process, whether anything runs and what leaves.

A file's door asks the small local permits (`charter.permit`), a camera's door the permits of two institutions
(`charter.ruling`). Both are shut until a permit opens them. A camera's door judges when papers come, before an item's
first packet, at each piece of news, and by itself every minute; within an item it only ever gets narrower.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from passerby.archive.seal import Officer, Terms
from passerby.base.build import build_hash
from passerby.base.errors import OutletError
from passerby.charter.facts import Asked, Time
from passerby.charter.officers import officers_of
from passerby.charter.permit import Claims, Verdict, judge
from passerby.charter.proofs import Site
from passerby.charter.ruling import CAUTIONS, Ruling, permit_in, reason_codes, rule
from passerby.charter.site_permit import SitePermit
from passerby.charter.standing import Root
from passerby.darkroom.papers import Case, Gathering, with_news
from passerby.darkroom.weights import listed_hashes
from passerby.lock.child import Settings
from passerby.outlet import messages as out
from passerby.outlet.messages import ANALYSES, Checkpoint, Message, Permit, Revoke, Scene, Task, bits

AGAIN_S = 60.0
NO_HASH = bytes(32)
VIDEO, NUMBERS, PEOPLE = frozenset({"live", "record"}), frozenset({"crowd", "traffic"}), frozenset({"crowd"})
# Which analyses let a message out: any of them is enough. What is not named here never leaves.
LETS_OUT: Mapping[type[Message], frozenset[str]] = {
    out.StreamStart: VIDEO,
    out.RedactedPacket: VIDEO,
    out.Explain: VIDEO,
    out.Counts: NUMBERS,
    out.ZoneCounts: PEOPLE,
    out.LineCounts: PEOPLE,
    out.ZoneCrowd: PEOPLE,
    out.LineVehicles: frozenset({"traffic"}),
    out.Alert: PEOPLE,
    out.SealedPacket: frozenset({"seal"}),
}
ALWAYS = (out.Health, out.ItemEnd, out.Ruling, out.Ready)


@dataclass(frozen=True, slots=True)
class Sealing:
    """For whom originals are sealed.

    Args:
        site: The site's name.
        camera: The camera's id.
        terms: The permit that allows it, and what that lets be opened at once.
        officers: To whom halves go.
    """

    site: str
    camera: str
    terms: Terms
    officers: tuple[Officer, ...]


class Door(Protocol):
    """What a darkroom asks before it works and before anything leaves."""

    @property
    def granted(self) -> bool:
        """Whether anything may run in this item."""
        ...

    @property
    def site_root(self) -> bytes:
        """Hash of the site root in force (32 bytes); zeros where there is none."""
        ...

    @property
    def terms(self) -> SitePermit | None:
        """The permit under which this item runs, where it says how."""
        ...

    @property
    def scene(self) -> bytes:
        """The scene to count in, as canonical JSON; empty where there is none."""
        ...

    @property
    def seal(self) -> Sealing | None:
        """For whom originals may be sealed now; None where they may not."""
        ...

    def take(self, message: Message) -> None:
        """A paper has come."""
        ...

    def begin(self, source: bytes) -> None:
        """An item of this source begins, under the newest papers."""
        ...

    def check(self) -> None:
        """Judge again if it is time."""
        ...

    def let_out(self, message: Message) -> Message | None:
        """What may leave of a message; None where nothing may."""
        ...


class FileDoor:
    """For files of one's own: a local permit for exactly this source.

    Args:
        claims: What this process would do with a source of the given hash.
    """

    def __init__(self, claims: Callable[[bytes], Claims]) -> None:
        self._claims = claims
        self._permit = b""
        self.granted = False
        self.scene = b""
        self.site_root = NO_HASH
        self.terms: SitePermit | None = None
        self.seal: Sealing | None = None

    def take(self, message: Message) -> None:
        """A file's papers are its permit and its scene.

        Raises:
            OutletError: It is something else.
        """
        match message:
            case Permit():
                self._permit, self.scene = message.tail, b""
            case Scene():
                self.scene = message.tail
            case _:
                raise OutletError(f"{type(message).__name__} came for a file")

    def begin(self, source: bytes) -> None:
        """See `Door`."""
        self.granted = judge(self._permit, self._claims(source)) is Verdict.GRANTED

    def check(self) -> None:
        """A file's permit outlives it."""

    def let_out(self, message: Message) -> Message | None:
        """Everything: nothing is worked on without a permit."""
        return message


def site_door(settings: Settings, emit: Callable[[Message], None] = lambda _: None) -> SiteDoor:
    """The door of a camera's process, from the settings it was started with."""
    words = settings.words
    first, least = words.get("site_root", ""), int(words.get("site_serial", "0"))
    return SiteDoor(first, least, listed_hashes(), build_hash(), emit)


@dataclass(slots=True)
class _Held:
    """Papers in force or about to be."""

    case: Case
    site: Site | Root
    permit: SitePermit | None
    ruling: Ruling


class SiteDoor:
    """For cameras. Safe to share between the thread that gets papers and the one that works.

    Args:
        first: The first root's hash (hex), known from the settings that this process was started with.
        least: The highest serial of a root that the station has seen.
        models: Name to SHA-256 (hex) of every model that is loaded.
        build: Hash of the running build (32 bytes).
        emit: Sends a message; called with each ruling.
        wall: Seconds since 1970.
        steady: Seconds of a clock that nobody can set and that runs through sleep.
    """

    def __init__(
        self,
        first: str,
        least: int,
        models: Mapping[str, str],
        build: bytes,
        emit: Callable[[Message], None] = lambda _: None,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._first, self._least = first, least
        self._models, self._build = dict(models), build
        self._emit, self._wall, self._steady = emit, wall, steady
        self._begun = (wall(), steady())
        self._lock = threading.Condition()
        self._gathering: Gathering | None = None
        self._newest: _Held | None = None
        self._held: _Held | None = None
        self._open: frozenset[str] = frozenset()
        self._sealing: Sealing | None = None
        self._again_s = 0.0
        self._shut = False

    @property
    def granted(self) -> bool:
        """See `Door`."""
        return bool(self._open)

    @property
    def site_root(self) -> bytes:
        """See `Door`."""
        held = self._held
        return NO_HASH if held is None else _root_hash(held.site)

    @property
    def terms(self) -> SitePermit | None:
        """See `Door`."""
        return None if self._held is None else self._held.permit

    @property
    def scene(self) -> bytes:
        """See `Door`."""
        return b"" if self._held is None else self._held.case.scene

    @property
    def seal(self) -> Sealing | None:
        """See `Door`."""
        return self._sealing if "seal" in self._open else None

    def shut(self) -> None:
        """For ever: nobody says any more what may run, or says it wrongly."""
        with self._lock:
            self._shut, self._open = True, frozenset()
            self._lock.notify_all()

    def wait(self) -> None:
        """Until there are papers, or never will be."""
        with self._lock:
            self._lock.wait_for(lambda: self._shut or self._newest is not None)

    def take(self, message: Message) -> None:
        """A paper has come.

        Raises:
            OutletError: It stands where it can't.
        """
        with self._lock:
            if isinstance(message, Task):
                if self._gathering is not None:
                    raise OutletError("a task came among another's papers")
                self._gathering = Gathering(message)
            elif isinstance(message, Permit):
                if self._gathering is None:
                    raise OutletError("a permit came without its papers")
                case, self._gathering = self._gathering.case(message), None
                self._newest = self._opened(case)
                self._tell(self._newest, self._newest.ruling.lawful)
                self._lock.notify_all()
            elif self._gathering is not None:
                self._gathering.add(message)
            elif isinstance(message, Checkpoint | Revoke):
                self._news(message)
            else:
                raise OutletError(f"{type(message).__name__} came without a task")

    def begin(self, source: bytes) -> None:
        """See `Door`. An item without papers, or of another source than theirs, stays shut."""
        with self._lock:
            self._open, self._held = frozenset(), self._newest
            if self._held is None:
                return
            self._judge(self._held)
            if self._held.case.source == source and not self._shut:
                self._open = self._held.ruling.lawful
            self._sealing = self._officers(self._held)
            self._tell(self._held, self._open)

    def check(self) -> None:
        """See `Door`."""
        if self._held is not None and self._steady() >= self._again_s:
            with self._lock:
                self._narrow()

    def let_out(self, message: Message) -> Message | None:
        """See `Door`."""
        if isinstance(message, ALWAYS):
            return message
        opens = self._open
        if not opens & LETS_OUT.get(type(message), frozenset()):
            return None
        if isinstance(message, out.Counts):
            if "traffic" not in opens:
                return replace(message, vehicles=0.0)
            if "crowd" not in opens:
                return replace(message, people=0.0, low=0.0, high=0.0)
        return message

    def _officers(self, held: _Held) -> Sealing | None:
        """For whom an item's originals are sealed: as the site's officers are at its beginning."""
        site, permit, now = held.site, held.permit, int(self._wall())
        if not isinstance(site, Site) or permit is None or "seal" not in held.ruling.lawful:
            return None
        found = officers_of(held.case.papers.evidence.officers, site.root, (now,))
        officers = tuple(Officer(one.public, one.institution) for one in found)
        return Sealing(site.root.site, held.case.camera, Terms(bytes.fromhex(permit.hash), permit.unseal_s), officers)

    def _opened(self, case: Case) -> _Held:
        site = case.papers.site(self._first, self._least)
        if isinstance(site, Site):
            self._least = max(self._least, site.root.serial)
        held = _Held(case, site, permit_in(case.papers), Ruling(frozenset(), {}))
        self._judge(held)
        return held

    def _judge(self, held: _Held) -> None:
        case = held.case
        scene = sha256(case.scene).hexdigest() if case.scene else ""
        asked = Asked(
            case.camera,
            case.source.hex(),
            case.analyses,
            scene,
            self._models,
            self._build.hex(),
            case.retention_s,
            case.seal_s,
        )
        now = Time(self._wall(), self._steady(), *self._begun)
        held.ruling = rule(asked, case.papers, held.site, now)
        self._again_s = now.steady + AGAIN_S

    def _news(self, message: Message) -> None:
        for held in {id(held): held for held in (self._newest, self._held) if held is not None}.values():
            held.case = replace(held.case, papers=with_news(held.case.papers, message))
        if self._held is not None:
            self._narrow()
        elif self._newest is not None:
            self._judge(self._newest)
            self._tell(self._newest, self._newest.ruling.lawful)

    def _narrow(self) -> None:
        assert self._held is not None
        before = (self._open, self._held.ruling)
        self._judge(self._held)
        self._open &= self._held.ruling.lawful
        if (self._open, self._held.ruling) != before:
            self._tell(self._held, self._open)

    def _tell(self, held: _Held, opens: frozenset[str]) -> None:
        ruling, permit = held.ruling, held.permit
        self._emit(
            out.Ruling(
                bits(held.case.analyses),
                bits(ruling.lawful),
                bits(opens),
                reason_codes(ruling.denied, ANALYSES),
                sum(1 << CAUTIONS.index(caution) for caution in ruling.cautions),
                NO_HASH if permit is None else bytes.fromhex(permit.hash),
                _root_hash(held.site),
            )
        )


def _root_hash(site: Site | Root) -> bytes:
    return bytes.fromhex(site.root.hash) if isinstance(site, Site) else NO_HASH
