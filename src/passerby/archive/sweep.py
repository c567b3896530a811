"""The sweep: what is due loses its key, the ledger is told, then the object goes. Driven by what lies on the disk.

    kept ─▶ due ─▶ key destroyed ─▶ told ─▶ deleted ─▶ (verified: the row goes)

A row's state is only a memory of how far it came: each step asks the disk (has the key gone? has the file?) and may be
taken twice. So a sweep that was cut short anywhere goes on with the next, whoever's camera it was and whatever the
settings say today. One thing that can't be done keeps nothing else from being done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from passerby.archive import tree
from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import FAULTS, Disk, fault, named_errors
from passerby.archive.epoch import SUFFIX
from passerby.archive.folder import Layout
from passerby.archive.keys.cipher import read_header
from passerby.archive.keys.key_file import KeyFile
from passerby.archive.keys.names import HOUR_US, EpochId, Kind
from passerby.archive.keys.slots import Label
from passerby.archive.recover import Unlisted, camera_folders, files_in, remove_file
from passerby.base.errors import ArchiveError, StoreError
from passerby.ledger.hours import BIRTH, DEATH, ROOT
from passerby.store.database import Store
from passerby.store.epochs import (
    EpochRow,
    KeyedRow,
    State,
    cameras_with_epochs,
    files_known,
    forget_epoch,
    keyed_rows,
    rows_leaving,
    rows_of_key,
    rows_past,
    set_state,
)
from passerby.store.hours import Event, HourQueue
from passerby.store.key_hours import KeyHour, list_key_hours, put_key_hours
from passerby.store.marks import SWEPT_US, set_mark

# Keys of epochs shorter than an hour are told of by the hour, under this class.
LIVE = "live"


class Hold(Protocol):
    """A legal hold: what it covers stays, for longer than its retention."""

    def covers(self, epoch: EpochId, now_us: int) -> bool:
        """Whether this epoch may not be destroyed now."""
        ...


@dataclass(slots=True)
class Swept:
    """What a sweep did.

    Args:
        destroyed: Keys.
        deleted: Files, each verified to be gone.
        held: Keys that are due and held.
        late_us: How long after it was due the latest key was destroyed.
        lines: What could not be done, a line each.
        notices: What was done and people should know, a line each: nothing failed.
    """

    destroyed: int = 0
    deleted: int = 0
    held: int = 0
    late_us: int = 0
    lines: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def hour_of(epoch: EpochId) -> tuple[str, str, int]:
    """Camera, class and hour under which the ledger is told of a key."""
    return epoch.camera, epoch.kind if epoch.length_us >= HOUR_US else LIVE, epoch.hour


def limit_name(camera: str, kind: str) -> str:
    """What the limit of a camera's class is called: the camera's name for redacted video."""
    return camera if kind == Kind.REDACTED.value else f"{camera}/{kind}"


class Sweeper:
    """Sweeps one archive.

    Args:
        layout: The data folder, locked by this process.
        store: Open for writing.
        disk: Where the files are.
        keys: The key file.
        clock: The archive's.
        queue: Takes what the ledger has to be told.
        holds: Legal holds, as they are now.
        ledger_name: A camera as the ledger's acts name it.
    """

    def __init__(
        self,
        layout: Layout,
        store: Store,
        disk: Disk,
        keys: KeyFile,
        clock: ArchiveClock,
        queue: HourQueue,
        holds: Callable[[], Collection[Hold]] = lambda: (),
        ledger_name: Callable[[str], str] = lambda camera: camera,
    ) -> None:
        self._layout, self._store, self._disk, self._keys, self._clock = layout, store, disk, keys, clock
        self._queue, self._holds, self._name = queue, holds, ledger_name
        self._hours: dict[tuple[str, str, int], KeyHour] | None = None
        self._untold: dict[tuple[str, str, int], KeyHour] = {}

    def sweep(
        self,
        limits: Mapping[str, int],
        open_now: Collection[EpochId] = (),
        end: Callable[[EpochId], None] = lambda _: None,
        *,
        early: Collection[EpochId] = (),
        whole: bool = True,
    ) -> Swept:
        """One sweep.

        Args:
            limits: How long each camera's recordings may be kept today, in microseconds, where that is known; sealed
                originals go by `limit_name`.
            open_now: Epochs that are being written.
            end: Ends the writing of one that is due.
            early: What is given up before it is due, because there is no room and the settings allow it.
            whole: Compare every row and file with the keys, too; else only what is due or on its way.
        """
        swept, now_us = Swept(), self._clock.now_us()
        steps: list[Callable[[], None]] = [
            self._tell_births,
            lambda: self._tell_roots(now_us, open_now),
            lambda: self._destroy(now_us, limits, frozenset(early), open_now, end, swept),
            lambda: self._mark_plain(now_us, limits, swept),
            lambda: self._tell_deaths(now_us),
        ]
        if whole:
            steps += [lambda: self._mark_dead(swept), lambda: self._orphans(open_now, swept)]
        steps.append(lambda: self._delete(swept))
        for step in steps:
            try:
                step()
            except FAULTS as error:
                swept.lines.append(str(fault("a step of the sweep can't be done", error)))
        self._end(swept)
        return swept

    def due_us(self, label: Label, limits: Mapping[str, int]) -> int:
        """When a key has to be destroyed, by the archive's clock: the shorter of the limits then and today."""
        limit = limits.get(limit_name(label.epoch.camera, label.epoch.kind))
        keep_us = label.keep_us if limit is None else min(label.keep_us, limit)
        return label.due_us - label.keep_us + keep_us

    def _destroy(
        self,
        now_us: int,
        limits: Mapping[str, int],
        early: Collection[EpochId],
        open_now: Collection[EpochId],
        end: Callable[[EpochId], None],
        swept: Swept,
    ) -> None:
        holds, due = self._holds(), list[Label]()
        for label in self._keys.labels():
            if self.due_us(label, limits) > now_us and label.epoch not in early:
                continue
            if any(hold.covers(label.epoch, now_us) for hold in holds):
                swept.held += 1
            else:
                due.append(label)
        for label in due:
            if label.epoch in open_now:
                end(label.epoch)
        if due:
            self._mark_due({label.epoch for label in due}, swept)
            self._keys.destroy([label.epoch for label in due])
            swept.destroyed = len(due)
            swept.late_us = max(0, *(now_us - self.due_us(label, limits) for label in due))
        elif self._keys.owed:
            # What died before died under a master that is still in force.
            self._keys.destroy([])

    def _mark_due(self, epochs: Collection[EpochId], swept: Swept) -> None:
        """Nobody is shown any more what opens no more. A key is destroyed even where the index takes nothing."""
        try:
            self._mark([row for row in keyed_rows(self._store) if epoch_of(row) in epochs], State.DUE, swept)
        except StoreError as error:
            swept.lines.append(str(error))

    def _rows(self, epoch: EpochId) -> list[KeyedRow]:
        return rows_of_key(self._store, epoch.camera, epoch.period_us, epoch.length_us, epoch.kind)

    def _mark(self, rows: Iterable[EpochRow | KeyedRow], state: State, swept: Swept) -> None:
        try:
            set_state(self._store, [row for row in rows if row.state < state], state)
        except StoreError as error:
            swept.lines.append(str(error))

    def _mark_dead(self, swept: Swept) -> None:
        """Rows whose key is gone, however it went: a restored index, a key file begun anew."""
        alive = {label.epoch for label in self._keys.labels()}
        dead = [row for row in keyed_rows(self._store) if row.state == State.KEPT and epoch_of(row) not in alive]
        self._mark(dead, State.DUE, swept)

    def _mark_plain(self, now_us: int, limits: Mapping[str, int], swept: Swept) -> None:
        for camera in cameras_with_epochs(self._store):
            self._mark(rows_past(self._store, camera, now_us, limits.get(camera)), State.DUE, swept)

    def _tell_births(self) -> None:
        known = self._told_hours()
        for label in self._keys.labels():
            if (key := hour_of(label.epoch)) not in known:
                keep_h = 0 if key[1] == LIVE else math.ceil(label.keep_us / HOUR_US)
                self._untold.setdefault(key, KeyHour(*key, keep_h))
        self._tell(self._untold.values(), BIRTH, lambda one: {"keep": one.keep_h})
        # Until that was possible they are remembered, even where their keys have to be destroyed meanwhile.
        self._untold = {}

    def _tell_roots(self, now_us: int, open_now: Collection[EpochId]) -> None:
        """The root of an hour is told once all its files are closed, and no clock says that another may begin."""
        roots, none = list[KeyHour](), list[KeyHour]()
        now_us = min(now_us, self._clock.moment().wall)
        found: dict[tuple[str, str, int], str] = {}
        for one in self._told_hours().values():
            if one.rooted or now_us < (one.hour + 1) * HOUR_US:
                continue
            epoch = EpochId(one.camera_id, one.hour * HOUR_US, HOUR_US, one.kind if one.kind != LIVE else "redacted")
            rows = [] if one.kind == LIVE else self._rows(epoch)
            if not rows:
                none.append(replace(one, rooted=True))
            elif epoch not in open_now and all(row.root for row in rows):
                found[one.key] = tree.root([row.root for row in rows]).hex()
                roots.append(replace(one, rooted=True))
        self._tell(roots, ROOT, lambda one: {"root": found[one.key]})
        self._remember(none)

    def _tell_deaths(self, now_us: int) -> None:
        alive = {hour_of(label.epoch) for label in self._keys.labels()}
        dead = [
            replace(one, dead=True, rooted=True)
            for one in self._told_hours().values()
            if one.key not in alive and now_us >= (one.hour + 1) * HOUR_US
        ]
        self._tell(dead, DEATH, lambda _: {})

    def _tell(self, hours: Collection[KeyHour], what: str, more: Callable[[KeyHour], dict[str, object]]) -> None:
        """Durable in the queue first; what is told twice after a crash is told once."""
        if not hours:
            return
        now = self._clock.now_us() // HOUR_US
        told = [Event(now, self._name(h.camera_id), what, h.hour, kind=h.kind, **more(h)) for h in hours]  # type: ignore[arg-type]
        self._queue.put(told)
        self._remember(hours)

    def _told_hours(self) -> dict[tuple[str, str, int], KeyHour]:
        """What the ledger was told, and the sweeper alone remembers."""
        if self._hours is None:
            self._hours = {one.key: one for one in list_key_hours(self._store)}
        return self._hours

    def _remember(self, hours: Collection[KeyHour]) -> None:
        known = self._told_hours()
        known.update({one.key: one for one in hours if not one.dead})
        for one in hours:
            if one.dead:
                known.pop(one.key, None)
        if hours:
            put_key_hours(self._store, hours)

    def _delete(self, swept: Swept) -> None:
        """An object goes only once the death of its key waits for the ledger, durably."""
        alive, waiting = {label.epoch for label in self._keys.labels()}, self._told_hours()
        untold, ready = list[KeyedRow](), dict[str, list[KeyedRow]]()
        for row in rows_leaving(self._store):
            if row.length_us and epoch_of(row) in alive:
                continue
            if row.length_us >= HOUR_US and hour_of(epoch_of(row)) in waiting:
                untold.append(row)
            else:
                ready.setdefault(row.camera_id, []).append(row)
        self._mark(untold, State.KEY_DESTROYED, swept)
        for camera, rows in ready.items():
            try:
                self._remove(camera, rows, swept)
            except FAULTS as error:
                swept.lines.append(str(fault(f"{camera}'s files can't be deleted", error)))

    def _remove(self, camera: str, rows: list[KeyedRow], swept: Swept) -> None:
        """The rest of the way of one camera's rows; a file that stays is told, and keeps no other."""
        folder, gone = self._layout.camera(camera), list[KeyedRow]()
        set_state(self._store, rows, State.TOLD)
        for row in rows:
            try:
                with named_errors(folder / row.file):
                    if folder.is_dir():
                        self._disk.unlink(folder / row.file)
                gone.append(row)
            except ArchiveError as error:
                swept.lines.append(str(error))
        if folder.is_dir():
            with named_errors(folder / "all"):
                self._disk.sync_folder(folder)
        set_state(self._store, gone, State.DELETED)
        there = {row.file for row in gone if (folder / row.file).exists()}
        swept.lines += [f"{camera}: {file} is still there after it was deleted: look at the disk" for file in there]
        forget_epoch(self._store, camera, *(row.file for row in gone if row.file not in there))
        swept.deleted += len(gone) - len(there)

    def _orphans(self, open_now: Collection[EpochId], swept: Swept) -> None:
        """Files that the index doesn't know: without a key they go, with one the next start takes them in."""
        alive = {label.epoch for label in self._keys.labels()}
        for camera in camera_folders(self._layout):
            known = files_known(self._store, camera)
            try:
                files = files_in(self._layout.camera(camera))
            except Unlisted as error:
                swept.notices.append(f"{camera}: {error}")
                continue
            for path in files:
                # Plain files have no key to ask: the next start takes them in.
                if path.name in known or path.suffix != SUFFIX:
                    continue
                try:
                    epoch = epoch_in(path)
                except OSError as error:
                    swept.notices.append(str(fault(f"{path} can't be read, so it stays", error)))
                    continue
                if epoch is None or (epoch not in alive and epoch not in open_now):
                    remove_file(path, self._disk)
                    swept.deleted += 1

    def _end(self, swept: Swept) -> None:
        try:
            self._clock.save()
            if not swept.lines:
                set_mark(self._store, SWEPT_US, str(self._clock.moment().wall))
        except FAULTS as error:
            swept.lines.append(str(fault("the sweep can't be noted", error)))


def epoch_of(row: EpochRow | KeyedRow) -> EpochId:
    """Whose key a row's file needs; only for rows of files with a key."""
    return EpochId(row.camera_id, row.period_us, row.length_us, row.kind)


def epoch_in(path: Path) -> EpochId | None:
    """Whose key a file says that it needs; None where it says nothing.

    Raises:
        OSError: It can't be read.
    """
    with path.open("rb") as file:
        header = read_header(file.fileno())
    return None if header is None else header.epoch
