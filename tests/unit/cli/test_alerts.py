"""``passerby alerts``: the notifier as a process of its own, beside a database that grows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.unit.notify.receivers import SECRET, webhook

from passerby.archive.folder import Layout
from passerby.crowd.alerts import Severity, What
from passerby.store.events import AlertRow, add_alert
from passerby.store.migrate import open_store


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "passerby.cli", "alerts", *map(str, arguments)]


def test_told_within_seconds_tried_and_listed(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.root.mkdir()
    environment = {**os.environ, "HOOK_SECRET": SECRET}
    with webhook() as hook, open_store(layout.database, time.time) as station:
        settings = tmp_path / "site.toml"
        settings.write_text(
            'data = "data"\n[[camera]]\nname = "gate"\nsource = "rtsp://192.0.2.1/a"\n[alerts]\nsite = "city"\n'
            f'[[alerts.channel]]\nname = "room"\nwebhook = "{hook.url}"\nsecret = {{env = "HOOK_SECRET"}}\n'
        )
        with subprocess.Popen(command("run", settings), env=environment, stderr=subprocess.PIPE, text=True) as notifier:
            until_s = time.monotonic() + 60
            while not layout.notify.exists() and time.monotonic() < until_s:
                time.sleep(0.05)
            while not hook.seen and time.monotonic() < until_s:
                # Again and again: which of them is the first after its start is not for us to know.
                now_us = time.time_ns() // 1000
                add_alert(station, AlertRow("gate", now_us, What.PRESSURE, Severity.DANGER, 1, 0.03, 0.02, 0.04, "a"))
                time.sleep(0.2)
            notifier.send_signal(signal.SIGTERM)
            _, said = notifier.communicate(timeout=30)
        assert (notifier.returncode, said) == (0, "")
        told = json.loads(hook.seen[0][1])
        assert (told["site"], told["kind"], told["severity"]) == ("city", "pressure", "danger")
        tried = subprocess.run(command("test", settings, "room"), env=environment, capture_output=True, text=True)
        assert (tried.returncode, tried.stdout) == (0, "room has taken a test alert\n")
        assert json.loads(hook.seen[-1][1])["test"] is True
    away = subprocess.run(command("test", settings, "room"), env=environment, capture_output=True, text=True)
    assert away.returncode == 1
    assert away.stderr.startswith("passerby: the webhook can't be reached")
    listed = subprocess.run(command("list", settings, "--json"), env=environment, capture_output=True, text=True)
    assert {row["state"] for row in json.loads(listed.stdout)} >= {"sent"}
    wrong = subprocess.run(command("test", settings, "none"), env=environment, capture_output=True, text=True)
    assert wrong.stderr == "passerby: no channel is named none: there are room\n"
