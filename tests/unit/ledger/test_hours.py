"""A station's hour: its list is what was logged, its lines have no gap and no words, and keys die in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.ledger.errors import Refusal, Refuted, Unreadable
from passerby.ledger.hours import BIRTH, DEATH, HOUR, PROMPT, ROOT, SILENT, Keys, Line, follow, make_list, read_list
from passerby.ledger.lists import list_path
from passerby.ledger.merkle import root_of_entries
from passerby.ledger.schema import MOST

CAMERAS = ("cam-0a", "cam-0b", "gate-1")
COUNTS = st.integers(0, MOST)
LINES = st.lists(
    st.builds(Line, st.sampled_from(CAMERAS), COUNTS, st.sampled_from([SILENT, DEATH]), COUNTS)
    | st.builds(Line, st.sampled_from(CAMERAS), COUNTS, st.just(BIRTH), COUNTS, COUNTS),
    max_size=20,
)


def act(root: str, cameras: int) -> dict[str, Any]:
    return {"act": "hour", "station": "st-01", "hour": 7, "cameras": cameras, "list": root, "logged": 8 * HOUR}


def held(raw: bytes, cameras: int = 1) -> list[Line]:
    """What is read of a list that was logged as it is."""
    root = root_of_entries(raw.split(b"\n")[:-1]).hex()
    return read_list(act(root, cameras), {list_path(root): raw}.get)


@given(LINES)
def test_a_list_is_read_as_it_was_made(lines: list[Line]) -> None:
    root, cameras, raw = make_list(lines)
    assert read_list(act(root, cameras), {list_path(root): raw}.get) == sorted(lines)


def test_a_list_that_is_missing_or_another_is_found_out() -> None:
    root, _, raw = make_list([Line("cam-0a", 0, SILENT, 7), Line("cam-0b", 0, SILENT, 7)])
    with pytest.raises(Unreadable, match="missing"):
        read_list(act(root, 2), {}.get)
    other = make_list([Line("cam-0a", 0, SILENT, 7)])[2]
    for swapped in (other, raw + other, raw[:-1], raw + b"more", b"".join(sorted(raw.splitlines(True), reverse=True))):
        with pytest.raises(Refuted, match="not the one that was logged"):
            read_list(act(root, 2), {list_path(root): swapped}.get)
    with pytest.raises(Refuted, match="not the one that was logged"):
        read_list(act(root, 3), {list_path(root): raw}.get)


@pytest.mark.parametrize(
    "line",
    [
        b'{"camera":"Mr Smith, Main Street 5","epoch":7,"seq":0,"what":"silent"}',
        b'{"camera":"cam-0a","epoch":7,"seq":0,"what":"Mr Smith"}',
        b'{"camera":"cam-0a","epoch":9007199254740993,"seq":0,"what":"silent"}',
        b'{"camera":"cam-0a","epoch":7,"seq":-1,"what":"silent"}',
        b'{"camera":"cam-0a","epoch":7,"seq":true,"what":"silent"}',
        b'{"camera":"cam-0a","epoch":7,"seq":0.0,"what":"silent"}',
        b'{"camera":"cam-0a","epoch":7,"seq":0,"what":"silent","x":"y"}',
        b'{"camera":"cam-0a","epoch":7,"keep":1,"seq":0,"what":"silent"}',
        b'{"camera":"cam-0a","epoch":7,"keep":"1","seq":0,"what":"birth"}',
        b'{ "camera":"cam-0a","epoch":7,"seq":0,"what":"silent"}',
        b'{"camera":["cam-0a"],"epoch":7,"seq":0,"what":"silent"}',
        *(b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000),
    ],
)
def test_what_no_line_may_say_is_not_read(line: bytes) -> None:
    with pytest.raises(Unreadable, match="a line that can't be read"):
        held(line + b"\n")


def test_nobody_can_write_what_no_line_may_say() -> None:
    for odd in (
        ("Mr Smith", 0, SILENT, 7),
        ("cam-0a", 0, "seen", 7),
        ("cam-0a", -1, SILENT, 7),
        ("cam-0a", 0, BIRTH, 7, -1),
    ):
        with pytest.raises(Refusal):
            Line(*odd)


def test_a_camera_s_numbers_have_no_gap() -> None:
    keys = Keys()
    keys.take([Line("cam-0a", 0, SILENT, 7), Line("cam-0b", 0, SILENT, 7)], logged=8 * HOUR)
    keys.take([Line("cam-0a", 1, SILENT, 8)], logged=9 * HOUR)
    for seq in (1, 3):
        with pytest.raises(Refuted, match=f"cam-0a: line 2 is missing or repeated; {seq} came instead"):
            keys.take([Line("cam-0a", seq, SILENT, 9)], logged=10 * HOUR)


def test_a_key_is_born_once_and_dies_once() -> None:
    keys = Keys()
    keys.take([Line("cam-0a", 0, BIRTH, 7, keep=2)], logged=7 * HOUR)
    with pytest.raises(Refuted, match="born twice"):
        keys.take([Line("cam-0a", 1, BIRTH, 7, keep=2)], logged=7 * HOUR)
    with pytest.raises(Refuted, match="was not alive"):
        keys.take([Line("cam-0b", 0, DEATH, 7)], logged=7 * HOUR)


def test_a_key_that_dies_late_or_not_at_all_is_named() -> None:
    """Born in hour 7 with two hours to keep, it must be dead when hour 10 begins; that is told by 11:30."""
    keys, until = Keys(), 10 * HOUR
    keys.take([Line("cam-0a", 0, BIRTH, 7, keep=2), Line("cam-0b", 0, BIRTH, 7, keep=2)], logged=7 * HOUR)
    told = until + HOUR + PROMPT
    assert list(keys.overdue(told)) == []
    assert list(keys.overdue(told + 1)) == [("cam-0a", 7, until), ("cam-0b", 7, until)]
    keys.take([Line("cam-0a", 1, DEATH, 7)], logged=told)
    keys.take([Line("cam-0b", 1, DEATH, 7)], logged=told + 1)
    assert keys.late == [("cam-0b", 7, until, told + 1)]
    assert list(keys.overdue(told + 1)) == []


def test_classes_have_keys_of_their_own_and_trees_have_one_root() -> None:
    keys, root = Keys(), "ab" * 32
    keys.take([Line("cam-0a", 0, BIRTH, 7, keep=2), Line("cam-0a", 1, BIRTH, 7, keep=2, kind="sealed")], 8 * HOUR)
    keys.take([Line("cam-0a", 2, ROOT, 7, root=root)], 9 * HOUR)
    assert keys.roots == {("cam-0a", 7, "redacted"): root}
    for odd in (Line("cam-0a", 3, ROOT, 7, root=root), Line("cam-0a", 3, ROOT, 8, root=root)):
        with pytest.raises(Refuted, match="a root of hour"):
            replace(keys, numbers={"cam-0a": 3}).take([odd], 9 * HOUR)
    keys.take([Line("cam-0a", 3, DEATH, 7)], 9 * HOUR)
    assert list(keys.alive) == [("cam-0a", 7, "sealed")]
    assert not keys.roots


def test_a_hold_lets_what_a_camera_has_live_on() -> None:
    keys = Keys()
    keys.take([Line("cam-0a", 0, BIRTH, 7, keep=2), Line("cam-0b", 0, BIRTH, 7, keep=2)], 8 * HOUR)
    follow(lambda _: None, keys)({"act": "hold", "camera": "cam-0a", "until": 100 * HOUR})
    assert [camera for camera, _, _ in keys.overdue(50 * HOUR)] == ["cam-0b"]
    assert [camera for camera, _, _ in keys.overdue(150 * HOUR)] == ["cam-0a", "cam-0b"]


def test_a_log_is_followed_hour_by_hour() -> None:
    keys = Keys()
    root, cameras, raw = make_list([Line("cam-0a", 0, BIRTH, 7, keep=2)])
    take = follow({list_path(root): raw}.get, keys)
    take({"act": "stop"})
    assert not keys.alive
    take(act(root, cameras))
    assert keys.alive == {("cam-0a", 7, "redacted"): 10 * HOUR}
