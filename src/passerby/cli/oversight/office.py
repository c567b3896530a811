"""What commands on the register's folder share."""

from __future__ import annotations

import time
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.charter.register.words import Flaw, Flawed, decode
from passerby.office.book import Book, open_book
from passerby.office.site_folder import read

MOST_TOML = 1 << 20
Folder = Annotated[
    Path,
    typer.Option("--register", metavar="FOLDER", envvar="PASSERBY_REGISTER", help="The register's folder."),
]
HERE = Path("register")


def book(folder: Path) -> Book:
    """The register.

    Raises:
        CharterError: There is none.
    """
    return open_book(folder, time.time)


def toml(path: Path) -> dict[str, Any]:
    """A TOML file that people wrote.

    Raises:
        Flawed: It is none.
    """
    try:
        return tomllib.loads(decode(read(path), str(path), MOST_TOML))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Flawed(Flaw.SYNTAX, str(path), str(error)[:120], "mend it: it is TOML") from error


def today() -> date:
    """The day that it is (UTC)."""
    return datetime.now(UTC).date()


def stamp(microseconds: int) -> str:
    """A time for people."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
