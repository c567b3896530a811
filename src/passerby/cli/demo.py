"""``passerby demo``."""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from passerby.access import links
from passerby.access.room import open_room
from passerby.archive.folder import Layout
from passerby.base.errors import OutputError
from passerby.cli.common import WeakerLock, bar, threads, write_json
from passerby.cli.count import as_json
from passerby.darkroom.launch import Wanted
from passerby.station.crew import open_source
from passerby.station.desk import Desk
from passerby.station.files import redact_video
from passerby.station.live import Forgetful
from passerby.station.settings import Site, read_site
from passerby.station.showcase.camera import can_serve, rtsp_camera
from passerby.station.showcase.clip import CREDIT, sample_clip
from passerby.station.showcase.office import FOLDER, demo_office
from passerby.station.showcase.page import page
from passerby.station.showcase.site import INSTITUTIONS, DemoSite
from passerby.station.showcase.summary import summary
from passerby.station.supervisor import Part, parts_for, supervise

PORTS = range(8480, 8500)
CITY, OFFICE, PAPER = (INSTITUTIONS[name] for name in ("city", "privacy", "paper"))
SITE = """\
# Written by `passerby demo`. See docs/site.toml for every entry.
data = {data}
weaker_lock = {weaker}

[server]
port = {port}
office = {office}

[[camera]]
name = "demo"
source = {source}
learn_from = {clip}
mode = "live"
count = ["crowd", "traffic"]
count_every_s = 1

# Refused on purpose: the reviewer did not sign its permit.
[[camera]]
name = "without-reviewer"
source = {source}
"""


def demo(
    source: Annotated[Path | None, typer.Option("--source", metavar="FILE", help="A clip of your own.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where results go.")] = Path("out/demo"),
    cache: Annotated[Path, typer.Option("--cache", metavar="FOLDER", help="Where the sample clip is kept.")] = Path(
        ".cache/demo"
    ),
    seconds: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help="End by itself after this time.")
    ] = None,
    as_file: Annotated[
        bool, typer.Option("--as-file", help="Redact the clip as a file, and leave a page that shows it.")
    ] = False,
    weaker_lock: WeakerLock = False,
) -> None:
    """Play a real clip as a live camera: redacted video, people now, on a page of this machine."""
    clip, credit = (source, "your own") if source else (sample_clip(cache), CREDIT)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} can't be made a folder ({error.strerror})", "name another with --out") from error
    if as_file:
        _as_file(clip, credit, out, weaker_lock=weaker_lock)
    else:
        _live(clip.resolve(), out.resolve(), seconds, weaker_lock=weaker_lock)


def _live(clip: Path, out: Path, seconds: float | None, *, weaker_lock: bool) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.close(open_source(clip))
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="data-", dir=out, ignore_cleanup_errors=True))
        url = None
        if can_serve():
            typer.echo(f"starting an RTSP camera that plays {clip.name} …")
            url = stack.enter_context(rtsp_camera(clip))
        if url is None:
            typer.echo(f"no RTSP server here: {clip.name} is paced as a live source instead")
        settings = out / "site.toml"
        office = out / "site" / FOLDER
        settings.write_text(_settings(Path(data), clip, url, office, weaker=weaker_lock), "utf-8")
        shown = _permit(settings, out / "site")
        site = read_site(settings)
        typer.echo("learning the empty scene from the clip first: the picture is a mosaic until then, counts go on")
        typer.echo(f"\n    open {_link(site)}\n")
        typer.echo("Ctrl-C ends it" if seconds is None else f"ends by itself after {seconds:.0f} s")
        parts = [Part("keeper", shown.keeper_command()), *parts_for(settings, site, threads(), link=False)]
        if code := supervise(parts, stop, typer.echo, seconds=seconds):
            raise typer.Exit(code)
        typer.echo(summary(Layout(site.data).database))


def _link(site: Site) -> str:
    """Where the pages are, signed in: on this machine, for as long as the demo runs."""
    with open_room(site.data) as room:
        token = links.local(room, again=True)
    return f"http://{site.server.host}:{site.server.port}/enter?look#{token}"


def _settings(data: Path, clip: Path, url: str | None, office: Path, *, weaker: bool) -> str:
    return SITE.format(
        data=json.dumps(str(data)),
        weaker=json.dumps(weaker),
        port=_free_port(),
        office=json.dumps(str(office)),
        source=json.dumps(url or str(clip)),
        clip=json.dumps(str(clip)),
    )


def _permit(settings: Path, folder: Path) -> DemoSite:
    """A site for show, a permit that both sides sign, and one that only the operator does; a keeper."""
    allowed, refused = read_site(settings).cameras
    shown = DemoSite(folder)
    (permit,) = shown.permit([allowed])
    shown.permit([refused], "operator")
    with settings.open("a", encoding="utf-8") as file:
        file.write(shown.settings() + shown.keeping())
    typer.echo(f"a DEMO site in {folder}: who has that folder has every key")
    typer.echo(
        f"  root   {shown.root.hash[:16]} signed by {CITY} and {OFFICE}, entry 0 of a ledger that {PAPER} cosigns"
    )
    typer.echo(f"  permit {permit.hash[:16]} for camera {permit.camera}: {', '.join(permit.analyses)}; both signed")
    desk = Desk(read_site(settings).oversight, Forgetful(), typer.echo)
    typer.echo(f"  and a refusal on purpose, {refused.name}: {desk.ruling(refused).sentence}")
    said = read_site(settings).server
    demo_office(shown, [allowed, refused], f"http://{said.host}:{said.port}")
    typer.echo("  an office with a register of both cameras, and a desk that takes complaints")
    typer.echo(f"  keeper of {OFFICE}, on this machine for show: video opens once the ledger says that somebody looks")
    return shown


def _free_port() -> int:
    """One that nobody listens at now; the server says so if somebody is faster."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return 0


def _as_file(clip: Path, credit: str, out: Path, *, weaker_lock: bool) -> None:
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
