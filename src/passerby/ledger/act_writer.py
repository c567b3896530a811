"""Writes acts: fills in each actor's next number and the time, and refuses what the schema refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence

from passerby.ledger.acts import ROOT_ACT, Follower, first_schema
from passerby.ledger.errors import Misuse, Refusal
from passerby.ledger.log import Log
from passerby.ledger.ports import Clock, Slot
from passerby.ledger.schema import SCHEMA_ACT, Schema, format_act, parse_act


class ActWriter:
    """Appends acts to a log; safe to share between threads.

    Args:
        log: The open log.
        memory: Where to remember, between runs, what the acts so far come to; rebuilt from the log where it is lost.
        clock: Seconds since 1970.

    Raises:
        Refusal: The log holds something that is not an act.
    """

    def __init__(self, log: Log, memory: Slot, clock: Clock) -> None:
        self._log, self._memory, self._clock = log, memory, clock
        self._mutex = threading.Lock()
        self._follower = _remembered(log, memory)

    @property
    def hours(self) -> dict[str, int]:
        """The hour that each station reported last."""
        return self._follower.hours

    def append(self, act: Mapping[str, object], key: bytes = b"") -> int:
        """Append an act; returns its index once it is durable.

        Args:
            act: `act`, `actor` and the fields of its kind; `time` where it happened before now.
            key: The caller's name for this call; a second call with the same key gets the first one's index.

        Raises:
            Refusal: The act may not enter.
            Misuse: The key was used for another act, or the log is frozen.
            Unsafe: The disk failed.
        """
        return self.append_many([(act, key)])[0]

    def append_many(self, acts: Sequence[tuple[Mapping[str, object], bytes]]) -> list[int]:
        """Append acts in order, each with its caller's key or none, durable together. Raises as `append` does."""
        with self._mutex:
            indices = [self._take(act, key) for act, key in acts]
        self._log.wait(max(indices, default=-1) + 1)
        return indices

    def _take(self, act: Mapping[str, object], key: bytes) -> int:
        if (index := self._log.find(key)) is None:
            return self._enqueue(act, key)
        self._check_same(index, act)
        return index

    def _enqueue(self, act: Mapping[str, object], key: bytes) -> int:
        if self._follower.schema is None and act.get("act") not in (SCHEMA_ACT, ROOT_ACT):
            self._enqueue(first_schema(str(act.get("actor"))), b"")
        whole = self._follower.whole(act, self._clock())
        (index,) = self._log.enqueue([(format_act(whole), key)])
        self._follower.advance(whole)
        return index

    def _check_same(self, index: int, act: Mapping[str, object]) -> None:
        earlier = parse_act(self._log.entry(index))
        if any(earlier.get(name) != value for name, value in act.items()):
            raise Misuse(f"this key was used for another act, number {index}: use a new key for a new act")

    def close(self) -> None:
        """Publish, and remember."""
        with self._mutex:
            self._log.publish()
            self._memory.save(_dumps(self._follower, self._log))


def _remembered(log: Log, memory: Slot) -> Follower:
    follower, first = _loads(memory.load() or b"{}", log)
    for index, entry in enumerate(log.entries(first), first):
        try:
            follower.take(entry)
        except Refusal as error:
            raise Refusal(f"entry {index} is not an act ({error}): append to this log with --raw only") from error
    return follower


def _dumps(follower: Follower, log: Log) -> bytes:
    point = log.published
    kept = {"sequences": follower.sequences, "hours": follower.hours, "logged": follower.logged, "late": follower.late}
    schema = follower.schema.document if follower.schema else None
    return json.dumps({"size": point.size, "root": point.root.hex(), "schema": schema, **kept}).encode()


def _loads(raw: bytes, log: Log) -> tuple[Follower, int]:
    """What was remembered, if it is about the tree that this log signed last; else nothing."""
    point = log.published
    try:
        found = json.loads(raw)
        if (found.get("size"), found.get("root")) != (point.size, point.root.hex()):
            return Follower(), 0
        schema = Schema(found["schema"]) if found["schema"] else None
        follower = Follower(schema, found["sequences"], found["hours"], found["logged"], found["late"])
    except (ValueError, KeyError, AttributeError):
        return Follower(), 0
    return follower, point.size
