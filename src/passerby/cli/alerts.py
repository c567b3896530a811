"""``passerby alerts``: tell other systems, try a channel, see what was told."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.folder import Layout
from passerby.base.errors import SettingsError
from passerby.notify.setup import Receiver, receivers
from passerby.notify.work import Notifier, try_out
from passerby.station.settings import Site, read_site
from passerby.store.database import read_store
from passerby.store.deliveries import newest
from passerby.store.migrate import open_store

app = typer.Typer(help="Alerts to other systems: webhooks and MQTT.", no_args_is_help=True)
Settings = Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")]


@app.command("run")
def run(settings: Settings) -> None:
    """Tell every channel until stopped. `passerby run` starts this by itself."""
    site, told = _told(settings)
    layout = Layout(site.data)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    layout.notify.parent.mkdir(mode=0o700, exist_ok=True)
    with read_store(layout.database) as station, open_store(layout.notify, time.time) as own:
        notifier = Notifier(
            station, own, site.alerts.site, told, time.time, random.random, lambda line: typer.echo(line, err=True)
        )
        notifier.run(stop)


@app.command("test")
def test(settings: Settings, channel: Annotated[str, typer.Argument(metavar="CHANNEL")]) -> None:
    """Tell one channel a test alert now, quiet hours or not, and say whether it took it."""
    site, told = _told(settings)
    found = [receiver for receiver in told if receiver.channel.name == channel]
    if not found:
        names = ", ".join(receiver.channel.name for receiver in told)
        raise SettingsError(f"no channel is named {channel[:63]}", f"there are {names}")
    try_out(found[0], site.alerts.site, time.time())
    typer.echo(f"{channel} has taken a test alert")


@app.command("list")
def list_(settings: Settings, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """What was told last, what waits and what could not be told, newest first."""
    site, _ = _told(settings)
    with read_store(Layout(site.data).notify) as own:
        rows = newest(own)
    if as_json:
        shown = [{"channel": r.channel, "alert": r.alert_id, "state": r.state, "tries": r.tries, "why": r.why,
                  "message": json.loads(r.body)} for r in rows]  # fmt: skip
        typer.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return
    for row in rows:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(row.time_us / 1_000_000))
        typer.echo(
            f"{at} {row.channel}: {row.state}{f' ({row.why})' if row.why else ''}: {json.loads(row.body)['reason']}"
        )


def _told(settings: Path) -> tuple[Site, list[Receiver]]:
    site = read_site(settings)
    if not site.alerts.channels:
        raise SettingsError(f"{settings} names nobody to tell", "add [[alerts.channel]] (docs/alerts.md)")
    return site, receivers(site.alerts, time.time)
