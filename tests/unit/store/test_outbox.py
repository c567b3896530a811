"""Acts between a machine's queue, a shared database and the ledger: none is lost, each keeps its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select
from tests.postgres import Cluster

from passerby.base.errors import StoreError
from passerby.ledger.schema import format_act
from passerby.store import outbox
from passerby.store.acts import ActQueue
from passerby.store.database import Store
from passerby.store.migrate import open_postgres, open_store
from passerby.store.outbox import collect, hand_over, tell
from passerby.store.schema import outbox as table


def act(number: int) -> dict[str, object]:
    return {"act": "stop", "actor": "p-" + "0" * 32, "time": number, "camera": "c-" + "0" * 32}


@pytest.fixture
def store(tmp_path: Path, place: Callable[[Path], Path]) -> Iterator[Store]:
    with open_store(place(tmp_path / "x.db"), lambda: 0) as store:
        yield store


def keys(store: Store) -> list[bytes]:
    with store.reading() as connection:
        return list(connection.execute(select(table.c.key).order_by(table.c.id)).scalars())


def test_they_go_from_a_queue_to_the_database_and_on(store: Store, tmp_path: Path) -> None:
    here, there = ActQueue(tmp_path / "here"), ActQueue(tmp_path / "there")
    wanted = [(act(number), bytes([number]) * 16) for number in range(5)]
    here.put_many(wanted)
    assert collect(store, here) == 5 and here.waiting() == []
    assert keys(store) == [key for _, key in wanted]
    assert hand_over(store, there) == 5 and keys(store) == []
    seen = list[bytes]()
    there.deliver(lambda acts: seen.extend(key for _, key in acts))
    assert seen == [key for _, key in wanted]


def test_a_database_that_is_away_leaves_them_in_the_queue(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = ActQueue(tmp_path / "here")
    queue.put(act(1))

    def refuse(*_: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "insert", refuse)
        with pytest.raises(StoreError):
            collect(store, queue)
    assert len(queue.waiting()) == 1
    assert collect(store, queue) == 1 and len(keys(store)) == 1


def test_one_with_a_smaller_number_that_came_later_is_not_forgotten(postgres: Cluster, tmp_path: Path) -> None:
    """Two stations write at once: the first number is committed only after the second was handed over."""
    queue = ActQueue(tmp_path / "queue")
    address = postgres.new()
    with open_postgres(address, tmp_path / "x.db") as store:
        many = store.under(lambda _: None)
        with many.writing() as slow:
            tell(slow, [act(1)])
            with many.writing() as quick:
                tell(quick, [act(2)])
            assert hand_over(many, queue) == 1
        assert hand_over(many, queue) == 1
        assert sorted(a["time"] for a in queue.waiting()) == [1, 2]  # type: ignore[type-var]
        with many.writing() as connection:
            connection.execute(insert(table), [{"key": b"k", "act": format_act(act(3)).decode()}])
            connection.execute(delete(table))
    postgres.drop(address)
