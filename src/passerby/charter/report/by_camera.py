"""What a ledger tells of each camera: looks, exports, unsealings by month, keys that lived too long, open findings.

Follows the acts as they come and forgets them: memory grows with cameras, months and living keys, not with entries. A
month is that in which an act was *logged*, as in reports.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from passerby.charter.document import Unsound, parse_json
from passerby.ledger.acts import Follower
from passerby.ledger.errors import LedgerError
from passerby.ledger.hours import BIRTH, DEATH, HOUR, PROMPT, Line, read_list
from passerby.ledger.lists import read_lines
from passerby.ledger.schema import Act
from passerby.ledger.verify import Reader

COUNTED = ("look", "export", "unseal", "share")
_MATTERS = ("complaint", "request")


@dataclass(slots=True)
class Told:
    """What the ledger tells of one camera.

    Args:
        months: Month to how often each of `COUNTED` was logged.
        purposes: What for: looks, exports and unsealings.
        holds: How often something was held beyond its time.
        alive: Epoch and class of each living key, and until when it may live (seconds since 1970).
        destroyed: How many keys died.
        late: How many of them died too late.
        worst_s: By how much the latest was late.
    """

    months: dict[str, Counter[str]] = field(default_factory=dict)
    purposes: Counter[str] = field(default_factory=Counter)
    holds: int = 0
    alive: dict[tuple[int, str], int] = field(default_factory=dict)
    destroyed: int = 0
    late: int = 0
    worst_s: int = 0

    def total(self, kind: str) -> int:
        """How often something was done, over all months."""
        return sum(month[kind] for month in self.months.values())

    def overdue(self, now: int) -> int:
        """How many keys should be dead."""
        return sum(now > until + HOUR + PROMPT for until in self.alive.values())


@dataclass(frozen=True, slots=True)
class Open:
    """A finding that stands.

    Args:
        id: The same at each reconciling.
        kind: What is wrong.
        since: When the ledger first had it without a break.
    """

    id: str
    kind: str
    since: int


@dataclass(slots=True)
class ByCamera:
    """All cameras of a ledger, by the names that acts have for them.

    Args:
        read: The ledger's files, for its lists.
    """

    read: Reader
    follower: Follower = field(default_factory=Follower)
    cameras: dict[str, Told] = field(default_factory=dict)
    permits: dict[str, int] = field(default_factory=dict)  # a permit's hash to its act's number
    matters: dict[str, int] = field(default_factory=dict)  # a complaint's or request's id likewise
    findings: dict[str, list[Open]] = field(default_factory=dict)
    reconciled: int = 0
    begun: int = 0  # when the first entry was logged
    lists_missing: str = ""  # why keys' lives or findings are not known

    def take(self, index: int, entry: bytes) -> None:
        """The next entry.

        Raises:
            Refusal: It may not stand here.
        """
        act = self.follower.take(entry)
        kind = act.get("act")
        self.begun = self.begun or self.follower.logged
        if kind in COUNTED:
            self._counted(str(kind), act)
        elif kind == "hold":
            self._hold(act)
        elif kind == "hour":
            self._hour(act)
        elif kind == "reconcile":
            self._reconcile(act)
        elif kind == "permit":
            self.permits[act["permit"]] = index
        elif kind in _MATTERS:
            self.matters[act["case"]] = index

    def of(self, camera: str) -> Told:
        """What is told of a camera; nothing where the ledger never named it."""
        return self.cameras.get(camera, Told())

    def _told(self, camera: str) -> Told:
        return self.cameras.setdefault(camera, Told())

    def _counted(self, kind: str, act: Act) -> None:
        told = self._told(act["camera"])
        told.months.setdefault(month_of(act["logged"]), Counter())[kind] += 1
        if kind != "share":
            told.purposes[act["purpose"]] += 1

    def _hold(self, act: Act) -> None:
        told = self._told(act["camera"])
        told.holds += 1
        told.alive = {epoch: max(until, act["until"]) for epoch, until in told.alive.items()}

    def _hour(self, act: Act) -> None:
        try:
            lines = read_list(act, self.read)
        except LedgerError as error:
            self.lists_missing = self.lists_missing or str(error)
            return
        for line in lines:
            self._line(line, act["logged"])

    def _line(self, line: Line, logged: int) -> None:
        told, epoch = self._told(line.camera), (line.epoch, line.kind)
        if line.what == BIRTH:
            told.alive[epoch] = (line.epoch + 1 + line.keep) * HOUR
        elif line.what == DEATH and (until := told.alive.pop(epoch, None)) is not None:
            told.destroyed += 1
            if logged > until + HOUR + PROMPT:
                told.late += 1
                told.worst_s = max(told.worst_s, logged - until)

    def _reconcile(self, act: Act) -> None:
        try:
            lines = read_lines(act["list"], self.read, "a reconciling")
            found = [_finding(line) for line in lines]
        except LedgerError as error:
            self.lists_missing = self.lists_missing or str(error)
            return
        before = {finding.id: finding.since for held in self.findings.values() for finding in held}
        self.reconciled, self.findings = act["logged"], {}
        for camera, number, kind in found:
            since = before.get(number, self.reconciled)
            self.findings.setdefault(camera, []).append(Open(number, kind, since))


def month_of(seconds: int) -> str:
    """The month (UTC) of a time, such as 2026-11."""
    return datetime.fromtimestamp(min(seconds, 253402300799), UTC).strftime("%Y-%m")


def _finding(line: bytes) -> tuple[str, str, str]:
    """A finding's camera, id and kind.

    Raises:
        LedgerError: It is none.
    """
    try:
        found = parse_json(line.decode())
    except (Unsound, UnicodeDecodeError) as error:
        raise LedgerError("a finding of a reconciling can't be read") from error
    if not isinstance(found, dict):
        raise LedgerError("a finding of a reconciling can't be read")
    return str(found.get("camera", "")), str(found.get("id", "")), str(found.get("finding", ""))
