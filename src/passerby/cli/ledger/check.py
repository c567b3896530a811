"""``passerby ledger verify``, ``fsck``, ``vectors``, ``prove``, ``check-proof``, ``check-fork`` and ``checker``."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.ledger.common import (
    Folder,
    KeyFile,
    MaxAge,
    PolicyFile,
    Vkeys,
    ends_well,
    read_keys,
    reader,
    say,
    trust,
)
from passerby.ledger import merkle
from passerby.ledger.checkpoint import format_proof, unverified
from passerby.ledger.errors import Misuse, Refuted, Unreadable
from passerby.ledger.fsck import check
from passerby.ledger.recovery import CHECKPOINT
from passerby.ledger.tiles import StoredHashes, read_entry
from passerby.ledger.vectors import RULES, run
from passerby.ledger.verify import verify_fork, verify_log, verify_proof
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home

Entry = Annotated[
    Path | None, typer.Option("--entry", metavar="FILE", help="The entry's bytes (default: standard input).")
]


@ends_well
def verify(folder: Folder, vkey: Vkeys = None, policy: PolicyFile = None, max_age: MaxAge = None) -> None:
    """Check a whole log: signature, witnesses, every entry, every tile."""
    say(verify_log(reader(folder), trust(vkey, policy, max_age)))


@ends_well
def fsck(folder: Folder, vkey: Vkeys = None, key: KeyFile = None) -> None:
    """Check a log of one's own: all that ``verify`` checks, and that it is what the state beside the key signed."""
    state = OneFile(Home.at(folder, key).beside(".state"), LocalDisk())
    say(check(reader(folder, key), state, read_keys(vkey)))


@ends_well
def vectors(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Test vectors of others, or ours (docs/vectors).")],
    quiet: Annotated[bool, typer.Option("--quiet", help="Print differences and the sum only.")] = False,
) -> None:
    """Run test vectors; 0 when every difference falls under a stated rule."""
    if not folder.is_dir():
        raise Misuse(f"{folder} is not a folder")
    outcomes = list(run(folder))
    for o in outcomes:
        word = "agrees" if o.agrees else f"differs under the rule '{o.rule}'" if o.rule else "DIFFERS"
        if not (quiet and o.agrees):
            typer.echo(f"{word}: {o.name} ({o.detail})")
    for rule in sorted({o.rule for o in outcomes if o.rule}):
        typer.echo(f"rule '{rule}': {RULES[rule]}")
    unexplained = sum(not o.agrees and not o.rule for o in outcomes)
    agreed, ruled = sum(o.agrees for o in outcomes), sum(bool(o.rule) for o in outcomes)
    typer.echo(f"{len(outcomes)} vectors: {agreed} agree, {ruled} differ under a rule, {unexplained} without one")
    if not outcomes:
        raise Unreadable(f"no vectors that are understood in {folder}")
    if unexplained:
        raise Refuted(f"{unexplained} vectors differ without a rule")


@ends_well
def prove(
    folder: Folder,
    index: Annotated[int, typer.Argument(metavar="N", help="The entry's number, from 0.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the proof here.")] = None,
    entry: Annotated[Path | None, typer.Option("--entry", metavar="FILE", help="Write the entry's bytes here.")] = None,
) -> None:
    """Write the .tlog-proof of an entry, for anybody to check without this log."""
    read = reader(folder)
    if (note := read(CHECKPOINT)) is None:
        raise Unreadable("there is no checkpoint")
    size = unverified(note).size
    if not 0 <= index < size:
        raise Misuse(f"there is no entry {index}: the log has {size}")
    proof = format_proof(index, merkle.inclusion(index, size, StoredHashes(read, size)), note)
    if entry:
        entry.write_bytes(read_entry(read, index, size))
    if out:
        out.write_bytes(proof)
    else:
        sys.stdout.buffer.write(proof)


@ends_well
def check_proof(
    proof: Annotated[Path, typer.Argument(metavar="FILE", help="A .tlog-proof.")],
    entry: Entry = None,
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    max_age: MaxAge = None,
) -> None:
    """Check that an entry is in a log, offline."""
    believed = trust(vkey, policy, max_age)
    say(verify_proof(proof.read_bytes(), entry.read_bytes() if entry else sys.stdin.buffer.read(), believed))


@ends_well
def check_fork(
    evidence: Annotated[Path, typer.Argument(metavar="FILE", help="Fork evidence, as a monitor writes it.")],
    vkey: Vkeys = None,
) -> None:
    """Check that evidence shows a log to have signed two histories."""
    unknown = () if vkey else ("that the key in this file is the log's: name the key you trust with --vkey",)
    say(verify_fork(evidence.read_bytes(), read_keys(vkey)), unknown or ("to whom each history was shown",))


@ends_well
def checker(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The page's file, such as checker.html.")],
) -> None:
    """Write the page that checks proofs in a browser: one file, for any web server or for none."""
    out.write_bytes(checker_page())
    typer.echo(f"{out}: open it in a browser, or put it on any web server (https, or browsers lend it no cryptography)")


def checker_page() -> bytes:
    """The page that does the check of ``verify.py`` in a browser."""
    return (files("passerby.ledger") / "checker.html").read_bytes()
