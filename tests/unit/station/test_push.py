"""Pushing: each part once and in order, a new stream where it breaks, and no server can hang it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from passerby.archive.live import LiveSegment, Part, Window
from passerby.base.errors import OutputError
from passerby.station.push import HUNG_S, Live, _entry, push


def segment(number: int, keys: str, *, finished: bool = True) -> LiveSegment:
    parts = [Part(index, 1, 500_000, sign == "k") for index, sign in enumerate(keys)]
    return LiveSegment(number, "f", 0, 0, discontinuity=False, finished=finished, parts=parts)


@pytest.mark.parametrize(
    ("segments", "entry"),
    [
        ([segment(4, "k--"), segment(5, "k-k-", finished=False)], (5, 2)),
        ([segment(4, "k--"), segment(5, "--", finished=False)], (4, 0)),
        ([segment(5, "--", finished=False)], (6, 0)),
    ],
)
def test_it_begins_with_the_newest_picture_that_stands_alone(
    segments: list[LiveSegment], entry: tuple[int, int]
) -> None:
    assert _entry(Window(0, segments)) == entry


@dataclass
class Server:
    """Takes parts; hangs or refuses when told."""

    taken: list[bytes] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    closed: int = 0
    hangs: bool = False

    def send(self, init: bytes, part: bytes) -> None:
        self.taken.append(part)
        if self.hangs:
            self.release.wait(30)
        if part == b"refused":
            raise OutputError("refused")

    def close(self) -> None:
        self.closed += 1


@dataclass
class Feed:
    """Parts as `Live` gives them, a list for each look."""

    looks: list[list[tuple[bytes, bytes, bool]]]
    stop: threading.Event

    def parts(self) -> Iterator[tuple[bytes, bytes, bool]]:
        yield from self.looks.pop(0)
        if not self.looks:
            self.stop.set()


def run(server: Server, *looks: list[tuple[bytes, bytes, bool]], clock: list[float] | None = None) -> list[str]:
    stop, said = threading.Event(), list[str]()

    def hung() -> None:
        said.append("hung")
        server.release.set()

    times = clock or [0.0]
    now = lambda: times.pop(0) if len(times) > 1 else times[0]  # noqa: E731
    push(cast(Live, Feed(list(looks), stop)), lambda: server, stop, hung, now)
    return said


def test_parts_go_out_in_order_and_a_break_begins_a_new_stream() -> None:
    server = Server()
    run(server, [(b"i", b"1", True), (b"i", b"2", False)], [], [(b"j", b"3", True), (b"j", b"4", False)])
    assert server.taken == [b"1", b"2", b"3", b"4"]
    assert server.closed == 2


def test_a_server_that_refuses_ends_it_after_a_goodbye() -> None:
    server = Server()
    with pytest.raises(OutputError):
        run(server, [(b"i", b"refused", True)])
    assert server.closed == 1


def test_a_server_that_hangs_is_noticed_by_another_thread() -> None:
    assert run(Server(hangs=True), [(b"i", b"1", True)], clock=[0.0, HUNG_S + 1]) == ["hung"]
