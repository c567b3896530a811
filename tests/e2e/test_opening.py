"""Each pair of officers at the real opening darkroom: locked processes, keys made in them, all pairs tried."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from itertools import combinations

import av
import pytest
from tests.unit.archive.test_seal import PAIRS, SLOT_KEY, WHO
from tests.unit.charter.world import FOUNDERS, ROOT, signed
from tests.unit.darkroom.sealed import Ask, ask, sealed

from passerby.archive import seal
from passerby.archive.export.bundle import Clip
from passerby.base.errors import CustodyError, PasserbyError
from passerby.station.opening import OpeningRoom, Wish

ROOM = sealed(30)
(HEADER,) = ROOM.headers
CHUNKS = [(0, chunk) for chunk in ROOM.chunks()]
SHARE = bytes(seal.slot_share(SLOT_KEY, HEADER.salt, HEADER.epoch))


def opened(
    one: str,
    other: str,
    halves: Sequence[str] | None = None,
    share: bytes = SHARE,
    chunks: Sequence[tuple[int, bytes]] = CHUNKS,
) -> list[Clip]:
    """What an opening shows to whoever has the halves of these."""
    with OpeningRoom(ROOT.hash, 0) as room:
        asked: Ask = ask(one, other, [HEADER], int(time.time()), room.public)
        assert asked.proven is not None
        given = [
            (who.hex(), half) for who, half in asked.halves if halves is None or who in [PAIRS[n].id for n in halves]
        ]
        roots = [(signed(ROOT.text(), *FOUNDERS), asked.root)]
        wish = Wish(asked.asked, asked.proven, asked.belongs, roots, [(share, HEADER.pack())], given)
        return room.open(wish, chunks)


@pytest.mark.parametrize(("one", "other"), [p for p in combinations(WHO, 2) if WHO[p[0]] != WHO[p[1]]])
def test_every_allowed_pair(one: str, other: str) -> None:
    (clip,) = opened(one, other)
    with av.open(io.BytesIO(b"".join(clip.stream()))) as container:
        assert sum(1 for _ in container.decode(video=0)) == 30


@pytest.mark.parametrize("one", ["ann", "eve"])
def test_one_officer_alone(one: str) -> None:
    with pytest.raises(CustodyError, match="refuses"):
        opened("ann", "eve", [one])


def test_after_retention_and_when_ciphertext_was_changed() -> None:
    spoiled = [*CHUNKS[:1], (0, CHUNKS[1][1][:-1] + b"x"), *CHUNKS[2:]]
    for share, chunks in ((bytes(32), CHUNKS), (SHARE, spoiled)):
        with pytest.raises(PasserbyError, match="ended early"):
            opened("ann", "eve", share=share, chunks=chunks)
