"""``passerby permit plan``, ``draft``, ``sign``, ``check`` and ``revoke``."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.build import build_hash
from passerby.base.errors import CharterError, UsageError
from passerby.charter.differences import duration
from passerby.charter.document import Unsound
from passerby.charter.facts import Asked, Time
from passerby.charter.gate import Denied, judge
from passerby.charter.ready import Terms
from passerby.charter.root import SiteRoot
from passerby.charter.site_permit import SitePermit, parse_site_permit, revocation
from passerby.cli.oversight import common, office
from passerby.cli.oversight.plans import permit_of
from passerby.cli.oversight.root import load, moment
from passerby.darkroom.weights import listed_hashes
from passerby.office.cabinet import Cabinet
from passerby.office.site_folder import evidence_for, read, site_of
from passerby.station.settings import read_site
from passerby.store.keys.signing import signed_with

app = typer.Typer(help="Permits: the dated right to run some analyses on one camera.", no_args_is_help=True)
Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write.")]


@app.command("plan")
def plan_for(
    settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")],
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="Whose plan.")],
) -> None:
    """Print a permit's plan for exactly what a camera's settings ask for, to be completed by people."""
    found = next((c for c in read_site(settings).cameras if c.name == camera), None)
    if found is None:
        raise UsageError(f"{settings} has no camera {camera}", "name one of its cameras")
    scene = found.read_scene()
    models = ", ".join(f"{name} = {json.dumps(value)}" for name, value in sorted(listed_hashes().items()))
    typer.echo("\n".join([
        f"camera = {json.dumps(found.name)}", f"address = {json.dumps(found.source)}",
        f"analyses = {json.dumps(sorted(found.analyses))}",
        'purpose = "crowd-safety"             # or another of the site root\'s',
        *([f"seal = {found.seal_s}", "unseal = 900"] if found.seal else []),
        f"retention = {max(found.retention_s, found.seal_s)}", f"period = {int(found.count_every_s)}",
        f"longest_stay = {int(found.longest_stay_s or 6 * 3600)}",
        f"models = {{{models}}}", f"scene = {json.dumps(sha256(scene).hexdigest() if scene else '')}",
        'build = ""                           # any that the site root approves',
        'from = "5 days"                      # from now on; then from that day on:',
        'until = "90 days"', 'review_by = "80 days"',
    ]))  # fmt: skip


@app.command("revoke")
def revoke(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The permit to end (signed note).")],
    out: Out,
    key: common.KeyFile = None,
    token: common.Token = None,
    name: common.Name = "",
    passphrase_file: common.PassphraseFile = None,
    given: common.Hash = None,
) -> None:
    """End a permit at once: one side signs. Put the note into the site's revocations/, then log the act revoke."""
    permit = _load(file)
    typer.echo("\n".join(words(permit)))
    common.confirm(permit.hash, given)
    by = common.signing(key, token, name, passphrase_file)
    common.save(out, signed_with(revocation(permit.hash, int(time.time())), None, by))
    typer.echo(f"revoked: {out}; then log the act revoke with camera {permit.act_camera()} and permit {permit.hash}")


@app.command("draft")
def draft(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan (TOML); see docs/gate.md.")],
    root: Annotated[Path, typer.Option("--root", metavar="ROOT", help="The site root in force.")],
    out: Out,
    register: Annotated[
        Path | None,
        typer.Option("--register", metavar="FOLDER", help="The register's folder: where the papers are on file."),
    ] = None,
) -> None:
    """Draft a permit from a plan, and say what it allows and what has to happen before it counts.

    With a register the camera must be in it, published, and with every paper that the site root demands: accepted, of
    what is captured now, for as long as the permit lasts, in a phase of an accepted rollout plan.
    """
    held, _ = load(root)
    permit = permit_of(common.plan(plan), held, int(time.time()))
    permit = permit if register is None else _with_papers(permit, held, register)
    if lacking := permit.lacks(held.demands):
        raise UsageError(f"the site root demands {', '.join(lacking)}", "name the register: --register FOLDER")
    common.save(out, permit.text().encode())
    typer.echo("\n".join(words(permit)))
    typer.echo("\n".join([
        "", "What to do now:",
        f"1. Log the act register with camera {permit.act_camera()} and content {permit.capture}; the waiting begins.",
        f"2. Operator and reviewer sign: passerby permit sign {out} --key KEY -o {out.with_suffix('.note')}",
        f"3. Log the act permit with permit {permit.hash}; put the proofs beside the note.",
        f"4. passerby permit check {out.with_suffix('.note')} --site FOLDER --first HASH",
    ]))  # fmt: skip


def _read_words(note: bytes) -> tuple[str, list[str]]:
    permit = parse_site_permit(note)
    return permit.hash, words(permit)


common.add_sign(app, "a permit", _read_words)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A permit (signed note).")],
    folder: Annotated[Path, typer.Option("--site", metavar="FOLDER", help="The site's papers; see docs/gate.md.")],
    first: Annotated[str, typer.Option("--first", metavar="HASH", help="The first root's hash, as on the sign.")],
    analysis: Annotated[
        list[str] | None, typer.Option("--analysis", metavar="NAME", help="Only this; may be repeated.")
    ] = None,
    build: Annotated[str, typer.Option("--build", metavar="HEX", help="For this build (default: the running).")] = "",
    camera: Annotated[str, typer.Option("--camera", metavar="ID", help="For this camera (default: the named).")] = "",
    as_json: common.Json = False,
) -> None:
    """Would it run here and now? If not, one sentence says which rule denied and what would satisfy it."""
    note, now = read(file), time.time()
    site, evidence = site_of(folder, first), evidence_for(folder, file)
    asked = _asked(note, analysis or [], build or build_hash().hex())
    steady = time.clock_gettime(time.CLOCK_BOOTTIME)
    answer = judge(replace(asked, camera=camera or asked.camera), note, site, evidence, Time(now, steady, now, steady))
    if isinstance(answer, Denied):
        fields = {"lawful": False, "rule": answer.reason.name, "sentence": answer.sentence}
        common.tell([answer.sentence], fields, as_json=as_json)
        raise typer.Exit(1)
    cautions = [caution.value for caution in answer.cautions]
    said = f"{'DEMO: ' if site.root.demo else ''}lawful: {', '.join(sorted(asked.analyses))} on {asked.camera}"
    fields = {"lawful": True, "demo": site.root.demo, "cautions": cautions}
    common.tell([said, *cautions], fields, as_json=as_json)


def _with_papers(permit: SitePermit, root: SiteRoot, register: Path) -> SitePermit:
    """The permit with the papers that it rests on.

    Raises:
        CharterError: One that the root demands is missing, over, or of something else; each on a line of its own.
    """
    terms = Terms(
        permit.analyses, permit.purpose, permit.retention_s, permit.begins, permit.ends, permit.models
    )  # fmt: skip
    with office.book(register) as book:
        if book.site != root.site:
            raise UsageError(f"the register is of {book.site}, the root of {root.site}", "name those of one site")
        found = Cabinet(book).readiness(permit.camera, terms, frozenset(root.demands))
    for obstacle in found.obstacles:
        typer.echo(f"passerby: {obstacle}", err=True)
    if found.obstacles:
        raise CharterError(f"no permit for {permit.camera}: {len(found.obstacles)} obstacles", "remove them first")
    return replace(permit, papers=found.papers)


def _asked(note: bytes, analyses: list[str], build: str) -> Asked:
    """What the permit itself names, so that only the rest is in question; nothing, if it can't be read."""
    try:
        permit = parse_site_permit(note)
    except Unsound:
        return Asked("", "", frozenset(analyses or ["crowd"]), "", {}, build)
    wanted = frozenset(analyses or permit.analyses)
    return Asked(permit.camera, permit.source, wanted, permit.scene, permit.models, build, seal_s=permit.seal_s)


def _load(path: Path) -> SitePermit:
    return parse_site_permit(common.draft_or_note(path))


def words(permit: SitePermit) -> list[str]:
    """A permit for people."""
    kept = duration(permit.retention_s) if permit.retention_s else "nothing"
    if permit.seals:
        kept += f"; ORIGINALS, sealed, {duration(permit.seal_s)}, opened for {duration(permit.unseal_s)} at most"
    return [
        f"permit for camera {permit.camera} of {permit.site}{', an EMERGENCY' if permit.emergency else ''}",
        f"hash: {permit.hash}",
        f"allows: {', '.join(permit.analyses)}; for {permit.purpose}; keeps: {kept}",
        f"counts every {duration(permit.period_s)}; nobody sits still longer than {duration(permit.longest_stay_s)}",
        f"from {moment(permit.begins)} until {moment(permit.ends)}; reviewed by {moment(permit.review_by)}",
        f"rests on: {', '.join(f'{name} {found[:16]}…' for name, found in permit.papers.items()) or 'no paper'}",
        f"scene: {permit.scene or 'none'}; build: {permit.build or 'any that the site root approves'}",
        f"models: {', '.join(f'{name} {value[:16]}' for name, value in sorted(permit.models.items())) or 'none'}",
        f"under root {permit.root}; {'renews ' + permit.renews if permit.renews else 'new'}",
    ]
