"""Reconciling beside real RTSP cameras: one open, one guarded, one with sound and a factory password."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import COMMAND
from tests.e2e.live.camera import RtspCamera

from passerby.charter.document import text_of
from passerby.charter.root import parse_root
from passerby.charter.site_permit import act_camera
from passerby.ledger.schema import parse_act
from passerby.ledger.tiles import read_entry
from passerby.station.showcase.site import oversee

PASSWORD = "correct-horse"
ACTOR = "p-" + "1" * 32


@pytest.fixture(scope="module")
def cameras(clip: Path) -> Iterator[dict[str, str]]:
    """Addresses of three real cameras."""
    made = {"open": RtspCamera(clip), "guarded": RtspCamera(clip), "factory": RtspCamera(clip)}
    made["open"].start()
    made["guarded"].start(user="viewer", password=PASSWORD)
    made["factory"].start("--sound", user="admin", password="12345")
    yield {name: camera.url for name, camera in made.items()}
    for camera in made.values():
        camera.stop()


def site(folder: Path, cameras: dict[str, str]) -> Path:
    path = folder / "site.toml"
    (folder / "secret").write_text(f"{PASSWORD}\n")
    (folder / "viewer").write_text("viewer\n")
    (folder / "admin").write_text("admin\n")
    (folder / "factory").write_text("12345\n")
    who = {
        "open": "",
        "guarded": f'user = {{file = "{folder}/viewer"}}\npassword = {{file = "{folder}/secret"}}\n',
        "factory": f'user = {{file = "{folder}/admin"}}\npassword = {{file = "{folder}/factory"}}\n',
        "gone": "",
    }
    entries = [f'[[camera]]\nname = "{n}"\nsource = "{url}"\n{who[n]}' for n, url in cameras.items()]
    path.write_text('data = "data"\n' + "".join(entries))
    oversee(path)
    return path


def reconcile(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, "reconcile", *map(str, words)], capture_output=True, text=True, check=False)


def test_what_real_cameras_show(cameras: dict[str, str], tmp_path: Path) -> None:
    settings = site(tmp_path, {**cameras, "gone": "rtsp://127.0.0.1:9/clip"})
    register = tmp_path / "register.json"
    register.write_text(
        json.dumps({"open": "active", "guarded": "active", "factory": "removed", "forgotten": "active"})
    )
    asked = (settings, "--list", register, "--for", "0")
    found = reconcile(*asked, "--try-defaults", "factory", "--try-defaults", "guarded", "--json")
    assert found.returncode == 1, found.stderr
    assert [(row["finding"], row["camera"]) for row in json.loads(found.stdout)] == [
        ("audio", "factory"), ("default-password", "factory"), ("open-stream", "open"),
        ("unconfigured", "forgotten"), ("unreachable", "gone"), ("unregistered", "factory"), ("unregistered", "gone"),
    ]  # fmt: skip
    assert PASSWORD not in found.stdout + found.stderr
    # Nobody's passwords are tried unless the camera is named.
    quiet = json.loads(reconcile(*asked, "--json").stdout)
    assert "default-password" not in [row["finding"] for row in quiet]
    strange = reconcile(*asked, "--try-defaults", "neighbour")
    assert strange.returncode == 2 and "your own cameras only" in strange.stderr


def test_findings_are_public_without_addresses(cameras: dict[str, str], tmp_path: Path) -> None:
    settings, register, log = site(tmp_path, {"open": cameras["open"]}), tmp_path / "register.json", tmp_path / "log"
    register.write_text('{"open": "active"}')
    subprocess.run([*COMMAND, "ledger", "init", log, "--origin", "example.org/log"], check=True, capture_output=True)
    said = reconcile(settings, "--list", register, "--for", "0", "--log", log, "--by", ACTOR)
    assert said.returncode == 1 and "1 findings" in said.stdout
    (listed,) = (log / "lists").iterdir()
    line = json.loads(listed.read_text())
    assert line["finding"] == "open-stream" and "127.0.0.1" not in listed.read_text()
    act = parse_act(read_entry(lambda p: (log / p).read_bytes() if (log / p).is_file() else None, 1, 2))
    assert (act["act"], act["cameras"], act["findings"], act["list"]) == ("reconcile", 1, 1, listed.name)
    root = parse_root(text_of((tmp_path / "site" / "roots" / "0.note").read_bytes()))
    assert line["camera"] == act_camera(root.site, "open")
    guarded = tmp_path / "guarded"
    guarded.mkdir()
    settings = site(guarded, {"guarded": cameras["guarded"]})
    register.write_text('{"guarded": "active"}')
    agreed = reconcile(settings, "--list", register, "--for", "0", "--log", log, "--by", ACTOR)
    assert (agreed.returncode, agreed.stdout) == (0, "settings, network and register agree\n")
