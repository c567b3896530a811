"""``passerby review``: which looks are reviewed, which are overdue, and what the reviewer found."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.base.errors import CharterError
from passerby.charter.matter import draw as rules
from passerby.charter.report.page import moment
from passerby.charter.report.report import Taking, take
from passerby.charter.report.tally import DRAW_WITHIN_S, REVIEW, Tally
from passerby.cli.desk.common import By, Data, Json, Text, pseudonym, words
from passerby.cli.desk.report import Ledger, believing
from passerby.cli.ledger.common import Folder, KeyFile, PolicyFile, Vkeys, clock, ends_well, reader
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.errors import Misuse, Unreadable
from passerby.ledger.lists import list_path
from passerby.ledger.schema import MOST, parse_act
from passerby.ledger.tiles import read_entry
from passerby.ledger.verify import Policy, parse_policy
from passerby.office import matters
from passerby.office.desk import open_desk
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, open_log

app = typer.Typer(help="Random review of looks, drawn where nobody could know.", no_args_is_help=True)
DAY = 86400
OUTCOMES = ("in-order", "violation")


@app.command("draw")
@ends_well
def draw(
    folder: Folder,
    by: By,
    share: Annotated[
        int, typer.Option("--share", metavar="N", min=1, max=1000, help="Of a thousand looks, on average.")
    ] = 100,
    days: Annotated[int, typer.Option("--days", min=1, max=31, help="How long a review may take.")] = 14,
    policy: PolicyFile = None,
    key: KeyFile = None,
) -> None:
    """Draw from all looks since the last draw, by the log's checkpoint as it is cosigned now.

    Run it right after `passerby ledger cosign`, with the same policy: the witnesses' signatures decide which.
    """
    home, disk = Home.at(folder, key), LocalDisk()
    demanded = parse_policy(policy.read_bytes()) if policy else Policy(quorum=b"none")
    with open_log(home, disk, clock) as log:
        objects, point, note = home.objects(disk), log.published, log.note
        tally = take(objects.get, believing(folder, None, policy), Tally(0, MOST, objects.get, keys=False)).tally
        looks = [seen for _, seen, _ in tally.looks if seen.index < point.size]
        if tally.drawn_to >= point.size:
            raise Misuse("there is nothing new to draw from")
        witnesses = list(demanded.witnesses.values())
        until = clock() + days * DAY
        act, content, taken = rules.make(note, witnesses, tally.drawn_to, point.size, looks, share, until)
        objects.put([(list_path(str(act["list"])), content)])
        writer = ActWriter(log, OneFile(home.beside(".acts"), disk), clock)
        writer.append({**act, "actor": pseudonym(by)})
        writer.close()
    typer.echo(f"{len(taken)} of {len(looks)} looks are to be reviewed before {moment(until)}")
    for seen in taken:
        typer.echo(f"entry {seen.index}")


@app.command("list")
@ends_well
def list_(
    ledger: Ledger,
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    as_json: Json = False,
) -> None:
    """The queue of reviews, as anybody computes it from the ledger: what waits, and what is overdue."""
    now = int(time.time())
    read = reader(ledger)
    taking = take(read, believing(ledger, vkey, policy), Tally(0, MOST, read, keys=False))
    rows = sorted(_queue(taking, ledger), key=lambda row: (row["until"], row["entry"]))
    overdue = sum(row["until"] <= now for row in rows)
    waiting = [logged for logged, _, _ in taking.tally.looks]
    late = sum(now - logged > DRAW_WITHIN_S for logged in waiting)
    if as_json:
        found = {"reviews": rows, "overdue": overdue, "undrawn": len(waiting), "undrawn_overdue": late}
        typer.echo(json.dumps(found, indent=1))
        return
    for row in rows:
        mark = "OVERDUE since" if row["until"] <= now else "due before"
        typer.echo(f"entry {row['entry']}  {row['camera']}  {row['purpose']}  {mark} {moment(row['until'])}")
    typer.echo(f"{len(rows)} reviews open, {overdue} overdue")
    typer.echo(f"{len(waiting)} looks that no draw covers yet, {late} of them for more than 31 days")


@app.command("done")
@ends_well
def done(
    data: Data,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The look's number: `review list`.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="in-order or violation.")],
    ledger: Ledger,
    by: By,
    text: Text = None,
    vkey: Vkeys = None,
    policy: PolicyFile = None,
) -> None:
    """Say, in writing, what the review of a look found. Nobody reviews a look of their own."""
    if outcome not in OUTCOMES:
        raise Misuse(f"a review ends with {' or '.join(OUTCOMES)}")
    said, salt = words(text), os.urandom(matters.SALT_BYTES)
    if not said:
        raise Misuse("what a review found is written down: give it with --text")
    read = reader(ledger)
    taking = take(read, believing(ledger, vkey, policy), Tally(0, MOST, read, keys=False))
    row = next((row for row in _queue(taking, ledger) if row["entry"] == entry), None)
    if row is None:
        raise Misuse(f"no review of entry {entry} is open: `passerby review list` shows those that are")
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "reviewer")
        if row["actor"] == by:
            raise CharterError("nobody reviews a look of their own", "have another reviewer do it")
        acts = [
            {"act": "review", "case": row["case"], "content": matters.commitment(salt, said)},
            {"act": "done", "subject": row["leaf"], "duty": REVIEW, "outcome": outcome},
        ]
        noted = matters.Entry(desk.clock(), "reviewed", by, outcome, said, salt)
        matters.note(desk.store, row["leaf"], noted, acts, os.urandom)
    typer.echo(f"entry {entry}: {outcome}; it waits for the ledger: passerby ledger deliver LOG DATA")
    if outcome == "violation":
        typer.echo("write the incident down, too: passerby incident new")


@app.command("forget")
def forget(
    data: Data,
    leaf: Annotated[str, typer.Argument(metavar="LEAF", help="The look's leaf hash: `review list --json`.")],
    by: By,
) -> None:
    """Erase what was written about a reviewed look. Nothing brings it back."""
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "reviewer")
        count = matters.forget_notes(desk.store, leaf)
    typer.echo(f"{count} texts erased")


def _queue(taking: Taking, ledger: Path) -> list[dict[str, Any]]:
    read, size = reader(ledger), taking.point.size
    rows = []
    for (subject, duty), promise in taking.tally.owed.items():
        if duty != REVIEW:
            continue
        if promise.entry < 0:
            raise Unreadable("a review is owed that no draw asks for")
        act = parse_act(read_entry(read, promise.entry, size))
        found = {"entry": promise.entry, "leaf": subject, "until": promise.until, "actor": act["actor"]}
        rows.append({**found, "camera": act["camera"], "purpose": act["purpose"], "case": act["case"]})
    return rows
