"""Odd places for IN and OUT: one clear line and exit 1, or a result; nothing half-written, nothing overwritten."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import av
import pytest
from tests.e2e import odd
from tests.e2e.conftest import Command, names_in
from tests.e2e.hostile_places import PLACES, Place

REFUSED = [place for place in PLACES if place.line]
WORKED = [place for place in PLACES if not place.line]


@pytest.fixture(scope="session")
def can_mount() -> bool:
    """Whether a command can have a mount of its own here."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _arguments(place: Place, folder: Path) -> list[str | bytes]:
    return [a.replace("{folder}", folder.name) if isinstance(a, str) else a for a in place.arguments]


@pytest.mark.parametrize("place", REFUSED, ids=lambda place: place.id)
def test_refused(place: Place, passerby: Command, tmp_path: Path, can_mount: bool) -> None:
    if place.mount and not can_mount:
        if os.environ.get("CI"):
            pytest.fail("unshare can't mount here: a full disk can't be made")
        pytest.skip("unshare can't mount here: a full disk can't be made")
    clip = odd.clip()
    (tmp_path / "in.mp4").write_bytes(clip)
    place.prepare(tmp_path)
    before = names_in(tmp_path)

    outcome = passerby(*_arguments(place, tmp_path), cwd=tmp_path, before=place.command)

    assert outcome.line == place.line.replace("{folder}", tmp_path.name)
    assert outcome.out == ""
    assert names_in(tmp_path) == before
    assert (tmp_path / "in.mp4").read_bytes() == clip


@pytest.mark.parametrize("place", WORKED, ids=lambda place: place.id)
def test_worked(place: Place, passerby: Command, tmp_path: Path) -> None:
    clip = odd.clip(times=[0])
    (tmp_path / "in.mp4").write_bytes(clip)
    place.prepare(tmp_path)
    before = names_in(tmp_path)

    outcome = passerby(*_arguments(place, tmp_path), cwd=tmp_path)

    assert outcome.code == 0, outcome.err
    assert outcome.out.count("\n") == 1
    made = os.fsdecode(place.makes)
    assert names_in(tmp_path) == before | {made}
    with (tmp_path / made).open("rb") as file, av.open(file) as container:
        assert sum(1 for _ in container.decode(video=0)) == 1
    assert (tmp_path / "in.mp4").read_bytes() == clip
