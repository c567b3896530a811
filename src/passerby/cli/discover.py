"""``passerby discover``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from passerby.intake.discovery import discover as ask


def discover(
    seconds: Annotated[float, typer.Option("--for", metavar="SECONDS", min=0.1, help="How long to listen.")] = 3.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List ONVIF cameras on this network. Nothing is opened and no password is tried."""
    found = ask(seconds)
    if as_json:
        typer.echo(json.dumps([asdict(camera) for camera in found], indent=1))
        return
    for camera in found:
        words = " ".join(word for word in (camera.name, camera.hardware) if word) or "unnamed"
        typer.echo(f"{camera.host}  {plain(words)}  {plain(' '.join(camera.services))}")
    if not found:
        typer.echo("no camera answered: are they on this network, and is ONVIF discovery on?")


def plain(text: str) -> str:
    """What a stranger sent, unable to paint over the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)
