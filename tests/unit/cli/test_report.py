"""`passerby report` and `passerby review`, as an operator, a reviewer and a stranger use them."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from tests.unit.charter.report import city
from tests.unit.charter.report.city import CHIEF, PAPER, POLICY, VKEY, WATCHER, sha
from typer import Typer
from typer.testing import CliRunner, Result

from passerby.base.errors import CharterError
from passerby.cli import ledger
from passerby.cli.desk import review, staff
from passerby.cli.desk.report import report
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.home import Home, open_log

APP = Typer()
APP.command("report")(report)
for name, part in (("review", review.app), ("staff", staff.app), ("ledger", ledger.app)):
    APP.add_typer(part, name=name)
PERIOD = ("--from", "2026-01-01", "--to", "2027-01-01")
OTHER = "p-" + "9" * 32


def run(*words: str | Path | int, code: int = 0, given: bytes = b"") -> Result:
    found = CliRunner().invoke(APP, [str(w) for w in words], input=given)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return city.year().write(tmp_path_factory.mktemp("city") / "log")


def test_three_forms_checked_against_a_mirror(log: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    run("ledger", "mirror", log, mirror, "--vkey", VKEY)
    assert len(list((mirror / "lists").iterdir())) == len(list((log / "lists").iterdir())), "lists of every act"
    whom = ("--vkey", VKEY)
    for form in ("--json", "--html", "--pdf"):
        out = tmp_path / f"report{form}"
        run("report", "--ledger", log, *PERIOD, form, "-o", out, *whom)
        checked = run("report", "--ledger", mirror, "--check", out, *(() if form == "--json" else PERIOD), *whom)
        assert checked.output.startswith(f"proven: {out} is what the ledger says")
    bare = tmp_path / "bare.html"
    run("report", "--ledger", log, *PERIOD, "--without-keys", "--html", "-o", bare, *whom)
    assert "proven" in run("report", "--ledger", mirror, "--check", bare, *PERIOD, *whom).output
    assert "looks for audit" in run("report", "--ledger", mirror, *PERIOD, *whom).output


def test_forged_reports_are_refuted_by_their_line(log: Path, tmp_path: Path) -> None:
    forged, whom = tmp_path / "forged", ("--vkey", VKEY)
    for form, old, new, words in (
        ("--json", b'"acts.look":36', b'"acts.look":35', "line acts.look says 35, the ledger says 36"),
        ("--json", b'"keys.overdue":150,', b"", "line keys.overdue says nothing, the ledger says 150"),
        ("--html", b">36<", b">35<", "says '<td class=\"n\">35</td></tr>'; the ledger says"),
        ("--pdf", b"%PDF-1.", b"%PDF-2.", "is not the PDF that this ledger gives"),
    ):
        run("report", "--ledger", log, *PERIOD, form, "-o", forged, *whom)
        content = forged.read_bytes()
        assert old in content
        forged.write_bytes(content.replace(old, new, 1))
        period = () if form == "--json" else PERIOD
        refused = run("report", "--ledger", log, "--check", forged, *period, *whom, code=1)
        assert "refuted: " in refused.output and words in refused.output
        forged.unlink()


def test_what_is_said_of_wrong_use(log: Path, tmp_path: Path) -> None:
    for words, code, told in (
        (("--from", "soon", "--to", "2027-01-01"), 2, "'soon' is no day"),
        (("--from", "2027-01-01", "--to", "2026-01-01"), 2, "turn --from and --to round"),
        (("--from", "2026-01-01", "--to", "2028-01-01"), 3, "the period is not over"),
        ((*PERIOD, "--json", "--pdf"), 2, "name one of"),
        ((*PERIOD, "--vkey", city.format_vkey(PAPER.key)), 1, "refuted"),
        (("--check", log / "checkpoint"), 2, "with its --from and --to"),
        (("--check", tmp_path / "none"), 3, "can't be read"),
    ):
        assert told in run("report", "--ledger", log, *words, code=code).output
    assert "believing" in run("report", "--ledger", log, *PERIOD).output
    bare = shutil.copytree(log, tmp_path / "bare")
    (bare / "log.vkey").unlink()
    assert "whose signature you trust" in run("report", "--ledger", bare, *PERIOD, code=2).output
    early = run("report", "--ledger", log, "--from", "2026-01-01T00:00+08:00", "--to", "2027-01-01", "--json").output
    assert '"from":1767196800' in early


def test_a_provisional_report_is_checked_as_of_its_size(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    period = ("--from", "2026-01-01", "--to", "2028-01-01", "--provisional")
    run("report", "--ledger", log, *period, "--json", "-o", out)
    grown = city.year()
    for number in range(300):
        grown.add(city.NEXT + 2 * city.DAY + number, city.CLERK, act="comment", content=sha(number))
    folder = grown.write(tmp_path / "grown", city.NEXT + 9 * city.DAY)
    assert run("report", "--ledger", folder, "--check", out).exit_code == 0
    out.write_bytes(out.read_bytes().replace(b'"over":false', b'"over":true'))
    assert "the period is not over" in run("report", "--ledger", folder, "--check", out, code=3).output


def test_reviews_from_draw_to_outcome(tmp_path: Path) -> None:
    log, desk, policy = tmp_path / "log", tmp_path / "desk", tmp_path / "policy"
    run("ledger", "init", log, "--origin", city.ORIGIN)
    vkey = (log / "log.vkey").read_text().strip()
    policy.write_bytes(POLICY.replace(VKEY.encode(), vkey.encode()))
    case = sha("case")
    looks = [
        {"act": "look", "actor": actor, "camera": "cam-01", "purpose": "audit", "case": case, "until": 5,
         **city.content_of("look", actor, n)}
        for n in range(3) for actor in (WATCHER, CHIEF)
    ]  # fmt: skip
    run("ledger", "append", log, given=b"".join(json.dumps(look).encode() + b"\n" for look in looks))
    asking = ("review", "draw", log, "--by", CHIEF, "--policy", policy, "--share", 1000)
    assert "quorum is not reached" in run(*asking, code=1).output, "no draw from what nobody cosigned"
    with open_log(Home.at(log), LocalDisk(), lambda: int(time.time())) as opened:
        text = opened.note.split(b"\n\n")[0].decode() + "\n"
        opened.add_cosignatures([PAPER.sign(text, int(time.time()))])
    assert run(*asking).output.startswith("6 of 6 looks are to be reviewed before ")
    assert "the witness quorum" in run(*asking, code=1).output, "the draw's own act is not cosigned yet"

    queue = ("review", "list", "--ledger", log)
    assert "6 reviews open, 0 overdue" in run(*queue).output
    found = json.loads(run(*queue, "--json", "--vkey", vkey).output)["reviews"]
    assert [row["entry"] for row in found] == [1, 2, 3, 4, 5, 6]

    desk.mkdir()
    (desk / "office.toml").write_text('law = "gdpr"\nzone = "UTC"\n')
    for person in (CHIEF, OTHER):
        run("staff", "train", desk, person, "--text", "-", "--by", OTHER, given=b"trained")
        run("staff", "authorise", desk, person, "reviewer", "--by", OTHER)
    for entry, outcome, by, code, words in (
        (1, "fine", CHIEF, 2, "in-order or violation"),
        (99, "in-order", CHIEF, 2, "no review of entry 99 is open"),
        (1, "in-order", CHIEF, 0, "waits for the ledger"),
        (3, "violation", CHIEF, 0, "write the incident down"),
    ):
        told = run("review", "done", desk, entry, outcome, "--ledger", log, "--by", by, "--text", "-", code=code,
                   given=b"I saw what was seen.")  # fmt: skip
        assert words in told.output
    assert "written down" in run("review", "done", desk, 1, "in-order", "--ledger", log, "--by", CHIEF, code=2).output
    for by, words in ((CHIEF, "a look of their own"), (WATCHER, "may not act as reviewer")):
        with pytest.raises(CharterError, match=words):
            run("review", "done", desk, 2, "in-order", "--ledger", log, "--by", by, "--text", "-", given=b"x")
    run("ledger", "deliver", log, desk)
    assert "4 reviews open, 0 overdue" in run(*queue).output
    made = json.loads(run("report", "--ledger", log, "--from", "2020-01-01", "--to", "2100-01-01", "--provisional",
                          "--json", "--vkey", vkey).stdout)  # fmt: skip
    assert made["lines"]["duty.look-review.outcome.violation"] == 1
    assert made["lines"]["duty.look-review.overdue"] == 4, "as of 2100"
    assert run("review", "forget", desk, found[0]["leaf"], "--by", CHIEF).output == "1 texts erased\n"
    assert b"I saw what was seen." in (desk / "passerby.db").read_bytes(), "the other one's stays"


def test_who_ends_what_they_owe_themselves_is_counted(tmp_path: Path) -> None:
    it = city.Ledger()
    about = {"camera": "cam-01", "purpose": "audit", "case": sha("c"), "until": 9}
    for number in range(2):
        it.add(city.YEAR + number, WATCHER, act="look", **about, **city.content_of("look", number))
    taken = it.draw(city.YEAR + 10, 0, 1000)
    it.add(city.YEAR + 11, WATCHER, act="done", subject=taken[0].leaf.hex(), duty="look-review", outcome="in-order")
    it.add(city.YEAR + 11, CHIEF, act="done", subject=taken[1].leaf.hex(), duty="look-review", outcome="in-order")
    it.add(city.NEXT, CHIEF, act="comment", content=sha("after"))
    folder = it.write(tmp_path / "log")
    lines = json.loads(run("report", "--ledger", folder, *PERIOD, "--json", "--vkey", VKEY).stdout)["lines"]
    assert (lines["duty.look-review.by-oneself"], lines["duty.look-review.in-time"]) == (1, 1)
