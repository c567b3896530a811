"""Ways out of intake, decode and hide: with their own profiles and all their libraries loaded, and without walls."""

from __future__ import annotations

import errno
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.probe import Ask, Probe
from tests.unit.lock.attempt import EXECUTED, KILLED
from tests.unit.lock.attempts import ATTEMPTS
from tests.unit.lock.conftest import Outcome
from tests.unit.lock.world import MISSING

pytestmark = pytest.mark.xdist_group("locked")
ROLES = ("intake", "decode", "hide")
# What the promise names, word for word.
PROMISED = {
    "open": "opening any file", "openat": "opening any file", "openat2": "opening any file",
    "creat": "opening any file", "memfd_create": "opening any file",
    "socket-tcp": "any socket", "socket-udp": "any socket", "socket-unix-stream": "any socket",
    "socket-netlink": "any socket", "socketpair": "any socket",
    "connect-tcp": "connect", "connect-udp": "connect", "connect-abstract": "connect",
    "execve": "exec", "execveat": "exec",
    "fork": "fork", "clone-process": "fork", "clone3": "fork",
    "ptrace-seize": "ptrace", "ptrace-me": "ptrace",
    "process_vm_readv": "reading another process's memory", "openat-neighbour-memory": "the same, by file",
    "pidfd_getfd": "taking a descriptor", "sendmsg-descriptor": "passing a descriptor",
    "io_uring_setup": "io_uring",
    "write-inherited": "a file left open", "mmap-code": "new code", "mprotect-writable-code": "new code",
}  # fmt: skip
# Without walls it makes no difference which process tries, so one has to do.
RUNS = [*((role, True) for role in ROLES), ("decode", False)]


@pytest.fixture(scope="module", params=RUNS, ids=[f"{role}-{'locked' if walls else 'control'}" for role, walls in RUNS])
def ask(request: pytest.FixtureRequest) -> Ask:
    return Ask(*request.param)


@pytest.fixture(scope="module")
def probe(ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    folder = tmp_path_factory.mktemp("probe")
    with Probe(ask, _source(folder), folder) as started:
        yield started


def describe(outcome: Outcome) -> str:
    if outcome.signal is not None:
        return signal.Signals(outcome.signal).name
    if outcome.result is None:
        return f"status {outcome.status}"
    return errno.errorcode.get(-outcome.result, "done")


def test_every_promised_attempt_is_known() -> None:
    assert PROMISED.keys() <= ATTEMPTS.keys()


def test_each_attempt(probe: Probe, ask: Ask) -> None:
    """With walls all fail, what was promised from three kinds of thread. Without, what fails is what can't be done."""
    wrong = []
    # Without walls the thread makes no difference.
    for place in ("main", "older", "younger") if ask.walls else ("main",):
        if (ask.role, place) == ("intake", "younger"):
            # It can't even start one.
            assert describe(probe.make("", place)) == "SIGSYS"
            continue
        nothing = probe.make("", place)
        assert (nothing.reached, nothing.result) == (True, 0), f"{place}: {describe(nothing)}"
        for name in ATTEMPTS if place == "main" and ask.role != "hide" else PROMISED:
            outcome = probe.make(name, place)
            if outcome.result != MISSING and (fault := (walled if ask.walls else free)(name, outcome)):
                wrong.append(f"{name} from {place}: {fault}")
    assert not wrong


def walled(name: str, outcome: Outcome) -> str:
    """What is wrong with how an attempt ended behind the walls; empty when nothing is."""
    attempt, said = ATTEMPTS[name], describe(outcome)
    wanted = "SIGSYS" if attempt.locked == KILLED else errno.errorcode[attempt.locked]
    return "" if outcome.reached and said == wanted else f"{said}, not {wanted}"


def free(name: str, outcome: Outcome) -> str:
    """The same without walls: it must have gone through unless this kernel or user can't do it at all."""
    attempt, code = ATTEMPTS[name], -(outcome.result or 0)
    if outcome.status == EXECUTED or (outcome.result is not None and outcome.result >= 0):
        return ""
    excused = attempt.root or code == attempt.control or attempt.absent(code)
    return "" if excused and name not in PROMISED else describe(outcome)


@pytest.mark.parametrize(
    ("role", "place", "last"),
    [
        ("intake", "main", "execve"),
        ("intake", "older", "fork"),
        ("decode", "main", "socket-tcp"),
        ("decode", "younger", "process_vm_readv"),
        ("hide", "older", "io_uring_setup"),
        ("hide", "younger", "ptrace-seize"),
        ("hide", "library", "sendmsg-descriptor"),
    ],
)
def test_the_process_itself(role: str, place: str, last: str, tmp_path: Path) -> None:
    """No fork: the very process, beside every thread that OpenVINO, OpenCV and FFmpeg have started in it."""
    with Probe(Ask(role, True, place, last), _source(tmp_path), tmp_path) as probe:
        told = probe.told()
        assert probe.process.wait(10) == -signal.SIGSYS
    locked, thread, *tries = told
    assert locked["locked"]
    assert (thread["thread"] == thread["main"]) == (place == "main")
    assert tries[-1] == {"name": last}, "it must be the last attempt that kills"
    answers = [t for t in tries if "result" in t]
    assert len(answers) > 20
    assert [t for t in answers if t["result"] != t["wanted"]] == []


@pytest.mark.parametrize(
    ("role", "place", "last"), [("hide", "library", "sendmsg-descriptor"), ("decode", "older", "socket-tcp")]
)
def test_the_same_process_without_walls(role: str, place: str, last: str, tmp_path: Path) -> None:
    """The control run: the same attempts from the same threads go through."""
    with Probe(Ask(role, False, place, last), _source(tmp_path), tmp_path) as probe:
        told = probe.told()
        assert probe.process.wait(10) == 0
    locked, thread, *tries = told
    assert not locked["locked"]
    assert locked["threads"] > 1, "the libraries have started threads"
    assert thread["thread"] != thread["main"]
    refused = [t for t in tries if t.get("result", 0) < 0]
    assert [t["name"] for t in refused if t["name"] in PROMISED or t["result"] == t["wanted"]] == []


def _source(folder: Path) -> Path:
    source = folder / "source"
    source.write_bytes(b"x" * 100)
    return source
