"""``passerby assess``: assessments, one for each camera and analysis."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import UsageError
from passerby.charter.papers.assessment.form import form
from passerby.charter.papers.decision import Kind
from passerby.charter.root import ANALYSES
from passerby.cli.oversight import common, office
from passerby.cli.oversight.deciding import add_decisions
from passerby.cli.oversight.office import HERE, Folder
from passerby.office.cabinet import Cabinet
from passerby.office.site_folder import read

app = typer.Typer(help="Assessments: one for each camera and analysis, before it may run.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="An assessment (TOML and Markdown).")]


@app.command("new")
def new(
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="Its id.")],
    analysis: Annotated[str, typer.Argument(metavar="ANALYSIS", help=", ".join(ANALYSES))],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The file to make.")],
    register: Folder = HERE,
) -> None:
    """Begin an assessment: what the register knows, and for each section what to write."""
    with office.book(register) as book:
        held, root = book.camera(camera), book.site_root
    if analysis not in held.entry.analyses:
        raise UsageError(f"{camera} does not run {analysis}", f"it runs {', '.join(held.entry.analyses)}")
    text = form(held.entry, analysis, held.entry.office, office.today(), root.limits if root else None)
    common.save(out, text.encode())
    typer.echo(f"{out}: fill it in, then passerby assess check {out}")


@app.command("check")
def check(file: File, register: Folder = HERE, as_json: common.Json = False) -> None:
    """What an assessment lacks, and which sections are mostly another's. Nothing is stored."""
    with office.book(register) as book:
        paper, lacking, copied = Cabinet(book).examine_assessment(read(file), str(file))
    lines = [*lacking, *(f"looks copied: {copy}" for copy in copied)]
    lines.append(f"{paper.subject}: {len(lacking)} lacking, {len(copied)} sections look copied; SHA-256 {paper.hash}")
    fields = {"subject": paper.subject, "hash": paper.hash, "lacking": lacking, "copied": [str(c) for c in copied]}
    common.tell(lines, fields, as_json=as_json)
    if lacking:
        raise typer.Exit(1)


@app.command("file")
def file_(file: File, register: Folder = HERE) -> None:
    """File a version of an assessment. One that lacks something is refused; one that looks copied is marked."""
    with office.book(register) as book:
        version, copied = Cabinet(book).file_assessment(read(file), str(file))
    for copy in copied:
        typer.echo(f"looks copied: {copy}")
    typer.echo(f"filed as version {version}; next: passerby assess decide {file}")


@app.command("list")
def list_(
    camera: Annotated[str, typer.Option("--camera", metavar="ID", help="Of this camera, every version.")] = "",
    register: Folder = HERE,
    as_json: common.Json = False,
) -> None:
    """Assessments on file: version, answer, until when, what looked copied."""
    with office.book(register) as book:
        cabinet, now = Cabinet(book), time.time()
        analyses = book.camera(camera).entry.analyses if camera else ()
        found = [row for name in analyses for row in cabinet.rows(Kind.ASSESSMENT.value, f"{camera}/{name}")]
        found = found if camera else cabinet.rows(Kind.ASSESSMENT.value)
    lines = []
    for row in found:
        over = row.answer and row.until_us < now * 1e6
        state = f"{row.answer or 'undecided'}{', over' if over else ''}"
        copied = len(json.loads(row.facts)["copies"])
        lines.append(f"{row.subject:32} {row.version:4} {state:16} {row.hash[:16]} {copied} sections look copied")
    fields = [
        {"subject": r.subject, "version": r.version, "hash": r.hash, "answer": r.answer, "until_us": r.until_us}
        | {"at_us": r.at_us, **json.loads(r.facts)}
        for r in found
    ]
    common.tell(lines or ["none"], {"assessments": fields}, as_json=as_json)


add_decisions(app, Kind.ASSESSMENT)
