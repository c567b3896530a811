"""Packets never make a camera wait, and none is lost in silence."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.intake.outbox import Outbox
from passerby.outlet.messages import NO_TIME, Message, Packet, PassEnd, Status
from passerby.outlet.pipe import Receiver


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    os.set_blocking(write, False)
    yield read, write
    os.close(read)


def packet(number: int, size: int, *, key: bool = False) -> Packet:
    return Packet(number, NO_TIME, int(key), bytes(size))


def everything(read: int, write: int, outbox: Outbox) -> list[Message]:
    """Empty the outbox from another thread, as the darkroom would, and end."""
    got: list[Message] = []

    def listen() -> None:
        receiver = Receiver(read, (Packet, PassEnd))
        while (message := receiver.receive()) is not None:
            got.append(message)

    thread = threading.Thread(target=listen)
    thread.start()
    outbox.message(PassEnd(1, Status.DONE))
    os.close(write)
    thread.join(20)
    assert not thread.is_alive()
    return got


def test_all_arrives_in_order_though_nobody_reads_at_first(pipe: tuple[int, int]) -> None:
    outbox = Outbox(pipe[1], os.write)
    sent = [packet(n, 30_000, key=n % 10 == 0) for n in range(100)]
    for each in sent:
        outbox.packet(each)
    assert outbox.dropped == 0
    assert everything(*pipe, outbox) == [*sent, PassEnd(1, Status.DONE)]


@given(st.lists(st.tuples(st.integers(1, 40_000), st.booleans()), min_size=1, max_size=60))
def test_what_does_not_fit_is_dropped_up_to_a_keyframe_and_counted(sizes: list[tuple[int, bool]]) -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    outbox = Outbox(write, os.write, most_bytes=100_000)
    for number, (size, key) in enumerate(sizes):
        outbox.packet(packet(number, size, key=key))
    got = [m for m in everything(read, write, outbox) if isinstance(m, Packet)]
    os.close(read)
    assert len(got) + outbox.dropped == len(sizes)
    numbers = [p.pts for p in got]
    assert numbers == sorted(numbers)
    for before, after in itertools.pairwise(got):
        assert after.pts == before.pts + 1 or after.flags & 1, "after a gap comes a keyframe"


def test_a_packet_larger_than_the_limit_goes_through_an_empty_outbox(pipe: tuple[int, int]) -> None:
    outbox = Outbox(pipe[1], os.write, most_bytes=1000)
    outbox.packet(packet(0, 500_000, key=True))
    assert outbox.dropped == 0
    assert len(everything(*pipe, outbox)) == 2


def test_a_darkroom_that_has_gone_is_noticed() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.close(read)
    with pytest.raises(BrokenPipeError):
        Outbox(write, os.write).packet(packet(0, 10))
    os.close(write)
