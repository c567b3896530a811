"""Sealed originals on the disk: what a darkroom made lies there as it came, and nothing that it could not have made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.archive.scene import CAMERA, NOON
from tests.unit.archive.test_seal import OFFICERS, TERMS

from passerby.archive import seal, tree
from passerby.archive.boxes import DISCONTINUITY, FIRST_OF_SEGMENT, KEYFRAME
from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import Disk, LocalDisk
from passerby.archive.entries import US
from passerby.archive.epoch import Epoch
from passerby.archive.folder import DataFolder, Layout
from passerby.archive.keys.cipher import END, INIT, PART, Cipher
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.places import place_of_init, place_of_segment
from passerby.archive.playlists import pieces_between
from passerby.archive.recorder import Archive, open_keys
from passerby.archive.recover import recover
from passerby.archive.sealed_files import sealed_between
from passerby.archive.sealed_tape import SealedTape
from passerby.base.errors import KeysError, OutletError
from passerby.outlet.messages import SealedPacket, SealUnder
from passerby.store.database import Store
from passerby.store.epochs import all_epochs
from passerby.store.migrate import open_store

NOON_US = round(NOON * US)
FIRST = FIRST_OF_SEGMENT | KEYFRAME


@dataclass
class Darkroom:
    """Seals made-up parts, as a darkroom would."""

    under: SealUnder
    camera: str = CAMERA
    permit: bytes = TERMS.permit

    def __post_init__(self) -> None:
        epoch = EpochId(self.camera, self.under.period_us, self.under.length_us, "sealed")
        named = ("example.org", epoch, replace(TERMS, permit=self.permit))
        self.cipher: Cipher = seal.new_file(self.under.share, self.under.salt, named, [*OFFICERS.values()], os.urandom)
        self.numbers = count(1)

    @property
    def header(self) -> SealedPacket:
        return SealedPacket(self.under.salt, 0, 1, self.cipher.header.pack())

    def chunk(self, kind: int, flags: int = 0, at_us: int = 0, lasts_us: int = 0, clear: bytes = b"x") -> SealedPacket:
        opens = int(kind != PART or bool(flags & KEYFRAME))
        return SealedPacket(
            self.under.salt, next(self.numbers), opens, self.cipher.seal(kind, flags, at_us, lasts_us, clear)
        )

    def file(self, segments: int = 3, at_us: int = NOON_US) -> list[SealedPacket]:
        """A header, an init section, and segments of two parts of a second each."""
        found = [self.header, self.chunk(INIT)]
        for n in range(segments):
            begin = at_us + 2 * US * n
            flags = FIRST | DISCONTINUITY * (n == 0)
            found += [self.chunk(PART, flags, begin, US), self.chunk(PART, 0, begin + US, US)]
        return found


@contextmanager
def tape(root: Path, disk: Disk | None = None) -> Iterator[tuple[SealedTape, Store]]:
    layout, disk = Layout(root), disk or LocalDisk()
    layout.camera(CAMERA).mkdir(parents=True, exist_ok=True)
    with open_store(layout.database, lambda: NOON) as store:
        keys = open_keys(layout, store)
        recover(layout, store, disk, HOUR_US, keys)
        yield SealedTape(CAMERA, layout.camera(CAMERA), store, disk, HOUR_US, keys, lambda: NOON_US, os.urandom), store


def test_what_came_lies_there(tmp_path: Path) -> None:
    with tape(tmp_path) as (sealed, store):
        room = Darkroom(sealed.ask(0, NOON_US, TERMS.permit))
        packets = [*room.file(), room.chunk(END)]
        for packet in packets:
            sealed.packet(packet)
        assert sealed.epoch_ids == () and sealed.finished == 3
        (row,) = all_epochs(store, CAMERA)
        assert (row.kind, row.file) == ("sealed", "20261123T120000Z-sealed.epoch")
        path = Layout(tmp_path).camera(CAMERA) / row.file
        stored = path.read_bytes()
        assert stored.startswith(b"".join(packet.tail for packet in packets))
        with path.open("rb") as file:
            found = tree.read(file.fileno(), len(stored))
        assert found is not None and tree.root(found[1]) == row.root
        assert [(s.start_us, s.duration_us) for s in Epoch.of(row).video] == [
            (NOON_US + 2 * US * n, 2 * US) for n in range(3)
        ]
        (lying,) = sealed_between(Layout(tmp_path), store, CAMERA, NOON_US + 3 * US, NOON_US + 5 * US)
        assert list(lying.chunks()) == [packets[1].tail, *(p.tail for p in packets[4:8])]
        assert lying.share(KeyReader(Layout(tmp_path).keys)) == room.under.share


def test_no_player_is_ever_told_of_it(tmp_path: Path) -> None:
    with tape(tmp_path) as (sealed, store):
        for packet in Darkroom(sealed.ask(0, NOON_US, TERMS.permit)).file():
            sealed.packet(packet)
        sealed.stop()
        assert all_epochs(store, CAMERA)
        assert pieces_between(store, CAMERA, 0, 2 * NOON_US) == []
        assert place_of_segment(Layout(tmp_path), store, CAMERA, 0) is None
        assert place_of_init(Layout(tmp_path), store, CAMERA, "20261123T120000Z-sealed", 0) is None


def test_a_darkroom_that_died(tmp_path: Path) -> None:
    """Its file is closed when the next begins, or the station starts anew; what is whole stays."""
    with tape(tmp_path) as (sealed, store):
        first = Darkroom(sealed.ask(0, NOON_US, TERMS.permit))
        for packet in first.file(2):
            sealed.packet(packet)
        second = Darkroom(sealed.ask(0, NOON_US + US, TERMS.permit))
        sealed.packet(second.header)
        sealed.ask(0, NOON_US + 2 * US, TERMS.permit)
        rows = all_epochs(store, CAMERA)
        assert [row.file for row in rows] == ["20261123T120000Z-sealed.epoch"] and rows[0].root
        for packet in second.file(2, NOON_US + 60 * US)[1:]:
            sealed.packet(packet)
    # The station was killed: nothing was closed.
    with tape(tmp_path) as (sealed, store):
        rows = all_epochs(store, CAMERA)
        assert [len(Epoch.of(row).video) for row in rows] == [2, 2]
        assert all(row.root for row in rows) and sealed.finished == 4
        found = sealed_between(Layout(tmp_path), store, CAMERA, 0, 2 * NOON_US)
        assert [len(list(lying.chunks())) for lying in found] == [5, 5]


def wrong(room: Darkroom, other: Darkroom) -> Iterator[tuple[str, list[SealedPacket]]]:
    good = room.file()
    yield "another file's header", [replace(other.header, file=room.under.salt)]
    cipher = seal.new_file(
        room.under.share, room.under.salt, ("example.org", room.cipher.header.epoch, replace(TERMS, permit=bytes(32))),
        [*OFFICERS.values()], os.urandom,
    )  # fmt: skip
    yield "under another permit", [replace(good[0], tail=cipher.header.pack())]
    yield "a header twice", [good[0], good[0]]
    yield "a header with more behind it", [replace(good[0], tail=good[0].tail + b"x")]
    yield "no header", [replace(good[0], tail=b"PASSERBY")]
    yield "a chunk before its header", [good[1]]
    yield "a chunk that is none", [good[0], replace(good[1], tail=b"CHNK")]
    yield "two chunks at once", [good[0], replace(good[1], tail=good[1].tail + good[2].tail)]
    yield "a chunk under another number", [good[0], replace(good[1], number=2)]
    yield "a chunk twice", [good[0], good[1], good[1]]
    yield "backwards", [good[0], good[1], good[3], good[2]]
    yield "of the hour before", [good[0], good[1], room.chunk(PART, FIRST, NOON_US - 3600 * US, US)]
    yield "of a year later", [good[0], good[1], room.chunk(PART, FIRST, NOON_US * 2, US)]
    yield "that lasts for hours", [good[0], good[1], room.chunk(PART, FIRST, NOON_US, 9000 * US)]
    yield "into a file that nobody asked for", [replace(good[0], file=b"?" * 32)]


@pytest.mark.parametrize("number", range(15))
def test_what_no_darkroom_makes_is_refused(number: int, tmp_path: Path) -> None:
    with tape(tmp_path) as (sealed, store):
        room, other = Darkroom(sealed.ask(0, NOON_US, TERMS.permit)), Darkroom(sealed.ask(0, NOON_US, TERMS.permit))
        how, packets = list(wrong(room, other))[number]
        with pytest.raises(OutletError):
            for packet in packets:
                sealed.packet(packet)
        # What is right goes on being kept.
        again = Darkroom(sealed.ask(0, NOON_US, TERMS.permit))
        for packet in again.file():
            sealed.packet(packet)
        sealed.stop()
        assert len(Epoch.of(all_epochs(store, CAMERA)[-1]).video) == 3, how


@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
)
@given(data=st.data())
def test_hostile_bytes_never_get_into_the_index(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("tape")
    with tape(root) as (sealed, store):
        packets = Darkroom(sealed.ask(0, NOON_US, TERMS.permit)).file()
        at = data.draw(st.integers(0, len(packets) - 1))
        tail = bytearray(packets[at].tail)
        place = data.draw(st.integers(0, len(tail) - 1))
        tail[place] ^= data.draw(st.integers(1, 255))
        packets[at] = replace(packets[at], tail=bytes(tail))
        refused = 0
        for packet in packets:
            try:
                sealed.packet(packet)
            except OutletError:
                refused += 1
        sealed.stop()
        assert refused >= 1
        folder = Layout(root).camera(CAMERA)
        assert not any(bytes(tail) in path.read_bytes() for path in folder.iterdir())
        assert sum(len(Epoch.of(row).video) for row in all_epochs(store, CAMERA)) <= 3


def test_what_is_too_late_by_a_chunk_begins_again_with_a_segment(tmp_path: Path) -> None:
    with tape(tmp_path) as (sealed, store):
        packets = Darkroom(sealed.ask(0, NOON_US, TERMS.permit)).file()
        for packet in packets[:2] + packets[3:]:
            sealed.packet(packet)
        sealed.stop()
        assert len(Epoch.of(all_epochs(store, CAMERA)[0]).video) == 2


def test_after_retention_there_is_no_share(tmp_path: Path) -> None:
    """A real archive: the key of sealed originals dies an hour after its hour, though redacted video stays."""
    time = [NOON]
    layout = Layout(tmp_path)
    folder = DataFolder(tmp_path)
    with open_store(layout.database, lambda: time[0]) as store:
        clock = ArchiveClock(layout.clock, lambda: time[0], lambda: time[0])
        with Archive(folder.layout, store, clock=clock) as archive:
            recorder = archive.sealed_recorder(CAMERA, HOUR_US)
            recorder.ask(0, NOON_US, TERMS.permit)
            under = given_by(recorder)
            for packet in Darkroom(under).file():
                recorder.packet(packet)
            settled(archive)
            (lying,) = sealed_between(layout, store, CAMERA, 0, 2 * NOON_US)
            assert lying.share(KeyReader(layout.keys)) == under.share
            for later_s, there in ((7199, True), (7201, False)):
                time[0] = NOON + later_s
                archive.sweep()
                settled(archive)
                assert bool(sealed_between(layout, store, CAMERA, 0, 2 * NOON_US)) == there
            with pytest.raises(KeysError):
                lying.share(KeyReader(layout.keys))
            assert not lying.path.exists()
    folder.close()


def given_by(recorder: object) -> SealUnder:
    for _ in range(500):
        if (found := recorder.given()) is not None:  # type: ignore[attr-defined]
            return found
        _pause()
    raise AssertionError("no file was given")


def settled(archive: Archive) -> None:
    for _ in range(1000):
        with archive._changed:
            if not archive.busy and not archive._something():
                return
        _pause()
    raise AssertionError("the archive does not come to rest")


def _pause() -> None:
    import time

    time.sleep(0.01)


def test_only_what_is_over_is_closed_when_something_is_due(tmp_path: Path) -> None:
    now_us = [NOON_US]
    with tape(tmp_path) as (sealed, store):
        sealed._now_us = lambda: now_us[0]
        past = Darkroom(sealed.ask(0, NOON_US - 3600 * US, TERMS.permit))
        here = Darkroom(sealed.ask(0, NOON_US, TERMS.permit))
        for packet in past.file(1, NOON_US - 1800 * US) + here.file(1):
            sealed.packet(packet)
        sealed.leave()
        assert [epoch.period_us for epoch in sealed.epoch_ids] == [NOON_US]
        sealed.packet(here.chunk(PART, FIRST, NOON_US + 2 * US, US))
        now_us[0] += 3600 * US
        sealed.leave()
        assert sealed.epoch_ids == () and len(all_epochs(store, CAMERA)) == 2
