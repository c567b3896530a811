"""Compares disk, index, keys and what the ledger was told, and explains each difference. Changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from passerby.archive import tree
from passerby.archive.clock import US, Moment
from passerby.archive.epoch import SUFFIX, Epoch
from passerby.archive.folder import Layout
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.recover import Unlisted, camera_folders, files_in
from passerby.archive.sweep import epoch_in, epoch_of, hour_of
from passerby.store.database import Store
from passerby.store.epochs import EpochRow, KeyedRow, all_epochs, cameras_with_epochs, rows_of_key
from passerby.store.key_hours import list_key_hours

# Below this a key is not late: sweeps come every ten seconds.
GRACE_US = 60 * US
# Of one hour, for which every choice of files is tried against the ledger's root.
MOST_FILES = 10
Roots = Mapping[tuple[str, int, str], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be.

    Args:
        what: In a word: `altered`, `late`, `late file`, `no key`, `no file`, `no row`, `not closed`, `stuck`,
            `untold`, `unlisted`.
        line: What it is, and what will come of it.
        wrong: Whether somebody has to do something.
    """

    what: str
    line: str
    wrong: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was looked at."""

    files: int = 0
    segments: int = 0


def check(
    layout: Layout,
    store: Store,
    now_us: int | None,
    roots: Roots | None = None,
    ledger_name: Callable[[str], str] = lambda camera: camera,
    told: Callable[[Checked], None] = lambda _: None,
) -> Iterator[Difference]:
    """Every difference, as it is found. A station may work meanwhile: what it changes just now may show.

    Args:
        layout: The data folder.
        store: Open for reading.
        now_us: The archive's clock; None where nobody knows it: then no key is called late.
        roots: What the ledger says: the root of a camera's hour and class; None where no ledger was given.
        ledger_name: A camera as the ledger names it.
        told: Called after each file.

    Raises:
        ArchiveError: The key file can't be read.
        StoreError: The index can't be read.
    """
    labels = KeyReader(layout.keys).labels()
    alive = {label.epoch for label in labels}
    if now_us is not None:
        for label in labels:
            if now_us > label.due_us + GRACE_US:
                yield Difference(
                    "late", f"{_say(label.epoch)}: its key is {_ago(now_us - label.due_us)} overdue, or held"
                )
    files = segments = 0
    for camera in sorted({*camera_folders(layout), *cameras_with_epochs(store)}):
        rows = {row.file: row for row in all_epochs(store, camera)}
        try:
            names = {path.name: path for path in files_in(layout.camera(camera))}
        except Unlisted as error:
            yield Difference("unlisted", f"{camera}: {error}")
            continue
        for name in sorted(rows.keys() | names.keys()):
            row, path = rows.get(name), names.get(name)
            if row is None or path is None:
                yield _alone(camera, name, path, alive)
                continue
            yield from _pair(row, path, alive)
            files, segments = files + 1, segments + len(Epoch.of(row).video)
            told(Checked(files, segments))
    yield from _untold(store, alive)
    if roots is not None:
        yield from _against_ledger(store, alive, roots, ledger_name)


def remembered_us(layout: Layout) -> int | None:
    """The archive's time as the station saved it last; None where it never did.

    Raises:
        ArchiveError: It can't be read.
    """
    if not layout.clock.is_file():
        return None
    raw = layout.clock.read_bytes()
    found = [m.now for at in (0, 4096) if (m := Moment.parse(raw[at:])) is not None]
    return max(found, default=None)


def _alone(camera: str, name: str, path: Path | None, alive: set[EpochId]) -> Difference:
    if path is None:
        return Difference("no file", f"{camera}/{name}: the index has it, the disk has not; the next start forgets it")
    try:
        epoch = epoch_in(path)
    except OSError as error:
        return Difference(
            "no row", f"{camera}/{name}: the index has not got it, and it can't be read ({error.strerror})"
        )
    if path.suffix == SUFFIX and (epoch is None or epoch not in alive):
        return Difference("no row", f"{camera}/{name}: opens with no key; the next sweep deletes it", wrong=False)
    return Difference("no row", f"{camera}/{name}: the index has not got it; the next start takes it in")


def _pair(row: EpochRow, path: Path, alive: set[EpochId]) -> Iterator[Difference]:
    where = f"{row.camera_id}/{row.file}"
    if row.leaving:
        yield Difference(
            "stuck", f"{where}: its deletion has begun and is not over; the next sweep goes on", wrong=False
        )
        return
    if not row.length_us:
        yield Difference("plain", f"{where}: of the time before keys; it is deleted when its time is over", wrong=False)
        return
    if epoch_of(row) not in alive:
        yield Difference("no key", f"{where}: its key is destroyed; the next sweep deletes it", wrong=False)
        return
    try:
        if (found := epoch_in(path)) != epoch_of(row):
            whose = "nobody's" if found is None else f"{found.camera}'s"
            yield Difference("altered", f"{where}: the file is {whose}, not what was written")
            return
        yield from _content(row, path, where)
    except OSError as error:
        yield Difference("altered", f"{where}: can't be read ({error.strerror})")


def _content(row: EpochRow, path: Path, where: str) -> Iterator[Difference]:
    """Each range of the file against its leaf, and the leaves against the root."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        size = os.fstat(fd).st_size
        closed = tree.read(fd, size)
        if not row.root:
            yield Difference("not closed", f"{where}: it is being written, or waits for the next start", wrong=False)
            return
        if closed is None:
            yield Difference("altered", f"{where}: its hashes are missing at its end: it was shortened or written over")
            return
        at, leaves = closed
        if tree.root(leaves) != row.root:
            yield Difference("altered", f"{where}: its hashes are not those that were noted when it was closed")
            return
        yield from _ranges(Epoch.of(row), fd, at, leaves, where)
    finally:
        os.close(fd)


def stored_parts(epoch: Epoch, end: int) -> list[tuple[int, int, str]]:
    """What each leaf of a file's tree is of: offset, length, and what it is in words.

    Args:
        epoch: As the index has it.
        end: Where the hashes begin.
    """
    parts = sorted([(i.offset, i.length, "an init section") for i in epoch.inits] + [
        (s.offset, s.length, f"segment {n} of {_time(s.start_us)}")
        for n, s in enumerate(epoch.video, epoch.first_number)
    ])  # fmt: skip
    header = (0, parts[0][0] if parts else end, "its header")
    last = max((offset + length for offset, length, _ in parts), default=header[1])
    return [header, *parts, *([(last, end - last, "its end")] if end > last else [])]


def _ranges(epoch: Epoch, fd: int, end: int, leaves: list[bytes], where: str) -> Iterator[Difference]:
    known = stored_parts(epoch, end)
    if len(known) != len(leaves):
        yield Difference("altered", f"{where}: it has {len(leaves)} parts, the index {len(known)}")
        return
    hashes = {leaf: n for n, leaf in enumerate(leaves)}
    for (offset, length, place), wanted in zip(known, leaves, strict=True):
        found = tree.leaf_at(fd, offset, length)
        if found != wanted:
            how = f"; there lies what belongs to part {hashes[found]}" if found in hashes else ""
            yield Difference("altered", f"{where}: {place} is not what was written{how}")


def _untold(store: Store, alive: set[EpochId]) -> Iterator[Difference]:
    known = {one.key for one in list_key_hours(store)}
    for camera, kind, hour in sorted({hour_of(epoch) for epoch in alive} - known):
        yield Difference(
            "untold", f"{camera}, {kind}, {_time(hour * HOUR_US)}: no sweep has told of its key yet", wrong=False
        )


def _against_ledger(
    store: Store, alive: set[EpochId], roots: Roots, ledger_name: Callable[[str], str]
) -> Iterator[Difference]:
    """What lies here against what strangers hold."""
    for one in list_key_hours(store):
        epoch = EpochId(one.camera_id, one.hour * HOUR_US, HOUR_US, one.kind) if one.kind != "live" else None
        if epoch is None or epoch not in alive:
            continue
        told = roots.get((ledger_name(one.camera_id), one.hour, one.kind))
        rows = rows_of_key(store, epoch.camera, epoch.period_us, epoch.length_us, epoch.kind)
        if told is None:
            if one.rooted:
                yield Difference("untold", f"{_say(epoch)}: its root waits for the ledger: ledger deliver", wrong=False)
            continue
        if not rows:
            yield Difference("altered", f"{_say(epoch)}: the ledger has its root, and nothing of it is left")
        elif all(row.root for row in rows) and tree.root([row.root for row in rows]).hex() != told:
            yield _another_root(epoch, rows, told)


def _another_root(epoch: EpochId, rows: Sequence[KeyedRow], told: str) -> Difference:
    """Files that a camera began after the root was told, because the clock was set back, are no sign of tampering."""
    for count in range(len(rows) - 1, 0, -1):
        for before in combinations(rows, count) if len(rows) <= MOST_FILES else ():
            if tree.root([row.root for row in before]).hex() == told:
                later = ", ".join(row.file for row in rows if row not in before)
                line = f"{_say(epoch)}: the ledger's root is that of its other files; {later} came after it was told"
                return Difference("late file", f"{line}, as after a clock that was set back", wrong=False)
    return Difference("altered", f"{_say(epoch)}: the ledger has another root: files were exchanged or left out")


def _say(epoch: EpochId) -> str:
    return f"{epoch.camera}, {epoch.kind}, {_time(epoch.period_us)}"


def _time(us: int) -> str:

    return datetime.fromtimestamp(us // US, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _ago(us: int) -> str:
    return f"{us // (60 * US)} min" if us < HOUR_US else f"{us // HOUR_US} h"
