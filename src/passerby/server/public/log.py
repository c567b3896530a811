"""The ledger as the public's pages read it: each new entry once, hashed again, folded into what cameras' pages show.

Nothing is believed of the files: the checkpoint has to be signed by the site's log key, and its root has to be that of
the entries as they lie here. Where it isn't, the numbers are not shown as complete, and the reason is.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from passerby.charter.report.by_camera import ByCamera
from passerby.ledger import merkle
from passerby.ledger.checkpoint import format_proof
from passerby.ledger.errors import Refuted
from passerby.ledger.note import format_vkey
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import (
    WIDTH,
    Checkpoint,
    Key,
    LedgerError,
    Reader,
    Trust,
    leaf_hash,
    parse_vkey,
    read_tile,
    split_bundle,
)
from passerby.server.public.models import LogModel
from passerby.store.ledger.home import VKEY

PATH = "/ledger/"
# Bundles after which others get their turn: some milliseconds of reading.
BREATH = 8
log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Fold:
    """What was read of the ledger so far. Safe to ask from several threads; `refresh` belongs to one.

    Args:
        read: The ledger's files.
        keys: The site's log keys; where it names none, the key in the folder, which is worth no more than the folder.
        rest: Called between pieces of a long reading.
    """

    def __init__(
        self, read: Reader, keys: Callable[[], Sequence[Key]], rest: Callable[[], None] = lambda: time.sleep(0.002)
    ) -> None:
        self._read, self._keys, self._rest = read, keys, rest
        self._lock = threading.Lock()
        self._told, self._tree = ByCamera(read), merkle.Growing()
        self._note = b""
        self._point: Checkpoint | None = None
        self._vkeys: list[str] = []
        self._trouble = "it was not read yet"

    @property
    def state(self) -> tuple[int, str]:
        """Changes when anything here has."""
        return self._point.size if self._point else 0, self._trouble

    @property
    def keys(self) -> list[Key]:
        """The log's keys that its checkpoint was checked with."""
        return [parse_vkey(vkey) for vkey in self._vkeys]

    @property
    def proven(self) -> bool:
        """Whether all was read, and is what the checkpoint stands for."""
        return self._trouble == ""

    def ask(self, what: Callable[[ByCamera], Answer]) -> Answer:
        """Something of what the entries tell, while nothing changes in it."""
        with self._lock:
            return what(self._told)

    def model(self) -> LogModel:
        """The ledger, for the public."""
        point = self._point
        return LogModel(
            path=PATH,
            origin=point.origin if point else "",
            size=point.size if point else 0,
            root=point.root.hex() if point else "",
            time=self._told.follower.logged,
            vkeys=self._vkeys,
            proven=self.proven,
            trouble=self._trouble,
        )

    def proof(self, index: int) -> tuple[bytes, bytes]:
        """An entry, and the proof that it is in the tree of the newest checkpoint.

        Raises:
            LedgerError: It is not there, or a file is missing.
        """
        note, point = self._note, self._point
        if point is None or index >= point.size:
            raise LedgerError("there is no such entry yet")
        width = min(WIDTH, point.size - index // WIDTH * WIDTH)
        entry = split_bundle(read_tile(self._read, "entries", index // WIDTH, width), width)[index % WIDTH]
        hashes = merkle.inclusion(index, point.size, StoredHashes(self._read, point.size))
        return entry, format_proof(index, hashes, note)

    def refresh(self) -> None:
        """Read what is new."""
        try:
            self._refresh()
        except LedgerError as error:
            if str(error) != self._trouble:
                log.warning("the ledger: %s", error)
            self._trouble = str(error)

    def _refresh(self) -> None:
        note = self._read("checkpoint")
        if note is None:
            raise LedgerError("there is no checkpoint")
        if note == self._note:
            return
        keys = list(self._keys()) or self._own()
        point, _ = Trust(keys, origin=keys[0].name if keys else "").check(note)
        if point.size < self._tree.size:
            raise Refuted(f"it is shorter than before: {point.size} entries, {self._tree.size} were read")
        for start in range(self._tree.size // WIDTH * WIDTH, point.size, WIDTH):
            self._take(start, min(WIDTH, point.size - start))
            if start // WIDTH % BREATH == BREATH - 1:
                self._rest()
        if self._tree.root() != point.root:
            raise Refuted("the entries here are not those that the checkpoint stands for")
        self._vkeys = [format_vkey(key) for key in keys]
        self._note, self._point, self._trouble = note, point, ""

    def _take(self, start: int, width: int) -> None:
        entries = split_bundle(read_tile(self._read, "entries", start // WIDTH, width), width)
        with self._lock:
            for index, entry in enumerate(entries, start):
                if index >= self._tree.size:
                    self._told.take(index, entry)
                    self._tree.add(leaf_hash(entry))

    def _own(self) -> list[Key]:
        raw = self._read(VKEY)
        if raw is None:
            raise LedgerError(f"no key of the log is known: neither the site's root nor {VKEY} has one")
        return [parse_vkey(line) for line in raw.decode("utf-8", "replace").splitlines() if line]
