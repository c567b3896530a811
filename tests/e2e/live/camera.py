"""A real RTSP camera to switch off, hang and replace: the stand-in that the demo plays with."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.e2e.live.said import Said

import passerby.station.showcase

SCRIPT = Path(passerby.station.showcase.__path__[0]) / "rtsp_camera.py"
SYSTEM_PYTHON = "/usr/bin/python3"
START_S = 60.0


class RtspCamera:
    """Serves a clip at a fixed port of loopback.

    Args:
        clip: What it plays.
        port: 0 for any.
    """

    def __init__(self, clip: Path, port: int = 0) -> None:
        self._clip = clip
        self._port = port
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self, *options: str, user: str = "", password: str = "") -> None:
        """Start, and wait until it serves."""
        environment = {**os.environ, "PASSERBY_CAMERA_USER": user, "PASSERBY_CAMERA_PASSWORD": password}
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SCRIPT), str(self._clip), "--port", str(self._port), *options],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self._process.stdout is not None
        said = Said(self._process.stdout)
        self.url = said.until(lambda line: line.startswith("rtsp://127.0.0.1:"), "an address", START_S).strip()
        self._port = int(self.url.rsplit(":", 1)[1].split("/")[0])

    def hang(self) -> None:
        """Be there, and say nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End of hanging."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Gone, as if the plug were pulled."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def soon(what: str, condition: object, patience_s: float) -> float:
    """Wait until something holds; how long it took, in seconds."""
    assert callable(condition)
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < patience_s, f"not within {patience_s:.0f} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - begun
