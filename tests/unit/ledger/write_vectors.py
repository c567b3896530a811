# ruff: noqa: E501
"""Writes docs/vectors anew: cosignatures, subtree cosignatures, policies, proofs.

No official vectors for cosignatures exist. Keys come from the SHA-256 of their names, so that others can sign with them;
ML-DSA-44 signatures are randomised, so a new run writes other bytes that mean the same.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from passerby.ledger import checkpoint as write
from passerby.ledger import merkle
from passerby.ledger.note import Signer, format_vkey, sign_note, signature_line
from passerby.ledger.verify import (
    COSIGN_ED25519,
    COSIGN_MLDSA44,
    ED25519,
    LARGEST,
    Key,
    leaf_hash,
    parse_note,
    subtree_message,
)

NOW, ORIGIN = 1_790_000_000, "example.org/log"
ENTRIES = [f"entry {n}".encode() for n in range(13)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
GET = merkle.of_leaves(LEAVES)
TEXT = write.body(ORIGIN, 13, merkle.root(13, GET))


def signer(name: str, kind: int) -> Signer:
    return Signer(name, kind, sha256(name.encode()).digest())


LOG = signer(ORIGIN, ED25519)
LOG_PQ = signer("example.org/log", COSIGN_MLDSA44)
W = [signer(f"witness.example/{n}", COSIGN_ED25519) for n in range(3)]
PQ = [signer(f"witness.example/pq{n}", COSIGN_MLDSA44) for n in range(2)]


def note(*signers: Signer, text: str = TEXT, when: int = NOW) -> bytes:
    return sign_note(text, signers, when)


def relabelled(one: Signer, key: Key, text: str = TEXT) -> str:
    """A signature by one key under the name and id of another."""
    ((_, _, signature),) = parse_note(b"x\n\n" + one.sign(text, NOW).encode())[1]
    return signature_line(key.name, key.id, signature)


def cosignatures() -> list[dict[str, Any]]:
    longer = TEXT + "an extension line\n"
    by = [W[0], PQ[0]]
    cases = [{"desc": f"kind {s.kind:#04x}", "note": note(s), "keys": [s], "times": {s.name: NOW}} for s in by]
    cases += [
        {"desc": f"kind {s.kind:#04x}, text changed", "note": note(s).replace(b"\n13\n", b"\n14\n"), "keys": [s],
         "error": f"the signature of {s.name} is false"}
        for s in by
    ]  # fmt: skip
    for s in by:
        ((name, key_id, signature),) = parse_note(note(s))[1]
        later = (int.from_bytes(signature[:8], "big") + 1).to_bytes(8, "big") + signature[8:]
        for desc, value, error in (
            ("time changed", later, "is false"),
            ("last byte changed", signature[:-1] + bytes([signature[-1] ^ 1]), "is false"),
            ("a byte too short", signature[:-1], "has the wrong length"),
            ("a byte too long", signature + b"\0", "has the wrong length"),
        ):
            raw = (TEXT + "\n" + signature_line(name, key_id, value)).encode()
            cases.append({"desc": f"kind {s.kind:#04x}, {desc}", "note": raw, "keys": [s],
                          "error": f"the signature of {name} {error}"})  # fmt: skip
        cases.append({"desc": f"kind {s.kind:#04x}, an impossible time", "note": note(s, when=LARGEST + 1), "keys": [s],
                      "error": f"{name} cosigned at an impossible time"})  # fmt: skip
        cases.append({"desc": f"kind {s.kind:#04x}, the last possible time", "note": note(s, when=LARGEST),
                      "keys": [s], "times": {name: LARGEST}})  # fmt: skip
        cases.append({"desc": f"kind {s.kind:#04x}, signed twice", "keys": [s],
                      "note": (TEXT + "\n" + s.sign(TEXT, NOW) + s.sign(TEXT, NOW + 1)).encode(),
                      "error": f"the note has two signatures of {name}"})  # fmt: skip
    other = Signer("witness.example/other", COSIGN_MLDSA44, PQ[0].seed)
    other_ed = Signer("witness.example/other", COSIGN_ED25519, W[0].seed)
    cases += [
        {"desc": "an ML-DSA-44 cosignature under another name: the name is signed", "keys": [other],
         "note": (TEXT + "\n" + relabelled(PQ[0], other.key)).encode(),
         "error": "the signature of witness.example/other is false"},
        {"desc": "an Ed25519 cosignature under another name: the name is not signed", "keys": [other_ed],
         "note": (TEXT + "\n" + relabelled(W[0], other_ed.key)).encode(), "times": {"witness.example/other": NOW}},
        {"desc": "Ed25519 signs extension lines", "keys": [W[0]],
         "note": (longer + "\n" + W[0].sign(TEXT, NOW)).encode(), "error": "the signature of witness.example/0 is false"},
        {"desc": "ML-DSA-44 does not sign extension lines", "keys": [PQ[0]],
         "note": (longer + "\n" + PQ[0].sign(TEXT, NOW)).encode(), "times": {PQ[0].name: NOW}},
        {"desc": "of 16 signatures two are known", "keys": [W[1], PQ[1]],
         "note": note(LOG, *[signer(f"stranger{n}", COSIGN_ED25519) for n in range(13)], W[1], PQ[1]),
         "times": {W[1].name: NOW, PQ[1].name: NOW}},
        {"desc": "a known name with a strange id is unknown", "keys": [W[0]],
         "note": note(Signer(W[0].name, COSIGN_ED25519, bytes(32))), "times": {}},
        {"desc": "a cosignature of the log's plain kind is another key", "keys": [Signer(W[0].name, ED25519, W[0].seed)],
         "note": note(W[0]), "times": {}},
    ]  # fmt: skip
    return [
        {k: v for k, v in case.items() if k != "keys"} | {"vkeys": [format_vkey(s.key) for s in case["keys"]]}
        for case in cases
    ]


def subtrees() -> list[dict[str, Any]]:
    cases = []
    for start, end, when in ((0, 13, NOW), (8, 13, 0), (4, 8, 0), (12, 13, 0)):
        root = merkle.root(end - start, merkle.of_leaves(LEAVES[start:end]))
        ((_, _, signature),) = parse_note(b"x\n\n" + PQ[0].sign_subtree(ORIGIN, start, end, root, when).encode())[1]
        case = {
            "desc": f"[{start}, {end})", "vkeys": [format_vkey(PQ[0].key)], "origin": ORIGIN, "start": start, "end": end,
            "time": when, "root": root.hex(), "signature": signature[8:].hex(),
            "message": subtree_message(PQ[0].name, when, ORIGIN, start, end, root).hex(),
        }  # fmt: skip
        cases += [case, case | {"desc": f"[{start}, {end}), another end", "end": end + 1,
                                "error": f"the signature of {PQ[0].name} is false"}]  # fmt: skip
    return cases


def policies() -> list[dict[str, Any]]:
    log = f"log {format_vkey(LOG.key)}\n"
    three = "".join(f"witness w{n} {format_vkey(w.key)}\n" for n, w in enumerate(W))
    pq = f"witness pq {format_vkey(PQ[0].key)}\n"
    two_of_three = f"{log}{three}group g 2 w0 w1 w2\nquorum g\n"
    nested = f"{log}{three}{pq}group g 2 w0 w1 w2\ngroup h all g pq\nquorum h\n"
    twin = Key("another.example/name", COSIGN_ED25519, W[0].key.public)
    few = "the witness quorum is not reached: 1 of 3 cosigned; witness.example/0 cosigned at 1790000000 s since 1970"
    none = "the witness quorum is not reached: 0 of 3 cosigned"
    rows: list[tuple[str, str, bytes, str]] = [
        ("nobody is needed", f"{log}quorum none\n", note(LOG), ""),
        ("two of three", two_of_three, note(LOG, W[0], W[2]), ""),
        ("one of three", two_of_three, note(LOG, W[0]), few),
        ("none of three", two_of_three, note(LOG), none),
        ("strangers do not count", two_of_three, note(LOG, *PQ), none),
        ("nested groups", nested, note(LOG, W[1], W[2], PQ[0]), ""),
        ("one witness is the quorum", f"{log}{pq}quorum pq\n", note(LOG, PQ[0]), ""),
        ("a comment, tabs, spaces and empty lines", f"# x\n\n \t{log}\t\n{pq} quorum\tpq \n", note(LOG, PQ[0]), ""),
        ("not signed by the log", two_of_three, note(W[0], W[1]), "the checkpoint is not signed by the log's key"),
        ("a log that signs with ML-DSA-44", f"log {format_vkey(LOG_PQ.key)}\nquorum none\n", note(LOG_PQ), ""),
        ("one key under two names", f"{log}{three}witness x {format_vkey(twin)}\nquorum w0\n", note(LOG, W[0]),
         "line 5 of the policy repeats a key: one key has one vote, under one name"),
        ("no quorum line", log, note(LOG), "the policy has no quorum line"),
        ("two quorum lines", f"{log}quorum none\nquorum none\n", note(LOG), "the policy has two quorum lines"),
        ("a threshold of 0", f"{log}{three}group g 0 w0\nquorum g\n", note(LOG), "line 5 of the policy can't be satisfied"),
        ("a threshold that is too high", f"{log}{three}group g 2 w0\nquorum g\n", note(LOG),
         "line 5 of the policy can't be satisfied"),
        ("a member of two groups", f"{log}{three}group g any w0\ngroup h any w0\nquorum g\n", note(LOG),
         "line 6 of the policy has a member that is not defined before it, or is used already"),
        ("a group before its members", f"{log}group g any w0\n{three}quorum g\n", note(LOG),
         "line 2 of the policy has a member that is not defined before it, or is used already"),
        ("none as a member", f"{log}group g any none\nquorum g\n", note(LOG),
         "line 2 of the policy has a member that is not defined before it, or is used already"),
        ("a carriage return", f"{log}quorum none\r\n", note(LOG), "the policy has a control character"),
        ("no newline at the end", f"{log}quorum none", note(LOG), "the policy does not end with a newline"),
    ]  # fmt: skip
    cases = [{"desc": d, "policy": p, "note": n} | ({"error": e} if e else {}) for d, p, n, e in rows]
    both = note(LOG, W[0], W[1])
    cases.append({"desc": "fresh enough", "policy": two_of_three, "note": both, "now": NOW + 3600, "max_age": 3600})
    gone = [f"witness.example/{n} is a stale witness: it cosigned 2 hours ago" for n in (0, 1)]
    cases.append({"desc": "stale", "policy": two_of_three, "note": note(LOG, W[0]), "now": NOW + 7200, "max_age": 7199,
                  "error": f"{none}; {gone[0]}"})  # fmt: skip
    return cases


def proofs() -> list[dict[str, Any]]:
    policy = f"log {format_vkey(LOG.key)}\nquorum none\n"
    signed = note(LOG, W[0], PQ[0])

    def case(desc: str, proof: bytes, index: int, error: str = "") -> dict[str, Any]:
        found = {"desc": desc, "policy": policy, "proof": proof, "entry": ENTRIES[index].hex()}
        return found | ({"error": error} if error else {})

    def proof(index: int, at: int | None = None, extra: bytes = b"") -> bytes:
        return write.format_proof(index if at is None else at, merkle.inclusion(index, 13, GET), signed, extra)

    cases = [case(f"entry {n}", proof(n), n) for n in (0, 7, 8, 12)]
    return [
        *cases,
        case("with an extra line", proof(3, extra=b"anything"), 3),
        case("another entry", proof(3), 4, "the proof leads to another root"),
        case("another index", proof(3, at=2), 3, "the proof leads to another root"),
        case("an index outside", proof(3, at=13), 3, "index 13 is outside [0, 13)"),
        case("a hash too few", write.format_proof(3, merkle.inclusion(3, 13, GET)[:-1], signed), 3,
             "the proof is too short"),
        case("a hash too many", write.format_proof(3, [*merkle.inclusion(3, 13, GET), bytes(32)], signed), 3,
             "the proof is too long"),
        case("an index with a leading zero", proof(3).replace(b"index 3", b"index 03"), 3,
             "the index is not a plain decimal number"),
        case("no index", proof(3).replace(b"index 3\n", b""), 3, "the proof has no index line"),
        case("another version", proof(3).replace(b"@v1", b"@v2"), 3,
             "the proof does not begin with c2sp.org/tlog-proof@v1"),
        case("a checkpoint by another log", write.format_proof(3, merkle.inclusion(3, 13, GET), note(W[0])), 3,
             "the checkpoint is not signed by the log's key"),
    ]  # fmt: skip


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, cases in (
        ("cosignature", cosignatures()), ("subtree", subtrees()), ("policy", policies()), ("proof", proofs()),
    ):  # fmt: skip
        for case in cases:
            for field in ("note", "proof"):
                if isinstance(case.get(field), bytes):
                    case[field] = case[field].decode()
        content = {"format": f"passerby/{name}-vectors@1", "cases": cases}
        (folder / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/vectors"))
