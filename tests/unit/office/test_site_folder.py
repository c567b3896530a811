"""A folder that can't be listed is not an empty one: nothing is taken for not revoked, or not held."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerby.base.errors import CharterError
from passerby.office.site_folder import evidence_for, listed
from passerby.station.holds import Holds
from passerby.station.settings import Oversight


def test_files_with_the_ending_in_order(tmp_path: Path) -> None:
    for name in ("b.note", "a.note", "a.entry"):
        (tmp_path / name).write_bytes(b"")
    assert [p.name for p in listed(tmp_path, ".note")] == ["a.note", "b.note"]
    assert listed(tmp_path / "none", ".note") == []


def test_revocations_that_cannot_be_listed(tmp_path: Path) -> None:
    assert evidence_for(tmp_path, tmp_path / "camera.note").revocations == ()
    (tmp_path / "revocations").write_bytes(b"no folder")
    with pytest.raises(CharterError, match="revocations can't be read"):
        evidence_for(tmp_path, tmp_path / "camera.note")


def test_holds_that_cannot_be_listed(tmp_path: Path) -> None:
    said: list[str] = []
    holds = Holds(tmp_path / "holds", Oversight(folder=tmp_path, site_root="0" * 64), said.append)
    assert holds() == []
    (tmp_path / "holds").write_bytes(b"no folder")
    with pytest.raises(CharterError):
        holds()
    assert len(said) == 1 and "can't be read" in said[0]
