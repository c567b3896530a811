"""``passerby store``: where a folder's numbers are, and moving them."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from passerby.archive.folder import DataFolder, Layout
from passerby.base.errors import StoreError
from passerby.store.database import START_ONE, is_there, read_store
from passerby.store.leases import list_leases
from passerby.store.move import Step, to_postgres, to_sqlite
from passerby.store.postgres import address_beside, put_address

app = typer.Typer(help="Where numbers and states are: a SQLite file, or a PostgreSQL database.", no_args_is_help=True)
Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station, or a register's folder.")]
SQLITE = "sqlite"


@app.command()
def migrate(
    data: Data,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="postgresql://USER@HOST/NAME, or sqlite.")],
    anew: Annotated[bool, typer.Option("--anew", help="Forget what an interrupted move has copied.")] = False,
) -> None:
    """Move the numbers to PostgreSQL, or back into a SQLite file. Stop the station first.

    Interrupted, it goes on where it was. Both sides are compared by hash before the folder changes over; the old SQLite
    file stays beside it under another name. A folder without a database begins in PostgreSQL.
    """
    layout = Layout(data)
    if not data.is_dir():
        raise StoreError(f"{data} is not there", "name a data folder")
    with DataFolder(data) if layout.video.is_dir() else nullcontext(), Console(stderr=True).status("…") as line:

        def told(step: Step) -> None:
            line.update(f"{step.table}: {step.rows} rows {step.what}")

        if to != SQLITE and not is_there(layout.database):
            put_address(layout.database, to)
            typer.echo("this folder's numbers will be in PostgreSQL")
            return
        moved = (
            to_sqlite(layout.database, told, anew=anew)
            if to == SQLITE
            else to_postgres(layout.database, to, told, anew=anew)
        )
    typer.echo(f"{sum(moved.rows.values())} rows are the same on both sides: sha256 {moved.hash}")


@app.command()
def show(data: Data) -> None:
    """Where the numbers are, and who may write for which shard."""
    layout = Layout(data)
    if not is_there(layout.database):
        raise StoreError(f"{data} holds no database", START_ONE)
    typer.echo(address_beside(layout.database) or str(layout.database))
    with read_store(layout.database) as store:
        for held in list_leases(store) if store.postgres else ():
            how = f"for {held.left_us / 1e6:.1f} s" if held.left_us > 0 else "over"
            typer.echo(f"{held.shard}: {held.holder}, token {held.token}, {how}")
