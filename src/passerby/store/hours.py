"""What a station has to tell the ledger of its keys, hour by hour: births, deaths and roots that wait, durably.

Beside `store.acts`, and delivered with it: for each hour that is over one list of all cameras, with silence for those
that have nothing else to say. What the ledger knows already is never told twice, so a delivery may be repeated after a
crash, and a database that came back from a backup may tell what it has forgotten that it told.

`hours.waiting` takes what is new; once it is `FULL` it becomes `hours.waiting-000001`, and so on. So however much waits
where nobody delivers, to add and to deliver reads one such file at a time, and a station never waits for a delivery.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from passerby.base.errors import StoreError
from passerby.ledger.errors import Unsafe
from passerby.ledger.hours import BIRTH, DEATH, HOUR, ROOT, SILENT, USUAL, Keys, Line
from passerby.ledger.ports import Record
from passerby.store.acts import opened_journal
from passerby.store.ledger.disk import PRIVATE, LocalDisk
from passerby.store.ledger.journal import FileJournal

MOST_HOURS = 24 * 400
HERE = "here"
FULL = 1 << 18
ASIDE = re.compile(r"-\d{6,}$")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the keys of a camera's hour.

    Args:
        hour: In which it happened, counted from 1970.
        camera: As the ledger's acts name it.
        what: `birth`, `death` or `root`; `here`: the camera is one of the station's, and silent otherwise.
        epoch: Of the key, in hours since 1970.
        keep: Of a birth, in hours.
        kind: Class of the key.
        root: Of a root, in hexadecimal.
    """

    hour: int
    camera: str
    what: str
    epoch: int = 0
    keep: int = 0
    kind: str = USUAL
    root: str = ""

    def line(self, seq: int) -> Line:
        """As a list has it."""
        return Line(self.camera, seq, self.what, self.epoch, self.keep, self.kind, self.root)


class HourQueue:
    """Events of one station on their way to the ledger.

    Args:
        path: The file; its folder exists.
        randomness: Gives so many random bytes.
        full: Of so many bytes it is put aside, and another begun.
    """

    def __init__(self, path: Path, randomness: Callable[[int], bytes] = os.urandom, full: int = FULL) -> None:
        self._path, self._randomness, self._full = path, randomness, full

    def put(self, events: Collection[Event]) -> None:
        """Add events; durable when this returns.

        Raises:
            StoreError: They can't be written.
        """
        if not events:
            return
        with opened_journal(self._path, self._randomness) as journal:
            journal.read()
            self._append(journal, events)

    def greet(self, hour: int, cameras: Iterable[str]) -> None:
        """These cameras are the station's; durable when this returns. Said again, it takes no room.

        Raises:
            StoreError: It can't be written.
        """
        with opened_journal(self._path, self._randomness) as journal:
            known = {e.camera for e in map(_event, journal.read()[1])}
            if new := [Event(hour, camera, HERE) for camera in cameras if camera not in known]:
                self._append(journal, new)

    def waiting(self) -> list[Event]:
        """The events that no ledger has yet, the oldest first.

        Raises:
            StoreError: They can't be read.
        """
        aside = list(self._events(self.aside()))
        with opened_journal(self._path, self._randomness) as journal:
            return aside + [_event(record) for record in journal.read()[1]]

    def aside(self) -> list[Path]:
        """The files that are full, the oldest first."""
        return sorted(path for path in self._path.parent.glob(f"{self._path.name}-*") if ASIDE.search(path.name))

    def deliver(self, take: Callable[[Iterator[Event]], int]) -> int:
        """Hand over what waits; what has been taken, counted from the oldest, is forgotten. How many there were.

        Args:
            take: Gets events as it asks for them. Returns how many are durable elsewhere, or not wanted.

        Raises:
            StoreError: They can't be read, or not be forgotten: then they are delivered again, to no effect.
        """
        with _alone(self._path.with_name(f"{self._path.stem}.telling")):
            with opened_journal(self._path, self._randomness) as journal:
                if journal.read()[1]:
                    self._put_aside()
            files = self.aside()
            taken = take(self._events(files))
            self._forget(files, taken)
            return taken

    def _append(self, journal: FileJournal, events: Collection[Event]) -> None:
        journal.append([Record(bytes(16), json.dumps(asdict(e)).encode()) for e in events])
        if journal.length > self._full:
            self._put_aside()

    def _put_aside(self) -> None:
        """What is full keeps its order; only who delivers changes it from now on."""
        last = self.aside()
        number = 1 + (int(last[-1].name.rpartition("-")[2]) if last else 0)
        disk = LocalDisk()
        disk.rename(self._path, self._path.with_name(f"{self._path.name}-{number:06d}"))
        disk.sync_folder(self._path.parent)

    def _read(self, path: Path) -> tuple[FileJournal, int, list[Record]]:
        journal = FileJournal(path, LocalDisk(), self._randomness)
        try:
            return journal, *journal.read()
        except OSError as error:
            raise StoreError(f"{path} can't be read ({error.strerror})", "check the disk") from error
        except Unsafe as error:
            raise StoreError(str(error), "check the disk") from error

    def _events(self, files: Iterable[Path]) -> Iterator[Event]:
        return (_event(record) for path in files for record in self._read(path)[2])

    def _forget(self, files: Iterable[Path], taken: int) -> None:
        for path in files:
            if not taken:
                return
            journal, first, records = self._read(path)
            gone = min(taken, len(records))
            taken -= gone
            try:
                if gone < len(records):
                    journal.restart(first + gone, records[gone:])
                else:
                    path.unlink()
                    LocalDisk().sync_folder(path.parent)
            except OSError as error:
                raise StoreError(f"{path} can't be changed ({error.strerror})", "check the disk") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time delivers."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        raise StoreError(f"{path} can't be used ({error.strerror})", "check the disk") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _event(record: Record) -> Event:
    return Event(**json.loads(record.entry))


def lists_of(
    events: Iterable[Event], keys: Keys, cameras: Iterable[str], last: int | None, now: int
) -> Iterator[tuple[int, list[Line], int]]:
    """Lists of each hour that is over and was not told yet: the hour, its lines, how many events are in them so far.

    Args:
        events: The oldest first, read as far as they are needed. One of an hour that was told comes in the next list.
        keys: What the ledger knows; changed as the lists go on.
        cameras: Of the station: each is in every list, and so is whoever had an event before.
        last: The hour that was told last, or None.
        now: Seconds since 1970.
    """
    over, rest, at = now // HOUR, iter(events), 0
    ahead = next(rest, None)
    if last is None:
        last = min(over, over if ahead is None else ahead.hour) - 1
    everybody = {*cameras}
    for hour in range(max(last + 1, over - MOST_HOURS), over):
        lines: list[Line] = []
        said: dict[tuple[str, int, str], set[str]] = {}
        numbers = dict(keys.numbers)
        # One that claims to be from the future was told by a clock that was wrong.
        while ahead is not None and (ahead.hour <= hour or ahead.hour > over):
            event, ahead, at = ahead, next(rest, None), at + 1
            everybody.add(event.camera)
            if _news(event, keys, said):
                lines.append(event.line(numbers.get(event.camera, 0)))
                numbers[event.camera] = numbers.get(event.camera, 0) + 1
                said.setdefault((event.camera, event.epoch, event.kind), set()).add(event.what)
        speaking = {line.camera for line in lines}
        lines += [Line(camera, numbers.get(camera, 0), SILENT, hour) for camera in sorted(everybody - speaking)]
        keys.take(lines, now)
        yield hour, lines, at


def _news(event: Event, keys: Keys, told: Mapping[tuple[str, int, str], Collection[str]]) -> bool:
    """Whether the ledger may still be told: it refuses a key that is born twice, or dies and was not alive."""
    epoch = (event.camera, event.epoch, event.kind)
    said = told.get(epoch, ())
    lives = (epoch in keys.alive or BIRTH in said) and DEATH not in said
    match event.what:
        case "here":
            return False
        case "birth":
            return not lives and BIRTH not in said
        case "root":
            return lives and ROOT not in said and epoch not in keys.roots
        case _:
            return lives
