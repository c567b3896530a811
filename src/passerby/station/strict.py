"""What all settings share: nothing is passed over, and secrets are named, never written down."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from passerby.base.errors import SettingsError

COMMAND_PATIENCE_S = 10.0


class Strict(BaseModel):
    """No entry is passed over: a word misspelt is a setting not made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Strict):
    """Where a user's name or password is: exactly one of the three. Never in the settings themselves.

    Args:
        env: An environment variable.
        file: A file; its first line counts.
        command: A program and its arguments; the first line it prints counts.
    """

    env: str | None = None
    file: Path | None = None
    command: list[str] | None = None

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if sum(value is not None for value in (self.env, self.file, self.command)) != 1:
            raise ValueError("give exactly one of env, file and command")
        return self

    def read(self) -> str:
        """The secret.

        Raises:
            SettingsError: It isn't there.
        """
        if self.env is not None:
            if self.env not in os.environ:
                raise SettingsError(f"the environment has no {self.env}", "set it before the start")
            return os.environ[self.env]
        try:
            if self.file is not None:
                return _first_line(self.file.read_text("utf-8"))
            assert self.command is not None
            done = subprocess.run(
                self.command, check=True, capture_output=True, timeout=COMMAND_PATIENCE_S, stdin=subprocess.DEVNULL
            )
            return _first_line(done.stdout.decode())
        except (OSError, UnicodeError) as error:
            where = self.file if self.file is not None else (self.command or ["the command"])[0]
            raise SettingsError(f"a secret can't be read from {where}", "check its name and rights") from error
        except subprocess.SubprocessError as error:
            assert self.command is not None
            raise SettingsError(f"{self.command[0]} gave no secret", "run it by hand and see") from error


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else ""
