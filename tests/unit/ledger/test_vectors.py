"""Other people's vectors and our own all agree, or differ under a stated rule; the runner can also say no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import ROOT

from passerby.ledger.errors import Unreadable
from passerby.ledger.vectors import RULES, Outcome, run


@pytest.mark.parametrize(
    ("folder", "least"),
    [("tlog-merkle-vectors", 255), ("tlog-signed-note", 8), ("tlog-rekor-bundles", 3), ("tlog-tessera-log", 17)],
)
def test_shared_vectors(data_dir: Path, folder: str, least: int) -> None:
    outcomes = list(run(data_dir / folder))
    assert len(outcomes) >= least
    assert [o for o in outcomes if not o.agrees and o.rule not in RULES] == []


def test_our_own_vectors() -> None:
    outcomes = list(run(ROOT / "docs" / "vectors"))
    assert len(outcomes) >= 40
    assert [o for o in outcomes if not o.agrees] == []


EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
ZERO = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def outcome(tmp_path: Path, case: object) -> Outcome:
    (tmp_path / "case.json").write_text(json.dumps(case))
    (found,) = run(tmp_path)
    return found


def consistency(**fields: object) -> dict[str, object]:
    return {"size1": 0, "size2": 1, "root1": EMPTY, "root2": ZERO, "proof": None, "wantErr": True} | fields


def test_the_rule_of_size_0(tmp_path: Path) -> None:
    assert outcome(tmp_path, consistency()).rule == "size 0"
    assert outcome(tmp_path, consistency(wantErr=False)).agrees
    assert outcome(tmp_path, consistency(root1=ZERO)).agrees
    assert outcome(tmp_path, consistency(proof=[ZERO])).agrees
    assert outcome(tmp_path, consistency(size1=1, root1=ZERO)) == Outcome("case.json", False, "", "proven")


def test_the_rule_of_hash_length(tmp_path: Path) -> None:
    short = {"leafIdx": 0, "treeSize": 1, "root": "AAAA", "leafHash": "AAAA", "proof": [], "wantErr": False}
    assert outcome(tmp_path, short).rule == "hash length"
    assert outcome(tmp_path, short | {"wantErr": True}).agrees
    found = outcome(tmp_path, short | {"root": ZERO, "leafHash": EMPTY})
    assert (found.agrees, found.rule) == (False, "")


def test_what_is_not_a_vector(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"other": 1}')
    (tmp_path / "y.json").write_text("[1]")
    assert list(run(tmp_path)) == []
    assert outcome(tmp_path, {"wantErr": True, "size1": 0}).agrees, "a case without its fields is an error"
    assert outcome(tmp_path, consistency(size2=1 << 64)).agrees
    assert outcome(tmp_path, consistency(root2="x")).agrees
    (tmp_path / "z.json").write_text("{")
    with pytest.raises(Unreadable, match=r"can't be read as JSON"):
        list(run(tmp_path))


def test_a_spoiled_vector_is_noticed(data_dir: Path, tmp_path: Path) -> None:
    """The runner can fail: a tree log with one changed byte, a bundle with a changed leaf, a note that is not valid."""
    import shutil

    shutil.copytree(data_dir / "tlog-tessera-log", tmp_path / "log", copy_function=shutil.copyfile)
    for path in (tmp_path / "log").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    raw = bytearray((tmp_path / "log/tile/entries/000.p/15").read_bytes())
    raw[3] ^= 1
    (tmp_path / "log/tile/entries/000.p/15").write_bytes(raw)
    assert [o.name for o in run(tmp_path) if not o.agrees] == ["checkpoint", "checkpoint.15"]
    for source in (data_dir / "tlog-rekor-bundles").glob("*sig*"):
        text = source.read_text()
        if "tlogEntries" in text:
            bundle = json.loads(text)
            entry = bundle["verificationMaterial"]["tlogEntries"][0]
            for change in (
                {"canonicalizedBody": "AAAA"},
                {"logId": {"keyId": "AAAA"}},
            ):
                spoiled = json.loads(text)
                spoiled["verificationMaterial"]["tlogEntries"][0] = entry | change
                (tmp_path / "b.json").write_text(json.dumps(spoiled))
                assert [o for o in run(tmp_path) if o.name.startswith("b.json") and o.agrees] == []
            other = json.loads(text)
            note = other["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]
            note["envelope"] = note["envelope"].replace("\n\n", "\nx\n\n")
            (tmp_path / "b.json").write_text(json.dumps(other))
            shutil.copyfile(next((data_dir / "tlog-rekor-bundles").glob("trusted_root.sigstage*")),
                            tmp_path / "trusted_root.x.json")  # fmt: skip
            assert [o for o in run(tmp_path) if o.name.startswith("b.json") and o.agrees] == []
    vectors = json.loads((data_dir / "tlog-signed-note" / "vectors.json").read_text())
    vectors["notes"][0]["valid"] = False
    assert not outcome_of(tmp_path / "n", vectors)[0].agrees


def outcome_of(folder: Path, content: object) -> list[Outcome]:
    folder.mkdir()
    (folder / "v.json").write_text(json.dumps(content))
    return list(run(folder))
