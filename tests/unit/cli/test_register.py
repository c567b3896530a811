"""The register on the command line: from an empty folder to a permit, as an office walks it."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from hashlib import sha256
from pathlib import Path

import pytest
from tests.unit.charter.papers.samples import DOCS, content, plan_text, record_text, stage
from tests.unit.charter.world import FOUNDERS, LIMITS, first_root, signed, signer
from typer import Typer
from typer.testing import CliRunner, Result

from passerby.base.errors import CharterError, PasserbyError, UsageError
from passerby.charter.register.words import Flawed
from passerby.charter.root import DEMANDS
from passerby.charter.site_permit import parse_site_permit
from passerby.cli.oversight import assess, camera, notice, permit, plan, supplier
from passerby.ledger.note import sign_note
from passerby.store.keys.sealed import Cost, seal

APP = Typer()
for name, part in {
    "camera": camera.app, "assess": assess.app, "plan": plan.app, "supplier": supplier.app, "notice": notice.app,
    "permit": permit.app,
}.items():  # fmt: skip
    APP.add_typer(part, name=name)
CSV = "id,name,owner,area,latitude,longitude\na,A,Harbour,Central,22.1,114.1\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a register and two keys, and the present folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "word").write_text("correct horse\n")
    for name in ("op1", "rev1"):
        (tmp_path / name).write_bytes(seal(signer(name), "correct horse", lambda n: b"r" * n, Cost(1, 1, 128)))
    run("camera", "init", "register", "--site", "example.org", "--address", "https://register.example.org/")
    return tmp_path


def run(*words: str | Path, code: int = 0) -> Result:
    found = CliRunner().invoke(APP, [str(w) for w in words])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == code, found.output
    return found


def told(*words: str | Path, code: int = 0) -> dict[str, object]:
    return dict(json.loads(run(*words, "--json", code=code).stdout))


def decided(desk: Path, what: str, paper: Path, root: Path, days: str) -> None:
    draft, note = desk / f"{what}.decision.json", desk / f"{what}.decision.note"
    said = run(what, "decide", paper, "--root", root, "--answer", "accepted", "--until", days, "-o", draft).output
    found = re.search(r"^hash: ([0-9a-f]{64})$", said, re.MULTILINE)
    assert found
    for at, key in enumerate(("op1", "rev1")):
        options = ["--key", desk / key, "--passphrase-file", desk / "word", "--hash", found.group(1), "-o", note]
        run(what, "sign", note if at else draft, *options)
    assert run(what, "keep", paper, note).output.startswith("accepted until ")


def test_from_an_empty_folder_to_a_permit(desk: Path) -> None:
    now = int(time.time())
    root = desk / "root.note"
    root.write_bytes(signed(first_root(demands=DEMANDS, limits=LIMITS, at=now).text(), *FOUNDERS))
    assert "assessment, notice, plan, supplier" in run("camera", "root", root).output
    run("camera", "owner", DOCS / "owner.toml")
    run("camera", "area", "centre", "Centre")
    assert run("camera", "add", DOCS / "square.camera.toml").output.endswith("publishable\n")

    terms = desk / "terms.toml"
    terms.write_text(
        'camera = "old-market"\naddress = "rtsp://10.0.0.5/main"\nanalyses = ["crowd"]\npurpose = "crowd-safety"\n'
        f'from = "1 day"\nuntil = "30 days"\nreview_by = "25 days"\nmodels = {{nanodet = "{"aa" * 32}"}}\n'
    )
    drafting = ("permit", "draft", terms, "--root", root, "-o", desk / "p.json")
    with pytest.raises(UsageError, match="demands assessment-crowd, notice, plan, supplier"):
        run(*drafting)
    with pytest.raises(CharterError, match="5 obstacles"):
        run(*drafting, "--register", "register")
    assert not (desk / "p.json").exists()

    paper = desk / "square.md"
    paper.write_bytes(content("square"))
    with pytest.raises(CharterError, match="no assessment"):
        run("camera", "step", "old-market", "assess")
    assert "0 lacking" in run("assess", "check", paper).output
    run("assess", "file", paper)
    decided(desk, "assess", paper, root, "100 days")
    assert run("camera", "step", "old-market", "assess").output == "old-market is assessed\n"

    said = run("notice", "sign", "old-market", "-o", desk / "sign.pdf").output
    assert "a4, en, zh-Hant" in said and (desk / "sign.pdf").read_bytes().startswith(b"%PDF-")
    run("notice", "placed", "old-market", "--sign", desk / "sign.pdf", "--where", "Fountain:15", "--where", "Lamp 3:20")
    run("camera", "step", "old-market", "notice")
    assert run("notice", "list").output.split() == ["old-market", "noticed", "in", "its", "place"]

    rollout = desk / "plan.md"
    rollout.write_bytes(plan_text(stage("all", "2020-01-01", "2090-12-31", "{centre = 3}")))
    assert "0 lacking" in run("plan", "check", rollout).output
    run("plan", "file", rollout)
    decided(desk, "plan", rollout, root, "400 days")
    assert "planned      3, registered      1" in run("plan", "list").output

    record, sanctions = desk / "acme.md", desk / "sanctions.csv"
    record.write_bytes(record_text())
    sanctions.write_text("name\nSomebody Else\n")
    run("supplier", "file", record, "--sanctions", sanctions)
    (one,) = json.loads(run("camera", "export").output)["cameras"]
    assert "provider" in one["algorithm_register"]["empty"], "what nobody decided on fills no field"
    decided(desk, "supplier", record, root, "400 days")

    said = run(*drafting, "--register", "register").output
    assert "rests on: assessment-crowd " in said and "supplier-acme" in said
    held = parse_site_permit(sign_note((desk / "p.json").read_text(), [signer("x")], 0))
    assert sorted(held.papers) == ["assessment-crowd", "notice", "plan", "supplier-acme"]

    (one,) = json.loads(run("camera", "export").output)["cameras"]
    assert one["algorithm_register"]["empty"] == []
    assert one["atrs"]["tier_2"]["empty"] == []
    assert one == told("camera", "show", "old-market")
    assert "Acme" in one["algorithm_register"]["provider"]
    assert one["assessments"]["crowd"] == sha256(paper.read_bytes()).hexdigest()
    assert (
        "likelihood" in one["atrs"]["tier_2"]["risks"] and "aa" * 32 in one["atrs"]["tier_2"]["technical_specification"]
    )

    run("camera", "step", "old-market", "activate")
    (desk / "view.toml").write_text('view = "The other way"\n')
    assert "needs a new assessment" in run("camera", "set", "old-market", desk / "view.toml").output
    with pytest.raises(CharterError, match="obstacles"):
        run("permit", "draft", terms, "--root", root, "-o", desk / "q.json", "--register", "register")
    steps = [v["step"] for v in told("camera", "history", "old-market")["history"]]  # type: ignore[attr-defined]
    assert steps == ["add", "assess", "notice", "activate", "change"]


def test_a_form_is_begun_from_what_is_known(desk: Path) -> None:
    run("camera", "owner", DOCS / "owner.toml")
    run("camera", "area", "centre", "Centre")
    run("camera", "add", DOCS / "square.camera.toml")
    run("assess", "new", "old-market", "crowd", "-o", desk / "new.md")
    said = run("assess", "check", desk / "new.md", code=1).output
    assert "this is the form's own text" in said
    with pytest.raises(PasserbyError, match=r"can.t be filed"):
        run("assess", "file", desk / "new.md")
    with pytest.raises(UsageError, match="does not run record"):
        run("assess", "new", "old-market", "record", "-o", desk / "r.md")
    assert run("assess", "list").output == "none\n"


def test_import_with_a_dry_run_and_rejects(desk: Path) -> None:
    file, rejects = desk / "list.csv", desk / "rejects.csv"
    file.write_text(CSV + 'b,,Harbour,Central,1,2\n=1+1,"=2+3",Harbour,Central,91,2\n')
    said = told("camera", "import", file, "--dry-run", code=1)
    assert (said["new"], said["stored"]) == (["a"], False)
    assert "not stored" in run("camera", "import", file, code=1).output
    assert run("camera", "list").output == "0 of 0\n"
    said = told("camera", "import", file, "--good-rows", "--rejects", rejects)
    assert said["stored"] and [row["line"] for row in said["refused"]] == [3, 4]  # type: ignore[attr-defined, union-attr]
    rows = list(csv.reader(io.StringIO(rejects.read_text())))
    assert rows[0][-1] == "refused because" and rows[1][0] == "b" and rows[2][:2] == ["'=1+1", "'=2+3"]
    with pytest.raises(Flawed, match="secret"):
        file.write_text("id,name,owner,area,secret\n")
        run("camera", "import", file)
    with pytest.raises(UsageError, match="sets no column"):
        run("camera", "import", file, "--set", "phase=active")


def test_export_and_what_is_not_publishable(desk: Path) -> None:
    (desk / "list.csv").write_text(CSV)
    run("camera", "import", desk / "list.csv")
    found = json.loads(run("camera", "export").output)
    assert found["site"] == "example.org"
    assert found["cameras"][0]["algorithm_register"]["website"] == "https://register.example.org/cameras/a"
    with pytest.raises(UsageError, match="1 cameras are not publishable"):
        run("camera", "export", "--publishable")
    run("camera", "export", "--form", "csv", "-o", desk / "out.csv")
    again = run("camera", "import", desk / "out.csv", *(f"--ignore={n}" for n in ("phase", "owner_name", "missing")))
    assert "1 unchanged" in again.output
    with pytest.raises(UsageError):
        run("camera", "list", "--phase", "secret")
    with pytest.raises(UsageError):
        run("camera", "step", "a", "change")
    with pytest.raises(CharterError, match="it lacks"):
        run("notice", "sign", "a", "-o", desk / "sign.pdf")


def test_outlines_come_from_the_scene(desk: Path) -> None:
    """In thousandths of its picture; they are part of what is captured, and a table that has none keeps them."""
    run("camera", "owner", DOCS / "owner.toml")
    run("camera", "area", "centre", "Centre")
    run("camera", "add", DOCS / "square.camera.toml")
    before = told("camera", "show", "old-market")
    assert before["camera"]["forbidden"] == [{"id": "cafe-terrace", "why": "people sit there for hours"}]  # type: ignore[index]
    scene, corners = desk / "scene.json", [[0, 0], [960, 0], [960, 540.4]]
    drawn = {"version": 1, "picture": [1920, 1080], "forbidden": [{"id": "cafe-terrace", "polygon": corners}]}
    for areas, options in (
        (drawn["forbidden"], ()),
        ([corners], ()),
        ([[[0, 0], [90, 0], [90, 90]], corners], ("--zone", "cafe-terrace=2")),
    ):
        scene.write_text(json.dumps({**drawn, "forbidden": areas}))
        if options:
            with pytest.raises(UsageError, match="has 2 forbidden areas"):
                run("camera", "outlines", "old-market", scene, *options)
            continue
        said = run("camera", "outlines", "old-market", scene, *options).output
        assert "cafe-terrace (people sit there for hours, outlined)" in said
    after = told("camera", "show", "old-market")
    (zone,) = after["camera"]["forbidden"]  # type: ignore[index]
    assert zone["outline"] == [[0, 0], [500, 0], [500, 500]]
    assert before["capture"] != after["capture"]
    run("camera", "export", "--form", "csv", "-o", desk / "out.csv")
    again = run("camera", "import", desk / "out.csv", *(f"--ignore={n}" for n in ("phase", "owner_name", "missing")))
    assert "1 unchanged" in again.output
    for harm in ({"picture": None}, {"forbidden": []}, {"forbidden": [[[0, 0], [1, 1]]]}):
        scene.write_text(json.dumps({k: v for k, v in {**drawn, **harm}.items() if v is not None}))
        with pytest.raises(PasserbyError):
            run("camera", "outlines", "old-market", scene)
    scene.write_text(json.dumps({**drawn, "forbidden": [corners, corners]}))
    with pytest.raises(UsageError, match="no area"):
        run("camera", "outlines", "old-market", scene, "--zone", "cafe-terrace=3")


def test_comments(desk: Path) -> None:
    (desk / "said.txt").write_text("Not at night, please.")
    said = run("plan", "comment", "market", "--text", desk / "said.txt", "--from", "resident").output.strip()
    run("plan", "answer", said, "It is dark at night.")
    (row,) = told("plan", "comments", "market")["comments"]  # type: ignore[misc, attr-defined]
    assert (row["text"], row["answer"]) == ("Not at night, please.", "It is dark at night.")
    run("plan", "forget", said)
    assert "(forgotten)" in run("plan", "comments", "market").output
    with pytest.raises(Flawed):
        run("plan", "comment", "market", "--text", desk / "said.txt", "--from", "Mrs-Smith")


def test_a_language_from_a_file(desk: Path) -> None:
    for words in (("camera", "owner", DOCS / "owner.toml"), ("camera", "area", "centre", "Centre")):
        run(*words)
    text = (DOCS / "square.camera.toml").read_text().split("[texts")[0].replace('["en", "zh-Hant"]', '["fr"]')
    (desk / "camera.toml").write_text(text)
    run("camera", "add", desk / "camera.toml")
    with pytest.raises(UsageError, match="no words for fr"):
        run("notice", "sign", "old-market", "-o", desk / "sign.png")
    words = run("notice", "words", "en").output.replace('language = "en"', 'language = "fr"')
    (desk / "fr.toml").write_text(words.replace("People are counted here", "Ici on compte les passants", 1))
    run("notice", "sign", "old-market", "-o", desk / "sign.png", "--catalogue", desk / "fr.toml", "--form", "sticker")
    assert (desk / "sign.png").read_bytes().startswith(b"\x89PNG")


def test_there_is_no_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("camera", "list"), ("plan", "list"), ("supplier", "list"), ("assess", "list"), ("notice", "list")):
        with pytest.raises(CharterError, match="there is no register"):
            run(*words)
