"""The ``passerby`` command: its subcommands, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from passerby.base.build import version_line
from passerby.base.errors import EXIT_FAILED, PasserbyError
from passerby.cli import calibrate, count, demo, discover, doctor, ledger, redact, run, serve
from passerby.cli.ledger import watchdog
from passerby.cli.oversight import key, permit, root

app = typer.Typer(
    name="passerby",
    help="Redact people out of video and count them, without knowing anybody.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("redact")(redact.redact)
app.command("count")(count.count)
app.command("run")(run.run)
app.command("discover")(discover.discover)
app.command("calibrate")(calibrate.calibrate_)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("serve")(serve.serve)
app.command("watchdog")(watchdog.watchdog)
app.add_typer(ledger.app, name="ledger")
app.add_typer(key.app, name="key")
app.add_typer(root.app, name="root")
app.add_typer(permit.app, name="permit")
STOPPED = 130


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and the build's hash.", is_eager=True)
    ] = False,
) -> None:
    """Redact people out of video and count them, without knowing anybody."""
    if version:
        typer.echo(version_line())
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def main() -> None:
    """Run the command; every error that a person can mend is one line on standard error."""
    try:
        app()
    except PasserbyError as error:
        fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        fail("stopped; nothing was written", STOPPED)
    except BrokenPipeError:
        sys.exit(EXIT_FAILED)


def fail(line: str, code: int) -> None:
    """One line, and out."""
    typer.echo(f"passerby: {line}", err=True)
    sys.exit(code)
