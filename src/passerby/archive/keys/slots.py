"""A slot: one wrapped key and, in clear, whose it is and until when it lives. Every slot has the same size.

The key is wrapped with AES-256-GCM under the master of its generation; everything else in the slot, its place, its
generation and the key file's own id are authenticated with it, so no slot can be moved, copied back or relabelled.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerby.archive.keys.names import EpochId, Kind
from passerby.base.errors import KeysError, UsageError

SLOT_BYTES, HEAD_BYTES = 256, 256
MARK, FILE_MARK, VERSION = b"PSLT", b"PSBYKEYS", 1
NONCE_BYTES, WRAPPED_BYTES = 12, 48
_LABEL = struct.Struct(">4sBBxxqqqqq64s")
_AT_BORN = 24
_AT_NONCE, _AT_KEY = _LABEL.size, _LABEL.size + NONCE_BYTES
_HEAD = struct.Struct(">8sB7x16sQ")
KINDS = tuple(Kind)
FREE = bytes(SLOT_BYTES)
Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Label:
    """What a slot says in clear.

    Args:
        epoch: Whose key it is.
        born_us: When it was made, by the archive's own clock (`passerby.archive.clock`).
        due_us: When it has to be destroyed, by the same clock.
        keep_us: How long after its period's end that was to be.
    """

    epoch: EpochId
    born_us: int
    due_us: int
    keep_us: int

    def pack(self) -> bytes:
        """The slot's first bytes."""
        e = self.epoch
        kind = KINDS.index(Kind(e.kind))
        times = (e.period_us, e.length_us, self.born_us, self.due_us, self.keep_us)
        return _LABEL.pack(MARK, VERSION, kind, *times, e.camera.encode())


def beginning(epoch: EpochId) -> bytes:
    """How the slot of an epoch begins; those of other cameras in the same period begin so, too."""
    return Label(epoch, 0, 0, 0).pack()[:_AT_BORN]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a slot lies, as far as its wrapping depends on it.

    Args:
        file: The key file's own id, 16 random bytes.
        generation: Of the master.
        index: The slot's number.
    """

    file: bytes
    generation: int
    index: int

    def pack(self) -> bytes:
        """Its bytes."""
        return struct.pack(">16sQQ", self.file, self.generation, self.index)


def wrap(label: Label, key: bytes, master: bytes, place: Place, randomness: Randomness) -> bytes:
    """A whole slot."""
    head, nonce = label.pack(), randomness(NONCE_BYTES)
    wrapped = AESGCM(master).encrypt(nonce, key, head + place.pack())
    return (head + nonce + wrapped).ljust(SLOT_BYTES, b"\0")


def unwrap(slot: bytes, master: bytes, place: Place) -> bytes:
    """The key in a slot.

    Raises:
        KeysError: It does not open under this master at this place.
    """
    nonce, wrapped = slot[_AT_NONCE:_AT_KEY], slot[_AT_KEY : _AT_KEY + WRAPPED_BYTES]
    try:
        return AESGCM(master).decrypt(nonce, wrapped, slot[:_AT_NONCE] + place.pack())
    except InvalidTag as error:
        raise KeysError(f"slot {place.index} of the key file is damaged", "run: passerby archive check") from error


def label_of(slot: bytes) -> Label | None:
    """What a slot says; None where it is free or says nothing that makes sense."""
    if len(slot) < SLOT_BYTES or slot[:4] != MARK:
        return None
    _, version, kind, period, length, born, due, keep, camera = _LABEL.unpack_from(slot)
    try:
        epoch = EpochId(camera.rstrip(b"\0").decode("ascii"), period, length, KINDS[kind].value)
    except (UnicodeDecodeError, UsageError, IndexError):
        return None
    return Label(epoch, born, due, keep) if version == VERSION else None


def wrapped_of(slot: bytes) -> bytes:
    """The wrapped key: the bytes that must be found nowhere once it is destroyed."""
    return slot[_AT_KEY : _AT_KEY + WRAPPED_BYTES]


def pack_head(file: bytes, generation: int) -> bytes:
    """The first bytes of a file of slots."""
    return _HEAD.pack(FILE_MARK, VERSION, file, generation).ljust(HEAD_BYTES, b"\0")


def parse_head(raw: bytes) -> tuple[bytes, int] | None:
    """The key file's id and the generation; None where it is no file of slots.

    Raises:
        KeysError: A newer Passerby made it.
    """
    if len(raw) < HEAD_BYTES or raw[:8] != FILE_MARK:
        return None
    _, version, file, generation = _HEAD.unpack_from(raw)
    if version != VERSION:
        raise KeysError("the key file was made by another version of Passerby", "use that one, or a newer")
    return file, generation
