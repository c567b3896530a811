"""What cameras do to a station, and how soon it is well again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.e2e.live.camera import RtspCamera, soon
from tests.e2e.live.running import Running, running

from passerby.outlet.messages import Status
from passerby.station.camera import State

# The limit is 5 s on a machine that does nothing else; beside other tests things take longer.
RESUME_S = 5.0 * 3
PATIENCE_S = 60.0


def source(camera: RtspCamera, mode: str = "live") -> str:
    return f'source = "{camera.url}"\nmode = "{mode}"\ncount_every_s = 1'


def shows(run: Running, since_s: float) -> bool:
    return len(run.seen.packets(since_s)) >= 5


def down(run: Running) -> bool:
    return run.seen.state() is State.DOWN


def test_a_server_that_is_killed_and_comes_back(camera: RtspCamera, tmp_path: Path) -> None:
    with running(tmp_path, source(camera)) as run:
        soon("pictures", lambda: shows(run, 0.0), PATIENCE_S)
        before = run.pids()
        camera.stop()
        soon("down", lambda: down(run), PATIENCE_S)
        soon("the reason", lambda: "refuses connections" in run.seen.why(), PATIENCE_S)
        camera.start()
        well_s = time.monotonic()
        soon("pictures again", lambda: shows(run, well_s), RESUME_S)
        assert run.seen.state() is State.RUNNING
        assert run.pids() == before, "a camera's fault costs no process"


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_server_that_hangs_and_goes_on(camera: RtspCamera, tmp_path: Path, transport: str) -> None:
    with running(tmp_path, source(camera) + f'\ntransport = "{transport}"') as run:
        soon("pictures", lambda: shows(run, 0.0), PATIENCE_S)
        camera.hang()
        soon("down", lambda: down(run), PATIENCE_S)
        camera.go_on()
        well_s = time.monotonic()
        soon("pictures again", lambda: shows(run, well_s), RESUME_S)


def test_a_server_that_comes_back_with_another_size(camera: RtspCamera, tmp_path: Path) -> None:
    with running(tmp_path, source(camera)) as run:
        soon("pictures", lambda: shows(run, 0.0), PATIENCE_S)
        camera.stop()
        camera.start("--size", "320x96")
        well_s = time.monotonic()
        soon("pictures of the new size", lambda: shows(run, well_s) and run.seen.starts(well_s), RESUME_S)
        start = run.seen.starts()[-1]
        assert (start.width, start.height) == (320, 96)


def test_wrong_credentials_and_then_the_right_ones(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = RtspCamera(clip)
    camera.start(user="viewer", password="right")
    secret = tmp_path / "secret"
    secret.write_text("wrong", "utf-8")
    monkeypatch.setenv("PASSERBY_TEST_USER", "viewer")
    words = source(camera) + '\nuser = {env = "PASSERBY_TEST_USER"}\npassword = {file = "' + str(secret) + '"}'
    try:
        with running(tmp_path, words) as run:
            soon("the reason", lambda: "refuses the user or password" in run.seen.why(), PATIENCE_S)
            secret.write_text("right", "utf-8")
            soon("pictures", lambda: shows(run, 0.0), RESUME_S)
            said = [line for pid in run.pids().values() for line in told_by(pid)]
            assert said
            assert not [line for line in said if b"right" in line], "the password shows in a process list"
    finally:
        camera.stop()


def told_by(pid: int) -> list[bytes]:
    """What everybody on the machine can read of a process."""
    return [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "comm")]


def test_nothing_at_this_address(camera: RtspCamera, tmp_path: Path) -> None:
    with running(tmp_path, source(camera).replace("/clip", "/other")) as run:
        soon("the reason", lambda: "nothing at this address" in run.seen.why(), PATIENCE_S)
        assert not run.seen.packets()


def test_a_stream_of_garbage_is_down_and_shows_nothing(clip: Path, tmp_path: Path) -> None:
    camera = RtspCamera(clip)
    camera.start("--garbage")
    try:
        with running(tmp_path, source(camera)) as run:
            soon("the reason", lambda: "can be decoded" in run.seen.why(), PATIENCE_S)
            assert down(run)
            camera.stop()
            camera.start()
            well_s = time.monotonic()
            soon("pictures", lambda: shows(run, well_s), RESUME_S)
    finally:
        camera.stop()


@pytest.mark.parametrize("role", ["decode", "hide", "intake"])
def test_a_process_that_is_killed_is_replaced(camera: RtspCamera, tmp_path: Path, role: str) -> None:
    """The limit is 2 s on a machine that does nothing else: a warm crew waits."""
    with running(tmp_path, source(camera)) as run:
        soon("pictures", lambda: shows(run, 0.0), PATIENCE_S)
        soon("a spare", lambda: run.station.spare_is_ready, PATIENCE_S)
        before = run.pids()
        os.kill(before[role], signal.SIGKILL)
        killed_s = time.monotonic()
        taken_s = soon("pictures again", lambda: shows(run, killed_s + 0.1), 2.0 * 3)
        print(f"\n{role} replaced after {taken_s:.2f} s")
        assert not set(before.values()) & set(run.pids().values())


def test_a_source_that_ends_its_decoder_twice_is_isolated_and_named(camera: RtspCamera, tmp_path: Path) -> None:
    with running(tmp_path, source(camera)) as run:
        _break_decoder(run, 0.0)
        _break_decoder(run, time.monotonic())
        soon("isolated", lambda: run.seen.state() is State.ISOLATED, PATIENCE_S)
        assert run.seen.why().startswith(
            "its pictures ended the decoder 2 times: the decode process was ended by SIGSEGV"
        )
        ended_s = time.monotonic()
        time.sleep(5)
        assert run.seen.state() is State.ISOLATED and not run.pids()
        assert not run.seen.messages or run.seen.messages[-1][0] < ended_s


def _break_decoder(run: Running, since_s: float) -> None:
    """As a picture does that breaks FFmpeg. A kill from outside, above, says nothing about the source."""
    soon("pictures", lambda: shows(run, since_s), PATIENCE_S)
    before = run.pids()
    os.kill(before["decode"], signal.SIGSEGV)
    soon("the end of the decoder", lambda: run.pids() != before, PATIENCE_S)


@pytest.mark.parametrize("role", ["decode", "hide", "intake"])
def test_a_process_that_hangs_is_ended_and_replaced(camera: RtspCamera, tmp_path: Path, role: str) -> None:
    with running(tmp_path, source(camera)) as run:
        soon("pictures", lambda: shows(run, 0.0), PATIENCE_S)
        before = run.pids()
        os.kill(before[role], signal.SIGSTOP)
        hung_s = time.monotonic()
        soon("the end of all three", lambda: not set(before.values()) & set(run.pids().values()), PATIENCE_S)
        soon("pictures again", lambda: shows(run, hung_s + 1.0), PATIENCE_S)
        assert not any(Path(f"/proc/{pid}").exists() for pid in before.values())


def test_counts_only_is_the_default_and_nothing_else_leaves(camera: RtspCamera, tmp_path: Path) -> None:
    with running(tmp_path, f'source = "{camera.url}"\ncount_every_s = 1') as run:
        soon("counts", lambda: len(run.seen.counts()) >= 3, PATIENCE_S)
        kinds = {type(m).__name__ for _, _, m in run.seen.messages}
        assert kinds <= {"Counts", "Health", "ItemEnd", "Ruling", "StreamHeader", "IntakeHealth", "PassEnd"}


def test_of_keyframes_alone_it_counts_too(camera: RtspCamera, tmp_path: Path) -> None:
    """The camera sends one a second of 25 pictures; nobody waits for more than the next."""
    with running(tmp_path, f'source = "{camera.url}"\nframes = "keyframes"\ncount_every_s = 1') as run:
        soon("counts", lambda: len(run.seen.counts()) >= 4, PATIENCE_S)
        assert run.seen.state() is State.RUNNING
        health = run.seen.health()[-1]
        assert 0 < health.read <= health.frames + 1
        first, last = run.seen.counts()[0], run.seen.counts()[-1]
        assert health.read < 3 * (last.time_s - first.time_s + 2), "it reads more than keyframes"


def test_a_clip_plays_as_a_camera_again_and_again(clip: Path, tmp_path: Path) -> None:
    with running(tmp_path, f'source = "{clip}"\nmode = "live"') as run:
        soon("more pictures than the clip has", lambda: len(run.seen.packets()) > 110, PATIENCE_S)
        times = [p.pts for p in run.seen.packets()]
        assert times == sorted(set(times))
        assert not [e for e in run.seen.ends() if e.status != Status.DONE]
