"""One camera's sealed originals onto the disk: ciphertext in, and nothing here could open it.

The darkroom makes the bytes of a file: its header, then its chunks. What is done here is what a disk needs: a key is
born in time, what comes is looked at as far as that goes without any key, written in order, indexed when it is whole.
A file that its darkroom does not end (because it ended itself) is closed when the next one begins.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from passerby.archive import seal
from passerby.archive.boxes import DISCONTINUITY, FIRST_OF_SEGMENT, KEYFRAME
from passerby.archive.disk import FAULTS, Disk, named_errors
from passerby.archive.entries import US, Segment
from passerby.archive.epoch import NO_FD, Epoch, begin_file, end_epoch, free_path
from passerby.archive.keys.cipher import END, INIT, Head, is_whole, parse_head, parse_header
from passerby.archive.keys.key_file import KeyFile
from passerby.archive.keys.names import HOUR_US, EpochId, Kind
from passerby.archive.keys.shares import SALT_BYTES
from passerby.archive.keys.slots import Label
from passerby.archive.tree import Leaf, leaf
from passerby.base.errors import CustodyError, OutletError
from passerby.outlet.messages import SealedPacket, SealUnder
from passerby.store.database import Store
from passerby.store.epochs import all_epochs, put_epoch

# Of a file that a new one follows so much may still come: what was under way, and its end.
MOST_OPEN = 2
# How far a stretch may reach beyond its period: it ends with the first picture after it.
SLACK_US = 10 * US


@dataclass(slots=True)
class _File:
    """A file that was asked for; its epoch is None until its header has come."""

    id: EpochId
    permit: bytes
    epoch: Epoch | None = None
    next_number: int = 0
    leaf: Leaf = field(default_factory=Leaf)
    segment: Segment | None = None


class SealedTape:
    """Keeps what a darkroom seals.

    Args:
        camera_id: Safe.
        folder: The camera's; must exist.
        store: Open for writing.
        disk: Where the files are.
        keep_us: How long after its period's end an epoch is kept.
        keys: The key file.
        now_us: The archive's clock.
        randomness: Gives so many random bytes.

    Raises:
        StoreError: The index can't be read.
    """

    def __init__(
        self,
        camera_id: str,
        folder: Path,
        store: Store,
        disk: Disk,
        keep_us: int,
        keys: KeyFile,
        now_us: Callable[[], int],
        randomness: Callable[[int], bytes],
    ) -> None:
        self.camera_id, self._folder, self._store, self._disk = camera_id, folder, store, disk
        self._keep_us, self._keys, self._now_us, self._randomness = keep_us, keys, now_us, randomness
        rows = [row for row in all_epochs(store, camera_id) if row.kind == Kind.SEALED.value]
        self._number = max((Epoch.of(row).next_number for row in rows), default=0)
        self._files: dict[bytes, _File] = {}

    @property
    def epoch_ids(self) -> tuple[EpochId, ...]:
        """The epochs that are being written."""
        return tuple(file.id for file in self._files.values())

    @property
    def finished(self) -> int:
        """Segments that were finished over the camera's life."""
        return self._number

    def ask(self, anchor_us: int, wall_us: int, permit: bytes) -> SealUnder:
        """A new file for this time: its key is born when this returns. Older ones than the last are closed.

        Args:
            anchor_us: What makes a darkroom's times microseconds since 1970.
            wall_us: Microseconds since 1970.
            permit: Hash of the permit under which it is sealed.

        Raises:
            ArchiveError: There is no key; then nothing is sealed.
            StoreError: An older file's row can't be written.
        """
        epoch = EpochId(self.camera_id, wall_us - wall_us % HOUR_US, HOUR_US, Kind.SEALED.value)
        now_us = self._now_us()
        key = self._keys.born(Label(epoch, now_us, now_us + epoch.end_us - wall_us + self._keep_us, self._keep_us))
        salt = self._randomness(SALT_BYTES)
        self._files[salt] = _File(epoch, permit)
        for old in list(self._files)[:-MOST_OPEN]:
            self._close(old)
        share = bytes(seal.slot_share(key, salt, epoch))
        return SealUnder(epoch.period_us, epoch.length_us, anchor_us, permit, salt, share)

    def packet(self, packet: SealedPacket) -> None:
        """A piece of a file.

        Raises:
            OutletError: It is none that could come now: nothing of it is kept.
            ArchiveError: The disk takes no writing.
            StoreError: The index takes no writing.
        """
        file = self._files.get(packet.file)
        if file is None:
            raise OutletError("a darkroom sealed into a file that nobody asked for")
        if packet.number == 0:
            self._begin(file, packet)
            return
        head = parse_head(packet.tail)
        if head is None or not is_whole(head, packet.tail) or head.number != packet.number - 1:
            raise OutletError("a darkroom sent what is no sealed chunk")
        if file.epoch is None or head.number < file.next_number:
            raise OutletError("sealed chunks came in another order than theirs")
        torn, file.next_number = head.number != file.next_number, head.number + 1
        if head.kind == INIT:
            self._init(file, packet.tail)
        elif head.kind == END:
            self._close(packet.file, packet.tail)
        elif head.flags & FIRST_OF_SEGMENT or not torn:
            self._part(file, head, packet.tail)

    def stop(self) -> None:
        """Close everything.

        Raises:
            ArchiveError: The disk doesn't take the end.
            StoreError: The index takes no writing.
        """
        for salt in list(self._files):
            self._close(salt)

    def leave(self) -> None:
        """Close what is of an hour that is over.

        Raises:
            ArchiveError: The disk doesn't take the end.
            StoreError: The index takes no writing.
        """
        now_us = self._now_us()
        for salt in [salt for salt, file in self._files.items() if file.id.end_us <= now_us]:
            self._close(salt)

    def abandon(self) -> None:
        """After an error that nobody has named: leave what is open to recovery. Raises nothing."""
        for file in self._files.values():
            if file.epoch is not None:
                with suppress(OSError):
                    file.epoch.close()
        self._files.clear()

    def _begin(self, file: _File, packet: SealedPacket) -> None:
        header = parse_header(packet.tail)
        try:
            if header is None or header.pack() != packet.tail or file.epoch is not None:
                raise OutletError("a darkroom sent what is no header, or a second one")
            terms = seal.unpack(header.sealed)[1]
        except CustodyError as error:
            raise OutletError("a darkroom sealed a file that nobody could ever open") from error
        if (header.epoch, header.salt, terms.permit) != (file.id, packet.file, file.permit):
            raise OutletError("a darkroom sealed into another file than it was asked to")
        path = free_path(self._store, self._folder, file.id)
        epoch = Epoch(self.camera_id, path, file.id.period_us, self._keep_us, self._number)
        begin_file(epoch, self._disk, header)
        file.epoch = epoch

    def _init(self, file: _File, data: bytes) -> None:
        self._end_segment(file)
        epoch = self._written(file, data)
        epoch.add_init(len(data))
        epoch.leaves.append(leaf(data))

    def _part(self, file: _File, head: Head, data: bytes) -> None:
        begins, ends = file.id.period_us, file.id.end_us + SLACK_US
        if not begins <= head.start_us <= head.start_us + head.duration_us < ends or head.duration_us < 0:
            raise OutletError("a darkroom sealed what is of another time than its file")
        first = bool(head.flags & FIRST_OF_SEGMENT)
        if first:
            self._end_segment(file)
        if (file.epoch is None or not file.epoch.inits) or (file.segment is None and not first):
            return
        at = file.epoch.written
        epoch = self._written(file, data)
        epoch.written += len(data)
        file.leaf.add(data)
        if file.segment is None:
            key, again = bool(head.flags & KEYFRAME), bool(head.flags & DISCONTINUITY)
            init = len(epoch.inits) - 1
            file.segment = Segment(at, len(data), head.start_us, head.duration_us, init, key, again)
        else:
            until = head.start_us + head.duration_us
            file.segment = file.segment._replace(
                length=epoch.written - file.segment.offset, duration_us=max(0, until - file.segment.start_us)
            )

    def _written(self, file: _File, data: bytes) -> Epoch:
        """The epoch, with these bytes behind what is whole in its file; what counts as whole is the caller's."""
        epoch = file.epoch
        assert epoch is not None
        with named_errors(epoch.path):
            self._disk.write(epoch.fd, data, epoch.written)
        return epoch

    def _end_segment(self, file: _File) -> None:
        segment, file.segment = file.segment, None
        if segment is None or file.epoch is None:
            return
        with named_errors(file.epoch.path):
            self._disk.sync(file.epoch.fd)
        file.epoch.leaves.append(file.leaf.end())
        if not file.epoch.video:
            file.epoch.first_number = self._number
        file.epoch.add_segment(segment)
        self._number += 1
        with self._store.writing() as connection:
            put_epoch(connection, file.epoch.row())

    def _close(self, salt: bytes, last: bytes = b"") -> None:
        """A file is over; one that never began leaves nothing but a key that dies in time."""
        file = self._files.pop(salt)
        epoch = file.epoch
        if epoch is None:
            return
        try:
            self._end_segment(file)
            end_epoch(epoch, self._disk, last)
            with self._store.writing() as connection:
                put_epoch(connection, epoch.row())
        except FAULTS:
            # What is whole stays, and recovery closes it.
            if epoch.fd != NO_FD:
                with suppress(OSError):
                    self._disk.truncate(epoch.fd, epoch.written)
            raise
        finally:
            epoch.close()
