"""Acts follow each other: no number missing, nothing before its time, and late ones are seen to be late."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from passerby.ledger.acts import Follower, first_schema
from passerby.ledger.errors import Refusal
from passerby.ledger.schema import FIRST, SCHEMA_ACT, format_act

A, B = "p-" + "a" * 32, "p-" + "b" * 32
NOW = 1_790_000_000
STOP = {"act": "stop", "camera": "cam-0a", "permit": "e" * 64}
HOUR = {"act": "hour", "station": "st-01", "cameras": 1, "list": "f" * 64}


def follower() -> Follower:
    """One that has seen the first schema."""
    it = Follower()
    it.take(format_act(it.whole(first_schema(A), NOW)))
    return it


def entry(it: Follower, now: int = NOW, **fields: Any) -> bytes:
    return format_act(it.whole(fields, now))


def refused(it: Follower, words: str, **fields: Any) -> None:
    base = {"v": 1, "actor": A, "seq": it.sequences.get(A, 0), "time": NOW, "logged": NOW}
    with pytest.raises(Refusal, match=words):
        it.take(format_act(base | fields))


def test_the_schema_comes_first() -> None:
    refused(Follower(), "no schema yet", **STOP)
    it = Follower()
    it.take(entry(it, act="site-root", actor=A, content="e" * 64))
    refused(it, "no schema yet", **STOP)


def test_each_actor_counts_for_itself() -> None:
    it = follower()
    it.take(entry(it, actor=A, **STOP))
    it.take(entry(it, actor=B, **STOP))
    assert it.sequences == {A: 2, B: 1}
    refused(it, "next number is 2, not 3", seq=3, **STOP)
    refused(it, "next number is 2, not 1", seq=1, **STOP)


def test_nothing_is_logged_before_it_happened_or_out_of_order() -> None:
    it = follower()
    refused(it, "logged before it happened", time=NOW + 1, **STOP)
    refused(it, "earlier than the one before it", time=NOW - 5, logged=NOW - 1, **STOP)


def test_a_clock_that_was_set_back_does_not_stop_the_log() -> None:
    it = follower()
    act = it.whole({"actor": A, **STOP}, NOW - 3600)
    assert (act["time"], act["logged"]) == (NOW - 3600, NOW)


def test_what_is_logged_late_is_counted() -> None:
    it = follower()
    it.take(entry(it, actor=A, time=NOW - 60, **STOP))
    assert it.late == 0
    it.take(entry(it, actor=A, time=NOW - 61, **STOP))
    assert it.late == 1


def test_hours_of_a_station_have_no_gap() -> None:
    it = follower()
    it.take(entry(it, actor=A, hour=7, **HOUR))
    it.take(entry(it, actor=A, hour=8, **HOUR))
    it.take(entry(it, actor=A, hour=70, **HOUR | {"station": "st-02"}))
    refused(it, "next is 9, not 10", hour=10, **HOUR)
    refused(it, "next is 9, not 8", hour=8, **HOUR)


def test_another_schema_is_the_next_version_and_holds_from_then_on() -> None:
    it = follower()
    second = copy.deepcopy(FIRST)
    second["v"] = 2
    second["acts"]["pause"] = {"camera": "id"}
    refused(it, "not in the schema", act="pause", camera="cam-0a")
    refused(it, "next schema is version 2, not 3", act=SCHEMA_ACT, schema=second | {"v": 3})
    refused(it, "next schema is version 2, not 1", act=SCHEMA_ACT, schema=FIRST)
    it.take(entry(it, actor=A, act=SCHEMA_ACT, schema=second))
    refused(it, "version 1 of the schema: 2 is in force", act="pause", camera="cam-0a")
    assert it.take(entry(it, actor=A, act="pause", camera="cam-0a"))["v"] == 2


def test_a_log_begins_with_version_one() -> None:
    refused(Follower(), "next schema is version 1, not 2", act=SCHEMA_ACT, schema=FIRST | {"v": 2})
