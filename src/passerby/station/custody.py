"""What a site's settings say of the keeper, as the parts that seal, log and open.

station  seals each file's share to the keeper's public key (`share_source`); asks nobody
server   begins looks and opens shares (`looks`); can't write where the ledger is
scribe   logs looks (`scribe`); has the ledger, and no share ever comes near it
"""

from __future__ import annotations

import os
import signal
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from passerby.archive.folder import Layout
from passerby.archive.keeper.book import LocalBook, by_policy
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keeper.looks import Looks, ProvenLooks, Unproven, Why
from passerby.archive.keeper.scribe import Scribe
from passerby.archive.keeper.shares import SealedShares
from passerby.archive.keeper.wire import Certificates, Handle, Server, ask_here, ask_tls, listen_here, parse_host
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import NoShares, Share, ShareSource
from passerby.base.errors import CharterError, LockError, SettingsError
from passerby.charter.keys import Role
from passerby.charter.root import SiteRoot
from passerby.charter.sealing_key import vouched
from passerby.ledger.verify import Policy
from passerby.lock import landlock, libc, readable_for_imports
from passerby.office import site_folder
from passerby.station.cases import KnownCases
from passerby.station.keeper import NOTE
from passerby.station.settings import KeeperSettings, Oversight, Site
from passerby.station.showcase.site import MARK, demo_cosign
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.home import Home
from passerby.store.ledger.proven import Cosign
from passerby.store.ledger.web import Web

SOCKET = "scribe.socket"
POLL_S = 0.5
# What resolving names and checking a witness's certificate read.
_NET_FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/ssl", "/usr/share")


def share_source(
    site: Site, clock: Callable[[], float] = time.time, say: Callable[[str], None] = lambda _: None
) -> ShareSource:
    """Where the station gets shares: sealed to the keeper, or none where there is no keeper.

    Raises:
        CharterError: The keeper's note in the site's folder is not of the keeper that the root names.
    """
    return NoShares() if site.keeper is None else FollowedShares(site, clock, say)


class FollowedShares:
    """Shares sealed to the keeper whose note lies in the site's folder: a new one counts as soon as it is there.

    One that nobody vouches for is said, and what it would have replaced is sealed to meanwhile: recording goes on.

    Raises:
        CharterError: The note is not of the keeper that the root names.
    """

    def __init__(self, site: Site, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self._site, self._clock, self._say = site, clock, say
        self._seen = self._look()
        self._shares = self._read()

    def new(self, epoch: EpochId) -> Share:
        """As `ShareSource`."""
        try:
            if (seen := self._look()) != self._seen:
                self._seen = seen
                self._shares = self._read()
                self._say("shares are sealed to the keeper's note as it is now")
        except (CharterError, OSError) as error:
            self._say(f"the keeper's note does not count as it is now, so the one before does: {error}")
        return self._shares.new(epoch)

    def _look(self) -> list[tuple[str, int, int]]:
        """What tells that note or roots were changed."""
        folder = _oversight(self._site).folder
        found = [(path.name, path.stat()) for path in (*site_folder.root_notes(folder), folder / NOTE)]
        return [(name, stat.st_mtime_ns, stat.st_size) for name, stat in found]

    def _read(self) -> SealedShares:
        root = _root(self._site)
        note = site_folder.read(_oversight(self._site).folder / NOTE)
        return SealedShares(root.site, vouched(note, root, Role.KEEPER, int(self._clock())).public, os.urandom)


def looks(site: Site, clock: Callable[[], float] = time.time) -> Looks:
    """How pages open video: after it was logged, or as it lies where there is neither keeper nor ledger.

    Raises:
        SettingsError: The site allows no such purpose.
        CharterError: The site's papers can't be read.
    """
    logged = site.logged
    if logged is None:
        return Unproven()
    root = _root(site)
    if logged.purpose not in root.purposes:
        raise SettingsError(
            f"{root.site} allows nobody to look for {logged.purpose}", f"one of: {', '.join(root.purposes)}"
        )
    actor = "p-" + sha256(f"{_oversight(site).site_root}\npages".encode()).hexdigest()[:32]
    why = Why(actor, logged.purpose, logged.case)
    scribe, keeper = ask_here(site.data / SOCKET), None if site.keeper is None else keeper_of(site.keeper)
    return ProvenLooks(root.site, why, scribe, keeper, clock, os.urandom)


def keeper_of(settings: KeeperSettings) -> Handle:
    """Asks the keeper.

    Raises:
        CustodyError: The certificates can't be used.
    """
    if settings.socket is not None:
        return ask_here(settings.socket)
    assert settings.address and settings.certificate and settings.tls_key and settings.authority
    pems = Certificates(settings.certificate, settings.tls_key, settings.authority)
    return ask_tls(*parse_host(settings.address), pems.context(ssl.Purpose.SERVER_AUTH))


def ports_of(site: Site) -> list[int]:
    """TCP ports that whoever opens video must reach."""
    return [] if site.keeper is None or site.keeper.address is None else [parse_host(site.keeper.address)[1]]


def scribe(site: Site, say: Callable[[str], None], clock: Callable[[], float] = time.time) -> None:
    """Log looks until SIGTERM or SIGINT; from the first on, only the ledger's files can be written.

    Args:
        site: The settings.
        say: Tells people, a line each.
        clock: Seconds since 1970.

    Raises:
        SettingsError: The site logs no looks.
        CustodyError: Somebody listens already.
        CharterError: The site's papers can't be read.
    """
    logged = site.logged
    if logged is None:
        raise SettingsError("this site logs no looks", "give [keeper] or [looks] in its settings: docs/site.toml")
    site.data.mkdir(parents=True, exist_ok=True)
    folder, root = _oversight(site).folder, _root(site)
    home = Home.at(logged.ledger, logged.ledger_key)

    def overseen() -> Overseen:
        return Overseen.of(_root(site))

    # A demo's witness is on this machine, as everything else of it.
    cosign: Cosign = demo_cosign(folder, clock) if (folder / MARK).is_file() else by_policy(overseen, Web().post)
    book = LocalBook(home, LocalDisk(), clock, overseen, cosign)
    # Before the walls: afterwards no file of the data folder can be opened, and its keys never could.
    cases = KnownCases.opened(Layout(site.data).database, logged.case, home.objects(LocalDisk()).get)
    if not cases.known:
        say("there is no database yet: until the scribe starts anew only the standing case is known")
    with listen_here(site.data / SOCKET) as listening:
        if weaker := _shut_in(folder, home, _ports(overseen().policy)):
            say(f"the scribe could write elsewhere ({weaker}), but does not")
        server = Server(listening, Scribe(root.site, book, clock, cases.why_not).handle)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=POLL_S)


def _shut_in(papers: Path, home: Home, ports: Sequence[int]) -> str:
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    reads = [*readable_for_imports(), papers, *(p for p in map(Path, _NET_FILES) if p.exists())]
    try:
        landlock.restrict_reads(reads, ports, own=[home.folder, home.key.parent])
    except LockError as error:
        return str(error)
    return ""


def _ports(policy: Policy) -> list[int]:
    found = (urlsplit(url) for url in policy.urls.values() if url)
    return sorted({url.port or (443 if url.scheme == "https" else 80) for url in found})


def _root(site: Site) -> SiteRoot:
    oversight = _oversight(site)
    return site_folder.site_of(oversight.folder, oversight.site_root).root


def _oversight(site: Site) -> Oversight:
    assert site.oversight is not None  # `Site` demands it where there is a keeper
    return site.oversight
