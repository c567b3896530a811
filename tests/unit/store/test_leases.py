"""Leases on a real database: one owner at a time, whose token only grows, and no write of one before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from tests.postgres import Cluster

from passerby.base.errors import Fenced, StoreError
from passerby.store.counts import Count, add_counts, minutes, put_many
from passerby.store.database import Store
from passerby.store.leases import Fence, Lease, Numbered, list_leases, release, renew, take
from passerby.store.migrate import open_postgres, open_store

LONG_US = 3600_000_000
NAMES = iter(f"s{n}" for n in range(1_000_000))


@pytest.fixture(scope="module")
def store(postgres: Cluster) -> Iterator[Store]:
    address = postgres.new()
    with open_postgres(address, Path("x.db")) as store:
        yield store
    postgres.drop(address)


@pytest.fixture
def shard() -> str:
    return next(NAMES)


def passes(store: Store, shard: str) -> None:
    """Time passes: the lease is over."""
    with store.writing() as connection:
        connection.execute(text("UPDATE leases SET until_us = 1 WHERE shard = :shard"), {"shard": shard})


def write(store: Store, lease: Lease, at_s: int = 0) -> None:
    count = Count(lease.shard, at_s * 1_000_000, lease.token, 0, 0, 0)
    add_counts(store.under(Fence(lease)), count, mosaic=False)


def test_one_owner_at_a_time(store: Store, shard: str) -> None:
    first = take(store, shard, "a", LONG_US)
    assert first == Lease(shard, "a", 1)
    assert take(store, shard, "b", LONG_US) is None and take(store, shard, "a", LONG_US) is None
    assert renew(store, first, LONG_US)
    release(store, first)
    second = take(store, shard, "b", LONG_US)
    assert second is not None and second.token == 2
    assert not renew(store, first, LONG_US)
    release(store, first)
    assert take(store, shard, "c", LONG_US) is None, "only its own can be given back"
    assert [(h.holder, h.token, h.left_us > 0) for h in list_leases(store) if h.shard == shard] == [("b", 2, True)]


def test_what_is_over_writes_nothing_and_comes_not_back(store: Store, shard: str) -> None:
    lease = take(store, shard, "a", LONG_US)
    assert lease
    write(store, lease)
    passes(store, shard)
    with pytest.raises(Fenced, match="not this process's any more"):
        write(store, lease, 1)
    assert not renew(store, lease, LONG_US)
    assert len(minutes(store, shard, 0, 10**12)) == 1


def test_the_own_watch_is_asked_first(store: Store, shard: str) -> None:
    lease = take(store, shard, "a", LONG_US)
    assert lease
    with pytest.raises(Fenced), store.under(Fence(lease, lambda: False)).writing():
        pass


def test_nobody_takes_a_lease_in_the_middle_of_a_write(store: Store, shard: str) -> None:
    lease = take(store, shard, "a", LONG_US)
    assert lease
    with store.under(Fence(lease)).writing() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(StoreError, match="lock timeout"):
            take(store, shard, "b", LONG_US)
        assert (other := take(store, next(NAMES), "b", LONG_US)) and other.token == 1, "other shards don't wait"


def test_a_write_that_began_in_time_is_done_before_the_next_owner_begins(store: Store, shard: str) -> None:
    lease = take(store, shard, "a", 200_000)
    assert lease
    taken = list[Lease | None]()
    with store.under(Fence(lease)).writing() as connection:
        taker = threading.Thread(target=lambda: taken.append(take(store, shard, "b", LONG_US)))
        taker.start()
        taker.join(0.6)  # the lease is over by now
        assert taker.is_alive()
        put_many(connection, [(Count(shard, 0, 1, 1, 1, 0), False)])
    taker.join()
    assert taken[0] is not None and taken[0].token == 2
    assert len(minutes(store, shard, 0, 10**12)) == 1


@given(
    st.lists(st.sampled_from(["take a", "take b", "write a", "write b", "renew a", "renew b", "passes", "release a"]))
)
def test_tokens_of_accepted_writes_never_fall(store: Store, steps: list[str]) -> None:
    shard, owns, valid = next(NAMES), dict[str, Lease](), ""
    accepted = list[int]()
    for step in steps:
        what, _, who = step.partition(" ")
        if what == "passes":
            passes(store, shard)
            valid = ""
        elif what == "take":
            lease = take(store, shard, who, LONG_US)
            assert (lease is not None) == (valid == "")
            if lease is not None:
                owns[who], valid = lease, who
        elif who in owns:
            mine = valid == who and owns[who].token == max(lease.token for lease in owns.values())
            if what == "renew":
                assert renew(store, owns[who], LONG_US) == mine
            elif what == "release":
                release(store, owns[who])
                valid = "" if mine else valid
            else:
                try:
                    write(store, owns[who])
                    accepted.append(owns[who].token)
                    assert mine
                except Fenced:
                    assert not mine
    assert accepted == sorted(accepted)


def test_a_batch_that_is_sent_twice_is_written_once(store: Store, shard: str) -> None:
    lease = take(store, shard, "a", LONG_US)
    assert lease
    fence = Fence(lease)
    numbered = Numbered(store.under(fence), fence)

    def work(connection: Connection) -> None:
        put_many(connection, [(Count(shard, 0, 5, 5, 5, 0), False)])

    first, second = numbered(work), numbered(work)
    for do in (first, first, second, first, second):
        do()
    with store.under(fence).writing() as connection, pytest.raises(StoreError, match="batch 4 comes after 2"):
        fence.first_time(connection, 4)
    assert [m.samples for m in minutes(store, shard, 0, 10**12)] == [2]
    passes(store, shard)
    assert take(store, shard, "b", LONG_US)
    with pytest.raises(Fenced):
        second()


def test_sqlite_has_no_leases(tmp_path: Path) -> None:
    with open_store(tmp_path / "x.db", lambda: 0) as store, pytest.raises(StoreError, match="need PostgreSQL"):
        take(store, "a", "b", 1)
