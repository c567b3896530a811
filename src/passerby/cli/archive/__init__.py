"""``passerby archive``: what is kept, whether it is as it was written, and what must stay longer."""

from __future__ import annotations

import typer

from passerby.cli.archive import capacity, check, hold

app = typer.Typer(name="archive", help="What is kept, and for how long.", no_args_is_help=True, add_completion=False)
app.command("check")(check.check)
app.command("begin-anew")(check.begin_anew)
app.command("capacity")(capacity.capacity)
app.add_typer(hold.app, name="hold")
