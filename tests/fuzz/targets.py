"""What must hold for any bytes: each target takes them, and raises only where the ledger is wrong.

Read and written again is the same; only the ledger's own errors come out; generators and verifiers agree.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from tests.unit.ledger.kit import LOG, W1, static_log

from passerby.ledger import checkpoint, merkle
from passerby.ledger.note import add_signatures, format_vkey, sign_note, signature_line
from passerby.ledger.policy import Witness, compose
from passerby.ledger.tiles import join_bundle
from passerby.ledger.verify import (
    EMPTY_ROOT,
    Key,
    LedgerError,
    Policy,
    Refuted,
    Trust,
    Unreadable,
    leaf_hash,
    node_hash,
    parse_checkpoint,
    parse_note,
    parse_policy,
    parse_proof,
    parse_vkey,
    split_bundle,
    verify_consistency,
    verify_inclusion,
    verify_log,
    verify_note,
    verify_proof,
    verify_subtree_consistency,
)

Target = Callable[[bytes], None]
LARGEST = (1 << 63) - 1
WHEN = 1_790_000_000


def note(raw: bytes) -> None:
    """A note that is read is written again byte for byte, and can be signed by others."""
    with contextlib.suppress(LedgerError):
        verify_note(raw, [LOG.key, W1.key])
    try:
        text, signatures = parse_note(raw)
    except Unreadable:
        return
    assert (text + "\n" + "".join(signature_line(*parts) for parts in signatures)).encode() == raw
    mine = sign_note(text, [LOG], 0)
    assert verify_note(mine, [LOG.key]) == (text, {LOG.key: 0}, [])
    both = add_signatures(mine, [W1.sign(text, WHEN)])
    assert verify_note(both, [W1.key, LOG.key]) == (text, {LOG.key: 0, W1.key: WHEN}, [])
    assert add_signatures(both, [W1.sign(text, WHEN)]) == both


def tree_head(raw: bytes) -> None:
    """A checkpoint begins with what is written for the same tree, and is believed when the log has signed it."""
    try:
        text = raw.decode()
        point = parse_checkpoint(text)
    except (UnicodeDecodeError, Unreadable):
        return
    if any(c < " " for c in text.replace("\n", "")):
        return  # no note holds it
    assert text.startswith(checkpoint.body(point.origin, point.size, point.root))
    signed = sign_note(text, [LOG], 0)
    assert checkpoint.unverified(signed) == point
    try:
        assert Trust([LOG.key], origin=point.origin).check(signed)[0] == point
    except Refuted:
        assert point.size == 0
        assert point.root != EMPTY_ROOT


def tile(raw: bytes) -> None:
    """A bundle that is read is written again the same; a log in which any one byte was changed is refused.

    Of a full bundle that has replaced a partial one only the first entries are given: then the full one is.
    """
    width, content = raw[:1], raw[1:]
    try:
        entries = split_bundle(content, width[0] or 256) if width else []
    except LedgerError:
        entries = [content[i : i + 5] for i in range(0, min(len(content), 50), 5)]
    else:
        assert not width or join_bundle(entries) == content or join_bundle(split_bundle(content, 256)) == content
    entries = entries[:40]
    log = static_log(entries)
    found: list[bytes] = []
    verify_log(log.get, Trust([LOG.key]), lambda _, entry: found.append(entry))
    assert found == entries
    path = sorted(log)[sum(raw) % len(log)]
    at = sum(raw[::2]) % len(log[path])
    damaged = bytearray(log[path])
    damaged[at] ^= 1 << (len(raw) % 8)
    log[path] = bytes(damaged)
    try:
        verify_log(log.get, Trust([LOG.key]))
    except LedgerError:
        return
    raise AssertionError(f"byte {at} of {path} was changed, and nobody noticed")


def proof_file(raw: bytes) -> None:
    """A `.tlog-proof` that is read is written again the same, but for its extra line."""
    with contextlib.suppress(LedgerError):
        verify_proof(raw, b"entry 3", Trust([LOG.key]))
    try:
        index, hashes, signed = parse_proof(raw)
    except Unreadable:
        return
    head, extra, rest = raw.partition(b"\nextra ")
    if extra and b"\n" not in head:
        raw = head + b"\n" + rest.split(b"\n", 1)[1]
    assert checkpoint.format_proof(index, hashes, signed) == raw


def proof(raw: bytes) -> None:
    """Verifiers believe every proof that is made, and none in which a bit was turned, a hash left out or added."""
    numbers = sorted(int.from_bytes(raw[i : i + 8], "big") & LARGEST for i in (0, 8, 16))
    start, end, size = (number % 40 for number in numbers) if raw[:1] < b"\x80" else numbers
    start, end, size = sorted((start, end, size))
    get = _small if size < 40 else _uniform
    roots = {n: merkle.root(n, get) for n in (end, size)}
    claims: list[tuple[Callable[[list[bytes]], None], list[bytes]]] = []
    claims.append(
        (lambda p: verify_consistency(end, roots[end], size, roots[size], p), merkle.consistency(end, size, get))
    )
    if start < size:
        leaf = get(0, start)
        claims.append(
            (lambda p: verify_inclusion(leaf, start, size, p, roots[size]), merkle.inclusion(start, size, get))
        )
    try:
        parts = merkle.subtree(start, end, size, get)
    except ValueError:
        parts = None
    if parts is not None and size < 40:
        inner = merkle.root(end - start, lambda level, index: get(level, index + (start >> level)))
        claims.append((lambda p: verify_subtree_consistency(start, end, size, inner, roots[size], p), parts))
    for claim, made in claims:
        claim(made)
        for false in _damaged(made, raw[24:]):
            try:
                claim(false)
            except LedgerError:
                continue
            raise AssertionError(f"a false proof was believed: {start} {end} {size}")


def policy(raw: bytes) -> None:
    """A policy that is read can be composed again, and judges as its definition does."""
    for line in raw.split(b"\n"):
        _vkey(line)
    try:
        read = parse_policy(raw)
    except Unreadable:
        return
    signers = list(read.witnesses.values())
    for chosen in range(1 << min(len(signers), 4)):
        some = [key for number, key in enumerate(signers) if chosen >> number & 1]
        assert read.satisfied(some) == _satisfied(read, read.quorum, some)
        assert not read.satisfied(some) or read.satisfied(signers), "more cosignatures must not hurt"
    names = [*read.witnesses, *read.groups, read.quorum]
    urls = [*read.urls.values()]
    if all(name.isascii() for name in names) and not any("\N{REPLACEMENT CHARACTER}" in url for url in urls):
        again = compose(
            read.logs,
            [Witness(name.decode(), key, read.urls[key]) for name, key in read.witnesses.items()],
            {name.decode(): (least, [m.decode() for m in members]) for name, (least, members) in read.groups.items()},
            read.quorum.decode(),
        )
        assert parse_policy(again) == read


def _vkey(line: bytes) -> None:
    for word in line.split():
        try:
            key = parse_vkey(word.decode("utf-8", "replace"))
        except Unreadable:
            continue
        assert format_vkey(key) == word.decode("utf-8", "replace")


def _satisfied(read: Policy, name: bytes, some: Sequence[Key]) -> bool:
    """By the definition: a group is satisfied when enough of its members are."""
    if name == b"none":
        return True
    if name in read.witnesses:
        return read.witnesses[name] in some
    least, members = read.groups[name]
    return sum(_satisfied(read, member, some) for member in members) >= least


def _damaged(made: list[bytes], chosen: bytes) -> list[list[bytes]]:
    byte = (chosen or b"\0")[0]
    extra = (chosen + bytes(32))[:32]
    found = [[*made, extra], [extra, *made]]
    if made:
        at = byte % len(made)
        turned = bytearray(made[at])
        turned[byte % 32] ^= 1 << (byte >> 5)
        found += [
            made[:-1],
            made[1:],
            [*made[:at], bytes(turned), *made[at + 1 :]],
            [*made[:at], extra[:31], *made[at + 1 :]],
        ]
    return found


LEAVES = [leaf_hash(b"%d" % number) for number in range(40)]
_small = merkle.of_leaves(LEAVES)
_LEVELS = [leaf_hash(b"")]
for _ in range(64):
    _LEVELS.append(node_hash(_LEVELS[-1], _LEVELS[-1]))


def _uniform(level: int, index: int) -> bytes:
    """A tree of equal leaves, as large as one likes."""
    return _LEVELS[level]


TARGETS: dict[str, Target] = {
    "note": note, "checkpoint": tree_head, "tile": tile, "proof_file": proof_file, "proof": proof, "policy": policy,
}  # fmt: skip
