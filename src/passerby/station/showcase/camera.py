"""The demo's camera: the clip over RTSP where this machine has a server for it, else the clip itself, paced."""

from __future__ import annotations

import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SYSTEM_PYTHON = Path("/usr/bin/python3")
SCRIPT = Path(__file__).with_name("rtsp_camera.py")
NEEDS = "gi.require_version('GstRtspServer', '1.0')"
# It codes the whole clip before it serves.
START_S = 90.0
CHECK_S = 20.0


def can_serve() -> bool:
    """Whether the system's Python has GStreamer's RTSP server (Debian's gir1.2-gst-rtsp-server-1.0)."""
    if not SYSTEM_PYTHON.exists():
        return False
    try:
        found = subprocess.run(
            [str(SYSTEM_PYTHON), "-c", f"import gi; {NEEDS}"], capture_output=True, timeout=CHECK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0


@contextmanager
def rtsp_camera(clip: Path) -> Iterator[str | None]:
    """The address of a camera that plays the clip for as long as this lasts; None where it can't be played."""
    process = subprocess.Popen(
        [str(SYSTEM_PYTHON), str(SCRIPT), str(clip)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield _address(process)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str | None:
    assert process.stdout is not None
    until_s = time.monotonic() + START_S
    while time.monotonic() < until_s and process.poll() is None:
        if select.select([process.stdout], [], [], 0.2)[0]:
            line = process.stdout.readline().strip()
            return line if line.startswith("rtsp://") else None
    return None
