"""A crash at every step: never two values for one number, never a draw without a record, never over the budget.

Each step is failed in two ways: an error there, and the process killed just before it, which is just after the one
before. Steps are every write, sync and rename of files, every commit of the database, and the draw itself. Then another
publisher runs, and what it leaves is held against what anybody had seen before.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests.unit.release.kit import ACTOR, DAY, data_folder, note_of, plan, seeded, true_day

from passerby.archive.folder import Layout
from passerby.base.errors import BudgetError, StoreError
from passerby.ledger.errors import LedgerError
from passerby.release.budget import Charge, Kept, follow
from passerby.release.noise import ExactNoise, Mechanism
from passerby.release.work import Publisher, parse_record
from passerby.store.acts import ActQueue
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.migrate import open_durable
from passerby.store.release import Book

CAMERAS = {"gate-1": ("north",)}
PLAN = plan(cameras=CAMERAS, areas={}, names={}, cap=2000)
OPERATIONS = ("write", "pwrite", "fsync", "fdatasync", "replace")
BEFORE, ERROR = "killed", "an error"
FAILED, REFUSED = 2, 3


class Steps:
    """Counts steps, and fails at one of them.

    Args:
        at: Which, from 1 on; 0: none.
        how: In which way.
    """

    def __init__(self, at: int, how: str) -> None:
        self.at, self.how, self.count = at, how, 0
        self.names: list[str] = []

    def step(self, name: str, act: Callable[[], Any]) -> Any:
        self.count += 1
        self.names.append(name)
        if self.count != self.at:
            return act()
        if self.how == ERROR:
            raise OSError(5, f"injected at {name}")
        os.kill(os.getpid(), signal.SIGKILL)
        return None


@contextmanager
def watched(steps: Steps, store: Any) -> Iterator[None]:
    """Every operation on files, and every commit, is a step."""
    real = {name: getattr(os, name) for name in OPERATIONS}
    path_replace = Path.replace

    def wrapped(name: str) -> Callable[..., Any]:
        return lambda *args, **more: steps.step(name, lambda: real[name](*args, **more))

    def committing(connection: Any) -> None:
        # Before SQLAlchemy's own COMMIT: done here instead, so that the step has a before and an after.
        raw = connection.connection.dbapi_connection
        if raw.in_transaction:
            steps.step("commit", lambda: raw.execute("COMMIT").close())

    event.listen(store.engine, "commit", committing)
    for name in OPERATIONS:
        setattr(os, name, wrapped(name))
    Path.replace = lambda self, target: steps.step("rename", lambda: path_replace(self, target))  # type: ignore[method-assign]
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)
        Path.replace = path_replace  # type: ignore[method-assign]
        event.remove(store.engine, "commit", committing)


class Witness:
    """Noise that looks, from outside, whether the charge is on the disk before it draws; and tells what it drew.

    Args:
        layout: The data folder.
        diary: Where each draw is told, outside of what is tested.
        steps: The draw is a step, too.
    """

    name = "witness"

    def __init__(self, layout: Layout, diary: int, steps: Steps) -> None:
        self._layout, self._diary, self._steps = layout, diary, steps
        self._inner = ExactNoise(seeded(int.from_bytes(os.urandom(4), "big")))

    def noisy(self, mechanism: Mechanism, cost: int, values: Sequence[int]) -> list[int]:
        with sqlite3.connect(f"file:{self._layout.database}?mode=ro", uri=True) as outside:
            charges = outside.execute("SELECT count(*) FROM release_records WHERE kind = 'budget'").fetchone()[0]
            kept = outside.execute("SELECT count(*) FROM release_days").fetchone()[0]
        acts = [act for act in ActQueue(self._layout.acts).waiting() if act["act"] == "budget"]
        found: list[int] = self._steps.step("draw", lambda: self._inner.noisy(mechanism, cost, values))
        line = {
            "charges": charges,
            "kept": kept,
            "acts": len({act["content"] for act in acts}),
            "first": len(values) == 1,
        }
        os.pwritev(self._diary, [f"{json.dumps(line)}\n".encode()], os.fstat(self._diary).st_size)
        return found


def publish(layout: Layout, diary: Path, steps: Steps) -> None:
    """One run of a publisher."""
    descriptor = os.open(diary, os.O_RDWR | os.O_CREAT)
    seen = OneFile(layout.releases_seen, LocalDisk())
    with open_durable(layout.database) as store, watched(steps, store):
        book = Book(store, seen)
        queue = ActQueue(layout.acts)
        witness = Witness(layout, descriptor, steps)
        publisher = Publisher(PLAN, note_of(PLAN), book, witness, queue.put, ACTOR, lambda: 1_800_000_000)
        publisher.publish("gate-1", DAY, lambda camera, day: true_day(PLAN, camera, day))


def in_child(run: Callable[[], None]) -> int:
    """Run it in a process of its own; its signal, or exit code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a test runner's own threads; the child uses none of them
        child = os.fork()
    if child == 0:
        code = 1
        try:
            run()
            code = 0
        except BudgetError:
            code = REFUSED
        except (StoreError, OSError, LedgerError):
            code = FAILED
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def state(layout: Layout) -> tuple[list[Any], tuple[bytes, bytes] | None]:
    with open_durable(layout.database) as store:
        book = Book(store, None)
        return [parse_record(row) for row in book.records()], book.day("gate-1", DAY)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    layout = data_folder(folder, PLAN, [])
    with sqlite3.connect(layout.database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return layout.database


def fresh(template: Path, folder: Path) -> Layout:
    folder.mkdir()
    layout = Layout(folder)
    layout.database.write_bytes(template.read_bytes())
    return layout


def steps_of(template: Path, folder: Path) -> list[str]:
    steps = Steps(0, "")
    publish(fresh(template, folder), folder / "diary", steps)
    return steps.names


def test_the_steps_are_those_that_matter(template: Path, tmp_path: Path) -> None:
    names = steps_of(template, tmp_path / "a")
    assert {"commit", "draw", "rename"} <= set(names)
    assert names.count("commit") >= 5  # plan, charge, told, kept, told
    first_draw, last_draw = names.index("draw"), len(names) - names[::-1].index("draw")
    assert "commit" in names[:first_draw]
    assert "commit" in names[last_draw:]


@pytest.mark.parametrize("how", [BEFORE, ERROR])
def test_a_crash_at_every_step(template: Path, tmp_path: Path, how: str) -> None:
    count = len(steps_of(template, tmp_path / "count"))  # and errors_of is warm for all children
    outcomes = set()
    for at in range(1, count + 1):
        folder = tmp_path / f"{at}"
        layout = fresh(template, folder)
        diary = folder / "diary"
        code = in_child(lambda layout=layout, diary=diary, at=at: publish(layout, diary, Steps(at, how)))
        assert code in (0, FAILED, -signal.SIGKILL), (at, code)
        records, seen = state(layout)
        follow(records)
        again = in_child(lambda layout=layout, diary=diary: publish(layout, diary, Steps(0, "")))
        assert again == 0, (at, again)
        records, day = state(layout)
        follow(records)
        assert day is not None
        if seen is not None:
            assert day == seen, f"step {at}: a number has two values"
        charges = [r for r in records if isinstance(r, Charge)]
        assert len([r for r in records if isinstance(r, Kept)]) == 1
        assert sum(c.cost for c in charges) <= 2000
        draws = [json.loads(line) for line in diary.read_text().splitlines()]
        for number, line in enumerate((d for d in draws if d["first"]), 1):
            assert line["charges"] >= (number + 1) // 2, f"step {at}: a draw without a record"
            assert line["acts"] == line["charges"], f"step {at}: a draw that no act tells of"
            assert line["kept"] == 0
        told = [act for act in ActQueue(layout.acts).waiting() if act["act"] == "budget"]
        assert {act["content"] for act in told} == {c.hash for c in charges}
        releases = {a["content"] for a in ActQueue(layout.acts).waiting() if a["act"] == "release"}
        assert releases == {r.content for r in records if isinstance(r, Kept)}
        outcomes.add(len(charges))
    assert outcomes == {1, 2}  # some crashes cost budget, some didn't


def test_budget_that_crashes_took_does_not_come_back(template: Path, tmp_path: Path) -> None:
    """Killed at the draw, again and again: after the cap is used up the day stays unpublished for good."""
    layout = fresh(template, tmp_path / "data")
    diary = tmp_path / "diary"
    draw_at = steps_of(template, tmp_path / "count").index("draw") + 1
    assert in_child(lambda: publish(layout, diary, Steps(draw_at, BEFORE))) == -signal.SIGKILL
    again = fresh(template, tmp_path / "again")
    steps = Steps(0, "")
    shutil.copytree(layout.root, again.root, dirs_exist_ok=True)
    publish(again, diary, steps)
    assert in_child(lambda: publish(layout, diary, Steps(steps.names.index("draw") + 1, BEFORE))) == -signal.SIGKILL
    for _ in range(2):
        assert in_child(lambda: publish(layout, diary, Steps(0, ""))) == REFUSED
    records, day = state(layout)
    follow(records)
    assert day is None
    assert [r.cost for r in records] == [1000, 1000]


def test_a_database_that_lost_a_release_is_refused(template: Path, tmp_path: Path) -> None:
    layout = fresh(template, tmp_path / "data")
    publish(layout, tmp_path / "diary", Steps(0, ""))
    layout.database.write_bytes(template.read_bytes())
    for end in ("-wal", "-shm"):
        layout.database.with_name(f"{layout.database.name}{end}").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="has lost releases"):
        publish(layout, tmp_path / "diary", Steps(0, ""))


def test_a_lost_memory_is_refused(template: Path, tmp_path: Path) -> None:
    layout = fresh(template, tmp_path / "data")
    publish(layout, tmp_path / "diary", Steps(0, ""))
    layout.releases_seen.unlink()
    with pytest.raises(StoreError, match="is gone"):
        publish(layout, tmp_path / "diary", Steps(0, ""))


def test_a_damaged_database_is_never_set_aside(template: Path, tmp_path: Path) -> None:
    layout = fresh(template, tmp_path / "data")
    layout.database.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="restore it"):
        open_durable(layout.database)
    assert layout.database.read_bytes().startswith(b"not a database")


def test_commits_are_synced(template: Path, tmp_path: Path) -> None:
    layout = fresh(template, tmp_path / "data")
    with open_durable(layout.database) as store, store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
