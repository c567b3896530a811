"""``passerby release build``, ``check`` and ``budget``."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.folder import Layout
from passerby.base.build import build_hash
from passerby.base.errors import BudgetError, ReleaseError, UsageError
from passerby.charter.proofs import Site
from passerby.cli.ledger.common import clock, reader
from passerby.cli.oversight import common
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.checkpoint import unverified
from passerby.ledger.errors import LedgerError
from passerby.ledger.schema import parse_act
from passerby.ledger.tiles import read_entry
from passerby.office.site_folder import evidence_for, read, site_of
from passerby.release import lawful
from passerby.release.budget import Charge, Kept, follow
from passerby.release.by_opendp import OpenDpNoise
from passerby.release.check import check as check_folder
from passerby.release.check import parse_budget
from passerby.release.coins import SystemCoins
from passerby.release.folder import BUDGET, Published, files
from passerby.release.noise import ExactNoise, Noise
from passerby.release.plan import Plan, parse_plan
from passerby.release.source import true_day
from passerby.release.work import Publisher, parse_record
from passerby.store.acts import ActQueue
from passerby.store.database import Store, read_store
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder, OneFile
from passerby.store.ledger.home import Home, open_log
from passerby.store.migrate import open_durable
from passerby.store.release import Book, alone

Data = Annotated[Path, typer.Argument(metavar="DATA", help="A station's data folder.")]
SiteFolder = Annotated[Path, typer.Option("--site", metavar="FOLDER", help="The site's papers; see docs/gate.md.")]
First = Annotated[str, typer.Option("--first", metavar="HASH", help="The first root's hash, as on the sign.")]


def build(
    data: Data,
    plan: Annotated[Path, typer.Option("--plan", metavar="NOTE", help="The signed release plan.")],
    site: SiteFolder,
    first: First,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="The public folder (default: DATA/open).")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="DIR", help="Log each act here at once, before the draw.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="The log's key (default: DIR.key).")] = None,
    noise: Annotated[
        str, typer.Option("--noise", help="'opendp', 'own', or 'best': opendp where it is installed.")
    ] = "best",
) -> None:
    """Publish the days that are due: each is recorded, drawn once, kept; then the public folder is written.

    Days that were published stay as they are, whatever is counted afterwards. Run it as often as you like.
    """
    layout = Layout(data)
    note = read(plan)
    held, evidence = site_of(site, first), evidence_for(site, site / ".none")
    found = parse_plan(note)
    lawful.judge(found, note, held, evidence.revocations)
    seen = OneFile(layout.releases_seen, LocalDisk())
    with alone(data / "release.lock"), open_durable(layout.database) as store:
        book = Book(store, seen)
        actor = "p-" + sha256(f"{first}\nrelease".encode()).hexdigest()[:32]
        with _teller(layout, ledger, key) as (tell, entries):
            _refuse_rolled_back(book, entries, actor)
            publisher = Publisher(found, note, book, _noise(noise), tell, actor, time.time)
            done, troubles = _publish(publisher, found, store)
        target = out or layout.open
        written = write(book, found, target)
    typer.echo("\n".join([*troubles, f"{done} days published, {written} files written in {target}"]))


def _publish(publisher: Publisher, plan: Plan, store: Store) -> tuple[int, list[str]]:
    done, troubles = 0, list[str]()
    for day in lawful.due(plan, time.time()):
        for camera in plan.cameras:
            try:
                done += publisher.publish(camera, day, lambda camera, day: true_day(store, plan, camera, day))
            except BudgetError as error:
                troubles.append(f"not published: {error}")
    return done, troubles


def write(book: Book, newest: Plan, target: Path) -> int:
    """The public folder, as the book has it; how many files changed."""
    notes = {digest: (parse_plan(note), note) for digest, note in book.plans().items()}
    records = [parse_record(row) for row in book.records()]
    follow(records)
    days = {(r.camera, r.day): day for r in records if isinstance(r, Kept) and (day := book.day(r.camera, r.day))}
    target.mkdir(parents=True, exist_ok=True)
    folder = Folder(target, LocalDisk())
    changed = 0
    disk = LocalDisk()

    def held(path: str) -> bytes | None:
        return disk.read(target / path)

    for path, content in files(Published(notes, newest, records, days), held, build_hash().hex()):
        if held(path) != content:
            folder.put([(path, content)])
            changed += 1
    return changed


def _noise(which: str) -> Noise:
    if which not in ("best", "opendp", "own"):
        raise UsageError(f"there is no noise {which!r}", "'opendp', 'own' or 'best'")
    if which != "own":
        try:
            return OpenDpNoise()
        except ReleaseError:
            if which == "opendp":
                raise
    return ExactNoise(SystemCoins(os.urandom))


Tell = Callable[[Mapping[str, object]], None]


@contextmanager
def _teller(layout: Layout, ledger: Path | None, key: Path | None) -> Iterator[tuple[Tell, Iterator[bytes]]]:
    """Who is told of acts: the queue for the ledger, and the ledger itself where it is here; and what it holds."""
    queue = ActQueue(layout.acts)
    if ledger is None:
        yield queue.put, iter(())
        return
    home = Home.at(ledger, key)
    try:
        with open_log(home, LocalDisk(), clock) as log:
            writer = ActWriter(log, OneFile(home.beside(".acts"), LocalDisk()), clock)

            def tell(act: Mapping[str, object]) -> None:
                queue.put(act)
                queue.deliver(writer.append_many)

            yield tell, log.entries(0)
            writer.close()
    except LedgerError as error:
        raise ReleaseError(f"the ledger: {error}", "nothing was drawn that is not recorded") from error


def _refuse_rolled_back(book: Book, entries: Iterator[bytes], actor: str) -> None:
    """The ledger knows no record that the book has lost."""
    known = {row.hash for row in book.records()}
    for entry in entries:
        act = _act(entry)
        if act.get("act") == "budget" and act.get("actor") == actor and act.get("content") not in known:
            raise ReleaseError("the ledger has a draw that the book has lost", "restore the newest backup of the data")


def _act(entry: bytes) -> Mapping[str, object]:
    try:
        return parse_act(entry)
    except LedgerError:
        return {}


def check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A published folder.")],
    site: Annotated[
        Path | None, typer.Option("--site", metavar="FOLDER", help="The site's papers, to check the plans' signatures.")
    ] = None,
    first: Annotated[str, typer.Option("--first", metavar="HASH", help="The first root's hash, as on the sign.")] = "",
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="DIR", help="A log or a mirror, verified: every draw is in it.")
    ] = None,
) -> None:
    """Check what was published, as a stranger: hashes, budget, that numbers add up, that all formats agree."""
    if not folder.is_dir():
        raise ReleaseError(f"{folder} is not a folder", "name a folder that `release build` wrote, or a copy")
    disk = LocalDisk()

    def held(path: str) -> bytes | None:
        return disk.read(folder / path) if ".." not in Path(path).parts else None

    proven = check_folder(held)
    records = parse_budget(held(BUDGET) or b"")
    if site is not None:
        proven += _plans_signed(folder, site_of(site, first))
    if ledger is not None:
        proven += _in_ledger(ledger, [r for r in records if isinstance(r, Charge)])
    typer.echo("\n- ".join(["proven:", *proven]))


def _plans_signed(folder: Path, site: Site) -> list[str]:
    notes = [read(path) for path in sorted((folder / "plans").glob("*.note"))]
    for note in notes:
        lawful.judge(parse_plan(note), note, site, ())
    return [f"{len(notes)} plans were signed by operator and reviewer of {site.root.site}"]


def _in_ledger(ledger: Path, charges: list[Charge]) -> list[str]:
    get = reader(ledger)
    try:
        size = unverified(get("checkpoint") or b"").size
        acts = [_act(read_entry(get, index, size)) for index in range(size)]
    except LedgerError as error:
        raise ReleaseError(f"the ledger can't be read ({error})", "verify it first: passerby ledger verify") from error
    logged = {act.get("content"): act.get("thousandths") for act in acts if act.get("act") == "budget"}
    for charge in charges:
        if logged.get(charge.hash) != charge.cost:
            raise ReleaseError(f"record {charge.number} is not in the ledger", "ask the publisher")
    return [f"{len(charges)} draws are in the ledger, each with its cost"]


def budget(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A station's data folder, or a published folder.")],
    camera: Annotated[str, typer.Option("--camera", metavar="ID", help="Only this camera.")] = "",
    as_json: common.Json = False,
) -> None:
    """What was spent, day by day: every draw, its cost, its cap, and whether it was published or lost."""
    published = data / BUDGET
    if published.is_file():
        records = parse_budget(read_all(published))
    else:
        with read_store(Layout(data).database) as store:
            records = [parse_record(row) for row in Book(store, None).records()]
    follow(records)
    kept = {r.charge for r in records if isinstance(r, Kept)}
    charges = [r for r in records if isinstance(r, Charge) and camera in ("", r.camera)]
    if as_json:
        typer.echo(json.dumps([r.fields() | {"published": r.number in kept} for r in charges], indent=1))
        return
    for r in charges:
        state = "published" if r.number in kept else "lost: never published"
        measure = r.fields()["measure"]
        typer.echo(f"{r.camera} {r.day}: {measure} {r.cost / 1000:g} of {r.cap / 1000:g}, {r.mechanism}, {state}")
    typer.echo(f"{len(charges)} draws; for one passage each; no camera's day exceeds its cap")


def read_all(path: Path) -> bytes:
    """A file, of any length.

    Raises:
        ReleaseError: It can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{path} can't be read ({error.strerror})", "check its name and rights") from error
