"""What the ledger's commands share: options, exit codes, saying what was proven."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from passerby.ledger.errors import Forked, LedgerError, Misuse, Refuted, Unreadable, exit_code
from passerby.ledger.verify import NOT_PROVEN, Key, Policy, Reader, Trust, parse_policy, parse_vkey
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.home import BUCKET, Home
from passerby.store.ledger.web import Web

Arguments = ParamSpec("Arguments")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The log's folder.")]
KeyFile = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="The log's key (default: DIR.key).")]
Vkeys = Annotated[
    list[str] | None,
    typer.Option("--vkey", metavar="KEY", help="The log's verifier key, or a file that holds it; may be repeated."),
]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="Which witnesses must have cosigned (tlog-policy).")
]
MaxAge = Annotated[
    float | None, typer.Option("--max-age", metavar="HOURS", help="How old a cosignature may be (default: any age).")
]
Where = Annotated[str, typer.Argument(metavar="LOG", help="The log's address, or its folder.")]
Every = Annotated[
    float | None, typer.Option("--every", metavar="SECONDS", help="Go on, looking every so often (default: once).")
]
Evidence = Annotated[
    Path, typer.Option("--evidence", metavar="FILE", help="Where to write what proves a fork, if there is one.")
]
Listen = Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")]
UNREADABLE = 3
_HEADS = {1: "refuted", 2: "wrong use", 3: "not decided"}


def ends_well(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Turn the ledger's errors into one line and the exit codes 1 refuted, 2 wrong use, 3 not decided or read."""

    @functools.wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LedgerError as error:
            code = exit_code(error)
            _fail(f"{_HEADS[code]}: {error}", code)
        except OSError as error:
            about = f"{error.filename or 'a file'} can't be read or written ({error.strerror})"
            _fail(f"not decided: {about if error.strerror else error}", UNREADABLE)

    return run


def _fail(line: str, code: int) -> None:
    typer.echo(f"passerby: {' '.join(line.split())}", err=True)
    raise typer.Exit(code)


def clock() -> int:
    """Seconds since 1970."""
    return int(time.time())


def reader(folder: Path, key: Path | None = None) -> Reader:
    """A log's files, of a folder that is there, or of the bucket that is used in its place.

    Raises:
        Misuse: There is neither.
    """
    home = Home.at(folder, key)
    if not folder.is_dir() and not home.beside(BUCKET).is_file():
        raise Misuse(f"{folder} is not a folder")
    return home.objects(LocalDisk()).get


def source(where: str, web: Web | None = None) -> Reader:
    """A log's files, by its address or folder."""
    return (web or Web()).reader(where) if where.startswith(("http://", "https://")) else reader(Path(where))


@contextmanager
def kept_evidence(path: Path) -> Iterator[None]:
    """Write fork evidence to a file, which the error then names."""
    try:
        yield
    except Forked as error:
        path.write_bytes(error.evidence)
        raise Refuted(f"{error}: the evidence is in {path}; anybody can check it with `ledger check-fork`") from error


def again(look: Callable[[], None], every: float | None) -> None:
    """Do it once, or every so many seconds until interrupted. What can't be read is told, and tried again."""
    while True:
        try:
            look()
        except Unreadable as error:
            if every is None:
                raise
            typer.echo(f"passerby: not decided: {error}", err=True)
        if every is None:
            return
        time.sleep(every)


def read_keys(vkeys: Sequence[str] | None) -> list[Key]:
    """Verifier keys, given as themselves or as files with one a line."""
    keys: list[Key] = []
    for vkey in vkeys or []:
        path = Path(vkey)
        lines = path.read_text(encoding="utf-8").split("\n") if "+" not in vkey and path.is_file() else [vkey]
        keys += [parse_vkey(line) for line in lines if line]
    return keys


def trust(vkeys: Sequence[str] | None, policy: Path | None, max_age: float | None = None) -> Trust:
    """What the caller believes in.

    Raises:
        Misuse: Nothing.
    """
    if not vkeys and not policy:
        raise Misuse("say whose signature you trust: --vkey KEY, or --policy FILE with a log line")
    believed = parse_policy(policy.read_bytes()) if policy else Policy(quorum=b"none")
    found = Trust(read_keys(vkeys), believed, clock())
    if max_age is not None:
        found.max_age = int(max_age * 3600)
    return found


def say(proven: Sequence[str], not_proven: Sequence[str] = (NOT_PROVEN,)) -> None:
    """What was proven, and what was not."""
    typer.echo("\n- ".join(["proven:", *proven]))
    typer.echo("\n- ".join(["not proven:", *not_proven]))
