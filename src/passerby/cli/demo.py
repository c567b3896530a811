"""``passerby demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import OutputError
from passerby.cli.common import WeakerLock, bar, threads, write_json
from passerby.cli.count import as_json
from passerby.darkroom.launch import Wanted
from passerby.station.files import redact_video
from passerby.station.showcase.clip import CREDIT, sample_clip
from passerby.station.showcase.page import page


def demo(
    source: Annotated[Path | None, typer.Option("--source", metavar="FILE", help="A clip of your own.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the page goes.")] = Path("out/demo"),
    cache: Annotated[Path, typer.Option("--cache", metavar="FOLDER", help="Where the sample clip is kept.")] = Path(
        ".cache/demo"
    ),
    weaker_lock: WeakerLock = False,
) -> None:
    """Redact and count a real clip, and leave a page that shows it."""
    clip, credit = (source, "your own") if source else (sample_clip(cache), CREDIT)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} can't be made a folder ({error.strerror})", "name another with --out") from error
    wanted = Wanted(frozenset({"redact", "count", "explain"}), threads=threads(), weaker=weaker_lock)
    with bar(f"redacting and counting {clip.name}") as watch:
        result = redact_video(clip, out / "redacted.mp4", wanted, explain=out / "explained.mp4", watch=watch)
    write_json(out / "report.json", result.report | {"outlet": result.meter})
    write_json(out / "counts.json", as_json(result))
    (out / "index.html").write_text(page(clip.name, credit, result.report, result.counts), "utf-8")
    report, people = result.report, [c.people for c in result.counts]
    typer.echo(
        f"{clip.name}: {report['frames']} frames, {report['seconds']:.0f} s, mode {report['mode']}; "
        f"{sum(people) / max(1, len(people)):.1f} people on average; {report['hidden_share']:.0%} of the picture hidden"
    )
    typer.echo(f"open {(out / 'index.html').resolve().as_uri()}")
