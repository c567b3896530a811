"""The supervisor's look at a locked process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.lock.programs import start

from passerby.lock.verify import locked, thread_walls

READY = "tell(1); os.read(0, 1)"


def test_a_locked_process_with_threads_is_seen_as_locked() -> None:
    with start(f"""
        def sleeper(): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        lock(between=sleeper); sleeper(); {READY}
    """) as child:
        assert child.stdout and child.stdout.readline() == "1\n"
        walls = thread_walls(child.pid)
        assert len(walls) == 3
        assert {(w.seccomp, w.no_new_privs) for w in walls} == {(2, True)}
        assert locked(child.pid)
        child.communicate("x")


def test_half_locked_is_not_locked() -> None:
    with start(f"Walls().before_imports((0, 1, 2), Limits()); {READY}") as child:
        assert child.stdout and child.stdout.readline() == "1\n"
        assert not locked(child.pid)
        child.communicate("x")


def test_this_process_and_no_process_are_not_locked() -> None:
    assert not locked(os.getpid())
    assert not locked(1 << 22)
    assert thread_walls(1 << 22) == ()


def _fake(proc: Path, pid: int | str, threads: dict[int, str]) -> None:
    for thread, status in threads.items():
        folder = proc / str(pid) / "task" / str(thread)
        folder.mkdir(parents=True)
        (folder / "status").write_text(status)


GOOD = "Name:\tx\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t2\n"


@pytest.mark.parametrize(
    ("odd", "own", "expected"),
    [
        (GOOD, 1, True),
        (GOOD, 2, False),
        (GOOD.replace("Privs:\t1", "Privs:\t0"), 0, False),
        (GOOD.replace("Seccomp:\t2", "Seccomp:\t0"), 0, False),
        (GOOD.replace("filters:\t2", "filters:\t1"), 1, False),
        ("Name:\tx\n", 0, False),
    ],
    ids=["all", "container's filter only", "privileges", "no filter", "one fewer", "nothing said"],
)
def test_one_odd_thread_is_enough(tmp_path: Path, odd: str, own: int, expected: bool) -> None:
    _fake(tmp_path, 7, {7: GOOD, 8: odd, 9: GOOD})
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "status").write_text(f"Seccomp_filters:\t{own}\n")
    assert locked(7, tmp_path) is expected
