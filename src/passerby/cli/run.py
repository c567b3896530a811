"""``passerby run``."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.common import threads
from passerby.station.live import check_files
from passerby.station.settings import read_site
from passerby.station.supervisor import parts_for, supervise


def run(
    settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The cameras; see docs/site.toml.")],
    seconds: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help="End by itself after this time.")
    ] = None,
) -> None:
    """Run the cameras of a settings file until stopped, and serve their pages."""
    site = read_site(settings)
    check_files(site.cameras)
    if site.oversight is None:
        typer.echo(
            f"no [oversight] in {settings}, and without permits no camera runs (docs/gate.md);"
            f" to try it out alone: passerby root demo {settings}"
        )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    code = supervise(parts_for(settings.resolve(), site, threads()), stop, typer.echo, seconds=seconds)
    raise typer.Exit(code)
