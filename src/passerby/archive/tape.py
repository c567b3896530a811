"""One camera's redacted video onto the disk: segments of 2–4 s, parts of half a second, an index of what is whole.

Every call may block for as long as the disk does; `passerby.archive.recorder` has a thread for that.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from passerby.archive.boxes import (
    DISCONTINUITY,
    FIRST_OF_SEGMENT,
    KEYFRAME,
    Sample,
    fragment,
    init_section,
    sample_data,
)
from passerby.archive.disk import FAULTS, Disk, named_errors
from passerby.archive.entries import US, Segment
from passerby.archive.epoch import Epoch, end_epoch, open_epoch, reopen
from passerby.archive.keys.cipher import INIT
from passerby.archive.keys.cipher import PART as PART_CHUNK
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.room import KeyRoom
from passerby.archive.live import LiveSegment, Part, Window
from passerby.archive.tree import Leaf, leaf
from passerby.base.errors import ArchiveError, OutletError, StoreError
from passerby.outlet.messages import RedactedPacket, StreamStart
from passerby.store.database import Store
from passerby.store.epochs import REDACTED, all_epochs, epoch_of_file, put_epoch, put_live

PART_US = US // 2
# A stream that gives no keyframe for so long is cut without one.
LONGEST_SEGMENT_US = 8 * US
# Time between two pictures, or streams, from which on it is a gap and not a slow camera.
GAP_US = 2 * US
SMALLEST_GAP_US = US // 10
LONE_PER_S = 10
# No picture is shown for longer: what says so is wrong, or was away, and the next keyframe begins anew.
LONGEST_PART_US = 3600 * US


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept of a camera.

    Args:
        limit_us: How long after its end an epoch is deleted.
        epoch_us: How long an epoch is: what is deleted at once.
        live: Whether it may be looked at while it happens.
    """

    limit_us: int
    epoch_us: int = 3600 * US
    live: bool = True


def record(hours: float) -> Keep:
    """Recording, kept for so many hours; whole hours are deleted."""
    return Keep(round(hours * 3600 * US))


# For looking on only: at most 30 + 60 s and one sweep lie on the disk.
LIVE_ONLY = Keep(60 * US, 30 * US)


@dataclass(slots=True)
class _Stream:
    """A stream since its start: how to reckon its times. ``shift_us`` is 0 unless the clock was set back."""

    start: StreamStart
    anchor_us: int
    init: bytes
    base: int | None = None
    shift_us: int = 0

    def us(self, ticks: int) -> int:
        """Microseconds since 1970."""
        return self.anchor_us + self.shift_us + ticks * self.start.time_base_num * US // self.start.time_base_den


class Tape:
    """Writes one camera's stream.

    Args:
        camera_id: Safe.
        folder: The camera's; must exist.
        store: Open for writing.
        disk: Where the files are.
        keep: For how long.
        room: Where keys come from.

    Raises:
        StoreError: The index can't be read.
    """

    def __init__(self, camera_id: str, folder: Path, store: Store, disk: Disk, keep: Keep, room: KeyRoom) -> None:
        self.camera_id, self._folder, self._store, self._disk, self.keep = camera_id, folder, store, disk, keep
        self._room = room
        rows = [row for row in all_epochs(store, camera_id) if row.kind == REDACTED]
        self._number = max((Epoch.of(r).next_number for r in rows), default=0)
        self._end_us = max((r.end_us for r in rows if r.segments), default=0)
        self._epoch: Epoch | None = None
        self._left: Epoch | None = None
        self._leaf = Leaf()
        self._stream: _Stream | None = None
        self._window = Window()
        self._segment: LiveSegment | None = None
        self._held: RedactedPacket | None = None
        self._samples: list[Sample] = []
        self._part_from = 0
        self._nominal = 0
        self._broken = True
        self._fragments = 0

    @property
    def file(self) -> str | None:
        """Name of the file that is open now."""
        return self._epoch.file if self._epoch else None

    @property
    def epoch_id(self) -> EpochId | None:
        """The epoch that is being written."""
        return self._epoch.id if self._epoch else None

    @property
    def epoch_ids(self) -> tuple[EpochId, ...]:
        """The same, as none or one."""
        return () if self.epoch_id is None else (self.epoch_id,)

    @property
    def finished(self) -> int:
        """Segments that were finished over the camera's life."""
        return self._number

    @property
    def shift_s(self) -> float:
        """How far the recording's times run ahead of the clock, because that was set back."""
        return self._stream.shift_us / US if self._stream else 0.0

    def start(self, start: StreamStart, anchor_s: float) -> None:
        """A stream begins; what was open is finished first.

        Args:
            start: What the encoder said.
            anchor_s: Unix seconds of time 0 of its packets.

        Raises:
            ArchiveError: The disk doesn't take the end of what was before.
            OutletError: The header holds no parameter sets.
            StoreError: The index takes no writing.
        """
        try:
            self._finish()
        finally:
            self._stream, self._held, self._broken = None, None, True
            init = init_section((start.width, start.height), start.time_base_den, start.tail)
            self._stream = _Stream(start, round(anchor_s * US), init)

    def packet(self, packet: RedactedPacket) -> None:
        """One coded picture. Before the first keyframe of a stream, and after an error until the next, nothing is kept.

        Raises:
            ArchiveError: The disk takes no writing. What is whole stays; the next keyframe is tried again.
            OutletError: Its times can't be.
            StoreError: The index takes no writing. The next segment's row makes up for it.
        """
        if self._stream is None:
            return
        try:
            self._take(packet)
        except (ArchiveError, OutletError, StoreError):
            self._give_up()
            raise

    def stop(self) -> None:
        """The stream ends: what is open is finished, and nothing is live any more.

        Raises:
            ArchiveError: The disk doesn't take the end.
            StoreError: The index takes no writing.
        """
        try:
            self._finish()
        finally:
            self._stream, self._held, self._broken = None, None, True
            self._window.clear()
            try:
                self._leave_epoch()
            finally:
                with self._store.writing() as connection:
                    self._show(connection)

    def leave(self) -> None:
        """What is open is finished, and the stream goes on in another file from its next keyframe on.

        Raises:
            ArchiveError: The disk doesn't take the end.
            StoreError: The index takes no writing.
        """
        try:
            self._finish()
        finally:
            self._held, self._broken = None, True
            self._leave_epoch()

    def _show(self, connection: Connection) -> None:
        """What live playback needs; where nobody may look, nothing."""
        put_live(connection, self.camera_id, (self._window if self.keep.live else Window()).pack())

    @property
    def _lone(self) -> int:
        """Ticks for a picture of which nobody knows how long it lasts."""
        assert self._stream is not None
        start = self._stream.start
        return max(1, start.time_base_den // start.time_base_num // LONE_PER_S)

    def _take(self, packet: RedactedPacket) -> None:
        if self._held is None:
            if not packet.key:
                return
        else:
            if packet.dts <= self._held.dts:
                return
            self._settle(packet)
        if self._segment is None:
            self._begin_segment(packet)
        self._held = packet

    def _settle(self, following: RedactedPacket) -> None:
        """The held picture's duration is known now. Then a part or a segment may be full."""
        assert self._held is not None and self._stream is not None and self._segment is not None
        step = following.dts - self._held.dts
        away = bool(following.key) and self._stream.us(following.dts) - self._stream.us(self._held.dts) > GAP_US
        duration = (self._nominal or step) if away else step
        self._nominal = step if not away else self._nominal
        self._add_held(duration)
        until = self._held.dts + duration
        lasted = self._stream.us(until) - self._segment.start_us
        if following.key or lasted >= LONGEST_SEGMENT_US:
            self._end_segment(until)
            if away:
                self._broken = True
        elif self._stream.us(until + duration) - self._stream.us(self._part_from) > PART_US:
            self._end_part(until)

    def _add_held(self, duration: int) -> None:
        assert self._held is not None and self._stream is not None
        scale = self._stream.start.time_base_num
        self._samples.append(
            Sample(
                sample_data(self._held.tail),
                bool(self._held.key),
                duration * scale,
                (self._held.pts - self._held.dts) * scale,
            )
        )

    def _begin_segment(self, packet: RedactedPacket) -> None:
        stream = self._stream
        assert stream is not None
        if self._broken:
            stream.base = packet.dts
            stream.shift_us = 0
            stream.shift_us = max(0, self._end_us - stream.us(packet.dts))
        start_us = stream.us(packet.dts)
        epoch = self._epoch_at(start_us)
        if self._broken:
            self._write_init(epoch, stream)
            if self._end_us and start_us - self._end_us > SMALLEST_GAP_US:
                epoch.add_gap(self._end_us, start_us)
        self._segment = LiveSegment(self._number, epoch.file, len(epoch.inits) - 1, start_us, self._broken)
        self._part_from = packet.dts
        self._broken = False

    def _epoch_at(self, start_us: int) -> Epoch:
        length = self.keep.epoch_us
        wanted = EpochId(self.camera_id, start_us - start_us % length, length)
        if self._epoch is not None and self._epoch.id == wanted:
            return self._epoch
        self._leave_epoch()
        assert self._stream is not None
        self._epoch = self._gone_on(wanted) or open_epoch(
            self._store, self._disk, self._folder, wanted, self.keep.limit_us, self._number, start_us, self._room
        )
        self._epoch.shift_us = self._stream.shift_us
        if not self._broken:
            self._write_init(self._epoch, self._stream)
        return self._epoch

    def _gone_on(self, wanted: EpochId) -> Epoch | None:
        """The file that was left last, if it is of this epoch: numbers inside a file have no holes."""
        left, self._left = self._left, None
        if left is None or left.id != wanted or left.next_number != self._number or not self._kept(left, wanted):
            return None
        reopen(left, self._disk)
        return left

    def _kept(self, epoch: Epoch, wanted: EpochId) -> bool:
        row = epoch_of_file(self._store, self.camera_id, epoch.file)
        return row is not None and not row.leaving and self._room.keys.lives(wanted)

    def _write_init(self, epoch: Epoch, stream: _Stream) -> None:
        assert epoch.cipher is not None
        epoch.shift_us = max(epoch.shift_us, stream.shift_us)
        data = epoch.cipher.seal(INIT, 0, len(epoch.inits), 0, stream.init)
        with named_errors(epoch.path):
            self._disk.write(epoch.fd, data, epoch.written)
            self._disk.sync(epoch.fd)
        epoch.add_init(len(data))
        epoch.leaves.append(leaf(data))
        # Live playback asks for the init section before the segment is finished.
        with self._store.writing() as connection:
            put_epoch(connection, epoch.row())

    def _end_part(self, until: int) -> None:
        self._write_part(until)
        with self._store.writing() as connection:
            self._show(connection)

    def _write_part(self, until: int) -> None:
        stream, segment, epoch = self._stream, self._segment, self._epoch
        assert stream is not None and segment is not None and epoch is not None and stream.base is not None
        from_us, to_us = stream.us(self._part_from), stream.us(until)
        if to_us - from_us > LONGEST_PART_US:
            raise OutletError(f"a picture of {self.camera_id} lasts longer than an hour")
        first = not segment.parts
        key = self._samples[0].key
        flags = FIRST_OF_SEGMENT * first | KEYFRAME * key | DISCONTINUITY * (first and segment.discontinuity)
        decode_time = (self._part_from - stream.base) * stream.start.time_base_num
        self._fragments += 1
        clear = fragment(self._fragments, decode_time, self._samples)
        assert epoch.cipher is not None
        data = epoch.cipher.seal(PART_CHUNK, flags, from_us, to_us - from_us, clear)
        with named_errors(epoch.path):
            self._disk.write(epoch.fd, data, epoch.written)
        if first:
            self._leaf = Leaf()
        self._leaf.add(data)
        segment.parts.append(Part(epoch.written, len(data), to_us - from_us, key))
        epoch.written += len(data)
        if first:
            self._window.add(segment)
        self._samples, self._part_from = [], until

    def _end_segment(self, until: int) -> None:
        if self._samples:
            self._write_part(until)
        self._close_segment()

    def _close_segment(self) -> None:
        segment, epoch = self._segment, self._epoch
        assert segment is not None and epoch is not None
        self._segment = None
        with named_errors(epoch.path):
            self._disk.sync(epoch.fd)
        segment.finished = True
        epoch.leaves.append(self._leaf.end())
        epoch.add_segment(
            Segment(
                segment.offset,
                segment.length,
                segment.start_us,
                segment.duration_us,
                segment.init,
                segment.parts[0].key,
                segment.discontinuity,
            )
        )
        self._number += 1
        self._end_us = segment.start_us + segment.duration_us
        with self._store.writing() as connection:
            put_epoch(connection, epoch.row())
            self._show(connection)

    def _finish(self) -> None:
        """The held picture gets its nominal duration, and the segment ends with it."""
        if self._segment is None or self._held is None:
            return
        duration = self._held.duration or self._nominal or self._lone
        try:
            self._add_held(duration)
            self._end_segment(self._held.dts + duration)
        except (ArchiveError, OutletError, StoreError):
            self._give_up()
            raise

    def _give_up(self) -> None:
        """After an error: keep the parts that are whole, cut off what is not, wait for a keyframe."""
        self._samples, self._held, self._broken = [], None, True
        segment, self._segment = self._segment, None
        if self._epoch is None:
            return
        with suppress(OSError):
            self._disk.truncate(self._epoch.fd, self._epoch.written)
        if segment is not None and segment.parts:
            self._segment = segment
            # The error that led here is the one that is told; this is only what can still be saved.
            with suppress(ArchiveError, StoreError):
                self._close_segment()
            self._segment = None
            if not segment.finished:
                self._window.segments.remove(segment)

    def abandon(self) -> None:
        """After an error that nobody has named, as after the disk's. A file that can't go on is left to recovery.

        Raises nothing.
        """
        try:
            self._give_up()
            if self._epoch is not None:
                self._epoch.row()
        except FAULTS:
            # What was raised first is told.
            epoch, self._epoch, self._left = self._epoch, None, None
            if epoch is not None:
                with suppress(OSError):
                    epoch.close()

    def _leave_epoch(self) -> None:
        """Close the file. Its row then has the tree's root, which the ledger is told."""
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return
        try:
            end_epoch(epoch, self._disk)
            with self._store.writing() as connection:
                put_epoch(connection, epoch.row())
        finally:
            epoch.close()
            self._left = epoch
