"""`passerby run` as a person runs it: processes that die, folders in use, settings that are wrong, the end."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.clips import frames_in
from tests.e2e.conftest import COMMAND, Command, left_of
from tests.e2e.live.camera import soon

PATIENCE_S = 90.0
ROUNDS = int(os.environ.get("PASSERBY_SOAK_ROUNDS", "20"))
SITE = (
    'data = "data"\n[server]\nenabled = {server}\nport = {port}\n[[camera]]\nname = "one"\nsource = "{clip}"\n{more}\n'
)


def write(folder: Path, clip: Path, more: str = 'mode = "record"\ncount_every_s = 1', port: int = 0) -> Path:
    """Settings with one camera; with a server where a port is named."""
    path = folder / "site.toml"
    path.write_text(SITE.format(clip=clip, more=more, server="true" if port else "false", port=port), "utf-8")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def station(settings: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """It runs; whatever happens, it has ended afterwards."""
    process = subprocess.Popen(
        [*COMMAND, "run", str(settings), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def counted(settings: Path) -> int:
    """How many counts the database has taken so far."""
    path = settings.parent / "data" / "passerby.db"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as reader:
            row = reader.execute("SELECT coalesce(max(id), 0) FROM recent_counts").fetchone()
        return int(row[0])
    except sqlite3.OperationalError:
        return 0


def descendants(pid: int) -> dict[int, str]:
    """Every process under one, with its module."""
    out: dict[int, str] = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"-m" in words:
            out[int(child)] = words[words.index(b"-m") + 1].decode()
        out |= descendants(int(child))
    return out


def moves_on(settings: Path) -> None:
    """Counts go on coming."""
    before = counted(settings)
    soon("more counts", lambda: counted(settings) > before, PATIENCE_S)


def test_the_end_by_ctrl_c_is_clean(clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, clip)
    with station(settings) as process:
        moves_on(settings)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout is not None
        assert "Traceback" not in process.stdout.read()
        assert left_of(process.pid) == []


def test_the_end_by_itself(clip: Path, tmp_path: Path, passerby: Command) -> None:
    settings = write(tmp_path, clip)
    outcome = passerby("run", settings, "--for", "8", cwd=tmp_path)
    assert outcome.code == 0
    assert counted(settings) >= 1
    assert re.search(r"one: running", outcome.out)


@pytest.mark.parametrize("part", ["station", "decode", "hide", "intake"])
def test_a_part_that_is_killed_comes_back(clip: Path, tmp_path: Path, part: str) -> None:
    settings = write(tmp_path, clip)
    module = {"station": "passerby.station.live_main", "intake": "passerby.intake.main"}.get(
        part, f"passerby.darkroom.{part}_main"
    )
    chance = random.Random(part)
    with station(settings) as process:
        moves_on(settings)
        for _ in range(ROUNDS):
            killed = False
            while not killed:
                victims = [pid for pid, name in descendants(process.pid).items() if name == module]
                if victims:
                    os.kill(chance.choice(victims), signal.SIGKILL)
                    killed = True
                time.sleep(0.05)
            moves_on(settings)
            time.sleep(chance.random() / 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    played = playable(tmp_path / "data")
    assert played >= ROUNDS, "finished segments play"


def playable(data: Path) -> int:
    """How many pictures all recordings hold, each decoded to its end."""
    return sum(frames_in(path) for path in (data / "video").rglob("*.mp4"))


def test_a_server_that_is_killed_comes_back(clip: Path, tmp_path: Path) -> None:
    port = free_port()
    with station(write(tmp_path, clip, port=port)) as process:
        for _ in range(min(ROUNDS, 20)):
            soon("an answer", lambda: answers(port), PATIENCE_S)
            (server,) = [p for p, name in descendants(process.pid).items() if name == "passerby.cli"]
            os.kill(server, signal.SIGKILL)
            soon("no answer", lambda: not answers(port), PATIENCE_S)
        soon("an answer", lambda: answers(port), PATIENCE_S)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_port_that_is_taken(clip: Path, tmp_path: Path, passerby: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        outcome = passerby("run", write(tmp_path, clip, port=port), "--for", "30", cwd=tmp_path)
    assert outcome.code == 1
    assert f"port {port} on 127.0.0.1 is taken" in outcome.err


def test_nobody_outlives_the_outermost(clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, clip)
    with station(settings) as process:
        moves_on(settings)
        under = descendants(process.pid)
        assert len(under) >= 4
        process.kill()
        soon("all ended", lambda: not [pid for pid in under if Path(f"/proc/{pid}/exe").exists()], 15)


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
        Path("rtsp://127.0.0.1:9/none"),
        'user = {env = "PASSERBY_TEST_USER"}\npassword = {command = ["echo", "hunter2-secret"]}',
    )
    settings.write_text(settings.read_text("utf-8").replace("rtsp:/127", "rtsp://127"), "utf-8")
    process = subprocess.Popen(
        [*COMMAND, "run", str(settings), "--for", "8"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PASSERBY_TEST_USER": "viewer"},
    )
    said: list[bytes] = []
    while process.poll() is None:
        for pid in [process.pid, *descendants(process.pid)]:
            try:
                said.append(Path(f"/proc/{pid}/cmdline").read_bytes())
            except OSError:
                continue
        time.sleep(0.1)
    assert process.stdout is not None
    words = process.stdout.read()
    process.stdout.close()
    assert "refuses connections" in words
    assert "hunter2" not in words
    assert not [line for line in said if b"live_main" not in line and b"hunter2" in line]
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
