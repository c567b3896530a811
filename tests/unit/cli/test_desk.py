"""The desk as people work at it: a case before a look, requests, complaints, incidents, staff; words and exit codes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from passerby.base.errors import CharterError, PasserbyError, PermitError, UsageError
from passerby.cli import ledger
from passerby.cli.desk import case, complaint, incident, report, request, staff
from passerby.ledger.schema import parse_act
from passerby.ledger.tiles import read_entry

APP = Typer()
for name, part in (
    ("case", case.app), ("request", request.app), ("complaint", complaint.app), ("incident", incident.app),
    ("staff", staff.app), ("ledger", ledger.app), ("report", report.app),
):  # fmt: skip
    APP.add_typer(part, name=name)
CLERK, CHIEF, WATCHER = ("p-" + sign * 32 for sign in "123")


def run(*words: str | Path, code: int = 0, given: bytes = b"") -> Result:
    found = CliRunner().invoke(APP, [str(w) for w in words], input=given)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "office.toml").write_text('law = "gdpr"\nzone = "Europe/Amsterdam"\nemergencies = true\nfee_most = 500\n')
    for person, role in ((CLERK, "desk"), (CHIEF, "reviewer"), (WATCHER, "viewer")):
        run("staff", "train", folder, person, "--text", "-", "--by", CHIEF, given=f"{role} of the city".encode())
        run("staff", "authorise", folder, person, role, "--by", CHIEF)
    return folder


@pytest.fixture
def desk(staffed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(staffed, tmp_path / "desk")


def said(output: str, kind: str) -> str:
    found = re.search(rf"^{kind} ([0-9a-f]{{64}})$", output, re.MULTILINE)
    assert found, output
    return found[1]


def acts(log: Path) -> list[dict[str, object]]:
    size = int((log / "checkpoint").read_bytes().split(b"\n")[1])
    return [parse_act(read_entry(lambda p: (log / p).read_bytes() if (log / p).is_file() else None, n, size))
            for n in range(size)]  # fmt: skip


def test_no_look_without_a_case_in_the_ledger(desk: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    run("ledger", "init", log, "--origin", "example.org/log")
    scope = ("--since", "2026-01-05T10:00", "--upto", "2026-01-05T11:00", "--by", WATCHER)
    opened = run(
        "case", "open", desk, "--purpose", "crowd-safety", "--reason", "overcrowding", "--camera", "gate-1", *scope
    ).output
    assert "open until " in opened and "wait for the ledger" in opened
    number = said(opened, "case")[:8]
    look = ("case", "check", desk, number, "--camera", "gate-1", "--purpose", "crowd-safety", *scope, "--ledger", log)
    with pytest.raises(PermitError, match="NOT_LOGGED"):
        run(*look)
    assert run("ledger", "deliver", log, desk).output == "8 acts delivered\n"
    assert run("ledger", "deliver", log, desk).output == "0 acts delivered\n"
    assert run(*look).stdout.startswith("this look may be")
    with pytest.raises(PermitError, match="OTHER_CAMERA"):
        run(*look[:5], "gate-2", *look[6:])
    with pytest.raises(CharterError, match="may not act as viewer: not authorised"):
        run(*[CLERK if word == WATCHER else word for word in look])
    run("case", "close", desk, number, "--by", WATCHER)
    with pytest.raises(PermitError, match="CLOSED"):
        run(*look)
    assert [act["act"] for act in acts(log)][-2:] == ["case", "because"]
    assert "the city" not in json.dumps(acts(log))


def test_reasons_are_of_a_closed_list(desk: Path) -> None:
    scope = ("--camera", "a", "--since", "2026-01-05", "--upto", "2026-01-06", "--by", WATCHER)
    for purpose, reason, words in (
        ("crowd-safety", "investigation", "evacuation|fall"),
        ("flow-statistics", "spot-check", "numbers only"),
        ("curiosity", "fun", "use access-request, audit"),
    ):
        with pytest.raises(CharterError, match=re.escape(words)):
            run("case", "open", desk, "--purpose", purpose, "--reason", reason, *scope)
    assert json.loads(run("case", "reasons", "--json").output)["flow-statistics"] == []
    assert "0 in all, 0 overdue" in run("case", "list", desk).output


def test_an_emergency_and_who_may_justify_it(desk: Path) -> None:
    opened = run(
        "case", "open", desk, "--purpose", "incident-review", "--reason", "fire", "--camera", "gate-1", "--emergency",
        "--since", "2026-01-05", "--upto", "2026-01-06", "--by", WATCHER,
    ).output  # fmt: skip
    number = said(opened, "case")[:10]
    assert "due before" in opened
    with pytest.raises(CharterError, match="may not act as reviewer"):
        run("case", "justify", desk, number, "--by", WATCHER, "--text", "-", given=b"there was smoke")
    with pytest.raises(CharterError, match="in writing"):
        run("case", "justify", desk, number, "--by", CHIEF)
    assert "justified" in run("case", "justify", desk, number, "--by", CHIEF, "--text", "-", given=b"smoke").output
    shown = json.loads(run("case", "show", desk, number, "--json").output)
    assert (shown["reason"], shown["cameras"], shown["events"][-1]["words"]) == ("fire", ["gate-1"], "smoke")


def test_a_request_from_letter_to_refusal_book(desk: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("I was there on Monday.\x1b[31m\nAnn")
    came = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    made = run("request", "new", desk, "--by", CLERK, "--text", letter, "--at", came).output
    number = said(made, "request")[:8]
    shown = run("request", "show", desk, number).output
    assert "I was there on Monday.?[31m" in shown and "\x1b" not in shown
    with pytest.raises(CharterError, match="refuses for no such reason: use --reason"):
        run("request", "do", desk, number, "refuse", "--by", CLERK, "--reason", "busy", "--text", letter)
    with pytest.raises(CharterError, match="became of other people"):
        run("request", "do", desk, number, "answer", "--by", CLERK)
    part = run(
        "request", "do", desk, number, "answer-part", "--by", CLERK, "--others", "hidden", "--text", letter,
        "--reason", "because Ann said so",
    )  # fmt: skip
    assert "Ann said so" not in run("request", "show", desk, number).output, "no free text in a note"
    assert "partly answered; due before" in part.output
    ended = run("request", "do", desk, number, "refuse", "--by", CLERK, "--reason", "other-people", "--text", letter)
    assert "partly refused; nothing more is owed" in ended.output
    book = run("request", "book", desk).output
    assert "other-people: GDPR, art. 15(4)" in book and book.endswith("1 refusals\n")
    assert json.loads(run("request", "book", desk, "--json").output)[0]["state"] == "partly refused"
    assert run("request", "forget", desk, number, "--by", CLERK).output.startswith("3 texts erased")
    assert "Monday" not in run("request", "show", desk, number).output
    assert "art. 15(4)" in run("request", "book", desk).output, "the book outlives the words"


def test_cannot_identify_says_why(desk: Path) -> None:
    number = said(run("request", "new", desk, "--by", CLERK, "--text", "-", given=b"me!").output, "request")
    with pytest.raises(CharterError, match=re.escape("use --reason no-place-or-time|only-redacted")):
        run("request", "do", desk, number, "cannot-identify", "--by", CLERK)
    run("request", "do", desk, number, "cannot-identify", "--by", CLERK, "--reason", "expired")
    assert "the keys to that hour are destroyed" in run("request", "book", desk).output


def test_a_complaint_s_receipt_is_in_the_ledger(desk: Path, tmp_path: Path) -> None:
    log, words = tmp_path / "log", b"The camera looks into my window."
    run("ledger", "init", log, "--origin", "example.org/log")
    given = run("complaint", "new", desk, "--by", CLERK, "--text", "-", given=words).output
    number, content, salt = re.findall("[0-9a-f]{64}", given)[-3:]
    assert hashlib.sha256(bytes.fromhex(salt) + words).hexdigest() == content
    run("ledger", "deliver", log, desk)
    logged = [act for act in acts(log) if act["act"] == "complaint"]
    assert [(act["case"], act["content"]) for act in logged] == [(number, content)]
    assert run("complaint", "receipt", desk, number[:8]).output == given[given.index("RECEIPT") :]
    run("complaint", "do", desk, number, "look-into", "--by", CLERK)
    run("complaint", "do", desk, number, "uphold", "--by", CLERK, "--text", "-", given=b"you are right")
    run("complaint", "forget", desk, number, "--by", CLERK)
    with pytest.raises(CharterError, match="erased"):
        run("complaint", "receipt", desk, number)


def test_an_incident_known_four_days_ago_is_overdue_and_says_so(desk: Path) -> None:
    known = (datetime.now(UTC) - timedelta(days=4)).isoformat()
    number = said(
        run("incident", "new", desk, "--by", CLERK, "--at", known, "--text", "-", given=b"a disk").output, "incident"
    )
    assert "1 in all, 1 overdue" in run("incident", "list", desk).output
    assert json.loads(run("incident", "list", desk, "--open", "--json").output)[0]["overdue"] is True
    with pytest.raises(CharterError, match="why it is late"):
        run("incident", "do", desk, number, "notify", "--by", CLERK)
    run("incident", "do", desk, number, "notify", "--by", CLERK, "--text", "-", given=b"found out late")
    assert "1 in all, 0 overdue" in run("incident", "list", desk).output


def test_staff_names_are_shown_here_and_nowhere_else(desk: Path) -> None:
    listed = run("staff", "list", desk).output
    assert f"{CLERK}  desk: may  desk of the city" in listed
    run("staff", "unauthorise", desk, CLERK, "desk", "--by", CHIEF)
    with pytest.raises(CharterError, match="not authorised"):
        run("complaint", "new", desk, "--by", CLERK, "--text", "-", given=b"x")
    run("staff", "forget", desk, CLERK)
    assert "desk of the city" not in run("staff", "list", desk).output
    assert re.fullmatch("p-[0-9a-f]{32}\n", run("staff", "new").output)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"x" * (256 * 1024 + 1), "longer than 256 KiB"),
    ],
)
def test_hostile_words_are_refused_and_nothing_is_kept(desk: Path, content: bytes, words: str) -> None:
    with pytest.raises(CharterError, match=words):
        run("complaint", "new", desk, "--by", CLERK, "--text", "-", given=content)
    assert "0 in all" in run("complaint", "list", desk).output


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("--at", "2999-01-01", UsageError), ("--at", "yesterday", UsageError), ("--at", "1\x00", UsageError),
        ("--by", "Ann", UsageError), ("--by", "p-" + "G" * 32, UsageError), ("--text", "/nowhere/x", CharterError),
    ],
)  # fmt: skip
def test_wrong_options_are_one_line(desk: Path, option: str, value: str, error: type[PasserbyError]) -> None:
    words = {"--by": CLERK, "--text": "-", option: value}
    with pytest.raises(error) as refused:
        run("incident", "new", desk, *(w for pair in words.items() for w in pair), given=b"x")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (None, "can't be read"), ("law = ", "is no TOML"), ('law = "gdpr"\nzone = "Mars/Base"', "no time zone"),
        ('law = "gdpr"\nzone = "../../etc/passwd"', "no time zone"), ('law = "gdpr"', "lack law or zone"),
    ],
)  # fmt: skip
def test_a_desk_without_sound_settings_opens_nothing(tmp_path: Path, settings: str | None, words: str) -> None:
    if settings is not None:
        (tmp_path / "office.toml").write_text(settings)
    with pytest.raises(CharterError, match=words):
        run("case", "list", tmp_path)
    assert not (tmp_path / "passerby.db").exists()
    assert run("case", "example").output.startswith("# An office's settings")


def test_what_was_spent_and_with_whom_an_export_was_shared(desk: Path, tmp_path: Path) -> None:
    """Words of closed lists, sums in hundredths; a share only of an export that the ledger has."""
    log, public = tmp_path / "log", ("--ledger", tmp_path / "log")
    run("ledger", "init", log, "--origin", "example.org/log")
    run("staff", "train", desk, CLERK, "--text", "-", "--by", CHIEF, given=b"exporter of the city")
    run("staff", "authorise", desk, CLERK, "exporter", "--by", CHIEF)
    spent = ("report", "spend", desk, "--by", CLERK, "--cost", "equipment", "--currency", "eur", "--year", "2026")
    assert "waits for the ledger" in run(*spent, "--amount", "12500.50").output
    for wrong in ("-1", "0", "1.005", "1e99", "NaN", "12,5", "much"):
        with pytest.raises(UsageError, match="no amount"):
            run(*spent, "--amount", wrong)
    with pytest.raises(UsageError, match="there is no cost 'bribes'"):
        run(*[{"equipment": "bribes"}.get(str(w), w) for w in spent], "--amount", "1")
    with pytest.raises(CharterError):
        run(*[{CLERK: WATCHER}.get(str(w), w) for w in spent], "--amount", "1")

    content, case_hash = "ab" * 32, "cd" * 32
    export = {"act": "export", "actor": CLERK, "camera": "cam-1", "purpose": "legal-order", "case": case_hash}
    shared = ("report", "share", desk, "--by", CLERK, "--export", content[:12], "--recipient", "court")
    shared = (*shared, "--basis", "court-order")
    with pytest.raises(CharterError, match="no such export"):
        run(*shared, *public)
    run("ledger", "append", log, given=json.dumps({**export, "content": content}).encode())
    with pytest.raises(UsageError, match="there is no recipient"):
        run(*[{"court": "my-brother"}.get(str(w), w) for w in shared], *public)
    with pytest.raises(CharterError):
        run(*[{CLERK: CHIEF}.get(str(w), w) for w in shared], *public)
    assert "shared with court" in run(*shared, *public).output
    run("ledger", "deliver", log, desk)
    found = acts(log)
    (sum_,) = (act for act in found if act["act"] == "spend")
    assert (sum_["amount"], sum_["currency"], sum_["cost"], sum_["year"]) == (1_250_050, "eur", "equipment", 2026)
    (told,) = (act for act in found if act["act"] == "share")
    assert {n: told[n] for n in ("camera", "purpose", "case", "content", "recipient", "basis")} == {
        "camera": "cam-1", "purpose": "legal-order", "case": case_hash, "content": content, "recipient": "court",
        "basis": "court-order",
    }  # fmt: skip
    days = ("--from", "2020-01-01", "--to", "2200-01-01", "--provisional", "--json")
    lines = json.loads(run("report", *public, *days).stdout)["lines"]
    assert (lines["spent.eur.equipment"], lines["share.recipient.court"]) == (1_250_050, 1)
    assert lines["share.exports-unexplained"] == 0
