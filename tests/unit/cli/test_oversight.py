"""The ceremony, as people walk it: keys, root, change, permit, check; in a terminal's words and exit codes."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from tests.unit.charter.world import Ledger, signer, vkey
from typer import Typer
from typer.testing import CliRunner, Result

from passerby.base.build import build_hash
from passerby.base.errors import CharterError, PasserbyError, UsageError
from passerby.charter.proofs import Logged
from passerby.charter.root import DAY
from passerby.charter.site_permit import parse_site_permit, revocation
from passerby.cli.oversight import key, permit, root
from passerby.cli.oversight.plans import EXAMPLE, seconds
from passerby.ledger.note import sign_note
from passerby.store.keys.sealed import Cost, seal, unseal, vkey_of

APP = Typer()  # these commands alone: the whole tool takes its time to build
for name, part in (("key", key.app), ("root", root.app), ("permit", permit.app)):
    APP.add_typer(part, name=name)
HASH = re.compile(r"^hash: ([0-9a-f]{64})$", re.MULTILINE)


def run(*words: str | Path, code: int = 0, typed: str | None = None) -> Result:
    found = CliRunner().invoke(APP, [str(w) for w in words], input=typed)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with four keys under one passphrase, cheap to guess for once."""
    (tmp_path / "word").write_text("correct horse\n")
    for name in ("op1", "op2", "rev1", "rev2"):
        content = seal(signer(name), "correct horse", lambda n: b"r" * n, Cost(1, 1, 128))
        (tmp_path / name).write_bytes(content)
    return tmp_path


def plan(desk: Path, site: str = "demo.example.org", more: str = "") -> Path:
    keys = "".join(
        f'[[keys]]\nvkey = "{v}"\ninstitution = "{i}"\nrole = "{r}"\n'
        for v, i, r in [
            *((key_of(desk, n), "city", "operator") for n in ("op1", "op2")),
            *((key_of(desk, n), "privacy", "reviewer") for n in ("rev1", "rev2")),
            (vkey("log"), "city", "log"),
            (vkey("w1"), "paper", "witness"),
        ]
    )
    text = EXAMPLE.split("# Two for the operator")[0].replace("SHA-256 of the ledger's schema", "ab" * 32)
    text = text.replace("VKEY-OF-THE-LOG", vkey("log")).replace("VKEY-OF-A-WITNESS", vkey("w1"))
    text = text.replace('"example.org"', f'"{site}"').replace("builds = []", f'builds = ["{build_hash().hex()}"]')
    path = desk / "plan.toml"
    path.write_text(text.replace('waiting_s = "5 days"', "waiting_s = 0") + more + keys)
    return path


def key_of(desk: Path, name: str) -> str:
    return vkey_of((desk / name).read_bytes())


def sign(desk: Path, what: str, draft: Path, note: Path, names: tuple[str, ...], *more: str | Path) -> str:
    found = HASH.search(run(what, "show", draft).output) if what == "root" else None
    said = found.group(1) if found else parse_hash(draft)
    output = ""
    for at, name in enumerate(names):
        source = note if at else draft
        options = ["--key", desk / name, "--passphrase-file", desk / "word", "--hash", said, *more]
        output = run(what, "sign", source, "-o", note, *options).output
    return output


def parse_hash(draft: Path) -> str:
    return parse_site_permit(sign_note(draft.read_text(), [signer("x")], 0)).hash


def keep(logged: Logged, stem: Path) -> None:
    stem.with_name(f"{stem.name}.entry").write_bytes(logged.entry)
    stem.with_name(f"{stem.name}.tlog-proof").write_bytes(logged.proof)


def test_root_permit_check_and_a_refusal(desk: Path) -> None:
    site, now = desk / "site", int(time.time())
    (site / "roots").mkdir(parents=True)
    draft, note = desk / "root.json", site / "roots" / "0.note"
    said = run("root", "init", plan(desk), "-o", draft).output
    assert said.startswith("DEMO, for show only: site root number 0 of demo.example.org")
    assert "not whole yet" in sign(desk, "root", draft, note, ("op1", "op2", "rev1"))
    assert "whole: it holds once" in sign(desk, "root", draft, note, ("op1", "op2", "rev1", "rev2"))
    shown = json.loads(run("root", "show", note, "--json").output)
    assert shown["demo"] and shown["signed"] == [f"{n}.example.org" for n in ("op1", "op2", "rev1", "rev2")]

    terms = desk / "permit.toml"
    terms.write_text(
        'camera = "gate-1"\naddress = "rtsp://10.0.0.5/main"\nanalyses = ["crowd", "record"]\n'
        'purpose = "crowd-safety"\n'
        f'retention = "2 days"\nfrom = {now + 3600}\nuntil = "90 days"\nreview_by = "80 days"\n'
    )
    run("permit", "draft", terms, "--root", note, "-o", desk / "p.json")
    papers = site / "p.note"
    sign(desk, "permit", desk / "p.json", papers, ("op1",))
    checking = ("permit", "check", papers, "--site", site, "--first", shown["hash"])
    ledger = Ledger(witnesses=("w1",))
    keep(ledger.add({"act": "site-root", "content": shown["hash"]}, int(time.time())), site / "roots" / "0")
    refused = run(*checking, code=1).output
    assert refused.startswith("denied by NO_REVIEWER: the reviewer did not sign; to run, ask the reviewer")

    sign(desk, "permit", desk / "p.json", papers, ("op1", "rev2"))
    assert "NOT_YET" in run(*checking, code=1).output


def in_force(desk: Path) -> tuple[list[str | Path], Path, str]:
    """A permit in force: what checks it, its folder, its hash."""
    site = desk / "site"
    (site / "roots").mkdir(parents=True)
    run("root", "init", plan(desk), "-o", desk / "root.json")
    note = site / "roots" / "0.note"
    sign(desk, "root", desk / "root.json", note, ("op1", "op2", "rev1", "rev2"))
    first = json.loads(run("root", "show", note, "--json").output)["hash"]
    (desk / "permit.toml").write_text(
        'camera = "gate-1"\naddress = "rtsp://10.0.0.5/main"\nanalyses = ["crowd"]\npurpose = "crowd-safety"\n'
        'from = "0 seconds"\nuntil = "90 days"\nreview_by = "80 days"\n'
    )
    run("permit", "draft", desk / "permit.toml", "--root", note, "-o", desk / "p.json")
    papers = site / "p.note"
    sign(desk, "permit", desk / "p.json", papers, ("op2", "rev1"))
    held, ledger = parse_site_permit(papers.read_bytes()), Ledger(witnesses=("w1",))
    act, now = {"camera": held.act_camera()}, int(time.time())
    keep(ledger.add({"act": "site-root", "content": first}, now), site / "roots" / "0")
    keep(ledger.add({"act": "register", "content": held.capture, **act}, now), site / "p.register")
    keep(ledger.add({"act": "permit", "permit": held.hash, "purpose": "crowd-safety", **act}, now), site / "p.permit")
    (site / "checkpoint").write_bytes(ledger.checkpoint(now + 60))
    return ["permit", "check", papers, "--site", site, "--first", first], site, held.hash


def test_lawful_then_revoked(desk: Path) -> None:
    checking, site, held = in_force(desk)
    assert run(*checking).output == "DEMO: lawful: crowd on gate-1\n"
    assert json.loads(run(*checking, "--json").output) == {"lawful": True, "demo": True, "cautions": []}
    found = json.loads(run(*checking, "--json", "--camera", "gate-2", code=1).output)
    assert (found["lawful"], found["rule"]) == (False, "OTHER_CAMERA")
    assert "OTHER_ANALYSIS" in run(*checking, "--analysis", "record", code=1).output
    assert "UNLISTED_BUILD" in run(*checking, "--build", "ab" * 32, code=1).output
    word = unseal((desk / "rev2").read_bytes(), "correct horse")
    (site / "revocations").mkdir()
    (site / "revocations" / "1.note").write_bytes(sign_note(revocation(held, 5), [word], 0))
    assert run(*checking, code=1).output.startswith("denied by REVOKED: the permit is revoked")
    (site / "p.note").write_bytes(b"?")
    assert "NO_NOTE" in run(*checking, code=1).output
    with pytest.raises(CharterError):
        run(*checking[:-1], "ab" * 32)


def test_a_change_is_told_in_words_and_signed_with_open_eyes(desk: Path) -> None:
    in_force(desk)
    old = desk / "site" / "roots" / "0.note"
    (desk / "change.toml").write_text('[limits]\nretention_s = "30 days"\nwaiting_s = "6 days"\n')
    said = run("root", "change", old, desk / "change.toml", "-o", desk / "next.json").output
    assert "LOOSENS: the longest retention changes from 3 days to 30 days" in said
    assert "narrows: the waiting period before a camera starts changes from 0 seconds to 6 days" in said
    note = desk / "next.note"
    assert "not whole yet" in sign(desk, "root", desk / "next.json", note, ("op1",), "--after", old)
    assert "whole: it holds" in sign(desk, "root", desk / "next.json", note, ("op1", "rev1"), "--after", old)
    diff = run("root", "diff", old, note).output
    assert "LOOSENS" in diff and "a key of the operator and one of the reviewer" in diff
    assert [c["loosens"] for c in json.loads(run("root", "diff", old, note, "--json").output)["changes"]] == [
        True,
        False,
    ]
    with pytest.raises(UsageError):
        run("root", "sign", desk / "next.json", "-o", note, "--key", desk / "op1")


def test_a_lost_key(desk: Path) -> None:
    in_force(desk)
    old = desk / "site" / "roots" / "0.note"
    lost = f'[[keys]]\nvkey = "{key_of(desk, "op1")}"\nstate = "lost"\nsince = {int(time.time()) - DAY}\n'
    (desk / "change.toml").write_text(lost)
    said = run("root", "change", old, desk / "change.toml", "-o", desk / "next.json").output
    assert "narrows: the operator's key op1.example.org of city is lost since" in said
    assert "whole: it holds" in sign(desk, "root", desk / "next.json", desk / "n.note", ("op2",), "--after", old)


def test_nothing_is_signed_unread(desk: Path) -> None:
    run("root", "init", plan(desk), "-o", desk / "root.json")
    words = ("root", "sign", desk / "root.json", "-o", desk / "x.note", "--key", desk / "op1")
    secret = ("--passphrase-file", desk / "word")
    found = HASH.search(run("root", "show", desk / "root.json").output)
    assert found
    for wrong in (found.group(1)[:8], "ab" * 32, ""):
        with pytest.raises(CharterError):
            run(*words, *secret, "--hash", wrong)
    with pytest.raises(CharterError):
        run(*words, *secret, typed="00000000\n")
    with pytest.raises(CharterError):
        run(*words, typed=found.group(1)[:8] + "\nwrong\n")
    assert not (desk / "x.note").exists()
    run(*words, typed=found.group(1)[:8] + "\ncorrect horse\n")
    assert (desk / "x.note").exists()


@pytest.mark.parametrize(("old", "new"), [
    ("waiting_s = 0", 'waiting_s = "5 fortnights"'), ("waiting_s = 0", "waiting = 0"),
    ("waiting_s = 0", "waiting_s = []"),
    ('site = "demo.example.org"', 'sight = "x"'), ("quorum paper", "quorum none"), ('role = "log"', 'role = "king"'),
    ('vkey = "', 'vkey = "x'), ('role = "reviewer"', 'role = "operator"'), ('"crowd", "live"', '"crowd", "faces"'),
])  # fmt: skip
def test_plans_that_are_none(desk: Path, old: str, new: str) -> None:
    path = plan(desk)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(PasserbyError):
        run("root", "init", path, "-o", desk / "root.json")
    assert not (desk / "root.json").exists()


def test_the_example_is_a_plan_and_wrong_use_is_told(desk: Path) -> None:
    assert run("root", "init", "--example").output.strip() == EXAMPLE.strip()
    for words in (
        ("root", "init"), ("key", "new", "x"), ("root", "init", desk / "word"),
        ("key", "new", "x", "--token", "a:b", "--passphrase-file", desk / "word"),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            run(*words)
    assert [seconds(v) for v in (5, "3 days", "1 hour", "2 minutes")] == [5, 3 * DAY, 3600, 120]


def test_a_new_key_is_private_and_opens(desk: Path) -> None:
    made = run("key", "new", "op9.example.org", "-o", desk / "op9", "--passphrase-file", desk / "word").output
    assert made == run("key", "show", desk / "op9").output
    assert (desk / "op9").stat().st_mode & 0o777 == 0o600
    assert unseal((desk / "op9").read_bytes(), "correct horse").name == "op9.example.org"
    typed = run("key", "new", "op8.example.org", "-o", desk / "op8", typed="abc\nabc\n").output
    assert "abc" not in typed
    assert unseal((desk / "op8").read_bytes(), "abc").name == "op8.example.org"
