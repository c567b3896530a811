"""A camera's permit for the public: what it says, who signed, whether it counts now; and all that proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from passerby.charter.document import Unsound
from passerby.charter.facts import Asked, Evidence, Time
from passerby.charter.keys import Role
from passerby.charter.proofs import Logged, Site, look_up
from passerby.charter.root import SiteRoot
from passerby.charter.ruling import Papers, permit_in, rule
from passerby.charter.site_permit import REVOCATION, SitePermit, parse_word
from passerby.ledger.errors import LedgerError
from passerby.ledger.verify import parse_note, verify_note
from passerby.office import site_folder
from passerby.server.public.models import AnalysisName, PermitModel, ProofModel, RootModel, SignerModel


@dataclass(frozen=True, slots=True)
class Held:
    """A camera's papers as they lie in the site's folder.

    Args:
        site: The site, from its roots.
        papers: The permit, and what came with it.
        permit: The permit, parsed.
    """

    site: Site
    papers: Papers
    permit: SitePermit


def permit_of(folder: Path, site: Site, camera: str) -> Held | None:
    """A camera's permit; None where there is none that can be read.

    Args:
        folder: The site's papers.
        site: From its roots.
        camera: The camera's id, which is safe.

    Raises:
        CharterError: A file is there, but can't be read.
    """
    path = folder / f"{camera}.note"
    if not path.is_file():
        return None
    notes = site_folder.root_notes(folder)
    papers = Papers(
        site_folder.read(path),
        tuple(site_folder.read(note) for note in notes),
        tuple(site_folder.logged(note.with_suffix("")) for note in notes),
        site_folder.evidence_for(folder, path),
    )
    permit = permit_in(papers)
    return None if permit is None else Held(site, papers, permit)


def shown(held: Held, now_s: float, build: str) -> PermitModel:
    """A permit for the public, judged as a darkroom judges it, for exactly what it says itself.

    Args:
        held: The camera's papers.
        now_s: Seconds since 1970.
        build: Of the build that the camera runs; empty where nobody said: then the permit's own.
    """
    permit, evidence = held.permit, held.papers.evidence
    mine = tuple(word for word in evidence.revocations if _revokes(word, permit))
    papers = replace(held.papers, evidence=replace(evidence, revocations=mine))
    asked = Asked(
        permit.camera, permit.source, frozenset(permit.analyses), permit.scene, permit.models,
        build or permit.build or next(iter(held.site.root.builds), ""), permit.retention_s,
    )  # fmt: skip
    ruling = rule(asked, papers, held.site, Time(now_s, now_s, now_s, now_s))
    return PermitModel(
        hash=permit.hash,
        in_force=bool(ruling.lawful),
        lawful=_analyses(ruling.lawful),
        why=ruling.sentence,
        cautions=[caution.value for caution in ruling.cautions],
        analyses=_analyses(permit.analyses),
        purpose=permit.purpose,
        retention_s=permit.retention_s,
        period_s=permit.period_s,
        longest_stay_s=permit.longest_stay_s,
        issued=permit.issued,
        begins=permit.begins,
        ends=permit.ends,
        review_by=permit.review_by,
        emergency=permit.emergency,
        revoked=bool(mine) or permit.hash in held.site.root.revoked,
        papers=dict(permit.papers),
        models=dict(permit.models),
        scene=permit.scene,
        build=permit.build,
        signers=signers(held.papers.permit, held.site.root, permit.issued),
        logged=_since(held),
    )


def _analyses(names: frozenset[str] | tuple[str, ...]) -> list[AnalysisName]:
    return cast("list[AnalysisName]", sorted(names))


def _revokes(word: bytes, permit: SitePermit) -> bool:
    """Whether a revocation is of this permit, or of nobody knows which."""
    try:
        return parse_word(word, REVOCATION)[0] == permit.hash
    except Unsound:
        return True


def signers(note: bytes, root: SiteRoot, when: int) -> list[SignerModel]:
    """Whose signatures a note has, of the keys in a root, and whether each is true and of a key that counted then."""
    known = {(key.key.name, key.key.id): key for key in root.keys.values()}
    found = []
    try:
        named = [(name, key_id) for name, key_id, _ in parse_note(note)[1]]
    except LedgerError:
        return []
    for name, key_id in named:
        key = known.get((name, key_id))
        if key is None or key.role in (Role.LOG, Role.WITNESS):
            continue
        try:
            _, signed, _ = verify_note(note, [key.key])
        except LedgerError:
            signed = {}
        found.append(
            SignerModel(
                key=name,
                institution=key.institution,
                name=root.institutions[key.institution],
                role=key.role.value,
                counts=key.key in signed and key.usable(when),
            )
        )
    return found


def _since(held: Held) -> int | None:
    fields = {"act": "permit", "permit": held.permit.hash, "camera": held.permit.act_camera()}
    found = look_up(held.site.roots, held.papers.evidence.permit, fields)
    return found.since if found else None


def proof_of(held: Held, logged: Callable[[str], Logged | None]) -> ProofModel:
    """All that proves a permit.

    Args:
        held: The camera's papers.
        logged: From a permit's hash to its act and proof, where the folder has none.
    """
    evidence: Evidence = held.papers.evidence
    act = evidence.permit or logged(held.permit.hash)
    roots = [_root(note, proof) for note, proof in zip(held.papers.roots, held.papers.rooted, strict=True)]
    return ProofModel(
        camera=held.permit.camera,
        act_camera=held.permit.act_camera(),
        permit=held.papers.permit.decode(),
        entry=act.entry.decode() if act else None,
        proof=act.proof.decode() if act else None,
        checkpoint=evidence.checkpoint.decode() or None,
        roots=roots,
    )


def _root(note: bytes, proof: Logged | None) -> RootModel:
    return RootModel(
        note=note.decode(),
        entry=proof.entry.decode() if proof else None,
        proof=proof.proof.decode() if proof else None,
    )
