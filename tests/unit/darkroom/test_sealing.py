"""Originals sealed inside the darkroom: what leaves is ciphertext, every allowed pair opens it, nobody else does."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.archive.test_seal import OFFICERS, WHO
from tests.unit.charter.world import NOW
from tests.unit.darkroom.scenes import copied
from tests.unit.darkroom.script import Script
from tests.unit.darkroom.sealed import (
    FOR,
    HOUR,
    LIVE,
    Ask,
    Room,
    ask,
    named,
    record,
    sealed,
    under,
    walker,
    wish,
)
from tests.unit.darkroom.test_hide_process import Open

from passerby.archive.keys.cipher import END, INIT, PART, Cipher, parse_head
from passerby.archive.keys.names import US
from passerby.base.errors import Altered, CustodyError, KeeperRefused, OutletError, PasserbyError
from passerby.darkroom._frames import RawPlanes, Record, What
from passerby.darkroom.door import Sealing
from passerby.darkroom.hide_process import HideProcess
from passerby.darkroom.opening_feed import Feed
from passerby.darkroom.redaction import Options
from passerby.darkroom.sealing import Sealer
from passerby.outlet.messages import (
    Chunk,
    Health,
    Message,
    Packet,
    PassEnd,
    Permit,
    RedactedPacket,
    SealedPacket,
    StreamHeader,
    StreamStart,
)

ROOM = sealed()
(HEADER,) = ROOM.headers
CHUNKS = ROOM.chunks()


def fed(asked: Ask, chunks: list[bytes] = CHUNKS, now: int = NOW) -> list[Message]:
    """What the decode process is given."""
    sent: list[Message] = []
    feed = Feed(asked.opened(now), sent.append)
    for chunk in chunks:
        feed.chunk(Chunk(0, chunk))
    feed.end()
    return sent


def pictures(sent: list[Message]) -> list[NDArray[np.uint8]]:
    """Luma of every picture, by a decoder that is not ours to lock here."""
    (header,) = [m for m in sent if isinstance(m, StreamHeader)]
    coded = header.tail + b"".join(m.tail for m in sent if isinstance(m, Packet))
    with av.open(io.BytesIO(coded), format="h264") as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


@pytest.mark.parametrize(("one", "other"), [p for p in combinations(WHO, 2) if WHO[p[0]] != WHO[p[1]]])
def test_every_allowed_pair_opens_what_was_seen(one: str, other: str) -> None:
    sent = fed(ask(one, other, [HEADER]))
    shown = pictures(sent)
    assert len(shown) == 60
    for n, luma in enumerate(shown):
        assert float(np.abs(luma.astype(int) - walker(n).y[:128, :160]).mean()) < 6, n
    times = [m.pts for m in sent if isinstance(m, Packet)]
    assert times == [(HOUR + 1200) * US + n * 40_000 for n in range(60)]
    assert [type(m) for m in sent[:2]] == [Permit, StreamHeader] and isinstance(sent[-1], PassEnd)


def nobody() -> Iterator[tuple[str, Ask]]:
    """Everybody who has less than two halves of one pair, its slot share and an act."""
    good = ask("ann", "eve", [HEADER])
    for one in WHO:
        mine = ask("ann", one, [HEADER]) if WHO[one] != "city" else ask(one, "eve", [HEADER])
        own = [given for given in mine.halves if given[0] == OFFICERS[one].id]
        yield f"{one} alone", replace(mine, halves=own)
    for one, other in combinations(WHO, 2):
        if WHO[one] == WHO[other]:
            asked, belongs = wish(one, other)
            stolen = ask(one, "guy", [HEADER]).halves[:1] + ask(other, "guy", [HEADER]).halves[:1]
            yield f"{one} and {other}, of one institution", Ask(asked, belongs, [HEADER], halves=stolen)
    yield "the server alone", replace(good, halves=())
    yield "the server with two made-up halves", replace(good, halves=[(who, b"x" * 2000) for who, _ in good.halves])
    yield "halves of two pairs", replace(good, halves=[good.halves[0], ask("fay", "bob", [HEADER]).halves[0]])
    yield "halves for another key", replace(good, pair=ask("ann", "eve", [HEADER]).pair.of(b"k" * 32))
    yield "another region", replace(good, belongs=wish("ann", "eve", region=((0, 0, 500, 999),))[1])
    yield "no roots", replace(good, proven=ask("ann", "eve", [HEADER], case="ab" * 32).proven)


@pytest.mark.parametrize(("who", "asked"), list(nobody()), ids=[name for name, _ in nobody()])
def test_nobody_else_opens(who: str, asked: Ask) -> None:
    with pytest.raises(PasserbyError) as caught:
        fed(asked)
    assert isinstance(caught.value, CustodyError | KeeperRefused | OutletError), who


def test_after_retention_any_pair_has_nothing() -> None:
    """The slot is destroyed: whatever stands in its place, the chunks stay shut."""
    for one, other in (("ann", "eve"), ("bob", "guy")):
        for share in (bytes(32), b"\xff" * 32, os.urandom(32)):
            with pytest.raises(Altered):
                fed(replace(ask(one, other, [HEADER]), shares=[share]))


def test_when_the_session_is_over() -> None:
    good = ask("ann", "eve", [HEADER])
    assert fed(good, now=good.asked.until - 1)
    with pytest.raises(KeeperRefused, match="over"):
        fed(good, now=good.asked.until)


def test_nothing_of_the_picture_leaves() -> None:
    left = b"".join(packet.tail for packet in ROOM.left)
    (start,) = [m for m in fed(ask("ann", "eve", [HEADER])) if isinstance(m, StreamHeader)]
    coded = [m.tail for m in fed(ask("ann", "eve", [HEADER])) if isinstance(m, Packet)]
    runs = [walker(n).y[row, 8:40].tobytes() for n in (0, 30) for row in (50, 100)]
    runs += [start.tail[:16], *(tail[-24:] for tail in coded if len(tail) > 48)]
    assert len(runs) > 20 and not any(run in left for run in runs)
    for packet in ROOM.left:
        assert type(packet).unpack(packet.pack()[8:]) == packet


def test_what_a_file_is_made_of() -> None:
    heads = [parse_head(chunk) for chunk in CHUNKS]
    assert all(head is not None for head in heads)
    kinds = [head.kind for head in heads if head is not None]
    assert kinds[0] == INIT and kinds[-1] == END and set(kinds[1:-1]) == {PART}
    assert [head.number for head in heads if head is not None] == list(range(len(heads)))
    assert [p.number for p in ROOM.left] == list(range(len(ROOM.left)))
    parts = [head for head in heads if head is not None and head.kind == PART]
    assert sum(head.duration_us for head in parts) == 60 * 40_000
    assert all(head.duration_us <= 540_000 for head in parts)


def test_without_a_share_nothing_is_sealed_and_nothing_waits() -> None:
    room = Room()
    assert room.seal(range(3)) == 0
    room.sealer.give(under(hour=HOUR - 3600))
    assert room.seal(range(3)) == 0 and room.left == []


def test_without_a_permit_nothing_is_sealed() -> None:
    room = Room()
    room.sealer.give(under())
    assert room.seal(range(3), terms=None) == 0 and room.left == []
    assert room.seal(range(3)) == 3
    assert room.seal(range(3, 6), terms=None) == 0
    room.sealer.end()
    assert len(room.headers) == 1 and room.left[-1].number == 3  # beginning, pictures, end


def test_another_permit_is_another_file() -> None:
    room = Room()
    room.sealer.give(under())
    room.seal(range(5))
    other = Sealing(FOR.site, FOR.camera, replace(FOR.terms, permit=named("other")), FOR.officers)
    assert room.seal(range(5, 10), terms=other) == 0, "until the station has given another file"
    # Given ahead of the item that it is for: what runs goes on into its own file.
    room.sealer.give(under(named("two"), permit=named("other")))
    assert room.seal(range(10, 12), terms=other) == 2
    assert room.seal(range(12, 15), terms=other) == 3
    assert [header.salt for header in room.headers] == [b"s" * 32, named("two")]
    last = [parse_head(chunk) for chunk in room.chunks()][-1]
    assert last is not None and last.kind == END


def test_what_is_given_ahead_for_another_permit_waits_for_it() -> None:
    room = Room()
    room.sealer.give(under())
    room.seal(range(3))
    room.sealer.give(under(named("two"), permit=named("other")))
    assert room.seal(range(3, 6)) == 3 and len(room.headers) == 1
    other = Sealing(FOR.site, FOR.camera, replace(FOR.terms, permit=named("other")), FOR.officers)
    assert room.seal(range(6, 9), terms=other) == 3 and len(room.headers) == 2


def test_what_the_station_gives_anew_takes_the_old_files_place() -> None:
    room = Room()
    room.sealer.give(under())
    room.seal(range(3))
    room.sealer.give(under(named("again")))
    assert room.seal(range(3, 6)) == 3
    assert [header.salt for header in room.headers] == [b"s" * 32, named("again")]


def test_the_hour_turns() -> None:
    """The last picture of an hour is in its file, the next in the next hour's: neither key opens the other."""
    room = Room()
    left_s = HOUR + 3600 - (HOUR + 1200)
    room.sealer.give(under())
    room.sealer.give(under(named("next"), HOUR + 3600))
    assert room.seal(range(4), left_s - 0.08) == 4
    assert [header.epoch.period_us for header in room.headers] == [HOUR * US, (HOUR + 3600) * US]
    ends = [parse_head(chunk) for chunk in (room.chunks()[-1], room.chunks(named("next"))[0])]
    assert [head.kind for head in ends if head is not None] == [END, INIT]


def test_a_connection_ends_and_the_file_goes_on() -> None:
    room = Room()
    room.sealer.give(under())
    room.seal(range(5))
    room.sealer.end_item()
    room.seal(range(5, 10), 60.0)
    room.sealer.end()
    heads = [parse_head(chunk) for chunk in room.chunks()]
    assert [head.kind for head in heads if head is not None] == [INIT, PART, INIT, PART, END]
    assert len(room.headers) == 1


def test_a_gap_begins_anew() -> None:
    room = Room()
    room.sealer.give(under())
    for n, seconds in ((0, 0.0), (1, 0.0), (2, 30.0), (3, 30.0), (4, 0.0)):
        assert room.sealer.picture(walker(n), record(n, seconds), FOR)
    room.sealer.end()
    heads = [parse_head(chunk) for chunk in room.chunks()]
    assert [head.kind for head in heads if head is not None].count(INIT) == 3


def tampered() -> Iterator[tuple[str, list[bytes]]]:
    init, first, second, *rest = CHUNKS
    yield "a bit", [init, first[:80] + bytes([first[80] ^ 1]) + first[81:], second]
    yield "exchanged", [init, second, first]
    yield "one left out", [init, first, *rest]
    yield "cut", [init, first[:-1]]
    yield "longer", [init, first + b"x"]
    yield "nothing", [b""]
    yield "of another time", [init, first[:14] + bytes([first[14] ^ 1]) + first[15:]]


@pytest.mark.parametrize(("how", "chunks"), list(tampered()), ids=[name for name, _ in tampered()])
def test_hostile_ciphertext_is_refused(how: str, chunks: list[bytes]) -> None:
    with pytest.raises((Altered, OutletError)):
        fed(ask("ann", "eve", [HEADER]), chunks)


def test_what_was_sealed_by_a_forger_is_no_way_in() -> None:
    """A station that was taken over can seal what it likes to the officers' keys; it is read as strictly as ever."""
    cipher = ask("ann", "eve", [HEADER]).opened().ciphers[0]
    two = StreamStart(0, 1, 16, 16, 1, 25, 0, b"").pack() * 2
    for clear in (b"", b"x", b"\0" * 64, RedactedPacket(0, 1, 0, 0, 0, b"x").pack()[:-1], two):
        forger = Cipher(cipher.header, b"k" * 32)
        forger._gcm = cipher._gcm
        with pytest.raises(OutletError):
            fed(ask("ann", "eve", [HEADER]), [forger.seal(INIT, 0, 0, 0, clear)])


class Sealed(Open):
    """A door that lets everything through, and seals."""

    seal = FOR


def hidden(sealer: bool, frames: list[RawPlanes]) -> list[Message]:
    """What leaves a whole hide process, with or without sealing."""
    left: list[Message] = []
    at = iter(range(len(frames)))

    class Ring:
        def planes(self, slot: int, width: int, height: int) -> RawPlanes:
            return frames[slot]

    def records() -> Iterator[Record]:
        about = replace(LIVE, what=What.ITEM, flags=Record.LIVE | Record.LAST_PASS)
        yield about
        for n in at:
            yield replace(record(n), slot=n % len(frames), flags=0)
        yield replace(about, what=What.PASS_END)

    rung = records()
    process = HideProcess(
        lambda: next(rung, None), lambda: None, Ring(), lambda _slot, _rest: None, left.append,  # type: ignore[arg-type]
        Sealed(), bytes(32), Script(), Options(live=True, count=True), shows=True,  # type: ignore[arg-type]
        sealer=(made := Sealer(lambda packet: process.emit(packet), 1)) if sealer else None,
    )  # fmt: skip
    if sealer:
        made.give(under())
    process.run()
    return left


def test_sealing_changes_no_byte_of_what_is_shown() -> None:
    frames = [walker(n) for n in range(30)]
    before = [copied(frame) for frame in frames]
    with_, without = hidden(True, frames), hidden(False, frames)
    kinds = (StreamStart, RedactedPacket)
    assert [m for m in with_ if isinstance(m, kinds)] == [m for m in without if isinstance(m, kinds)]
    assert sum(isinstance(m, RedactedPacket) for m in without) == 30
    assert any(isinstance(m, SealedPacket) for m in with_) and not any(isinstance(m, SealedPacket) for m in without)
    assert all(np.array_equal(a.y, b.y) for a, b in zip(frames, before, strict=True))


def test_health_tells_how_much_was_sealed() -> None:
    for sealer, count in ((True, 30), (False, 0)):
        told = [m for m in hidden(sealer, [walker(n) for n in range(30)]) if isinstance(m, Health)]
        assert told[-1].sealed == count
