"""The legal holds of a data folder: `holds/NAME.note`, and beside it its act in the ledger and the proof.

A file that can't be read or doesn't count holds nothing, and is told of: a hold that nobody can prove may not keep what
a permit says is over. While the site itself can not be read, nothing is destroyed, and the sweep says so.

An end is a file, too: `NAME.ending` holds the act that waits to be told, `NAME.ended` one that was handed to the queue.
From the first of them on the note holds nothing, so that one that comes back from a backup stays ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from passerby.archive.keys.names import US, EpochId
from passerby.base.errors import CharterError, DataFolderError, PasserbyError, UsageError
from passerby.charter.hold import Hold, judge_hold, parse_hold
from passerby.charter.proofs import Logged, Site
from passerby.charter.root import SiteRoot
from passerby.charter.site_permit import act_camera
from passerby.ledger.errors import Refusal
from passerby.ledger.schema import format_act, parse_act
from passerby.office import site_folder
from passerby.station.settings import Oversight
from passerby.store.acts import KEY_BYTES, ActQueue
from passerby.store.ledger.disk import Disk, LocalDisk
from passerby.store.ledger.folder import Folder, settle

END = ".note"
ENTRY, PROOF = ".entry", ".tlog-proof"
ENDING, ENDED = ".ending", ".ended"


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as the archive asks it."""

    hold: Hold

    def covers(self, epoch: EpochId, now_us: int) -> bool:
        """As `passerby.archive.sweep.Hold`."""
        return self.hold.holds(epoch.camera, epoch.period_us // US, -(-epoch.end_us // US), now_us // US)


def read_holds(folder: Path, site: Site) -> dict[str, Hold | str]:
    """Every hold in a folder that was not ended, by its file's name; a sentence for one that does not count.

    Raises:
        CharterError: The folder can't be read.
    """
    found: dict[str, Hold | str] = {}
    for path in _notes(folder):
        note, logged = site_folder.read(path), site_folder.logged(path.with_suffix(""))
        found[path.name.removesuffix(END)] = judge_hold(note, logged, site.roots)
    return found


def _notes(folder: Path) -> list[Path]:
    over = {path.stem for end in (ENDING, ENDED) for path in site_folder.listed(folder, end)}
    return [path for path in site_folder.listed(folder, END) if path.name.removesuffix(END) not in over]


class HoldFolder:
    """Adds and ends holds. Whatever is cut short is done again, and each end is told once.

    Args:
        folder: Where they lie; its parent exists.
        disk: The operations on files.
    """

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or LocalDisk()

    def add(self, note: bytes, logged: Logged | None, roots: Sequence[SiteRoot]) -> tuple[str, Hold]:
        """Hold from the next sweep on; durable when this returns. Its name, and what it says.

        Args:
            note: Signed.
            logged: Its act in the ledger, and the proof.
            roots: The site's.

        Raises:
            CharterError: It would not count.
            UsageError: It was ended.
            DataFolderError: The disk takes no writing.
        """
        hold = judge_hold(note, logged, roots)
        if isinstance(hold, str) or logged is None:
            raise CharterError(f"this hold does not count: {hold}", "see passerby archive hold --help")
        name = hold.hash[:16]
        if self._has(name, ENDING) or self._has(name, ENDED):
            raise UsageError(f"the hold {name} was ended", "draw up another one")
        try:
            if self._disk.make_folder(self._folder) or not self._has(name, END):
                self._disk.sync_folder(self._folder.parent)
            if self._counts(name, roots):
                # Never written over: between two renames it would not count, and a sweep may come just then.
                for end in (ENTRY, PROOF, END):
                    settle(self._path(name, end), self._disk)
            else:
                parts = ((ENTRY, logged.entry), (PROOF, logged.proof), (END, note))
                Folder(self._folder, self._disk).put([(name + end, content) for end, content in parts])
        except OSError as error:
            raise self._fault(error) from error
        return name, hold

    def end(self, name: str, now_s: int, queue: ActQueue) -> None:
        """End a hold at once. The act waits for the ledger, durably, when this returns.

        Args:
            name: As `add` gave it.
            now_s: Seconds since 1970.
            queue: Takes the act.

        Raises:
            UsageError: There is no such hold, or it was ended.
            Unsound: Its note is none.
            DataFolderError: The disk takes no writing, or holds an act that is damaged.
            StoreError: The act can't be queued: the hold is over, and the next sweep queues it.
        """
        note = None if "/" in name else self._disk.read(self._path(name, END))
        if note is None or self._has(name, ENDED):
            raise UsageError(f"there is no hold {name} in force", "see passerby archive hold list")
        try:
            if not self._has(name, ENDING):
                hold = parse_hold(note)
                ended = {"camera": act_camera(hold.site, hold.camera), "case": hold.case, "time": now_s}
                act = format_act({"act": "end-hold", "actor": hold.owner, **ended})
                Folder(self._folder, self._disk).put([(name + ENDING, act)])
            self._tell(name, queue)
        except OSError as error:
            raise self._fault(error) from error

    def finish(self, queue: ActQueue) -> None:
        """Tell of every end that was not told yet.

        Raises:
            CharterError: The folder can't be read.
            DataFolderError: The disk takes no writing.
            StoreError: An act can't be queued.
        """
        for path in site_folder.listed(self._folder, ENDING):
            try:
                self._tell(path.name.removesuffix(ENDING), queue)
            except OSError as error:
                raise self._fault(error) from error

    def _tell(self, name: str, queue: ActQueue) -> None:
        path = self._path(name, ENDING)
        settle(path, self._disk)
        raw = self._disk.read(path) or b""
        try:
            act = parse_act(raw)
        except Refusal as error:
            raise DataFolderError(f"{path} is damaged ({error})", "delete it, and end the hold again") from error
        # By this key the ledger knows it: told twice, it is one entry.
        queue.put_many([(act, sha256(b"end-hold\n" + raw).digest()[:KEY_BYTES])])
        self._disk.rename(path, self._path(name, ENDED))
        self._disk.sync_folder(self._folder)

    def _counts(self, name: str, roots: Sequence[SiteRoot]) -> bool:
        """Whether what lies there is a hold that counts."""
        note, entry, proof = (self._disk.read(self._path(name, end)) for end in (END, ENTRY, PROOF))
        if note is None or entry is None or proof is None:
            return False
        return isinstance(judge_hold(note, Logged(entry, proof), roots), Hold)

    def _has(self, name: str, end: str) -> bool:
        return self._disk.read(self._path(name, end)) is not None

    def _path(self, name: str, end: str) -> Path:
        return self._folder / (name + end)

    def _fault(self, error: OSError) -> DataFolderError:
        return DataFolderError(f"{self._folder} takes no writing ({error.strerror})", "look at the disk, and try again")


class Holds:
    """The holds of a station, read at each sweep.

    Args:
        folder: Where they lie.
        oversight: The site's papers; None where nobody oversees: then nothing is held.
        say: Tells people, a line each.
        queue: Takes the acts of ends that were cut short.
    """

    def __init__(
        self, folder: Path, oversight: Oversight | None, say: Callable[[str], None], queue: ActQueue | None = None
    ) -> None:
        self._folder, self._oversight, self._say, self._queue = folder, oversight, say, queue
        self._said: set[str] = set()

    def __call__(self) -> list[Held]:
        """Those that count now."""
        self._finish()
        if self._oversight is None:
            return []
        try:
            if not _notes(self._folder):
                return []
            site = site_folder.site_of(self._oversight.folder, self._oversight.site_root)
            found = read_holds(self._folder, site)
        except CharterError as error:
            # Better late than gone: what can't be judged now is judged at the next sweep.
            self._tell(f"legal holds can't be read: {error}")
            raise
        for name, why in found.items():
            if isinstance(why, str):
                self._tell(f"the legal hold {name} does not count: {why}")
        return [Held(hold) for hold in found.values() if isinstance(hold, Hold)]

    def _finish(self) -> None:
        """What was ended is over, whether that can be told now or at a later sweep."""
        if self._queue is None:
            return
        try:
            HoldFolder(self._folder).finish(self._queue)
        except PasserbyError as error:
            self._tell(f"the end of a legal hold can't be told yet: {error}")

    def _tell(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)
