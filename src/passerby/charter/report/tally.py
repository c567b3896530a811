"""Counts a ledger's acts for a report. Memory grows with cameras, staff, open promises and published
draws, not with entries.

A period is half-open: an act belongs to it by the time at which it was *logged*, which never goes back, so that a
period is a range of entries. What is open, overdue or in force is told as of the period's end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from passerby.charter.document import Unsound, parse_json
from passerby.charter.matter import draw
from passerby.charter.matter.draw import LOOKS, Seen
from passerby.ledger.acts import Follower
from passerby.ledger.errors import Refuted, Unreadable
from passerby.ledger.hours import HOUR, Keys, read_list
from passerby.ledger.lists import read_lines
from passerby.ledger.schema import FIRST, SCHEMA_ACT, Act
from passerby.ledger.verify import Key, Reader, leaf_hash

DAY = 86400
DRAW_WITHIN_S = 31 * DAY  # after so long a look that no draw covered is overdue
SILENT_S = 2 * HOUR
LATE_S = 60
REVIEW = "look-review"
BY_ANOTHER = ("justification", REVIEW)  # nobody ends these for themselves


@dataclass(slots=True)
class Promise:
    """Something owed: since and until when, by whose act; of a review, which entry it is about."""

    since: int
    until: int
    by: str
    entry: int = -1


@dataclass(frozen=True, slots=True)
class Drawing:
    """A draw that was checked as far as its list goes; the log's own root at its size is still to be compared.

    Args:
        index: The act's number.
        size: Of the checkpoint.
        root: Of the checkpoint.
        witnesses: Whose cosignatures decided it.
    """

    index: int
    size: int
    root: bytes
    witnesses: tuple[Key, ...]


@dataclass(slots=True)
class Tally:
    """All that a report tells, in the making.

    Args:
        begins: The period's first second since 1970.
        ends: The first second after it.
        read: The log's files, for its lists.
        keys: Whether births and deaths of keys are read from the hours' lists.
    """

    begins: int
    ends: int
    read: Reader
    keys: bool = True
    follower: Follower = field(default_factory=Follower)
    counts: Counter[str] = field(default_factory=Counter)
    first: int = -1  # the period's first entry
    owed: dict[tuple[str, str], Promise] = field(default_factory=dict)
    cameras: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # owner, area, phase
    roles: dict[tuple[str, str], int] = field(default_factory=dict)
    hours: dict[str, int] = field(default_factory=dict)
    looks: list[tuple[int, Seen, str]] = field(default_factory=list)  # not drawn from yet: when logged, which, whose
    unexplained: set[str] = field(default_factory=set)  # exports of which nobody said with whom they were shared
    spent: set[bytes] = field(default_factory=set)  # contents of draws that were counted
    drawings: list[Drawing] = field(default_factory=list)
    drawn_to: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    lives: Keys = field(default_factory=Keys)
    _takers: dict[str, Callable[[int, bytes, Act], None]] = field(init=False)

    def __post_init__(self) -> None:
        """See the class."""
        self._takers = {
            "due": self._due, "done": self._done, "phase": self._phase, "authorise": self._authorise,
            "unauthorise": self._unauthorise, "hour": self._hour, "draw": self._draw, "reconcile": self._reconcile,
            "spend": self._spend, "budget": self._budget, "share": self._share,
            **dict.fromkeys(LOOKS, self._look),
        }  # fmt: skip

    def take(self, index: int, entry: bytes) -> bool:
        """The next entry; False once the period is over, and then it was not taken.

        Raises:
            Refusal: It may not stand here.
            Refuted: Its list, or a draw, is not what it must be.
            Unreadable: Its list is missing.
        """
        ahead = self.follower.logged
        act = self.follower.peek(entry)
        if act.get("logged", ahead) >= self.ends:
            return False
        kind = act["act"]
        if kind == SCHEMA_ACT:
            _check_schema(act[SCHEMA_ACT])
        if "actor" in act:
            self.follower.advance(act)
            if act["logged"] >= self.begins:
                if self.first < 0:
                    self.first = index
                self._count(kind, act)
        if (taker := self._takers.get(kind)) is not None:
            taker(index, entry, act)
        return True

    def inside(self) -> bool:
        """Whether the entry taken last is in the period."""
        return self.first >= 0

    def _count(self, kind: str, act: Act) -> None:
        counts = self.counts
        counts[f"acts.{kind}"] += 1
        for name in ("purpose", "reason", "setting", "recipient", "basis"):
            if name in act:
                counts[f"{kind}.{name}.{act[name]}"] += 1
        if act["logged"] - act["time"] > LATE_S:
            counts["acts-logged-late"] += 1

    def _due(self, _index: int, _entry: bytes, act: Act) -> None:
        duty, subject = act["duty"], (act["subject"], act["duty"])
        if (held := self.owed.get(subject)) is not None:
            if self.inside():
                self.counts[f"duty.{duty}.extended"] += 1
            held.until = act["until"]
            return
        self.owed[subject] = Promise(act["time"], act["until"], act["actor"])
        if self.inside():
            self.counts[f"duty.{duty}.promised"] += 1

    def _done(self, _index: int, _entry: bytes, act: Act) -> None:
        duty = act["duty"]
        held = self.owed.pop((act["subject"], duty), None)
        if not self.inside():
            return
        self.counts[f"duty.{duty}.outcome.{act['outcome']}"] += 1
        if held is None:
            self.counts[f"duty.{duty}.never-promised"] += 1
        elif duty in BY_ANOTHER and held.by == act["actor"]:
            self.counts[f"duty.{duty}.by-oneself"] += 1
        # What was done is as late as its entry is: a time that was written down afterwards helps nobody.
        elif act["logged"] < held.until:
            self.counts[f"duty.{duty}.in-time"] += 1
        else:
            self.counts[f"duty.{duty}.late"] += 1

    def _phase(self, _index: int, _entry: bytes, act: Act) -> None:
        before = self.cameras.get(act["camera"], ("", "", ""))[2]
        self.cameras[act["camera"]] = act["owner"], act["area"], act["phase"]
        if self.inside() and act["phase"] != before:
            self.counts[f"phase.{act['phase']}"] += 1

    def _authorise(self, _index: int, _entry: bytes, act: Act) -> None:
        self.roles[act["person"], act["role"]] = act["until"]

    def _unauthorise(self, _index: int, _entry: bytes, act: Act) -> None:
        self.roles.pop((act["person"], act["role"]), None)

    def _spend(self, _index: int, _entry: bytes, act: Act) -> None:
        if self.inside():
            self.counts[f"spent.{act['currency']}.{act['cost']}"] += act["amount"]

    def _share(self, _index: int, _entry: bytes, act: Act) -> None:
        self.unexplained.discard(act["content"])

    def _budget(self, _index: int, _entry: bytes, act: Act) -> None:
        # A draw that is told again, as by a database that came back from a backup, spends nothing twice.
        if (content := bytes.fromhex(act["content"])) in self.spent:
            return
        self.spent.add(content)
        if self.inside():
            self.counts["budget.thousandths"] += act["thousandths"]

    def _hour(self, _index: int, _entry: bytes, act: Act) -> None:
        self.hours[act["station"]] = act["hour"]
        if self.inside():
            self.counts["hours.camera-hours"] += act["cameras"]
        if not self.keys:
            return
        lines = read_list(act, self.read)
        late = len(self.lives.late)
        self.lives.take(lines, act["logged"])
        if self.inside():
            for line in lines:
                self.counts[f"keys.{line.what}"] += 1
            self.counts["keys.late"] += len(self.lives.late) - late
        del self.lives.late[:]

    def _look(self, index: int, entry: bytes, act: Act) -> None:
        if act["act"] == "export":
            self.unexplained.add(act["content"])
        self.looks.append((act["logged"], Seen(index, leaf_hash(entry)), act["actor"]))

    def _draw(self, index: int, _entry: bytes, act: Act) -> None:
        lines = read_lines(act["list"], self.read, f"the draw that is entry {index}")
        whose = {seen: by for _, seen, by in self.looks if seen.index < act["last"]}
        covered = list(whose)
        found = draw.verify(act, index, self.drawn_to, lines, covered)
        self.looks = [look for look in self.looks if look[1].index >= act["last"]]
        self.drawn_to = act["last"]
        self.drawings.append(Drawing(index, act["size"], bytes.fromhex(act["root"]), found.witnesses))
        for look in found.looks:
            self.owed[look.leaf.hex(), REVIEW] = Promise(act["logged"], act["until"], whose[look], look.index)
        if self.inside():
            self.counts[f"duty.{REVIEW}.promised"] += len(found.looks)
            self.counts["draw.looks-covered"] += len(covered)
            self.counts["draw.without-a-witness"] += not found.witnesses

    def _reconcile(self, index: int, _entry: bytes, act: Act) -> None:
        lines = read_lines(act["list"], self.read, f"the reconciling that is entry {index}")
        if len(lines) != act["findings"]:
            raise Refuted(f"the reconciling that is entry {index} has not as many findings as its list")
        self.findings = Counter(_finding(line, index) for line in lines)


# What is read of an act here. A schema may have more fields than these, but not fewer.
_READ = {
    "authorise": ("person", "role", "until"),
    "budget": ("content", "thousandths"),
    "done": ("subject", "duty", "outcome"),
    "draw": ("first", "last", "size", "root", "thousandths", "until", "list"),
    "due": ("subject", "duty", "until"),
    "phase": ("camera", "owner", "area", "phase"),
    "reconcile": ("findings", "list"),
    "spend": ("cost", "currency", "amount"),
    "unauthorise": ("person", "role"),
    **dict.fromkeys(LOOKS, ("camera", "purpose", "case")),
    "export": ("camera", "purpose", "case", "content"),
    "share": ("content",),
}
_NEEDED = {kind: {name: FIRST["acts"][kind][name] for name in names} for kind, names in _READ.items()}


def _check_schema(document: Act) -> None:
    for kind, needed in _NEEDED.items():
        if not (document["acts"].get(kind) or needed).items() >= needed.items():
            raise Unreadable(f"this log's schema says '{kind}' in another way: a newer Passerby may read it")


def _finding(line: bytes, index: int) -> str:
    try:
        found = parse_json(line.decode())
        kind = found["finding"] if isinstance(found, dict) else None
    except (Unsound, UnicodeDecodeError, KeyError) as error:
        raise Unreadable(f"the reconciling that is entry {index} has a finding that can't be read") from error
    if not isinstance(kind, str):
        raise Unreadable(f"the reconciling that is entry {index} has a finding that can't be read")
    return kind
