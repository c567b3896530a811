"""A data folder as a power cut, or a copy in the middle of writing, leaves it: the next start goes on."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.unit.archive.scene import (
    CAMERA,
    NOON,
    check_all_play,
    check_numbers,
    kept,
    later,
    opened,
    stream,
)

from passerby.archive.folder import Layout
from passerby.store.epochs import all_epochs


def goes_on(root: Path, at_least: int, at_s: float) -> None:
    """Open it as the next start does: what was finished plays, and recording continues."""
    start, packets = stream()
    with opened(root) as (tape, store, _):
        before = check_all_play(root, store)
        assert before >= at_least, (before, at_least)
        check_numbers(store)
        tape.start(start, NOON + at_s)
        for packet in packets[:40]:
            tape.packet(packet)
        tape.stop()
        assert check_all_play(root, store) == before + 40
        check_numbers(store)


def test_the_index_may_lag_behind_the_file(tmp_path: Path) -> None:
    """A power cut may take the database's last seconds: the file describes itself, so nothing synced is lost."""
    root, indexes = tmp_path / "data", []
    start, packets = stream()
    with opened(root) as (tape, _, _):
        tape.start(start, NOON)
        for number, packet in enumerate(packets):
            tape.packet(packet)
            if number % 10 == 9:
                old = tmp_path / f"index{number}"
                old.mkdir()
                for part in root.glob("passerby.db*"):
                    shutil.copy(part, old)
                indexes.append(old)
    for old in indexes:
        copy = tmp_path / f"copy-{old.name}"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("passerby.db*"))
        for part in old.iterdir():
            shutil.copy(part, copy)
        goes_on(copy, 80, 50)


def test_the_index_may_be_lost_or_damaged(tmp_path: Path) -> None:
    start, packets = stream()
    for harm in ("lost", "damaged"):
        root = tmp_path / harm
        with opened(root) as (tape, _, _):
            tape.start(start, NOON)
            for packet in packets:
                tape.packet(packet)
            tape.stop()
        database = Layout(root).database
        if harm == "lost":
            database.unlink()
        else:
            database.write_bytes(b"not a database at all" * 500)
        goes_on(root, 100, 20)
        assert (len(list(root.glob("passerby.db.damaged-*"))) > 0) == (harm == "damaged")


def test_torn_anywhere_in_its_last_bytes(tmp_path: Path) -> None:
    """Cut off at any byte, or filled with zeros or noise from there on: whole parts stay, the rest is cut off."""
    rng = random.Random(7)
    root = tmp_path / "data"
    start, packets = stream()
    with opened(root) as (tape, store, _):
        tape.start(start, NOON)
        for packet in packets[:75]:
            tape.packet(packet)
        (row,) = all_epochs(store, CAMERA)
        shutil.copytree(root, tmp_path / "whole")
        indexed = sum(not s.gap for s in kept(store)) * 20
    size = (Layout(tmp_path / "whole").camera(CAMERA) / row.file).stat().st_size
    assert size > row.size
    for number in range(60):
        copy = tmp_path / f"torn{number}"
        shutil.copytree(tmp_path / "whole", copy)
        file = Layout(copy).camera(CAMERA) / row.file
        cut = rng.randrange(row.size, size)
        rest = (b"", bytes(size - cut), rng.randbytes(size - cut))[number % 3]
        file.write_bytes(file.read_bytes()[:cut] + rest)
        goes_on(copy, indexed, 30)


def test_the_file_may_lag_behind_the_index(tmp_path: Path) -> None:
    """As in a copy that took the video first: what the file no longer has, the index forgets."""
    root = tmp_path / "data"
    start, packets = stream()
    with opened(root) as (tape, store, _):
        tape.start(start, NOON)
        for packet in packets:
            tape.packet(packet)
        tape.stop()
        (row,) = all_epochs(store, CAMERA)
        third = kept(store)[2]
    file = Layout(root).camera(CAMERA) / row.file
    file.write_bytes(file.read_bytes()[: third.offset + 5])
    with opened(root) as (_, store, done):
        assert (done.lost, check_all_play(root, store)) == (3, 40)
    goes_on(root, 40, 30)


def test_recovery_of_what_is_whole_changes_nothing(tmp_path: Path) -> None:
    start, packets = stream()
    with opened(tmp_path) as (tape, store, _):
        tape.start(start, NOON)
        for packet in later(packets, 0):
            tape.packet(packet)
        tape.stop()
        before = all_epochs(store, CAMERA)
    with opened(tmp_path) as (_, store, done):
        assert all_epochs(store, CAMERA) == before
        assert (done.segments, done.cut_bytes, done.lost, done.removed, done.missing) == (0, 0, 0, 0, 0)
