"""What commands share: options, the progress bar, JSON files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from passerby.archive.output import NewFile
from passerby.base.errors import OutputError, SourceError
from passerby.crowd import scene_file
from passerby.station.files import Progress as Reached
from passerby.station.files import Watch

WeakerLock = Annotated[
    bool,
    typer.Option("--weaker-lock", help="Run even where the kernel has no Landlock; the report says so."),
]
Backend = Annotated[
    str, typer.Option(help="Run the networks with 'openvino' or 'opencv' (default: the faster installed).")
]


def threads() -> int:
    """Threads for each kind of work: the processors this process may use, at most eight."""
    return min(8, len(os.sched_getaffinity(0)))


@contextmanager
def bar(what: str) -> Iterator[Watch]:
    """A progress bar on standard error, where that is a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)

        def watch(reached: Reached) -> None:
            progress.update(task, completed=reached.read, total=reached.expected or None)

        yield watch


def read_scene(path: Path) -> bytes:
    """A ``scene.json`` as canonical JSON.

    Raises:
        PasserbyError: It can't be read, or is no JSON.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} can't be read ({error.strerror})", "check its name and rights") from error
    return scene_file.canonical(data)


def write_json(path: Path | None, content: Any) -> None:
    """Write JSON, whole or not at all; ``-`` or None is handled by the caller.

    Raises:
        OutputError: It can't be written.
    """
    if path is None:
        return
    with NewFile(path) as new:
        try:
            new.file.write(json.dumps(content, indent=1).encode() + b"\n")
        except OSError as error:
            raise OutputError(f"{path} can't be written ({error.strerror})") from error
