"""A camera's live redacted video reaches somebody else's RTSP server, and again after that one was away."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.live.camera import SYSTEM_PYTHON, soon
from tests.e2e.live.said import Said
from tests.e2e.live.site import PATIENCE_S, ends_well, free_port, said, station, write

RECORDER = Path(__file__).with_name("rtsp_recorder.py")


@contextmanager
def recorder(port: int) -> Iterator[Said]:
    with subprocess.Popen([SYSTEM_PYTHON, str(RECORDER), str(port)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            heard = Said(process.stdout)
            heard.until(lambda line: line.startswith("rtsp://"), "an address", PATIENCE_S)
            yield heard
        finally:
            process.kill()


def pictures(heard: Said, count: int) -> list[tuple[int, str]]:
    """Contrast and hash of the next pictures."""
    found = []
    for _ in range(count):
        line = heard.until(lambda line: line.startswith("picture "), "a picture", PATIENCE_S)
        _, _, contrast, digest = line.split()
        found.append((int(contrast), digest))
    return found


def test_live_video_is_pushed_and_pushed_again_after_the_server_was_away(clip: Path, tmp_path: Path) -> None:
    port = free_port()
    address = f"rtsp://127.0.0.1:{port}/north-gate"
    settings = write(tmp_path, clip, f'mode = "live"\ncount_every_s = 1\npush = "{address}"\n')
    with station(settings) as process:
        # The receiver is away at the start: that ends no camera and is tried again.
        soon("a first try", lambda: "push of one ended" in said(settings), PATIENCE_S)
        with recorder(port) as heard:
            first = pictures(heard, 20)
            # A mosaic of noise may stand still for a while; video that moves changes sooner or later.
            soon("another picture", lambda: pictures(heard, 1)[0][1] != first[0][1], PATIENCE_S)
        with recorder(port) as heard:
            assert pictures(heard, 5)
        assert process.poll() is None
        ends_well(process)
