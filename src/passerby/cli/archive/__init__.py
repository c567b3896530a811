"""``passerby archive …``: what is kept, who may open it, and what becomes of it."""

from __future__ import annotations

import typer

from passerby.cli.archive import export, keeper

app = typer.Typer(help="What is kept, and who may open it.", no_args_is_help=True, rich_markup_mode=None)
app.command("export")(export.export_)
app.command("keeper")(keeper.keeper)
app.command("scribe")(keeper.scribe)
app.command("answers")(keeper.answers)
