"""A tree as tiles: the right edge that grows, and hashes read back from tiles.

Source: C2SP tlog-tiles 0.1. A tile is 256 hashes; tile `n` of level `l` holds the hashes of the subtrees of `256**l`
leaves from number `256 * n` on. A full tile is one hash of the level above; partial tiles are not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from passerby.ledger import merkle
from passerby.ledger.errors import Misuse, Unreadable, Unsafe
from passerby.ledger.verify import WIDTH, Reader, leaf_hash, node_hash, read_tile, split_bundle, tile_path

LONGEST_ENTRY = 65_535
HEIGHT = 8  # 2**8 == WIDTH
File = tuple[str, bytes]


class Edge:
    """The right edge of a growing tree: for each level the hashes of its last, unfinished tile; and the last bundle."""

    def __init__(self) -> None:
        self.size = 0
        self._tiles: list[list[bytes]] = [[]]
        self._bundle: list[bytes] = []

    @classmethod
    def load(cls, read: Reader, size: int) -> Edge:
        """The edge of a stored tree.

        Raises:
            Unreadable: A tile is missing.
            Unsafe: The last bundle is not that of the last tile.
        """
        edge = cls()
        edge.size = size
        edge._tiles = [_hashes(read, level, size) for level in range(_levels(size))] or [[]]
        if width := size % WIDTH:
            edge._bundle = split_bundle(read_tile(read, "entries", size // WIDTH, width), width)
        if [leaf_hash(entry) for entry in edge._bundle] != edge._tiles[0]:
            raise Unsafe("the last entries are not those of the last tile: restore the folder from a mirror")
        return edge

    def add(self, entry: bytes) -> Iterator[File]:
        """One more entry; yields the tiles and the bundle that it completes.

        Raises:
            Misuse: It is longer than 65,535 bytes.
        """
        check_length(entry)
        self._bundle.append(entry)
        self._tiles[0].append(leaf_hash(entry))
        self.size += 1
        if self.size % WIDTH == 0:
            yield tile_path("entries", self.size // WIDTH - 1), join_bundle(self._bundle)
            self._bundle = []
            yield from self._close(0)

    def _close(self, level: int) -> Iterator[File]:
        hashes = self._tiles[level]
        yield tile_path(level, (self.size >> (HEIGHT * (level + 1))) - 1), b"".join(hashes)
        self._tiles[level] = []
        if len(self._tiles) == level + 1:
            self._tiles.append([])
        self._tiles[level + 1].append(fold(hashes))
        if len(self._tiles[level + 1]) == WIDTH:
            yield from self._close(level + 1)

    def partial(self) -> Iterator[File]:
        """The unfinished tiles and bundle, as they must be served for a checkpoint of this size."""
        if self._bundle:
            yield tile_path("entries", self.size // WIDTH, len(self._bundle)), join_bundle(self._bundle)
        for level, hashes in enumerate(self._tiles):
            if hashes:
                yield tile_path(level, self.size >> (HEIGHT * (level + 1)), len(hashes)), b"".join(hashes)

    def root(self) -> bytes:
        """The tree's root."""
        return merkle.root(self.size, self._get)

    def _get(self, level: int, index: int) -> bytes:
        # The subtrees that make up a root lie in the unfinished tiles.
        height = level % HEIGHT
        first = (index << height) % WIDTH
        return fold(self._tiles[level // HEIGHT][first : first + (1 << height)])


class StoredHashes:
    """The hashes of a stored tree, for making proofs. Holds the tiles it used last.

    Args:
        read: The log's files.
        size: The tree's size; tiles are read as wide as they are in a tree of this size.
        keep: How many tiles to hold, 8 KiB each.
    """

    def __init__(self, read: Reader, size: int, keep: int = 64) -> None:
        self._read, self.size, self._keep = read, size, keep
        self._tiles: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def __call__(self, level: int, index: int) -> bytes:
        """The hash of the full subtree of `2**level` leaves with this number."""
        height = level % HEIGHT
        first = index << height
        tile = self._tile(level // HEIGHT, first // WIDTH)
        at = first % WIDTH * 32
        raw = tile[at : at + (32 << height)]
        return fold([raw[i : i + 32] for i in range(0, len(raw), 32)])

    def root(self) -> bytes:
        """The tree's root."""
        return merkle.root(self.size, self)

    def _tile(self, level: int, number: int) -> bytes:
        if (tile := self._tiles.get((level, number))) is None:
            width = min(WIDTH, (self.size >> (HEIGHT * level)) - number * WIDTH)
            tile = self._tiles[level, number] = read_tile(self._read, level, number, width)[: 32 * width]
            if len(tile) < 32 * width:
                raise Unreadable(f"{tile_path(level, number, width)} is cut")
            if len(self._tiles) > self._keep:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end((level, number))
        return tile


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def check_length(entry: bytes) -> None:
    """Refuse an entry that no bundle can hold."""
    if len(entry) > LONGEST_ENTRY:
        raise Misuse(f"an entry of {len(entry)} bytes is too long: {LONGEST_ENTRY} is the most; log its hash instead")


def join_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_entry(read: Reader, index: int, size: int) -> bytes:
    """One entry of a stored log of this size; unproven."""
    number = index // WIDTH
    width = min(WIDTH, size - number * WIDTH)
    return split_bundle(read_tile(read, "entries", number, width), width)[index % WIDTH]


def partials_of(path: str) -> str:
    """The folder of the partial tiles that a full tile replaces."""
    return f"{path}.p"


def _levels(size: int) -> int:
    return -(-size.bit_length() // HEIGHT)


def _hashes(read: Reader, level: int, size: int) -> list[bytes]:
    count = size >> (HEIGHT * level)
    width = count % WIDTH
    if not width:
        return []
    raw = read_tile(read, level, count // WIDTH, width)
    return [raw[i : i + 32] for i in range(0, 32 * width, 32)]
