"""Files of encrypted epochs: a header in clear, then chunks, each a head in clear and AES-256-GCM (NIST SP 800-38D).

A chunk is an init section or a part of about half a second, so any part opens by itself. What a chunk authenticates
beside its own bytes: the whole header (camera, epoch, class, salt, sealed share) and its own head: number, kind, flags,
time, length. The last chunk of a file that was closed says so (`END`) and holds the hashes of all others
(`passerby.archive.tree`). Nonces are random: a place in a file may be written twice after a fault, a nonce never is.
Each file has a key of its own, by its salt.

Heads carry a CRC-32 of head and ciphertext, so that after a crash everybody can tell what is whole without any key.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import MOST_SEALED, SALT_BYTES
from passerby.base.errors import Altered, UsageError

MARK, VERSION = b"PASSERBY", 2
CHUNK_MARK = b"CHNK"
INIT, PART, END = 1, 2, 3
NONCE_BYTES, TAG_BYTES, CHECK_BYTES = 12, 16, 8
# Mark, version, lengths of name and sealed share.
_FIXED = struct.Struct(">8sB3xHH")
# Mark, kind, flags, number, start µs, duration µs, bytes in clear, nonce; a CRC-32 follows.
_HEAD = struct.Struct(">4sBBIqqI12s")
HEAD_BYTES = _HEAD.size + 4
OVERHEAD = HEAD_BYTES + TAG_BYTES
LARGEST_CHUNK = 256 << 20
_DOMAIN = b"passerby/chunk@2\n"
# Names of epochs are far shorter than a kilobyte.
LONGEST_HEADER = _FIXED.size + 1024 + SALT_BYTES + MOST_SEALED + CHECK_BYTES
Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself.

    Args:
        epoch: Whose file it is.
        salt: 32 random bytes.
        sealed: The share of its key as the keeper alone can read it; empty where there is no keeper.
    """

    epoch: EpochId
    salt: bytes
    sealed: bytes = b""

    def pack(self) -> bytes:
        """Its bytes, which every chunk authenticates.

        Raises:
            UsageError: The salt or the sealed share has not the right length.
        """
        if len(self.salt) != SALT_BYTES or len(self.sealed) > MOST_SEALED:
            raise UsageError("a file's header has a salt of 32 bytes and a sealed share of at most 65535")
        name = self.epoch.canonical()
        body = _FIXED.pack(MARK, VERSION, len(name), len(self.sealed)) + name + self.salt + self.sealed
        return body + sha256(body).digest()[:CHECK_BYTES]


@dataclass(frozen=True, slots=True)
class Head:
    """What a chunk says in clear, and authenticates.

    Args:
        kind: `INIT`, `PART` or `END`.
        flags: As in `passerby.archive.boxes`.
        number: Counts up over the file, from 0.
        start_us: Microseconds since 1970; of an init section, its number in the file.
        duration_us: Microseconds.
        length: Bytes in clear.
        nonce: Random.
    """

    kind: int
    flags: int
    number: int
    start_us: int
    duration_us: int
    length: int
    nonce: bytes

    def pack(self) -> bytes:
        """All of the head but its checksum."""
        return _HEAD.pack(
            CHUNK_MARK, self.kind, self.flags, self.number, self.start_us, self.duration_us, self.length, self.nonce
        )

    @property
    def stored(self) -> int:
        """Bytes that the chunk takes in its file."""
        return OVERHEAD + self.length


def parse_head(raw: bytes) -> Head | None:
    """A chunk's head without a look at its checksum; None where none is."""
    if len(raw) < HEAD_BYTES:
        return None
    mark, kind, flags, number, start, duration, length, nonce = _HEAD.unpack_from(raw)
    if mark != CHUNK_MARK or kind not in (INIT, PART, END) or length > LARGEST_CHUNK:
        return None
    return Head(kind, flags, number, start, duration, length, nonce)


def read_header(fd: int) -> Header | None:
    """The header of a file, or None where there is none that is whole.

    Args:
        fd: Open for reading.
    """
    return parse_header(os.pread(fd, LONGEST_HEADER, 0))


def parse_header(raw: bytes) -> Header | None:
    """The header that some bytes begin with, or None where there is none that is whole."""
    if len(raw) < _FIXED.size:
        return None
    mark, version, name, sealed = _FIXED.unpack_from(raw)
    if (mark, version) != (MARK, VERSION):
        return None
    raw = raw[: _FIXED.size + name + SALT_BYTES + sealed + CHECK_BYTES]
    body, check = raw[:-CHECK_BYTES], raw[-CHECK_BYTES:]
    if sha256(body).digest()[:CHECK_BYTES] != check or (epoch := _epoch_of(raw[_FIXED.size :][:name])) is None:
        return None
    at = _FIXED.size + name
    header = Header(epoch, raw[at : at + SALT_BYTES], raw[at + SALT_BYTES : -CHECK_BYTES])
    return header if header.pack() == raw else None


def _epoch_of(name: bytes) -> EpochId | None:
    try:
        _, camera, period, length, kind, _ = name.decode("ascii").split("\n")
        found = EpochId(camera, int(period), int(length), kind)
    except (ValueError, UsageError):
        return None
    return found if found.canonical() == name else None


def whole_chunk(fd: int, at: int, end: int) -> Head | None:
    """The chunk at a place, if it lies wholly before ``end`` and its checksum holds."""
    head = parse_head(os.pread(fd, HEAD_BYTES, at))
    if head is None or at + head.stored > end:
        return None
    return head if is_whole(head, os.pread(fd, head.stored, at)) else None


def is_whole(head: Head, raw: bytes) -> bool:
    """Whether these bytes are the chunk of that head, as its checksum says."""
    if len(raw) != head.stored or raw[: _HEAD.size] != head.pack():
        return False
    (checksum,) = struct.unpack_from(">I", raw, _HEAD.size)
    return bool(zlib.crc32(raw[HEAD_BYTES:], zlib.crc32(raw[: _HEAD.size])) == checksum)


class Cipher:
    """Seals and opens the chunks of one file.

    Args:
        header: The file's.
        key: The file's, from `shares.epoch_key`.
        randomness: For nonces.
    """

    def __init__(self, header: Header, key: bytes, randomness: Randomness = os.urandom) -> None:
        self.header, self._randomness = header, randomness
        self._gcm = AESGCM(key)
        self._bound = _DOMAIN + sha256(header.pack()).digest()
        self.number = 0

    def seal(self, kind: int, flags: int, start_us: int, duration_us: int, clear: bytes) -> bytes:
        """The next chunk of the file, as it is stored."""
        nonce = self._randomness(NONCE_BYTES)
        head = Head(kind, flags, self.number, start_us, duration_us, len(clear), nonce).pack()
        self.number += 1
        sealed = self._gcm.encrypt(nonce, clear, self._bound + head)
        return b"".join((head, struct.pack(">I", zlib.crc32(sealed, zlib.crc32(head))), sealed))

    def open(self, head: Head, stored: bytes) -> bytes:
        """A chunk in clear.

        Args:
            head: From `parse_head` of the same bytes.
            stored: The whole chunk.

        Raises:
            Altered: It is not what was written for this camera, epoch, class and place.
        """
        try:
            return self._gcm.decrypt(head.nonce, stored[HEAD_BYTES : head.stored], self._bound + head.pack())
        except InvalidTag as error:
            raise Altered(
                f"a part of {self.header.epoch.camera}'s video is not what was written", "run: passerby archive check"
            ) from error
