"""A station's hour: one entry for all its cameras, and the list that the entry's root stands for.

The list is a static file, `lists/ROOT`, that mirrors hold. A line is canonical JSON: a camera, its own gapless number,
and what happened: `silent` (nothing that needs an act), `birth` or `death` of the key of an epoch, or `root`: of the
hash tree over what was recorded in it. An epoch is an hour, counted from 1970; `keep` is for how many hours after its
end its key may live; `kind` is the key's class, where it is not that of redacted video. The root of the list is that of
a tree of its lines.

An hour is told once it is over. So a key that is destroyed in the hour in which it is due is told of up to an hour
later; a list has `PROMPT` seconds to reach the ledger. What comes later than that is late, to the hour: nobody outside
can see the minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from passerby.ledger.errors import Refusal, Refuted, Unreadable
from passerby.ledger.lists import read_lines, write_lines
from passerby.ledger.schema import Act, format_act, is_count, is_id, parse_act
from passerby.ledger.verify import Reader

SILENT, BIRTH, DEATH, ROOT = "silent", "birth", "death", "root"
HOUR = 3600
PROMPT = 1800
USUAL = "redacted"
_KIND = re.compile("[a-z]{1,10}")
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """What one camera has to say about an hour.

    Args:
        camera: Its id.
        seq: The camera's own count of lines, from 0, without gaps.
        what: `silent`, `birth`, `death` or `root`.
        epoch: The key's epoch, in hours since 1970; of a silence, the hour itself.
        keep: Of a birth: how many hours after the epoch's end the key may live.
        kind: Class of the key.
        root: Of a root, in hexadecimal.

    Raises:
        Refusal: It says anything else: a list takes no names and no free text, as no act does.
    """

    camera: str
    seq: int
    what: str
    epoch: int
    keep: int = 0
    kind: str = USUAL
    root: str = ""

    def __post_init__(self) -> None:
        """See the class."""
        if not is_id(self.camera) or self.what not in (SILENT, BIRTH, DEATH, ROOT):
            raise Refusal("a line names a camera by its id, and says silent, birth, death or root")
        if not _KIND.fullmatch(self.kind) or bool(_HASH.fullmatch(self.root)) != (self.what == ROOT):
            raise Refusal("a line's class is a word, and the root of a tree is 64 hexadecimal digits")
        if not all(is_count(number) for number in (self.seq, self.epoch, self.keep)):
            raise Refusal("a line's numbers are whole, and not below 0")

    def dumps(self) -> bytes:
        """The line's bytes."""
        fields: Act = {"camera": self.camera, "seq": self.seq, "what": self.what, "epoch": self.epoch}
        more = {"keep": self.keep} if self.what == BIRTH else {"root": self.root} if self.what == ROOT else {}
        return format_act(fields | more | ({} if self.kind == USUAL else {"kind": self.kind}))


def make_list(lines: Iterable[Line]) -> tuple[str, int, bytes]:
    """A station's list: its root in hexadecimal, how many cameras are in it, its bytes."""
    ordered = sorted(lines)
    raw = [line.dumps() for line in ordered]
    root, content = write_lines(raw)
    return root, len({line.camera for line in ordered}), content


def read_list(act: Act, read: Reader) -> list[Line]:
    """The list of an `hour` act, as the act's root proves it.

    Raises:
        Unreadable: It is not held.
        Refuted: It is not the one that the act stands for.
    """
    what = f"{act['station']}, hour {act['hour']},"
    raw = read_lines(act["list"], read, what)
    lines = [parse_line(line) for line in raw]
    if lines != sorted(lines) or len({line.camera for line in lines}) != act["cameras"]:
        raise Refuted(f"the list of {what} is not the one that was logged")
    return lines


def parse_line(raw: bytes) -> Line:
    """A line of a list, from its bytes.

    Raises:
        Unreadable: It is none.
    """
    try:
        fields = parse_act(raw)
        line = Line(
            fields["camera"],
            fields["seq"],
            fields["what"],
            fields["epoch"],
            fields.get("keep", 0),
            fields.get("kind", USUAL),
            fields.get("root", ""),
        )
    except (KeyError, TypeError, Refusal) as error:
        raise Unreadable("a list has a line that can't be read") from error
    if line.dumps() != raw:
        raise Unreadable("a list has a line that can't be read")
    return line


@dataclass(slots=True)
class Keys:
    """The lives of all keys, as the lists tell them. Numbers of cameras must be gapless across all of them."""

    numbers: dict[str, int] = field(default_factory=dict)
    # (camera, epoch, kind): until when the key may live
    alive: dict[tuple[str, int, str], int] = field(default_factory=dict)
    roots: dict[tuple[str, int, str], str] = field(default_factory=dict)  # of epochs whose key lives
    cameras: dict[str, set[str]] = field(default_factory=dict)  # of each station
    late: list[tuple[str, int, int, int]] = field(default_factory=list)  # camera, epoch, due, died

    def take(self, lines: Iterable[Line], logged: int) -> None:
        """The lines of one station's hour, logged at this time.

        Raises:
            Refuted: A camera's number is missing, a key died that was not alive, or was born twice.
        """
        for line in lines:
            if line.seq != (due := self.numbers.get(line.camera, 0)):
                raise Refuted(f"{line.camera}: line {due} is missing or repeated; {line.seq} came instead")
            self.numbers[line.camera] = due + 1
            epoch = (line.camera, line.epoch, line.kind)
            if line.what == BIRTH:
                if epoch in self.alive:
                    raise Refuted(f"{line.camera}: the key of hour {line.epoch} was born twice")
                self.alive[epoch] = (line.epoch + 1 + line.keep) * HOUR
            elif line.what == DEATH:
                if (until := self.alive.pop(epoch, None)) is None:
                    raise Refuted(f"{line.camera}: the key of hour {line.epoch} died but was not alive")
                self.roots.pop(epoch, None)
                if logged > until + HOUR + PROMPT:
                    self.late.append((line.camera, line.epoch, until, logged))
            elif line.what == ROOT:
                if epoch not in self.alive or epoch in self.roots:
                    raise Refuted(
                        f"{line.camera}: a root of hour {line.epoch}, which has no key, or has a root already"
                    )
                self.roots[epoch] = line.root

    def hold(self, camera: str, until: int) -> None:
        """A legal hold: what a camera has now may live until then."""
        self.alive.update({e: max(due, until) for e, due in self.alive.items() if e[0] == camera})

    def overdue(self, now: int) -> Iterator[tuple[str, int, int]]:
        """Keys that should be dead: camera, epoch, since when."""
        found = sorted(self.alive.items())
        return ((camera, epoch, until) for (camera, epoch, _), until in found if now > until + HOUR + PROMPT)


def follow(read: Reader, keys: Keys) -> Callable[[Act], None]:
    """Take every `hour` act's list into `keys`."""

    def take(act: Act) -> None:
        if act.get("act") == "hour":
            lines = read_list(act, read)
            keys.cameras.setdefault(act["station"], set()).update(line.camera for line in lines)
            keys.take(lines, act["logged"])
        elif act.get("act") == "hold":
            keys.hold(act["camera"], act["until"])

    return take
