"""From a station's data folder to strangers: deliver, mirror, lateness, and a hold from draft to end."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from tests.unit.archive.scene import NOON
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept
from tests.unit.charter.test_hold import HOLD
from tests.unit.charter.world import DAY, FOUNDERS, ROOT, T0, Ledger, signed
from typer.testing import CliRunner

from passerby.archive.folder import Layout
from passerby.archive.tape import record
from passerby.cli.app import app
from passerby.cli.ledger import common, follow, write
from passerby.store.acts import ActQueue


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_strangers_compute_lateness_from_what_a_station_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, log, now = tmp_path / "data", tmp_path / "city", Time()
    for module in (common, follow, write):
        monkeypatch.setattr(module, "clock", lambda: int(now()) + 60)
    vkey = run("ledger", "init", log, "--origin", "example.org/city").output.strip()
    deliver = ("ledger", "deliver", log, data, "--station", "station-1")
    with archive_in(data, now) as (archive, _):
        for hour in range(6):
            now.now_s = NOON + hour * HOUR_S
            record_hour(archive, now, "entrance", record(2))
            if hour != 4:
                assert swept(archive).lines == []
            assert run(*deliver).exit_code == 0
    told = run("ledger", "mirror", log, tmp_path / "copy", "--vkey", vkey)
    assert told.exit_code == 0, told.output
    # Swept every hour but one: what was due then died within its hour and was told an hour later, which nobody outside
    # can tell from in time. Two hours without a sweep show.
    good = run("ledger", "lateness", tmp_path / "copy", "--vkey", vkey)
    assert good.exit_code == 0 and "no key of 1 cameras lived longer than it may" in good.output, good.output
    again = run(*deliver)
    assert again.exit_code == 0 and "told" not in again.output, "what the ledger has it is not told twice"
    now.now_s = NOON + 9 * HOUR_S
    assert run(*deliver).exit_code == 0
    assert run("ledger", "mirror", log, tmp_path / "copy", "--vkey", vkey).exit_code == 0
    bad = run("ledger", "lateness", tmp_path / "copy", "--vkey", vkey)
    assert bad.exit_code == 1 and "overdue" in bad.output
    checked = run("archive", "check", data, "--ledger", tmp_path / "copy", "--vkey", vkey)
    assert "and the ledger: 0 wrong" in checked.output, checked.output


def test_a_hold_from_draft_to_end(tmp_path: Path) -> None:
    site, data = tmp_path / "site", tmp_path / "data"
    (site / "roots").mkdir(parents=True)
    data.mkdir()
    ledger = Ledger()
    rooted = ledger.add({"act": "site-root", "content": ROOT.hash}, T0)
    (site / "roots/0.note").write_bytes(signed(ROOT.text(), *FOUNDERS))
    (site / "roots/0.entry").write_bytes(rooted.entry)
    (site / "roots/0.tlog-proof").write_bytes(rooted.proof)
    draft = run(
        *("archive", "hold", "draft", "-o", tmp_path / "draft.json", "--name", ROOT.site, "--camera", "gate-1"),
        *("--owner", HOLD.owner, "--case", HOLD.case, "--reason", "legal-order"),
        *("--from", "2026-11-23T12:00", "--to", "2026-11-23T14:00", "--until", "2027-01-01T00:00"),
    )
    assert draft.exit_code == 0, draft.output
    assert "not destroyed before 2027-01-01 00:00 UTC" in draft.output
    assert json.loads((tmp_path / "draft.json").read_text())["camera"] == "gate-1"
    refused = run(
        *("archive", "hold", "draft", "-o", tmp_path / "x", "--name", ROOT.site, "--camera", "gate-1"),
        *("--owner", "Mr Smith", "--case", HOLD.case, "--reason", "legal-order"),
        *("--from", "2026-11-23T12:00", "--to", "2026-11-23T14:00", "--until", "2027-01-01T00:00"),
    )
    assert refused.exit_code == 1

    hold = replace(HOLD, ends=int(time.time()) + 9 * DAY, begins=int(time.time()) - DAY)
    note, trust = tmp_path / "hold.note", ("--site", site, "--first", ROOT.hash)
    note.write_bytes(signed(hold.text, "rev1"))
    early = run("archive", "hold", "add", data, note, *trust)
    assert early.exit_code == 1 and "not proven to be in the ledger" in str(early.exception)
    logged = ledger.add(hold.act(), hold.begins + 60)
    note.with_suffix(".entry").write_bytes(logged.entry)
    note.with_suffix(".tlog-proof").write_bytes(logged.proof)
    added = run("archive", "hold", "add", data, note, *trust)
    assert added.exit_code == 0, added.output
    listed = run("archive", "hold", "list", data, *trust)
    assert "in force" in listed.output
    name = hold.hash[:16]
    ended = run("archive", "hold", "end", data, name)
    assert ended.exit_code == 0, ended.output
    assert run("archive", "hold", "list", data, *trust).output == ""
    (act,) = ActQueue(Layout(data).acts).waiting()
    assert (act["act"], act["case"]) == ("end-hold", hold.case)
    assert run("archive", "hold", "end", data, name).exit_code != 0
