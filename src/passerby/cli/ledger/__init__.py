"""``passerby ledger …`` and ``passerby watchdog``: thin commands over `passerby.ledger`."""

from __future__ import annotations

import typer

from passerby.cli.ledger import check, follow, serve, write

app = typer.Typer(help="A log of acts that strangers can check.", no_args_is_help=True, rich_markup_mode=None)
app.command("init")(write.init)
app.command("append")(write.append)
app.command("deliver")(write.deliver)
app.command("hour")(write.hour)
app.command("freeze")(write.freeze)
app.command("verify")(check.verify)
app.command("fsck")(check.fsck)
app.command("vectors")(check.vectors)
app.command("prove")(check.prove)
app.command("check-proof")(check.check_proof)
app.command("check-fork")(check.check_fork)
app.command("checker")(check.checker)
app.command("serve")(serve.serve)
app.command("witness")(serve.witness)
app.command("cosign")(serve.cosign)
app.command("mirror")(follow.mirror)
app.command("monitor")(follow.monitor)
app.command("lateness")(follow.lateness)
