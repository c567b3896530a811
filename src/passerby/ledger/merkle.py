"""Roots and proofs, made by their recursive definitions.

Sources: RFC 6962, 2.1 (MTH, PATH); draft-ietf-plants-merkle-tree-certs, 4.4 (SUBTREE_SUBPROOF). `verify` checks
them by walking the bits of the indices instead, and shares no algorithm with this file.

A tree is given by its hashes: `get(level, index)` is the hash of the full subtree over the leaves
`[index * 2**level, (index + 1) * 2**level)`. Callers ask only for subtrees that lie within the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from passerby.ledger.verify import EMPTY_ROOT, leaf_hash, node_hash

Hashes = Callable[[int, int], bytes]


def of_leaves(leaves: Sequence[bytes]) -> Hashes:
    """The hashes of a tree over these leaf hashes."""

    def get(level: int, index: int) -> bytes:
        return leaves[index] if level == 0 else node_hash(get(level - 1, 2 * index), get(level - 1, 2 * index + 1))

    return get


def root_of_entries(entries: Sequence[bytes]) -> bytes:
    """The root over entries."""
    return root(len(entries), of_leaves([leaf_hash(entry) for entry in entries]))


def root(size: int, get: Hashes) -> bytes:
    """The root of the first `size` leaves."""
    return _range(0, size, get) if size else EMPTY_ROOT


class Growing:
    """A tree that leaves are added to: keeps only the roots of its full subtrees, as many as its size has 1 bits."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """One more leaf hash."""
        bits, found = self.size, leaf
        while bits & 1:
            found, bits = node_hash(self._peaks.pop(), found), bits >> 1
        self._peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        """The root of all so far."""
        rest = b""
        for peak in reversed(self._peaks):
            rest = node_hash(peak, rest) if rest else peak
        return rest or EMPTY_ROOT


def inclusion(index: int, size: int, get: Hashes) -> list[bytes]:
    """The proof that a leaf is at `index` in the tree of `size` leaves, from the leaf's sibling upwards."""
    return subtree(index, index + 1, size, get)


def consistency(old: int, new: int, get: Hashes) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with the tree of `old`; empty from 0."""
    return subtree(0, old, new, get) if old else []


def subtree(start: int, end: int, size: int, get: Hashes) -> list[bytes]:
    """The proof that the leaves `[start, end)` of the tree of `size` have the root that they have by themselves.

    Raises:
        ValueError: `[start, end)` is not a subtree of it.
    """
    if not 0 <= start < end <= size or start % (1 << (end - start - 1).bit_length()):
        raise ValueError(f"[{start}, {end}) is not a subtree of a tree of {size}")
    return _subproof(start, end, 0, size, get, known=True)


def _subproof(start: int, end: int, low: int, high: int, get: Hashes, *, known: bool) -> list[bytes]:
    """SUBTREE_SUBPROOF of `[start, end)` in the leaves `[low, high)`; `known`: the verifier has the subtree's root."""
    if (start, end) == (low, high):
        return [] if known else [_range(low, high, get)]
    middle = low + _left(high - low)
    if end <= middle:
        return [*_subproof(start, end, low, middle, get, known=known), _range(middle, high, get)]
    if start >= middle:
        return [*_subproof(start, end, middle, high, get, known=known), _range(low, middle, get)]
    return [*_subproof(middle, end, middle, high, get, known=False), _range(low, middle, get)]


def _range(low: int, high: int, get: Hashes) -> bytes:
    """MTH of the leaves `[low, high)`. Every range that occurs begins at a multiple of its greatest power of two."""
    count = high - low
    if count & (count - 1) == 0:
        return get(count.bit_length() - 1, low // count)
    middle = low + _left(count)
    return node_hash(_range(low, middle, get), _range(middle, high, get))


def _left(count: int) -> int:
    """How many leaves the left side of a tree has: the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
