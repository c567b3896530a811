"""Checkpoints and proofs: written, read, and what each malformed case is called."""

from __future__ import annotations

import pytest
from tests.unit.ledger.kit import LOG, NOW, ORIGIN, PQ, W1, checkpoint, leaves, signer, static_log

from passerby.ledger import checkpoint as write
from passerby.ledger import merkle
from passerby.ledger import verify as v
from passerby.ledger.errors import Misuse, Refuted, Unreadable
from passerby.ledger.note import sign_note

ROOT = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo="


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a checkpoint is not at least three lines"),
        (f"o\n3\n{ROOT}", "a checkpoint is not at least three lines"),
        ("o\n3\n", "a checkpoint is not at least three lines"),
        (f"\n3\n{ROOT}\n", "a checkpoint has an empty line"),
        (f"o\n\n{ROOT}\n", "a checkpoint has an empty line"),
        ("o\n3\n\n", "a checkpoint has an empty line"),
        (f"o\n3\n{ROOT}\nx\n\n", "a checkpoint has an empty line"),
        (f"o\n03\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n00\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n+3\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n-3\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n3 \n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n1_0\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n0x3\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n\N{ARABIC-INDIC DIGIT THREE}\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n{'1' * 20}\n{ROOT}\n", "the size is not a plain decimal number"),
        (f"o\n{1 << 63}\n{ROOT}\n", r"the size is not below 2\^63"),
        (f"o\n3\n{ROOT[:-2]}\n", "the root is not base64"),
        (f"o\n3\n{ROOT[:-2]}p=\n", "the root is base64 with stray bits or padding"),
        ("o\n3\nAAAA\n", "the root is not 32 bytes long"),
        (f"o\n3\n{'A' * 44}\n", "the root is not 32 bytes long"),
    ],
)
def test_malformed_checkpoints(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        v.parse_checkpoint(text)


def test_well_formed_checkpoints() -> None:
    assert v.parse_checkpoint(f"o\n3\n{ROOT}\n") == v.Checkpoint("o", 3, bytes([0xAA]) * 32)
    assert v.parse_checkpoint(f"any origin, with + and so on\n0\n{ROOT}\nmore\n").size == 0
    assert v.parse_checkpoint(f"o\n{v.LARGEST}\n{ROOT}\n").size == v.LARGEST
    assert write.body("o", 3, bytes([0xAA]) * 32) == f"o\n3\n{ROOT}\n"
    for origin in ("", "a\nb"):
        with pytest.raises(Misuse, match=r"an origin is one line"):
            write.body(origin, 0, bytes(32))
    assert write.unverified(checkpoint(0, v.EMPTY_ROOT)).root == v.EMPTY_ROOT
    assert write.same_body(checkpoint(0, v.EMPTY_ROOT), checkpoint(0, v.EMPTY_ROOT, (LOG, W1)))
    assert not write.same_body(checkpoint(0, v.EMPTY_ROOT), checkpoint(1, v.EMPTY_ROOT))


def test_whom_a_checkpoint_must_be_by() -> None:
    note = checkpoint(3, bytes(32))
    point, told = v.Trust([LOG.key]).check(note)
    assert point == v.Checkpoint(ORIGIN, 3, bytes(32))
    assert told == [f"{ORIGIN} signed a tree of 3 entries, root {'00' * 32}"]
    with pytest.raises(Refuted, match=r"^the checkpoint is not signed by the log's key$"):
        v.Trust([signer("example.org/x").key]).check(note)
    with pytest.raises(Refuted, match=r"^the checkpoint is not signed by the log's key$"):
        v.Trust([]).check(note)
    foreign = checkpoint(3, bytes(32), origin="example.org/other")
    with pytest.raises(Refuted, match=r"^the checkpoint is of another log: example.org/other$"):
        v.Trust([LOG.key]).check(foreign)
    assert v.Trust([LOG.key], origin="example.org/other").check(foreign)[0].size == 3
    with pytest.raises(Refuted, match=r"^the checkpoint is of another log: example.org/log$"):
        v.Trust([LOG.key], origin="example.org/other").check(note)
    with pytest.raises(Refuted, match=r"^the checkpoint of size 0 has not the empty tree's root$"):
        v.Trust([LOG.key]).check(checkpoint(0, bytes(32)))
    two = signer(ORIGIN, PQ.kind)
    assert v.Trust([LOG.key, two.key]).check(checkpoint(3, bytes(32), (two,)))[0] == point, "one of its keys is enough"
    with pytest.raises(Refuted, match=r"is false"):
        v.Trust([LOG.key, two.key]).check(
            checkpoint(3, bytes(32), (LOG,)) + two.sign("o\n4\n" + ROOT + "\n", 1).encode()
        )


ENTRIES = [f"{n}".encode() for n in range(9)]
LOGGED = static_log(ENTRIES)
GET = merkle.of_leaves(leaves(9))


@pytest.mark.parametrize("index", range(9))
@pytest.mark.parametrize("extra", [b"", b"anything"])
def test_proofs_there_and_back(index: int, extra: bytes) -> None:
    hashes = merkle.inclusion(index, 9, GET)
    raw = write.format_proof(index, hashes, LOGGED["checkpoint"], extra)
    assert v.parse_proof(raw) == (index, hashes, LOGGED["checkpoint"])
    assert (b"\nextra " in raw) == bool(extra)
    told = v.verify_proof(raw, ENTRIES[index], v.Trust([LOG.key]))
    assert told[-1] == f"the entry is number {index} of that tree"
    with pytest.raises(Refuted, match=r"the proof leads to another root"):
        v.verify_proof(raw, b"another entry", v.Trust([LOG.key]))
    with pytest.raises(Refuted, match=r"not signed by the log"):
        v.verify_proof(raw, ENTRIES[index], v.Trust([W1.key]))


def test_the_text_of_a_proof() -> None:
    raw = write.format_proof(7, [bytes(32)], b"note", b"x")
    assert raw == b"c2sp.org/tlog-proof@v1\nextra eA==\nindex 7\n" + b"A" * 43 + b"=\n\nnote"


GOOD = write.format_proof(3, [bytes(32)], LOGGED["checkpoint"]).decode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "the proof is too long or has no checkpoint"),
        (GOOD.split("\n\n")[0] + "\n", "the proof is too long or has no checkpoint"),
        (GOOD + "x" * (1 << 20), "the proof is too long or has no checkpoint"),
        ("x" + GOOD, "the proof does not begin with c2sp.org/tlog-proof@v1"),
        (GOOD.replace("@v1", "@v2"), "the proof does not begin with c2sp.org/tlog-proof@v1"),
        (GOOD.replace("index 3\n", ""), "the proof has no index line"),
        (GOOD.replace("index 3\n", "extra eA==\nextra eA==\nindex 3\n"), "the proof has no index line"),
        (GOOD.replace("index 3\n", "extra eA\nindex 3\n"), "the extra line is not base64"),
        (GOOD.replace("index 3\n", "extra eB==\nindex 3\n"), "the extra line is base64 with stray bits"),
        (GOOD.replace("index 3", "index 03"), "the index is not a plain decimal number"),
        (GOOD.replace("index 3", "index  3"), "the index is not a plain decimal number"),
        (GOOD.replace("index 3\n", f"index {1 << 63}\n"), r"the index is not below 2\^63"),
        (GOOD.replace("index 3\n", "index 3\n" + ("A" * 43 + "=\n") * 63), "the proof has more than 63 hashes"),
        (GOOD.replace("index 3\n", "index 3\nAAAA\n"), "a hash is not 32 bytes long"),
        (GOOD.replace("index 3\n", "index 3\n\N{EM DASH}\n"), "a hash is not base64"),
        ("c2sp.org/tlog-proof@v1\n\nx", "the proof has no index line"),
    ],
)
def test_malformed_proofs(raw: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        v.parse_proof(raw.encode())


def test_a_proof_of_63_hashes_is_read() -> None:
    raw = GOOD.replace("index 3\n", "index 3\n" + ("A" * 43 + "=\n") * 62).encode()
    assert len(v.parse_proof(raw)[1]) == 63


def test_what_a_request_to_a_witness_is() -> None:
    note = sign_note("o\n1\n" + ROOT + "\n", [LOG], NOW)
    assert write.format_request(5, [bytes(32)], note) == b"old 5\n" + b"A" * 43 + b"=\n\n" + note
    assert write.format_request(0, [], note) == b"old 0\n\n" + note


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 999, 256, "tile/0/999"),
        (1, 1000, 256, "tile/1/x001/000"),
        (63, 1234067, 256, "tile/63/x001/x234/067"),
        ("entries", 1_000_000_000, 255, "tile/entries/x001/x000/x000/000.p/255"),
        ("entries", 5, 1, "tile/entries/005.p/1"),
    ],
)
def test_paths(level: int | str, number: int, width: int, path: str) -> None:
    assert v.tile_path(level, number, width) == path


def test_tiles_of_the_standards_example() -> None:
    """tlog-tiles: 70,000 entries are 273 full tiles and one of 112, one full and one of 17 above, one of 1 on top."""
    log = static_log([b""] * 70_000)
    by_level = {level: [p for p in log if p.startswith(f"tile/{level}/")] for level in ("0", "1", "2", "entries")}
    assert {level: len(paths) for level, paths in by_level.items()} == {"0": 274, "1": 2, "2": 1, "entries": 274}
    assert {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"} <= log.keys()
    assert v.verify_log(log.get, v.Trust([LOG.key]))[-1] == "every entry of that tree is here, and every tile is right"
    assert set(static_log([b""] * 256)) == {"tile/0/000", "tile/1/000.p/1", "tile/entries/000", "checkpoint"}


def test_a_whole_log_with_every_kind_of_edge() -> None:
    for size in (0, 1, 2, 255, 256, 257, 511, 512, 513, 1000):
        entries = [f"{n}".encode() for n in range(size)]
        log, found = static_log(entries), {}
        v.verify_log(log.get, v.Trust([LOG.key]), found.__setitem__)
        assert found == dict(enumerate(entries))
    with pytest.raises(Unreadable, match=r"^there is no checkpoint$"):
        v.verify_log({}.get, v.Trust([LOG.key]))


def test_full_tiles_stand_in_for_partial_ones_that_are_gone() -> None:
    entries = [f"{n}".encode() for n in range(512)]
    old, new = static_log(entries[:300]), static_log(entries)
    log = new | {"checkpoint": old["checkpoint"], "tile/1/000.p/1": old["tile/1/000.p/1"]}
    assert v.verify_log(log.get, v.Trust([LOG.key]))


def test_tiles_that_are_longer_than_they_should_be() -> None:
    log = static_log(ENTRIES)
    with pytest.raises(Refuted, match=r"tile/0/000.p/9 is not the hashes of what it covers"):
        v.verify_log((log | {"tile/0/000.p/9": log["tile/0/000.p/9"] + bytes(32)}).get, v.Trust([LOG.key]))
    with pytest.raises(Refuted, match=r"an entry bundle has 10 entries instead of 9"):
        v.verify_log((log | {"tile/entries/000.p/9": log["tile/entries/000.p/9"] + bytes(2)}).get, v.Trust([LOG.key]))


@pytest.mark.parametrize(
    ("raw", "width", "words"),
    [
        (b"", 1, "an entry bundle has 0 entries instead of 1"),
        (b"\0", 1, "an entry bundle ends within an entry"),
        (b"\0\1", 1, "an entry bundle ends within an entry"),
        (b"\0\2a", 1, "an entry bundle ends within an entry"),
        (b"\0\1a\0", 1, "an entry bundle ends within an entry"),
        (b"\0\1a" * 3, 2, "an entry bundle has 3 entries instead of 2"),
        (b"\0\1a" * 257, 256, "an entry bundle has 257 entries instead of 256"),
    ],
)
def test_malformed_bundles(raw: bytes, width: int, words: str) -> None:
    with pytest.raises(Refuted, match=words):
        v.split_bundle(raw, width)


def test_bundles() -> None:
    assert v.split_bundle(b"\0\1a\0\0\0\2bc", 3) == [b"a", b"", b"bc"]
    assert v.split_bundle(b"\0\1a" * 256, 3) == [b"a"] * 3
    assert v.split_bundle(b"\xff\xff" + bytes(65535), 1) == [bytes(65535)]


def test_the_command_line_of_the_verifier(tmp_path, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import io

    from passerby.ledger.note import format_vkey

    for path, content in LOGGED.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    vkey = ["--vkey", format_vkey(LOG.key)]
    assert v.main(["log", str(tmp_path), *vkey]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"PROVEN\n- {ORIGIN} signed a tree of 9 entries")
    assert "\nNOT PROVEN\n- that everything that happened was logged" in said
    (tmp_path / "p").write_bytes(write.format_proof(3, merkle.inclusion(3, 9, GET), LOGGED["checkpoint"]))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ENTRIES[3])))
    assert v.main(["proof", str(tmp_path / "p"), *vkey]) == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x")))
    assert v.main(["proof", str(tmp_path / "p"), *vkey]) == 1
    assert capsys.readouterr().err == "REFUTED: the proof leads to another root\n"
    (tmp_path / "policy").write_text(f"log {vkey[1]}\nquorum none\n")
    assert v.main(["log", str(tmp_path), "--policy", str(tmp_path / "policy")]) == 0
    (tmp_path / "policy").write_text(f"log {vkey[1]}\nwitness w {format_vkey(W1.key)}\nquorum w\n")
    assert v.main(["log", str(tmp_path), "--policy", str(tmp_path / "policy")]) == 1
    text = LOGGED["checkpoint"].decode().split("\n\n")[0] + "\n"
    (tmp_path / "checkpoint").write_bytes(LOGGED["checkpoint"] + W1.sign(text, NOW).encode())
    monkeypatch.setattr(v.time, "time", lambda: NOW + 7200.0)
    assert v.main(["log", str(tmp_path), "--policy", str(tmp_path / "policy"), "--max-age", "2"]) == 0
    assert v.main(["log", str(tmp_path), "--policy", str(tmp_path / "policy"), "--max-age", "1"]) == 1
    assert "stale witness" in capsys.readouterr().err
    assert v.main(["log", str(tmp_path), "--policy", str(tmp_path / "policy")]) == 0, "no cosignature is too old"
    monkeypatch.setattr(v.time, "time", lambda: NOW + 7201.0)
    assert v.main(["log", str(tmp_path), "--policy", str(tmp_path / "policy"), "--max-age", "2"]) == 1
    assert "stale witness" in capsys.readouterr().err
    assert v.main(["log", str(tmp_path / "nothing"), *vkey]) == 3
    assert capsys.readouterr().err == "NOT DECIDED: there is no checkpoint\n"
    assert v.main(["fork", str(tmp_path / "nothing")]) == 3
    small, large = checkpoint(2, bytes(32)), LOGGED["checkpoint"]
    prefix = merkle.root(2, GET)
    (tmp_path / "f").write_bytes(write.format_evidence([LOG.key], small, large, prefix, merkle.consistency(2, 9, GET)))
    assert v.main(["fork", str(tmp_path / "f")]) == 0
    assert "these are two histories" in capsys.readouterr().out
    assert v.main(["fork", str(tmp_path / "f"), "--vkey", format_vkey(W1.key)]) == 1
    for wrong in ([], ["log", str(tmp_path)], ["x", str(tmp_path), *vkey]):
        with pytest.raises(SystemExit, match=r"2"):
            v.main(wrong)


def test_an_origin_may_have_a_blank_in_it() -> None:
    assert write.body("example.org a b", 0, bytes(32)).startswith("example.org a b\n0\n")


def test_evidence_is_a_text_that_people_can_read() -> None:
    text = write.format_evidence([LOG.key], "Zürich\n".encode(), b"second", bytes(32), [])
    assert text.startswith(b'{\n "format": "passerby/fork-evidence@1",\n "vkeys": [\n  "')
    assert "Zürich" in text.decode()
