"""``passerby backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.backup import backup as make
from passerby.archive.backup import restore as bring_back
from passerby.archive.folder import Layout


def backup(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The data folder; its station may run on.")],
    target: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder that is not there yet.")],
) -> None:
    """Copy index, numbers and what waits for the ledger. Never keys and never video: what is dead stays dead."""
    names = make(Layout(data), target)
    typer.echo(f"{len(names)} files in {target}; the ledger has its own folder, which any copy of its files backs up")


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="Made by passerby backup.")],
    target: Annotated[Path, typer.Argument(metavar="DATA", help="A data folder without a database.")],
) -> None:
    """Bring a backup back. Video whose key is still there plays on; the first sweep lets go of everything else."""
    names = bring_back(source, target)
    typer.echo(f"{len(names)} files restored to {target}")
    if not (Layout(target).keys / "master").exists():
        typer.echo("it has no keys: bring its folder keys back, or run: passerby archive begin-anew")
