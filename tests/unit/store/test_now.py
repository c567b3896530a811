"""What a station says at once, on a real file: also where the disk takes nothing more."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base.errors import DataFolderError
from passerby.server.models import SILENT, CameraModel
from passerby.store.cameras import Camera
from passerby.store.now import BEAT_S, FILE, FILE_BYTES, LONGEST_WORDS, SILENT_S, STATION, Now, NowFile, read_now

NOON = 1_790_000_000.0


class Clock:
    """Seconds since 1970, set by hand."""

    def __init__(self) -> None:
        self.now_s = NOON

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_is_said_is_read(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / FILE
    assert read_now(path) is None
    file = NowFile(path, clock)
    assert read_now(path) is None, "nothing has been said yet"
    file.say({"one": "no room"})
    assert read_now(path) == Now(NOON, {"one": "no room"})
    file.say({})
    assert read_now(path) == Now(NOON, {})
    file.close()
    assert read_now(path) is None, "a station that has ended is not silent"


def test_it_is_written_when_it_changes_and_as_a_sign_of_life(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / FILE
    file = NowFile(path, clock)
    file.say({})
    for moved_s, written in ((BEAT_S / 2, False), (BEAT_S, True), (-3600.0, True)):
        before = read_now(path)
        clock.now_s = NOON + moved_s
        file.say({})
        assert (read_now(path) != before) is written, moved_s
    file.close()


@given(st.dictionaries(st.text(max_size=63), st.text(max_size=600), max_size=60))
def test_it_never_grows_and_the_stations_own_words_are_never_left_out(
    tmp_path_factory: pytest.TempPathFactory, troubles: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("now") / FILE
    file = NowFile(path, lambda: NOON)
    file.say(troubles)
    assert path.stat().st_size == FILE_BYTES
    now = read_now(path)
    assert now is not None
    assert all(troubles[key][:LONGEST_WORDS] == words for key, words in now.troubles.items())
    assert STATION not in troubles or STATION in now.troubles
    file.close()


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b'{"time":"x","troubles":{}}', b'{"time":1}', b"\xff"])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)
    assert read_now(path) is None


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(DataFolderError, match="can't be written"):
        NowFile(tmp_path / "nowhere" / FILE, clock)


def test_a_disk_that_refuses_shows_as_silence_and_recovers(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / FILE
    file = NowFile(path, clock)
    file.say({})

    def refuse(fd: int, data: bytes, offset: int) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", refuse)
        clock.now_s += SILENT_S + 1
        file.say({"one": "no room"})
        assert (before := read_now(path)) is not None and before.silent(clock.now_s)
    file.say({"one": "no room"})
    assert read_now(path) == Now(clock.now_s, {"one": "no room"})
    file.close()


def shown(now: Now | None, clock_s: float = NOON, message: str = "") -> CameraModel:
    camera = Camera("one", "One", "live", 0, "running", message, 0, "none", 0)
    return CameraModel.of(camera, None).told(now, clock_s)


@pytest.mark.parametrize(
    ("now", "state", "message"),
    [
        (None, "running", "learning"),
        (Now(NOON, {}), "running", "learning"),
        (Now(NOON, {"two": "no room"}), "running", "learning"),
        (Now(NOON, {"one": "no room"}), "running", "no room; learning"),
        (Now(NOON, {"": "numbers wait", "one": "no room"}), "running", "numbers wait; no room; learning"),
        (Now(NOON, {"one": "learning"}), "running", "learning"),
        (Now(NOON - SILENT_S - 1, {"one": "no room"}), "away", SILENT),
    ],
)
def test_a_camera_is_shown_with_what_its_station_says(now: Now | None, state: str, message: str) -> None:
    camera = shown(now, message="learning")
    assert (camera.state, camera.message) == (state, message)


def test_nothing_wrong_is_nothing_said(clock: Callable[[], float]) -> None:
    assert shown(Now(clock(), {})).message == ""
