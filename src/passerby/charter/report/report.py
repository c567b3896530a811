"""The report itself: one canonical JSON document of numbered lines, and how a forged one is refuted by its line.

Lines are sorted by their ids; a value is a whole number. A word of the schema's closed lists that nobody used has its
line, too: with zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from passerby.charter.document import Unsound, check, parse_json
from passerby.charter.report.tally import BY_ANOTHER, DRAW_WITHIN_S, REVIEW, SILENT_S, Tally
from passerby.charter.shapes import digest, exactly, flag, whole
from passerby.ledger import merkle
from passerby.ledger.errors import Misuse, Refusal, Refuted, Unreadable
from passerby.ledger.hours import HOUR
from passerby.ledger.schema import FIRST
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import (
    EMPTY_ROOT,
    Checkpoint,
    LedgerError,
    Reader,
    Trust,
    parse_checkpoint,
    parse_note,
    verify_log,
)

FORMAT = "passerby/report@1"
LONGEST = 16 << 20
_SHAPES = {
    "format": exactly(FORMAT),
    "log": lambda given: isinstance(given, str) and 0 < len(given) <= 255 and given.isprintable(),
    "from": whole(),
    "to": whole(),
    "first": whole(),
    "size": whole(),
    "root": digest,
    "over": flag,
    "keys": flag,
    "lines": lambda given: isinstance(given, dict),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report. Times are seconds since 1970.

    Args:
        log: The ledger's origin.
        begins: The period's first second.
        ends: The first second after it.
        first: The period's first entry; the size where it has none.
        size: How many entries, from 0, the report rests on: all that were logged before the period's end.
        root: The root of the tree of these entries (hexadecimal).
        over: Whether the ledger shows an entry from after the period, so that nothing more can come into it.
        keys: Whether the births and deaths of keys were counted.
        lines: Each id and its value.
    """

    log: str
    begins: int
    ends: int
    first: int
    size: int
    root: str
    over: bool
    keys: bool
    lines: Mapping[str, int]

    def encode(self) -> bytes:
        """Canonical JSON (RFC 8785) and a newline."""
        fields: dict[str, Any] = {
            "format": FORMAT, "log": self.log, "from": self.begins, "to": self.ends, "first": self.first,
            "size": self.size, "root": self.root, "over": self.over, "keys": self.keys, "lines": dict(self.lines),
        }  # fmt: skip
        return rfc8785.dumps(fields) + b"\n"


def parse(raw: bytes) -> Report:
    """A report from its bytes; nothing in it is believed.

    Raises:
        Unreadable: It is none.
    """
    try:
        if len(raw) > LONGEST:
            raise Unreadable("this is longer than any report")
        found = parse_json(raw.decode())
        check(found, _SHAPES)
        assert isinstance(found, dict)
        if not all(isinstance(name, str) and whole()(value) for name, value in found["lines"].items()):
            raise Unreadable("this report has a line that is no number")
    except (Unsound, UnicodeDecodeError) as error:
        raise Unreadable(f"this is not a report ({error})") from error
    report = Report(
        found["log"], found["from"], found["to"], found["first"], found["size"], found["root"], found["over"],
        found["keys"], found["lines"],
    )  # fmt: skip
    if report.encode() != raw:
        raise Unreadable("this report is not written in the one canonical way")
    return report


def compute(
    read: Reader, trust: Trust, begins: int, ends: int, *, keys: bool = True, provisional: bool = False,
    most: int | None = None,
) -> Report:  # fmt: skip
    """The report of a period; the whole ledger is verified on the way, and nothing is told of one that isn't sound.

    Args:
        read: The ledger's files.
        trust: Whose signatures count.
        begins: The period's first second since 1970.
        ends: The first second after it.
        keys: Whether births and deaths of keys are counted: reads the list of every hour.
        provisional: Whether a period may be reported on that can still grow.
        most: Rest on so many entries only: for checking a provisional report.

    Raises:
        LedgerError: The ledger is false, or something of it is missing.
        Misuse: There is no such period.
    """
    if not 0 <= begins < ends:
        raise Misuse("the period ends before it begins: turn --from and --to round")
    taking = take(read, trust, Tally(begins, ends, read, keys), most)
    tally, size = taking.tally, taking.size
    if not taking.over and not provisional:
        advice = "wait for an entry from after it, name an earlier --to, or say --provisional"
        raise Unreadable(f"the period is not over in this ledger: {advice}")
    first = tally.first if tally.first >= 0 else size
    root = merkle.root(size, StoredHashes(read, taking.point.size)).hex()
    return Report(taking.point.origin, begins, ends, first, size, root, taking.over, keys, lines(tally))


def take(read: Reader, trust: Trust, tally: Tally, most: int | None = None) -> Taking:
    """Take a verified ledger's entries into a tally, and check its draws against the ledger's own tree.

    Raises:
        LedgerError: The ledger is false, or something of it is missing.
    """
    taking = Taking(tally, most)
    verify_log(read, trust, taking)
    if taking.error is not None:
        raise taking.error
    taking.point = parse_checkpoint(parse_note(read("checkpoint") or b"")[0])
    hashes = StoredHashes(read, taking.point.size)
    for drawing in tally.drawings:
        if merkle.root(drawing.size, hashes) != drawing.root:
            raise Refuted(f"the draw that is entry {drawing.index} was made from a checkpoint of another log")
        if trust.policy.quorum != b"none" and not trust.policy.satisfied(drawing.witnesses):
            raise Refuted(f"the draw that is entry {drawing.index} has not the witnesses that the policy demands")
    return taking


class Taking:
    """Takes entries into a tally until the period is over; the rest of the log is only verified.

    What can't be taken is told only once the log has proven sound: where it hasn't, that is what is wrong.
    """

    def __init__(self, tally: Tally, most: int | None) -> None:
        self.tally, self._most = tally, most
        self.size, self.over = 0, False
        self.point = Checkpoint("", 0, EMPTY_ROOT)
        self.error: LedgerError | None = None

    def __call__(self, index: int, entry: bytes) -> None:
        """For `verify_log`: the next entry."""
        if self.over or self.error is not None or (self._most is not None and index >= self._most):
            return
        try:
            self.over = not self.tally.take(index, entry)
        except Refusal as error:
            self.error = Unreadable(f"entry {index} is no act ({error}): a report is made of acts alone")
        except LedgerError as error:
            self.error = error
        self.size += not self.over


def lines(tally: Tally) -> dict[str, int]:
    """Every line, as of the period's end."""
    found = Counter(_zeroes(tally))
    found.update(tally.counts)
    now = tally.ends
    for duty, until in ((key[1], promise.until) for key, promise in tally.owed.items()):
        found[f"duty.{duty}.open"] += 1
        found[f"duty.{duty}.overdue"] += now >= until
    for owner, area, phase in tally.cameras.values():
        found[f"cameras.phase.{phase}"] += 1
        if phase == "active":
            found[f"cameras.active.area.{area}"] += 1
            found[f"cameras.active.owner.{owner}"] += 1
    for (_, role), until in tally.roles.items():
        found[f"staff.role.{role}"] += now < until
    late = sum(now - logged > DRAW_WITHIN_S for logged, _, _ in tally.looks)
    found["draw.looks-waiting"], found["draw.looks-overdue"] = len(tally.looks), late
    found["share.exports-unexplained"] = len(tally.unexplained)
    found["hours.stations"] = len(tally.hours)
    found["hours.stations-silent"] = sum(now - (hour + 1) * HOUR > SILENT_S for hour in tally.hours.values())
    for kind, count in tally.findings.items():
        found[f"finding.{kind}"] = count
    if tally.keys:
        found["keys.alive"] = len(tally.lives.alive)
        found["keys.overdue"] = sum(1 for _ in tally.lives.overdue(now))
    return dict(sorted(found.items()))


def _zeroes(tally: Tally) -> dict[str, int]:
    """Lines that every report has: zero is an answer, too."""
    schema = (tally.follower.schema.document if tally.follower.schema else None) or FIRST
    words, acts = schema["lists"], schema["acts"]
    names = [f"acts.{kind}" for kind in (*acts, "schema")]
    for kind in acts:
        fields = acts[kind]
        for name in ("purpose", "reason", "setting", "recipient", "basis"):
            names += [f"{kind}.{name}.{word}" for word in words.get(name, ()) if fields.get(name) == name]
    for duty in words.get("duty", ()):
        names += [f"duty.{duty}.{what}" for what in ("promised", "extended", "in-time", "late", "open", "overdue")]
        names += [f"duty.{duty}.never-promised"]
    names += [f"duty.{duty}.by-oneself" for duty in BY_ANOTHER]
    names += [f"duty.{REVIEW}.outcome.{word}" for word in ("in-order", "violation")]
    names += [f"cameras.phase.{word}" for word in words.get("phase", ())]
    names += [f"phase.{word}" for word in words.get("phase", ())]
    names += [f"staff.role.{word}" for word in words.get("role", ())]
    names += [f"finding.{word}" for word in words.get("finding", ())]
    names += ["acts-logged-late", "budget.thousandths", "draw.looks-covered", "draw.without-a-witness"]
    names += ["hours.camera-hours"]
    if tally.keys:
        names += ["keys.birth", "keys.death", "keys.late", "keys.root", "keys.silent"]
    return dict.fromkeys(names, 0)


def refute(claimed: Report, true: Report) -> list[str]:
    """Where a report differs from the ledger's: each line by its name, with both values. Empty: it is the same."""
    heads = [
        f"{name} says {a}, the ledger says {b}"
        for name, a, b in (
            ("log", claimed.log, true.log),
            ("first", claimed.first, true.first),
            ("size", claimed.size, true.size),
            ("root", claimed.root, true.root),
            ("over", claimed.over, true.over),
        )
        if a != b
    ]
    names = sorted(claimed.lines.keys() | true.lines.keys())
    return heads + [
        f"line {name} says {claimed.lines.get(name, 'nothing')}, the ledger says {true.lines.get(name, 'nothing')}"
        for name in names
        if claimed.lines.get(name) != true.lines.get(name)
    ]
