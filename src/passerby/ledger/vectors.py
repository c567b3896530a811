"""Runs other people's test vectors, and our own, and says where we agree and where we differ, and by which rule.

Understood: transparency-dev/merkle JSON cases, golang.org/x/mod note vectors, Sigstore bundles with their trusted
roots, a whole tile log with its checkpoints, and the files in `docs/vectors`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from passerby.ledger import checkpoint as write
from passerby.ledger import vectors_more as more
from passerby.ledger.errors import LedgerError, Unreadable
from passerby.ledger.verify import (
    EMPTY_ROOT,
    LARGEST,
    Trust,
    leaf_hash,
    parse_checkpoint,
    parse_vkey,
    verify_consistency,
    verify_inclusion,
    verify_log,
    verify_note,
    verify_subtree_consistency,
)

RULES = {
    "size 0": "a proof from size 0 is accepted where it is empty and the old root is the empty tree's, as tlog-witness "
    "demands; some libraries refuse every proof from size 0",
    "hash length": "a hash that is not 32 bytes long is refused before anything is hashed; some libraries compare it",
}
Case = dict[str, Any]
_CHECKPOINTS = "checkpoint"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case.

    Args:
        name: The file, and the case within it.
        agrees: Whether we say what the vector says.
        rule: Why we differ, a key of `RULES`; empty where we agree or can't say.
        detail: What we said.
    """

    name: str
    agrees: bool
    rule: str
    detail: str


def run(folder: Path) -> Iterator[Outcome]:
    """Run all vectors below a folder.

    Raises:
        Unreadable: A file can't be read.
    """
    for vkey in sorted(folder.rglob("log.vkey")):
        yield from _tile_log(vkey.parent)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".sigstore") and p.is_file()):
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise Unreadable(f"{path} can't be read as JSON ({error})") from error
        if isinstance(content, dict):
            yield from _file(path, str(path.relative_to(folder)), content)


def _file(path: Path, name: str, content: Case) -> Iterator[Outcome]:
    if "wantErr" in content:
        yield _merkle(name, content)
    elif "bad_vkeys" in content:
        yield from _notes(name, content)
    elif "verificationMaterial" in content:
        yield from (Outcome(f"{name}: {what}", not said, "", said) for what, said in more.bundle(path, content))
    elif str(content.get("format", "")).startswith("passerby/"):
        yield from (Outcome(f"{name}: {what}", not said, "", said) for what, said in more.own(content))


def _merkle(name: str, case: Case) -> Outcome:
    said = _said(partial(_prove, case))
    wants = bool(case["wantErr"])
    if bool(said) == wants:
        return Outcome(name, agrees=True, rule="", detail=said or "proven")
    from_nothing = case.get("size1") == 0 and not case.get("proof")
    rule = "size 0" if wants and from_nothing else "hash length" if not wants and _odd_hash(case) else ""
    return Outcome(name, agrees=False, rule=rule, detail=said or "proven")


def _prove(case: Case) -> None:
    proof = [_bytes(h) for h in case.get("proof") or []]
    numbers = [case[n] for n in ("leafIdx", "treeSize", "start", "end", "size", "size1", "size2") if n in case]
    if not all(isinstance(n, int) and 0 <= n <= LARGEST for n in numbers):
        raise Unreadable("a size or index is not between 0 and 2^63 - 1")
    if "leafIdx" in case:
        start, end = (case["start"], case["end"]) if "start" in case else (0, case["treeSize"])
        verify_inclusion(_bytes(case["leafHash"]), case["leafIdx"], end, proof, _bytes(case["root"]), start)
    elif "size1" in case:
        verify_consistency(case["size1"], _bytes(case["root1"]), case["size2"], _bytes(case["root2"]), proof)
    else:
        roots = _bytes(case["root1"]), _bytes(case["root2"])
        verify_subtree_consistency(case["start"], case["end"], case["size"], *roots, proof)


def _odd_hash(case: Case) -> bool:
    found = [case.get(n) for n in ("root", "leafHash", "root1", "root2") if n in case] + list(case.get("proof") or [])
    return any(len(_bytes(h)) != len(EMPTY_ROOT) for h in found if not _said(partial(_bytes, h)))


def _notes(name: str, content: Case) -> Iterator[Outcome]:
    for case in content["notes"]:
        said = _said(partial(_note, case))
        yield Outcome(f"{name}: {case['desc']}", bool(said) != case["valid"], "", said or "proven")
    for vkey in content["bad_vkeys"]:
        said = _said(partial(parse_vkey, vkey))
        yield Outcome(f"{name}: bad key {vkey[:24]}", bool(said), "", said or "taken")
    if golden := content.get("tree_note_golden"):
        point = parse_checkpoint(golden["text"])
        text = write.body("go.sum database tree", golden["size"], leaf_hash(golden["record"].encode()))
        same = text == golden["text"] and point.size == golden["size"]
        yield Outcome(f"{name}: tree note", same, "", "written and read alike" if same else text)


def _note(case: Case) -> None:
    _, signed, _ = verify_note(case["note"].encode(), [parse_vkey(v) for v in case["vkeys"]])
    if not signed:
        raise Unreadable("no known key signed")


def _tile_log(folder: Path) -> Iterator[Outcome]:
    keys = [parse_vkey(line) for line in (folder / "log.vkey").read_text().split("\n") if line]
    for note in sorted(p for p in folder.glob(f"{_CHECKPOINTS}*") if p.is_file()):

        def read(path: str, note: Path = note) -> bytes | None:
            found = note if path == _CHECKPOINTS else folder / path
            return found.read_bytes() if found.is_file() else None

        said = _said(partial(verify_log, read, Trust(keys)))
        yield Outcome(note.name, not said, "", said or "signature, entries and tiles proven")


def _said(check: Callable[[], object]) -> str:
    """Why the check failed; empty where it did not."""
    try:
        check()
    except LedgerError as error:
        return str(error)
    except (KeyError, TypeError, ValueError) as error:
        return f"the case is malformed ({error!r})"
    return ""


def _bytes(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except ValueError as error:
        raise Unreadable("a hash is not base64") from error
