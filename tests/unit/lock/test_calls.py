"""Numbers of system calls, against libseccomp's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from tests.unit.lock.numbers_of_calls import NUMBERS

from passerby.base.errors import LockError
from passerby.lock import calls
from passerby.lock.calls import Machine

Oracle = Callable[[Machine, str], int]


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    try:
        import pyseccomp  # type: ignore[import-untyped]
    except (ImportError, OSError, RuntimeError) as problem:
        pytest.skip(f"no libseccomp to compare with: {problem}")
    arch = {"x86_64": pyseccomp.Arch.X86_64, "aarch64": pyseccomp.Arch.AARCH64}
    return lambda machine, name: int(pyseccomp.resolve_syscall(arch[machine], name))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("name", sorted(calls.TABLE))
def test_the_product_table(oracle: Oracle, machine: Machine, name: str) -> None:
    number = calls.number(name, machine)
    # libseccomp gives a negative number of its own where an architecture has no such call.
    assert oracle(machine, name) == number if number is not None else oracle(machine, name) < 0


@pytest.mark.parametrize("column", [0, 1], ids=["x86_64", "aarch64"])
def test_the_table_of_the_attempts(oracle: Oracle, column: int) -> None:
    machine: Machine = "x86_64" if column == 0 else "aarch64"
    known = {name: pair[column] for name, pair in NUMBERS.items() if pair[column] is not None}
    newer = {"futex_waitv", "memfd_secret", "process_mrelease"}  # than some libseccomp
    wrong = {n: (v, oracle(machine, n)) for n, v in known.items() if oracle(machine, n) != v and n not in newer}
    assert not wrong


def test_a_number_is_used_once() -> None:
    for column in (0, 1):
        numbers = [pair[column] for pair in calls.TABLE.values() if pair[column] is not None]
        assert len(numbers) == len(set(numbers))


@pytest.fixture
def uname(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes the kernel claim another machine."""
    calls.here.cache_clear()
    yield lambda name: monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=name))
    calls.here.cache_clear()


@pytest.mark.parametrize("machine", ["i686", "armv7l", "riscv64", "ppc64le"])
def test_other_machines_are_refused(uname: Callable[[str], None], machine: str) -> None:
    uname(machine)
    with pytest.raises(LockError, match=machine):
        calls.here()


def test_a_call_this_architecture_has_not(uname: Callable[[str], None]) -> None:
    uname("aarch64")
    with pytest.raises(LockError, match="no call poll"):
        calls.call("poll")
    assert calls.call("openat") == 56
