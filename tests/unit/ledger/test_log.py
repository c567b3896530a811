"""The writer: order, repetition, freezing, two writers, and refusing to sign what does not fit."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.unit.ledger.disk_model import ModelDisk
from tests.unit.ledger.kit import LOG, NOW, ORIGIN, PQ, W1, files, new_log, ports, ports_at, reader, signer

from passerby.ledger import log as log_module
from passerby.ledger.checkpoint import body
from passerby.ledger.errors import Misuse, Unsafe
from passerby.ledger.log import Log
from passerby.ledger.note import sign_note
from passerby.ledger.succession import continue_entry, freeze_entry, verify_succession
from passerby.ledger.verify import Trust, leaf_hash, tree_root, verify_log
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.home import FileLock, Home, create, open_log

TRUST = Trust([LOG.key])


def entries_of(disk: ModelDisk) -> list[bytes]:
    found: list[bytes] = []
    verify_log(reader(files(disk)), TRUST, lambda _, entry: found.append(entry))
    return found


def reopened(disk: ModelDisk) -> Log:
    return Log([LOG], ports(disk))


def test_in_order_and_published() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    assert [log.append(b"a"), *log.append_many([(b"b", b""), (b"a", b"")]), log.append(b"")] == [0, 1, 2, 3]
    assert log.published.size == 0, "acknowledged, not yet published"
    assert log.size == 4
    log.publish()
    assert entries_of(disk) == [b"a", b"b", b"a", b""]
    assert log.publish() == log.note
    assert [log.entry(n) for n in range(4)] == [b"a", b"b", b"a", b""] == list(log.entries(0))
    log.append(b"last")
    assert list(log.entries(3)) == [b"", b"last"]
    log.close()
    assert entries_of(disk)[4] == b"last"
    with pytest.raises(Unsafe, match=r"closed"):
        log.append(b"too late")


def test_what_was_acknowledged_is_there_after_a_sudden_end() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    log.append(b"published")
    log.publish()
    log.append(b"acknowledged", b"key")
    log.abandon()
    log = reopened(disk)
    assert log.size == 2
    assert log.append(b"acknowledged", b"key") == 1
    log.close()
    assert entries_of(disk) == [b"published", b"acknowledged"]


def test_a_call_repeated_with_its_key_enters_once() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    assert log.append_many([(b"x", b"k"), (b"y", b""), (b"x", b"k"), (b"y", b"")]) == [0, 1, 0, 2]
    log.publish()
    assert log.append(b"x", b"k") == 0
    assert log.find(b"k") == 0
    assert log.find(b"other") is None
    with pytest.raises(Misuse, match=r"this key was used for another entry, number 0"):
        log.append(b"z", b"k")
    log.close()
    log = reopened(disk)
    assert log.append(b"x", b"k") == 0
    with pytest.raises(Misuse, match=r"this key was used"):
        log.append(b"z", b"k")
    assert log.size == 3


def test_many_keys() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    items = [(f"e{n}".encode(), f"k{n}".encode()) for n in range(3000)]
    assert log.append_many(items) == list(range(3000))
    assert log.append_many(items[::-7]) == list(range(3000))[::-7]
    log.close()
    assert reopened(disk).append_many(items[::-5]) == list(range(3000))[::-5]


def test_entries_that_are_too_long() -> None:
    log = new_log()
    assert log.append(bytes(65_535)) == 0
    with pytest.raises(Misuse, match=r"an entry of 65536 bytes is too long: 65535 is the most"):
        log.append(bytes(65_536))
    assert log.size == 1


def test_64_callers_share_syncs() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    before = sum(what.startswith("sync ") for what in disk.done)
    gate = threading.Barrier(64)
    slow = disk.sync
    indices: dict[bytes, int] = {}

    def sync(path: Path) -> None:
        threading.Event().wait(0.002)
        slow(path)

    disk.sync = sync  # type: ignore[method-assign]

    def call(number: int) -> None:
        gate.wait()
        for again in range(5):
            entry = f"{number} {again}".encode()
            indices[entry] = log.append(entry, entry)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    syncs = sum(what.startswith("sync ") for what in disk.done) - before
    assert syncs < 100, "320 acts, a few dozen syncs"
    log.close()
    found = entries_of(disk)
    assert sorted(found) == sorted(indices)
    assert all(found[index] == entry for entry, index in indices.items())


def test_many_entries_are_published_by_those_who_append(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MOST_WAITING", 10)
    disk = ModelDisk()
    log = new_log(disk)
    log.append_many([(b"x", b"")] * 11)
    assert log.published.size == 11


def test_two_writers_never(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "log")
    create(home, ORIGIN, LocalDisk(), lambda: NOW, lambda n: b"r" * n)
    with open_log(home, LocalDisk(), lambda: NOW) as log:
        log.append(b"x")
        with pytest.raises(Misuse, match=r"another writer has this ledger's key in use"):
            open_log(home, LocalDisk(), lambda: NOW)
        copy = Home(tmp_path / "copy", home.key)  # another folder with the same key
        with pytest.raises(Misuse, match=r"another writer"):
            open_log(copy, LocalDisk(), lambda: NOW)
    open_log(home, LocalDisk(), lambda: NOW).close()
    assert isinstance(ports(ModelDisk()).lock, object)
    assert FileLock


def test_a_failed_opening_gives_the_lock_back() -> None:
    world = ports(ModelDisk())
    with pytest.raises(Unsafe):
        Log([LOG], world)
    assert world.lock.held == 0  # type: ignore[attr-defined]


def test_an_existing_log_is_not_begun_anew() -> None:
    disk = ModelDisk()
    new_log(disk).close()
    with pytest.raises(Misuse, match=r"there is a log already"):
        Log.create([LOG], ORIGIN, ports(disk))
    del disk.names[Path("/d/log/checkpoint")]
    with pytest.raises(Misuse, match=r"there is a log already"):
        Log.create([LOG], ORIGIN, ports(disk))


def damaged(change) -> pytest.ExceptionInfo[Unsafe]:  # type: ignore[no-untyped-def]
    """A log of 300 entries, changed behind its writer's back, and what it says when opened."""
    disk = ModelDisk()
    log = new_log(disk)
    log.append_many([(str(n).encode(), b"") for n in range(300)])
    log.publish()
    earlier = {path: bytes(node.now) for path, node in disk.names.items()}
    log.append_many([(str(n).encode(), b"") for n in range(300, 310)])
    log.close()
    change(disk, earlier)
    before = {path: bytes(node.now) for path, node in disk.names.items()}
    with pytest.raises(Unsafe) as found:
        reopened(disk)
    assert {path: bytes(node.now) for path, node in disk.names.items()} == before, "it changed nothing"
    return found


def put(disk: ModelDisk, path: str, content: bytes) -> None:
    disk.names[Path("/d") / path].now[:] = content


def test_refuses_when_the_data_folder_is_lost() -> None:
    def lose(disk: ModelDisk, _earlier: object) -> None:
        for path in [p for p in disk.names if Path("/d/log") in p.parents]:
            del disk.names[path]

    assert "the folder does not hold the 310 entries that were signed" in str(damaged(lose).value)


def test_refuses_when_the_data_folder_is_rolled_back() -> None:
    def roll_back(disk: ModelDisk, earlier: dict[Path, bytes]) -> None:
        for path in [p for p in disk.names if Path("/d/log") in p.parents]:
            if path in earlier:
                disk.names[path].now[:] = earlier[path]
            else:
                del disk.names[path]

    assert "the folder does not hold the 310 entries that were signed" in str(damaged(roll_back).value)


def test_refuses_when_the_state_is_rolled_back() -> None:
    def roll_back(disk: ModelDisk, earlier: dict[Path, bytes]) -> None:
        put(disk, "log.state", earlier[Path("/d/log.state")])

    assert "is older than the log, which has signed 310 entries" in str(damaged(roll_back).value)


def test_refuses_another_tree_of_the_same_size() -> None:
    def swap(disk: ModelDisk, _earlier: object) -> None:
        put(disk, "log/tile/1/000.p/1", bytes(32))

    assert "the folder's tree of 310 entries is not the one that was signed" in str(damaged(swap).value)


def test_refuses_other_entries_than_the_tiles() -> None:
    def swap(disk: ModelDisk, _earlier: object) -> None:
        raw = bytes(disk.names[Path("/d/log/tile/entries/001.p/54")].now)
        put(disk, "log/tile/entries/001.p/54", raw.replace(b"309", b"999"))

    assert "restore the folder from a mirror" in str(damaged(swap).value)


def test_refuses_without_the_state() -> None:
    found = damaged(lambda disk, _: disk.names.pop(Path("/d/log.state")))
    assert "the last signed state is missing beside the key" in str(found.value)


def test_refuses_a_journal_that_begins_later() -> None:
    def restart(disk: ModelDisk, _earlier: object) -> None:
        ports(disk).journal.restart(999, [])

    assert "the journal begins at entry 999, the log ends at 310" in str(damaged(restart).value)


def test_refuses_a_journal_with_a_hole() -> None:
    def damage(disk: ModelDisk, _earlier: object) -> None:
        node = disk.names[Path("/d/log.journal")]
        node.now[60] ^= 1

    assert "is damaged before entries that were acknowledged" in str(damaged(damage).value)


def test_a_lost_or_old_journal_is_no_harm_where_all_is_published() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    log.append(b"x")
    log.close()
    del disk.names[Path("/d/log.journal")]
    log = reopened(disk)
    assert log.append(b"y") == 1
    log.close()
    assert entries_of(disk) == [b"x", b"y"]


def test_a_checkpoint_that_was_signed_but_not_shown_is_shown() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    old = files(disk)["checkpoint"]
    log.append(b"x")
    log.close()
    for stale in (old, b"garbage"):
        put(disk, "log/checkpoint", stale)
        reopened(disk).abandon()
        assert TRUST.check(files(disk)["checkpoint"])[0].size == 1


def test_a_state_by_another_key_is_refused() -> None:
    disk = ModelDisk()
    new_log(disk).close()
    with pytest.raises(Exception, match=r"not signed by the log's key"):
        Log([signer(salt="other")], ports(disk))


def test_two_keys_sign() -> None:
    disk = ModelDisk()
    second = signer(ORIGIN, PQ.kind)
    log = new_log(disk, (LOG, second))
    log.append(b"x")
    log.close()
    for key in (LOG.key, second.key):
        assert Trust([key]).check(files(disk)["checkpoint"])[0].size == 1


def test_cosignatures_are_shown() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    text = log.note.decode().split("\n\n")[0] + "\n"
    log.add_cosignatures([W1.sign(text, NOW)])
    assert W1.name in files(disk)["checkpoint"].decode()
    log.append(b"x")
    log.publish()
    assert W1.name not in files(disk)["checkpoint"].decode(), "it did not sign this one"


def test_partial_tiles_go_when_full_ones_come() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    for _ in range(26):
        log.append_many([(b"x", b"")] * 10)
        log.publish()
    found = files(disk)
    assert "tile/0/000" in found
    assert not [p for p in found if p.startswith(("tile/0/000.p", "tile/entries/000.p"))]
    verify_log(found.get, TRUST)


def test_frozen_for_ever() -> None:
    disk = ModelDisk()
    log = new_log(disk)
    log.append(b"x")
    heir = signer("example.org/next")
    with pytest.raises(Misuse, match=r"would close the log"):
        log.append(freeze_entry([heir.key]))
    log.append_many([(freeze_entry([heir.key]), b"")], last=True)
    with pytest.raises(Misuse, match=r"the log is frozen: append to its successor"):
        log.append(b"y")
    log.close()
    log = reopened(disk)
    with pytest.raises(Misuse, match=r"the log is frozen"):
        log.append(b"y")
    log.publish()
    assert log.size == 2


def test_the_end_of_one_and_the_beginning_of_the_next() -> None:
    disk = ModelDisk()
    heir = signer("example.org/next")
    log = new_log(disk)
    log.append_many([(freeze_entry([heir.key]), b"")], last=True)
    log.publish()
    end, last = log.published, log.entry(0)
    first = continue_entry([LOG.key], end)
    note = sign_note(body("example.org/next", 1, tree_root([leaf_hash(first)])), [heir], 0)
    begun, _ = Trust([heir.key]).check(note)
    old, new = (end, [LOG.key], last), (begun, [heir.key], first)
    assert verify_succession(old, new)[0] == "example.org/log was closed after 1 entries"
    for wrong, words in (
        (((end, [LOG.key], b'{"act":"x"}'), new), "is not closed"),
        ((old, (begun, [LOG.key], first)), "names another successor"),
        ((old, (begun, [heir.key], continue_entry([heir.key], end))), "does not begin where"),
    ):
        with pytest.raises(Exception, match=words):
            verify_succession(*wrong)
    for garbage in (b"", b"[]", b"{"):
        with pytest.raises(Exception, match=r"not JSON|not a JSON object"):
            verify_succession((end, [LOG.key], garbage), new)


def test_keys_are_private_and_outside(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "log")
    create(home, ORIGIN, LocalDisk(), lambda: NOW, lambda n: b"r" * n)
    with open_log(home, LocalDisk(), lambda: NOW) as log:
        log.append(b"x", b"k")
    private = sorted(p for p in tmp_path.iterdir() if p.is_file())
    assert [p.name for p in private] == ["log.journal", "log.key", "log.lock", "log.seen", "log.state"]
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in private)
    assert all(p.stat().st_mode & 0o777 == 0o644 for p in (tmp_path / "log").rglob("*") if p.is_file())
    secret = home.key.read_text().strip()[-30:]
    assert not [p for p in (tmp_path / "log").rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]
    with pytest.raises(Misuse, match=r"inside the public folder"):
        Home.at(tmp_path / "log", tmp_path / "log" / "log.key")
    with pytest.raises(Misuse, match=r"there is a log at"):
        create(home, ORIGIN, LocalDisk(), lambda: NOW, lambda n: b"r" * n)
    home.key.chmod(0o644)
    with pytest.raises(Misuse, match=r"can be read by others: chmod 600"):
        home.signers()
    home.key.unlink()
    with pytest.raises(Misuse, match=r"there is no key at"):
        home.signers()
    elsewhere = Home.at(tmp_path / "b", tmp_path / "keys" / "mine")
    create(elsewhere, ORIGIN, LocalDisk(), lambda: NOW, lambda n: b"q" * n, post_quantum=True)
    assert (tmp_path / "keys" / "mine.state").is_file()
    assert len((tmp_path / "b" / "log.vkey").read_text().splitlines()) == 2


class Model(RuleBasedStateMachine):
    """A log on a real disk against a plain list, with reopening at any time."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name) / "log"
        root.mkdir()
        self.place = (root, root)
        Log.create([LOG], ORIGIN, ports_at(LocalDisk(), *self.place))
        self.log = Log([LOG], ports_at(LocalDisk(), *self.place))
        self.expected: list[bytes] = []
        self.keys: dict[bytes, int] = {}

    @rule(items=st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([b"", b"a", b"b", b"c"])), max_size=200))
    def append(self, items: list[tuple[bytes, bytes]]) -> None:
        items = [(entry if not key else b"entry of " + key, key) for entry, key in items]
        for (entry, key), index in zip(items, self.log.append_many(items), strict=True):
            if key and key in self.keys:
                assert index == self.keys[key]
                continue
            assert index == len(self.expected)
            self.expected.append(entry)
            if key:
                self.keys[key] = index

    @rule()
    def publish(self) -> None:
        self.log.publish()
        assert self.log.published.root == tree_root([leaf_hash(e) for e in self.expected])

    @rule(kindly=st.booleans())
    def reopen(self, kindly: bool) -> None:
        self.log.close() if kindly else self.log.abandon()
        self.log = Log([LOG], ports_at(LocalDisk(), *self.place))

    @invariant()
    def holds_all(self) -> None:
        assert list(self.log.entries(0)) == self.expected

    def teardown(self) -> None:
        self.log.close()
        root = self.place[0]
        verify_log(lambda p: (root / p).read_bytes() if (root / p).is_file() else None, TRUST)
        self.folder.cleanup()


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
