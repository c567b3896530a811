"""``passerby camera``: the register: which cameras there are, whose, where, what for, and how far each has come."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.base.errors import UsageError
from passerby.charter.register import exports
from passerby.charter.register.entry import OUTLINE, Forbidden, parse_entry, parse_organisation, plain
from passerby.charter.register.phase import Phase, Step
from passerby.charter.register.table import COLUMNS, Refused, read_table
from passerby.charter.register.words import identity, line
from passerby.cli.oversight import common, office
from passerby.cli.oversight.office import HERE, Folder
from passerby.crowd.scene_file import parse as parse_scene
from passerby.office.book import Held, Imported, new_book
from passerby.office.records import records_of
from passerby.office.site_folder import read
from passerby.store.register import Wanted, count, history, page, totals

app = typer.Typer(help="The register: which cameras there are, whose, where and what for.", no_args_is_help=True)
Camera = Annotated[str, typer.Argument(metavar="CAMERA", help="Its id.")]
Owner = Annotated[str, typer.Option("--owner", metavar="ID", help="Of this owner.")]
Area = Annotated[str, typer.Option("--area", metavar="ID", help="In this area.")]
InPhase = Annotated[str, typer.Option("--phase", metavar="PHASE", help="How far they have come.")]
Purpose = Annotated[str, typer.Option("--purpose", metavar="WORD", help="With this purpose.")]
Text = Annotated[str, typer.Option("--text", metavar="WORDS", help="With these words in name, place or number.")]
MOST_CSV = 64 << 20


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the register.")],
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="The site's name, as in its root.")],
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where the register's pages will be: what signs lead to.")
    ],
    root: Annotated[str, typer.Option("--root", metavar="HASH", help="The first root's hash; it is on signs.")] = "",
) -> None:
    """Begin a register."""
    new_book(folder, time.time, site, address, root).store.close()
    typer.echo(f"a register for {site} in {folder}; next: camera owner, camera area, then camera add or import")


@app.command("root")
def root_(
    file: Annotated[Path, typer.Argument(metavar="ROOT", help="The site root (signed note): the first, or the next.")],
    register: Folder = HERE,
) -> None:
    """Name the site root in force: its limits, and which papers each permit needs. Without one all are needed."""
    with office.book(register) as book:
        root = book.name_root(read(file))
    typer.echo(f"root {root.serial} of {root.site}; each permit needs: {', '.join(root.demands) or 'no paper'}")


@app.command("owner")
def owner(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An owner (TOML): id, name, address, contact, …")],
    register: Folder = HERE,
) -> None:
    """Add an owner of cameras, or replace what is known of it. See docs/charter.md."""
    found = parse_organisation(office.toml(file), str(file))
    with office.book(register) as book:
        book.put_organisation(found)
    typer.echo(f"{found.id}: {found.name}")


@app.command("area")
def area(
    area_id: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    register: Folder = HERE,
) -> None:
    """Add an area, or rename it."""
    with office.book(register) as book:
        book.put_area(identity(area_id, "area"), line(name, "name", empty=False))
    typer.echo(f"{area_id}: {name}")


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A camera (TOML).")],
    register: Folder = HERE,
) -> None:
    """Register a camera from a file; it is proposed. See docs/charter.md for its fields."""
    entry = parse_entry(office.toml(file), str(file))
    with office.book(register) as book:
        book.add(entry)
        held = book.camera(entry.id)
    typer.echo("\n".join(_words(held)))


@app.command("set")
def set_(
    camera: Camera,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The fields that change (TOML).")],
    register: Folder = HERE,
) -> None:
    """Change fields of a camera. If what is captured changes, it is proposed again."""
    with office.book(register) as book:
        before = book.camera(camera)
        after = book.change(camera, office.toml(file))
    typer.echo("\n".join(_words(after)))
    if before.entry.capture != after.entry.capture:
        typer.echo("what is captured changed: it needs a new assessment, sign and permit")


@app.command("outlines")
def outlines(
    camera: Camera,
    scene: Annotated[Path, typer.Argument(metavar="SCENE.JSON", help="The camera's scene.")],
    register: Folder = HERE,
    zones: Annotated[
        list[str] | None,
        typer.Option("--zone", metavar="ID=N", help="The scene's Nth forbidden area is this; for areas without an id."),
    ] = None,
) -> None:
    """Take the outlines of what must never be seen from the camera's scene, so that the register shows them.

    What is captured changes by that: do it before the assessment is written.
    """
    with office.book(register) as book:
        before = book.camera(camera)
        drawn = _drawn(scene, [zone.id for zone in before.entry.forbidden], zones or [])
        found = [plain(replace(zone, outline=drawn[zone.id])) for zone in before.entry.forbidden]
        after = book.change(camera, {"forbidden": found})
    typer.echo("\n".join(_words(after)))
    if before.entry.capture != after.entry.capture:
        typer.echo("what is captured changed: it needs a new assessment, sign and permit")


def _drawn(scene: Path, registered: list[str], given: list[str]) -> dict[str, tuple[tuple[int, int], ...]]:
    """The corners of each registered zone, in thousandths of the scene's picture."""
    found = parse_scene(read(scene))
    areas = list(found.content.get("forbidden", []))
    if found.size is None:
        raise UsageError(f"{scene} does not say how large its picture is", "draw it with: passerby scene edit")
    names = {
        area["id"]: n for n, area in enumerate(areas) if isinstance(area, dict) and isinstance(area.get("id"), str)
    }
    if len(areas) == len(registered) == 1:
        names = {registered[0]: 0}
    for one in given:
        name, _, number = one.partition("=")
        if not number.isdecimal() or not 1 <= int(number) <= len(areas):
            raise UsageError(f"--zone {one[:40]} names no area of {scene}", f"write ID=N, N from 1 to {len(areas)}")
        names[name] = int(number) - 1
    if names.keys() != {*registered} or len({*names.values()}) != len(areas):
        raise UsageError(
            f"{scene} has {len(areas)} forbidden areas, the register {', '.join(registered) or 'none'}",
            "draw and register the same ones; --zone ID=N says which is which",
        )
    width, height = found.size
    return {
        name: tuple((round(float(x) * OUTLINE / width), round(float(y) * OUTLINE / height)) for x, y in corners)
        for name, corners in ((name, found.forbidden[number]) for name, number in names.items())
    }


@app.command("step")
def step(
    camera: Camera,
    what: Annotated[
        Step, typer.Argument(metavar="STEP", help=", ".join(s.value for s in Step if s is not Step.CHANGE))
    ],
    register: Folder = HERE,
) -> None:
    """Lead a camera on: assess, notice, activate, suspend, resume, remove."""
    if what is Step.CHANGE:
        raise UsageError("a change is made by changing the entry", "passerby camera set")
    with office.book(register) as book:
        held = book.step(camera, what)
    typer.echo(f"{camera} is {held.phase.value}")


@app.command("show")
def show(camera: Camera, register: Folder = HERE, as_json: common.Json = False) -> None:
    """A camera, and what is missing before it can be published."""
    with office.book(register) as book:
        held = book.camera(camera)
        (found,) = records_of(book, [held.entry])
    common.tell(_words(held), exports.public(held.entry, held.owner, held.phase, found), as_json=as_json)


@app.command("list")
def list_(
    register: Folder = HERE,
    owner: Owner = "",
    area: Area = "",
    phase: InPhase = "",
    purpose: Purpose = "",
    text: Text = "",
    most: Annotated[int, typer.Option("--most", min=1, max=500, help="At most so many.")] = 50,
    as_json: common.Json = False,
) -> None:
    """Cameras by name."""
    wanted = Wanted(owner, area, _phase(phase), purpose, text)
    with office.book(register) as book:
        found, there = page(book.store, wanted, None, most), count(book.store, wanted)
    lines = [f"{row.id:24} {row.phase:10} {row.owner:16} {row.area:16} {row.name}" for row in found]
    more = [f"{len(found)} of {there}"]
    fields = {"cameras": [json.loads(row.body) | {"phase": row.phase} for row in found], "count": there}
    common.tell(lines + more, fields, as_json=as_json)


@app.command("totals")
def totals_(register: Folder = HERE, as_json: common.Json = False) -> None:
    """How many there are by owner, area and phase."""
    with office.book(register) as book:
        found = sorted(totals(book.store).items())
    lines = [f"{owner:16} {area:16} {phase:10} {number:7}" for (owner, area, phase), number in found]
    fields = [{"owner": o, "area": a, "phase": p, "cameras": n} for (o, a, p), n in found]
    common.tell(lines, {"totals": fields}, as_json=as_json)


@app.command("history")
def history_(camera: Camera, register: Folder = HERE, as_json: common.Json = False) -> None:
    """All that an entry ever was."""
    with office.book(register) as book:
        found = history(book.store, camera)
    lines = [f"{v.version:4} {office.stamp(v.at_us)} {v.step:8} {v.phase:10} {v.content}" for v in found]
    fields = [
        {"version": v.version, "at_us": v.at_us, "step": v.step, "phase": v.phase, "hash": v.content}
        | {"entry": json.loads(v.body)}
        for v in found
    ]
    common.tell(lines, {"camera": camera, "history": fields}, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Cameras (CSV, UTF-8).")],
    register: Folder = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help="Take the good rows although others are refused (default: all or none).")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="Write the refused rows there, with why.")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="COLUMN=VALUE", help="What rows say that have no such column.")
    ] = None,
    ignored: Annotated[list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="Leave it out.")] = None,
    prefix: Annotated[str, typer.Option("--prefix", metavar="WORD", help="Goes before each id.")] = "",
    as_json: common.Json = False,
) -> None:
    """Register the cameras of a CSV file, and change those that are registered. Each row that is refused is named."""
    defaults = dict(_pair(word) for word in given or [])
    sheet = read_table(_content(file), str(file), defaults, ignored or [], prefix)
    with office.book(register) as book:
        report = book.read_sheet(sheet, dry=dry_run, partly=good_rows)
    if rejects is not None and report.refused:
        common.save(rejects, _rejects(sheet.header, report.refused))
    common.tell(_told(report, dry=dry_run), _report(report), as_json=as_json)
    if report.refused and not (good_rows and report.stored):
        raise typer.Exit(1)


@app.command("export")
def export(
    register: Folder = HERE,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where to (default: print).")] = None,
    form: Annotated[str, typer.Option("--form", metavar="FORM", help="json or csv.")] = "json",
    owner: Owner = "",
    area: Area = "",
    phase: InPhase = "",
    publishable: Annotated[
        bool, typer.Option("--publishable", help="Refuse if a required field of a camera is empty, and say which.")
    ] = False,
) -> None:
    """The register as JSON (with the fields of algorithm registers, ATRS and DTPR) or as CSV."""
    if form not in ("json", "csv"):
        raise UsageError(f"there is no form {form}", "json or csv")
    with office.book(register) as book:
        found = list(book.cameras(Wanted(owner, area, _phase(phase))))
        said = records_of(book, [held.entry for held in found]) if form == "json" else []
        whole = [exports.public(h.entry, h.owner, h.phase, records) for h, records in zip(found, said, strict=False)]
        site = book.site
    if publishable and (gaps := [held for held in found if held.missing]):
        for held in gaps[:20]:
            typer.echo(f"{held.entry.id}: not publishable, it lacks {', '.join(held.missing)}", err=True)
        raise UsageError(f"{len(gaps)} cameras are not publishable", "fill in what they lack")
    if form == "csv":
        content = exports.table((held.entry, held.owner, held.phase) for held in found)
    else:
        content = json.dumps({"site": site, "cameras": whole}, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(content)
    else:
        common.save(out, content.encode())


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_CSV + 1)
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror})", "check its name and rights") from error


def _pair(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or name not in COLUMNS:
        raise UsageError(f"--set {word[:40]} sets no column", f"write COLUMN=VALUE, of {', '.join(COLUMNS)}")
    return name, value


def _phase(word: str) -> str:
    if word and word not in {phase.value for phase in Phase}:
        raise UsageError(f"there is no phase {word[:40]}", ", ".join(phase.value for phase in Phase))
    return word


def _told(report: Imported, *, dry: bool) -> list[str]:
    lines = [f"line {row.line}: {row.why}" for row in report.refused]
    lines += [f"line {number}: taken, but look at it: {why}" for number, why in report.doubts]
    done = "stored" if report.stored else ("would be stored" if dry and not report.refused else "not stored")
    return [
        *lines,
        f"{report.rows} rows: {len(report.new)} new, {len(report.changed)} changed, {len(report.recaptured)} proposed "
        f"again because what they capture changed, {report.unchanged} unchanged, {len(report.refused)} refused; {done}",
    ]


def _report(report: Imported) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "stored": report.stored,
        "new": report.new,
        "changed": report.changed,
        "recaptured": report.recaptured,
        "unchanged": report.unchanged,
        "refused": [{"line": row.line, "why": row.why, "cells": list(row.cells)} for row in report.refused],
        "doubts": [{"line": number, "why": why} for number, why in report.doubts],
    }


def _rejects(header: tuple[str, ...], refused: list[Refused]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*header, "refused because"])
    for row in refused:
        writer.writerow(
            [*(exports.guarded(cell) for cell in row.cells), exports.guarded(f"line {row.line}: {row.why}")]
        )
    return out.getvalue().encode()


def _unseen(zone: Forbidden) -> str:
    return f"{zone.id} ({zone.why}{', outlined' if zone.outline else ''})"


def _words(held: Held) -> list[str]:
    entry = held.entry
    kept = f"redacted pictures for {entry.retention_s // 3600} hours" if entry.keeps else "numbers only"
    if "seal" in entry.analyses:
        kept += f"; ORIGINALS, sealed, for {entry.retention_s // 3600} hours at most"
    where = "" if entry.latitude_e6 is None or entry.longitude_e6 is None else (
        f" ({entry.latitude_e6 / 1e6:.6f}, {entry.longitude_e6 / 1e6:.6f})"
    )  # fmt: skip
    gaps = held.missing
    return [
        f"{entry.id}: {entry.name}; {held.phase.value} since {office.stamp(held.since_us)}, version {held.version}",
        f"owner: {held.owner.name}; office: {entry.office or '–'}; area: {entry.area}",
        f"place: {entry.place or '–'}{where}; it looks at: {entry.view or '–'}",
        f"runs: {', '.join(entry.analyses)}; for: {', '.join(entry.purposes) or '–'}; keeps: {kept}",
        f"never seen: {'; '.join(map(_unseen, entry.forbidden)) or '–'}",
        f"from {entry.begins or '–'} until {entry.ends or '–'}; languages: {', '.join(entry.languages)}",
        f"capture: {entry.capture}",
        f"not publishable: it lacks {', '.join(gaps)}" if gaps else "publishable",
    ]
