"""One changed module, tried by the tests in a fork of a process that has loaded the tools, but none of our code."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
# When a run counts as endless, in seconds of the processor: at least this, or so often the unchanged run. A run that
# waits instead of computing ends after so many times that by the clock; a busy machine alone ends none.
LEAST_SECONDS, TIMES_AS_LONG, WAITING = 10, 4, 20


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed module to whoever imports it."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]  # noqa: ARG002
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def create_module(self, spec):  # type: ignore[no-untyped-def]  # noqa: ARG002
        return None

    def exec_module(self, module) -> None:  # type: ignore[no-untyped-def]
        exec(compile(ast.fix_missing_locations(self.tree), str(self.path), "exec"), module.__dict__)


class Order:
    """A pytest plugin: those tests first that noticed most, then the quick ones; says what it saw to a pipe."""

    def __init__(self, kills: Counter[str], times: dict[str, float], pipe: int) -> None:
        self.kills, self.times, self.pipe = kills, times, pipe
        self.failed, self.took = "", dict[str, float]()

    def pytest_collection_modifyitems(self, items) -> None:  # type: ignore[no-untyped-def]
        items.sort(key=lambda item: (-self.kills[item.nodeid], self.times.get(item.nodeid, 0.0)))

    def pytest_runtest_logreport(self, report) -> None:  # type: ignore[no-untyped-def]
        self.took[report.nodeid] = self.took.get(report.nodeid, 0.0) + report.duration
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_unconfigure(self) -> None:
        os.write(self.pipe, self.failed.encode() if self.times else json.dumps(self.took).encode())


class Bench:
    """Tries changes of one module with some test files, several at a time.

    Raises:
        RuntimeError: The tests fail without any change.
    """

    def __init__(self, name: str, path: Path, files: Sequence[Path], leave_out: str) -> None:
        self._name, self._path = name, path
        self._arguments = [*OPTIONS, "-k", leave_out, *map(str, files)] if leave_out else [*OPTIONS, *map(str, files)]
        self._kills, self._times = Counter[str](), dict[str, float]()
        self._running: dict[int, tuple[int, str]] = {}
        self._seconds, self._used, self.endless = 600, 0.0, 0
        self._preload()
        self.start("unchanged", None)
        _, survived, said = self._wait()
        if not survived:
            raise RuntimeError(f"the tests of {name} fail without any change")
        self._times = json.loads(said)
        self._seconds = max(LEAST_SECONDS, round(TIMES_AS_LONG * self._used))

    def _preload(self) -> None:
        """Load what the tests need from others, and forget our own code: every fork loads that anew."""
        import pytest

        out = os.dup(1)
        os.dup2(null := os.open(os.devnull, os.O_WRONLY), 1)
        pytest.main(["--collect-only", *self._arguments])
        sys.stdout.flush()
        os.dup2(out, 1)
        os.close(out)
        os.close(null)
        ours = [ROOT / "src", ROOT / "tests"]
        for name, module in list(sys.modules.items()):
            file = Path(getattr(module, "__file__", None) or "/")
            if name.partition(".")[0] in ("passerby", "tests") or any(file.is_relative_to(root) for root in ours):
                del sys.modules[name]

    @property
    def busy(self) -> int:
        """How many changes are being tried."""
        return len(self._running)

    def start(self, label: str, tree: ast.Module | None) -> None:
        """Begin to try one changed module (or the unchanged one)."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            os._exit(self._child(tree, writer))
        os.close(writer)
        self._running[child] = reader, label

    def _child(self, tree: ast.Module | None, writer: int) -> int:
        import pytest

        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        signal.alarm(WAITING * self._seconds)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        if tree is not None:
            sys.meta_path.insert(0, Changed(self._name, self._path, tree))
        return int(pytest.main(["-x", *self._arguments], plugins=[Order(self._kills, self._times, writer)]))

    def wait(self) -> tuple[str, bool]:
        """Wait for one: its label, and whether the tests still pass."""
        label, survived, said = self._wait()
        if said:
            self._kills[said.decode()] += 1
        return label, survived

    def _wait(self) -> tuple[str, bool, bytes]:
        child, status, use = os.wait4(-1, 0)
        reader, label = self._running.pop(child)
        with os.fdopen(reader, "rb") as pipe:
            said = pipe.read()
        self.endless += os.WIFSIGNALED(status)
        self._used = use.ru_utime + use.ru_stime
        return label, os.waitstatus_to_exitcode(status) == 0, said
