"""A Ray cluster of real nodes on this machine's loopback: token, no dashboard, the head's state in Redis."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.e2e.live.site import free_port

REDIS = Path("/usr/bin/redis-server")
# Loopback; for 127.0.0.1 itself Ray takes the machine's outward address instead.
HOST = "127.0.0.2"
START_S = 90.0
STORE = 80 * 1024 * 1024
CHECKS = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "5",
}


class Nodes:
    """The nodes' processes. `close` it.

    Args:
        redis: Keep the head's state outside of it.
    """

    def __init__(self, *, redis: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="passerby-ray-"))
        self._processes = dict[str, subprocess.Popen[bytes]]()
        token = self.folder / "token"
        token.write_text(os.urandom(32).hex())
        token.chmod(0o600)
        self.env = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_DISABLE_IMPORT_WARNING": "1",
            **CHECKS,
        }
        if redis:
            port = free_port()
            self._start("redis", [str(REDIS), "--bind", "127.0.0.1", "--port", str(port), "--appendonly", "yes"])
            self.env |= {"RAY_REDIS_ADDRESS": f"127.0.0.1:{port}"}
        self.port = free_port()
        self.address = f"{HOST}:{self.port}"

    def head(self) -> None:
        """Start the head, perhaps again: no shard runs on it."""
        # A head on a machine of its own finds no trace of others there.
        (self.folder / "ray" / "ray_current_cluster").unlink(missing_ok=True)
        self._ray("head", "--head", f"--port={self.port}", "--include-dashboard=false", "--num-cpus=0")

    def node(self, name: str, *areas: str) -> None:
        """Start a node of some areas."""
        words = ", ".join(f'"area:{area}": 1' for area in areas)
        self._ray(name, f"--address={self.address}", "--num-cpus=4", f"--resources={{{words}}}")

    def kill(self, name: str) -> None:
        """End a node as a power cut does: all its processes at once."""
        process = self._processes.pop(name)
        for pid in (*_below(process.pid), process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        """What a node has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End everything."""
        for name in list(self._processes):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ray(self, name: str, *words: str) -> None:
        common = [f"--node-ip-address={HOST}", f"--object-store-memory={STORE}", "--disable-usage-stats", "--block"]
        if name == "head":
            common.append(f"--temp-dir={self.folder / 'ray'}")
        self._start(name, [sys.executable, "-m", "ray.scripts.scripts", "start", *words, *common])
        until_s = time.monotonic() + START_S
        while "Ray runtime started" not in self.log(name):
            assert self._processes[name].poll() is None and time.monotonic() < until_s, self.log(name)
            time.sleep(0.1)

    def _start(self, name: str, words: list[str]) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.env},
                cwd=self.folder,
                start_new_session=True,
            )


def _below(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [one for child in children for one in (*_below(int(child)), int(child))]
