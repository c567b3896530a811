"""Intake, decode and hide in the middle of their work, seen from outside: what holds them and what they hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.clips import noise_clip
from tests.e2e.processes import at_work, fields, may_look_inside
from tests.unit.lock.programs import ENVIRONMENT as PLAIN
from tests.unit.lock.programs import ROOT

from passerby.base.errors import LockError
from passerby.lock import verify
from passerby.lock.spawn import ENVIRONMENT
from passerby.station import crew as crew_module

pytestmark = pytest.mark.xdist_group("locked")
ROLES = ("intake", "decode", "hide")
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapAmb")
RING = "/memfd:passerby-ring (deleted)"
inside = pytest.mark.skipif(not may_look_inside(), reason="only CAP_SYS_PTRACE sees into what is not dumpable")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_clip(tmp_path_factory.mktemp("clip") / "noise.mp4", frames=60, seed=11)


@pytest.fixture(scope="module")
def pids(source: Path) -> Iterator[dict[str, int]]:
    with at_work(source) as (crew, _):
        time.sleep(0.5)  # until the pipes are full, so that nothing moves while it is looked at
        yield crew.pids()


@pytest.fixture
def plain() -> Iterator[int]:
    """A process as any other, for control."""
    program = "from passerby.lock import privileges; privileges.drop(None); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=PLAIN
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        process.kill()


@pytest.mark.parametrize("role", ROLES)
def test_every_thread_has_the_filter_and_no_capability(pids: dict[str, int], role: str) -> None:
    walls = verify.thread_walls(pids[role])
    own = verify.thread_walls_of_self()
    assert [(w.seccomp, w.filters, w.no_new_privs) for w in walls] == [(2, own + 1, True)] * len(walls)
    # Else "every thread" would say little. Intake parses containers with one.
    assert len(walls) == 1 if role == "intake" else len(walls) > 1
    for wall in walls:
        status = fields(Path(f"/proc/{pids[role]}/task/{wall.thread}/status"))
        assert {name: int(status[name], 16) for name in CAPABILITIES} == dict.fromkeys(CAPABILITIES, 0)
    assert verify.locked(pids[role])


def test_control_a_plain_process_has_none_of_it(plain: int) -> None:
    assert not verify.locked(plain)
    assert {w.no_new_privs for w in verify.thread_walls(plain)} <= {False}


@pytest.mark.parametrize("role", ROLES)
def test_the_supervisor_takes_nothing_from_a_process_without_walls(
    role: str, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids: dict[str, int] = {}
    monkeypatch.setattr(crew_module, "locked", lambda pid: verify.locked(pid) and pid != pids.get(role))
    demand = crew_module.demand_walls

    def demanded(name: str, process: subprocess.Popen[bytes]) -> None:
        pids[name] = process.pid
        demand(name, process)

    monkeypatch.setattr(crew_module, "demand_walls", demanded)
    with pytest.raises(LockError, match=f"the {role} process works without its lock"), at_work(source):
        pass


@pytest.mark.parametrize("role", ROLES)
def test_limits(pids: dict[str, int], role: str) -> None:
    limits = {
        row[0].strip(): row[1:3]
        for line in Path(f"/proc/{pids[role]}/limits").read_text().splitlines()[1:]
        if (row := re.split(r"\s{2,}", line))
    }
    assert limits["Max core file size"] == ["0", "0"]
    assert limits["Max file size"] == ["0", "0"]
    assert int(limits["Max open files"][1]) <= 64
    assert int(limits["Max address space"][1]) < 16 << 30


@inside
@pytest.mark.parametrize(
    ("role", "pipes"),
    # packets out, control in, log, notes | packets in, bell, log, free slots | bell, outlet, log, free slots, control
    [("intake", 4), ("decode", 4), ("hide", 5)],
)
def test_descriptors(pids: dict[str, int], role: str, pipes: int, source: Path) -> None:
    folder = Path(f"/proc/{pids[role]}/fd")
    targets = sorted(str(entry.readlink()) for entry in folder.iterdir())
    files = [target for target in targets if not target.startswith("pipe:[")]
    assert files == ([str(source)] if role == "intake" else [])
    assert len(targets) - len(files) == pipes
    if role == "intake":
        (entry,) = (e for e in folder.iterdir() if str(e.readlink()) == str(source))
        flags = fields(Path(f"/proc/{pids[role]}/fdinfo/{entry.name}"))["flags"]
        assert int(flags, 8) & os.O_ACCMODE == os.O_RDONLY


@inside
@pytest.mark.parametrize("role", ROLES)
def test_the_environment_is_ours(pids: dict[str, int], role: str) -> None:
    lines = Path(f"/proc/{pids[role]}/environ").read_text().split("\0")
    assert dict(line.split("=", 1) for line in lines if line) == ENVIRONMENT


@inside
@pytest.mark.parametrize("role", ROLES)
def test_no_memory_is_writable_and_code(pids: dict[str, int], role: str) -> None:
    maps = Path(f"/proc/{pids[role]}/maps").read_text().splitlines()
    assert any("r-xp" in line for line in maps)
    assert [line for line in maps if re.match(r"\S+ .w.?x|\S+ .wx", line)] == []


@inside
def test_raw_frames_are_in_two_processes_and_in_no_dump(pids: dict[str, int]) -> None:
    """Decode writes the ring, hide only reads it, nobody else has it; the kernel never dumps its pages."""
    rights = {role: [right for right, _ in _ring(pid)] for role, pid in pids.items()}
    assert rights == {"decode": ["rw-s"], "hide": ["r--s"], "intake": []}
    assert _ring(os.getpid()) == []
    assert all("dd" in flags for pid in pids.values() for _, flags in _ring(pid))
    own = [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.exists()]
    assert RING not in own


@pytest.mark.parametrize("role", ROLES)
def test_a_neighbour_of_the_same_user_learns_nothing(pids: dict[str, int], role: str) -> None:
    said = observe(pids[role])
    assert set(said.values()) <= {"EPERM", "EACCES"}, said


def test_control_a_neighbour_reads_a_plain_process(plain: int) -> None:
    said = observe(plain)
    assert said.pop("debugger") in ("done", "EPERM")  # Yama may forbid it even here
    if Path("/proc/sys/kernel/yama/ptrace_scope").exists():
        pytest.skip("this kernel's Yama protects plain processes, too")
    assert set(said.values()) == {"done"}, said


def observe(pid: int) -> dict[str, str]:
    """What a process of the same user without capabilities can do to another."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    except PermissionError:
        maps = ["1000-2000 rw-p [heap]"]
    address = int(next(line for line in maps if line.endswith("[heap]")).split("-")[0], 16)
    observer = subprocess.run(
        [sys.executable, "-m", "tests.e2e.observer", str(pid), str(address)],
        env=PLAIN, cwd=ROOT, capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    return dict(json.loads(observer.stdout))


def _ring(pid: int) -> list[tuple[str, list[str]]]:
    """Rights and flags of every mapping of the ring."""
    found: list[tuple[str, list[str]]] = []
    ours = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            if ours := line.endswith(RING):
                found.append((line.split()[1], []))
        elif ours and line.startswith("VmFlags:"):
            found[-1][1].extend(line.split()[1:])
    return found
