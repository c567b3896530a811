"""A station whose data folder fills up, or takes no writing from the start."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from tests.e2e.conftest import COMMAND
from tests.e2e.live.camera import soon
from tests.e2e.live.look import Look, key, look
from tests.e2e.live.said import Said
from tests.e2e.live.site import PATIENCE_S, ends_well, free_port, write

S = 1_000_000
# The disk refuses a write, or what recordings must leave free has been reached: whichever is seen first.
FULL = ("no room for one's video", "recordings have no more room")
MOUNT = 'mount -t tmpfs -o size=320m,{options} tmpfs data && exec "$@"'


@pytest.fixture(scope="session")
def can_mount() -> bool:
    """Whether a command can have a mount of its own here."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    can = subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not can and os.environ.get("CI"):
        pytest.fail("unshare can't mount here: a small disk can't be made")
    return can


@contextmanager
def on_a_small_disk(settings: Path, options: str = "rw") -> Iterator[tuple[subprocess.Popen[str], Said]]:
    """A station whose data folder is a disk of 320 MiB: a little more than what recordings leave free."""
    (settings.parent / "data").mkdir()
    mount = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT.format(options=options), "sh"]
    process = subprocess.Popen(
        [*mount, *COMMAND, "run", str(settings)],
        cwd=settings.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        yield process, Said(process.stdout)
    finally:
        process.kill()
        process.wait()


def test_a_full_disk_loses_no_number_and_nothing_that_was_finished(clip: Path, tmp_path: Path, can_mount: bool) -> None:
    if not can_mount:
        pytest.skip("unshare can't mount here: a small disk can't be made")
    port = free_port()
    settings = write(tmp_path, clip, port=port)
    with on_a_small_disk(settings) as (process, said):

        def now() -> Look:
            return look(process.pid, settings)

        def page() -> str:
            return told(shown, port)

        soon("a finished segment", lambda: now().finished, PATIENCE_S)
        filler = Path(f"/proc/{process.pid}/root") / settings.parent.relative_to("/") / "data" / "filler"
        shown = key(process.pid, settings)
        _fill(filler)
        _says(said, *FULL)
        soon("the page says so, too", lambda: any(words in page() for words in FULL), PATIENCE_S)
        full = now()
        filler.unlink()
        _says(said, "one: video is being kept again")
        soon("the page says nothing of it any more", lambda: not any(words in page() for words in FULL), PATIENCE_S)
        soon("more segments", lambda: now().finished - full.finished, PATIENCE_S)
        after = now()
        assert full.finished <= after.finished
        assert len(after.times_us) > len(full.times_us)
        assert max(b - a for a, b in pairwise(after.times_us)) < 3 * S, "a number is missing"
        ends_well(process)


def test_a_disk_that_takes_no_writing(clip: Path, tmp_path: Path, can_mount: bool) -> None:
    if not can_mount:
        pytest.skip("unshare can't mount here: a small disk can't be made")
    with on_a_small_disk(write(tmp_path, clip), "ro") as (process, said):
        assert process.wait(60) == 1
        (line,) = said.all(PATIENCE_S).splitlines()
    assert "can't be used as data folder (Read-only file system): check the folder and its rights" in line


def told(shown: str, port: int) -> str:
    """What the server says of the camera; it is asked as the page asks."""
    try:
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/cameras")
        asked.add_header("authorization", f"Bearer {shown}")
        with urllib.request.urlopen(asked, timeout=5) as answer:
            (camera,) = json.load(answer)["cameras"]
    except OSError:
        return ""
    return str(camera["message"])


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 12))
        except OSError:
            return


def _says(said: Said, *lines: str) -> None:
    """It says one of these; any complaint of Python's before it is one too many."""
    wanted = (*lines, "Traceback")
    heard = said.until(lambda words: any(line in words for line in wanted), " or ".join(lines), PATIENCE_S)
    assert "Traceback" not in heard
