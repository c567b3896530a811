"""Where what is public lies: the office's folder, the ledger's files, the site's papers, the station's database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError
from passerby.charter.proofs import Site
from passerby.ledger.verify import Reader
from passerby.office import site_folder
from passerby.office.book import Book
from passerby.office.cabinet import Cabinet
from passerby.server.problems import Problem
from passerby.server.public.snapshot import Snapshot, taken
from passerby.store.acts import ActQueue
from passerby.store.database import Changes, Store, read_store


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things lie. Whatever is None is not shown, and the pages say so.

    Args:
        office: The office's folder: register and desk.
        ledger: The ledger's public files.
        papers: The site's papers: roots, permits, proofs, the newest checkpoint.
        first: Hash of the site's first root; empty where nobody oversees.
        scenes: Each camera's scene file, for the outlines of what must never be seen.
        tiles: Where map tiles come from; empty: outlines that come with the pages.
    """

    office: Path | None = None
    ledger: Reader | None = None
    papers: Path | None = None
    first: str = ""
    scenes: dict[str, Path] = field(default_factory=dict)
    tiles: str = ""


NOTHING = Sources()
# How often it is looked whether the site has another root.
ROOTS_S = 2.0


class Shelf:
    """What is open for reading: register and papers of the office, the station's database, the site's roots.

    Args:
        sources: Where they lie.
        station: The station's database, open for reading.
        clock: Seconds since 1970.
    """

    def __init__(self, sources: Sources, station: Store, clock: Callable[[], float]) -> None:
        self.sources, self.station, self.clock = sources, station, clock
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._changes: Changes | None = None
        self._looked_s, self._state = float("-inf"), 0
        self._file: object = None
        self._snapshot: tuple[int, Snapshot] | None = None
        self._site: tuple[object, float, Site | None] = None, float("-inf"), None

    @property
    def store(self) -> Store:
        """The office's database.

        Raises:
            Problem: This server shows no register.
            StoreError: It can't be read.
        """
        if self.sources.office is None:
            raise Problem(404, "this server has no register", "name its folder: [server] office, or serve --office")
        with self._lock:
            if self._store is None:
                self._store = read_store(Layout(self.sources.office).database)
            return self._store

    def book(self) -> Book:
        """The register, for reading.

        Raises:
            Problem: This server shows no register.
            StoreError: It can't be read.
        """
        store = self.store
        return Book(store, ActQueue(Layout(store.path.parent).acts), self.clock)

    def known(self) -> Snapshot:
        """What every answer needs of the register; raises as `book`."""
        state = self.state()
        held = self._snapshot
        if held is None or held[0] != state:
            held = self._snapshot = state, taken(self.book())
        return held[1]

    def cabinet(self) -> Cabinet:
        """The papers on file; raises as `book`."""
        return Cabinet(self.book())

    def state(self) -> int:
        """Changes when anything in the office's database has; looked at a few times a second at most."""
        if self.sources.office is None:
            return 0
        store = self.store
        with self._lock:
            if self.clock() - self._looked_s < 0.25 and self.clock() >= self._looked_s:
                return self._state
            # A file without a log is read as one that nobody changes: a command that opened, wrote and closed it since
            # the last look left nothing but another file.
            if (file := _stamp(store.path)) != self._file:
                self._file = file
                if self._changes is not None:
                    self._changes.close()
                    self._changes = None
                store.engine.dispose()
                self._state += 1
            self._changes = self._changes or Changes(store)
            if self._changes():
                self._state += 1
            self._looked_s = self.clock()
            return self._state

    def fresh(self) -> Store:
        """The office's database as it is now; raises as `store`."""
        self.state()
        return self.store

    def site(self) -> Site | None:
        """The site, from its roots' files; None where there is none, or it is broken."""
        if self.sources.papers is None:
            return None
        seen, looked_s, site = self._site
        now_s = self.clock()
        if 0 <= now_s - looked_s < ROOTS_S:
            return site
        stamp = [_stamp(path) for path in (self.sources.papers, self.sources.papers / "roots")]
        if stamp != seen:
            site = self._opened(self.sources.papers)
        self._site = stamp, now_s, site
        return site

    def _opened(self, papers: Path) -> Site | None:
        try:
            return site_folder.site_of(papers, self.sources.first)
        except CharterError:
            return None

    def close(self) -> None:
        """Give the connections back."""
        if self._changes is not None:
            self._changes.close()
        if self._store is not None:
            self._store.close()


def _stamp(path: Path) -> object:
    """Changes when a file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
