"""A holder's own watch: it ends in time whatever the database, the network or the clock does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres import Cluster

from passerby.base.errors import Fenced
from passerby.fleet.lease import Holder
from passerby.store.database import Store
from passerby.store.leases import list_leases, take
from passerby.store.migrate import open_postgres

LENGTH_S = 0.6


class Clock:
    """The machine's, which may jump ahead."""

    ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def store(postgres: Cluster) -> Iterator[Store]:
    address = postgres.new()
    with open_postgres(address, Path("x.db")) as store:
        yield store
    postgres.drop(address)


def test_it_is_renewed_while_it_is_held_and_free_at_once_when_given_back(store: Store) -> None:
    lost, never = threading.Event(), threading.Event()
    holder = Holder(store, "north", "a", lost.set, length_s=LENGTH_S)
    fence = holder.wait(never)
    assert fence is not None and fence.lease.token == 1
    other = Holder(store, "north", "b", lost.set, length_s=LENGTH_S)
    stop, said = threading.Event(), list[str]()
    threading.Timer(3 * LENGTH_S, stop.set).start()
    assert other.wait(stop, said.append) is None
    assert said == ["north: waits until its owner's lease is over"]
    assert holder.valid() and not lost.is_set()
    holder.close()
    assert not holder.valid()
    assert take(store, "north", "c", 1_000_000)
    time.sleep(LENGTH_S)
    assert not lost.is_set()


def test_a_holder_whose_time_jumped_ends_at_once(store: Store) -> None:
    """As after SIGSTOP, or a machine that slept."""
    lost, clock = threading.Event(), Clock()
    holder = Holder(store, "north", "a", lost.set, length_s=60, clock=clock)
    fence = holder.wait(threading.Event())
    assert fence
    clock.ahead_s = 61
    assert not holder.valid()
    with pytest.raises(Fenced), store.under(fence).writing():
        pass
    assert lost.wait(5)
    holder.close()
    assert list_leases(store)[0].left_us > 0, "what may be another's is not given back"


def test_a_holder_whose_token_is_old_ends(store: Store) -> None:
    lost = threading.Event()
    holder = Holder(store, "north", "a", lost.set, length_s=LENGTH_S)
    assert holder.wait(threading.Event())
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE leases SET token = token + 1")
    assert lost.wait(5)


def test_without_a_database_it_ends_in_its_time(store: Store, postgres: Cluster) -> None:
    lost = threading.Event()
    holder = Holder(store, "north", "a", lost.set, length_s=LENGTH_S)
    assert holder.wait(threading.Event())
    begun = time.monotonic()
    postgres.kill()
    try:
        assert lost.wait(10)
        assert time.monotonic() - begun > LENGTH_S / 4
    finally:
        postgres.start()
    stop = threading.Event()
    again = Holder(store, "north", "b", lost.set, length_s=LENGTH_S)
    fence = again.wait(stop)
    assert fence is not None and fence.lease.token == 2
    again.close()
