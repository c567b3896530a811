"""Lists beside the log: what an act stands for where it has more to say than an entry holds.

A list is a static file, `lists/ROOT`, of lines; ROOT is that of a tree of its lines (RFC 6962), and is in the act's
field `list`. Mirrors must hold it. A line is canonical JSON without names or free text, as an act is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from passerby.ledger import merkle
from passerby.ledger.errors import LedgerError, Refuted, Unreadable
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import Reader

_MARK = b'"list":"'


def list_path(root: str) -> str:
    """Where the list with this root (hexadecimal) lies."""
    return f"lists/{root}"


def write_lines(lines: Sequence[bytes]) -> tuple[str, bytes]:
    """A list: its root in hexadecimal, and its bytes."""
    return merkle.root_of_entries(lines).hex(), b"".join(line + b"\n" for line in lines)


def read_lines(root: str, read: Reader, what: str) -> list[bytes]:
    """The lines of a list, as its root proves them.

    Args:
        root: In hexadecimal.
        read: The log's files.
        what: Whose list it is, for messages.

    Raises:
        Unreadable: It is not held.
        Refuted: It is not the one that was logged.
    """
    if (raw := read(list_path(root))) is None:
        raise Unreadable(f"the list of {what} is missing: {list_path(root)}")
    lines = raw.split(b"\n")[:-1]
    if write_lines(lines) != (root, raw):
        raise Refuted(f"the list of {what} is not the one that was logged")
    return lines


def list_of(entry: bytes, read: Reader) -> Iterator[tuple[str, bytes]]:
    """The list that an entry stands for, if it does: its path and bytes, proven.

    Raises:
        Unreadable: It is not held.
        Refuted: It is not the one that was logged.
    """
    if _MARK not in entry:
        return
    try:
        act = parse_act(entry)
        root, what = str(act["list"]), f"the act {act['act']}"
    except (LedgerError, KeyError):
        return  # of a log that holds no acts
    lines = read_lines(root, read, what)
    yield list_path(root), write_lines(lines)[1]
