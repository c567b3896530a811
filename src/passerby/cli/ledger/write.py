"""``passerby ledger init``, ``append`` and ``freeze``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.folder import Layout
from passerby.base.errors import StoreError
from passerby.cli.ledger.common import Folder, KeyFile, clock, ends_well
from passerby.cli.ledger.hours import tell_hours
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.acts import Follower
from passerby.ledger.errors import Misuse
from passerby.ledger.hours import Keys, follow, make_list, parse_line
from passerby.ledger.lists import list_path
from passerby.ledger.log import Log
from passerby.ledger.note import format_vkey
from passerby.ledger.schema import HOUR_ACT
from passerby.ledger.succession import continue_entry, freeze_entry
from passerby.store.acts import ActQueue
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, create, open_log

_GROUP = 4096  # entries that become durable together


@ends_well
def init(
    folder: Folder,
    origin: Annotated[str, typer.Option(metavar="NAME", help="The log's name, such as example.org/city-ledger.")],
    key: KeyFile = None,
    post_quantum: Annotated[
        bool, typer.Option("--post-quantum", help="Sign with ML-DSA-44 as well as with Ed25519.")
    ] = False,
    bucket: Annotated[
        str, typer.Option(metavar="s3://NAME/PREFIX", help="Keep the public files there, not in DIR (passerby[s3]).")
    ] = "",
) -> None:
    """Begin a log. Prints its verifier key, and writes it to DIR/log.vkey."""
    home = Home.at(folder, key)
    disk = LocalDisk()
    for signer in create(home, origin, disk, clock, os.urandom, post_quantum=post_quantum, bucket=bucket):
        typer.echo(format_vkey(signer.key))


@ends_well
def append(
    folder: Folder,
    raw: Annotated[bool, typer.Option("--raw", help="Take each line's bytes as they are, without a check.")] = False,
    key: KeyFile = None,
) -> None:
    """Append the lines of standard input, an entry each. Prints the first index and the new size."""
    home = Home.at(folder, key)
    with open_log(home, LocalDisk(), clock) as log:
        first = log.size
        if raw:
            for group in _groups():
                log.append_many([(line, b"") for line in group])
            log.publish()
        else:
            _append_acts(log, home)
        size, root = log.published.size, log.published.root
    typer.echo(f"{size - first} entries appended from number {first} on; size {size}, root {root.hex()}")


@ends_well
def deliver(
    folder: Folder,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station or a desk.")],
    station: Annotated[
        str, typer.Option(metavar="ID", help="The station, such as station-1: with it, its hours are told, too.")
    ] = "",
    key: KeyFile = None,
) -> None:
    """Append what a station or a desk did and kept for the ledger, each act with its own time.

    With --station also one entry for each hour that is over: births, deaths and roots of its cameras' keys, or silence.
    """
    home = Home.at(folder, key)
    try:
        with open_log(home, LocalDisk(), clock) as log:
            writer = ActWriter(log, OneFile(home.beside(".acts"), LocalDisk()), clock)
            count = ActQueue(Layout(data).acts).deliver(writer.append_many)
            memory, objects = OneFile(home.beside(".hours"), LocalDisk()), home.objects(LocalDisk())
            hours = tell_hours(log, writer, objects, memory, Layout(data), station, clock) if station else []
            writer.close()
    except StoreError as error:
        raise Misuse(str(error)) from error
    told = f", hours {hours[0]} to {hours[-1]} told" if hours else ""
    typer.echo(f"{count} acts delivered{told}")


@ends_well
def hour(
    folder: Folder,
    station: Annotated[str, typer.Option(metavar="ID", help="The station, such as station-1.")],
    at: Annotated[int, typer.Option("--hour", metavar="N", help="The hour, counted from 1970.")],
    actor: Annotated[str, typer.Option(metavar="PSEUDONYM", help="Who says so: p- and 32 hexadecimal digits.")],
    key: KeyFile = None,
) -> None:
    """Log a station's hour: what each of its cameras was and which keys were born or died.

    Reads a line a camera from standard input, in canonical JSON: camera, seq, what (silent, birth or death), epoch and,
    of a birth, keep. The list becomes a file of the log before the act that names it. A line that repeats or leaves out
    a camera's number is refused.
    """
    home = Home.at(folder, key)
    lines = [parse_line(line) for group in _groups() for line in group]
    root, cameras, content = make_list(lines)
    with open_log(home, LocalDisk(), clock) as log:
        objects = home.objects(LocalDisk())
        keys, follower = Keys(), Follower()
        take = follow(objects.get, keys)
        for entry in log.entries(0):
            take(follower.take(entry))
        keys.take(lines, clock())
        objects.put([(list_path(root), content)])
        act = {"act": HOUR_ACT, "actor": actor, "station": station, "hour": at, "cameras": cameras, "list": root}
        writer = ActWriter(log, OneFile(home.beside(".acts"), LocalDisk()), clock)
        writer.append(act)
        writer.close()
    typer.echo(f"hour {at} of {station}: {cameras} cameras, list {root}")


def _append_acts(log: Log, home: Home) -> None:
    writer = ActWriter(log, OneFile(home.beside(".acts"), LocalDisk()), clock)
    for group in _groups():
        writer.append_many([(_act(line), b"") for line in group])
    writer.close()


def _act(line: bytes) -> dict[str, object]:
    try:
        act = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Misuse("a line is not JSON: an act is one JSON object a line (--raw takes anything)") from error
    if not isinstance(act, dict):
        raise Misuse("a line is not a JSON object: an act is one JSON object a line (--raw takes anything)")
    return act


def _groups() -> Iterator[list[bytes]]:
    group: list[bytes] = []
    for line in sys.stdin.buffer:
        group.append(line.removesuffix(b"\n"))
        if len(group) == _GROUP:
            yield group
            group = []
    yield group


@ends_well
def freeze(
    folder: Folder,
    successor: Annotated[
        Path, typer.Argument(metavar="SUCCESSOR", help="The folder of the following log, made by init.")
    ],
    key: KeyFile = None,
    successor_key: Annotated[
        Path | None, typer.Option("--successor-key", metavar="FILE", help="Its key (default: SUCCESSOR.key).")
    ] = None,
) -> None:
    """Close a log for ever, and begin another that provably continues it."""
    home, following = Home.at(folder, key), Home.at(successor, successor_key)
    keys, heirs = [signer.key for signer in home.signers()], [signer.key for signer in following.signers()]
    with open_log(home, LocalDisk(), clock) as log, open_log(following, LocalDisk(), clock) as heir:
        if heir.size:
            raise Misuse(f"{successor} has entries already: name a log that is empty")
        log.append_many([(freeze_entry(heirs), b"")], last=True)
        log.publish()
        heir.append(continue_entry(keys, log.published))
        heir.publish()
        end, beginning = log.published, heir.published
    typer.echo(f"{end.origin} is closed after {end.size} entries; {beginning.origin} follows")
