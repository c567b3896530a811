"""The key file: power lost and faults at every operation, kills, readers beside a writer, and what a raw scan finds."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import threading
from pathlib import Path

import pytest
from tests.unit.ledger.disk_model import ModelDisk, PowerLoss

from passerby.archive.keys import master
from passerby.archive.keys.key_file import KeyFile, KeyReader, slots_path
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.keys.slots import HEAD_BYTES, SLOT_BYTES, Label, label_of, wrapped_of
from passerby.base.errors import KeysError
from passerby.store.ledger.disk import LocalDisk

FOLDER = Path("/d/keys")
ROUNDS = int(os.environ.get("PASSERBY_SOAK_ROUNDS", "20"))


def label(n: int, kind: str = "redacted") -> Label:
    return Label(EpochId("entrance", n * HOUR_US, HOUR_US, kind), n, n + 9, 9)


class Story:
    """What was asked of a key file, and what it answered."""

    def __init__(self) -> None:
        self.keys: dict[EpochId, bytes] = {}
        self.asked: set[EpochId] = set()
        self.dead: set[EpochId] = set()

    def tell(self, keys: KeyFile) -> None:
        """Births and deaths; each counts as acknowledged once it returns."""
        for n in range(4):
            self.keys[label(n).epoch] = keys.born(label(n))
        self.destroy(keys, 1)
        self.keys[label(7, "plate").epoch] = keys.born(label(7, "plate"))
        self.destroy(keys, 0, 3)

    def destroy(self, keys: KeyFile, *numbers: int) -> None:
        epochs = [label(n).epoch for n in numbers]
        self.asked.update(epochs)
        keys.destroy(epochs)
        self.dead.update(epochs)

    def check(self, keys: KeyFile) -> None:
        for epoch, key in self.keys.items():
            if epoch in self.dead:
                with pytest.raises(KeysError, match="destroyed"):
                    keys.key_of(epoch)
            elif epoch not in self.asked or keys.lives(epoch):
                assert keys.key_of(epoch) == key


@pytest.mark.parametrize("error", [False, True])
def test_power_lost_or_an_error_at_every_operation(error: bool) -> None:
    """Nothing acknowledged is lost, nothing destroyed comes back, and the next opening goes on."""
    for fail_at in itertools.count(1):
        disk, story, numbers = ModelDisk(fail_at, error), Story(), random.Random(fail_at)
        with contextlib.suppress(PowerLoss, KeysError):
            story.tell(KeyFile(FOLDER, disk, numbers.randbytes))
        if disk.operations < fail_at:
            break
        for seed in range(6):
            found = disk.after_power_loss(seed)
            keys = KeyFile(FOLDER, found, numbers.randbytes)
            story.check(keys)
            # Whatever was asked for and cut short can be asked for again.
            keys.destroy(story.asked)
            again = KeyFile(FOLDER, found, numbers.randbytes)
            assert not any(again.lives(epoch) for epoch in story.asked)
            for epoch in story.keys.keys() - story.asked:
                assert again.key_of(epoch) == story.keys[epoch]
            assert again.born(label(20)) == KeyFile(FOLDER, found).key_of(label(20).epoch)
    assert fail_at > 40


def test_an_error_is_told_and_the_same_key_file_goes_on() -> None:
    for fail_at in range(1, 60):
        disk = ModelDisk(0)
        keys, story = KeyFile(FOLDER, disk), Story()
        disk.error, disk.fail_at = True, disk.operations + fail_at
        try:
            story.tell(keys)
        except KeysError:
            story.check(keys)
            keys.destroy(story.asked)
            assert not any(keys.lives(epoch) for epoch in story.asked)


def secrets(folder: Path) -> list[bytes]:
    """The wrapped bytes of every slot, and the master keys, as they lie on the disk."""
    found = [m.key for raw in master.read(folder / "master", LocalDisk()) if (m := master.parse(raw))]
    for place in range(2):
        raw = slots_path(folder, place).read_bytes() if slots_path(folder, place).exists() else b""
        slots = [raw[at : at + SLOT_BYTES] for at in range(HEAD_BYTES, len(raw), SLOT_BYTES)]
        found += [wrapped_of(slot) for slot in slots if label_of(slot)]
    return found


def everything(root: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file())


def test_a_raw_scan_finds_destroyed_slots_and_old_masters_before_and_not_after(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    for n in range(200):
        keys.born(label(n))
    before = secrets(tmp_path / "keys")
    assert len(before) == 201
    assert all(secret in everything(tmp_path) for secret in before)
    keys.destroy([label(n).epoch for n in range(100)])
    after = everything(tmp_path)
    assert not any(secret in after for secret in before)
    assert len(secrets(tmp_path / "keys")) == 101
    assert all(keys.lives(label(n).epoch) == (n >= 100) for n in range(200))


class Forgetful(ModelDisk):
    """As Linux: after a sync that failed, what was written counts as synced although the platter has the old."""

    def __init__(self, fail_at: int = 0, error: bool = False) -> None:
        super().__init__(fail_at, error)
        self.forgotten: set[Path] = set()

    def patch(self, path: Path, at: int, content: bytes, mode: int) -> None:
        self.forgotten.discard(path)
        super().patch(path, at, content, mode)

    def sync(self, path: Path) -> None:
        safe = self.names[path].safe
        try:
            super().sync(path)
        except OSError:
            self.forgotten.add(path)
            raise
        if path in self.forgotten:
            self.names[path].safe = safe

    def platter(self) -> bytes:
        return b"".join(node.safe for node in self.names.values())


@pytest.mark.parametrize("error", [False, True])
def test_a_rotation_that_was_cut_short_is_owed_until_it_is_made(error: bool) -> None:
    """Slots were overwritten and nothing is due any more: the old master goes all the same."""
    for after in itertools.count(1):
        disk = Forgetful()
        keys = KeyFile(FOLDER, disk)
        for n in range(3):
            keys.born(label(n))
        assert not keys.owed
        before = [keys._master.key, wrapped_of(keys._raw[keys._slots[label(1).epoch]])]
        disk.fail_at, disk.error = disk.operations + after, error
        try:
            keys.destroy([label(1).epoch])
            break
        except (KeysError, PowerLoss):
            pass
        for seed in range(1 if error else 4):
            found = disk
            if not error:
                found = Forgetful()
                found.__dict__.update(disk.after_power_loss(seed).__dict__)
                keys = KeyFile(FOLDER, found)
            if not keys.lives(label(1).epoch):
                assert keys.owed
                if keys.generation > 1:
                    # The deciding step is behind it: no further rotation is needed for this.
                    assert not any(secret in found.platter() for secret in before), (after, seed)
                keys.destroy([])
                assert not keys.owed
                assert not any(secret in found.platter() for secret in before), (after, seed)
            assert keys.lives(label(0).epoch) and keys.lives(label(2).epoch)
    assert after > 8


def test_files_are_private_and_keep_their_place(tmp_path: Path) -> None:
    """Overwritten in place: no file is ever replaced, so no old one is left in free blocks."""
    keys = KeyFile(tmp_path / "keys")
    keys.born(label(1))
    keys.destroy([label(5).epoch])
    nodes = {p.name: p.stat().st_ino for p in (tmp_path / "keys").iterdir()}
    for n in range(6):
        keys.born(label(10 + n))
        keys.destroy([label(9 + n).epoch])
    assert {p.name: p.stat().st_ino for p in (tmp_path / "keys").iterdir()} == nodes
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.mark.parametrize("at", range(0, 160, 7))
def test_every_part_of_a_slot_is_authenticated(tmp_path: Path, at: int) -> None:
    keys = KeyFile(tmp_path / "keys")
    keys.born(label(1))
    path = slots_path(tmp_path / "keys", keys.generation % 2)
    raw = bytearray(path.read_bytes())
    raw[HEAD_BYTES + at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(KeysError):
        KeyReader(tmp_path / "keys").key_of(label(1).epoch)
    # A damaged slot keeps no other from being destroyed in time.
    other = KeyFile(tmp_path / "keys")
    other.born(label(2))
    other.destroy([label(2).epoch])
    assert not other.lives(label(2).epoch)


def test_a_slot_that_is_copied_back_opens_nothing(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    for n in range(3):
        keys.born(label(n))
    old = slots_path(tmp_path / "keys", 1).read_bytes()
    keys.destroy([label(1).epoch])
    path = slots_path(tmp_path / "keys", 0)
    path.write_bytes(path.read_bytes()[:HEAD_BYTES] + old[HEAD_BYTES:])
    with pytest.raises(KeysError):
        KeyReader(tmp_path / "keys").key_of(label(1).epoch)


def test_no_key_file_is_begun_where_one_should_be(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="not mounted"):
        KeyFile(tmp_path / "keys", begin=False)
    keys = KeyFile(tmp_path / "keys")
    keys.born(label(1))
    (tmp_path / "keys" / "master").unlink()
    with pytest.raises(KeysError, match="lost its master"):
        KeyFile(tmp_path / "keys")


def test_a_reader_beside_a_writer_that_never_rests(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    key, reader, end = keys.born(label(1)), KeyReader(tmp_path / "keys"), threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not end.is_set():
            if (found := reader.key_of(label(1).epoch)) != key:
                wrong.append(found)

    thread = threading.Thread(target=read)
    thread.start()
    for n in range(2, 60):
        keys.born(label(n))
        keys.destroy([label(n).epoch])
    end.set()
    thread.join()
    assert not wrong


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """``kill -9``: what was acknowledged lives, what was destroyed stays so."""
    chance, folder, alive = random.Random(3), tmp_path / "keys", dict[EpochId, bytes]()
    KeyFile(folder)
    for number in range(ROUNDS):
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            try:
                _live(folder, number, write)
            finally:
                os._exit(1)
        os.close(write)
        wanted, told = chance.randrange(1, 12), list[str]()
        with os.fdopen(read) as lines:
            while len(told) < wanted:
                told.append(lines.readline())
            os.kill(child, signal.SIGKILL)
            told += [line for line in lines if line.endswith("\n")]
        os.waitpid(child, 0)
        dying = set[EpochId]()
        for word, n, *rest in (line.split() for line in told):
            epoch = label(int(n)).epoch
            if word == "born":
                alive[epoch] = bytes.fromhex(rest[0])
            elif word == "dying":
                dying.add(epoch)
            else:
                alive.pop(epoch, None)
        keys = KeyFile(folder)
        for epoch, key in alive.items():
            if epoch not in dying or keys.lives(epoch):
                assert keys.key_of(epoch) == key
        alive = {epoch: key for epoch, key in alive.items() if keys.lives(epoch)}
        for other in keys.labels():
            assert other.epoch in alive or other.epoch.hour >= number * 1000, "a destroyed key lives"
            alive.setdefault(other.epoch, keys.key_of(other.epoch))


def _live(folder: Path, number: int, out: int) -> None:
    keys = KeyFile(folder)
    for n in itertools.count(number * 1000):
        os.write(out, f"born {n} {keys.born(label(n)).hex()}\n".encode())
        if n % 3 == 2:
            os.write(out, f"dying {n - 1}\n".encode())
            keys.destroy([label(n - 1).epoch])
            os.write(out, f"dead {n - 1}\n".encode())
