"""Sigstore bundles, and our own vectors: cosignatures, policies, proofs, entries of logs.

Rekor's first log signs with ECDSA (signature type 0x02), which our logs never do: such a signature is checked here and
nowhere else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from passerby.ledger.errors import LedgerError, Refuted, Unreadable
from passerby.ledger.verify import (
    ED25519,
    Key,
    Trust,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_policy,
    parse_vkey,
    subtree_message,
    verify_inclusion,
    verify_note,
    verify_proof,
)

Case = dict[str, Any]
Said = tuple[str, str]  # the case, and what is wrong: empty where nothing is


def bundle(path: Path, content: Case) -> Iterator[Said]:
    """Every log entry of a Sigstore bundle, by the trusted roots that lie beside it."""
    keys = {key: der for root in path.parent.glob("trusted_root*.json") for key, der in _trusted(root)}
    for number, entry in enumerate(content["verificationMaterial"]["tlogEntries"]):
        try:
            _rekor(entry, keys)
        except LedgerError as error:
            yield f"entry {number}", str(error)
        else:
            yield f"entry {number}", ""


def _trusted(path: Path) -> Iterator[tuple[str, bytes]]:
    for log in json.loads(path.read_bytes())["tlogs"]:
        yield log["logId"]["keyId"], base64.b64decode(log["publicKey"]["rawBytes"])


def _rekor(entry: Case, keys: dict[str, bytes]) -> None:
    proof, body = entry["inclusionProof"], base64.b64decode(entry["canonicalizedBody"])
    index, size, root = int(proof["logIndex"]), int(proof["treeSize"]), base64.b64decode(proof["rootHash"])
    verify_inclusion(leaf_hash(body), index, size, [base64.b64decode(h) for h in proof["hashes"]], root)
    note = proof["checkpoint"]["envelope"].encode()
    point = parse_checkpoint(parse_note(note)[0])
    if (point.size, point.root) != (size, root):
        raise Refuted("the checkpoint is of another tree than the proof")
    if (der := keys.get(entry["logId"]["keyId"])) is None:
        raise Unreadable("no trusted root beside the bundle has the log's key")
    _signed(note, der)


def _signed(note: bytes, der: bytes) -> None:
    public = load_der_public_key(der)
    text, signatures = parse_note(note)
    if isinstance(public, Ed25519PublicKey):
        keys = [Key(name, ED25519, public.public_bytes_raw()) for name, _, _ in signatures]
        if not verify_note(note, keys)[1]:
            raise Refuted("the log did not sign the checkpoint")
        return
    ours = [signature for _, key_id, signature in signatures if key_id == sha256(der).digest()[:4]]
    if not ours or not isinstance(public, ec.EllipticCurvePublicKey):
        raise Refuted("the log did not sign the checkpoint")
    try:
        public.verify(ours[0], text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Refuted("the log's signature is false") from error


def own(content: Case) -> Iterator[Said]:
    """A file of `docs/vectors`: each case is valid or says why not, in the words of `verify`."""
    for case in content["cases"]:
        try:
            found = _own(content["format"], case)
        except LedgerError as error:
            found = str(error)
        wants = case.get("error", "")
        yield case["desc"], "" if found == wants else f"we say {found or 'valid'!r}, the vector {wants or 'valid'!r}"


def _own(kind: str, case: Case) -> str:
    keys = [parse_vkey(v) for v in case.get("vkeys", [])]
    policy = parse_policy(case["policy"].encode()) if "policy" in case else None
    trust = Trust(keys, policy, case.get("now", 0), case["max_age"]) if policy and "max_age" in case else None
    trust = trust or (Trust(keys, policy, case.get("now", 0)) if policy else Trust(keys))
    if kind == "passerby/cosignature-vectors@1":
        signed = verify_note(case["note"].encode(), keys)[1]
        same = {key.name: when for key, when in signed.items()} == case.get("times", {})
        return "" if same else "the times differ"
    if kind == "passerby/subtree-vectors@1":
        start, end, origin = case["start"], case["end"], case["origin"]
        message = subtree_message(keys[0].name, case["time"], origin, start, end, bytes.fromhex(case["root"]))
        keys[0].verify_bare(message, bytes.fromhex(case["signature"]))
        return "" if message.hex() == case["message"] else "the message differs"
    if kind == "passerby/policy-vectors@1":
        trust.check(case["note"].encode())
        return ""
    if kind == "passerby/proof-vectors@1":
        verify_proof(case["proof"].encode(), bytes.fromhex(case["entry"]), trust)
        return ""
    raise Unreadable(f"vectors of an unknown kind: {kind}")
