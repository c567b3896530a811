"""The key file: where keys are born, live and are destroyed. Outside the database, outside every backup.

    keys/master      two places for the master key
    keys/slots.0     slots of even generations
    keys/slots.1     slots of odd ones

A generation lives in one file of slots. `destroy` overwrites slots in place, then rotates: a new master, every key that
lives on wrapped anew into the other file, the old master overwritten, the old file overwritten. Each step is durable
before the next; the step that decides is the overwriting of the old master. Whatever is cut short before it never
happened, whatever after it is finished at the next opening. Overwritten means: written over in place and synced. No
file of keys is ever renamed or made anew, so no copy of it is left in blocks that the file system calls free.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from passerby.archive.keys import master as masters
from passerby.archive.keys.master import Master
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import KEY_BYTES
from passerby.archive.keys.slots import (
    FREE,
    HEAD_BYTES,
    SLOT_BYTES,
    Label,
    Place,
    Randomness,
    beginning,
    label_of,
    pack_head,
    parse_head,
    unwrap,
    wrap,
)
from passerby.base.errors import KeysError
from passerby.store.ledger.disk import PRIVATE, Disk, LocalDisk

MASTER = "master"
Found = TypeVar("Found")
# A file of slots grows by so many.
STEP = 64
READS, AGAIN_S = 50, 0.01


def slots_path(folder: Path, place: int) -> Path:
    """The file of slots for generations of this place."""
    return folder / f"slots.{place}"


@dataclass(frozen=True, slots=True)
class _Generation:
    """One generation as it lies on the disk."""

    master: Master
    raw: bytes

    def slots(self) -> Iterator[tuple[int, bytes]]:
        """Every slot with its number."""
        for at in range(HEAD_BYTES, len(self.raw) - SLOT_BYTES + 1, SLOT_BYTES):
            yield (at - HEAD_BYTES) // SLOT_BYTES, self.raw[at : at + SLOT_BYTES]

    def place(self, index: int) -> Place:
        """For wrapping."""
        return Place(self.master.file, self.master.generation, index)

    def key_of(self, epoch: EpochId) -> bytes | None:
        """The epoch's key, if it lives. Slots are found by how they begin: parsing all would take a player's time."""
        begin, at = beginning(epoch), HEAD_BYTES
        while (at := self.raw.find(begin, at)) >= 0:
            index, odd = divmod(at - HEAD_BYTES, SLOT_BYTES)
            slot = self.raw[at : at + SLOT_BYTES]
            if not odd and (label := label_of(slot)) is not None and label.epoch == epoch:
                return unwrap(slot, self.master.key, self.place(index))
            at += 1
        return None


def _load(folder: Path, disk: Disk) -> _Generation | None:
    """The generation in force; None where no master is whole."""
    if (found := masters.in_force(masters.read(folder / MASTER, disk))) is None:
        return None
    raw = disk.read(slots_path(folder, found.place)) or b""
    if parse_head(raw) != (found.file, found.generation):
        raise KeysError(
            f"{folder} holds slots that are not of its master key", "never copy keys: bring the folder back as it was"
        )
    return _Generation(found, raw)


class KeyFile:
    """Keys of one archive, for the one process that may change them. Safe to share between its threads.

    Args:
        folder: Made where it is missing; its parent exists.
        disk: The operations on files.
        randomness: Gives so many random bytes.
        begin: Whether a new key file may be begun where there is none.

    Raises:
        KeysError: It can't be used, or there is none and none may be begun.
    """

    def __init__(
        self, folder: Path, disk: Disk | None = None, randomness: Randomness = os.urandom, *, begin: bool = True
    ) -> None:
        self.folder, self._disk, self._randomness = folder, disk or LocalDisk(), randomness
        self._mutex = threading.RLock()
        self._sound = self._begun = self._owed = False
        self._master: Master
        self._slots: dict[EpochId, int] = {}
        self._labels: dict[EpochId, Label] = {}
        self._raw: list[bytes] = []
        with self._at_work():
            if _load(folder, self._disk) is None:
                self._begin(may=begin)
            self._begun = True

    @property
    def id(self) -> bytes:
        """The key file's own id: an index remembers which one it belongs to."""
        return self._master.file

    @property
    def generation(self) -> int:
        """Counts up with every rotation."""
        return self._master.generation

    @property
    def owed(self) -> bool:
        """Whether a rotation may have been cut short: until the next one a master may be in force that opens the dead.

        Raises:
            KeysError: The key file can't be read.
        """
        with self._at_work():
            return self._owed

    def labels(self) -> list[Label]:
        """Every key that lives."""
        with self._at_work():
            return list(self._labels.values())

    def lives(self, epoch: EpochId) -> bool:
        """Whether the epoch's key does."""
        with self._at_work():
            return epoch in self._slots

    def key_of(self, epoch: EpochId) -> bytes:
        """The key that an epoch was given.

        Raises:
            KeysError: It is destroyed, or never was.
        """
        with self._at_work():
            if (index := self._slots.get(epoch)) is None:
                raise _no_key(epoch)
            return unwrap(self._raw[index], self._master.key, self._place(index))

    def born(self, label: Label) -> bytes:
        """The key of an epoch: the one it has, or a new one, durable when this returns.

        Raises:
            KeysError: The key file takes no writing.
        """
        with self._at_work():
            if label.epoch in self._slots:
                return self.key_of(label.epoch)
            key = self._randomness(KEY_BYTES)
            index = self._free()
            slot = wrap(label, key, self._master.key, self._place(index), self._randomness)
            path = slots_path(self.folder, self._master.place)
            self._disk.patch(path, _at(index), slot, PRIVATE)
            self._disk.sync(path)
            self._raw[index], self._slots[label.epoch], self._labels[label.epoch] = slot, index, label
            return key

    def destroy(self, epochs: Collection[EpochId]) -> None:
        """Destroy keys: none of these opens anything once this returns. Those that are gone already stay so.

        Raises:
            KeysError: The key file takes no writing; do it again.
        """
        with self._at_work():
            path = slots_path(self.folder, self._master.place)
            for epoch in epochs:
                if (index := self._slots.pop(epoch, None)) is not None:
                    del self._labels[epoch]
                    self._raw[index] = FREE
                    self._disk.patch(path, _at(index), FREE, PRIVATE)
            self._disk.sync(path)
            self._rotate()

    def _rotate(self) -> None:
        old = self._master
        new = Master(old.file, old.generation + 1, self._randomness(KEY_BYTES))
        master, path = self.folder / MASTER, slots_path(self.folder, new.place)
        masters.write(master, self._disk, new.place, new.pack())
        moved = [FREE] * len(self._raw)
        for epoch, index in list(self._slots.items()):
            try:
                key = unwrap(self._raw[index], old.key, self._place(index))
            except KeysError:
                # It opens nothing any more, and may not keep the others from being destroyed in time.
                del self._slots[epoch], self._labels[epoch]
                continue
            place = Place(new.file, new.generation, index)
            moved[index] = wrap(self._labels[epoch], key, new.key, place, self._randomness)
        length = max(len(self._disk.read(path) or b""), _at(len(moved)))
        content = (pack_head(new.file, new.generation) + b"".join(moved)).ljust(length, b"\0")
        self._disk.patch(path, 0, content, PRIVATE)
        self._disk.sync(path)
        self._disk.sync_folder(self.folder)
        # From here on the new generation counts.
        masters.write(master, self._disk, old.place, bytes(masters.RECORD_BYTES))
        self._master, self._raw = new, moved
        self._wipe(slots_path(self.folder, old.place))
        self._owed = False

    def _wipe(self, path: Path) -> None:
        """Overwrite a file of slots that no generation uses."""
        if raw := self._disk.read(path):
            self._disk.patch(path, 0, bytes(len(raw)), PRIVATE)
            self._disk.sync(path)

    def _begin(self, *, may: bool) -> None:
        """A first generation. Cut short, it leaves no key behind."""
        if not may:
            raise KeysError(
                f"{self.folder} holds no key file, but recordings need one",
                "bring it back (is a disk not mounted?), or give the recordings up: passerby archive begin-anew",
            )
        for place in range(masters.PLACES):
            raw = self._disk.read(slots_path(self.folder, place)) or b""
            if raw[HEAD_BYTES:].strip(b"\0"):
                raise KeysError(
                    f"{self.folder} has lost its master key: its keys open nothing any more",
                    "move the folder away to begin anew; recordings until now are lost",
                )
        if self._disk.make_folder(self.folder):
            self._disk.sync_folder(self.folder.parent)
        first = Master(self._randomness(16), 1, self._randomness(KEY_BYTES))
        path = slots_path(self.folder, first.place)
        self._disk.patch(path, 0, pack_head(first.file, 1) + FREE * STEP, PRIVATE)
        self._disk.sync(path)
        masters.write(self.folder / MASTER, self._disk, first.place, first.pack())
        self._disk.sync_folder(self.folder)
        self._settle()
        # There is nothing yet that could have died.
        self._owed = False

    def _settle(self) -> bool:
        """Finish or undo what was cut short, and read what is in force. False where there is nothing."""
        if (found := _load(self.folder, self._disk)) is None:
            return False
        path = self.folder / MASTER
        other = 1 - found.master.place
        # Zeros that are read may be in memory alone: a sync that failed leaves the old bytes on the disk.
        masters.write(path, self._disk, other, bytes(masters.RECORD_BYTES))
        # Of a writer that was killed something may not be durable yet that is relied on from now on.
        self._disk.sync(path)
        self._disk.sync(slots_path(self.folder, found.master.place))
        self._disk.sync_folder(self.folder)
        self._wipe(slots_path(self.folder, other))
        self._master = found.master
        self._raw = [slot for _, slot in found.slots()]
        self._slots, self._labels = {}, {}
        for index, slot in found.slots():
            label = label_of(slot)
            if label is not None and _opens(slot, found, index):
                self._slots[label.epoch], self._labels[label.epoch] = index, label
            elif slot.strip(b"\0"):
                self._finish(index)
        # Whoever was here before may have overwritten slots and then not come to the rotation.
        self._owed = True
        return True

    def _finish(self, index: int) -> None:
        """A slot whose birth or destruction was cut short: it opens nothing."""
        path = slots_path(self.folder, self._master.place)
        self._disk.patch(path, _at(index), FREE, PRIVATE)
        self._disk.sync(path)
        self._raw[index] = FREE

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """After a failure everything is read anew, as after a start."""
        with self._mutex:
            try:
                if not self._sound:
                    self._sound = self._settle()
                if self._begun and not self._sound:
                    raise KeysError(f"the key file in {self.folder} is gone", "bring the folder back (a disk?)")
                yield
                self._sound = True
            except OSError as error:
                self._sound = False
                raise KeysError(
                    f"the key file in {self.folder} can't be used ({error.strerror or error})",
                    "look at the disk and the folder's rights",
                ) from error

    def _place(self, index: int) -> Place:
        return Place(self._master.file, self._master.generation, index)

    def _free(self) -> int:
        """A slot without a key; more are made where all are taken."""
        taken = set(self._slots.values())
        for index, slot in enumerate(self._raw):
            if index not in taken and not slot.strip(b"\0"):
                return index
        first = len(self._raw)
        path = slots_path(self.folder, self._master.place)
        self._disk.patch(path, _at(first), FREE * STEP, PRIVATE)
        self._disk.sync(path)
        self._raw += [FREE] * STEP
        return first


class KeyReader:
    """Keys for a process that only reads, while another changes them. Keeps none: a destroyed key is gone at once.

    Args:
        folder: Of the key file.
        disk: The operations on files.
    """

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or LocalDisk()

    def key_of(self, epoch: EpochId) -> bytes:
        """The key of an epoch.

        Raises:
            KeysError: It is destroyed, or the key file can't be read.
        """
        return self._again(lambda found: self._key(found, epoch))

    def labels(self) -> list[Label]:
        """Every key that lives.

        Raises:
            KeysError: The key file can't be read.
        """
        return self._again(lambda found: [la for _, slot in found.slots() if (la := label_of(slot)) is not None])

    def id(self) -> bytes:
        """The key file's own id.

        Raises:
            KeysError: The key file can't be read.
        """
        return self._again(lambda found: found.master.file)

    def _key(self, found: _Generation, epoch: EpochId) -> bytes:
        if (key := found.key_of(epoch)) is None:
            raise _no_key(epoch)
        return key

    def _again(self, look: Callable[[_Generation], Found]) -> Found:
        """A rotation may come between reading the master and reading the slots: then look again."""
        for _ in range(READS):
            before = self._in_force()
            try:
                return look(self._load())
            except KeysError:
                if self._in_force() == before:
                    raise
            except OSError as error:
                raise KeysError(f"{self._folder} can't be read ({error.strerror})", "check its rights") from error
            time.sleep(AGAIN_S)
        raise KeysError(f"{self._folder} changes faster than it can be read", "try again")

    def _load(self) -> _Generation:
        if (found := _load(self._folder, self._disk)) is None:
            raise KeysError(f"{self._folder} holds no key file", "name the station's data folder")
        return found

    def _in_force(self) -> Master | None:
        return masters.in_force(masters.read(self._folder / MASTER, self._disk))


def _opens(slot: bytes, found: _Generation, index: int) -> bool:
    try:
        unwrap(slot, found.master.key, found.place(index))
    except KeysError:
        return False
    return True


def _at(index: int) -> int:
    return HEAD_BYTES + index * SLOT_BYTES


def _no_key(epoch: EpochId) -> KeysError:
    return KeysError(f"the key of {epoch.camera}'s epoch is destroyed", "its time was over")
