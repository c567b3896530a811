"""``passerby push``."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import EXIT_FAILED, SettingsError


def push(
    settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")],
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="One whose settings say where to push.")],
) -> None:
    """Hand a camera's live redacted video on to an RTSP server until stopped. `passerby run` starts this by itself."""
    from passerby.archive.folder import Layout
    from passerby.archive.keys.key_file import KeyReader
    from passerby.archive.mux import RtspSender
    from passerby.archive.reading import Reading
    from passerby.station.custody import looks
    from passerby.station.push import Live
    from passerby.station.push import push as run
    from passerby.station.settings import read_site
    from passerby.store.database import read_store

    site = read_site(settings)
    found = next((c for c in site.cameras if c.name == camera and c.push is not None), None)
    if found is None:
        raise SettingsError(f"no camera {camera[:63]} in {settings} says where to push", "give it an entry push")
    url, stop, seen, layout = found.push_url(), threading.Event(), looks(site), Layout(site.data)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def hung() -> None:
        typer.echo(f"passerby: {camera}: the RTSP server takes nothing any more", err=True)
        os._exit(EXIT_FAILED)

    with read_store(layout.database) as store:
        reading = Reading(KeyReader(layout.keys), seen)
        run(Live(layout, store, reading, seen, camera), lambda: RtspSender(url), stop, hung)
