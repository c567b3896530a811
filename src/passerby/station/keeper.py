"""The keeper as a process: its folder, the site it keeps for, and the walls around it.

DIR/keeper.key       its signing keys, mode 0600: the present one, then older ones that something is still sealed to
DIR/keeper.note      its public sealing key, signed: goes into the site's folder, from where stations take it
DIR/answers/         its count, a log that anybody may mirror and verify
DIR/site-root.seen   which root was the newest seen: an older one is a replay
"""

from __future__ import annotations

import grp
import os
import pwd
import resource
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from passerby.archive.hpke import SealingPair
from passerby.archive.keeper.count import Count
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keeper.service import Keeper
from passerby.archive.keeper.wire import Server
from passerby.base.errors import CharterError, LockError, UsageError
from passerby.charter.keys import Role
from passerby.charter.root import SiteRoot
from passerby.charter.sealing_key import sealing_text
from passerby.ledger.errors import LedgerError
from passerby.ledger.log import Log
from passerby.ledger.note import Signer, sign_note
from passerby.ledger.verify import Key, verify_note
from passerby.lock import landlock, libc, privileges, readable_for_imports
from passerby.office import site_folder
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, read_signers

NOTE, KEY, ANSWERS, SEEN = "keeper.note", "keeper.key", "answers", "site-root.seen"
POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class KeeperFolder:
    """A keeper's own folder."""

    root: Path

    @property
    def note(self) -> Path:
        """Its public sealing key, signed."""
        return self.root / NOTE

    @property
    def home(self) -> Home:
        """Where its count lives."""
        return Home.at(self.root / ANSWERS, self.root / KEY)

    def take(self, signer: Signer) -> None:
        """Take a key, as the present one: where another was, it is kept for what is still sealed to it.

        Args:
            signer: The key that the site's root names as keeper's.
        """
        disk = LocalDisk()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = self.signers() if (self.root / KEY).exists() else []
        kept = [signer, *(k for k in known if k != signer)]
        OneFile(self.root / KEY, disk).save("".join(f"{k.secret()}\n" for k in kept).encode())
        OneFile(self.note, disk).save(vouch(signer))
        self.note.chmod(0o644)

    def signers(self) -> list[Signer]:
        """Its signing keys, the present one first."""
        return read_signers(self.root / KEY)

    def log(self, clock: Callable[[], int]) -> Log:
        """Its count, open; begun where there is none yet. It keeps the key that it was begun with."""
        ports = self.home.ports(LocalDisk(), clock)
        signers = self.signers()
        begun = ports.state.load()
        if begun is None:
            self.home.folder.mkdir(exist_ok=True)
            Log.create(signers[:1], signers[0].name, ports)
            return Log(signers[:1], ports)
        return Log([k for k in signers if k.key in verify_note(begun, [k.key])[1]], ports)


def vouch(signer: Signer) -> bytes:
    """The note by which a keeper or an officer publishes its sealing key."""
    return sign_note(sealing_text(SealingPair.of(signer.seed).public), [signer], 0)


class HeldKeys:
    """The keys of a keeper's folder, read again once another was taken. Safe to share between threads.

    Args:
        folder: The keeper's own.

    Raises:
        LedgerError: They can't be read.
    """

    def __init__(self, folder: KeeperFolder) -> None:
        self._folder, self._mutex, self._seen = folder, threading.Lock(), (0, 0)
        self._signers: list[Signer] = []
        self.changed()

    @property
    def keys(self) -> list[Key]:
        """The present one first."""
        return [signer.key for signer in self._signers]

    def pairs(self) -> list[SealingPair]:
        """What is sealed to them."""
        return [SealingPair.of(signer.seed) for signer in self._signers]

    def changed(self) -> bool:
        """Whether there were others until now; reads them."""
        now = (self._folder.root / KEY).stat()
        with self._mutex:
            if self._seen == (seen := (now.st_ino, now.st_mtime_ns)):
                return False
            self._signers, self._seen = self._folder.signers(), seen
            return True


class FollowedSite:
    """A site's root as it lies in a folder, read again whenever a root is added; never an older one than before.

    Args:
        folder: The site's papers.
        first: The first root's hash.
        seen: Remembers the newest serial.
        keys: The keeper's: the root must name one of them.

    Raises:
        CharterError: They are not that site's, or its root names another keeper.
    """

    def __init__(self, folder: Path, first: str, seen: OneFile, keys: Callable[[], Collection[Key]]) -> None:
        self._folder, self._first, self._seen, self._keys = folder, first, seen, keys
        self._mutex = threading.Lock()
        self._known: tuple[object, Overseen] | None = None
        self()

    def __call__(self) -> Overseen:
        """What the root in force says.

        Raises:
            CharterError: The papers are no longer that site's, or its root no longer names this keeper.
        """
        with self._mutex:
            roots = [(p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in site_folder.root_notes(self._folder)]
            now = (roots, list(self._keys()))
            if self._known is None or self._known[0] != now:
                self._known = (now, Overseen.of(self._read()))
            return self._known[1]

    def _read(self) -> SiteRoot:
        least = site_folder.seen_serial(self._seen, self._first)
        site = site_folder.site_of(self._folder, self._first, least)
        if not site.proven:
            raise CharterError("a root is not proven to be in the ledger", "put its entry and proof beside it")
        if not {held.key for held in site.root.held(Role.KEEPER)} & {*self._keys()}:
            raise CharterError(
                f"{site.root.site}'s root names another keeper", "add this key as keeper with `passerby root change`"
            )
        if site.root.serial > least or self._seen.load() is None:
            self._seen.save(site_folder.seen_line(self._first, site.root.serial))
        return site.root


def user_id(name: str) -> int:
    """A user's number.

    Raises:
        UsageError: There is no such user, or it is root.
    """
    try:
        found = pwd.getpwnam(name).pw_uid
    except KeyError as error:
        raise UsageError(f"there is no user {name}", "make one for the keeper alone") from error
    if found == 0:
        raise UsageError("the keeper never runs as root", "make a user for the keeper alone")
    return found


def group_id(name: str) -> int:
    """A group's number.

    Raises:
        UsageError: There is no such group.
    """
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise UsageError(f"there is no group {name}", "name the group of whoever shows video") from error


def shut_in(folder: Path, reads: Sequence[Path], user: int | None) -> str:
    """Become the keeper's user, and from then on write in the keeper's folder only. One thread may run.

    Returns:
        Why files could not be shut off, or the empty string.

    Raises:
        LockError: The user could not be changed.
        UsageError: The user can't read what a keeper needs.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    # While this is still root: what the user may not even look for can't be named to the kernel.
    weaker = _wall(folder, reads)
    if user is not None:
        privileges.drop(user)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    needed = [Path(sys.prefix), Path(sys.base_prefix), *reads]
    if user is not None and not all(os.access(path, os.R_OK) for path in needed):
        raise UsageError(
            "the keeper's user can't read Python or the site's papers", "install and copy them where it can"
        )
    return weaker


def _wall(folder: Path, reads: Sequence[Path]) -> str:
    try:
        landlock.restrict_reads([*readable_for_imports(), *reads], own=[folder])
    except LockError as error:
        return str(error)
    return ""


def keep(
    folder: KeeperFolder,
    site: Path,
    first: str,
    listening: socket.socket,
    clock: Callable[[], float],
    say: Callable[[str], None],
    tls: ssl.SSLContext | None = None,
) -> None:
    """Answer until SIGTERM or SIGINT.

    Args:
        folder: The keeper's own.
        site: The site's papers.
        first: The first root's hash.
        listening: Where questions come.
        clock: Seconds since 1970.
        say: Tells people, a line each.
        tls: Where the socket is TCP's.

    Raises:
        CharterError: The site's root names another keeper.
        LedgerError: The count can't be opened.
    """
    held = HeldKeys(folder)
    followed = FollowedSite(site, first, OneFile(folder.root / SEEN, LocalDisk()), lambda: held.keys)
    with folder.log(lambda: int(clock())) as log:
        count = Count(log, clock)
        keeper = Keeper(held.pairs(), followed, count)

        def handle(raw: bytes) -> bytes:
            if held.changed():
                keeper.hold(held.pairs())
                say(f"{len(held.keys)} keys are held from now on")
            return keeper.handle(raw)

        server = Server(listening, handle, lambda: _publish(count, say), tls)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        say(f"keeping for {followed().site}; {count.number} answers so far")
        try:
            server.serve_forever(poll_interval=POLL_S)
        finally:
            server.server_close()


def _publish(count: Count, say: Callable[[str], None]) -> None:
    try:
        count.publish()
    except LedgerError as error:
        say(f"the count can't be signed, and nothing is answered: {error}")
        raise
