"""``passerby serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station.")],
    host: Annotated[str, typer.Option("--host", help="127.0.0.1 or ::1; others are refused.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")] = 8080,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", metavar="SITE.TOML", help="The station's settings: needed where there is a keeper."),
    ] = None,
) -> None:
    """Show a station's cameras on a page, on this machine only."""
    # The web framework takes half a second to import; other commands don't need it.
    from passerby.server.serve import address, listen, shut_in
    from passerby.server.serve import serve as run
    from passerby.station.custody import looks, ports_of
    from passerby.station.settings import read_site

    site = read_site(settings) if settings else None
    seen = looks(site) if site else None
    with listen(host, port) as server:
        if weaker := shut_in(ports_of(site) if site else ()):
            typer.echo(f"passerby: the server could write in the data folder ({weaker}), but does not", err=True)
        run(data, server, lambda: typer.echo(f"passerby: {address(server)}"), seen)
