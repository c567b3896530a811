"""A small city's ledger, the same each time: cameras, cases, looks, requests, complaints, draws, hours, costs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import rfc8785

from passerby.charter.matter import draw
from passerby.charter.matter.draw import LOOKS, Seen
from passerby.ledger.acts import Follower, first_schema
from passerby.ledger.checkpoint import body
from passerby.ledger.hours import BIRTH, DEATH, SILENT, Line, make_list
from passerby.ledger.lists import list_path, write_lines
from passerby.ledger.note import Signer, format_vkey, sign_note
from passerby.ledger.policy import Witness, compose
from passerby.ledger.schema import FIRST, Act, format_act
from passerby.ledger.tiles import Edge
from passerby.ledger.verify import COSIGN_ED25519, ED25519, Key, leaf_hash

DAY, HOUR = 86400, 3600
YEAR = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
NEXT = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
ORIGIN = "example.org/city-ledger"
CLERK, CHIEF, WATCHER, MACHINE = ("p-" + sign * 32 for sign in "123a")


def sha(*words: object) -> str:
    return sha256(repr(words).encode()).hexdigest()


def signer(name: str, kind: int = ED25519) -> Signer:
    return Signer(name, kind, sha256(name.encode()).digest())


LOG, PAPER = signer(ORIGIN), signer("paper.example.org/witness", COSIGN_ED25519)
VKEY = format_vkey(LOG.key)
POLICY = compose([LOG.key], [Witness("paper", PAPER.key)], {}, "paper")
OTHER_POLICY = compose([LOG.key], [Witness("other", signer("other", COSIGN_ED25519).key)], {}, "other")


@dataclass
class Ledger:
    """A log in memory that is written to a folder at once: any number of entries in little time, without syncs."""

    follower: Follower = field(default_factory=Follower)
    entries: list[bytes] = field(default_factory=list)
    lists: dict[str, bytes] = field(default_factory=dict)

    def add(self, now: int, actor: str = MACHINE, **act: object) -> bytes:
        if self.follower.schema is None:
            self._append(now, first_schema(actor))
        return self._append(now, {"actor": actor, **act})

    def _append(self, now: int, act: Act) -> bytes:
        whole = self.follower.whole(act, now)
        self.follower.advance(whole)
        self.entries.append(format_act(whole))
        return self.entries[-1]

    def note(self, when: int, size: int | None = None, witnesses: Sequence[Signer] = (PAPER,)) -> bytes:
        edge = Edge()
        for entry in self.entries[: len(self.entries) if size is None else size]:
            list(edge.add(entry))
        return sign_note(body(ORIGIN, edge.size, edge.root()), [LOG, *witnesses], when)

    def looks(self, first: int, last: int) -> list[Seen]:
        marks = [f'"act":"{kind}"'.encode() for kind in LOOKS]
        return [
            Seen(n, leaf_hash(entry))
            for n, entry in enumerate(self.entries[first:last], first)
            if any(mark in entry for mark in marks)
        ]

    def draw(
        self, now: int, ended: int, thousandths: int = 200, keys: Sequence[Key] = (PAPER.key,)
    ) -> tuple[Seen, ...]:
        last = len(self.entries)
        looks = self.looks(ended, last)
        act, content, taken = draw.make(self.note(now), keys, ended, last, looks, thousandths, now + 14 * DAY)
        self.lists[list_path(str(act["list"]))] = content
        self.add(now, CHIEF, **act)
        return taken

    def write(self, folder: Path, when: int = NEXT + DAY) -> Path:
        write_log(folder, self.entries, when)
        for path, content in self.lists.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(content)
        return folder


def write_log(folder: Path, entries: Iterable[bytes], when: int, witnesses: Sequence[Signer] = (PAPER,)) -> int:
    """Tiles, bundles, checkpoint and key of a log with these entries; how many there are."""
    edge = Edge()

    def put(files: Iterable[tuple[str, bytes]]) -> None:
        for path, content in files:
            whole = folder / path
            try:
                descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT, 0o644)
            except FileNotFoundError:
                whole.parent.mkdir(parents=True)
                descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT, 0o644)
            os.write(descriptor, content)
            os.close(descriptor)

    folder.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        put(edge.add(entry))
    put(edge.partial())
    note = sign_note(body(ORIGIN, edge.size, edge.root()), [LOG, *witnesses], when)
    put([("checkpoint", note), ("log.vkey", f"{VKEY}\n".encode())])
    return edge.size


def content_of(kind: str, *words: object) -> dict[str, str]:
    """The act's content, where its kind has one."""
    return {"content": sha(kind, *words)} if "content" in FIRST["acts"][kind] else {}


def camera(number: int) -> str:
    return f"cam-{number:04x}"


def year(cameras: int = 12, hours: int = 48) -> Ledger:
    """A year of a small city: one late answer, one violation found by a draw, one breach, one emergency too late."""
    it = Ledger()
    add = it.add
    before = YEAR - 30 * DAY
    add(before, CHIEF, act="site-root", content=sha("root"))
    for number in range(cameras):
        about = {"camera": camera(number), "owner": "org-01", "area": f"area-{number % 3:02x}"}
        for step, phase in enumerate(("proposed", "assessed", "noticed")):
            add(before + number, CLERK, act="phase", phase=phase, content=sha(number, step), **about)
    for number in range(cameras):
        about = {"camera": camera(number), "owner": "org-01", "area": f"area-{number % 3:02x}"}
        add(YEAR + number * DAY, CLERK, act="permit", camera=camera(number), purpose="crowd-safety", permit=sha(number))
        add(YEAR + number * DAY, CLERK, act="phase", phase="active", content=sha(number, "active"), **about)
    now = YEAR + 20 * DAY
    add(now, CHIEF, act="train", person=WATCHER, content=sha("trained"), until=now + 365 * DAY)
    add(now, CHIEF, act="authorise", person=WATCHER, role="viewer", until=now + 365 * DAY)
    add(now, CHIEF, act="authorise", person=CLERK, role="desk", until=now + 30 * DAY)
    _looks(it, now)
    _desk(it, now)
    _hours(it, YEAR // HOUR + 24 * 193, hours, cameras)
    for cost, amount in (("equipment", 1_250_000), ("staff", 8_400_000), ("training", 90_000)):
        add(YEAR + 200 * DAY, CLERK, act="spend", cost=cost, currency="eur", year=2026, amount=amount)
    add(YEAR + 210 * DAY, CHIEF, act="tighten", camera=camera(1), setting="retention", content=sha("shorter"))
    add(YEAR + 211 * DAY, CHIEF, act="loosen", camera=camera(2), setting="period", content=sha("more often"))
    findings = [rfc8785.dumps({"camera": camera(3), "finding": "audio", "id": sha("audio")[:16]})]
    root, content = write_lines(findings)
    it.lists[list_path(root)] = content
    add(YEAR + 220 * DAY, MACHINE, act="reconcile", cameras=cameras, findings=1, list=root)
    add(NEXT + HOUR, CLERK, act="report", content=sha("published"))
    return it


def _looks(it: Ledger, now: int) -> None:
    ended = 0
    for month in range(3):
        at = now + month * 30 * DAY
        for number, (purpose, reason) in enumerate(
            (("crowd-safety", "overcrowding"), ("incident-review", "injury"), ("audit", "spot-check"))
        ):
            case = sha("case", month, number)
            it.add(at + 300 * number, WATCHER, act="case", case=case, purpose=purpose)
            it.add(at + 300 * number, WATCHER, act="because", subject=case, reason=reason)
            for look in range(4):
                about = {"camera": camera(look), "purpose": purpose, "case": case}
                it.add(
                    at + 300 * number + 60 + look,
                    WATCHER,
                    act="look",
                    until=at + 960,
                    **about,
                    **content_of("look", at, look),
                )
        taken = it.draw(at + DAY, ended)
        ended = len(it.entries) - 1
        for place, look in enumerate(taken):
            outcome = "violation" if month == 1 and place == 0 else "in-order"
            if month == 2:
                break  # not reviewed, and overdue at the end
            it.add(at + 3 * DAY, CHIEF, act="done", subject=look.leaf.hex(), duty="look-review", outcome=outcome)
    case = sha("export")
    it.add(now + 95 * DAY, WATCHER, act="case", case=case, purpose="legal-order")
    it.add(now + 95 * DAY, WATCHER, act="because", subject=case, reason="court-order")
    about = {"camera": camera(1), "purpose": "legal-order", "case": case, "content": sha("exported")}
    it.add(now + 95 * DAY, WATCHER, act="export", **about)
    it.add(now + 95 * DAY, WATCHER, act="share", recipient="court", basis="court-order", **about)


_WHY = {"refused": "other-people", "not-identified": "only-redacted"}


def _desk(it: Ledger, now: int) -> None:
    now += 100 * DAY
    for number, (outcome, after) in enumerate(
        (("answered", 10), ("refused", 20), ("answered", 55), ("not-identified", 5), ("", 0))
    ):
        case, at = sha("request", number), now + number
        it.add(at, CLERK, act="case", case=case, purpose="access-request")
        it.add(at, CLERK, act="request", case=case, content=sha("words", number))
        it.add(at, CLERK, act="due", subject=case, duty="access-request", until=at + 40 * DAY)
        if outcome in _WHY:
            it.add(now + after, CLERK, act="because", subject=case, reason=_WHY[outcome])
    for number, (outcome, after) in sorted(
        enumerate((("answered", 10), ("refused", 20), ("answered", 55), ("not-identified", 5))), key=lambda x: x[1][1]
    ):
        it.add(
            now + after * DAY, CLERK, act="done", subject=sha("request", number), duty="access-request",
            outcome=outcome,
        )  # fmt: skip
    now += 60 * DAY
    for kind, duty, lasts, outcome in (
        ("complaint", "complaint", 30 * DAY, "upheld"),
        ("incident", "incident-notice", 3 * DAY, "notified"),
    ):
        case = sha(kind)
        it.add(now, CLERK, act="case", case=case, purpose="complaint" if kind == "complaint" else "incident-review")
        it.add(now, CLERK, act=kind, case=case, content=sha(kind, "words"))
        it.add(now, CLERK, act="due", subject=case, duty=duty, until=now + lasts)
        it.add(now + 2 * DAY, CLERK, act="done", subject=case, duty=duty, outcome=outcome)
        now += 2 * DAY
    case = sha("emergency")
    it.add(now, WATCHER, act="case", case=case, purpose="incident-review")
    it.add(now, WATCHER, act="due", subject=case, duty="justification", until=now + 7 * DAY)
    it.add(now + 8 * DAY, CHIEF, act="done", subject=case, duty="justification", outcome="justified")


def _hours(it: Ledger, first: int, count: int, cameras: int) -> None:
    """Keys that live for 24 hours after their epoch; the last two days' are still alive at the end: overdue."""
    numbers = dict.fromkeys(range(cameras), 0)
    for hour in range(first, first + count):
        lines = []
        for number in numbers:
            for what, epoch, keep in _happened(number, hour, first):
                lines.append(Line(camera(number), numbers[number], what, epoch, keep))
                numbers[number] += 1
        root, held, content = make_list(lines)
        it.lists[list_path(root)] = content
        now = max((hour + 1) * HOUR, it.follower.logged)
        it.add(now, MACHINE, act="hour", station="station-01", hour=hour, cameras=held, list=root)


def _happened(number: int, hour: int, first: int) -> Iterator[tuple[str, int, int]]:
    if number % 2:
        yield SILENT, hour, 0
        return
    if hour - first >= 25:
        yield DEATH, hour - 25, 0
    yield BIRTH, hour, 26
