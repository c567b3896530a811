"""Notes and keys, byte by byte: what is taken, and what each malformed case is called."""

from __future__ import annotations

import base64
import os

import pytest
from tests.unit.ledger.kit import LOG, NOW, PQ, W1, W2, checkpoint, seed, signer

from passerby.ledger import verify as v
from passerby.ledger.errors import Misuse, Refuted, Unreadable
from passerby.ledger.note import (
    Signer,
    add_signatures,
    format_vkey,
    new_signer,
    parse_secret,
    sign_note,
    signature_line,
)

TEXT = "example.org/log\n3\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n"
LINE = LOG.sign(TEXT, 0)
NOTE = (TEXT + "\n" + LINE).encode()
DASH = "\N{EM DASH} "
SIG = base64.b64encode(bytes(9)).decode()


def with_line(line: str) -> bytes:
    return f"text\n\n{line}\n".encode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"x" * (1 << 20) + b"\n", "the note is longer than 1 MiB"),
        (b"\xff\n\n", "the note is not UTF-8"),
        (b"a\x00\n\n", "the note has a control character"),
        (b"a\t\n\n", "the note has a control character"),
        (b"a\r\n\n", "the note has a control character"),
        (b"a\x1f\n\n", "the note has a control character"),
        (b"", "the note does not end with a newline"),
        (NOTE[:-1], "the note does not end with a newline"),
        (b"text\n", "the note has no blank line before its signatures"),
        (b"text\n\n", "the note has no signature"),
        (NOTE + b"\n", "the note has no signature"),
        (f"text\n\n{f'{DASH}a {SIG}' + chr(10)}".encode() * 1 + f"{DASH}a {SIG}\n".encode() * 64, "more than 64 sig"),
        (with_line(f"- a {SIG}"), "a signature line does not begin with an em dash and a space"),
        (with_line(f"\N{EM DASH}a {SIG}"), "a signature line does not begin with an em dash and a space"),
        (with_line(f" {DASH}a {SIG}"), "a signature line does not begin with an em dash and a space"),
        (with_line(f"{DASH}{SIG}"), "a signature line has no signature"),
        (with_line(f"{DASH} {SIG}"), "a signature line has an empty key name, or a plus or space in it"),
        (with_line(f"{DASH}a+b {SIG}"), "a signature line has an empty key name, or a plus or space in it"),
        (with_line(f"{DASH}a\N{NO-BREAK SPACE}b {SIG}"), "a signature line has an empty key name, or a plus"),
        (with_line(f"{DASH}a\N{IDEOGRAPHIC SPACE}b {SIG}"), "a signature line has an empty key name, or a plus"),
        (with_line(f"{DASH}a b {SIG}"), "a signature is not base64"),
        (with_line(f"{DASH}a {SIG} "), "a signature is not base64"),
        (with_line(f"{DASH}a {SIG[:-1]}"), "a signature is not base64"),
        (with_line(f"{DASH}a AAAAAAAB="), "a signature is base64 with stray bits or padding"),
        (with_line(f"{DASH}a AAAAAAE-"), "a signature is not base64"),
        (with_line(f"{DASH}a AAAAAAC="), "a signature is base64 with stray bits or padding"),
        (with_line(f"{DASH}a AAAAAA=="), "a signature is shorter than 5 bytes"),
        (with_line(f"{DASH}a "), "a signature is shorter than 5 bytes"),
    ],
)
def test_malformed_notes(raw: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        v.parse_note(raw)


def test_well_formed_notes() -> None:
    text, signatures = v.parse_note(with_line(f"{DASH}a {SIG}"))
    assert (text, signatures) == ("text\n", [("a", bytes(4), bytes(5))])
    assert v.parse_note(f"a\n\nb\n\n{DASH}a {SIG}\n".encode())[0] == "a\n\nb\n", "the last blank line splits"
    assert v.parse_note(f"\n\n{DASH}a {SIG}\n".encode())[0] == "\n"
    assert v.parse_note(f"a\x7f\n\n{DASH}\N{BLACK STAR} {SIG}\n".encode())[1][0][0] == "\N{BLACK STAR}"
    assert len(v.parse_note(b"x\n\n" + f"{DASH}a {SIG}\n".encode() * 64)[1]) == 64
    assert v.parse_note(with_line(f"{DASH}a AAAAAAE="))[1] == [("a", bytes(4), b"\1")]
    longest = b"x" * ((1 << 20) - len(with_line(f"{DASH}a {SIG}")))
    v.parse_note(longest + with_line(f"{DASH}a {SIG}"))
    with pytest.raises(Unreadable, match=r"longer than 1 MiB"):
        v.parse_note(longest + b"x" + with_line(f"{DASH}a {SIG}"))


def test_the_example_of_the_standard() -> None:
    key = v.parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = (
        "This is an example message.\n\n\N{EM DASH} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK"
        "7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    ).encode()
    assert v.verify_note(note, [key]) == ("This is an example message.\n", {key: 0}, [])


@pytest.mark.parametrize("one", [LOG, W1, PQ])
def test_every_kind_of_signature(one: Signer) -> None:
    note = sign_note(TEXT, [one], NOW)
    when = 0 if one is LOG else NOW
    assert v.verify_note(note, [one.key]) == (TEXT, {one.key: when}, [])
    assert v.verify_note(note, [W2.key]) == (TEXT, {}, []), "unknown keys are ignored"
    other_text = note.replace(b"\n3\n", b"\n4\n")
    with pytest.raises(Refuted, match=f"^the signature of {one.name} is false$"):
        v.verify_note(other_text, [one.key])
    ((name, key_id, signature),) = v.parse_note(note)[1]
    for at in {0, 7, 8, len(signature) - 1} if when else {0, 63}:
        bent = bytes(b ^ (n == at) for n, b in enumerate(signature))
        with pytest.raises(Refuted, match=r"is false|impossible time"):
            v.verify_note((TEXT + "\n" + signature_line(name, key_id, bent)).encode(), [one.key])
    for wrong in (signature[:-1], signature + b"\0"):
        with pytest.raises(Refuted, match=f"^the signature of {one.name} has the wrong length$"):
            v.verify_note((TEXT + "\n" + signature_line(name, key_id, wrong)).encode(), [one.key])
    with pytest.raises(Refuted, match=f"^the note has two signatures of {one.name}$"):
        v.verify_note(note + note.split(b"\n\n")[1], [one.key])
    assert v.verify_note(note + note.split(b"\n\n")[1], [W2.key])[1] == {}, "of strangers, anything goes"


def test_a_time_that_can_not_be() -> None:
    late = W1.sign(TEXT, 1 << 63)
    with pytest.raises(Refuted, match=r"^witness.example/1 cosigned at an impossible time$"):
        v.verify_note((TEXT + "\n" + late).encode(), [W1.key])
    assert v.verify_note((TEXT + "\n" + W1.sign(TEXT, v.LARGEST)).encode(), [W1.key])[1] == {W1.key: v.LARGEST}


def test_what_ml_dsa_signs() -> None:
    """Names, time, origin, size and root; not the extension lines, which Ed25519 does sign."""
    more = TEXT + "an extension\n"
    for one, also in ((PQ, True), (W1, False)):
        line = one.sign(TEXT, NOW)
        note = (more + "\n" + line).encode()
        if also:
            assert v.verify_note(note, [one.key])[1] == {one.key: NOW}
        else:
            with pytest.raises(Refuted):
                v.verify_note(note, [one.key])
    message = v.subtree_message("w", 5, "log", 0, 7, b"r" * 32)
    assert message == (
        b"subtree/v1\n\0" + b"\1w" + (5).to_bytes(8, "big") + b"\3log" + bytes(8) + (7).to_bytes(8, "big") + b"r" * 32
    )
    v.subtree_message("w" * 255, 0, "o" * 255, 0, 1, bytes(32))
    for name, origin in (("", "o"), ("w", ""), ("w" * 256, "o"), ("w", "o" * 256), ("\N{BLACK STAR}" * 86, "o")):
        with pytest.raises(Refuted, match=r"not of 1 to 255 bytes"):
            v.subtree_message(name, 0, origin, 0, 1, bytes(32))
    with pytest.raises(Misuse, match=r"1 to 255 bytes"):
        signer("w" * 256, PQ.kind).sign(TEXT, NOW)
    with pytest.raises(Misuse, match=r"only such keys sign subtrees"):
        W1.sign_subtree("o", 0, 1, bytes(32))


def test_where_ml_dsa_is_missing_nothing_is_called_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        @staticmethod
        def from_public_bytes(_raw: bytes) -> None:
            raise v.UnsupportedAlgorithm("no")

    monkeypatch.setattr(v, "MLDSA44PublicKey", Missing)
    note = sign_note(TEXT, [LOG, PQ], NOW)
    assert v.verify_note(note, [LOG.key, PQ.key]) == (TEXT, {LOG.key: 0}, [PQ.key])
    with pytest.raises(Unreadable, match=r"is not checked: no ML-DSA-44 on this machine"):
        PQ.key.verify(TEXT, bytes(2428))
    twice = note + note.split(b"\n\n")[1].split(b"\n")[1] + b"\n"
    with pytest.raises(Refuted, match=r"two signatures"):
        v.verify_note(twice, [PQ.key])
    policy = v.Policy(witnesses={b"pq": PQ.key, b"w": W1.key}, quorum=b"pq")
    with pytest.raises(Unreadable, match=r"quorum is not reached: 0 of 2 cosigned; witness.example/pq is not checked"):
        v.Trust([LOG.key], policy, NOW).check(note)
    policy.quorum = b"w"
    with pytest.raises(Refuted, match=r"quorum is not reached"):
        v.Trust([LOG.key], policy, NOW).check(note)
    with pytest.raises(Unreadable, match=r"the log's signature can't be checked: no ML-DSA-44 here"):
        v.Trust([signer(LOG.name, PQ.kind).key]).check(sign_note(TEXT, [signer(LOG.name, PQ.kind)], NOW))


VKEY = format_vkey(LOG.key)
NAME, ID, KEY = VKEY.split("+", 2)


@pytest.mark.parametrize(
    ("vkey", "words"),
    [
        ("", r"a verifier key is NAME\+ID\+KEY"),
        (f"{NAME}+{ID}", r"a verifier key is NAME\+ID\+KEY"),
        (f"+{ID}+{KEY}", "the verifier key has an empty name, or a space in it"),
        (f"a b+{ID}+{KEY}", "the verifier key has an empty name, or a space in it"),
        (
            f"{NAME}+{ID.upper()}+{KEY}" if ID.upper() != ID else f"{NAME}+{'A' * 8}+{KEY}",
            "is not 8 hex digits in lower",
        ),
        (f"{NAME}+{ID}0+{KEY}", "is not 8 hex digits in lower case"),
        (f"{NAME}+{ID[1:]}+{KEY}", "is not 8 hex digits in lower case"),
        (f"{NAME}+{ID}+{KEY[:-2]}", "the verifier key is not base64"),
        (f"{NAME}+{ID}+", "the verifier key is of a type not known here"),
        (f"{NAME}+{ID}+{base64.b64encode(b'e' + bytes(32)).decode()}", "is of a type not known here"),
        (f"{NAME}+{ID}+{base64.b64encode(bytes([2]) + bytes(32)).decode()}", "is of a type not known here"),
        (f"{NAME}+{ID}+{base64.b64encode(bytes([1]) + bytes(31)).decode()}", "the verifier key has the wrong length"),
        (f"{NAME}+{ID}+{base64.b64encode(bytes([6]) + bytes(32)).decode()}", "the verifier key has the wrong length"),
        (f"other+{ID}+{KEY}", "the verifier key's id is not that of its name and key"),
    ],
)
def test_malformed_vkeys(vkey: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        v.parse_vkey(vkey)


@pytest.mark.parametrize("one", [LOG, W1, PQ])
def test_keys_there_and_back(one: Signer) -> None:
    assert v.parse_vkey(format_vkey(one.key)) == one.key
    assert parse_secret(one.secret()) == one
    assert one.seed.hex() not in repr(one)


def test_the_same_key_for_two_kinds_has_two_ids() -> None:
    assert LOG.key.id != Signer(LOG.name, W1.kind, LOG.seed).key.id
    assert LOG.key.id != Signer("other", LOG.kind, LOG.seed).key.id


@pytest.mark.parametrize("bad", ["", "PRIVATE+KEY+", "x" + LOG.secret(), LOG.secret() + "x", LOG.secret()[:-4],
                                 LOG.secret().replace(ID, "00000000"), VKEY])  # fmt: skip
def test_damaged_secrets(bad: str) -> None:
    with pytest.raises((Misuse, Unreadable)) as found:
        parse_secret(bad)
    assert LOG.secret()[-20:] not in str(found.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\N{NO-BREAK SPACE}", "a\x01"])
def test_names_that_no_key_can_have(name: str) -> None:
    with pytest.raises(Misuse, match=r"a key's name"):
        new_signer(name, LOG.kind, os.urandom)


def test_new_keys_take_32_random_bytes() -> None:
    assert new_signer("a", LOG.kind, lambda count: seed("x")[:count]).seed == seed("x")


def test_signatures_are_added_or_replaced() -> None:
    note = checkpoint(1, bytes(32))
    text = note.decode().split("\n\n")[0] + "\n"
    first = add_signatures(note, [W1.sign(text, 5), W2.sign(text, 6)])
    assert v.verify_note(first, [LOG.key, W1.key, W2.key])[1] == {LOG.key: 0, W1.key: 5, W2.key: 6}
    second = add_signatures(first, [W1.sign(text, 9)])
    assert v.verify_note(second, [LOG.key, W1.key, W2.key])[1] == {LOG.key: 0, W1.key: 9, W2.key: 6}
    assert add_signatures(note, []) == note


def test_a_secret_is_written_as_gos_notes_are_and_never_printed() -> None:
    assert LOG.secret().startswith(f"PRIVATE+KEY+{LOG.name}+{LOG.key.id.hex()}+")
    assert repr(LOG.seed) not in repr(LOG) and "seed" not in repr(LOG)


@pytest.mark.parametrize(("length", "fits"), [(0, False), (1, True), (255, True), (256, False)])
def test_names_that_ml_dsa_signs_have_1_to_255_bytes(length: int, fits: bool) -> None:
    named = Signer("w" * length, v.COSIGN_MLDSA44, PQ.seed)
    for by, origin in ((named, "o"), (PQ, "o" * length)):
        if fits:
            line = by.sign_subtree(origin, 0, 1, bytes(32))
            # Four bytes of id, then the time: none, where nobody says which.
            assert base64.b64decode(line.split()[-1])[4:12] == bytes(8)
        else:
            with pytest.raises(Misuse, match=rf"has {length} bytes"):
                by.sign_subtree(origin, 0, 1, bytes(32))


@pytest.mark.parametrize(("one", "kind", "length"), [(LOG, 1, 64), (W1, 4, 72), (PQ, 6, 2428)])
def test_kinds_are_the_standards_numbers(one: Signer, kind: int, length: int) -> None:
    assert base64.b64decode(format_vkey(one.key).split("+", 2)[2])[0] == kind
    ((_, _, signature),) = v.parse_note(sign_note(TEXT, [one], NOW))[1]
    assert len(signature) == length
