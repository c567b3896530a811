"""Messages over a pipe: whole, of an allowed kind, or a breach."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.outlet.kit import ALL, messages

from passerby.base.errors import OutletError
from passerby.outlet import pipe
from passerby.outlet.messages import (
    FRAME_HEADER,
    MAGIC,
    Counts,
    ItemEnd,
    Message,
    Packet,
    RedactedPacket,
    Status,
)
from passerby.outlet.pipe import Receiver, Sender

END = ItemEnd(Status.DONE, 3, 1.5)


@contextmanager
def piped(data: bytes) -> Iterator[int]:
    """A descriptor from which exactly these bytes can be read."""
    read, write = os.pipe()
    try:
        os.write(write, data)
        os.close(write)
        yield read
    finally:
        os.close(read)


def received(data: bytes, *kinds: type[Message]) -> list[Message]:
    with piped(data) as fd:
        return list(iter(Receiver(fd, kinds or ALL).receive, None))


@given(st.lists(messages, max_size=5))
def test_what_is_sent_arrives_in_order(sent: list[Message]) -> None:
    assert received(b"".join(m.pack() for m in sent)) == sent


@given(messages, st.data())
def test_an_end_in_mid_message_is_a_breach(message: Message, data: st.DataObject) -> None:
    wire = message.pack()
    cut = data.draw(st.integers(1, len(wire) - 1))
    with pytest.raises(OutletError):
        received(wire[:cut])


@given(st.binary(max_size=64))
def test_garbage_is_a_breach(garbage: bytes) -> None:
    try:
        got = received(garbage)
    except OutletError:
        return
    assert b"".join(m.pack() for m in got) == garbage


@given(messages, st.data())
def test_a_flipped_bit_in_the_header_is_a_breach_or_another_message(message: Message, data: st.DataObject) -> None:
    wire = bytearray(message.pack())
    at = data.draw(st.sampled_from(range(FRAME_HEADER.size * 8)))
    wire[at // 8] ^= 1 << at % 8
    try:
        got = received(bytes(wire))
    except OutletError:
        return
    assert b"".join(m.pack() for m in got) == wire


def test_padding_carries_nothing() -> None:
    wire = bytearray(END.pack())
    wire[3] = 77
    with pytest.raises(OutletError):
        received(bytes(wire))


@pytest.mark.parametrize("kind", ALL, ids=lambda k: k.__name__)
def test_a_kind_outside_the_set_is_a_breach(kind: type[Message]) -> None:
    others = [other for other in ALL if other is not kind]
    with pytest.raises(OutletError, match=f"kind {kind.kind} is not allowed"):
        received(FRAME_HEADER.pack(MAGIC, kind.kind, 0, kind.layout.size) + bytes(kind.layout.size), *others)


def test_wrong_magic_is_a_breach() -> None:
    wire = END.pack()
    with pytest.raises(OutletError):
        received(
            FRAME_HEADER.pack(MAGIC ^ 1, ItemEnd.kind, 0, ItemEnd.layout.size) + wire[FRAME_HEADER.size :], ItemEnd
        )


@pytest.mark.parametrize("kind", ALL, ids=lambda k: k.__name__)
@pytest.mark.parametrize("beyond", [1, 2**31])
def test_an_oversize_length_is_refused_before_its_tail_is_read(kind: type[Message], beyond: int) -> None:
    length = kind.layout.size + kind.max_tail + beyond
    with piped(FRAME_HEADER.pack(MAGIC, kind.kind, 0, length) + b"next") as fd:
        with pytest.raises(OutletError, match="breaks the outlet's rules"):
            Receiver(fd, [kind]).receive()
        assert os.read(fd, 99) == b"next"


@pytest.mark.parametrize("kind", ALL, ids=lambda k: k.__name__)
def test_a_length_below_its_head_is_refused_before_it_is_read(kind: type[Message]) -> None:
    with piped(FRAME_HEADER.pack(MAGIC, kind.kind, 0, kind.layout.size - 1) + b"next") as fd:
        with pytest.raises(OutletError, match="breaks the outlet's rules"):
            Receiver(fd, [kind]).receive()
        assert os.read(fd, 99) == b"next"


def test_an_end_between_messages_is_none_and_stays_so() -> None:
    with piped(END.pack()) as fd:
        receiver = Receiver(fd, [ItemEnd])
        assert [receiver.receive() for _ in range(3)] == [END, None, None]


def test_a_message_larger_than_the_pipe_arrives_whole() -> None:
    big = Packet(1, 2, 1, os.urandom(3 << 20))
    read, write = os.pipe()
    sending = threading.Thread(target=Sender(write).send, args=(big,))
    sending.start()
    try:
        assert Receiver(read, [Packet]).receive() == big
    finally:
        sending.join()
        os.close(read)
        os.close(write)


def test_short_reads_and_writes_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    packet = RedactedPacket(0, 1, 2, 3, 4, b"redacted")
    stream = bytearray()

    def write(fd: int, data: memoryview) -> int:
        stream.extend(data[:3])
        return min(3, len(data))

    def read(fd: int, count: int) -> bytes:
        taken = bytes(stream[: min(2, count)])
        del stream[: len(taken)]
        return taken

    monkeypatch.setattr(pipe.os, "write", write)
    monkeypatch.setattr(pipe.os, "read", read)
    Sender(-1).send(packet)
    assert stream == packet.pack()
    assert Receiver(-1, [RedactedPacket]).receive() == packet


def test_the_other_side_gone_is_a_broken_pipe() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        with pytest.raises(BrokenPipeError):
            Sender(write).send(END)
    finally:
        os.close(write)


def test_impossible_values_are_a_breach() -> None:
    with pytest.raises(OutletError):
        received(Counts(0, 0.0, float("nan"), 0, 0, 0).pack(), Counts)
