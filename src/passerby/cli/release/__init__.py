"""``passerby release …``: thin commands over `passerby.release`."""

from __future__ import annotations

import typer

from passerby.cli.release import draft, publish

app = typer.Typer(help="Open data: flows with noise, under a budget that is public.", no_args_is_help=True)
app.command("plan")(draft.plan)
app.command("draft")(draft.draft)
app.command("sign")(draft.sign)
app.command("build")(publish.build)
app.command("check")(publish.check)
app.command("budget")(publish.budget)
