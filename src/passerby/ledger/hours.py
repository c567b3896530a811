"""A station's hour: one entry for all its cameras, and the list that the entry's root stands for.

The list is a static file, `lists/ROOT`, that mirrors hold. A line is canonical JSON: a camera, its own gapless number,
and what happened: `silent` (nothing that needs an act), `birth` or `death` of the key of an epoch. An epoch is an hour,
counted from 1970; `keep` is for how many hours after its end its key may live. The root is that of a tree of the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from passerby.ledger.errors import Refusal, Refuted, Unreadable
from passerby.ledger.lists import read_lines, write_lines
from passerby.ledger.schema import Act, format_act, is_count, is_id, parse_act
from passerby.ledger.verify import Reader

SILENT, BIRTH, DEATH = "silent", "birth", "death"
HOUR = 3600


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """What one camera has to say about an hour.

    Args:
        camera: Its id.
        seq: The camera's own count of lines, from 0, without gaps.
        what: `silent`, `birth` or `death`.
        epoch: The key's epoch, in hours since 1970; of a silence, the hour itself.
        keep: Of a birth: how many hours after the epoch's end the key may live.

    Raises:
        Refusal: It says anything else: a list takes no names and no free text, as no act does.
    """

    camera: str
    seq: int
    what: str
    epoch: int
    keep: int = 0

    def __post_init__(self) -> None:
        """See the class."""
        if not is_id(self.camera) or self.what not in (SILENT, BIRTH, DEATH):
            raise Refusal("a line names a camera by its id, and says silent, birth or death")
        if not all(is_count(number) for number in (self.seq, self.epoch, self.keep)):
            raise Refusal("a line's numbers are whole, and not below 0")

    def dumps(self) -> bytes:
        """The line's bytes."""
        fields: Act = {"camera": self.camera, "seq": self.seq, "what": self.what, "epoch": self.epoch}
        return format_act(fields | ({"keep": self.keep} if self.what == BIRTH else {}))


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
        line = Line(fields["camera"], fields["seq"], fields["what"], fields["epoch"], fields.get("keep", 0))
    except (KeyError, Refusal) as error:
        raise Unreadable("a list has a line that can't be read") from error
    if len(fields) != (5 if line.what == BIRTH else 4) or ("keep" in fields) != (line.what == BIRTH):
        raise Unreadable("a list has a line that can't be read")
    return line


@dataclass(slots=True)
class Keys:
    """The lives of all keys, as the lists tell them. Numbers of cameras must be gapless across all of them."""

    numbers: dict[str, int] = field(default_factory=dict)
    alive: dict[tuple[str, int], int] = field(default_factory=dict)  # (camera, epoch): until when the key may live
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
            epoch = (line.camera, line.epoch)
            if line.what == BIRTH:
                if epoch in self.alive:
                    raise Refuted(f"{line.camera}: the key of hour {line.epoch} was born twice")
                self.alive[epoch] = (line.epoch + 1 + line.keep) * HOUR
            elif line.what == DEATH:
                if (until := self.alive.pop(epoch, None)) is None:
                    raise Refuted(f"{line.camera}: the key of hour {line.epoch} died but was not alive")
                if logged > until:
                    self.late.append((*epoch, until, logged))

    def overdue(self, now: int) -> Iterator[tuple[str, int, int]]:
        """Keys that should be dead: camera, epoch, since when."""
        return ((*epoch, until) for epoch, until in sorted(self.alive.items()) if now > until)


def follow(read: Reader, keys: Keys) -> Callable[[Act], None]:
    """Take every `hour` act's list into `keys`."""

    def take(act: Act) -> None:
        if act.get("act") == "hour":
            keys.take(read_list(act, read), act["logged"])

    return take
