"""What the desk's commands share: options, times, people's words, and the commands that every kind of matter has."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from passerby.base.errors import CharterError, UsageError
from passerby.charter.matter.record import Change, Kind, Matter, Others, Told
from passerby.cli.discover import plain
from passerby.office import matters
from passerby.office.desk import Desk, open_desk

Data = Annotated[Path, typer.Argument(metavar="DATA", help="The office's folder, with its office.toml.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The first 8 signs of its id, or more.")]
By = Annotated[str, typer.Option("--by", metavar="PSEUDONYM", help="Who does it: p- and 32 hexadecimal digits.")]
Text = Annotated[
    Path | None, typer.Option("--text", metavar="FILE", help="What was said or written; - reads standard input.")
]
At = Annotated[str, typer.Option("--at", metavar="TIME", help="When it was, if not now: 2026-03-01T09:30 or so.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Reason = Annotated[str, typer.Option("--reason", metavar="WORD", help="Of a closed list; a wrong one names it.")]
E = TypeVar("E", bound=Enum)
_PSEUDONYM = re.compile("p-[0-9a-f]{32}")
_SPAN = re.compile(r"\+([0-9]{1,5}) (minute|hour|day)s?")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400}


def pseudonym(text: str) -> str:
    """A pseudonym as the ledger has them.

    Raises:
        UsageError: It is none.
    """
    if not _PSEUDONYM.fullmatch(text):
        raise UsageError(f"{text[:40]!r} is no pseudonym", "it is p- and 32 hexadecimal digits: passerby staff new")
    return text


def moment(text: str, desk: Desk) -> int:
    """A time: seconds since 1970, ISO 8601 (without an offset: in the office's zone), or `+2 hours` from now.

    Raises:
        UsageError: It is none.
    """
    if found := _SPAN.fullmatch(text):
        return desk.clock() + int(found[1]) * _UNITS[found[2]]
    try:
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=desk.office.calendar.zone)
        return int(when.timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text[:40]!r} is no time", "write 2026-03-01T09:30 or '+2 hours'") from error


def when(at: str, desk: Desk) -> int:
    """The time named, or now; never in the future.

    Raises:
        UsageError: It is no time, or in the future.
    """
    now = desk.clock()
    found = moment(at, desk) if at else now
    if found > now:
        raise UsageError("this time is in the future", "give the time at which it was")
    return found


def words(path: Path | None) -> bytes:
    """What somebody wrote: UTF-8, at most 256 KiB; empty where no file is named. Never taken from the command line.

    Raises:
        CharterError: It can't be read, or is something else.
    """
    if path is None:
        return b""
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(matters.LONGEST_WORDS + 1)
        else:
            with path.open("rb") as file:
                content = file.read(matters.LONGEST_WORDS + 1)
        text = content.decode()
    except OSError as error:
        raise CharterError(f"{path} can't be read ({error.strerror})", "check its name and rights") from error
    except UnicodeDecodeError as error:
        raise CharterError(f"{path} is not UTF-8 text", "save it as UTF-8, or as plain text") from error
    if len(content) > matters.LONGEST_WORDS or not text.strip():
        raise CharterError(f"{path} is empty, or longer than 256 KiB", "give the words; keep enclosures elsewhere")
    return content


def drawn_id() -> str:
    """A new matter's id."""
    return os.urandom(matters.ID_BYTES).hex()


def keep(desk: Desk, change: Change, by: str, said: bytes, salt: bytes) -> None:
    """Keep a new matter, and say what it is called and when it is due."""
    matters.begin(desk.store, change, by, said, salt, os.urandom)
    typer.echo(f"{change.matter.kind.value} {change.matter.id}")
    typer.echo(due_line(change.matter, desk))
    typer.echo("its acts wait for the ledger: passerby ledger deliver LOG DATA")


def told(desk: Desk, at: str, reason: str, said: bytes, others: str = "", amount: int = 0) -> Told:
    """What comes with an event.

    Raises:
        UsageError: A word is none.
    """
    if others not in ("", *(item.value for item in Others)):
        raise UsageError(f"--others {others[:20]!r} is no answer", "say hidden, or none where nobody else is in it")
    return Told(when(at, desk), reason, Others(others) if others else None, amount, why=bool(said))


def entry(what: str, by: str, told_: Told, said: bytes) -> matters.Entry:
    """What happened, for the matter's own book."""
    salt = os.urandom(matters.SALT_BYTES) if said else None
    return matters.Entry(told_.at, what, by, "", said or None, salt)


def step_line(matter: Matter, desk: Desk) -> None:
    """Say how a matter stands now."""
    typer.echo(f"{matter.kind.value} {matter.id[:8]} is {matter.state}; {due_line(matter, desk)}")


def due_line(matter: Matter, desk: Desk) -> str:
    """When its answer is due, in the office's zone: the last moment that is in time."""
    if matter.over:
        return "nothing more is owed"
    if not matter.due:
        return f"open until {local(matter.until, desk)}" if matter.until else "nothing is owed"
    late = "OVERDUE since" if matter.overdue(desk.clock()) else "due before"
    return f"{late} {local(matter.due, desk)}"


def local(seconds: int, desk: Desk) -> str:
    """A time for people, in the office's zone."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(desk.office.calendar.zone).strftime("%Y-%m-%d %H:%M %Z")


def fields(matter: Matter, desk: Desk) -> dict[str, Any]:
    """A matter as JSON; none of anybody's words."""
    found = {
        "id": matter.id, "kind": matter.kind.value, "state": matter.state, "begun": matter.begun, "due": matter.due,
        "overdue": matter.overdue(desk.clock()), "over": matter.over, "purpose": matter.purpose,
    }  # fmt: skip
    case = {
        "reason": matter.reason, "until": matter.until, "cameras": list(matter.cameras), "since": matter.since,
        "upto": matter.upto,
    }  # fmt: skip
    return found | (case if matter.kind is Kind.CASE else {})


def add_do(app: typer.Typer, kind: Kind, events: type[E], step: Callable[[Desk, Matter, E, Told], Change]) -> None:
    """Give a group the command by which a matter goes on.

    Args:
        app: The group.
        kind: Of matters.
        events: What can happen to one.
        step: What becomes of it then.
    """

    @app.command("do", help=f"Go on with a {kind.value}: what happens to it next. A wrong EVENT names those there are.")
    def do(
        data: Data,
        matter_id: Id,
        event: Annotated[str, typer.Argument(metavar="EVENT", help="What happens to it.")],
        by: By,
        text: Text = None,
        at: At = "",
    ) -> None:
        happens, said = _event(events, event), words(text)
        with open_desk(data) as desk:
            desk.may(pseudonym(by), "desk")
            given = told(desk, at, "", said)
            whole = matters.whole_id(desk.store, kind, matter_id)
            written = entry(event, by, given, said)
            found = matters.go_on(desk.store, whole, lambda held: step(desk, held, happens, given), written, os.urandom)
            step_line(found, desk)


def _event(events: type[E], word: str) -> E:
    try:
        return events(word)
    except ValueError as error:
        known = ", ".join(str(event.value) for event in events)
        raise UsageError(f"{word[:40]!r} is nothing that can happen to it", f"one of {known}") from error


def add_common(app: typer.Typer, kind: Kind) -> None:
    """Give a group the commands that every kind has: list, show, forget."""

    @app.command("list")
    def list_(
        data: Data,
        open_only: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
        as_json: Json = False,
    ) -> None:
        """Every one, what is due first at the top. Shows nobody's words."""
        with open_desk(data) as desk:
            found = matters.all_matters(desk.store, kind, open_only=open_only)
            if as_json:
                typer.echo(json.dumps([fields(matter, desk) for matter in found], indent=1))
                return
            for matter in found:
                typer.echo(f"{matter.id[:8]}  {matter.state:<16}  {matter.purpose:<16}  {due_line(matter, desk)}")
            late = sum(matter.overdue(desk.clock()) for matter in found)
            typer.echo(f"{len(found)} in all, {late} overdue")

    @app.command("show")
    def show(data: Data, matter_id: Id, as_json: Json = False) -> None:
        """One of them, with what was said and written, until it is forgotten."""
        with open_desk(data) as desk:
            found = matters.matter(desk.store, matters.whole_id(desk.store, kind, matter_id))
            happened = matters.events(desk.store, found.id)
            if as_json:
                told_ = [{"at": e.at, "event": e.event, "note": e.note, "words": text(e.words)} for e in happened]
                typer.echo(json.dumps({**fields(found, desk), "events": told_}, indent=1))
                return
            typer.echo(f"{kind.value} {found.id}")
            typer.echo(f"{found.state}; {due_line(found, desk)}")
            for e in happened:
                typer.echo(f"{local(e.at, desk)}  {e.event}  {e.note}".rstrip())
                for line in text(e.words).splitlines():
                    typer.echo(f"    {plain(line)}")

    @app.command("forget")
    def forget(data: Data, matter_id: Id, by: By) -> None:
        """Erase what people wrote in one that is over, and the salts of its hashes. Nothing brings it back."""
        with open_desk(data) as desk:
            desk.may(pseudonym(by), "desk")
            whole = matters.whole_id(desk.store, kind, matter_id)
            count = matters.forget(desk.store, whole, by, desk.clock())
        typer.echo(f"{count} texts erased; the ledger's hashes of them now tell nothing")


def text(raw: bytes | None) -> str:
    """Words as they were given; empty where there are none."""
    return (raw or b"").decode("utf-8", "replace")
