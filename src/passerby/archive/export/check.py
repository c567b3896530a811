"""Checks an exported recording. Needs Python 3.11 or newer, `cryptography`, and verify.py beside this file.

    python check.py [FOLDER] [--root HASH]

FOLDER is where the bundle was unpacked (default: where this file is). HASH is that of the site's first root, which is
printed on the sign beside the camera; without it you believe the bundle about which site it is of.

Exit codes: 0 proven, 1 refuted, 2 wrong use, 3 could not be decided or read.
"""

from __future__ import annotations

import argparse
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import verify  # type: ignore[import-not-found]

OWN = {"check.py", "verify.py", "manifest.note", "__pycache__"}
PROVES_ITSELF = {"act.entry", "act.tlog-proof", "asking.json", "recipients.json", "roots", "unsealing.json"}
NOT_PROVEN = (
    "that the camera saw what happened: only that this is what the operator's machine kept, hid in part, and gave out",
    "that nothing else was kept, looked at or given out: the ledger says what was, ask for it",
    "that the site's roots were changed lawfully: here is only checked that a side of the one before signed each",
)


def need(holds: bool, otherwise: str) -> None:
    """Refute."""
    if not holds:
        raise verify.Refuted(otherwise)


def note(path: Path, keys: list[Any]) -> tuple[dict[str, Any], bytes, set[Any]]:
    """A signed document: its fields, its text's bytes, who of these signed it."""
    text, signed, _ = verify.verify_note(path.read_bytes(), keys)
    return json.loads(text), text.encode(), set(signed)


def keys_of(root: dict[str, Any], *roles: str) -> list[Any]:
    """The active keys that a root gives these roles."""
    held = [k for k in root["keys"].values() if k["role"] in roles and k["state"] == "active"]
    return [verify.parse_vkey(k["vkey"]) for k in held]


def site(folder: Path, expected: str) -> tuple[dict[str, Any], list[str]]:
    """The root in force, from the first on."""
    root: dict[str, Any] = {}
    hashes: list[str] = []
    while (path := folder / "roots" / f"{len(hashes)}.note").is_file():
        fields, text, _ = note(path, [])
        signers = keys_of(root or fields, "operator", "reviewer")
        _, _, signed = note(path, signers)
        need(bool(signed), f"root {len(hashes)} is not signed by a side of the one before it")
        need(fields["previous"] == (hashes[-1] if hashes else ""), f"root {len(hashes)} does not follow the one before")
        hashes.append(sha256(text).hexdigest())
        root = fields
    need(bool(hashes), "the bundle holds no site root")
    need(expected in ("", hashes[0]), f"the bundle is of another site: its first root is {hashes[0]}")
    told = [f"it is of the site {root['site']}, whose first root is {hashes[0]}"]
    if root["demo"]:
        told.append("that site is a DEMO: one person holds all of its keys, and nothing it says proves anything")
    if not expected:
        told.append("compare that hash with the sign beside the camera, or give it as --root")
    return root, told


def files(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Everything that the manifest names is here and unchanged, and nothing else is."""
    told = []
    for name, about in sorted(manifest["files"].items()):
        need(name == Path(name).name, f"the manifest names a file elsewhere: {name}")
        path, total = folder / name, sha256()
        need(path.is_file(), f"{name} is missing")
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                total.update(piece)
        need(total.hexdigest() == about["sha256"], f"{name} is not the file that was given out")
        told.append(f"{name} is what was given out ({about['bytes']} bytes, SHA-256 {about['sha256']})")
    strange = {p.name for p in folder.iterdir()} - OWN - PROVES_ITSELF - manifest["files"].keys()
    need(not strange, f"there is a file that nobody signed: {min(strange, default='')}")
    return told


def act(folder: Path, root: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
    """The ledger says that exactly this was exported, and enough witnesses saw it."""
    entry, raw = (folder / "act.entry").read_bytes(), (folder / "asking.json").read_bytes()
    said, asking = json.loads(entry), json.loads(raw)
    kind = asking["act"]
    need(kind in ("export", "unseal") and said.get("act") == kind, "the act in the ledger is no export or unsealing")
    need(said.get("content") == sha256(raw).hexdigest(), "the act in the ledger is of something else than was asked")
    for name in ("site", "camera", "from", "to", "purpose", "case"):
        need(asking[name] == manifest[name], f"the manifest's {name} is another than was asked for")
    given_to = (folder / "recipients.json").read_bytes()
    recipients, belongs = sha256(given_to).hexdigest(), folder / "unsealing.json"
    need(kind == "unseal" or not belongs.exists(), "there is a file that nobody signed: unsealing.json")
    if kind == "unseal":
        document = belongs.read_bytes()
        need(asking["detail"] == sha256(document).hexdigest(), "another region was unsealed than the ledger says")
        need(json.loads(document)["recipients"] == recipients, "it was given to others than the ledger says")
    else:
        need(asking["detail"] == recipients, "it was given to others than the ledger says")
    trust = verify.Trust(keys_of(root, "log"), verify.parse_policy(root["policy"].encode()))
    told = verify.verify_proof((folder / "act.tlog-proof").read_bytes(), entry, trust)
    names = ", ".join(sorted(json.loads(given_to)))
    return [f"it was in the ledger before it was given to {names}: for {said['purpose']}, case {said['case']}", *told]


def check(folder: Path, expected: str) -> list[str]:
    """All of it; returns what was proven."""
    root, told = site(folder, expected)
    operators = keys_of(root, "operator")
    manifest, _, signed = note(folder / "manifest.note", operators)
    need(bool(signed), "the manifest is not signed by the site's operator")
    need(manifest["format"] == "passerby/export@1", "the manifest is of an unknown format")
    need(manifest["site"] == root["site"], "the manifest is of another site")
    who = ", ".join(sorted(key.name for key in signed))
    told.append(f"{who} signed: camera {manifest['camera']}, {manifest['from']} to {manifest['to']} s since 1970")
    return [*told, *files(folder, manifest), *act(folder, root, manifest)]


def main() -> int:
    """The command line; see the top of this file."""
    parser = argparse.ArgumentParser(description="Checks an exported recording.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--root", default="", metavar="HASH")
    asked = parser.parse_args()
    try:
        told = check(asked.folder, asked.root)
    except verify.Refuted as error:
        sys.stderr.write(f"REFUTED: {error}\n")
        return 1
    except (verify.LedgerError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"NOT DECIDED: {type(error).__name__}: {error}\n")
        return 3
    sys.stdout.write("\n- ".join(["PROVEN", *told]) + "\n" + "\n- ".join(["NOT PROVEN", *NOT_PROVEN]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
