"""Hours that wait for the ledger: a file at a time, none lost, told once, and never in each other's way."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.archive.backup import backup, restore
from passerby.archive.folder import Layout
from passerby.base.errors import StoreError
from passerby.ledger.hours import BIRTH, DEATH, ROOT, SILENT, Keys
from passerby.store.hours import Event, HourQueue, lists_of
from passerby.store.migrate import open_store

FULL = 4000


def birth(hour: int, camera: str = "cam-1") -> Event:
    return Event(hour, camera, BIRTH, hour, 24)


def queue(path: Path) -> HourQueue:
    return HourQueue(path / "hours.waiting", full=FULL)


def many(path: Path, count: int = 200) -> list[Event]:
    events = [birth(hour) for hour in range(count)]
    for at in range(0, count, 4):
        queue(path).put(events[at : at + 4])
    return events


def test_what_waits_is_put_aside_and_nothing_is_lost(tmp_path: Path) -> None:
    events = many(tmp_path)
    assert len(queue(tmp_path).aside()) > 3
    assert max(p.stat().st_size for p in tmp_path.iterdir()) < 2 * FULL + (1 << 18)
    assert queue(tmp_path).waiting() == events


@pytest.mark.parametrize("taken", [0, 1, 30, 31, 150, 200])
def test_what_was_taken_is_forgotten_and_the_rest_waits(tmp_path: Path, taken: int) -> None:
    events = many(tmp_path)
    assert queue(tmp_path).deliver(lambda got: taken if list(got) == events else -1) == taken
    assert queue(tmp_path).waiting() == events[taken:]
    queue(tmp_path).put([birth(999)])
    assert queue(tmp_path).waiting() == [*events[taken:], birth(999)]


def test_delivery_reads_as_far_as_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much waits."""
    many(tmp_path)
    opened = list[Path]()
    real = HourQueue._read

    def counted(self: HourQueue, path: Path):  # type: ignore[no-untyped-def]
        opened.append(path)
        return real(self, path)

    monkeypatch.setattr(HourQueue, "_read", counted)
    assert queue(tmp_path).deliver(lambda got: 1 if next(got) == birth(0) else 0) == 1
    assert len(set(opened)) == 1


def test_a_station_does_not_wait_for_a_delivery(tmp_path: Path) -> None:
    events, added = many(tmp_path, 5), threading.Event()

    def take(got: Iterator[Event]) -> int:
        def add() -> None:
            queue(tmp_path).put([birth(7)])
            added.set()

        threading.Thread(target=add, daemon=True).start()
        assert added.wait(20), "who adds waits for who delivers"
        return len(list(got))

    assert queue(tmp_path).deliver(take) == len(events)
    assert queue(tmp_path).waiting() == [birth(7)]


def test_a_failure_anywhere_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was handed over may be handed over again; what was not is never gone."""
    names = ("rename", "replace", "unlink", "fsync", "fdatasync")
    real = {name: getattr(os, name) for name in names}
    count, fail_at = 0, 0

    def wrapped(name: str):  # type: ignore[no-untyped-def]
        def call(*args, **kwargs):  # type: ignore[no-untyped-def]
            nonlocal count
            count += 1
            if count == fail_at:
                raise OSError(5, "as told")
            return real[name](*args, **kwargs)

        return call

    for name in names:
        monkeypatch.setattr(os, name, wrapped(name))
    for at in range(1, 200, 4):
        root, count, fail_at, put, told = tmp_path / str(at), 0, at, list[Event](), list[Event]()
        root.mkdir()
        small = HourQueue(root / "hours.waiting", full=300)
        for hour in range(8):
            try:
                small.put([birth(hour)])
            except StoreError:
                small.put([birth(hour)])
            put.append(birth(hour))
            if hour % 3 == 2:
                try:
                    small.deliver(partial(_take, told))
                except StoreError:
                    small.deliver(partial(_take, told))
        reached, fail_at = count >= at, 0
        told += small.waiting()
        assert list(dict.fromkeys(told)) == put
        if not reached:
            break
    assert at > 40 and not reached


def _take(told: list[Event], got: Iterator[Event]) -> int:
    taken = list(got)
    told += taken
    return len(taken)


def test_cameras_are_greeted_once(tmp_path: Path) -> None:
    for _ in range(3):
        queue(tmp_path).greet(5, ["cam-1", "cam-2"])
    assert [(e.camera, e.what) for e in queue(tmp_path).waiting()] == [("cam-1", "here"), ("cam-2", "here")]


def test_a_backup_has_what_was_put_aside(tmp_path: Path) -> None:
    data, layout = tmp_path / "data", Layout(tmp_path / "data")
    data.mkdir()
    with open_store(layout.database, lambda: 0):
        events = many(data, 60)
        backup(layout, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "new")
    assert queue(tmp_path / "new").waiting() == events


EVENTS = st.lists(
    st.builds(
        Event,
        hour=st.integers(90, 104),
        camera=st.sampled_from(["cam-1", "cam-2", "cam-3"]),
        what=st.sampled_from([BIRTH, DEATH, ROOT, "here"]),
        epoch=st.integers(88, 93),
    ),
    max_size=40,
)


@given(EVENTS, st.none() | st.integers(85, 100))
def test_whatever_is_told_the_ledger_takes(events: list[Event], last: int | None) -> None:
    """Every hour once, every camera that was heard of in each, nothing that the ledger refuses."""
    events = [Event(**{**_fields(e), "root": "ab" * 32 if e.what == ROOT else ""}) for e in events]
    keys, hours, heard = Keys(), list[int](), set[str]()
    for hour, lines, taken in lists_of(iter(events), keys, ["cam-0"], last, 100 * 3600):
        hours.append(hour)
        heard |= {e.camera for e in events[:taken]} | {"cam-0"}
        assert {line.camera for line in lines} == heard
        assert all(line.epoch == hour for line in lines if line.what == SILENT)
    first = min(100, events[0].hour if events else 100) if last is None else last + 1
    assert hours == list(range(first, 100))


def _fields(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__slots__}
