"""A station's hour by the command: the list lies in the log before the act, and everybody who follows wants it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from passerby.cli.app import app
from passerby.ledger.hours import BIRTH, DEATH, SILENT, Line

ACTOR = "p-" + "5" * 32
HOUR = int(time.time()) // 3600 - 100


def ledger(*arguments: object, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["ledger", *map(str, arguments)], input=given)


@pytest.fixture
def log(tmp_path: Path) -> tuple[Path, str]:
    folder = tmp_path / "city"
    return folder, ledger("init", folder, "--origin", "example.org/hours").output.strip()


def say(folder: Path, hour: int, *lines: Line) -> Result:
    given = b"".join(line.dumps() + b"\n" for line in lines)
    return ledger("hour", folder, "--station", "station-1", "--hour", hour, "--actor", ACTOR, given=given)


def test_hours_are_logged_mirrored_and_followed(log: tuple[Path, str], tmp_path: Path) -> None:
    folder, vkey = log
    assert say(folder, HOUR, Line("cam-1", 0, BIRTH, HOUR, 24), Line("cam-2", 0, SILENT, HOUR)).exit_code == 0
    assert say(folder, HOUR + 1, Line("cam-1", 1, DEATH, HOUR), Line("cam-2", 1, SILENT, HOUR + 1)).exit_code == 0
    assert ledger("mirror", folder, tmp_path / "copy", "--vkey", vkey).exit_code == 0
    lists = sorted((folder / "lists").iterdir())
    assert len(lists) == 2
    assert [path.read_bytes() for path in sorted((tmp_path / "copy" / "lists").iterdir())] == [
        path.read_bytes() for path in lists
    ]
    late = ledger("lateness", tmp_path / "copy", "--vkey", vkey)
    assert late.exit_code == 1 and f"late: cam-1, hour {HOUR}" in late.output

    lists[0].write_bytes(lists[0].read_bytes().replace(b"cam-2", b"cam-3"))
    spoiled = ledger("mirror", folder, tmp_path / "other", "--vkey", vkey)
    assert spoiled.exit_code == 1 and "is not the one that was logged" in spoiled.output
    lists[0].unlink()
    gone = ledger("mirror", folder, tmp_path / "third", "--vkey", vkey)
    assert gone.exit_code == 3 and "is missing" in gone.output


def test_what_would_break_a_camera_s_numbers_is_refused_and_nothing_is_logged(log: tuple[Path, str]) -> None:
    folder, _ = log
    assert say(folder, HOUR, Line("cam-1", 0, SILENT, HOUR)).exit_code == 0
    before = (folder / "checkpoint").read_bytes().split(b"\n")[1]
    for lines, words in (
        ((Line("cam-1", 2, SILENT, HOUR + 1),), "line 1 is missing or repeated"),
        ((Line("cam-1", 1, DEATH, HOUR),), "died but was not alive"),
    ):
        refused = say(folder, HOUR + 1, *lines)
        assert refused.exit_code == 1 and words in refused.output
    skipped = say(folder, HOUR + 2, Line("cam-1", 1, SILENT, HOUR + 2))
    assert skipped.exit_code == 2 and "an hour is missing or repeated" in skipped.output
    again = ledger("hour", folder, "--station", "station-1", "--hour", HOUR + 1, "--actor", ACTOR, given=b"no line\n")
    assert again.exit_code == 3 and "a line that can't be read" in again.output
    assert (folder / "checkpoint").read_bytes().split(b"\n")[1] == before
    assert say(folder, HOUR + 1, Line("cam-1", 1, SILENT, HOUR + 1)).exit_code == 0
