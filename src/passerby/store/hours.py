"""What a station has to tell the ledger of its keys, hour by hour: births, deaths and roots that wait, durably.

Beside `store.acts`, and delivered with it: for each hour that is over one list of all cameras, with silence for those
that have nothing else to say. What the ledger knows already is never told twice, so a delivery may be repeated after a
crash, and a database that came back from a backup may tell what it has forgotten that it told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from passerby.ledger.hours import BIRTH, DEATH, HOUR, ROOT, SILENT, USUAL, Keys, Line
from passerby.ledger.ports import Record
from passerby.store.acts import opened_journal

MOST_HOURS = 24 * 400
HERE = "here"


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
    """

    def __init__(self, path: Path, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self._path, self._randomness = path, randomness

    def put(self, events: Collection[Event]) -> None:
        """Add events; durable when this returns.

        Raises:
            StoreError: They can't be written.
        """
        if not events:
            return
        with opened_journal(self._path, self._randomness) as journal:
            journal.read()
            journal.append([Record(bytes(16), json.dumps(asdict(e)).encode()) for e in events])

    def waiting(self) -> list[Event]:
        """The events that no ledger has yet, the oldest first.

        Raises:
            StoreError: They can't be read.
        """
        with opened_journal(self._path, self._randomness) as journal:
            return [_event(record) for record in journal.read()[1]]

    def deliver(self, take: Callable[[Sequence[Event]], int]) -> int:
        """Hand over what waits; what has been taken, counted from the oldest, is forgotten. How many there were.

        Args:
            take: Returns how many are durable elsewhere, or not wanted.

        Raises:
            StoreError: They can't be read, or not be forgotten: then they are delivered again, to no effect.
        """
        with opened_journal(self._path, self._randomness) as journal:
            first, records = journal.read()
            taken = take([_event(record) for record in records])
            if taken:
                journal.restart(first + taken, records[taken:])
            return taken


def _event(record: Record) -> Event:
    return Event(**json.loads(record.entry))


def lists_of(
    events: Sequence[Event], keys: Keys, cameras: Iterable[str], last: int | None, now: int
) -> Iterator[tuple[int, list[Line], int]]:
    """Lists of each hour that is over and was not told yet: the hour, its lines, how many events are in them so far.

    Args:
        events: The oldest first. One of an hour that was told already comes in the next list.
        keys: What the ledger knows; changed as the lists go on.
        cameras: Of the station: each is in every list.
        last: The hour that was told last, or None.
        now: Seconds since 1970.
    """
    over = now // HOUR
    if last is None:
        last = min([over, *(e.hour for e in events)]) - 1
    everybody = sorted({*cameras, *(e.camera for e in events)})
    at = 0
    for hour in range(max(last + 1, over - MOST_HOURS), over):
        lines: list[Line] = []
        numbers = dict(keys.numbers)
        # One that claims to be from the future was told by a clock that was wrong.
        while at < len(events) and (events[at].hour <= hour or events[at].hour > over):
            event, at = events[at], at + 1
            if _news(event, keys, lines):
                lines.append(event.line(numbers.get(event.camera, 0)))
                numbers[event.camera] = numbers.get(event.camera, 0) + 1
        for camera in everybody:
            if not any(line.camera == camera for line in lines):
                lines.append(Line(camera, numbers.get(camera, 0), SILENT, hour))
        keys.take(lines, now)
        yield hour, lines, at


def _news(event: Event, keys: Keys, lines: Sequence[Line]) -> bool:
    """Whether the ledger may still be told: it refuses a key that is born twice, or dies and was not alive."""
    epoch = (event.camera, event.epoch, event.kind)
    said = [line.what for line in lines if (line.camera, line.epoch, line.kind) == epoch]
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
