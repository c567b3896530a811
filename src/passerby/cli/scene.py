"""``passerby scene``: draw where to count."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from passerby.archive.output import refuse_unwritable
from passerby.base.errors import UsageError
from passerby.cli.common import Backend, WeakerLock, bar, threads
from passerby.darkroom.launch import Wanted
from passerby.station.files import redact_video, refuse_clash
from passerby.station.pictures import holds_pictures, redact_pictures

app = typer.Typer(help="Draw a camera's ground, zones and lines.", add_completion=False, no_args_is_help=True)
Drawn = tuple[Path, tuple[int, int]]


@app.callback()
def _group() -> None:
    """Draw a camera's ground, zones and lines."""


@app.command()
def edit(
    scene: Annotated[Path, typer.Argument(metavar="SCENE", help="scene.json; made when first saved.")],
    on: Annotated[
        Path, typer.Option("--on", metavar="VIEW", help="A clip or picture of the camera's view; it is redacted first.")
    ],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")] = 0,
    weaker_lock: WeakerLock = False,
    backend: Backend = "",
) -> None:
    """Open a page to draw a scene on, at this machine only, until Ctrl-C."""
    # The web framework takes half a second to import; other commands don't need it.
    from passerby.server.app import STATIC
    from passerby.server.drawing import Drawing
    from passerby.server.editor import Backdrop, create_editor
    from passerby.server.names import Names
    from passerby.server.serve import listen, serve_app
    from passerby.server.where import address

    refuse_clash(on, scene)
    refuse_unwritable(scene)
    if on.is_dir():
        raise UsageError(f"{on} is a folder", "name one clip or one picture")
    with TemporaryDirectory(prefix="passerby-scene-") as folder, listen("127.0.0.1", port) as server:
        path, size = redacted(on, Path(folder), weaker_lock, backend)
        drawing = Drawing(scene, size)
        # A file that can't be drawn in says so here, not on the page.
        drawing.read()
        token = secrets.token_urlsafe(24)
        made = create_editor(drawing, Backdrop(path, size), token, STATIC)
        shown = address("127.0.0.1", server.getsockname()[1], Names())
        serve_app(made, server, lambda: typer.echo(f"passerby: draw at {shown}{token}/ (Ctrl-C ends)"))


def redacted(view: Path, folder: Path, weaker: bool, backend: str) -> Drawn:
    """The view with everybody hidden, in ``folder``, and its width and height.

    Raises:
        PasserbyError: It can't be redacted. Nothing is shown then.
    """
    pictures = holds_pictures(view)
    wanted = Wanted(frozenset({"redact"}), pictures=pictures, threads=threads(), weaker=weaker, backend=backend)
    target = folder / ("view" + (view.suffix.lower() if pictures else ".mp4"))
    with bar(f"redacting {view.name}") as watch:
        if pictures:
            album = redact_pictures([(view, target)], wanted)
            for error in album.failed.values():
                raise error
            report = next(iter(album.reports.values()))
        else:
            report = redact_video(view, target, wanted, watch=watch).report
    return target, (int(report["width"]), int(report["height"]))
