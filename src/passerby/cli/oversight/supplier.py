"""``passerby supplier``: who delivers what, what is known of it, and whether to deal with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import UsageError
from passerby.charter.papers.decision import Kind
from passerby.charter.papers.supplier import EXAMPLE, LARGEST_LIST, lacks, parse_supplier, sanctioned
from passerby.cli.oversight import common, office
from passerby.cli.oversight.deciding import add_decisions
from passerby.cli.oversight.office import HERE, Folder
from passerby.office.cabinet import Cabinet
from passerby.office.site_folder import read

app = typer.Typer(help="Suppliers: due diligence before anything of theirs may run.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A supplier's record (TOML and Markdown).")]
Sanctions = Annotated[
    Path, typer.Option("--sanctions", metavar="LIST", help="A list of sanctions: CSV, or one name a line (UTF-8).")
]


@app.command("new")
def new(out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The file to make.")]) -> None:
    """Begin a record from an example."""
    common.save(out, EXAMPLE.encode())
    typer.echo(f"{out}: fill it in, then passerby supplier check {out} --sanctions LIST")


@app.command("check")
def check(file: File, sanctions: Sanctions) -> None:
    """What a record lacks, and whether its names are on a list of sanctions. Nothing is stored."""
    record = parse_supplier(read(file), str(file))
    hits = sanctioned(record, _list(sanctions), str(sanctions))
    lacking = lacks(record, hits)
    typer.echo("\n".join([
        *lacking, *(f"on the list: {name}" for name in hits),
        f"{record.id}: {len(lacking)} lacking, {len(hits)} names on the list; SHA-256 {record.hash}",
    ]))  # fmt: skip
    if lacking:
        raise typer.Exit(1)


@app.command("file")
def file_(file: File, sanctions: Sanctions, register: Folder = HERE) -> None:
    """File a version of a record, with the list's hash and what was found on it."""
    with office.book(register) as book:
        cabinet = Cabinet(book)
        version, hits = cabinet.file_supplier(read(file), str(file), _list(sanctions), str(sanctions))
    for name in hits:
        typer.echo(f"on the list: {name}")
    typer.echo(f"filed as version {version}; next: passerby supplier decide {file}")


@app.command("list")
def list_(register: Folder = HERE, as_json: common.Json = False) -> None:
    """Records on file: until when they hold, what was decided."""
    with office.book(register) as book:
        found = [(row, parse_supplier(row.body)) for row in Cabinet(book).rows(Kind.SUPPLIER.value)]
    today = office.today()
    lines = [
        f"{s.id:24} version {r.version}: {s.name}; {r.answer or 'undecided'}; valid until {s.valid_until}"
        f"{', EXPIRED' if s.valid_until < today else ''}"
        for r, s in found
    ]
    fields = [
        {"supplier": s.id, "version": r.version, "hash": r.hash, "answer": r.answer}
        | {"valid_until": s.valid_until.isoformat(), "expired": s.valid_until < today, **json.loads(r.facts)}
        for r, s in found
    ]
    common.tell(lines or ["none"], {"suppliers": fields}, as_json=as_json)


def _list(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_LIST + 1)
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror})", "check its name and rights") from error


add_decisions(app, Kind.SUPPLIER)
