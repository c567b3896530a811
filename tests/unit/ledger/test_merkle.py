"""Proofs against the definition written out, and verifiers against every small tree and every kind of damage."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger.kit import leaves

from passerby.ledger import merkle
from passerby.ledger import verify as v
from passerby.ledger.errors import Refuted

SMALL = range(1, 18)


def naive(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive(hashes[:k]) + naive(hashes[k:])).digest()


def naive_path(m: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if m < k:
        return [*naive_path(m, hashes[:k]), naive(hashes[k:])]
    return [*naive_path(m - k, hashes[k:]), naive(hashes[:k])]


def naive_subproof(m: int, hashes: list[bytes], b: bool) -> list[bytes]:
    """RFC 6962, 2.1.2, word for word."""
    if m == len(hashes):
        return [] if b else [naive(hashes)]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, hashes[:k], b), naive(hashes[k:])]
    return [*naive_subproof(m - k, hashes[k:], False), naive(hashes[:k])]


def test_hashes_are_those_of_the_standard() -> None:
    """Known answers: the roots of certificate-transparency-go's eight test leaves."""
    entries = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, root in roots.items():
        assert merkle.root_of_entries(entries[:size]).hex() == root
        assert v.tree_root([v.leaf_hash(e) for e in entries[:size]]).hex() == root


@pytest.mark.parametrize("size", SMALL)
def test_inclusion_of_every_leaf(size: int) -> None:
    hashes = leaves(size)
    get = merkle.of_leaves(hashes)
    assert merkle.root(size, get) == naive(hashes) == v.tree_root(hashes)
    for index in range(size):
        proof = merkle.inclusion(index, size, get)
        assert proof == naive_path(index, hashes)
        v.verify_inclusion(hashes[index], index, size, proof, naive(hashes))
        for other in range(size + 2):
            if other != index:
                with pytest.raises(Refuted):
                    v.verify_inclusion(hashes[index], other, size, proof, naive(hashes))


@pytest.mark.parametrize("new", SMALL)
def test_consistency_of_every_pair(new: int) -> None:
    hashes = leaves(new)
    get = merkle.of_leaves(hashes)
    for old in range(new + 1):
        proof = merkle.consistency(old, new, get)
        assert proof == (naive_subproof(old, hashes, True) if old else [])
        v.verify_consistency(old, naive(hashes[:old]), new, naive(hashes), proof)
        with pytest.raises(Refuted):
            v.verify_consistency(old, naive(leaves(old or 1, "other")), new, naive(hashes), proof)
        with pytest.raises(Refuted):
            v.verify_consistency(old, naive(hashes[:old]), new, naive(leaves(new, "other")), proof or [bytes(32)])


@pytest.mark.parametrize("size", range(1, 12))
def test_every_subtree(size: int) -> None:
    hashes = leaves(size)
    get, root = merkle.of_leaves(hashes), naive(leaves(size))
    for start in range(size + 1):
        for end in range(size + 2):
            width = 1
            while width < end - start:
                width *= 2
            if not (start < end <= size and start % width == 0):
                with pytest.raises(ValueError, match=r"not a subtree"):
                    merkle.subtree(start, end, size, get)
                with pytest.raises(Refuted, match=r"not a subtree|outside"):
                    v.verify_subtree_consistency(start, end, size, root, root, [])
                continue
            proof, inner = merkle.subtree(start, end, size, get), naive(hashes[start:end])
            v.verify_subtree_consistency(start, end, size, inner, root, proof)
            for index in range(start, end):
                path = naive_path(index - start, hashes[start:end])
                v.verify_inclusion(hashes[index], index, end, path, inner, start)
            for outside in (start - 1, end):
                with pytest.raises(Refuted, match=r"outside"):
                    v.verify_inclusion(hashes[start], outside, end, [], inner, start)


@settings(max_examples=80)
@given(st.data())
def test_no_damaged_proof_is_believed(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    hashes = leaves(size)
    get, root = merkle.of_leaves(hashes), naive(leaves(size))
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency(old, size, get)
    v.verify_consistency(old, naive(hashes[:old]), size, root, proof)
    at = data.draw(st.integers(0, len(proof)))
    damaged = data.draw(
        st.sampled_from(
            [
                [*proof[:at], bytes(32), *proof[at:]],
                proof[:at] + proof[at + 1 :],
                [*proof[:at], *(bytes([p[0] ^ 1]) + p[1:] for p in proof[at : at + 1]), *proof[at + 1 :]],
                proof[::-1],
            ]
        )
    )
    if damaged != proof:
        with pytest.raises(Refuted):
            v.verify_consistency(old, naive(hashes[:old]), size, root, damaged)


@given(st.integers(1, 1 << 62), st.data())
def test_huge_trees_do_not_frighten(size: int, data: st.DataObject) -> None:
    """Indices near 2^63 in a tree of equal leaves, whose hashes are one a level."""
    level = [bytes(32)]
    for _ in range(63):
        level.append(v.node_hash(level[-1], level[-1]))
    index = data.draw(st.integers(0, size - 1))
    get = lambda height, _number: level[height]  # noqa: E731
    proof = merkle.inclusion(index, size, get)
    v.verify_inclusion(bytes(32), index, size, proof, merkle.root(size, get))
    with pytest.raises(Refuted):
        v.verify_inclusion(bytes(32), index, size, [*proof, bytes(32)], merkle.root(size, get))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: v.verify_inclusion(bytes(31), 0, 1, [], bytes(32)), "a hash is not 32 bytes long"),
        (lambda: v.verify_inclusion(bytes(32), 0, 1, [], bytes(33)), "a hash is not 32 bytes long"),
        (lambda: v.verify_inclusion(bytes(32), 0, 2, [b""], bytes(32)), "a hash is not 32 bytes long"),
        (lambda: v.verify_inclusion(bytes(32), 0, 1 << 63, [], bytes(32)), "a size or index is not between"),
        (lambda: v.verify_inclusion(bytes(32), -1, 1, [], bytes(32)), r"index -1 is outside \[0, 1\)"),
        (lambda: v.verify_inclusion(bytes(32), 1, 1, [], bytes(32)), r"index 1 is outside \[0, 1\)"),
        (lambda: v.verify_inclusion(bytes(32), 0, 0, [], bytes(32)), r"\[0, 0\) is not a subtree"),
        (lambda: v.verify_inclusion(bytes(32), 0, 2, [], bytes(32)), "the proof is too short"),
        (lambda: v.verify_inclusion(bytes(32), 0, 1, [bytes(32)], bytes(32)), "the proof is too long"),
        (lambda: v.verify_inclusion(bytes(32), 0, 1, [], b"\1" * 32), "leads to another root$"),
        (lambda: v.verify_consistency(2, bytes(32), 1, bytes(32), []), "a tree of 1 can't begin with a tree of 2"),
        (lambda: v.verify_consistency(0, bytes(32), 1, bytes(32), []), "size 0 has not the empty tree's root"),
        (lambda: v.verify_consistency(0, v.EMPTY_ROOT, 0, bytes(32), []), "size 0 has not the empty tree's root"),
        (lambda: v.verify_consistency(0, v.EMPTY_ROOT, 1, bytes(32), [bytes(32)]), "from size 0 is not empty"),
        (lambda: v.verify_consistency(-1, bytes(32), 1, bytes(32), []), "a size or index is not between"),
        (lambda: v.verify_consistency(1, bytes(32), 2, bytes(31), []), "a hash is not 32 bytes long"),
        (lambda: v.verify_consistency(0, v.EMPTY_ROOT, 2, bytes(31), []), "a hash is not 32 bytes long"),
        (lambda: v.verify_consistency(0, v.EMPTY_ROOT, 1 << 63, bytes(32), []), "a size or index is not between"),
        (
            lambda: v.verify_subtree_consistency(-1, 0, 1, bytes(32), bytes(32), []),
            "a size or index is not between",
        ),
        (lambda: v.verify_consistency(1, bytes(32), 2, bytes(32), []), "the proof is too short"),
        (lambda: v.verify_consistency(3, bytes(32), 4, bytes(32), []), "the proof is too short"),
        (lambda: v.verify_consistency(1, bytes(32), 1, b"\1" * 32, []), "leads to another root$"),
        (lambda: v.verify_consistency(1, bytes(32), 1, bytes(32), [bytes(32)]), "the proof is too long"),
        (lambda: v.verify_consistency(3, bytes(32), 4, bytes(32), [bytes(32)] * 3), "root of the smaller tree"),
        (lambda: v.verify_subtree_consistency(2, 4, 3, bytes(32), bytes(32), []), "outside a tree of 3"),
        (lambda: v.verify_subtree_consistency(0, 1, 1 << 63, bytes(32), bytes(32), []), "a size or index is not"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_is_wrong(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refuted, match=words):
        call()


def test_the_largest_size_is_taken() -> None:
    v.verify_consistency(v.LARGEST, b"r" * 32, v.LARGEST, b"r" * 32, [])
    v.verify_consistency(0, v.EMPTY_ROOT, v.LARGEST, bytes(32), [])
    v.verify_consistency(0, v.EMPTY_ROOT, 0, v.EMPTY_ROOT, [])


def test_a_root_with_something_smaller_to_its_right() -> None:
    hashes = leaves(13)
    rest = naive(hashes[12:])
    assert v.tree_root([naive(hashes[n : n + 4]) for n in (0, 4, 8)], rest) == naive(hashes)
    assert v.tree_root([], rest) == rest
    assert v.tree_root([]) == v.EMPTY_ROOT


def test_nothing_lies_left_of_the_first_leaf() -> None:
    get = merkle.of_leaves(leaves(4))
    for start, end in ((-1, 0), (-1, 1), (-2, 0)):
        with pytest.raises(ValueError, match=r"not a subtree"):
            merkle.subtree(start, end, 4, get)
