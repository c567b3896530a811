"""``passerby plan``: rollout plans, and what people said about them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from passerby.charter.papers.decision import Kind
from passerby.charter.papers.plan import EXAMPLE, lacks, parse_plan
from passerby.charter.register.words import identity, line, prose, word
from passerby.cli.oversight import common, office
from passerby.cli.oversight.deciding import add_decisions
from passerby.cli.oversight.office import HERE, Folder
from passerby.office.cabinet import Cabinet
from passerby.office.site_folder import read
from passerby.store.register import Wanted, totals

app = typer.Typer(help="Rollout plans: phases, areas, dates; what people said about them.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A plan (TOML and Markdown).")]
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Its id.")]
Commitment = Annotated[str, typer.Argument(metavar="COMMENT", help="Its commitment.")]
SOURCES = ("resident", "visitor", "worker", "business", "group", "authority", "expert", "staff")
LONGEST = 100_000


@app.command("new")
def new(out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The file to make.")]) -> None:
    """Begin a plan from an example."""
    common.save(out, EXAMPLE.encode())
    typer.echo(f"{out}: fill it in, then passerby plan file {out}")


@app.command("check")
def check(file: File) -> None:
    """What a plan says, and what it lacks. Nothing is stored."""
    plan = parse_plan(read(file), str(file))
    for stage in plan.stages:
        where = ", ".join(f"{area} {most}" for area, most in stage.cameras.items())
        typer.echo(f"{stage.id}: {stage.begins} to {stage.ends}; {', '.join(sorted(stage.purposes))}; {where}")
    lacking = lacks(plan)
    typer.echo("\n".join([*lacking, f"{plan.id}: {len(lacking)} lacking; SHA-256 {plan.hash}"]))
    if lacking:
        raise typer.Exit(1)


@app.command("file")
def file_(file: File, register: Folder = HERE) -> None:
    """File a version of a plan."""
    with office.book(register) as book:
        version = Cabinet(book).file_plan(read(file), str(file))
    typer.echo(f"filed as version {version}; next: passerby plan decide {file}")


@app.command("list")
def list_(register: Folder = HERE, as_json: common.Json = False) -> None:
    """Plans on file, and for each area how many cameras are planned, registered and active."""
    with office.book(register) as book:
        found = [(row, parse_plan(row.body)) for row in Cabinet(book).rows(Kind.PLAN.value)]
        there = {plan.owner: totals(book.store, Wanted(owner=plan.owner)) for _, plan in found}
    lines, fields = [], []
    for row, plan in found:
        lines.append(f"{plan.id} version {row.version}: {plan.title}; {row.answer or 'undecided'}")
        areas = {}
        for area, most in plan.totals().items():
            here = {phase: n for (_, where, phase), n in there[plan.owner].items() if where == area}
            areas[area] = {"planned": most, "registered": sum(here.values()), "active": here.get("active", 0)}
            lines.append(f"  {area:24} planned {most:6}, registered {areas[area]['registered']:6}, "
                         f"active {areas[area]['active']:6}")  # fmt: skip
        fields.append({"plan": plan.id, "version": row.version, "answer": row.answer, "hash": row.hash, "areas": areas})
    common.tell(lines or ["none"], {"plans": fields}, as_json=as_json)


@app.command("comment")
def comment(
    plan: PlanId,
    text: Annotated[Path, typer.Option("--text", metavar="FILE", help="What they said (UTF-8), without their name.")],
    source: Annotated[str, typer.Option("--from", metavar="WORD", help=", ".join(SOURCES))],
    register: Folder = HERE,
) -> None:
    """Take in what somebody said. The ledger gets a salted commitment; text and salt stay here and can be forgotten."""
    said = prose(read(text).decode("utf-8", "replace"), str(text), LONGEST, empty=False)
    with office.book(register) as book:
        found = Cabinet(book).comment(f"plan/{identity(plan, 'plan')}", word(source, "--from", SOURCES), said)
    typer.echo(found)


@app.command("comments")
def comments(plan: PlanId, register: Folder = HERE, as_json: common.Json = False) -> None:
    """What was said about a plan, and what was answered."""
    with office.book(register) as book:
        found = Cabinet(book).comments(f"plan/{plan}")
    lines = [line_ for row in found for line_ in (
        f"{office.stamp(row.at_us)} {row.source} {row.commitment}", f"  {row.text or '(forgotten)'}",
        f"  answer: {row.answer or '–'}",
    )]  # fmt: skip
    fields = [
        {"commitment": r.commitment, "at_us": r.at_us, "source": r.source, "text": r.text, "answer": r.answer}
        | {"salt": r.salt.hex()}
        for r in found
    ]
    common.tell(lines or ["none"], {"comments": fields}, as_json=as_json)


@app.command("answer")
def answer(
    commitment: Commitment,
    said: Annotated[str, typer.Argument(metavar="ANSWER", help="One line.")],
    register: Folder = HERE,
) -> None:
    """Answer a comment."""
    with office.book(register) as book:
        Cabinet(book).answer(commitment, line(said, "answer", 2000, empty=False))
    typer.echo("answered")


@app.command("forget")
def forget(commitment: Commitment, register: Folder = HERE) -> None:
    """Forget what somebody said: text and salt. What stays in the ledger then proves nothing about them."""
    with office.book(register) as book:
        Cabinet(book).forget(commitment)
    typer.echo("forgotten")


add_decisions(app, Kind.PLAN)
