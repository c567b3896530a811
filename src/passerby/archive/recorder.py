"""The archive as a station uses it: calls that never wait for a disk, and one thread that does."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from passerby.archive.capacity import PIECE, SHORTEN, Policy, room, to_give_up
from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import FAULTS, Disk, LocalDisk, fault, named_errors
from passerby.archive.entries import US
from passerby.archive.epoch import SUFFIX
from passerby.archive.folder import Layout
from passerby.archive.keys.key_file import KeyFile
from passerby.archive.keys.names import EpochId, Kind
from passerby.archive.keys.room import KeyRoom
from passerby.archive.keys.shares import ShareSource
from passerby.archive.recover import Recovered, Unlisted, camera_folders, files_in, recover
from passerby.archive.sealed_tape import SealedTape
from passerby.archive.sweep import Hold, Sweeper, Swept, limit_name
from passerby.archive.tape import Keep, Tape
from passerby.base.errors import ArchiveError, DiskFull, DiskTooSlow, KeysError, OutletError, PasserbyError, StoreError
from passerby.outlet.messages import RedactedPacket, SealedPacket, SealUnder, StreamStart
from passerby.store.database import Store
from passerby.store.hours import HourQueue
from passerby.store.marks import KEY_FILE, get_mark, set_mark

# What may wait for the disk, for each camera: some ten seconds of a good stream.
WAITING_BYTES = 16 << 20
UNKNOWN_KEPT_US = 24 * 3600 * US
CLOSE_S = 10.0
# Every so many sweeps compare every row and file with the keys.
WHOLE_EVERY = 60
# In place of a key file's id: the keys are lost, and what they opened may go.
BEGIN_ANEW = ""


@dataclass(slots=True)
class _Start:
    start: StreamStart
    anchor_s: float


class _Stop:
    """The stream is over."""


class _Leave:
    """The file is over, the stream goes on."""


@dataclass(frozen=True, slots=True)
class _Ask:
    """Another file of sealed originals is wanted."""

    anchor_us: int
    wall_us: int
    permit: bytes


_Packet = RedactedPacket | SealedPacket
_Work = _Start | _Stop | _Leave | Keep | _Ask | RedactedPacket | SealedPacket


@dataclass(slots=True)
class _Line:
    """What waits for one camera's tape. Guarded by the archive's lock."""

    tape: Tape | SealedTape
    limit_us: int
    waiting: deque[_Work] = field(default_factory=deque)
    waiting_bytes: int = 0
    until_key: bool = False
    dropped: int = 0
    trouble: PasserbyError | None = None
    given: SealUnder | None = None


class Recorder:
    """One camera's way into the archive. Nothing here waits for a disk, and nothing raises for one."""

    def __init__(self, archive: Archive, line: _Line) -> None:
        self._archive, self._line = archive, line

    def start(self, start: StreamStart, anchor_s: float) -> None:
        """A stream begins; the one before needs no `stop`, but then the last frame stays live.

        Args:
            start: What the encoder said.
            anchor_s: Unix seconds of time 0 of its packets.
        """
        self._archive._put(self._line, _Start(start, anchor_s))

    def packet(self, packet: RedactedPacket) -> None:
        """One coded picture. Where too much waits for the disk, it is dropped and counted."""
        self._archive._put(self._line, packet)

    def stop(self) -> None:
        """The camera is away: what is open is finished, and nothing is live."""
        self._archive._put(self._line, _Stop())

    def keep(self, keep: Keep) -> None:
        """From now on: the stream ends, and what `start` begins next is kept so."""
        self._archive._put(self._line, keep)

    @property
    def trouble(self) -> PasserbyError | None:
        """Why video is not being kept just now, for the camera's state; None as soon as it is again."""
        return self._line.trouble

    @property
    def dropped(self) -> int:
        """Pictures that were not kept because the disk was too slow."""
        return self._line.dropped

    @property
    def shift_s(self) -> float:
        """Seconds by which recorded times run ahead of the clock, because the clock was set back; else 0."""
        return self._line.tape.shift_s if isinstance(self._line.tape, Tape) else 0.0


class SealedRecorder:
    """One camera's way into the archive for sealed originals. Nothing here waits for a disk, and nothing raises."""

    def __init__(self, archive: Archive, line: _Line) -> None:
        self._archive, self._line = archive, line

    def ask(self, anchor_us: int, wall_us: int, permit: bytes) -> None:
        """A darkroom needs another file; `given` has it once its key is on the disk.

        Args:
            anchor_us: What makes the darkroom's times microseconds since 1970.
            wall_us: Microseconds since 1970.
            permit: Hash of the permit under which it is sealed.
        """
        self._archive._put(self._line, _Ask(anchor_us, wall_us, permit))

    def given(self) -> SealUnder | None:
        """What to tell the darkroom, once."""
        with self._archive._changed:
            given, self._line.given = self._line.given, None
            return given

    def packet(self, packet: SealedPacket) -> None:
        """A piece of a file. Where too much waits for the disk, it is dropped and counted."""
        self._archive._put(self._line, packet)

    @property
    def trouble(self) -> PasserbyError | None:
        """Why originals are not being kept just now; None as soon as they are again."""
        return self._line.trouble


class Archive:
    """Redacted video of one data folder.

    Opening it recovers what an unclean end left behind (`recovered`).

    Args:
        layout: The data folder; this process holds its lock (`DataFolder`).
        store: Open for writing.
        disk: Where the files are.
        clock: The archive's clock; by default one that is remembered beside the keys.
        shares: Where shares of keys come from; without a keeper there are none.
        holds: Legal holds, as they are now.
        ledger_name: A camera as the ledger's acts name it.
        policy: What may happen when there is no room.

    Raises:
        ArchiveError: The disk takes no writing, or the key file is not there.
        StoreError: The index can't be read or written.
    """

    def __init__(
        self,
        layout: Layout,
        store: Store,
        disk: Disk | None = None,
        *,
        clock: ArchiveClock | None = None,
        shares: ShareSource | None = None,
        holds: Callable[[], Collection[Hold]] = lambda: (),
        ledger_name: Callable[[str], str] = lambda camera: camera,
        policy: Policy | None = None,
    ) -> None:
        self._policy, self._full, self._holds = policy or Policy(), False, holds
        self._layout, self._store, self._disk = layout, store, disk or LocalDisk()
        self.keys = open_keys(layout, store)
        self.clock = clock or ArchiveClock(layout.clock)
        self._key_room = KeyRoom(self.keys, self.clock.now_us, shares)
        self._sweeper = Sweeper(
            layout, store, self._disk, self.keys, self.clock, HourQueue(layout.hours), holds, ledger_name
        )
        self.recovered: Recovered = recover(layout, store, self._disk, UNKNOWN_KEPT_US, self.keys)
        self._lines: dict[str, _Line] = {}
        self._randomness = os.urandom
        self._changed = threading.Condition()
        self._closing = False
        self._sweeps: deque[Callable[[Swept], None]] = deque()
        self._sweeps_done = 0
        self._untold: list[str] = []
        self.busy = False
        self._thread = threading.Thread(target=self._work, name="archive", daemon=True)
        self._thread.start()

    def recorder(self, camera_id: str, keep: Keep) -> Recorder:
        """A camera's way in.

        Args:
            camera_id: Safe.
            keep: `record(hours)`, or `LIVE_ONLY`.

        Where its folder can't be made or listed, that is the camera's trouble until something is kept again.

        Raises:
            StoreError: The index can't be read.
            UsageError: The id is not safe.
        """
        folder = self._layout.camera(camera_id)
        line = _Line(Tape(camera_id, folder, self._store, self._disk, keep, self._key_room), keep.limit_us)
        line.trouble = self.recovered.unlisted.get(camera_id)
        try:
            self._make_folder(folder)
        except ArchiveError as error:
            line.trouble = error
        with self._changed:
            self._lines[camera_id] = line
        return Recorder(self, line)

    def sealed_recorder(self, camera_id: str, keep_us: int) -> SealedRecorder:
        """A camera's way in for sealed originals.

        Args:
            camera_id: Safe.
            keep_us: How long after its hour's end an epoch is kept.

        Raises:
            ArchiveError: The camera's folder can't be made.
            StoreError: The index can't be read.
            UsageError: The id is not safe.
        """
        folder, now_us = self._folder(camera_id), self.clock.now_us
        tape = SealedTape(camera_id, folder, self._store, self._disk, keep_us, self.keys, now_us, self._randomness)
        line = _Line(tape, keep_us)
        with self._changed:
            self._lines[limit_name(camera_id, Kind.SEALED.value)] = line
        return SealedRecorder(self, line)

    def _folder(self, camera_id: str) -> Path:
        folder = self._layout.camera(camera_id)
        self._make_folder(folder)
        return folder

    def sweep(self, told: Callable[[Swept], None] = lambda _: None) -> None:
        """Destroy and delete what is due, in the archive's thread. Call it every ten seconds or so.

        Args:
            told: Called in the archive's thread with what came of it.
        """
        with self._changed:
            if not self._sweeps:
                self._sweeps.append(told)
                self._changed.notify()

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Finish what is open. True when all of it reached the disk in time."""
        with self._changed:
            for line in self._lines.values():
                line.waiting.append(_Stop())
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()

    def _put(self, line: _Line, work: _Work) -> None:
        with self._changed:
            if isinstance(work, RedactedPacket | SealedPacket) and not self._room(line, work):
                line.dropped += 1
                return
            line.waiting.append(work)
            self._changed.notify()

    def _room(self, line: _Line, packet: _Packet) -> bool:
        """Whether a picture may wait; after a drop, only from the next keyframe on."""
        alone = packet.opens if isinstance(packet, SealedPacket) else packet.key
        if self._full:
            line.until_key = True
            line.trouble = DiskFull("recordings have no more room", "see passerby archive capacity")
        if line.until_key and not self._full and alone and line.waiting_bytes <= WAITING_BYTES // 2:
            line.until_key = False
        if not line.until_key and line.waiting_bytes + len(packet.tail) > WAITING_BYTES:
            line.until_key = True
            line.trouble = DiskTooSlow(
                f"the disk is too slow for {line.tape.camera_id}'s video", "use a faster disk, or record fewer cameras"
            )
        if line.until_key:
            return False
        line.waiting_bytes += len(packet.tail)
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                self.busy = False
                self._changed.wait_for(self._something)
                self.busy = True
                batches = [(line, self._take(line)) for line in self._lines.values() if line.waiting]
                sweep = self._sweeps.popleft() if self._sweeps else None
                if not batches and sweep is None and self._closing:
                    return
            for line, batch in batches:
                for work in batch:
                    self._one(line, work)
            if sweep is not None:
                self._say(sweep, self._sweep())

    def _make_folder(self, folder: Path) -> None:
        with named_errors(folder / "new"):
            folder.mkdir(exist_ok=True, mode=0o750)
            self._disk.sync_folder(folder.parent)

    def _something(self) -> bool:
        return self._closing or bool(self._sweeps) or any(line.waiting for line in self._lines.values())

    @staticmethod
    def _take(line: _Line) -> list[_Work]:
        batch, line.waiting = list(line.waiting), deque()
        return batch

    def _one(self, line: _Line, work: _Work) -> None:
        trouble: PasserbyError | None = None
        number = line.tape.finished
        try:
            if isinstance(line.tape, SealedTape):
                self._seal(line, line.tape, work)
            else:
                self._tape(line.tape, work)
        except (ArchiveError, StoreError, OutletError) as error:
            trouble = error
        except FAULTS as error:
            line.tape.abandon()
            trouble = fault(f"{line.tape.camera_id}'s video can't be kept", error)
        with self._changed:
            if isinstance(work, RedactedPacket | SealedPacket):
                line.waiting_bytes -= len(work.tail)
            if trouble is not None:
                line.trouble = trouble
            elif line.tape.finished > number and not line.until_key:
                line.trouble = None

    def _tape(self, tape: Tape, work: _Work) -> None:
        if isinstance(work, RedactedPacket):
            tape.packet(work)
        elif isinstance(work, _Start):
            if not (folder := self._layout.camera(tape.camera_id)).is_dir():
                self._make_folder(folder)
            tape.start(work.start, work.anchor_s)
        elif isinstance(work, _Leave):
            tape.leave()
        else:
            tape.stop()
            if isinstance(work, Keep):
                tape.keep = work

    def _seal(self, line: _Line, tape: SealedTape, work: _Work) -> None:
        if isinstance(work, SealedPacket):
            tape.packet(work)
        elif isinstance(work, _Ask):
            given = tape.ask(work.anchor_us, work.wall_us, work.permit)
            with self._changed:
                line.given = given
        elif isinstance(work, _Leave):
            tape.leave()
        else:
            tape.stop()

    def _say(self, told: Callable[[Swept], None], swept: Swept) -> None:
        """What can't be told now is told with the next sweep: the thread that records and sweeps for all goes on."""
        swept.lines += self._untold
        self._untold = []
        try:
            told(swept)
        except FAULTS as error:
            self._untold = [f"an earlier sweep could not be told of: {fault('nobody took it', error)}"]

    def _sweep(self) -> Swept:
        try:
            return self._swept()
        except FAULTS as error:
            return Swept(lines=[str(fault("no sweep can be made", error))])

    def _swept(self) -> Swept:
        limits: Mapping[str, int] = {c: line.limit_us for c, line in self._lines.items()}
        tapes = {epoch: line for line in self._lines.values() for epoch in line.tape.epoch_ids}
        whole = self._sweeps_done % WHOLE_EVERY == 0
        self._sweeps_done += 1
        made, early = self._make_room()
        swept = self._sweeper.sweep(
            limits, tapes.keys(), lambda epoch: self._end(tapes[epoch]), early=early, whole=whole
        )
        swept.lines += made.lines
        swept.notices += made.notices
        return swept

    def _make_room(self) -> tuple[Swept, list[EpochId]]:
        """The first step that the settings allow, where there is no room: what is said, and what is given up early."""
        early, freed, left, now_us = list[EpochId](), 0, 0, self.clock.now_us()
        try:
            with named_errors(self._layout.video / "any"):
                found = room(self._store, self._layout.video, self._policy)
            left = found.left
            if left < 0 and SHORTEN in self._policy.steps:
                missing, holds = found.used // PIECE - left, self._holds()
                early, freed = to_give_up(
                    self._store, self._policy, missing, now_us, lambda one: any(h.covers(one, now_us) for h in holds)
                )
        except FAULTS as error:
            self._full = self._full or left < 0
            return Swept(lines=[str(fault("no room can be made", error))]), []
        self._full = left + freed < 0
        said = f"there is no room: {len(early)} recordings are given up before their time, as the settings say"
        return Swept(notices=[said] if early else []), early

    def _end(self, line: _Line) -> None:
        """What is due and still open is closed: a camera that hangs keeps nothing longer than it may."""
        self._one(line, _Leave())


def _recorded(layout: Layout) -> bool:
    """Whether there may be files that need keys: also where nobody can say."""
    try:
        return any(p.suffix == SUFFIX for camera in camera_folders(layout) for p in files_in(layout.camera(camera)))
    except Unlisted:
        return True


def open_keys(layout: Layout, store: Store) -> KeyFile:
    """The key file of an archive, and none of another one: its index remembers which it belongs to.

    Raises:
        ArchiveError: It is not there, or another's.
        StoreError: The index can't be read or written.
    """
    known = get_mark(store, KEY_FILE)
    recorded = known is None and _recorded(layout)
    keys = KeyFile(layout.keys, begin=known == BEGIN_ANEW or (known is None and not recorded))
    if known and bytes.fromhex(known) != keys.id:
        raise KeysError(
            f"{layout.keys} holds keys of another archive",
            "bring this archive's keys back, or give its recordings up: passerby archive begin-anew",
        )
    if not known:
        set_mark(store, KEY_FILE, keys.id.hex())
    return keys
