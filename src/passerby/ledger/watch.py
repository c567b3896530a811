"""A watchdog: mirrors a log, cosigns it if asked, keeps what proves a fork, and tells what it saw in a static page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from passerby.ledger.checkpoint import unverified
from passerby.ledger.errors import Forked, LedgerError, Refuted, Unreadable, Unsafe
from passerby.ledger.mirror import Mirror
from passerby.ledger.ports import Clock, Objects, Slot
from passerby.ledger.verify import NOT_PROVEN, Key, Reader, Trust, verify_log
from passerby.ledger.watch_page import DAY, Counted, Event, Status, page, status_json
from passerby.ledger.watch_words import FILES
from passerby.ledger.witness import Witness
from passerby.ledger.witness_client import ask

_KEPT_EVENTS = 100
_WORDS = (  # what an error's words make of the log; the first that fits
    ("rolled back", "rolled back"),
    ("is a stale witness", "stale"),
    ("is missing: the log is truncated", "truncated"),
    ("an entry was swapped", "false"),
    ("can't be reached", "unreachable"),
    ("shows no checkpoint", "unreachable"),
)


@dataclass(frozen=True, slots=True)
class Cosigning:
    """A watchdog's own witness, and its keys."""

    witness: Witness
    keys: Sequence[Key]


class Watchdog:
    """Watches one log.

    Args:
        read: The log's files, not trusted.
        mirror: Where the copy is held.
        public: Where the page, `status.json` and evidence are written.
        memory: What it saw before: states and their times, so that no restart forgets a breach.
        trust: The log's keys, and whose cosignatures are demanded. Its time is set from the clock.
        clock: Seconds since 1970.
        where: The log's address, for the page.
        quiet_s: After so many seconds without a new entry the log is called stale.
        cosigning: Its own witness, where it has one.
        count: What the first so many entries of the copy come to, as of a time. It may raise what a false act deserves.
    """

    def __init__(
        self,
        read: Reader,
        mirror: Objects,
        public: Objects,
        memory: Slot,
        trust: Trust,
        clock: Clock,
        where: str,
        quiet_s: int = DAY,
        cosigning: Cosigning | None = None,
        count: Callable[[int, int], Counted] | None = None,
    ) -> None:
        self._read, self._mirror, self._public, self._memory = read, mirror, public, memory
        self._trust, self._clock, self._where, self._quiet, self._cosigning = trust, clock, where, quiet_s, cosigning
        self._count = count
        self._counted: Counted | None = None  # until a look could be counted
        self._verified = 0

    def look(self, watch: Callable[[int], None] = lambda _held: None) -> tuple[Status, LedgerError | None]:
        """Look once, and write what was seen; the error too, where the log is not sound.

        Raises:
            OSError: Our own disk failed.
        """
        before, now = self._load(), self._clock()
        found, error = self._found(before, now, watch)
        if (found.state, found.why) != (before.state, before.why):
            found = replace(found, events=(*found.events, Event(now, found.state, found.why))[-_KEPT_EVENTS:])
        self._memory.save(status_json(found))
        pages = [(path, page(found, self._counted, language)) for language, path in FILES.items()]
        self._public.put([("status.json", status_json(found)), *pages])
        return found, error

    def _found(self, before: Status, now: int, watch: Callable[[int], None]) -> tuple[Status, LedgerError | None]:
        self._trust.now = now
        seen = replace(before, where=self._where, looked=now, why="", proven=(), not_proven=NOT_PROVEN)
        error: LedgerError | None = None
        try:
            told = Mirror(self._read, self._mirror, self._trust, watch).update()
            told += self._verify(now)
            point = unverified(self._mirror.get("checkpoint") or b"")
            grew = now if (point.size, point.origin) != (before.size, before.origin) else before.grew
            seen = replace(seen, origin=point.origin, size=point.size, root=point.root.hex(), grew=grew, good=now)
            told += self._cosign()
            self._account(point.size, now)
            if now - grew > self._quiet:
                raise Refuted(f"stale: nothing new for {(now - grew) // 3600} hours; an honest log writes each hour")
            seen = replace(seen, state="sound", proven=tuple(told))
        except LedgerError as caught:
            error = caught
            seen = replace(seen, state=_state(caught), why=str(caught), evidence=self._keep(caught, before.evidence))
        if seen.evidence and seen.state != "forked":  # a log that forked once stays one that forked
            error = error or Refuted(f"forked: the log signed two histories; the evidence is in {seen.evidence[0]}")
            seen = replace(seen, state="forked", why=seen.why or str(error))
        return seen, error

    def _verify(self, now: int) -> list[str]:
        """All of our own copy once a day: disks rot."""
        if self._verified and now - self._verified < DAY:
            return []
        keys = list(self._trust.keys or self._trust.policy.logs)
        try:
            told = verify_log(self._mirror.get, Trust(keys, origin=self._trust.origin))
        except LedgerError as error:
            raise Unsafe(f"this watchdog's own copy is damaged ({error}): move it away, and start again") from error
        self._verified = now
        return told[-1:]

    def _account(self, size: int, now: int) -> None:
        if self._count is None:
            return
        try:
            self._counted = self._count(size, now)
        except LedgerError as error:
            self._counted = Counted(why=str(error))
            raise

    def _cosign(self) -> list[str]:
        if not self._cosigning:
            return []
        witness, keys = self._cosigning.witness, self._cosigning.keys
        note = self._mirror.get("checkpoint") or b""

        def post(_url: str, body: bytes) -> tuple[int, str, bytes]:
            answer = witness.handle("POST", "add-checkpoint", body)
            return answer.status, answer.kind, answer.body

        lines = [ask(note, self._mirror.get, key, "", post) for key in keys]
        self._public.put([("cosigned", note + "".join(lines).encode())])
        return [f"this watchdog cosigned it as {', '.join(sorted({key.name for key in keys}))}"]

    def _keep(self, error: LedgerError, evidence: tuple[str, ...]) -> tuple[str, ...]:
        if not isinstance(error, Forked):
            return evidence
        path = f"evidence/fork-{sha256(error.evidence).hexdigest()[:16]}.json"
        self._public.put([(path, error.evidence)])
        return evidence if path in evidence else (*evidence, path)

    def _load(self) -> Status:
        if (raw := self._memory.load()) is None:
            return Status(where=self._where)
        try:
            found = json.loads(raw)
            events = tuple(Event(**event) for event in found.pop("events"))
            fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}
            return Status(**fields, events=events)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreadable("this watchdog's memory is damaged: move its file away, and start again") from error


def _state(error: LedgerError) -> str:
    if isinstance(error, Forked):
        return "forked"
    words = str(error)
    if words.startswith("stale:"):
        return "stale"
    found = next((state for part, state in _WORDS if part in words), "")
    return found or ("false" if isinstance(error, Refuted) else "undecided")
