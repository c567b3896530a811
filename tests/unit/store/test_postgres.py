"""What only PostgreSQL has: addresses, partitions, numbers that can be followed, many writers, going back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgres import Cluster

from passerby.base.errors import StoreError
from passerby.store.cameras import list_cameras
from passerby.store.counts import Count, add_counts, add_many, counts_after, latest, minutes
from passerby.store.database import Store, read_store
from passerby.store.feeds import raise_feeds
from passerby.store.migrate import NEWEST, go_back, open_durable, open_store
from passerby.store.partitions import DAY_US, PARTED, keep_house
from passerby.store.postgres import address_beside, address_file, checked_address, drop_address, put_address

S = 1_000_000
NOON = 1_795_435_200 * S


@pytest.fixture
def path(postgres: Cluster, tmp_path: Path) -> Iterator[Path]:
    address = postgres.new()
    put_address(tmp_path / "x.db", address)
    yield tmp_path / "x.db"
    postgres.drop(address)


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, lambda: 0) as store:
        yield store


def count(at_us: int, people: float = 1, name: str = "gate") -> Count:
    return Count(name, at_us, people, people, people, 0)


def partitions(store: Store, table: str) -> list[str]:
    asked = "SELECT relid::regclass::text FROM pg_partition_tree(CAST(:table AS regclass)) WHERE isleaf ORDER BY 1"
    with store.reading() as connection:
        return list(connection.execute(text(asked), {"table": table}).scalars())


@pytest.mark.parametrize(
    "address", ["", "gate.db", "mysql://x/y", "postgresql://x/", "postgresql://u:secret@h/d", "postgresql://h/d?x=y"]
)
def test_what_is_no_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(StoreError) as refused:
        checked_address(address)
    assert "secret" not in str(refused.value)


def test_the_file_beside_decides_which_database(path: Path) -> None:
    assert address_file(path).stat().st_mode & 0o777 == 0o600
    with open_store(path, lambda: 0) as store:
        assert store.postgres and not path.exists()
    drop_address(path)
    assert address_beside(path) is None
    with open_store(path, lambda: 0) as store:
        assert not store.postgres


def test_a_database_without_tables_is_none(postgres: Cluster, tmp_path: Path) -> None:
    put_address(tmp_path / "x.db", address := postgres.empty())
    with pytest.raises(StoreError, match="can't be read"):
        read_store(tmp_path / "x.db")
    with open_durable(tmp_path / "x.db") as store:
        assert list_cameras(store) == []
    postgres.drop(address)


def test_a_server_that_is_away_is_one_line(tmp_path: Path) -> None:
    put_address(tmp_path / "x.db", f"postgresql://nobody@/d?host={tmp_path}")
    with pytest.raises(StoreError, match="can't be read") as away:
        open_store(tmp_path / "x.db", lambda: 0)
    assert "\n" not in str(away.value)


def test_a_database_that_sorts_otherwise_is_refused(postgres: Cluster, tmp_path: Path) -> None:
    put_address(tmp_path / "x.db", address := postgres.empty("TEMPLATE template0 LOCALE 'C.UTF-8'"))
    with pytest.raises(StoreError, match="--locale=C"):
        open_store(tmp_path / "x.db", lambda: 0)
    postgres.drop(address)


def test_partitions_are_made_filled_and_dropped(store: Store) -> None:
    add_counts(store, count(NOON), mosaic=False)  # before any partition is there
    add_counts(store, count(NOON - 3 * DAY_US), mosaic=False)
    assert keep_house(store, NOON) == []
    (now, later) = [name for name in partitions(store, "minute_counts") if not name.endswith("_other")]
    assert (now, later) == ("minute_counts_20261123", "minute_counts_20261124")
    add_many(store, [(count(NOON + n * S), False) for n in range(60)])
    with store.reading() as connection:
        assert connection.execute(text(f"SELECT samples FROM {now}")).scalars().all() == [61]
    assert len(minutes(store, "gate", 0, 2 * NOON)) == 2
    dropped = keep_house(store, NOON + DAY_US // 2, minutes_kept_us=DAY_US // 2)
    assert dropped == ["recent_counts_20261123_1200", "recent_counts_20261123_1215"]
    assert len(minutes(store, "gate", 0, 2 * NOON)) == 1, "a partition goes once all of it is past its time"
    assert now in keep_house(store, NOON + DAY_US, minutes_kept_us=DAY_US // 2)
    assert minutes(store, "gate", 0, 2 * NOON) == []
    assert latest(store)["gate"].people == 1


def test_every_table_with_partitions_makes_those_of_any_time(store: Store) -> None:
    for time_us in (0, NOON, 4_000_000_000 * S):
        keep_house(store, time_us)
        keep_house(store, time_us)
    for parted in PARTED:
        assert len(partitions(store, parted.table)) == (7 if parted.kept_us is None else 3), parted


def test_no_row_is_passed_over_by_who_follows(store: Store) -> None:
    """Two writers at once: the later one commits first, and is told only once nothing can come before it."""
    other = store.under(lambda _: None)
    with other.writing() as slow:
        slow.execute(text("SELECT pg_current_xact_id()"))
        with other.writing() as quick:
            _put(quick, 2)
        assert counts_after(store, 0) == []
        _put(slow, 1)
    assert [c.people for c in counts_after(store, 0)] == [1, 2]
    last = counts_after(store, 0)[-1].id
    add_counts(store, count(NOON, 3), mosaic=False)
    assert [c.people for c in counts_after(store, last)] == [3]


def _put(connection: object, people: int) -> None:
    columns = "camera_id, time_us, people, low, high, vehicles"
    connection.execute(text(f"INSERT INTO recent_counts ({columns}) VALUES ('x', 1, {people}, 0, 0, 0)"))  # type: ignore[attr-defined]


def test_numbers_go_on_above_those_of_another_server(store: Store) -> None:
    with store.writing() as connection:
        columns = "id, camera_id, time_us, people, low, high, vehicles"
        connection.execute(text(f"INSERT INTO recent_counts ({columns}) VALUES ({1 << 50}, 'x', 1, 0, 0, 0, 0)"))
    with store.writing() as connection:
        raise_feeds(connection)
    add_counts(store, count(NOON, 3), mosaic=False)
    assert [c.people for c in counts_after(store, 1 << 50)] == [3]
    assert len(counts_after(store, 0)) == 2


def test_writers_without_a_lease_wait_for_each_other(store: Store) -> None:
    entered, seen = threading.Event(), list[str]()

    def second() -> None:
        with store.writing():
            seen.append("second")

    thread = threading.Thread(target=second)
    with store.writing():
        thread.start()
        entered.wait(0.3)
        seen.append("first")
    thread.join()
    assert seen == ["first", "second"]


def test_versions_go_back_and_come_again(postgres: Cluster, tmp_path: Path) -> None:
    for kind in ("sqlite", "postgres"):
        folder = tmp_path / kind
        folder.mkdir()
        path = folder / "x.db"
        if kind == "postgres":
            put_address(path, postgres.empty())
        with open_store(path, lambda: 0) as store:
            add_counts(store, count(NOON), mosaic=False)
        for version in ("0006", "0003", "0002", "0001"):
            with open_store(path, lambda: 0) as store:
                go_back(store, version)
                with store.reading() as connection:
                    assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == version
                    assert connection.execute(text("SELECT count(*) FROM minute_counts")).scalar() == 1
        with open_store(path, lambda: 0) as store:
            assert len(minutes(store, "gate", 0, 2 * NOON)) == 1 and latest(store)["gate"].time_us == NOON
            add_counts(store, count(NOON + 1), mosaic=False)
            assert counts_after(store, 0)[-1].time_us == NOON + 1
            go_back(store, "base")
        with open_store(path, lambda: 0) as store:
            assert list_cameras(store) == []
            with store.reading() as connection:
                assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == NEWEST
