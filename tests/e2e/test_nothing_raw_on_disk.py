"""No file that any process has written holds a raw frame or an original packet, whatever happened to the processes."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.clips import frames_in, noise_clip
from tests.e2e.commands import Folders, allow_core_files, redact
from tests.e2e.processes import MODULES, alive, all_locked, children, wait_for
from tests.e2e.traces import Disk, Traces, written_so_far

pytestmark = pytest.mark.xdist_group("disk")
FRAMES = 16


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Noise of its own for each run of the tests: the search goes through folders that others write to as well.
    return noise_clip(tmp_path_factory.mktemp("original") / "noise.mp4", FRAMES, seed=secrets.randbits(32))


@pytest.fixture(scope="module")
def traces(clip: Path) -> Traces:
    return Traces(clip)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.under(tmp_path)


@pytest.fixture
def disk(folders: Folders, clip: Path) -> Disk:
    return Disk(*folders.all, leave_out=clip.parent)


def test_after_a_run(clip: Path, traces: Traces, folders: Folders, disk: Disk) -> None:
    with redact(clip, folders) as process:
        _, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    changed = disk.changed()
    assert {p.name for p in changed if p.is_relative_to(folders.out)} == {"out.mp4", "r.json", "v.mp4"}
    assert frames_in(folders.out / "out.mp4") == FRAMES
    assert traces.found_in(changed) == {}
    assert [p for folder in (folders.home, folders.temporary, folders.here) for p in folder.rglob("*")] == []


@pytest.mark.parametrize("kind", ["raw frame", "original packet"])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_control_what_is_planted_is_found(
    clip: Path, traces: Traces, folders: Folders, disk: Disk, place: int, kind: str
) -> None:
    """In any of the folders, and in the middle of something else."""
    run = (traces.rows if kind == "raw frame" else traces.packets)[17]
    planted = folders.all[place] / "hidden"
    planted.write_bytes(os.urandom(10_001) + run + os.urandom(777))
    found = traces.found_in(disk.changed())
    planted.unlink()
    assert found == {str(planted): [kind]}


def test_control_the_original_itself_would_be_found(clip: Path, traces: Traces) -> None:
    assert traces.within(clip.read_bytes()) == ["original packet"]


@pytest.mark.parametrize(
    ("victim", "number"),
    [
        ("intake", signal.SIGSYS),
        ("decode", signal.SIGSYS),
        ("decode", signal.SIGSEGV),
        ("hide", signal.SIGABRT),
        ("supervisor", signal.SIGABRT),
        ("supervisor", signal.SIGKILL),
    ],
)
def test_after_a_crash(victim: str, number: int, clip: Path, traces: Traces, folders: Folders, disk: Disk) -> None:
    """Core files are allowed to all and made by none; neither is what was written so far."""
    with redact(clip, folders) as process:
        assert wait_for(lambda: all_locked(children(process.pid)), 40)
        # Better with something written already; but it may still be learning.
        if victim in ("hide", "supervisor"):
            wait_for(lambda: any(len(data) for _, data in written_so_far(process.pid)), 3)
        pids = children(process.pid)
        unfinished = written_so_far(process.pid)
        os.kill(process.pid if victim == "supervisor" else pids[victim], number)
        if victim == "supervisor":
            process.wait(20)
        else:
            assert wait_for(lambda: not alive(pids[victim]), 5)
            # What the crash left is there by now; the replacement is nobody's concern here.
            process.kill()
        process.communicate(timeout=20)
    assert [name for name, data in unfinished if traces.within(data)] == []
    changed = disk.changed()
    assert [p for p in changed if p.is_relative_to(folders.out)] == []
    assert disk.cores() == []
    assert traces.found_in(changed) == {}


def test_control_a_plain_process_leaves_a_core_file(tmp_path: Path) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if not pattern or pattern.startswith(("|", "/")):
        pytest.skip(f"core files of this machine go elsewhere ({pattern})")
    program = "import os, signal; secret = os.environ['SECRET'] * 2; os.kill(os.getpid(), signal.SIGSYS)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"SECRET": "not to be dumped"}, preexec_fn=allow_core_files
    )
    assert done.returncode == -signal.SIGSYS
    (core,) = tmp_path.glob("core*")
    assert b"not to be dumpednot to be dumped" in core.read_bytes()
    core.unlink()


OPEN = re.compile(r'^(\d+) +(?:open|openat|creat)\((?:AT_FDCWD, )?"([^"]*)", ([A-Z_|]+).*\) = \d+', re.MULTILINE)
NAMED = re.compile(
    r"^(\d+) +(link|linkat|rename|renameat2?|symlink|symlinkat|mkdir|mkdirat|mknodat?)\(.*\) = 0", re.MULTILINE
)
MEMORY = re.compile(r'^(\d+) +memfd_create\("([^"]*)"', re.MULTILINE)
RUN = re.compile(r'^(\d+) +execve\(.*"-m", "([\w.]+)"', re.MULTILINE)


def test_only_the_supervisor_opens_a_file_for_writing(clip: Path, folders: Folders) -> None:
    """The search above looks at folders; this looks at every open, wherever the file lies."""
    strace = shutil.which("strace")
    if strace is None:
        assert "CI" not in os.environ, "strace is in requirements/debian.txt"
        pytest.skip("needs strace")
    log = folders.out.parent / "trace"
    watched = "trace=execve,open,openat,creat,link,linkat,rename,renameat,renameat2,symlink,mkdir,mknod,memfd_create"
    prefix = [strace, "-f", "--seccomp-bpf", "-qq", "-s", "200", "-e", watched, "-e", "signal=none", "-o", str(log)]
    with redact(clip, folders, prefix) as process:
        _, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    text = log.read_text()
    started = dict(RUN.findall(text))
    locked = {pid for pid, module in started.items() if module in MODULES}
    assert len(locked) == len(MODULES)
    writes = [(pid, path, how) for pid, path, how in OPEN.findall(text) if re.search("WRONLY|RDWR|CREAT|TMPFILE", how)]
    assert [w for w in writes if w[0] in locked and w[1] != os.devnull] == []
    others = [(path, how) for pid, path, how in writes if pid not in locked and path != os.devnull]
    assert {path for path, _ in others} == {str(folders.out)}
    assert all("O_TMPFILE" in how for _, how in others)
    assert len(others) >= 3
    assert {pid for pid, _ in NAMED.findall(text)} & locked == set()
    assert [name for _, name in MEMORY.findall(text)] == ["passerby-ring"]
