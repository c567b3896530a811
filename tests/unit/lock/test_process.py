"""What hardening takes away, seen from inside and from the supervisor's side."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.lock.programs import ENVIRONMENT, PREAMBLE, said, start

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
READY = "tell(1); os.read(0, 1)"


def _status(pid: int, field: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(field + ":"))


def test_no_capability_and_no_new_privilege_is_left() -> None:
    with start(f"process.harden((0, 1, 2), Limits()); {READY}") as child:
        assert child.stdout and child.stdout.readline() == "1\n"
        for field in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert int(_status(child.pid, field), 16) == 0
        if os.geteuid() == 0:
            assert int(_status(child.pid, "CapBnd"), 16) == 0
        assert _status(child.pid, "NoNewPrivs") == "1"
        assert _status(child.pid, "Umask") == "0077"
        child.communicate("x")


def test_limits() -> None:
    (found,) = said("""
        import resource as r
        process.harden((0, 1, 2), Limits(address_space=1 << 33, cpu_seconds=50, open_files=20))
        tell([r.getrlimit(w) for w in (r.RLIMIT_CORE, r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_NOFILE, r.RLIMIT_FSIZE)])
    """)
    assert found == [[0, 0], [1 << 33] * 2, [50, 50], [20, 20], [0, 0]]


def test_a_limit_of_none_is_left_alone_and_none_is_raised() -> None:
    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))

    (found,) = said(
        """
        import resource as r
        before = r.getrlimit(r.RLIMIT_FSIZE)
        process.harden((0, 1, 2), Limits(open_files=500, file_size=None))
        tell([r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_FSIZE) == before])
        """,
        preexec_fn=lower,
    )
    assert found == [[30, 30], True]


def test_memory_beyond_the_limit_is_an_error_and_not_a_crash() -> None:
    (found,) = said("""
        process.harden((0, 1, 2), Limits(address_space=1 << 30))
        try:
            bytearray(1 << 31)
        except MemoryError:
            tell("refused")
    """)
    assert found == "refused"


def test_only_the_kept_descriptors_stay_open(tmp_path: Path) -> None:
    out, into = os.pipe()
    stray = os.open(tmp_path, os.O_RDONLY)
    (found,) = said(
        f"""
        process.harden((1, {into}), Limits())
        names = sorted(map(int, os.listdir("/proc/self/fd")))
        places = {{fd: f"/proc/self/fd/{{fd}}" for fd in names}}
        listed = {{fd: os.readlink(place) for fd, place in places.items() if os.path.lexists(place)}}
        tell([listed[0], listed[2], sorted(listed)])
        """,
        pass_fds=[into, stray],
    )
    assert found == ["/dev/null", "/dev/null", [0, 1, 2, into]]
    for fd in (out, into, stray):
        os.close(fd)


def test_all_three_standard_descriptors_can_go() -> None:
    out, into = os.pipe()
    with start(f"process.harden(({into},), Limits()); os.write({into}, b'x')", pass_fds=[into]) as child:
        os.close(into)
        assert os.read(out, 9) == b"x"
        assert child.wait(60) == 0
    os.close(out)


def test_a_descriptor_to_keep_must_be_open() -> None:
    assert said("tell(refusal(lambda: process.harden((0, 1, 2, 40), Limits())))") == [
        "descriptor 40 is to be kept but is not open"
    ]


def test_a_supervisor_that_has_gone_is_noticed() -> None:
    assert said("tell(refusal(lambda: process.harden((0, 1, 2), Limits(), parent=1 << 22)))") == [
        "the supervisor has gone"
    ]


@AS_ROOT
def test_root_becomes_somebody_else() -> None:
    (found,) = said("""
        os.setgroups([4, 5])
        process.harden((0, 1, 2), Limits(), drop_to=65534, parent=os.getppid())
        tell([os.getresuid(), os.getresgid(), os.getgroups(), denied(lambda: os.setuid(0))])
    """)
    assert found == [[65534] * 3, [65534] * 3, [], "EPERM"]


@AS_ROOT
def test_the_death_signal_survives_the_change_of_user() -> None:
    assert said("""
        process.harden((0, 1, 2), Limits(), drop_to=65534)
        found = ctypes.create_string_buffer(4)
        libc.prctl(2, ctypes.addressof(found))
        tell([int.from_bytes(found.raw, "little"), libc.prctl(libc.PR_GET_DUMPABLE)])
    """) == [[signal.SIGKILL, 0]]


@AS_ROOT
def test_becoming_root_is_no_drop() -> None:
    (message,) = said("tell(refusal(lambda: process.harden((0, 1, 2), Limits(), drop_to=0)))")
    assert message.startswith("dropping to user 0 drops nothing")


def test_it_dies_with_its_supervisor() -> None:
    sleeper = PREAMBLE + "process.harden((0, 1, 2), Limits()); tell(1); time.sleep(60)"
    supervisor = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {sleeper!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    ended = subprocess.run(
        [sys.executable, "-c", supervisor], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    pid = int(ended.stdout)
    end = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return _status(pid, "State")[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_readable_memory_does_not_stay_executable() -> None:
    """With this personality, which a forked process inherits, every mapping would be code."""
    before, after = said("""
        import mmap
        from passerby.lock.code import Mappings
        pages = []
        def code():
            return sum(end - start for start, end, rights, _ in Mappings()._mappings() if "x" in rights)
        def grows():
            before = code()
            pages.append(mmap.mmap(-1, 1 << 24, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ))
            return code() >= before + (1 << 24)
        libc.syscall("personality", 0x0400000)
        tell(grows()); process.harden((0, 1, 2), Limits()); tell(grows())
    """)
    assert (before, after) == (True, False)
