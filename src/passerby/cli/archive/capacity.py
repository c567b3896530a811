"""``passerby archive capacity``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.capacity import Policy, room
from passerby.archive.disk import named_errors
from passerby.archive.folder import Layout
from passerby.store.database import read_store

GB = 1e9


def capacity(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station.")],
    quota_gb: Annotated[float, typer.Option("--quota-gb", min=0, help="As in the settings; 0: the whole disk.")] = 0,
) -> None:
    """Bytes a camera-day, and for how many days there is room."""
    layout = Layout(data)
    with read_store(layout.database) as store, named_errors(layout.video / "any"):
        found = room(store, layout.video, Policy(round(quota_gb * GB)))
    for use in found.cameras:
        hours = (use.to_us - use.from_us) / 3.6e9
        typer.echo(
            f"{use.camera_id}: {use.size / GB:.3f} GB over {hours:.1f} h, {found.per_day(use) / GB:.3f} GB a day"
        )
    days = found.days_left
    lasts = "nothing grows" if days is None else f"full in {days:.1f} days if nothing were deleted"
    typer.echo(f"used {found.used / GB:.3f} GB, left {found.left / GB:.3f} GB: {lasts}")
