"""Power lost, or a disk that fails, at every single operation: no second history, nothing acknowledged is lost."""

from __future__ import annotations

import pytest
from tests.unit.ledger.disk_model import ModelDisk, PowerLoss
from tests.unit.ledger.kit import LOG, ORIGIN, files, ports, reader

from passerby.ledger import checkpoint as write
from passerby.ledger import log as log_module
from passerby.ledger import merkle
from passerby.ledger.errors import LedgerError, Unsafe
from passerby.ledger.log import Log
from passerby.ledger.verify import Checkpoint, Trust, leaf_hash, verify_log
from passerby.store.ledger import journal as journal_module

TRUST = Trust([LOG.key])
SEEDS = range(4)


class Story:
    """What happened to a log, as the world outside saw it."""

    def __init__(self) -> None:
        self.acknowledged: dict[int, bytes] = {}
        self.shown: set[Checkpoint] = set()
        self.asked: dict[bytes, bytes] = {}  # entries by their callers' keys

    def run(self, disk: ModelDisk) -> None:
        """Create a log where there is none, append, publish, repeat a call, close."""
        log = self.open(disk)
        for number in range(3):
            self.append(log, f"early {number}".encode())
        self.publish(log, disk)
        many = [(f"many {n}".encode(), f"many {n}".encode()) for n in range(258)]
        self.asked |= {key: entry for entry, key in many}
        for index, (entry, _) in zip(log.append_many(many), many, strict=True):
            self.acknowledge(index, entry)
        self.publish(log, disk)
        self.append(log, b"early 1")  # a repetition
        self.append(log, b"late")
        self.publish(log, disk)
        self.append(log, b"later")
        log.close()
        self.look(disk)

    def open(self, disk: ModelDisk) -> Log:
        try:
            return Log([LOG], ports(disk))
        except Unsafe as error:
            if "state is missing" not in str(error):
                raise
        Log.create([LOG], ORIGIN, ports(disk))
        return Log([LOG], ports(disk))

    def append(self, log: Log, entry: bytes) -> None:
        self.asked[entry] = entry
        self.acknowledge(log.append(entry, key=entry), entry)

    def acknowledge(self, index: int, entry: bytes) -> None:
        assert self.acknowledged.setdefault(index, entry) == entry

    def publish(self, log: Log, disk: ModelDisk) -> None:
        try:
            log.publish()
        finally:
            self.look(disk)

    def look(self, disk: ModelDisk) -> None:
        """Anybody may fetch the checkpoint at any time."""
        if note := files(disk).get("checkpoint"):
            self.shown.add(TRUST.check(note)[0])

    def judge(self, disk: ModelDisk) -> None:
        """Open the log again, finish what was asked for, and hold it to everything that was seen before."""
        log = self.open(disk)
        self.look(disk)
        held = list(log.entries(0))
        for index, entry in self.acknowledged.items():
            assert held[index] == entry, index
        missing = [(entry, key) for key, entry in self.asked.items() if log.find(key) is None]
        log.append_many([*missing, (b"early 1", b"early 1")] if b"early 1" in self.asked else missing)
        log.close()
        found: list[bytes] = []
        verify_log(reader(files(disk)), TRUST, lambda _, entry: found.append(entry))
        assert sorted(found) == sorted(self.asked.values())  # each once, none that nobody asked for
        get = merkle.of_leaves([leaf_hash(entry) for entry in found])
        for point in self.shown:
            assert point.size <= len(found)
            assert merkle.root(point.size, get) == point.root, "two histories"
        for index, entry in self.acknowledged.items():
            assert found[index] == entry


@pytest.fixture(autouse=True)
def short_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that beginning it anew and making it longer are among what is interrupted."""
    monkeypatch.setattr(log_module, "LONG_JOURNAL", 2000)
    monkeypatch.setattr(journal_module, "_ROOM", 300)


def operations() -> int:
    disk = ModelDisk()
    Story().run(disk)
    return disk.operations


def test_the_story_touches_every_kind_of_operation() -> None:
    disk = ModelDisk()
    story = Story()
    story.run(disk)
    kinds = {what.split(" /")[0] for what in disk.done}
    assert kinds == {"write", "patch", "sync", "rename", "sync folder", "make folder", "remove folder"}
    assert any("journal" in what for what in disk.done if what.startswith("rename"))
    assert len(story.shown) == 4
    story.judge(disk)


@pytest.mark.parametrize("seed", SEEDS)
def test_power_is_lost_at_every_operation(seed: int) -> None:
    for at in range(1, operations() + 1):
        disk, story = ModelDisk(fail_at=at), Story()
        with pytest.raises(PowerLoss):
            story.run(disk)
        story.look(disk)
        story.judge(disk.after_power_loss(seed + (at << 8) if seed > 1 else seed))


@pytest.mark.parametrize("seed", range(2))
def test_power_is_lost_again_while_recovering(seed: int) -> None:
    for at in range(1 + seed, operations() + 1, 5):
        disk, story = ModelDisk(fail_at=at), Story()
        with pytest.raises(PowerLoss):
            story.run(disk)
        story.look(disk)
        for again in range(1, 40, 3):
            second = disk.after_power_loss(seed)
            second.fail_at = again
            try:
                story.judge(second)
            except PowerLoss:
                story.look(second)
                story.judge(second.after_power_loss(seed + 1))
            else:
                break


def test_the_disk_fails_at_every_operation() -> None:
    """An error of the disk is told as such, nothing more is signed, and after reopening all is well."""
    for at in range(1, operations() + 1):
        disk, story = ModelDisk(fail_at=at, error=True), Story()
        try:
            story.run(disk)
        except (Unsafe, OSError):
            pass
        else:
            assert "remove folder" in disk.done[at - 1], disk.done[at - 1]
        story.look(disk)
        story.judge(disk)


def test_after_a_failed_sync_nothing_more_is_acknowledged() -> None:
    disk = ModelDisk()
    log = Story().open(disk)
    log.append(b"good")
    disk.error, disk.fail_at = True, disk.operations + 2  # the journal's sync
    with pytest.raises(Unsafe, match=r"journal can't be written"):
        log.append(b"bad")
    with pytest.raises(Unsafe, match=r"journal can't be written"):
        log.append(b"worse")
    with pytest.raises(Unsafe, match=r"journal can't be written"):
        log.publish()
    log.abandon()


def test_control_a_writer_that_signs_first_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix can fail: with the checkpoint shown before tiles and state are durable, it does."""

    def hasty(self: Log, batch: object) -> tuple[bytes, list[str]]:
        for record in batch:  # type: ignore[attr-defined]
            list(self._edge.add(record.entry))
        note = log_module.sign_note(write.body(ORIGIN, self._edge.size, self._edge.root()), [LOG], 0)
        self._ports.objects.put([("checkpoint", note)])
        self._ports.objects.put(self._edge.partial())
        self._ports.state.save(note)
        return note, []

    monkeypatch.setattr(Log, "_store", hasty)
    caught = 0
    for at in range(1, 60):
        disk, story = ModelDisk(fail_at=at), Story()
        try:
            story.run(disk)
        except PowerLoss:
            pass
        except (AssertionError, Unsafe):
            caught += 1
            continue
        try:
            story.look(disk)
            story.judge(disk.after_power_loss(0))
        except (AssertionError, LedgerError, KeyError):
            caught += 1
    assert caught


@pytest.mark.parametrize("lost", ["write", "sync"])
def test_control_a_journal_that_does_not_sync_is_caught(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix can fail: without the journal's sync, an acknowledged entry is lost."""
    from passerby.store.ledger.disk import PRIVATE
    from passerby.store.ledger.journal import FileJournal, _frame

    def lazy(self: FileJournal, records: object) -> None:
        if not self.length:
            self.restart(0, [])
        if lost == "sync":
            self._disk.patch(self._path, self.length, _frame(records, self._salt), PRIVATE)  # type: ignore[arg-type]
        self.length += 1

    monkeypatch.setattr(FileJournal, "append", lazy)
    disk, story = ModelDisk(), Story()
    log = story.open(disk)
    story.append(log, b"promised")
    with pytest.raises((AssertionError, IndexError)):
        story.judge(disk.after_power_loss(0))
