"""``passerby doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from passerby.base.errors import EXIT_FAILED
from passerby.station.checkup import examine


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Examine this machine: locks, codecs, models, disk, swap, clock. Says for each finding what to do."""
    findings = examine()
    if json:
        import json as encoder
        from dataclasses import asdict

        typer.echo(encoder.dumps([asdict(f) for f in findings], indent=1))
    else:
        for f in findings:
            mark = "ok " if f.ok else ("!! " if f.required else "-- ")
            typer.echo(f"{mark}{f.name}: {f.detail}" + (f"\n   {f.advice}" if f.advice and not f.ok else ""))
    if any(f.required and not f.ok for f in findings):
        raise typer.Exit(EXIT_FAILED)
