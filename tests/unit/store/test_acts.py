"""Acts that wait for the ledger: durable, in order, delivered once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from passerby.base.errors import StoreError
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.schema import Act, parse_act
from passerby.store.acts import ActQueue
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, create, open_log

ACTOR = "p-" + "0" * 32


def stop(number: int) -> Act:
    return {"act": "stop", "actor": ACTOR, "camera": "cam-1", "permit": "ab" * 32, "time": number}


def test_they_wait_in_order_and_survive_a_restart(tmp_path: Path) -> None:
    assert ActQueue(tmp_path / "acts").waiting() == []
    for number in range(3):
        ActQueue(tmp_path / "acts").put(stop(number))
    assert ActQueue(tmp_path / "acts").waiting() == [stop(0), stop(1), stop(2)]


def test_a_write_that_was_cut_loses_nothing_that_was_put(tmp_path: Path) -> None:
    path = tmp_path / "acts"
    ActQueue(path).put(stop(1))
    whole = path.read_bytes()
    ActQueue(path).put(stop(2))
    longer = path.read_bytes()
    for cut in range(len(whole), len(longer)):
        path.write_bytes(longer[:cut])
        assert ActQueue(path).waiting() == [stop(1)]


def test_delivered_late_with_their_own_time_and_only_once(tmp_path: Path) -> None:
    home, disk = Home.at(tmp_path / "log"), LocalDisk()
    create(home, "example.org/ledger", disk, lambda: 5000, lambda n: b"k" * n)
    queue, keys = ActQueue(tmp_path / "acts"), list[bytes]()
    for number in (1000, 1001):
        queue.put(stop(number))
    with open_log(home, disk, lambda: 5000) as log:
        writer = ActWriter(log, OneFile(tmp_path / "memory", disk), lambda: 5000)

        def take_and_die(acts: Sequence[tuple[Act, bytes]]) -> None:
            keys.extend(key for _, key in acts)
            writer.append_many(acts)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            queue.deliver(take_and_die)
        assert len(queue.waiting()) == 2 and len(set(keys)) == 2
        assert queue.deliver(writer.append_many) == 2
        assert queue.waiting() == [] and queue.deliver(writer.append_many) == 0
        logged = [parse_act(entry) for entry in log.entries(0)]
    assert [(a["act"], a["time"], a["logged"]) for a in logged] == [
        ("schema", 5000, 5000), ("stop", 1000, 5000), ("stop", 1001, 5000)
    ]  # fmt: skip


def test_a_queue_that_can_t_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        ActQueue(tmp_path / "none" / "acts").put(stop(1))
    (tmp_path / "acts").write_bytes(b"no journal")
    with pytest.raises(StoreError, match="not a journal"):
        ActQueue(tmp_path / "acts").waiting()
