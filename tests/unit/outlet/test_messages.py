"""What may cross the wall: whole, in range, or refused."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.outlet.kit import ALL, OPENING, all_finite, codes_of, messages, names_of, of_kind

from passerby.base.errors import OutletError
from passerby.outlet.messages import (
    FRAME_HEADER,
    INWARD,
    MAGIC,
    MOSAIC_COUNTS,
    OPENING_OUT,
    OUTWARD,
    Alert,
    Checkpoint,
    Codec,
    Counts,
    Explain,
    Health,
    ItemEnd,
    Message,
    Mode,
    Mosaic,
    PassEnd,
    Proof,
    Proves,
    RedactedPacket,
    Revoke,
    Ruling,
    SealedPacket,
    Status,
    Stream,
    StreamHeader,
    StreamStart,
    Task,
)

HEAD = FRAME_HEADER.size
HEALTH = Health(*[0] * 10, 0.0, 0.0, *[0] * 5, MOSAIC_COUNTS.pack(*range(len(Mosaic))), bytes(32), bytes(32))
START = StreamStart(0, 1, 16, 16, 1, 25, 0, b"")
RULING = Ruling(3, 1, 1, b"\0\7\0\0\0", 0, bytes(32), bytes(32))
HEADER = StreamHeader(bytes(24), 16, 16, 1, 25, 25, 1, 1, 1, 0.0, bytes(32), b"")


def body(message: Message) -> bytes:
    return message.pack()[HEAD:]


@given(messages)
def test_round_trip(message: Message) -> None:
    wire = message.pack()
    assert FRAME_HEADER.unpack_from(wire) == (MAGIC, message.kind, 0, len(wire) - HEAD)
    assert message.size_bytes == len(wire)
    assert type(message).unpack(wire[HEAD:]) == message


def test_every_kind_has_its_own_number() -> None:
    assert len({kind.kind for kind in ALL}) == len(ALL) == 37
    assert all(0 < kind.kind < 32 for kind in OUTWARD)
    assert all(32 <= kind.kind < 64 for kind in INWARD)


def test_what_opens_originals_crosses_no_other_wall() -> None:
    """Neither a camera's darkroom nor a file's takes or gives any of it."""
    assert {kind.__name__ for kind in OPENING} == {"OpeningKey", "Opening", "SealedFile", "Half", "Chunk"}
    assert not set(OPENING) & set(INWARD + OUTWARD) and SealedPacket not in OPENING_OUT


@pytest.mark.parametrize("kind", ALL, ids=lambda k: k.__name__)
def test_fields_follow_the_layout(kind: type[Message]) -> None:
    names = names_of(kind)
    assert len(codes_of(kind)) == len(names) - ("tail" in names)
    assert ("tail" in names) == bool(kind.max_tail)
    assert kind.layout.format.startswith("<"), "a layout without a byte order is padded"
    assert HEAD + kind.layout.size + kind.max_tail < 2**32


def test_those_without_a_tail_are_a_few_bytes() -> None:
    """Numbers only: nothing that leaves in counts-only mode has room for a picture."""
    assert {kind for kind in OUTWARD if not kind.max_tail and kind.layout.size > 40} == {Health, Ruling}
    assert Counts.max_tail == Alert.max_tail == ItemEnd.max_tail == 0


@given(messages, st.data())
def test_a_truncated_body_is_refused(message: Message, data: st.DataObject) -> None:
    whole = body(message)
    cut = whole[: data.draw(st.integers(0, max(0, type(message).layout.size - 1)))]
    with pytest.raises(OutletError):
        type(message).unpack(cut)


@pytest.mark.parametrize("kind", ALL, ids=lambda k: k.__name__)
def test_a_body_over_its_limit_is_refused(kind: type[Message]) -> None:
    with pytest.raises(OutletError, match="breaks the outlet's rules"):
        kind.unpack(bytes(kind.layout.size + kind.max_tail + 1))


@given(messages.filter(lambda m: not m.max_tail), st.binary(min_size=1, max_size=9))
def test_an_extended_body_without_a_tail_is_refused(message: Message, more: bytes) -> None:
    with pytest.raises(OutletError):
        type(message).unpack(body(message) + more)


@given(st.sampled_from(ALL), st.binary(max_size=400))
@example(Health, b"\xff" * Health.layout.size)
@example(Counts, b"\xff" * Counts.layout.size)
def test_garbage_is_refused_or_makes_sense(kind: type[Message], garbage: bytes) -> None:
    try:
        message = kind.unpack(garbage)
    except OutletError:
        return
    assert all_finite(message)
    assert body(message) == garbage


@given(messages, st.data())
def test_a_flipped_bit_is_refused_or_makes_sense(message: Message, data: st.DataObject) -> None:
    garbled = bytearray(body(message))
    if not garbled:
        return
    at = data.draw(st.integers(0, len(garbled) * 8 - 1))
    garbled[at // 8] ^= 1 << at % 8
    try:
        got = type(message).unpack(bytes(garbled))
    except OutletError:
        return
    assert all_finite(got)
    assert body(got) == garbled


FLOATS = [
    (kind, index, code)
    for kind in ALL
    for index, (code, _) in enumerate(codes_of(kind))
    if code in "df"
]  # fmt: skip


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("kind", "index", "code"), FLOATS, ids=lambda v: getattr(v, "__name__", str(v)))
def test_no_number_that_is_not_finite_is_accepted(kind: type[Message], index: int, code: str, bad: float) -> None:
    sound = {Health: body(HEALTH), StreamHeader: body(HEADER)}.get(kind, bytes(kind.layout.size))
    kind.unpack(sound)
    at = struct.calcsize("<" + "".join(f"{n}s" if c == "s" else c for c, n in codes_of(kind)[:index]))
    with pytest.raises(OutletError, match="not finite"):
        kind.unpack(sound[:at] + struct.pack("<" + code, bad) + sound[at + struct.calcsize("<" + code) :])


@pytest.mark.parametrize(
    "message",
    [
        replace(START, stream=max(Stream) + 1),
        replace(START, codec=0),
        replace(START, codec=max(Codec) + 1),
        replace(START, width=0),
        replace(START, height=0),
        replace(START, time_base_num=0),
        replace(START, time_base_den=0),
        replace(START, width=2**16),
        replace(START, height=2**16),
        RedactedPacket(max(Stream) + 1, 1, 0, 0, 0, b"x"),
        RedactedPacket(0, 1, 2**31, 0, 0, b"x"),
        RedactedPacket(0, 1, 0, 2**31, 0, b"x"),
        RedactedPacket(0, 1, 0, 0, -1, b"x"),
        RedactedPacket(0, 1, 0, 0, 2**40 + 1, b"x"),
        Explain(0.0, 3, 2, bytes(5)),
        Explain(0.0, 3, 2, bytes(7)),
        Explain(0.0, 0, 5, b"x"),
        replace(HEALTH, mode=max(Mode) + 1),
        replace(HEALTH, mosaic=max(Mosaic) + 1),
        ItemEnd(max(Status) + 1, 0, 0.0),
        PassEnd(1, max(Status) + 1),
        replace(HEADER, orientation=0),
        replace(HEADER, orientation=9),
        replace(HEADER, passes=0),
        replace(HEADER, passes=3),
        replace(HEADER, time_base_num=0),
        replace(HEADER, time_base_den=0),
        replace(HEADER, duration_s=-0.5),
        Task(bytes(64), bytes(32), 0, 0, 0),
        Task(bytes(64), bytes(32), 32, 0, 0),
        Proof(max(Proves) + 1, 0, 0, b""),
        Proof(0, 0, 3, b"ab"),
        replace(RULING, lawful=3),
        replace(RULING, lawful=1, reasons=b"\7\7\0\0\0"),
        replace(RULING, lawful=0),
        replace(RULING, open=2),
        replace(RULING, asked=35),
        replace(RULING, reasons=b"\0\0\7\0\0"),
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_refused(message: Message) -> None:
    with pytest.raises(OutletError):
        type(message).unpack(body(message))


def test_health_tells_mosaics_by_reason() -> None:
    assert HEALTH.mosaic_frames == tuple(range(len(Mosaic)))


@pytest.mark.parametrize(
    "message",
    [Counts(-1, 0.0, 0, 0, 0, 0), Counts(0, 0.0, 1e39, 0, 0, 0), Alert(0.0, 256, 0, 0, 0, 0, 0), Checkpoint("x", b"")],
)
def test_what_fits_no_place_is_not_sent(message: Message) -> None:
    with pytest.raises(OutletError, match="does not fit its layout"):
        message.pack()


@pytest.mark.parametrize("length", [0, 31, 33])
def test_hashes_are_whole(length: int) -> None:
    with pytest.raises(OutletError):
        Revoke(bytes(length), b"").pack()


@pytest.mark.parametrize("kind", [k for k in ALL if 0 < k.max_tail <= 1 << 18], ids=lambda k: k.__name__)
def test_a_tail_over_its_limit_is_not_sent(kind: type[Message]) -> None:
    values = [bytes(n) if c == "s" else 0 for c, n in codes_of(kind)]
    kind(*values, bytes(kind.max_tail)).pack()
    with pytest.raises(OutletError, match="over its limit"):
        kind(*values, bytes(kind.max_tail + 1)).pack()


@given(of_kind(SealedPacket), of_kind(Revoke))
def test_messages_are_values(one: Message, other: Message) -> None:
    assert one == replace(one)  # type: ignore[type-var]
    assert one != other
    with pytest.raises((AttributeError, TypeError)):
        one.kind = 0
