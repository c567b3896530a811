"""Keys under a passphrase: opened by it alone, and by no other file than the one that was written."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785

from passerby.base.errors import CharterError
from passerby.ledger.note import Signer, format_vkey, sign_note
from passerby.ledger.verify import COSIGN_ED25519, ED25519, parse_note, verify_note
from passerby.store.keys.sealed import Cost, seal, unseal, vkey_of
from passerby.store.keys.signing import signed_with

CHEAP = Cost(1, 1, 128)
KEY = Signer("operator.example.org", ED25519, bytes(range(32)))
FILE = seal(KEY, "correct horse", lambda n: b"r" * n, CHEAP)
FIELDS: dict[str, Any] = json.loads(FILE)


def test_there_and_back() -> None:
    assert unseal(FILE, "correct horse") == KEY
    assert vkey_of(FILE) == format_vkey(KEY.key)
    assert KEY.seed not in FILE and KEY.seed.hex().encode() not in FILE
    assert unseal(seal(KEY, "zwölf Wörter", lambda n: b"s" * n), "zwölf Wörter") == KEY  # as costly as in earnest


def test_the_default_is_costly() -> None:
    assert Cost() == Cost(3, 4, 65536)


@pytest.mark.parametrize("wrong", ["", "correct horse ", "Correct horse", "x"])
def test_another_passphrase(wrong: str) -> None:
    with pytest.raises(CharterError, match="passphrase"):
        unseal(FILE, wrong)


def test_every_character_matters() -> None:
    for at in range(len(FILE) - 1):
        garbled = bytearray(FILE)
        garbled[at] ^= 1
        with pytest.raises(CharterError):
            unseal(bytes(garbled), "correct horse")


@pytest.mark.parametrize("values", [
    {"passes": 17}, {"passes": 0}, {"passes": True}, {"lanes": 17}, {"lanes": 0}, {"memory_kib": 2**20 + 1},
    {"memory_kib": 127}, {"memory_kib": "128"}, {"salt": 1}, {"salt": ""}, {"nonce": "AA=="}, {"sealed": "AA=="},
    {"vkey": "x"}, {"format": "x"}, {"more": 1},
])  # fmt: skip
def test_what_is_no_key_file(values: dict[str, Any]) -> None:
    with pytest.raises(CharterError):
        unseal(rfc8785.dumps(FIELDS | values), "correct horse")


@pytest.mark.parametrize("junk", [b"", b"x", b"[]", b"{}", b"[" * 9999, b" " * 20000])
def test_junk(junk: bytes) -> None:
    with pytest.raises(CharterError):
        vkey_of(junk)


def test_another_keys_name_can_not_be_put_on_it() -> None:
    other = Signer("reviewer.example.org", ED25519, KEY.seed)
    with pytest.raises(CharterError):
        unseal(rfc8785.dumps(FIELDS | {"vkey": format_vkey(other.key)}), "correct horse")


def test_only_document_keys_and_real_passphrases() -> None:
    with pytest.raises(CharterError):
        seal(KEY, "", lambda n: b"r" * n, CHEAP)
    with pytest.raises(CharterError):
        seal(Signer("w", COSIGN_ED25519, bytes(32)), "x", lambda n: b"r" * n, CHEAP)


def test_signatures_are_added_one_by_one() -> None:
    second = Signer("reviewer.example.org", ED25519, bytes(32))
    note = signed_with("text\n", signed_with("text\n", None, KEY), second)
    assert note == sign_note("text\n", [KEY, second], 0)
    assert set(verify_note(note, [KEY.key, second.key])[1]) == {KEY.key, second.key}
    assert len(parse_note(signed_with("text\n", note, KEY))[1]) == 2
