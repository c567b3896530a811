"""The station's desk: the site's papers as they lie in their folder, read again whenever one changes.

The desk opens nothing: what it thinks of a permit only spares a darkroom the work. The darkroom judges for itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from passerby.base.build import build_hash
from passerby.base.errors import CharterError, StoreError
from passerby.charter.document import Unsound, text_of
from passerby.charter.facts import Asked, Evidence, Time
from passerby.charter.permit import camera_source
from passerby.charter.proofs import Logged, Site
from passerby.charter.ruling import Papers, Ruling, permit_in, rule
from passerby.charter.site_permit import REVOCATION, parse_word
from passerby.charter.standing import Reason, Root
from passerby.darkroom.launch import listed_hashes
from passerby.darkroom.papers import Case
from passerby.ledger.ports import Slot
from passerby.office import site_folder
from passerby.station.settings import CameraSettings, Oversight

LOOK_EVERY_S = 2.0
# A ruling can change by time alone: a permit begins or ends, witnesses fall silent.
JUDGE_EVERY_S = 60.0


class Desk:
    """Papers of all cameras of one station.

    Args:
        oversight: Where they lie, and the first root's hash; None where nobody oversees: then no camera runs.
        memory: Remembers the highest serial of a root that was seen.
        say: Tells people what can't be read, a line each.
        put: Queues an act for the ledger, durably.
        wall: Seconds since 1970.
        steady: Seconds of a clock that nobody can set and that runs through sleep.
    """

    def __init__(
        self,
        oversight: Oversight | None,
        memory: Slot,
        say: Callable[[str], None],
        put: Callable[[Mapping[str, object]], None] = lambda _: None,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._oversight, self._memory, self._say, self._put = oversight, memory, say, put
        self._wall, self._steady = wall, steady
        self._begun = (wall(), steady())
        self._looked_s = float("-inf")
        self._seen: object = None
        self._troubles: set[str] = set()
        self._roots: tuple[bytes, ...] = ()
        self._rooted: tuple[Logged | None, ...] = ()
        self._site: Site | Root = Root.BROKEN
        self._cases: dict[str, Case] = {}
        self._scenes: dict[str, bytes] = {}
        self.changes = 0
        self.first = "" if oversight is None else oversight.site_root
        self.least = site_folder.seen_serial(memory, self.first)
        self.look()

    @property
    def demo(self) -> bool:
        """Whether the site is one for show."""
        return isinstance(self._site, Site) and self._site.root.demo

    def look(self) -> None:
        """See whether anything has changed, not more often than every `LOOK_EVERY_S`."""
        now_s = self._steady()
        if self._oversight is None or now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        seen = _fingerprint(self._oversight.folder)
        if seen != self._seen:
            self._seen = seen
            self._cases.clear()
            self._read(self._oversight.folder)
            self.changes += 1

    def case(self, camera: CameraSettings) -> Case:
        """What a camera asks for, and its papers; what is missing or can't be read is missing."""
        if camera.name not in self._cases:
            papers = Papers(b"", self._roots, self._rooted)
            if self._oversight is not None:
                papers = self._papers(self._oversight.folder, camera.name)
            source = camera_source(camera.name, camera.source)
            if camera.name not in self._scenes:
                # As it was at the start: whoever draws another scene starts the station anew.
                self._scenes[camera.name] = camera.read_scene()
            scene = self._scenes[camera.name]
            self._cases[camera.name] = Case(
                camera.name, source, camera.analyses, papers, camera.retention_s, scene, camera.seal_s
            )
        return self._cases[camera.name]

    def refreshed(self, case: Case) -> Case:
        """The same papers, with the roots, the revocations and the checkpoint of now."""
        held = case.papers
        found = self._loose(self._oversight.folder) if self._oversight is not None else Evidence()
        news = self._news(replace(held, evidence=found))
        evidence = replace(
            held.evidence, checkpoint=news.checkpoint, revocations=news.revocations, officers=news.officers
        )
        return replace(case, papers=replace(held, roots=self._roots, rooted=self._rooted, evidence=evidence))

    def ruling(self, camera: CameraSettings) -> Ruling:
        """What the gate would say now."""
        case = self.case(camera)
        scene = sha256(case.scene).hexdigest() if case.scene else ""
        asked = Asked(
            case.camera,
            case.source.hex(),
            case.analyses,
            scene,
            listed_hashes(),
            build_hash().hex(),
            case.retention_s,
            case.seal_s,
        )
        return rule(asked, case.papers, self._site, Time(self._wall(), self._steady(), *self._begun))

    def ended(self, case: Case, reasons: Collection[Reason]) -> None:
        """A camera that ran was stopped by its gate: that has happened, and waits to be told to the ledger.

        Args:
            case: Under which it ran.
            reasons: Which rules denied.
        """
        permit = permit_in(case.papers)
        if permit is None:
            return
        act = "expire" if set(reasons) == {Reason.EXPIRED} else "stop"
        actor = "p-" + sha256(f"{self.first}\nstation".encode()).hexdigest()[:32]
        named = {"camera": permit.act_camera(), "permit": permit.hash, "time": int(self._wall())}
        try:
            self._put({"act": act, "actor": actor, **named})
        except StoreError as error:
            self._say(f"{case.camera}: its end could not be kept for the ledger: {error}")

    def _read(self, folder: Path) -> None:
        try:
            notes = site_folder.root_notes(folder)
            self._roots = tuple(site_folder.read(path) for path in notes)
            self._rooted = tuple(site_folder.logged(path.with_suffix("")) for path in notes)
        except CharterError as error:
            self._roots, self._rooted = (), ()
            self._complain(str(error))
        self._site = Papers(b"", self._roots, self._rooted).site(self.first, self.least)
        if isinstance(self._site, Site) and self._site.root.serial > self.least:
            self.least = self._site.root.serial
            self._memory.save(site_folder.seen_line(self.first, self.least))

    def _papers(self, folder: Path, camera: str) -> Papers:
        path = folder / f"{camera}.note"
        try:
            note = site_folder.read(path) if path.is_file() else b""
            evidence = site_folder.evidence_for(folder, path)
        except CharterError as error:
            self._complain(str(error))
            note, evidence = b"", Evidence()
        papers = Papers(note, self._roots, self._rooted, evidence)
        return replace(papers, evidence=self._news(papers))

    def _loose(self, folder: Path) -> Evidence:
        """What lies there for no permit in particular."""
        try:
            return site_folder.evidence_for(folder, folder / ".none")
        except CharterError as error:
            self._complain(str(error))
            return Evidence(revocations=(b"",))

    def _news(self, papers: Papers) -> Evidence:
        """The evidence with only those revocations that concern the permit."""
        permit = permit_in(papers)
        name = "" if permit is None else permit.hash
        mine = tuple(word for word in papers.evidence.revocations if _concerns(word, name))
        return replace(papers.evidence, revocations=mine)

    def _complain(self, line: str) -> None:
        if line not in self._troubles:
            self._troubles.add(line)
            self._say(line)


def hashes_in(papers: Papers) -> frozenset[bytes]:
    """The hashes that a darkroom may name when it rules on these papers: no other number leaves with a ruling."""
    permit = permit_in(papers)
    found = {bytes(32)} | ({bytes.fromhex(permit.hash)} if permit is not None else set())
    for note in papers.roots:
        try:
            found.add(sha256(text_of(note).encode()).digest())
        except Unsound:
            continue
    return frozenset(found)


def _concerns(word: bytes, permit: str) -> bool:
    """Whether a revocation is of this permit, or of nobody knows which."""
    try:
        return parse_word(word, REVOCATION)[0] == permit
    except Unsound:
        return True


def _fingerprint(folder: Path) -> object:
    """Changes when a file in the folder does."""
    found: list[tuple[str, int, int]] = []
    for place in (folder, folder / "roots", folder / "revocations", folder / site_folder.OFFICERS):
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    about = entry.stat()
                    found.append((entry.path, about.st_mtime_ns, about.st_size))
        except OSError:
            continue
    return sorted(found)
