"""The ``passerby`` command: its subcommands, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from passerby.base.build import version_line
from passerby.base.errors import EXIT_FAILED, PasserbyError

# Where each command is: a function, or a `typer.Typer` with commands of its own.
COMMANDS = {
    "redact": "passerby.cli.redact:redact",
    "count": "passerby.cli.count:count",
    "scene": "passerby.cli.scene:app",
    "calibrate": "passerby.cli.calibrate:calibrate_",
    "run": "passerby.cli.run:run",
    "serve": "passerby.cli.serve:serve",
    "demo": "passerby.cli.demo:demo",
    "reconcile": "passerby.cli.desk.reconcile:reconcile",
    "discover": "passerby.cli.discover:discover",
    "doctor": "passerby.cli.doctor:doctor",
    "key": "passerby.cli.oversight.key:app",
    "root": "passerby.cli.oversight.root:app",
    "permit": "passerby.cli.oversight.permit:app",
    "case": "passerby.cli.desk.case:app",
    "request": "passerby.cli.desk.request:app",
    "complaint": "passerby.cli.desk.complaint:app",
    "incident": "passerby.cli.desk.incident:app",
    "staff": "passerby.cli.desk.staff:app",
    "account": "passerby.cli.access.account:app",
    "review": "passerby.cli.desk.review:app",
    "report": "passerby.cli.desk.report:app",
    "camera": "passerby.cli.oversight.camera:app",
    "plan": "passerby.cli.oversight.plan:app",
    "assess": "passerby.cli.oversight.assess:app",
    "supplier": "passerby.cli.oversight.supplier:app",
    "release": "passerby.cli.release:app",
    "alerts": "passerby.cli.alerts:app",
    "push": "passerby.cli.push:push",
    "archive": "passerby.cli.archive:app",
    "store": "passerby.cli.store:app",
    "bench": "passerby.cli.fleet.capacity:bench",
    "capacity": "passerby.cli.fleet.capacity:capacity",
    "fleet": "passerby.cli.fleet.fleet:app",
    "notice": "passerby.cli.oversight.notice:app",
    "backup": "passerby.cli.archive.backup:backup",
    "restore": "passerby.cli.archive.backup:restore",
    "ledger": "passerby.cli.ledger:app",
    "watchdog": "passerby.cli.ledger.watchdog:watchdog",
}
STOPPED = 130


class OnDemand(TyperGroup):
    """Imports a command when it is asked for: most of a start would be imports that only the others need."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command's name."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """The command of this name, if there is one."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        command = typer.main.get_command(alone)
        assert isinstance(command, TyperCommand)
        return command


app = typer.Typer(
    name="passerby",
    cls=OnDemand,
    help="Redact people out of video and count them, without knowing anybody.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
