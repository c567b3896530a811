"""The database: what goes in comes out, old things go, readers can't write, damage is set aside."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from passerby.base.errors import StoreError, UsageError
from passerby.base.ids import SAFE, checked_id
from passerby.store.cameras import Camera, get_camera, list_cameras, put_cameras, set_mosaic, set_state
from passerby.store.counts import RECENT_US, Count, add_counts, add_many, counts_after, hours, latest, minutes, recent
from passerby.store.database import Changes, Store, _begin_reading, read_store, sqlite_writer
from passerby.store.epochs import EpochRow, SizedRow, all_epochs, files_known, oldest_rows, put_epoch
from passerby.store.events import HEALTH_KEPT_US, HealthRow, add_health, back, gone, health_after, list_absences
from passerby.store.migrate import SCRIPTS, before_upgrade, damaged, open_store
from passerby.store.partitions import keep_house
from passerby.store.postgres import put_address
from passerby.store.schema import metadata

S = 1_000_000
NOON = 1_795_435_200 * S


@pytest.fixture
def store(tmp_path: Path, place: Callable[[Path], Path]) -> Iterator[Store]:
    with open_store(place(tmp_path / "a b%20?.db"), lambda: NOON / S) as store:
        yield store


def camera(name: str = "gate") -> Camera:
    return Camera(name, name.title(), "record", 3600 * S, "starting", "", NOON, "none", NOON)


def count(at: int, people: float, name: str = "gate") -> Count:
    return Count(name, at, people, people - 1, people + 1, 0.5)


def test_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    with store.reading() as connection:
        ours = {*metadata.tables, None}
        # Partitions are the tables' own.
        opts = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or name in ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_a_database_of_the_version_before_is_brought_up_and_can_be_gone_back_to(tmp_path: Path) -> None:
    path = tmp_path / "passerby.db"
    with Store(sqlite_writer(path), path) as old, old.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        columns = "camera_id, file, start_us, end_us, shift_us, keep_us, first_number, size, segments, inits, leaving"
        for file, leaving in (("a.mp4", 0), ("b.mp4", 1)):
            values = f"'gate', '{file}', 1, 2, 0, 3, 4, 5, x'07', x'08', {leaving}"
            connection.execute(text(f"INSERT INTO epochs ({columns}) VALUES ({values})"))
    with open_store(path, lambda: NOON / S) as store:
        rows = all_epochs(store, "gate")
        assert [(r.file, r.leaving, r.length_us, r.root) for r in rows] == [
            ("a.mp4", False, 0, b""),
            ("b.mp4", True, 0, b""),
        ]
    copy = before_upgrade(path, "0002")
    with closing(sqlite3.connect(copy)) as old_again:
        assert old_again.execute("SELECT version_num FROM alembic_version").fetchone() == ("0002",)
        assert old_again.execute("SELECT file, leaving FROM epochs").fetchall() == [("a.mp4", 0), ("b.mp4", 1)]
    assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IMODE(path.stat().st_mode)


def test_the_oldest_files_are_asked_for_without_what_is_in_them(store: Store) -> None:
    with store.writing() as connection:
        for n in (3, 1, 2, 4):
            span = (n * S, (n + 1) * S, 0, 9 * S, n, n)
            put_epoch(connection, EpochRow("gate", f"{n}.epoch", *span, b"s" * 99, b"i", n * S, S))
    asked = list[str]()
    event.listen(store.engine, "before_cursor_execute", lambda *now: asked.append(now[2]))
    assert oldest_rows(store, 5 * S, 2) == [SizedRow("gate", n * S, S, "redacted", n) for n in (1, 2)]
    assert [row.size for row in oldest_rows(store, 5 * S, 2, 2)] == [3]
    assert files_known(store, "gate") == {f"{n}.epoch" for n in (1, 2, 3, 4)}
    words = [line for line in asked if line.startswith("SELECT")]
    assert len(words) == 3 and not any("segments" in line or "inits" in line for line in words)
    assert all("LIMIT" in line for line in words[:2])


def test_cameras_and_their_states(store: Store) -> None:
    put_cameras(store, [camera("gate"), camera("aisle")])
    assert [c.id for c in list_cameras(store)] == ["aisle", "gate"]
    set_state(store, "gate", "running", "", NOON + 5)
    set_state(store, "gate", "running", "slow", NOON + 9)
    set_mosaic(store, "gate", "learning", NOON + 6)
    set_mosaic(store, "gate", "learning", NOON + 7)
    found = get_camera(store, "gate")
    assert found
    assert (found.state, found.since_us, found.message) == ("running", NOON + 5, "slow")
    assert (found.mosaic, found.mosaic_since_us) == ("learning", NOON + 6)
    put_cameras(store, [camera("aisle")])
    assert [c.id for c in list_cameras(store)] == ["aisle"]
    assert get_camera(store, "gate") is None


NAMES = iter(f"c{n}" for n in range(1_000_000))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for many examples."""
    path = tmp_path_factory.mktemp("store") / "x.db"
    if request.param == "postgres":
        put_address(path, request.getfixturevalue("postgres").new())
    with open_store(path, lambda: 0) as store:
        yield store


@given(
    st.lists(st.tuples(st.integers(0, 200), st.floats(0, 500), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 40),
)
def test_minutes_and_hours_hold_means_and_the_most(
    shared: Store, samples: list[tuple[int, float, bool]], together: int
) -> None:
    name = next(NAMES)
    begin = NOON + 3500 * S  # an hour ends among them
    batch = [(count(begin + at * S, people, name), mosaic) for at, people, mosaic in samples]
    for first in range(0, len(batch), together):
        add_many(shared, batch[first : first + together])
    for length_s, asked in ((60, minutes), (3600, hours)):
        found = {m.minute_us: m for m in asked(shared, name, NOON, NOON + 7200 * S)}
        for piece in {(3500 + at) // length_s for at, _, _ in samples}:
            here = [(p, m) for at, p, m in samples if (3500 + at) // length_s == piece]
            got = found.pop(NOON + piece * length_s * S)
            assert got.samples == len(here)
            assert got.people == pytest.approx(sum(p for p, _ in here) / len(here))
            assert got.people_max == max(p for p, _ in here)
            assert got.mosaic_share == pytest.approx(sum(m for _, m in here) / len(here))
        assert found == {}
    assert latest(shared)[name].people == samples[-1][1]


def test_recent_counts_are_a_quarter_of_an_hour(store: Store) -> None:
    for minute in range(30):
        add_counts(store, count(NOON + minute * 60 * S, minute), mosaic=False)
    kept = recent(store, "gate", 0, 2 * NOON)
    assert kept[0].time_us == NOON + 29 * 60 * S - RECENT_US
    assert latest(store)["gate"].people == 29
    assert [c.people for c in counts_after(store, kept[-2].id)] == [29]
    assert len(minutes(store, "gate", NOON, 2 * NOON)) == 30


def test_health_is_kept_for_a_week(store: Store) -> None:
    for day in range(10):
        add_health(store, HealthRow("gate", NOON + day * 86_400 * S, 10, 0, 0.5, "none", "00"))
        keep_house(store, NOON + day * 86_400 * S)
    assert next(h.time_us for h in health_after(store, 0)) == NOON + 9 * 86_400 * S - HEALTH_KEPT_US


def test_absences_open_and_close_once(store: Store) -> None:
    gone(store, "gate", NOON, "no answer")
    gone(store, "gate", NOON + 5, "still none")
    back(store, "gate", NOON + 9)
    back(store, "gate", NOON + 11)
    gone(store, "gate", NOON + 20, "again")
    found = list_absences(store, "gate", 0, 2 * NOON)
    assert [(a.from_us, a.to_us, a.reason) for a in found] == [
        (NOON + 20, None, "again"),
        (NOON, NOON + 9, "no answer"),
    ]


def test_readers_see_changes_and_cannot_write(store: Store) -> None:
    with read_store(store.path) as reader:
        changes = Changes(reader)
        assert [changes(), changes()] == [True, False]
        put_cameras(store, [camera()])
        assert [changes(), changes()] == [True, False]
        assert [c.id for c in list_cameras(reader)] == ["gate"]
        with pytest.raises(StoreError, match=r"read-?only"):
            put_cameras(reader, [camera()])
        changes.close()


def test_nobody_sorts_on_the_disk(store: Store) -> None:
    """A locked server may write no temporary file: grouping 60,000 cameras for a map failed by one."""
    memory = 2
    with read_store(store.path) as while_written, while_written.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar_one() == memory
    path = store.path
    store.close()
    with read_store(path) as alone, alone.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar_one() == memory


def test_many_threads_write(store: Store) -> None:
    def work(name: str) -> None:
        for n in range(25):
            add_counts(store, count(NOON + n * S, n, name), mosaic=False)

    threads = [threading.Thread(target=work, args=(f"c{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts_after(store, 0)) == 150


def test_a_damaged_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"garbage" * 999)
    with open_store(path, lambda: NOON / S) as store:
        assert list_cameras(store) == []
    assert [p.name for p in damaged(path)] == ["x.db.damaged-20261123T120000Z"]


def test_a_newer_database_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with open_store(path, lambda: 0) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="another version"):
        open_store(path, lambda: 0)


def test_a_missing_database_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no database"):
        read_store(tmp_path / "missing.db")


@given(st.text(max_size=70))
def test_ids_are_safe_or_refused(name: str) -> None:
    if SAFE.fullmatch(name):
        assert checked_id(name) == name
        assert not {"/", ".", "\\", "\0", "\n"} & set(name)
        assert 0 < len(name) <= 63
    else:
        with pytest.raises(UsageError):
            checked_id(name)


class Crowded(sqlite3.Connection):
    """A real database that has no place for this reader the first few times."""

    refusals = 3
    error = "SQLITE_READONLY_CANTINIT"

    def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
        if sql.startswith("SELECT") and self.refusals:
            self.refusals -= 1
            refused = sqlite3.OperationalError("attempt to write a readonly database")
            refused.sqlite_errorname = self.error
            raise refused
        return super().execute(sql, *rest)


def test_a_reader_that_finds_no_place_for_a_moment_tries_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db", factory=Crowded, isolation_level=None)) as crowded:
        _begin_reading(crowded)
        assert crowded.refusals == 0 and crowded.in_transaction


def test_what_does_not_pass_is_told_at_once(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db", factory=Crowded, isolation_level=None)) as damaged:
        damaged.error = "SQLITE_CORRUPT"
        with pytest.raises(sqlite3.OperationalError):
            _begin_reading(damaged)
        assert damaged.refusals == 2 and not damaged.in_transaction
