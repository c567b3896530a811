"""Whose a sealing key is: said by somebody with that role, in a note that nobody else could sign."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from tests.unit.charter.world import NOW, ROOT, T0, signed, signer, site_key

from passerby.charter.document import Unsound, write
from passerby.charter.keys import Role, State
from passerby.charter.sealing_key import FORMAT, PUBLIC_BYTES, sealing_text, vouched
from passerby.ledger.note import sign_note

PUBLIC = bytes(range(256)) * 4 + bytes(PUBLIC_BYTES - 1024)
NOTE = signed(sealing_text(PUBLIC), "keep")


def test_the_keepers() -> None:
    found = vouched(NOTE, ROOT, Role.KEEPER, NOW)
    assert (found.public, found.name, found.institution) == (PUBLIC, "keep.example.org", "privacy")
    assert vouched(signed(sealing_text(PUBLIC), "officer"), ROOT, Role.OFFICER, NOW).institution == "city"


@pytest.mark.parametrize(
    "note",
    [
        b"", b"x", signed(sealing_text(PUBLIC), "officer"), signed(sealing_text(PUBLIC), "op1"),
        sign_note(sealing_text(PUBLIC), [signer("thief")], 0), NOTE.replace(b"A", b"B", 1),
        signed(sealing_text(PUBLIC[:-1]), "keep"), signed(write({"format": FORMAT, "public": "?"}), "keep"),
        signed(write({"format": "other", "public": base64.b64encode(PUBLIC).decode()}), "keep"),
    ],
)  # fmt: skip
def test_nobody_else_s(note: bytes) -> None:
    with pytest.raises(Unsound):
        vouched(note, ROOT, Role.KEEPER, NOW)


@pytest.mark.parametrize("state", [State.RETIRED, State.LOST, State.COMPROMISED])
def test_a_key_that_ended_vouches_for_nothing(state: State) -> None:
    gone = site_key("keep", state=state, since=NOW - 10)
    root = replace(ROOT, keys=ROOT.keys | {gone.id: gone})
    with pytest.raises(Unsound):
        vouched(NOTE, root, Role.KEEPER, NOW)


def test_before_and_after_its_time() -> None:
    for when in (T0 - 1, T0 + 10 * 365 * 86400):
        with pytest.raises(Unsound):
            vouched(NOTE, ROOT, Role.KEEPER, when)
