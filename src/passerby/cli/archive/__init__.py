"""``passerby archive``: what is kept, for how long, whether it is as it was written, and who may open it."""

from __future__ import annotations

import typer

from passerby.cli.archive import capacity, check, drill, export, hold, keeper, unseal

app = typer.Typer(
    name="archive",
    help="What is kept, for how long, and who may open it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("check")(check.check)
app.command("drill")(drill.drill)
app.command("begin-anew")(check.begin_anew)
app.command("capacity")(capacity.capacity)
app.add_typer(hold.app, name="hold")
app.command("export")(export.export_)
app.command("unseal")(unseal.unseal)
app.add_typer(unseal.half, name="half")
app.command("keeper")(keeper.keeper)
app.command("scribe")(keeper.scribe)
app.command("answers")(keeper.answers)
