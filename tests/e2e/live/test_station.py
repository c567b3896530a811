"""`passerby run` as a person runs it: folders in use, settings that are wrong, the end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.e2e.conftest import COMMAND, Command, left_of
from tests.e2e.live.site import counted, descendants, moves_on, said, station, write


def test_the_end_by_ctrl_c_is_clean(clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, clip)
    with station(settings) as process:
        moves_on(settings)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert "Traceback" not in said(settings)
        assert left_of(process.pid) == []


def test_the_end_by_itself(clip: Path, tmp_path: Path, passerby: Command) -> None:
    settings = write(tmp_path, clip)
    for seconds in (8, 30, 90):  # A busy machine needs longer to start.
        outcome = passerby("run", settings, "--for", str(seconds), cwd=tmp_path)
        assert outcome.code == 0
        if counted(settings):
            break
    assert counted(settings) >= 1
    assert re.search(r"one: running", outcome.out)


def test_a_port_that_is_taken(clip: Path, tmp_path: Path, passerby: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        outcome = passerby("run", write(tmp_path, clip, port=port), "--for", "30", cwd=tmp_path)
    assert outcome.code == 1
    assert f"port {port} on 127.0.0.1 is taken" in outcome.err


def test_a_data_folder_in_use(clip: Path, tmp_path: Path, passerby: Command) -> None:
    settings = write(tmp_path, clip)
    with station(settings):
        moves_on(settings)
        outcome = passerby("run", settings, "--for", "20", cwd=tmp_path)
        assert outcome.code == 1
        assert "is in use by another station" in outcome.err


def test_what_is_wrong_is_said_in_one_line(clip: Path, tmp_path: Path, passerby: Command) -> None:
    settings = write(tmp_path, tmp_path / "none.mp4")
    assert "camera one: " in passerby("run", settings, cwd=tmp_path).line
    settings.write_text("data = 1", "utf-8")
    assert "site.toml: " in passerby("run", settings, cwd=tmp_path).line


def test_a_folder_that_can_t_be_written(clip: Path, tmp_path: Path, passerby: Command) -> None:
    settings = write(tmp_path, clip)
    (tmp_path / "data").write_text("a file, not a folder", "utf-8")
    outcome = passerby("run", settings, "--for", "20", cwd=tmp_path)
    assert outcome.code == 1
    assert "can't be used as data folder" in outcome.err


def test_the_password_is_in_no_process_list_and_no_log(clip: Path, tmp_path: Path) -> None:
    settings = write(
        tmp_path,
        "rtsp://127.0.0.1:9/none",
        'user = {env = "PASSERBY_TEST_USER"}\npassword = {command = ["echo", "hunter2-secret"]}',
    )
    process = subprocess.Popen(
        [*COMMAND, "run", str(settings), "--for", "8"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PASSERBY_TEST_USER": "viewer"},
    )
    lines: list[bytes] = []
    while process.poll() is None:
        for pid in [process.pid, *descendants(process.pid)]:
            try:
                lines.append(Path(f"/proc/{pid}/cmdline").read_bytes())
            except OSError:
                continue
        time.sleep(0.1)
    assert process.stdout is not None
    words = process.stdout.read()
    process.stdout.close()
    assert "refuses connections" in words
    assert "hunter2" not in words
    assert not [line for line in lines if b"live_main" not in line and b"hunter2" in line]
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != settings]
    assert not [path for path in kept if b"hunter2" in path.read_bytes()]


def test_the_commented_settings_are_right(tmp_path: Path) -> None:
    """`docs/site.toml` as it is, and with every entry that it shows switched on."""
    from passerby.station.settings import read_site

    text = (Path(__file__).parents[3] / "docs" / "site.toml").read_text("utf-8")
    assert len(read_site(_put(tmp_path, text)).cameras) == 1
    every = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    every = "\n".join(line for line in every.splitlines() if not line.startswith("password = {command"))
    camera = read_site(_put(tmp_path, every)).cameras[0]
    assert camera.user is not None
    assert camera.longest_stay_s == 21600


def _put(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, "utf-8")
    return path
