"""``passerby redact``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.archive.output import refuse_unwritable
from passerby.base.errors import EXIT_FAILED, UsageError
from passerby.cli.common import Backend, WeakerLock, bar, threads, write_json
from passerby.darkroom.launch import Wanted
from passerby.darkroom.stay import STAY_SHARE
from passerby.station.files import Progress, redact_video, refuse_clash
from passerby.station.pictures import holds_pictures, in_folder, redact_pictures


def redact(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A video, a picture, or a folder of pictures.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The result: .mp4, a picture, or a folder.")],
    json: Annotated[Path | None, typer.Option("--json", metavar="R", help="Write a report.")] = None,
    explain: Annotated[
        Path | None, typer.Option("--explain", metavar="V", help="Write a second video: why each cell is hidden.")
    ] = None,
    longest_stay: Annotated[
        float | None,
        typer.Option("--longest-stay", metavar="S", help="How long somebody may sit still here, in seconds."),
    ] = None,
    as_live: Annotated[
        bool, typer.Option("--as-live", help="One pass, learning as a camera does: a mosaic until blocks are proven.")
    ] = False,
    weaker_lock: WeakerLock = False,
    backend: Backend = "",
) -> None:
    """Hide everybody in a video, a picture, or a folder of pictures."""
    analyses = {"redact"} | ({"explain"} if explain else set())
    refuse_clash(source, target, explain, json)
    if json:
        refuse_unwritable(json)
    if holds_pictures(source):
        if explain:
            raise UsageError("--explain goes with a video")
        if as_live:
            raise UsageError("--as-live goes with a video")
        wanted = Wanted(frozenset(analyses), pictures=True, threads=threads(), weaker=weaker_lock, backend=backend)
        _pictures(source, target, wanted, json)
        return
    wanted = Wanted(
        frozenset(analyses),
        longest_stay_s=longest_stay,
        live=as_live,
        threads=threads(),
        weaker=weaker_lock,
        backend=backend,
    )
    with bar(f"redacting {source.name}") as watch:
        result = redact_video(source, target, wanted, explain=explain, watch=watch)
    write_json(json, result.report | {"longest_stay": _stay(longest_stay), "outlet": result.meter})
    typer.echo(_summary(target, result.report))


def _pictures(source: Path, target: Path, wanted: Wanted, json: Path | None) -> None:
    pairs = list(in_folder(source, target)) if source.is_dir() else [(source, target)]
    with bar(f"redacting {len(pairs)} picture{'s' if len(pairs) > 1 else ''}") as watch:
        album = redact_pictures(pairs, wanted, lambda done: watch(Progress(done, len(pairs))))
    if not source.is_dir() and album.failed:
        raise next(iter(album.failed.values()))
    for error in album.failed.values():
        typer.echo(f"passerby: {error}", err=True)
    if source.is_dir():
        write_json(json, {"pictures": album.reports, "failed": {name: str(e) for name, e in album.failed.items()}})
    else:
        write_json(json, next(iter(album.reports.values())))
    typer.echo(f"{target}: {len(album.reports)} of {len(pairs)} pictures redacted")
    if album.failed:
        raise typer.Exit(EXIT_FAILED)


def _stay(seconds: float | None) -> dict[str, float]:
    return {"share": STAY_SHARE} if seconds is None else {"seconds": seconds}


def _summary(target: Path, report: dict[str, Any]) -> str:
    hidden = f"{report['hidden_share']:.0%} of the picture hidden on average"
    mosaic = sum(report["mosaic_s"].values())
    whole = f", {mosaic:.1f} s as a whole-frame mosaic ({', '.join(report['mosaic_s'])})" if mosaic else ""
    return f"{target}: {report['frames']} frames, {report['seconds']} s, mode {report['mode']}, {hidden}{whole}"
