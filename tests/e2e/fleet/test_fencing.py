"""Two owners of a shard never both succeed: cut off, stopped, with a watch that lies, and all of it at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.fleet.proxy import Proxy
from tests.postgres import Cluster

from passerby.store.counts import counts_after
from passerby.store.migrate import open_postgres

OWNER = Path(__file__).with_name("owner.py")
LENGTH_S = 1.5
LONG_S = 60.0
SHARD = "north"


class Owner:
    """A process that owns a shard, or wants to."""

    def __init__(self, address: str, name: str, mode: str) -> None:
        self.lines = list[str]()
        self.process = subprocess.Popen(
            [sys.executable, OWNER, address, SHARD, name, str(LENGTH_S), mode], stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append(line.strip())

    def acks(self) -> list[tuple[int, int]]:
        """Token and number of each write that was acknowledged."""
        return [(int(t), int(n)) for kind, t, n in map(str.split, self.said("ack"))]

    def said(self, word: str) -> list[str]:
        """Its lines that begin so."""
        return [line for line in list(self.lines) if line.startswith(word)]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait."""
        end_s = time.monotonic() + LONG_S
        while not true():
            assert time.monotonic() < end_s, self.lines[-5:]
            time.sleep(0.02)

    def end(self) -> None:
        """It is over."""
        self.process.kill()
        self.process.wait()
        self._reader.join()


@pytest.fixture
def address(postgres: Cluster) -> Iterator[str]:
    address = postgres.new()
    yield address
    postgres.drop(address)


@pytest.fixture
def proxy(postgres: Cluster) -> Iterator[Proxy]:
    proxy = Proxy(postgres.socket)
    yield proxy
    proxy.close()


@pytest.mark.parametrize("mode", ["honest", "stubborn"])
@pytest.mark.parametrize("fault", ["stopped", "cut off", "cut off and stopped", "a watch that stands still"])
def test_two_owners_never_both_succeed(address: str, proxy: Proxy, fault: str, mode: str) -> None:
    if fault.startswith("a watch") and mode == "honest":
        pytest.skip("an honest owner's watch runs")
    through = address.partition("@")
    a = Owner(f"postgresql://passerby@127.0.0.1:{proxy.port}/{through[2].partition('?')[0].lstrip('/')}", "a", mode)
    b: Owner | None = None
    try:
        a.until(lambda: len(a.acks()) > 20)
        b = Owner(address, "b", "honest")
        if "cut off" in fault:
            proxy.cut()
        if "stopped" in fault:
            a.process.send_signal(signal.SIGSTOP)
        b.until(lambda: len(b.acks()) > 20)
        seen = len(a.acks())
        a.process.send_signal(signal.SIGCONT)
        proxy.heal()
        if mode == "honest":
            a.until(lambda: bool(a.said("lost")))
        else:
            a.until(lambda: bool(a.said("fenced")))
            b.until(lambda: len(b.acks()) > 60)
        assert len(a.acks()) <= seen + 1, "at most one answer was on its way"
        for owner in (a, b):
            owner.end()
        acknowledged = Counter(a.acks() + b.acks())
        with open_postgres(address, Path("x.db")) as store:
            rows = [(int(c.people), int(c.vehicles)) for c in counts_after(store, 0, 100_000)]
        assert [token for token, _ in rows] == sorted(token for token, _ in rows), "an older token after a newer one"
        assert {token for token, _ in rows} == {1, 2}
        assert not set(acknowledged) - set(rows), "acknowledged and not there"
        assert max(Counter(rows).values()) == 1, "written twice"
        assert len(set(rows) - set(acknowledged)) <= 2, "what was not acknowledged was on its way, at most one of each"
    finally:
        for owner in (a, b):
            if owner is not None:
                owner.end()
