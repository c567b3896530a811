"""``decide``, ``sign`` and ``keep``: what two institutions decide on a paper, the same for every kind of paper."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from passerby.charter.papers.decision import Answer, Decision, Kind, parse_decision
from passerby.cli.oversight import common, office
from passerby.cli.oversight.office import HERE, Folder
from passerby.cli.oversight.plans import seconds
from passerby.cli.oversight.root import load, moment
from passerby.office.cabinet import Cabinet
from passerby.office.site_folder import read

Paper = Annotated[Path, typer.Argument(metavar="FILE", help="The paper.")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write.")]


def add_decisions(app: typer.Typer, kind: Kind) -> None:
    """Give a group of commands these three."""

    @app.command("decide")
    def decide(
        file: Paper,
        root: Annotated[Path, typer.Option("--root", metavar="ROOT", help="The site root in force.")],
        answer: Annotated[Answer, typer.Option("--answer", help="accepted or refused.")],
        until: Annotated[str, typer.Option("--until", metavar="TIME", help="How long it holds: '180 days'.")],
        out: Out,
    ) -> None:
        """Draft a decision on a paper. To accept, both institutions sign it; to refuse, the reviewer."""
        held, _ = load(root)
        now = int(time.time())
        content = sha256(read(file)).hexdigest()
        decision = Decision(held.site, kind, content, answer, now, now + seconds(until))
        common.save(out, decision.text().encode())
        typer.echo("\n".join(words(decision)))

    def read_words(note: bytes) -> tuple[str, list[str]]:
        decision = parse_decision(note)
        return decision.hash, words(decision)

    more = " Read the paper first: sha256sum shows that it is the one."
    common.add_sign(app, "a decision", read_words, more)

    @app.command("keep")
    def keep(
        file: Paper,
        decision: Annotated[Path, typer.Argument(metavar="DECISION", help="The signed note.")],
        register: Folder = HERE,
    ) -> None:
        """Keep a decision with the paper on file; it counts only if those signed whom it needs."""
        with office.book(register) as book:
            found = Cabinet(book).decide(read(decision), kind, read(file))
        typer.echo(f"{found.answer.value} until {moment(found.until)}")


def words(decision: Decision) -> list[str]:
    """A decision for people."""
    return [
        f"decision on the {decision.kind.value} with SHA-256 {decision.content}",
        f"of {decision.site}: {decision.answer.value}, from {moment(decision.at)} until {moment(decision.until)}",
        f"hash: {decision.hash}",
    ]
