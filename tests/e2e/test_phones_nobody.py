"""No command opens a socket, asks for a name or leaves anything in the home folder; telemetry is never loaded."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from tests.e2e.clips import noise_clip

import passerby
from passerby.darkroom.find.network import TELEMETRY

pytestmark = pytest.mark.xdist_group("phones")
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)[( ]", re.MULTILINE)
COMMANDS = {
    "version": ["--version"],
    "help": ["--help"],
    "redact-help": ["redact", "--help"],
    "doctor": ["doctor"],
    "redact": ["redact", "{clip}", "{folder}/out.mp4", "--json", "{folder}/r.json"],
    "redact-opencv": ["redact", "{clip}", "{folder}/out.mp4", "--backend", "opencv"],
    "count": ["count", "{clip}", "--json", "{folder}/c.json"],
    "unreadable": ["redact", "{folder}", "{folder}/none"],
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_clip(tmp_path_factory.mktemp("clip") / "noise.mp4", frames=4, seed=21)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def traced(command: list[str], home: Path) -> tuple[int, list[str]]:
    """Exit status, and every network call that the command or a process of its makes."""
    strace = shutil.which("strace")
    if strace is None:
        assert "CI" not in os.environ, "strace is in requirements/debian.txt"
        pytest.skip("needs strace")
    log = home.parent / "trace"
    done = subprocess.run(
        [strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=network", "-e", "signal=none", "-o", str(log), *command],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}, cwd=home.parent,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=100,
    )  # fmt: skip
    if b"ptrace" in done.stderr.lower() and not log.exists():
        assert "CI" not in os.environ, done.stderr
        pytest.skip("this machine allows no tracing")
    return done.returncode, CALL.findall(log.read_text())


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_makes_a_network_call(name: str, clip: Path, home: Path) -> None:
    words = [word.format(clip=clip, folder=home.parent) for word in COMMANDS[name]]
    status, calls = traced([sys.executable, "-m", "passerby.cli", *words], home)
    assert calls == []
    assert status == (1 if name == "unreadable" else 0)
    assert list(home.iterdir()) == []


def test_control_a_name_look_up_shows(home: Path) -> None:
    program = "import socket; socket.getaddrinfo('passerby.invalid', 1)"
    _, calls = traced([sys.executable, "-c", program], home)
    assert "socket" in calls


def test_telemetry_is_not_installed() -> None:
    present = [p.name for p in Path(sysconfig.get_path("purelib")).iterdir()]
    assert [n for n in present if n.lower().replace("-", "_").startswith(TELEMETRY)] == []


STUB = """
import os, pathlib
try:
    pathlib.Path({marker!r}).write_text("loaded")
finally:
    os._exit(77)
"""


@pytest.fixture(scope="module")
def infested(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """An interpreter with packages of telemetry's names, which leave a mark and end the process that loads them.

    Locked processes can't write the mark, but they would end with 77 and fail the job.
    """
    folder = tmp_path_factory.mktemp("infested")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv/bin/python"
    site = folder / "venv/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    source = Path(passerby.__file__).parents[1]
    (site / "all.pth").write_text(f"{sysconfig.get_path('purelib')}\n{source}\n")
    for name in TELEMETRY:
        (site / name).mkdir()
        (site / name / "__init__.py").write_text(STUB.format(marker=str(folder / "mark")))
    return str(python), folder / "mark"


def run(command: list[str], home: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, env={"HOME": str(home), "PATH": "/usr/bin:/bin"}, capture_output=True, timeout=100)


@pytest.mark.parametrize("name", ["redact", "doctor"])
def test_installed_telemetry_is_never_loaded(infested: tuple[str, Path], name: str, clip: Path, home: Path) -> None:
    python, mark = infested
    words = [word.format(clip=clip, folder=home.parent) for word in COMMANDS[name]]
    done = run([python, "-I", "-m", "passerby.cli", *words], home)
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


def test_control_openvino_would_load_it(infested: tuple[str, Path], home: Path) -> None:
    python, mark = infested
    done = run([python, "-I", "-c", "import openvino"], home)
    assert done.returncode == 77, done.stderr
    assert mark.read_text() == "loaded"
    mark.unlink()
