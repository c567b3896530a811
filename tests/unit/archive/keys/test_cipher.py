"""Chunks: what is written comes back, and nothing else opens. Published cases of AES-256-GCM and HKDF-SHA256."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.archive.keys.cases import GCM, HKDF_CASES

from passerby.archive.keys.cipher import HEAD_BYTES, INIT, PART, Cipher, Header, parse_head, read_header, whole_chunk
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.keys.shares import NoShares, Share, epoch_key
from passerby.base.errors import Altered, ShareRefused, UsageError

EPOCH = EpochId("entrance", 7 * HOUR_US)
HEADER = Header(EPOCH, b"s" * 32, b"sealed")
KEY = bytes(range(32))
times = st.integers(-(2**62), 2**62)


@given(st.binary(max_size=300), st.sampled_from([INIT, PART]), st.integers(0, 7), times, times)
def test_what_is_sealed_opens(clear: bytes, kind: int, flags: int, start: int, duration: int) -> None:
    stored = Cipher(HEADER, KEY).seal(kind, flags, start, duration, clear)
    head = parse_head(stored)
    assert head is not None
    assert (head.kind, head.flags, head.start_us, head.duration_us) == (kind, flags, start, duration)
    assert len(stored) == head.stored
    assert Cipher(HEADER, KEY).open(head, stored) == clear


def test_each_byte_counts() -> None:
    stored = Cipher(HEADER, KEY).seal(PART, 1, 5, 6, b"a picture")
    for at in range(len(stored)):
        changed = bytearray(stored)
        changed[at] ^= 1
        head = parse_head(bytes(changed))
        if head is not None and not HEAD_BYTES - 4 <= at < HEAD_BYTES:  # the checksum is for everybody, not for the key
            with pytest.raises(Altered):
                Cipher(HEADER, KEY).open(head, bytes(changed))


OTHERS = [
    replace(HEADER, epoch=replace(EPOCH, camera="exit")),
    replace(HEADER, epoch=replace(EPOCH, period_us=8 * HOUR_US)),
    replace(HEADER, epoch=replace(EPOCH, length_us=HOUR_US // 2)),
    replace(HEADER, epoch=replace(EPOCH, kind="sealed")),
    replace(HEADER, salt=b"t" * 32),
    replace(HEADER, sealed=b""),
]


@pytest.mark.parametrize("other", OTHERS)
def test_camera_epoch_class_and_share_are_bound(other: Header) -> None:
    stored = Cipher(HEADER, KEY).seal(PART, 1, 5, 6, b"a picture")
    head = parse_head(stored)
    assert head is not None
    with pytest.raises(Altered, match="not what was written"):
        Cipher(other, KEY).open(head, stored)


def test_two_chunks_of_one_file_can_not_change_places() -> None:
    cipher = Cipher(HEADER, KEY)
    one, two = (cipher.seal(PART, 1, 5, 6, b"a picture") for _ in range(2))
    heads = parse_head(one), parse_head(two)
    assert heads[0] and heads[1]
    assert (heads[0].number, heads[1].number) == (0, 1)
    assert one[HEAD_BYTES:] != two[HEAD_BYTES:]
    with pytest.raises(Altered):
        cipher.open(heads[0], one[:HEAD_BYTES] + two[HEAD_BYTES:])


def test_the_key_is_of_slot_share_salt_and_epoch() -> None:
    keys = {
        epoch_key(slot, share, salt, epoch)
        for slot in (b"a" * 32, b"b" * 32)
        for share in (b"", b"c" * 32)
        for salt in (b"s" * 32, b"t" * 32)
        for epoch in (EPOCH, OTHERS[0].epoch, OTHERS[1].epoch, OTHERS[2].epoch, OTHERS[3].epoch)
    }
    assert len(keys) == 2 * 2 * 2 * 5


def test_no_two_epochs_have_one_canonical_name() -> None:
    names = {replace(HEADER, salt=b"s" * 32, sealed=b"", epoch=o.epoch).epoch.canonical() for o in OTHERS}
    assert len(names) == 5
    with pytest.raises(UsageError):
        EpochId("a\nb", 0)


def test_without_a_keeper_shares_are_empty_and_open_nothing_sealed() -> None:
    assert NoShares().new(EPOCH) == Share(b"", b"")
    assert NoShares().open(EPOCH, b"") == b""
    with pytest.raises(ShareRefused, match="keeper"):
        NoShares().open(EPOCH, b"x")


def test_a_header_comes_back_and_no_torn_one_does(tmp_path: Path) -> None:
    raw = HEADER.pack()
    path = tmp_path / "file"
    for end in range(len(raw) + 1):
        path.write_bytes(raw[:end])
        with path.open("rb") as file:
            assert read_header(file.fileno()) == (HEADER if end == len(raw) else None)
    for at in range(len(raw)):
        path.write_bytes(raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :])
        with path.open("rb") as file:
            assert read_header(file.fileno()) is None


def test_what_is_whole_shows_without_a_key(tmp_path: Path) -> None:
    stored = Cipher(HEADER, KEY).seal(PART, 1, 5, 6, os.urandom(200))
    path = tmp_path / "file"
    for end in (0, 10, HEAD_BYTES - 1, HEAD_BYTES, 100, len(stored) - 1, len(stored)):
        path.write_bytes(stored[:end])
        with path.open("rb") as file:
            assert (whole_chunk(file.fileno(), 0, end) is not None) == (end == len(stored))
    for at in range(len(stored)):
        path.write_bytes(stored[:at] + bytes((stored[at] ^ 1,)) + stored[at + 1 :])
        with path.open("rb") as file:
            assert whole_chunk(file.fileno(), 0, len(stored)) is None


@pytest.mark.parametrize("case", GCM, ids=lambda c: c[0])
def test_published_cases_of_aes_gcm(case: tuple[str, str, str, str, str, str, str]) -> None:
    _, key, nonce, bound, clear, sealed, tag = case
    found = [bytes.fromhex(part) for part in (key, nonce, bound, clear, sealed, tag)]
    gcm = AESGCM(found[0])
    assert gcm.encrypt(found[1], found[3], found[2]) == found[4] + found[5]
    assert gcm.decrypt(found[1], found[4] + found[5], found[2]) == found[3]
    for at in range(16):
        changed = bytearray(found[5])
        changed[at] ^= 0x80
        with pytest.raises(InvalidTag):
            gcm.decrypt(found[1], found[4] + bytes(changed), found[2])


@pytest.mark.parametrize("case", HKDF_CASES, ids=lambda c: c[0])
def test_published_cases_of_hkdf(case: tuple[str, str, str, str, str]) -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    _, secret, salt, info, out = case
    expected = bytes.fromhex(out)
    derived = HKDF(SHA256(), len(expected), bytes.fromhex(salt) or None, bytes.fromhex(info))
    assert derived.derive(bytes.fromhex(secret)) == expected
