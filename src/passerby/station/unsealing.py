"""An unsealing from wish to bundle: asked for, logged, agreed to by two officers, opened in a darkroom, given out.

Whoever runs it has the slot shares and the ciphertext. It never has a half, a file's key or an original.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from passerby.archive import hpke, seal
from passerby.archive.export.bundle import Papers, export, recipients_text
from passerby.archive.folder import Layout
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keeper.scribe import Given, have_logged
from passerby.archive.keeper.wire import ask_here
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import US
from passerby.archive.output import NewFile
from passerby.archive.request import Request, case_logged, for_two, parse_half
from passerby.archive.sealed_files import Lying, sealed_between
from passerby.base.build import build_hash
from passerby.base.errors import CustodyError, SettingsError, UsageError
from passerby.charter.asking import SESSION_S, Asking, sensible
from passerby.charter.document import Unsound
from passerby.charter.keys import Role
from passerby.charter.matter.case import Look, judge
from passerby.charter.matter.record import Kind as MatterKind
from passerby.charter.matter.record import Matter
from passerby.charter.officers import officers_of
from passerby.charter.proofs import Logged, Site
from passerby.charter.unsealing import Rectangle, Unsealing, parse_unsealing
from passerby.office import matters, site_folder
from passerby.station.custody import SOCKET
from passerby.station.opening import OpeningRoom, Wish
from passerby.station.settings import LooksSettings, Oversight
from passerby.station.settings import Site as Settings
from passerby.store.database import read_store
from passerby.store.keys.signing import Signing, signed_with
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.home import Home
from passerby.store.ledger.seek import case_in

POLL_S = 0.25
# So long before the session's end nothing is begun any more.
MARGIN_S = 5
SUFFIX = ".half"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to have unsealed.

    Args:
        camera: The camera's id.
        begins: Seconds since 1970.
        ends: Not included.
        case: How the case's id begins.
        region: What is shown.
        officers: The names of two officers' keys.
        recipients: Name to age recipient.
        recipient: To what sort it is given (the act `share`).
        basis: On which basis.
    """

    camera: str
    begins: int
    ends: int
    case: str
    region: tuple[Rectangle, ...]
    officers: tuple[str, ...]
    recipients: Mapping[str, str]
    recipient: str
    basis: str


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle: how many clips are in it, and its manifest's hash."""

    clips: int
    manifest: str


def unseal_(
    settings: Settings,
    wanted: Wanted,
    signer: Signing,
    places: tuple[Path, Path, Path],
    say: Say,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Made:
    """Unseal, or say why not.

    Args:
        settings: The station's.
        wanted: What is wanted.
        signer: An operator's key, for the manifest.
        places: Where the request goes, where halves will appear, where the bundle goes.
        say: Tells people, a line each.
        clock: Seconds since 1970.
        sleep: Waits so many seconds.

    Raises:
        PasserbyError: What is missing, or who refused.
    """
    oversight, logs = _overseen(settings)
    site = site_folder.site_of(oversight.folder, oversight.site_root)
    _is_operators(signer, site)
    now, layout = int(clock()), Layout(settings.data)
    with read_store(layout.database) as store:
        case = matters.matter(store, matters.whole_id(store, MatterKind.CASE, wanted.case))
        files = sealed_between(layout, store, wanted.camera, wanted.begins * US, wanted.ends * US)
        if not files:
            raise UsageError("no originals are kept of this time", "ask for another, while they are kept")
    keys = KeyReader(layout.keys)
    shares = [lying.share(keys) for lying in files]
    unsealing = _belongs(wanted, oversight.folder, site, now)
    shown = [for_two(lying.file, unsealing.officers) for lying in files]
    _not_too_long(files, wanted)
    home = Home.at(logs.ledger, logs.ledger_key)
    _covers(case, wanted, _opened(home, case), Overseen.of(site.root), now)
    with OpeningRoom(oversight.site_root, site.root.serial, weaker=settings.weaker_lock) as room:
        asking = Asking(
            act="unseal", site=site.root.site, camera=wanted.camera, kind="sealed", begins=wanted.begins,
            ends=wanted.ends, until=now + SESSION_S, purpose=case.purpose, case=case.id, detail=unsealing.hash,
            key=sha256(room.public).hexdigest(), salt=os.urandom(32).hex(),
        )  # fmt: skip
        sensible(asking)
        actor = "p-" + sha256(f"{oversight.site_root}\n{signer.key.name}".encode()).hexdigest()[:32]
        given = Given(wanted.recipient, wanted.basis)
        logged = have_logged(asking, actor, ask_here(settings.data / SOCKET), given)
        request = Request(asking, logged, room.public, unsealing, tuple(shown), case, _opened(home, case))
        with NewFile(places[0]) as new:
            new.file.write(request.text().encode())
        say(f"{places[0]}: show it to {' and '.join(wanted.officers)}; request {asking.hash}")
        halves = _halves(places[1], asking, unsealing, say, clock, sleep)
        roots = [
            (site_folder.read(path), site_folder.logged(path.with_suffix("")))
            for path in site_folder.root_notes(oversight.folder)
        ]
        headers = [(share, lying.header.pack()) for share, lying in zip(shares, files, strict=True)]
        wish = Wish(asking, logged, unsealing, roots, headers, halves)
        clips = room.open(wish, _chunks(files))
    papers = Papers(
        asking, logged, [note for note, _ in roots], build_hash().hex(), now, site.root.demo, unsealing.text()
    )  # fmt: skip
    found = export(places[2], clips, papers, wanted.recipients, lambda text: signed_with(text, None, signer))
    return Made(len(clips), found)


def _overseen(settings: Settings) -> tuple[Oversight, LooksSettings]:
    if settings.logged is None or settings.oversight is None:
        raise SettingsError(
            "unsealings are logged first, and this site has nobody to log them", "give [keeper] or [looks]"
        )
    return settings.oversight, settings.logged


def _is_operators(signer: Signing, site: Site) -> None:
    if signer.key not in [held.key for held in site.root.held(Role.OPERATOR)]:
        raise UsageError(f"{signer.key.name} is no operator's key of {site.root.site}", "name another with --key")


def _belongs(wanted: Wanted, folder: Path, site: Site, now: int) -> Unsealing:
    notes = [site_folder.read(path) for path in site_folder.listed(folder / site_folder.OFFICERS, ".note")]
    known = {one.name: one for one in officers_of(notes, site.root, (now,))}
    if missing := [name for name in wanted.officers if name not in known]:
        raise UsageError(
            f"{missing[0]} is no officer here who vouched for a key", f"one of: {', '.join(sorted(known))}"
        )
    chosen = [known[name] for name in wanted.officers]
    if len(chosen) != 2 or chosen[0].institution == chosen[1].institution:
        raise UsageError("two officers of two institutions unseal together", "name two with --officer")
    one, other = sorted(hpke.key_id(officer.public).hex() for officer in chosen)
    recipients = sha256(recipients_text(wanted.recipients)).hexdigest()
    return parse_unsealing(Unsealing(wanted.region, (one, other), recipients).text())


def _not_too_long(files: Sequence[Lying], wanted: Wanted) -> None:
    least = min(seal.unpack(lying.header.sealed)[1].unseal_s for lying in files)
    if wanted.ends - wanted.begins > least:
        raise UsageError(f"the permit lets one unsealing open {least} s", "ask for a shorter stretch")


def _opened(home: Home, case: Matter) -> Logged:
    found = case_in(home.objects(LocalDisk()).get, case.id)
    if found is None:
        raise CustodyError("the case is not in the ledger yet", "deliver its act first: passerby ledger deliver")
    return Logged(found.entry, found.proof)


def _covers(case: Matter, wanted: Wanted, opened: Logged, site: Overseen, now: int) -> None:
    """Told at once, before a darkroom is started or anything is logged; scribe and officers judge it again."""
    look = Look(wanted.camera, case.purpose, wanted.begins, wanted.ends, now, SESSION_S)
    if (why := judge(case, look, case_logged(case, opened, site, now))) is not None:
        raise CustodyError(f"the case does not cover this: {why.value}")


def _halves(
    folder: Path,
    asking: Asking,
    unsealing: Unsealing,
    say: Say,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> list[tuple[str, bytes]]:
    """Both officers' answers, as soon as they are there."""
    found: dict[str, bytes] = {}
    passed_over: set[Path] = set()
    while clock() < asking.until - MARGIN_S:
        for path in site_folder.listed(folder, SUFFIX):
            if path in passed_over:
                continue
            try:
                officer, sealed = parse_half(site_folder.read(path), asking)
            except Unsound as error:
                passed_over.add(path)
                say(f"{path}: {error}")
                continue
            if officer in unsealing.officers:
                found[officer] = sealed
        if len(found) == len(unsealing.officers):
            return sorted(found.items())
        sleep(POLL_S)
    raise CustodyError("the session is over, and not both officers gave their half", "ask anew")


def _chunks(files: Sequence[Lying]) -> Iterator[tuple[int, bytes]]:
    for number, lying in enumerate(files):
        for stored in lying.chunks():
            yield number, stored
