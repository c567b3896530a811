"""No frame reaches a disk by a core dump: the process leaves none, and frame memory is marked besides."""

from __future__ import annotations

import ctypes
import mmap
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.lock.programs import said, start

from passerby.base.errors import LockError
from passerby.lock.process import dont_dump

CRIMES = {
    "SIGSYS": "libc.prctl(libc.PR_SET_PDEATHSIG, 0)",
    "SIGSEGV": "ctypes.string_at(0)",
}
# A filter that kills on prctl and allows the rest, on a process that is not hardened.
BARE = """
    from passerby.lock import bpf
    number = libc.calls.call("prctl")
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x80000000), (6, 0, 0, 0x7FFF0000)]
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.load(bpf.pack(bpf.Instruction(*step) for step in steps))
"""
# Hardened, but for the limits: a program that takes core dumps is not bound by them. What is left is "not dumpable".
UNLIMITED = """
    import resource
    process.resource.RLIMIT_CORE = resource.RLIMIT_NICE
    process.harden((0, 1, 2), Limits(file_size=None))
"""
WALLS = {"control": BARE, "hardened": UNLIMITED + BARE, "locked": "\n    lock()\n"}


@pytest.fixture
def cores_wanted() -> Iterator[None]:
    """Children may leave core dumps of any size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("this user may not leave core dumps at all")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("cores_wanted")
@pytest.mark.parametrize("killed_by", CRIMES)
@pytest.mark.parametrize("walls", WALLS)
def test_a_killed_process_leaves_no_core(tmp_path: Path, killed_by: str, walls: str) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if not pattern or pattern.startswith(("|", "/")):
        pytest.skip(f"core dumps do not go to the working folder here ({pattern!r})")
    with start(WALLS[walls] + "    " + CRIMES[killed_by], cwd=tmp_path) as child:
        child.communicate(timeout=60)
    assert child.returncode == -signal.Signals[killed_by].value
    assert bool(list(tmp_path.iterdir())) is (walls == "control")


def test_frames_are_marked_as_not_to_be_dumped() -> None:
    pages = mmap.mmap(-1, 4 * mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    assert "dd" not in _flags(address)
    dont_dump(address + 5, 3 * mmap.PAGESIZE)
    for page in range(4):
        assert "dd" in _flags(address + page * mmap.PAGESIZE)


def test_frames_that_do_not_exist_can_not_be_marked() -> None:
    with pytest.raises(LockError, match="can't be kept out of core dumps"):
        dont_dump(mmap.PAGESIZE, mmap.PAGESIZE)


def test_marking_works_behind_the_lock() -> None:
    assert said("""
        memory = ctypes.create_string_buffer(9000)
        lock()
        tell(refusal(lambda: process.dont_dump(ctypes.addressof(memory), 9000)))
    """) == [None]


def _flags(address: int) -> list[str]:
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and ":" not in words[0]:
            start_at, end = (int(w, 16) for w in words[0].split("-"))
            inside = start_at <= address < end
        elif inside and words[0] == "VmFlags:":
            return words[1:]
    return []
