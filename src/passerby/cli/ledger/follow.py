"""``passerby ledger mirror``, ``monitor`` and ``lateness``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.ledger.common import (
    Every,
    Evidence,
    Folder,
    MaxAge,
    PolicyFile,
    Vkeys,
    Where,
    again,
    clock,
    ends_well,
    kept_evidence,
    reader,
    say,
    source,
    trust,
)
from passerby.ledger.acts import Follower
from passerby.ledger.errors import Refuted
from passerby.ledger.follow import Monitor
from passerby.ledger.hours import Keys, follow
from passerby.ledger.mirror import Mirror
from passerby.ledger.verify import verify_log
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder as LogFolder
from passerby.store.ledger.folder import OneFile


@ends_well
def mirror(
    where: Where,
    folder: Annotated[Path, typer.Argument(metavar="TO", help="The folder of the copy; made where it is not there.")],
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    max_age: MaxAge = None,
    every: Every = None,
    evidence: Evidence = Path("fork-evidence.json"),
) -> None:
    """Hold a copy of a log, every entry proven before it is kept. Goes on where it was cut."""
    folder.mkdir(parents=True, exist_ok=True)
    held = LogFolder(folder, LocalDisk())

    def look() -> None:
        with kept_evidence(evidence):
            say(Mirror(source(where), held, trust(vkey, policy, max_age)).update())

    again(look, every)


@ends_well
def monitor(
    where: Where,
    memory: Annotated[Path, typer.Option("--memory", metavar="FILE", help="Where to remember what was seen last.")],
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    max_age: MaxAge = None,
    every: Every = None,
    evidence: Evidence = Path("fork-evidence.json"),
) -> None:
    """Look whether a log continues what it has shown before."""

    def look() -> None:
        with kept_evidence(evidence):
            say(Monitor(source(where), trust(vkey, policy, max_age), OneFile(memory, LocalDisk())).look())

    again(look, every)


@ends_well
def lateness(
    folder: Folder,
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    at: Annotated[int | None, typer.Option("--at", metavar="TIME", help="As of, in seconds since 1970.")] = None,
) -> None:
    """Which keys lived longer than they may: computed from the log and its lists alone."""
    read, keys, follower = reader(folder), Keys(), Follower()
    take = follow(read, keys)
    told = verify_log(read, trust(vkey, policy), lambda _, entry: take(follower.take(entry)))
    overdue = list(keys.overdue(at or clock()))
    for camera, epoch, due, died in keys.late:
        typer.echo(f"late: {camera}, hour {epoch}: due {_date(due)}, destroyed {_date(died)}")
    for camera, epoch, due in overdue:
        typer.echo(f"overdue: {camera}, hour {epoch}: due {_date(due)}, not destroyed")
    if keys.late or overdue:
        raise Refuted(f"{len(keys.late)} keys were destroyed late, {len(overdue)} are overdue")
    say([*told, f"no key of {len(keys.numbers)} cameras lived longer than it may; {len(keys.alive)} are alive"])


def _date(when: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(when))
