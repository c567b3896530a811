"""Checks a ledger. This one file needs Python 3.11 and `cryptography`, and nothing else of this project.

    python verify.py log FOLDER (--vkey KEY | --policy FILE) [--max-age HOURS]
    python verify.py proof FILE (--vkey KEY | --policy FILE) [--max-age HOURS] < ENTRY
    python verify.py fork FILE [--vkey KEY]

Exit codes: 0 proven, 1 refuted, 2 wrong use, 3 could not be decided or read. A function that returns has proven what
its name says; else it raises `Refuted` (false, as can be shown) or `Unreadable` (malformed, missing, undecidable).
Sources: RFC 6962, RFC 9162; C2SP signed-note 1.0, tlog-checkpoint 1.0, tlog-tiles 0.1, tlog-cosignature 1.1, drafts of
tlog-policy and tlog-proof; draft-ietf-plants-merkle-tree-certs 4 (subtrees). Proofs and signatures are made elsewhere,
without this file's algorithms, so that one mistake can't hide in both. Times are whole seconds since 1970.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

WIDTH, LARGEST, LONGEST = 256, (1 << 63) - 1, 1 << 20
MOST_SIGNATURES, MOST_HASHES, MOST_LINES = 64, 63, 1024
ED25519, COSIGN_ED25519, COSIGN_MLDSA44 = 0x01, 0x04, 0x06
KEY_BYTES = {ED25519: 32, COSIGN_ED25519: 32, COSIGN_MLDSA44: 1312}
SIGNATURE_BYTES = {ED25519: 64, COSIGN_ED25519: 8 + 64, COSIGN_MLDSA44: 8 + 2420}
EMPTY_ROOT, NAME = sha256(b"").digest(), re.compile(r"[^\s+]+")
PROOF_HEADER, FORK_FORMAT = "c2sp.org/tlog-proof@v1", "passerby/fork-evidence@1"
CLOCKS_DIFFER = 300  # seconds that a witness's clock may be ahead of ours
NOT_PROVEN = "that everything that happened was logged; that others see this log too, but for the witnesses named above"
Each = Callable[[int, bytes], object]
Reader = Callable[[str], bytes | None]  # a file of the log by its path; None where there is none


class LedgerError(Exception):
    """The root of the ledger's errors; each says in one line what is wrong."""


class Refuted(LedgerError):
    """What was claimed is false, and this can be shown."""


class Unreadable(LedgerError):
    """Malformed, missing or undecidable: neither proven nor refuted."""


def _need(holds: bool, otherwise: str, error: type[LedgerError] = Refuted) -> None:
    if not holds:
        raise error(otherwise)


_form = partial(_need, error=Unreadable)


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def tree_root(hashes: Sequence[bytes], rest: bytes = b"") -> bytes:
    """The root over these hashes and, where given, over `rest`, the root of less than one of them to their right."""
    peaks: list[bytes] = []
    for bits, found in enumerate(hashes):
        while bits & 1:  # each trailing 1 bit is a subtree that this hash completes
            found, bits = node_hash(peaks.pop(), found), bits >> 1
        peaks.append(found)
    for peak in reversed(peaks):
        rest = node_hash(peak, rest) if rest else peak
    return rest or EMPTY_ROOT


def _sound(numbers: Iterable[int], hashes: Iterable[bytes]) -> None:
    _need(all(0 <= n <= LARGEST for n in numbers), "a size or index is not between 0 and 2^63 - 1")
    _need(all(len(h) == 32 for h in hashes), "a hash is not 32 bytes long")  # refused before anything is hashed


def verify_inclusion(leaf: bytes, index: int, end: int, proof: list[bytes], root: bytes, start: int = 0) -> None:
    """The leaf hash is at `index` in the tree of `end` leaves (RFC 9162, 2.1.3.2), or in its subtree `[start, end)`."""
    _check_subtree(start, end)
    _need(start <= index < end, f"index {index} is outside [{start}, {end})")
    verify_subtree_consistency(index - start, index - start + 1, end - start, leaf, root, proof)  # of one leaf


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """The tree of `new` leaves begins with that of `old` (RFC 9162, 2.1.4.2); from size 0 the proof is empty."""
    _sound((old, new), (old_root, new_root, *proof))
    _need(old <= new, f"a tree of {new} can't begin with a tree of {old}")
    empty = [root for size, root in ((old, old_root), (new, new_root)) if size == 0]
    _need(all(root == EMPTY_ROOT for root in empty), "a tree of size 0 has not the empty tree's root")
    if old:
        return verify_subtree_consistency(0, old, new, old_root, new_root, proof)
    return _need(not proof, "the consistency proof from size 0 is not empty")


def _check_subtree(start: int, end: int) -> None:
    _sound((start, end), ())
    _need(start < end and start % (1 << (end - start - 1).bit_length()) == 0, f"[{start}, {end}) is not a subtree")


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """The leaves `[start, end)` of the tree of `size` leaves with `root` are the tree with the root `subtree`.

    `first` and `node` are where the subtree's ends have come to on the way up, `last` the tree's end; `inner` is what
    the proof says of the subtree, `outer` of all so far.
    """
    _check_subtree(start, end)
    _sound((size,), (subtree, root, *proof))
    _need(end <= size, f"the subtree [{start}, {end}) is outside a tree of {size}")
    first, node, last, rest = start, end - 1, size - 1, list(proof)
    while first != node and (node == last or node & 1):
        first, node, last = first >> 1, node >> 1, last >> 1
    _need(first == node or bool(rest), "the proof is too short")
    inner = outer = subtree if first == node else rest.pop(0)
    for sibling in rest:
        _need(last > 0, "the proof is too long")
        if node & 1 or node == last:
            inner = node_hash(sibling, inner) if first < node else inner
            outer = node_hash(sibling, outer)
            while not node & 1 and node:
                first, node, last = first >> 1, node >> 1, last >> 1
        else:
            outer = node_hash(outer, sibling)
        first, node, last = first >> 1, node >> 1, last >> 1
    _need(last == 0, "the proof is too short")
    _need(inner == subtree, "the proof leads to another root of the smaller tree")
    _need(outer == root, "the proof leads to another root")


def strict_base64(text: str, what: str, length: int = 0) -> bytes:
    """Standard base64 with padding, written in the one canonical way, of so many bytes (0: any number)."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable(f"{what} is not base64") from error
    _form(base64.b64encode(value).decode() == text, f"{what} is base64 with stray bits or padding")
    _form(length in (0, len(value)), f"{what} is not {length} bytes long")
    return value


def strict_number(text: str, what: str) -> int:
    """A decimal without sign or leading zero, below 2^63."""
    _form(re.fullmatch("0|[1-9][0-9]{0,18}", text) is not None, f"{what} is not a plain decimal number")
    _form(int(text) <= LARGEST, f"{what} is not below 2^63")
    return int(text)


def subtree_message(name: str, when: int, origin: str, start: int, end: int, root: bytes) -> bytes:
    """What an ML-DSA-44 cosignature signs (tlog-cosignature: cosigned_message)."""
    _need(all(1 <= len(t.encode()) <= 255 for t in (name, origin)), "a name or an origin is not of 1 to 255 bytes")
    who, log = (bytes([len(t.encode())]) + t.encode() for t in (name, origin))
    stamp, first, last = (n.to_bytes(8, "big") for n in (when, start, end))
    return b"subtree/v1\n\x00" + who + stamp + log + first + last + root


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head."""

    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: str) -> Checkpoint:
    """A note's text as a checkpoint. Further lines are allowed and mean nothing: nobody audits them."""
    lines = text.split("\n")
    _form(lines.pop() == "" and len(lines) >= 3, "a checkpoint is not at least three lines")
    _form(all(lines), "a checkpoint has an empty line")
    return Checkpoint(lines[0], strict_number(lines[1], "the size"), strict_base64(lines[2], "the root", 32))


@dataclass(frozen=True, slots=True)
class Key:
    """A verifier key: name, signature type, raw public key."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The 4 bytes that label this key's signatures: a label, not a proof."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def verify(self, text: str, signature: bytes) -> int:
        """This key signed the note of this text; returns when, or 0 where its kind of signature has no time."""
        _need(len(signature) == SIGNATURE_BYTES[self.kind], f"the signature of {self.name} has the wrong length")
        stamp, message = b"" if self.kind == ED25519 else signature[:8], text.encode()
        _need((when := int.from_bytes(stamp, "big")) <= LARGEST, f"{self.name} cosigned at an impossible time")
        if self.kind == COSIGN_ED25519:
            message = f"cosignature/v1\ntime {when}\n".encode() + message
        elif self.kind == COSIGN_MLDSA44:
            point = parse_checkpoint(text)
            message = subtree_message(self.name, when, point.origin, 0, point.size, point.root)
        self.verify_bare(message, signature[len(stamp) :])
        return when

    def verify_bare(self, message: bytes, signature: bytes) -> None:
        """This key signed exactly these bytes."""
        kind = MLDSA44PublicKey if self.kind == COSIGN_MLDSA44 else Ed25519PublicKey
        try:
            kind.from_public_bytes(self.public).verify(signature, message)
        except UnsupportedAlgorithm as error:
            raise Unreadable(f"the signature of {self.name} is not checked: no ML-DSA-44 on this machine") from error
        except (InvalidSignature, ValueError) as error:
            raise Refuted(f"the signature of {self.name} is false") from error


def parse_vkey(text: str) -> Key:
    """A verifier key `NAME+ID+KEY`, of a type known here, whose id is its own."""
    _form(text.count("+") >= 2, "a verifier key is NAME+ID+KEY")
    name, key_id, encoded = text.split("+", 2)
    _form(NAME.fullmatch(name) is not None, "the verifier key has an empty name, or a space in it")
    _form(re.fullmatch("[0-9a-f]{8}", key_id) is not None, "the verifier key's id is not 8 hex digits in lower case")
    raw = strict_base64(encoded, "the verifier key")
    _form(raw[:1] != b"" and raw[0] in KEY_BYTES, "the verifier key is of a type not known here")
    _form(len(raw) == 1 + KEY_BYTES[raw[0]], "the verifier key has the wrong length")
    key = Key(name, raw[0], raw[1:])
    _form(key.id.hex() == key_id, "the verifier key's id is not that of its name and key")
    return key


def parse_note(raw: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Split a signed note, not yet believed, into its text and its signatures: name, key id, bytes."""
    _form(len(raw) <= LONGEST, "the note is longer than 1 MiB")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("the note is not UTF-8") from error
    _form(all(c >= " " or c == "\n" for c in whole), "the note has a control character")
    _form(whole.endswith("\n"), "the note does not end with a newline")
    _form("\n\n" in whole, "the note has no blank line before its signatures")
    text, _, signed = whole.rpartition("\n\n")
    _form(signed != "", "the note has no signature")
    _form(signed.count("\n") <= MOST_SIGNATURES, f"the note has more than {MOST_SIGNATURES} signatures")
    signatures = []
    for line in signed[:-1].split("\n"):
        _form(line.startswith("\N{EM DASH} "), "a signature line does not begin with an em dash and a space")
        name, space, encoded = line[2:].partition(" ")
        _form(space == " ", "a signature line has no signature")
        _form(
            NAME.fullmatch(name) is not None,
            "a signature line has an empty key name, or a plus or space in it",
        )
        value = strict_base64(encoded, "a signature")
        _form(len(value) >= 5, "a signature is shorter than 5 bytes")
        signatures.append((name, value[:4], value[4:]))
    return text + "\n", signatures


def verify_note(raw: bytes, keys: Iterable[Key]) -> tuple[str, dict[Key, int], list[Key]]:
    """No signature by these keys is false; others are ignored. Returns the text, who signed when, and who unchecked."""
    known, signed, unchecked = {(key.name, key.id): key for key in keys}, dict[Key, int](), list[Key]()
    text, signatures = parse_note(raw)
    for name, key_id, signature in signatures:
        if key := known.get((name, key_id)):
            _need(key not in signed and key not in unchecked, f"the note has two signatures of {name}")
            try:
                signed[key] = key.verify(text, signature)
            except Unreadable:
                unchecked.append(key)
    return text, signed, unchecked


@dataclass(slots=True)
class Policy:
    """Whose word counts: logs, witnesses by name, groups as (how many, of whom) in order, and who must be satisfied."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[bytes, Key] = field(default_factory=dict)
    urls: dict[Key, str] = field(default_factory=dict)
    groups: dict[bytes, tuple[int, tuple[bytes, ...]]] = field(default_factory=dict)
    quorum: bytes = b""

    def satisfied(self, cosigners: Iterable[Key]) -> bool:
        """Whether these are enough. One vote for each public key, under however many names it signs."""
        keys = {key.public for key in cosigners}
        yes = {name for name, key in self.witnesses.items() if key.public in keys}
        for name, (least, members) in self.groups.items():  # members are defined before their groups
            yes |= {name} if len(yes.intersection(members)) >= least else set()
        return self.quorum == b"none" or self.quorum in yes


def parse_policy(raw: bytes) -> Policy:
    """Read a policy, octet by octet: names are never decoded or compared as text."""
    _form(len(raw) <= LONGEST and raw.count(b"\n") <= MOST_LINES, "the policy is too long")
    _form(raw.endswith(b"\n"), "the policy does not end with a newline")
    _form(all(c in b"\t\n" or (c >= 32 and c != 127) for c in raw), "the policy has a control character")
    policy, names, free = Policy(), {b"none"}, set[bytes]()
    for number, words in enumerate((line.split() for line in raw.split(b"\n")), 1):
        bad = f"line {number} of the policy"
        match words:
            case [b"witness" | b"group", name, *_] if name in names:
                raise Unreadable(f"{bad} defines a name that is taken")
            case [b"log", vkey, *url] if len(url) < 2:
                policy.logs.append(_policy_key(vkey, (ED25519, COSIGN_MLDSA44), policy.logs, bad))
            case [b"witness", name, vkey, *url] if len(url) < 2:
                key = _policy_key(vkey, (COSIGN_ED25519, COSIGN_MLDSA44), policy.witnesses.values(), bad)
                policy.witnesses[name], policy.urls[key] = key, b"".join(url).decode("ascii", "replace")
                names, free = names | {name}, free | {name}
            case [b"group", name, least, *members] if members:
                _form(free.issuperset(members), f"{bad} has a member that is not defined before it, or is used already")
                _form(len(set(members)) == len(members), f"{bad} has a member twice")
                count = {b"any": "1", b"all": str(len(members))}.get(least, least.decode("ascii", "replace"))
                _form(1 <= strict_number(count, f"the threshold in {bad}") <= len(members), f"{bad} can't be satisfied")
                policy.groups[name] = (int(count), tuple(members))
                names, free = names | {name}, free - set(members) | {name}
            case [b"quorum", name]:
                _form(policy.quorum == b"", "the policy has two quorum lines")
                _form(name in names, f"{bad} names a quorum that is not defined before it")
                policy.quorum = name
            case _:
                _form(not words or words[0].startswith(b"#"), f"{bad} is not a log, witness, group or quorum line")
    _form(policy.quorum != b"", "the policy has no quorum line")
    return policy


def _policy_key(text: bytes, kinds: Sequence[int], others: Iterable[Key], bad: str) -> Key:
    key = parse_vkey(spelt := text.decode("utf-8", "replace"))
    _form(spelt.encode() == text, f"{bad} has a key that is not UTF-8")
    _form(key.kind in kinds, f"{bad} has a key of the wrong kind")
    _form(key.public not in {k.public for k in others}, f"{bad} repeats a key: one key has one vote, under one name")
    return key


@dataclass(slots=True)
class Trust:
    """What a verifier believes in from the start: the log's keys, a policy, the time, a cosignature's greatest age."""

    keys: Sequence[Key] = ()
    policy: Policy = field(default_factory=lambda: Policy(quorum=b"none"))
    now: int = 0
    max_age: int = LARGEST
    origin: str = ""  # where it is not the name of the log's key

    def check(self, raw: bytes) -> tuple[Checkpoint, list[str]]:
        """The log signed this checkpoint, and a fresh quorum of witnesses cosigned it. Returns what was proven."""
        log, witnesses = self.keys or self.policy.logs, set(self.policy.witnesses.values())
        text, signed, unchecked = verify_note(raw, [*log, *witnesses])
        point, by = parse_checkpoint(text), {self.origin or key.name for key in log if key in signed}
        _form(bool(by) or set(log).isdisjoint(unchecked), "the log's signature can't be checked: no ML-DSA-44 here")
        _need(bool(by), "the checkpoint is not signed by the log's key")
        _need(point.origin in by, f"the checkpoint is of another log: {point.origin}")
        _need(point.size > 0 or point.root == EMPTY_ROOT, "the checkpoint of size 0 has not the empty tree's root")
        told, fresh = [f"{key.name} is not checked: no ML-DSA-44 here" for key in unchecked], []
        for key in witnesses & signed.keys():
            ago = self.now - signed[key] if self.now else 0
            state = "cosigned in the future: its clock or ours is wrong" if ago < -CLOCKS_DIFFER else ""
            state = f"is a stale witness: it cosigned {ago // 3600} hours ago" if ago > self.max_age else state
            fresh += [] if state else [key]
            told.append(f"{key.name} {state or f'cosigned at {signed[key]} s since 1970'}")
        why = "; ".join([f"the witness quorum is not reached: {len(fresh)} of {len(witnesses)} cosigned", *told])
        _need(self.policy.satisfied([*fresh, *unchecked]), why)
        _form(self.policy.satisfied(fresh), why)
        return point, [f"{point.origin} signed a tree of {point.size} entries, root {point.root.hex()}", *sorted(told)]


def parse_proof(raw: bytes) -> tuple[int, list[bytes], bytes]:
    """Split a `.tlog-proof` into index, hashes from the leaf up, checkpoint. Its `extra` line proves nothing."""
    head, blank, checkpoint = raw.partition(b"\n\n")
    _form(blank != b"" and len(raw) <= LONGEST, "the proof is too long or has no checkpoint")
    lines = head.decode("ascii", "replace").split("\n")
    _form(lines.pop(0) == PROOF_HEADER, f"the proof does not begin with {PROOF_HEADER}")
    if lines and lines[0].startswith("extra "):
        strict_base64(lines.pop(0)[6:], "the extra line")
    _form(bool(lines) and lines[0].startswith("index "), "the proof has no index line")
    _form(len(lines) <= 1 + MOST_HASHES, f"the proof has more than {MOST_HASHES} hashes")
    return strict_number(lines[0][6:], "the index"), [strict_base64(h, "a hash", 32) for h in lines[1:]], checkpoint


def verify_proof(raw: bytes, entry: bytes, trust: Trust) -> list[str]:
    """The entry is in the trusted log, where the proof says. Returns what was proven."""
    index, hashes, note = parse_proof(raw)
    point, told = trust.check(note)
    verify_inclusion(leaf_hash(entry), index, point.size, hashes, point.root)
    return [*told, f"the entry is number {index} of that tree"]


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Where a tile (or a bundle: level `entries`) lies: `tile/0/x001/234`, with `.p/W` where it is not full."""
    path, high = f"{number % 1000:03d}", number // 1000
    while high:
        path, high = f"x{high % 1000:03d}/{path}", high // 1000
    return f"tile/{level}/{path}" + (f".p/{width}" if width < WIDTH else "")


def read_tile(read: Reader, level: int | str, number: int, width: int) -> bytes:
    """A tile's bytes; where a partial one is gone, the full one that replaced it."""
    for path in (tile_path(level, number, width), tile_path(level, number)):
        if (raw := read(path)) is not None:
            return raw
    raise Unreadable(f"{tile_path(level, number, width)} is missing: the log is truncated, or was pruned")


def split_bundle(raw: bytes, width: int) -> list[bytes]:
    """The first `width` entries of a bundle."""
    entries, at = list[bytes](), 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        _need(at + 2 <= len(raw) and end <= len(raw), "an entry bundle ends within an entry")
        entries.append(raw[at + 2 : end])
        at = end
    _need(len(entries) in (width, WIDTH), f"an entry bundle has {len(entries)} entries instead of {width}")
    return entries[:width]


def _verify_tile(read: Reader, level: int, number: int, hashes: list[bytes], rest: bytes = b"") -> bytes:
    path, want = tile_path(level, number, len(hashes)), b"".join(hashes)
    tile = read_tile(read, level, number, len(hashes))
    _need(tile.startswith(want) and len(tile) in (len(want), 32 * WIDTH), f"{path} is not the hashes of what it covers")
    return tree_root(hashes, rest)


def verify_log(read: Reader, trust: Trust, each: Each = lambda _index, _entry: None) -> list[str]:
    """Every entry is under the trusted checkpoint's root, and every tile right. `each` gets all, still unproven."""
    _form((raw := read("checkpoint")) is not None, "there is no checkpoint")
    point, told = trust.check(raw or b"")
    hashes, rest, level = list[bytes](), b"", 0
    for start in range(0, point.size, WIDTH):
        width = min(WIDTH, point.size - start)
        entries = split_bundle(read_tile(read, "entries", start // WIDTH, width), width)
        for index, entry in enumerate(entries, start):
            each(index, entry)
        hashes.append(_verify_tile(read, 0, start // WIDTH, [leaf_hash(entry) for entry in entries]))
    count = point.size
    while count:  # the hashes of full tiles are the level above; what is left over stands to their right
        rest = hashes.pop() if count % WIDTH else rest
        level, count = level + 1, count // WIDTH
        tiles = [hashes[i : i + WIDTH] for i in range(0, count, WIDTH)]
        rests = [b""] * (count // WIDTH) + [rest]
        hashes = [_verify_tile(read, level, n, tile, rests[n]) for n, tile in enumerate(tiles)]
    _need((rest or EMPTY_ROOT) == point.root, "the entries are not those that the checkpoint's root stands for")
    return [*told, "every entry of that tree is here, and every tile is right"]


def verify_fork(raw: bytes, trusted: Sequence[Key] = ()) -> list[str]:
    """The evidence shows that a log signed two histories: a trusted log or, where none is named, the one it names."""
    try:
        found = json.loads(raw)
        keys, notes = [parse_vkey(v) for v in found["vkeys"]], [found[n].encode() for n in ("first", "second")]
        prefix, proof = strict_base64(found["prefix"], "a root"), [strict_base64(h, "a hash") for h in found["proof"]]
        _form(found["format"] == FORK_FORMAT, "this is fork evidence of an unknown format")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable("this is not fork evidence") from error
    (old, _), (new, _) = (Trust(trusted or keys).check(note) for note in notes)
    _need(old.origin == new.origin, "the evidence is about two logs")
    verify_consistency(old.size, prefix, new.size, new.root, proof)
    _need(prefix != old.root, "the evidence shows no fork: the larger tree begins with the smaller")
    told = [f"{point.origin} signed size {point.size} with root {point.root.hex()}" for point in (old, new)]
    return [*told, f"but the second begins, at size {old.size}, with root {prefix.hex()}: these are two histories"]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the top of this file."""
    parser = argparse.ArgumentParser(description="Checks a ledger.")
    parser.add_argument("what", choices=["log", "proof", "fork"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--vkey", action="append", default=[])
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--max-age", type=int, default=1 << 40, metavar="HOURS")
    asked = parser.parse_args(arguments)
    if not (asked.vkey or asked.policy or asked.what == "fork"):
        parser.error("say whom you trust: --vkey or --policy")
    try:
        policy = parse_policy(asked.policy.read_bytes()) if asked.policy else Policy(quorum=b"none")
        trust = Trust([parse_vkey(v) for v in asked.vkey], policy, int(time.time()), asked.max_age * 3600)
        if asked.what == "log":
            told = verify_log(lambda p: (asked.path / p).read_bytes() if (asked.path / p).is_file() else None, trust)
        elif asked.what == "proof":
            told = verify_proof(asked.path.read_bytes(), sys.stdin.buffer.read(), trust)
        else:
            told = verify_fork(asked.path.read_bytes(), trust.keys)
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{'REFUTED' if isinstance(error, Refuted) else 'NOT DECIDED'}: {error}\n")
        return 1 if isinstance(error, Refuted) else 3
    sys.stdout.write("\n- ".join(["PROVEN", *told]) + f"\nNOT PROVEN\n- {NOT_PROVEN}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
