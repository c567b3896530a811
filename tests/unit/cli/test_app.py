"""The command line's table of contents."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from passerby.cli.app import COMMANDS, app


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_says_what_it_is_for(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"])
    assert done.exit_code == 0
    assert f" {name} " in done.output


def test_the_list_names_every_command() -> None:
    listed = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in COMMANDS if f" {name} " not in listed] == []


def test_an_unknown_command_is_wrong_use() -> None:
    assert CliRunner().invoke(app, ["recognise"]).exit_code == 2


def test_a_start_imports_nothing_that_the_command_does_not_need() -> None:
    code = (
        "import sys; from passerby.cli.app import app; app(['--version'], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "passerby.cli.app" in done.stdout
    assert not {"numpy", "av", "sqlalchemy", "cv2"} & set(done.stdout.split())
