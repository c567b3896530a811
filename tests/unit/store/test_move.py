"""Moving: what arrives is what was there, wherever it was interrupted; what is not the same never counts."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Float, LargeBinary, Table, insert, select, text
from tests.postgres import Cluster
from typer.testing import CliRunner

from passerby.base.errors import StoreError
from passerby.cli.app import app
from passerby.store import move
from passerby.store.counts import Count, add_counts, counts_after
from passerby.store.database import Store, read_store
from passerby.store.leases import take
from passerby.store.migrate import open_sqlite, open_store
from passerby.store.move import TABLES, Step, to_postgres, to_sqlite
from passerby.store.postgres import address_beside

S = 1_000_000
NOON = 1_795_435_200 * S
ROWS = 90
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def address(postgres: Cluster) -> Iterator[str]:
    address = postgres.new()
    yield address
    postgres.drop(address)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(move, "BATCH", 40)
    with open_sqlite(tmp_path / "x.db") as store:
        fill(store)
    return tmp_path / "x.db"


def fill(store: Store) -> None:
    """Rows in every table, of every type, with odd values."""
    chance = random.Random(4)
    with store.writing() as connection:
        for table in TABLES:
            connection.execute(insert(table), [row(table, n, chance) for n in range(ROWS)])


def row(table: Table, n: int, chance: random.Random) -> dict[str, object]:
    keys = set(table.primary_key.columns)
    values = dict[str, object]()
    for column in table.columns:
        if column.nullable and chance.random() < 0.3:
            values[column.name] = None
        elif isinstance(column.type, Boolean):
            values[column.name] = chance.random() < 0.5
        elif isinstance(column.type, Float):
            values[column.name] = chance.choice([0.0, -1.5, 0.1 + 0.2, 1e-300, float(n)])
        elif isinstance(column.type, LargeBinary):
            values[column.name] = chance.randbytes(chance.randrange(9))
        elif column.type.python_type is int:
            at = NOON - chance.randrange(4) * 86_400 * S if column.name.endswith("_us") else chance.randrange(10**9)
            values[column.name] = n + 1 if table.autoincrement_column is column else at
        else:
            longest = getattr(column.type, "length", None) or 40
            values[column.name] = (
                f"{n:04d} é\t\\N 門 '\"\n"[:longest] if column not in keys else f"{n:04d}-門"[:longest]
            )
    for index in table.indexes:
        if index.unique:
            values[next(iter(index.columns)).name] = f"{n:04d}"
    return values


def content(path: Path) -> Rows:
    with read_store(path) as store, store.reading() as connection:
        return {
            t.name: [tuple(r) for r in connection.execute(select(t).order_by(*t.primary_key.columns))] for t in TABLES
        }


def test_there_and_back_nothing_changes(path: Path, address: str) -> None:
    before = content(path)
    assert all(len(rows) == ROWS for rows in before.values())
    there = to_postgres(path, address)
    assert content(path) == before and not path.exists()
    with open_store(path, lambda: 0) as store:
        assert store.postgres
    back = to_sqlite(path)
    assert there == back and content(path) == before and address_beside(path) is None


def test_numbers_go_on_after_a_move(path: Path, address: str) -> None:
    to_postgres(path, address)
    with open_store(path, lambda: 0) as store:
        last = max(c.id for c in counts_after(store, 0))
        add_counts(store, Count("gate", NOON, 7, 7, 7, 0), mosaic=False)
        assert [c.people for c in counts_after(store, last)] == [7]
        for table in TABLES:
            if table.autoincrement_column is not None:
                values = {k: v for k, v in row(table, 9999, random.Random(1)).items() if k != "id"}
                with store.writing() as connection:
                    assert connection.execute(insert(table).values(**values)).inserted_primary_key[0] > ROWS


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("stop_at", [1, 47, 130])
def test_it_goes_on_where_it_was_interrupted(path: Path, address: str, stop_at: int, back: bool) -> None:
    before = content(path)
    if back:
        to_postgres(path, address)
    steps = 0

    def stop(_: Step) -> None:
        nonlocal steps
        steps += 1
        if steps == stop_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to_sqlite(path, stop) if back else to_postgres(path, address, stop)
    assert (address_beside(path) is not None) == back, "nothing counts before all is compared"
    copied = list[Step]()
    to_sqlite(path, copied.append) if back else to_postgres(path, address, copied.append)
    again = sum(step.what == "copied" for step in copied)
    assert again == max(0, len(TABLES) * 3 - stop_at), "what was copied is not copied twice"
    assert content(path) == before


def test_a_killed_process_loses_nothing(path: Path, address: str) -> None:
    before = content(path)
    code = (
        "import sys,time;from pathlib import Path;from passerby.store import move;move.BATCH=40\n"
        "def told(s):\n    print(s.rows,flush=True);time.sleep(.01)\n"
        "move.to_postgres(Path(sys.argv[1]),sys.argv[2],told)"
    )
    for lines in (3, 40):
        process = subprocess.Popen([sys.executable, "-c", code, path, address], stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(lines):
            assert process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()
        time.sleep(0.05)  # until the server has seen that its client is gone
    to_postgres(path, address)
    assert content(path) == before


def test_a_source_that_changed_meanwhile_is_found_out(path: Path, address: str) -> None:
    def stop(step: Step) -> None:
        if step.table == "health":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to_postgres(path, address, stop)
    with open_sqlite(path) as store, store.writing() as connection:
        connection.execute(text("UPDATE alerts SET value = value + 1e-9 WHERE id = 5"))
    with pytest.raises(StoreError, match="alerts is not the same"):
        to_postgres(path, address)
    assert address_beside(path) is None
    before = content(path)
    to_postgres(path, address, anew=True)
    assert content(path) == before


def test_what_cannot_be_moved_is_said(path: Path, address: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="in its SQLite file already"):
        to_sqlite(path)
    to_postgres(path, address)
    with pytest.raises(StoreError, match="PostgreSQL already"):
        to_postgres(path, address)
    with open_sqlite(tmp_path / "y.db") as store:
        fill(store)
    with pytest.raises(StoreError, match="holds rows already"):
        to_postgres(tmp_path / "y.db", address)
    with open_store(path, lambda: 0) as store:
        assert take(store, "north", "node-1", 60 * S)
    with pytest.raises(StoreError, match="north is running"):
        to_sqlite(path)


def test_the_command(path: Path, address: str, tmp_path: Path) -> None:
    path.rename(tmp_path / "passerby.db")
    run = CliRunner()
    done = run.invoke(app, ["store", "migrate", str(tmp_path), "--to", address])
    assert done.exit_code == 0 and f"{ROWS * len(TABLES)} rows are the same" in done.output
    shown = run.invoke(app, ["store", "show", str(tmp_path)])
    assert shown.output.strip() == address
    assert run.invoke(app, ["store", "migrate", str(tmp_path), "--to", "sqlite"]).exit_code == 0
    assert run.invoke(app, ["store", "show", str(tmp_path)]).output.strip() == str(tmp_path / "passerby.db")
