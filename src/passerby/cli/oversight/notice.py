"""``passerby notice``: the sign before a camera, and the record that it is in its place."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import UsageError
from passerby.charter.notice.catalogue import Catalogue, parse_catalogue
from passerby.charter.notice.sign import Form, Sign, sign
from passerby.charter.papers.placed import placed_text
from passerby.charter.register.words import day, line
from passerby.cli.oversight import common, office
from passerby.cli.oversight.office import HERE, Folder
from passerby.office.book import Held
from passerby.office.cabinet import Cabinet
from passerby.office.files import PLACED
from passerby.office.site_folder import read
from passerby.press.signs import built_in, sign_pdf, sign_picture
from passerby.store.register import Wanted

app = typer.Typer(help="Signs: what everybody must know before they are in the picture.", no_args_is_help=True)
Camera = Annotated[str, typer.Argument(metavar="CAMERA", help="Its id.")]
FORMS = {form.label: form for form in Form}


@app.command("sign")
def sign_(
    camera: Camera,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The PDF, or a PNG, to make.")],
    form: Annotated[str, typer.Option("--form", metavar="FORM", help=", ".join(FORMS))] = "a4",
    more: Annotated[
        list[Path] | None,
        typer.Option("--catalogue", metavar="FILE", help="Words of another language (TOML); may be repeated."),
    ] = None,
    dpi: Annotated[int, typer.Option("--dpi", min=30, max=600, help="Of a PNG.")] = 100,
    register: Folder = HERE,
) -> None:
    """Make a camera's sign, in its entry's languages. Print it as it is: its square code leads to the camera's page."""
    if form not in FORMS:
        raise UsageError(f"there is no form {form[:20]}", ", ".join(FORMS))
    with office.book(register) as book:
        held, address, root = book.camera(camera), book.page_of(camera), book.root
    catalogues = _catalogues(held, more or [])
    found = sign(held.entry, held.owner, catalogues, address, root)
    content = _printed(found, FORMS[form], catalogues, dpi, picture=out.suffix.lower() == ".png")
    common.save(out, content)
    typer.echo(f"{out}: {form}, {', '.join(c.language for c in catalogues)}; SHA-256 {sha256(content).hexdigest()}")


@app.command("words")
def words(
    language: Annotated[str, typer.Argument(metavar="LANGUAGE", help="One that comes with Passerby.")] = "en",
) -> None:
    """Print a language's words, to be translated into another catalogue."""
    from importlib.resources import files

    if language not in built_in():
        raise UsageError(f"{language[:20]} does not come with Passerby", ", ".join(sorted(built_in())))
    typer.echo(files("passerby.press").joinpath("languages", f"{language}.toml").read_text("utf-8"), nl=False)


@app.command("placed")
def placed(
    camera: Camera,
    file: Annotated[Path, typer.Option("--sign", metavar="PDF", help="The sign that was printed.")],
    where: Annotated[
        list[str], typer.Option("--where", metavar="TEXT:METRES", help="Where, and how far before the picture begins.")
    ],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="When it was put up (default: today).")] = "",
    pictures: Annotated[
        list[Path] | None,
        typer.Option("--picture", metavar="FILE", help="A picture of it in its place: its hash is kept, not itself."),
    ] = None,
    register: Folder = HERE,
) -> None:
    """Keep the record that a sign is in its place. Take pictures with nobody in them, and keep them yourself."""
    with office.book(register) as book:
        entry = book.camera(camera).entry
        text = placed_text(
            entry.id, entry.capture, sha256(read(file)).hexdigest(), day(on, "--on") if on else office.today(),
            [_place(word) for word in where], [sha256(read(path)).hexdigest() for path in pictures or []],
        )  # fmt: skip
        version = Cabinet(book).file_placed(text.encode(), "the record")
    typer.echo(f"{camera}: sign in its place, version {version}; next: passerby camera step {camera} notice")


@app.command("list")
def list_(register: Folder = HERE, as_json: common.Json = False) -> None:
    """Cameras, and whether a sign that says what they capture now is known to be in its place."""
    with office.book(register) as book:
        there = {row.subject: row for row in Cabinet(book).rows(PLACED)}
        held = list(book.cameras(Wanted()))
    lines, fields = [], []
    for camera in held:
        row = there.get(camera.entry.id)
        right = row is not None and camera.entry.capture.encode() in row.body
        state = "in its place" if right else ("says something else" if row else "none")
        lines.append(f"{camera.entry.id:24} {camera.phase.value:10} {state}")
        fields.append({"camera": camera.entry.id, "phase": camera.phase.value, "sign": state})
    common.tell(lines or ["none"], {"signs": fields}, as_json=as_json)


def _catalogues(held: Held, more: list[Path]) -> tuple[Catalogue, ...]:
    known = built_in()
    for path in more:
        found = parse_catalogue(read(path), str(path))
        known[found.language] = found
    for language in held.entry.languages:
        if language not in known:
            how = f"passerby notice words > {language}.toml, translate it, then --catalogue {language}.toml"
            raise UsageError(f"no words for {language}", how)
    return tuple(known[language] for language in held.entry.languages)


def _printed(found: Sign, form: Form, catalogues: tuple[Catalogue, ...], dpi: int, *, picture: bool) -> bytes:
    return sign_picture(found, form, catalogues, dpi) if picture else sign_pdf(found, form, catalogues)


def _place(word: str) -> tuple[str, int]:
    place, _, metres = word.rpartition(":")
    if not place or not metres.isdecimal() or len(metres) > 4:
        raise UsageError(f"--where {word[:40]} says no distance", "such as --where 'lamp post 12:15'")
    return line(place, "--where", empty=False), int(metres)
