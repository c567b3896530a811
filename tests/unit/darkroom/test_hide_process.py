"""What the hide process keeps of a camera from one connection to the next, and what it begins anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest
from tests.unit.darkroom.script import Script

from passerby.darkroom._frames import Record, Ring, What
from passerby.darkroom.census import Census
from passerby.darkroom.hide_process import HideProcess
from passerby.darkroom.redaction import Options, Redaction
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.ring_file import create_ring
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Message

SOURCE, NOWHERE = b"c" * 32, bytes(32)


class Open:
    """A door that lets everything through."""

    granted, terms, scene, site_root = True, None, b"", bytes(32)

    def begin(self, source: bytes) -> None:
        pass

    def check(self) -> None:
        pass

    def let_out(self, message: Message) -> Message:
        return message


def connection(pictures: int, source: bytes = SOURCE, flags: int = Record.LIVE | Record.LAST_PASS) -> Iterator[Record]:
    """One item of a camera, as the decode process rings it."""
    about = replace(ABOUT, source=source, flags=flags)
    yield replace(about, what=What.ITEM)
    for n in range(pictures):
        yield replace(about, what=What.FRAME, width=64, height=64, pts=n, flags=0)
    yield replace(about, what=What.PASS_END)


class Watched(HideProcess):
    """Remembers every work that it began."""

    begun: list[Redaction | Census]

    def _work(self, about: Record, first: Record, tally: Tally) -> Redaction | Census:
        self.begun.append(super()._work(about, first, tally))
        return self.begun[-1]


def begun(*items: Iterator[Record], shows: bool = False) -> list[Redaction | Census]:
    """The works that a camera's connections made."""
    records = chain(*items)
    writable, readable = create_ring()
    os.close(writable)
    process = Watched(
        lambda: next(records, None),
        lambda: None,
        Ring(readable, writable=False),
        lambda _slot, _rest_s: None,
        lambda _: None,
        Open(),
        bytes(32),
        Script(),  # type: ignore[arg-type]
        Options(live=True),
        shows=shows,
    )
    process.begun = []
    process.run()
    return process.begun


@pytest.mark.parametrize("shows", [False, True])
def test_a_connection_without_a_picture_takes_nothing_away(shows: bool) -> None:
    """A camera that refuses a connection while it starts anew must not cost six hours of learning."""
    refused = [connection(0, NOWHERE) for _ in range(3)]
    assert len(begun(connection(3), *refused, connection(3), shows=shows)) == 1


def test_another_camera_begins_anew() -> None:
    assert len(begun(connection(3), connection(3, b"d" * 32))) == 2


def test_a_camera_is_not_counted_as_the_clip_it_learnt_from() -> None:
    def learnt_first() -> Iterator[Record]:
        clip = replace(ABOUT, source=SOURCE, flags=0)
        yield replace(clip, what=What.ITEM)
        for n in range(3):
            yield replace(clip, what=What.FRAME, width=64, height=64, pts=n)
        yield replace(clip, what=What.PASS_END)
        _, *rest = connection(3)
        yield replace(clip, what=What.HEADER, flags=Record.LIVE | Record.LAST_PASS)
        yield from rest

    clip, camera = begun(learnt_first())
    assert isinstance(clip, Census) and isinstance(camera, Census)
    assert camera.live and not clip.live


def test_a_file_is_counted_by_what_it_was_learnt_from() -> None:
    def twice() -> Iterator[Record]:
        about = replace(ABOUT, source=SOURCE, flags=0)
        yield replace(about, what=What.ITEM)
        for last in (0, Record.LAST_PASS):
            yield replace(about, what=What.HEADER, flags=last)
            yield replace(about, what=What.FRAME, width=64, height=64)
            yield replace(about, what=What.PASS_END, flags=last)

    assert len(begun(twice())) == 1
