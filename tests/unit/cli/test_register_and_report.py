"""The register's own acts and rows, as the report counts them and reconciling reads them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from tests.unit.charter.register.samples import camera, owner
from tests.unit.charter.world import FOUNDERS, ROOT, signed
from typer import Typer
from typer.testing import CliRunner

from passerby.base.errors import SettingsError, StoreError
from passerby.charter.register.phase import Step
from passerby.cli import ledger
from passerby.cli.desk.reconcile import from_list, from_register
from passerby.cli.desk.report import report
from passerby.office.book import act_id, new_book

APP = Typer()
APP.command("report")(report)
APP.add_typer(ledger.app, name="ledger")


def run(*words: str | Path) -> str:
    found = CliRunner().invoke(APP, [str(w) for w in words])
    assert found.exit_code == 0, found.output
    return str(found.stdout)


def test_phases_owners_and_areas_reach_report_and_reconciling(tmp_path: Path) -> None:
    folder, log, site = tmp_path / "register", tmp_path / "log", "example.org"
    with new_book(folder, time.time, site, "https://r.example/", "") as book:
        book.name_root(signed(ROOT.text(), *FOUNDERS))  # it demands no papers
        book.put_organisation(owner())
        book.put_area("central", "Central")
        for name in ("pier-3", "pier-4", "pier-5"):
            book.add(camera(id=name))
        for step in (Step.ASSESS, Step.NOTICE, Step.ACTIVATE):
            book.step("pier-3", step)
            book.step("pier-4", step)
        book.step("pier-4", Step.REMOVE)
    assert from_register(folder) == {"pier-3": "active", "pier-4": "removed", "pier-5": "proposed"}
    run("ledger", "init", log, "--origin", "example.org/log")
    run("ledger", "deliver", log, folder)
    period = ("--from", "2020-01-01", "--to", "2200-01-01", "--provisional")
    lines = json.loads(run("report", "--ledger", log, *period, "--json"))["lines"]
    assert {name: lines[name] for name in lines if name.startswith("cameras.") and lines[name]} == {
        "cameras.phase.active": 1,
        "cameras.phase.proposed": 1,
        "cameras.phase.removed": 1,
        f"cameras.active.area.{act_id(site, 'area', 'central')}": 1,
        f"cameras.active.owner.{act_id(site, 'org', 'harbour')}": 1,
    }
    assert (lines["phase.active"], lines["phase.proposed"], lines["phase.removed"]) == (2, 3, 1)
    assert "pier" not in json.dumps(lines) and "harbour" not in json.dumps(lines)


def test_no_register_is_no_empty_register(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        from_register(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"a": 5}', b'{"../x": "active"}', b"\x00", b"\xff", b'{"a":"x","a":"y"}', b"[" * 9999],
)
def test_a_list_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register.json"
    with pytest.raises(SettingsError):
        from_list(path)
    path.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        from_list(path)
    assert len(str(refused.value).splitlines()) == 1
    path.write_text('{"north-gate": "active"}')
    assert from_list(path) == {"north-gate": "active"}
