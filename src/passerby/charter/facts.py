"""From bytes to a `Standing`: what a permit says, who signed it, what the ledger proves, what time it can be.

Total and offline: whatever is missing, false or unreadable becomes a value that `gate.decide` does not open for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from passerby.charter.document import Fault, Unsound
from passerby.charter.keys import Role, SiteKey, State
from passerby.charter.officers import MOST_PAIRS, officers_of, pairs_of
from passerby.charter.proofs import Found, Logged, Site, heartbeat, look_up
from passerby.charter.root import FADE_S, JUSTIFY_S, SiteRoot
from passerby.charter.site_permit import JUSTIFICATION, REVOCATION, SitePermit, parse_site_permit, parse_word
from passerby.charter.standing import (
    Binding,
    Bounds,
    Build,
    Clock,
    Dates,
    Emergency,
    Form,
    Heartbeat,
    Kind,
    Officers,
    Published,
    Review,
    Revocation,
    Root,
    Seat,
    Signatures,
    Standing,
    Waiting,
)  # fmt: skip
from passerby.ledger.schema import MOST
from passerby.ledger.verify import LedgerError, parse_note, verify_note

TOLERANCE_S = 300  # how far a clock may be from the witnesses', and drift from the steady one


@dataclass(frozen=True, slots=True)
class Asked:
    """What a darkroom is about to do, in its own words.

    Args:
        camera: The camera's id.
        source: Hash of its name and address (hex).
        analyses: What will run.
        scene: SHA-256 of its `scene.json`, or empty.
        models: Name to SHA-256 of every model that is loaded.
        build: Hash of the running build (hex).
        retention_s: How long what is recorded would be kept.
        seal_s: How long what is sealed would be kept.
    """

    camera: str
    source: str
    analyses: frozenset[str]
    scene: str
    models: Mapping[str, str]
    build: str
    retention_s: int = 0
    seal_s: int = 0


@dataclass(frozen=True, slots=True)
class Time:
    """This machine's clocks, in seconds: the one that people set, and one that only goes on, each now and at the start.

    Args:
        wall: Since 1970.
        steady: Of a clock that nobody can set and that runs through sleep.
        wall_begun: `wall` when this darkroom started.
        steady_begun: `steady` then.
    """

    wall: float
    steady: float
    wall_begun: float
    steady_begun: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came with a permit.

    Args:
        checkpoint: The newest cosigned checkpoint.
        permit: The act `permit` in the ledger.
        register: The act `register` whose content is the permit's capture.
        earlier: The act `permit` of the permit that this one renews.
        justification: An emergency's justification, signed by both sides.
        revocations: Notes that end permits.
        officers: Notes by which officers vouch for the keys to which halves are sealed.
    """

    checkpoint: bytes = b""
    permit: Logged | None = None
    register: Logged | None = None
    earlier: Logged | None = None
    justification: bytes | None = None
    revocations: tuple[bytes, ...] = ()
    officers: tuple[bytes, ...] = ()


_FORMS = {
    Fault.TOO_LONG: Form.TOO_LONG,
    Fault.TOO_DEEP: Form.TOO_DEEP,
    Fault.TWICE: Form.TWICE,
    Fault.NOT_CANONICAL: Form.NOT_CANONICAL,
    Fault.NO_NOTE: Form.NO_NOTE,
}


def unread(form: Form) -> Standing:
    """How a permit stands that can't be read: as badly as can be."""
    return Standing(
        form, Root.OTHER, Signatures.NEITHER, Binding.OTHER_CAMERA, Build.OTHER, Bounds.ANALYSIS, Clock.JUMPED,
        Dates.EXPIRED, Published.NO, Waiting.UNPROVEN, Heartbeat.ABSENT, Revocation.UNREADABLE, Seat.NO_RENEWALS,
        Kind.NEW, Emergency.NOT_ALLOWED, Review.OVERDUE, Officers.NO_PAIR,
    )  # fmt: skip


def standing(asked: Asked, note: bytes, site: Site | Root, evidence: Evidence, time: Time) -> tuple[Standing, str]:
    """How a permit stands, and where it can't be read, what is wrong with it.

    Args:
        asked: What is about to run.
        note: The permit's note; empty where there is none.
        site: The site's roots, verified, or what is wrong with them.
        evidence: What came with the permit.
        time: This machine's clocks.
    """
    if not note:
        return unread(Form.MISSING), ""
    if isinstance(site, Root):
        return replace(unread(Form.SOUND), root=site), ""
    try:
        permit = parse_site_permit(note)
    except Unsound as error:
        return unread(_FORMS.get(error.fault, Form.MALFORMED)), error.detail
    broken = not all(0 <= t <= MOST for t in (time.wall, time.steady, time.wall_begun, time.steady_begun))
    time = Time(0, 0, 0, 0) if broken else time
    root, beat = site.root, heartbeat(site.root, evidence.checkpoint)
    early, late = _hours(time, beat)
    named, name = {"camera": permit.act_camera()}, permit.hash
    act = named | {"act": "permit", "purpose": permit.purpose}
    public = look_up(site.roots, evidence.permit, act | {"permit": name})
    shown = look_up(site.roots, evidence.register, named | {"act": "register", "content": permit.capture})
    before = look_up(site.roots, evidence.earlier, act | {"permit": permit.renews}) if permit.renews else None
    when = public.since if public else int(late)
    return Standing(
        form=Form.SOUND,
        root=_root(permit, site),
        signatures=signatures(note, root, when),
        binding=_binding(asked, permit),
        build=_build(asked, permit, root),
        bounds=_bounds(permit, root),
        clock=Clock.JUMPED if broken else _clock(time, max(beat or 0, root.at, public.since if public else 0)),
        dates=_dates(permit, early, late),
        published=Published.YES if public else Published.NO,
        waiting=_waiting(shown, root, early),
        heartbeat=_heartbeat(beat, root, late),
        revocation=revocation_of(name, root, evidence),
        seat=_seat(root, when, late),
        kind=Kind.RENEWAL if before and shown and shown.since <= before.since else Kind.NEW,
        emergency=_emergency(name, root, evidence, when, late) if permit.emergency else Emergency.NO,
        review=_review(permit, root, late),
        officers=_officers(root, evidence, (int(early), int(late))),
    ), ""


def _hours(time: Time, beat: int | None) -> tuple[float, float]:
    """The earliest and the latest that it can be. What begins waits for the witnesses' time; what ends doesn't."""
    run = time.wall_begun + (time.steady - time.steady_begun)
    early = min(time.wall, run) if beat is None else min(time.wall, run, beat)
    return early, max(time.wall, run, beat or 0)


def _clock(time: Time, seen: int) -> Clock:
    drift = (time.wall - time.wall_begun) - (time.steady - time.steady_begun)
    if not -TOLERANCE_S <= drift <= TOLERANCE_S or not time.steady >= time.steady_begun:
        return Clock.JUMPED
    return Clock.STEADY if time.wall + TOLERANCE_S >= seen else Clock.BEHIND


def _root(permit: SitePermit, site: Site) -> Root:
    if permit.site != site.root.site or permit.root not in site.serials:
        return Root.OTHER
    if site.serials[permit.root] < site.root.oldest:
        return Root.TOO_OLD
    return Root.KNOWN if site.proven else Root.UNPROVEN


def _signers(root: SiteRoot, note: bytes) -> list[SiteKey]:
    keys = {k.key: k for k in root.keys.values() if k.role in (Role.OPERATOR, Role.REVIEWER)}
    return [keys[key] for key in verify_note(note, keys)[1]]


def signatures(note: bytes, root: SiteRoot, when: int) -> Signatures:
    """Who signed a note, as far as their keys counted at that time.

    Args:
        note: Parsed before: it is a signed note.
        root: The site root in force.
        when: Seconds since 1970.
    """
    labels = [(name, label) for name, label, _ in parse_note(note)[1]]
    if len(set(labels)) != len(labels):
        return Signatures.SAME_KEY
    try:
        signed = _signers(root, note)
    except LedgerError:
        return Signatures.FALSE
    good = [key for key in signed if key.usable(when)]
    roles = {key.role for key in good}
    if roles == {Role.OPERATOR, Role.REVIEWER}:
        return Signatures.BOTH
    if bad := [key for key in signed if key not in good]:
        active = all(key.state is State.ACTIVE for key in bad)
        return Signatures.KEY_DATES if active else Signatures.WITHDRAWN
    if len(good) > 1:
        return Signatures.SAME_INSTITUTION
    if not roles:
        return Signatures.NEITHER
    return Signatures.OPERATOR_ONLY if Role.OPERATOR in roles else Signatures.REVIEWER_ONLY


def _binding(asked: Asked, permit: SitePermit) -> Binding:
    for holds, otherwise in (
        (asked.camera == permit.camera, Binding.OTHER_CAMERA),
        (asked.source == permit.source, Binding.OTHER_SOURCE),
        (bool(asked.analyses) and asked.analyses <= set(permit.analyses), Binding.OTHER_ANALYSIS),
        (0 <= asked.retention_s <= permit.retention_s, Binding.KEPT_LONGER),
        ("seal" not in asked.analyses or 0 < asked.seal_s <= permit.seal_s, Binding.KEPT_LONGER),
        (asked.scene == permit.scene, Binding.OTHER_SCENE),
        (dict(asked.models) == dict(permit.models), Binding.OTHER_MODELS),
    ):
        if not holds:
            return otherwise
    return Binding.SAME


def _build(asked: Asked, permit: SitePermit, root: SiteRoot) -> Build:
    if permit.build:
        return Build.NAMED if asked.build == permit.build else Build.OTHER
    return Build.LISTED if asked.build in root.builds else Build.UNLISTED


def _bounds(permit: SitePermit, root: SiteRoot) -> Bounds:
    limits = root.limits
    for holds, otherwise in (
        (set(permit.analyses) <= set(root.analyses), Bounds.ANALYSIS),
        (permit.purpose in root.purposes, Bounds.PURPOSE),
        (permit.retention_s <= limits.retention_s, Bounds.RETENTION),
        (permit.ends - permit.begins <= limits.permit_s, Bounds.LENGTH),
        (permit.review_by - permit.begins <= limits.review_s, Bounds.REVIEW),
        (not permit.lacks(root.demands), Bounds.PAPERS),
    ):
        if not holds:
            return otherwise
    return Bounds.WITHIN


def _dates(permit: SitePermit, early: float, late: float) -> Dates:
    if not late < permit.ends:
        return Dates.EXPIRED
    return Dates.WITHIN if permit.begins <= early else Dates.NOT_YET


def _waiting(shown: Found | None, root: SiteRoot, early: float) -> Waiting:
    if shown is None:
        return Waiting.UNPROVEN
    return Waiting.OVER if shown.since + root.limits.waiting_s <= early else Waiting.RUNNING


def _heartbeat(beat: int | None, root: SiteRoot, late: float) -> Heartbeat:
    if beat is None:
        return Heartbeat.ABSENT
    if late - beat <= root.limits.heartbeat_s:
        return Heartbeat.FRESH
    return Heartbeat.FADING if late - beat <= root.limits.heartbeat_s + FADE_S else Heartbeat.DEAD


def revocation_of(permit: str, root: SiteRoot, evidence: Evidence) -> Revocation:
    """Whether somebody ended what has this hash."""
    if permit in root.revoked:
        return Revocation.REVOKED
    states = [_revoked_by(note, permit, root) for note in evidence.revocations]
    for state in (Revocation.REVOKED, Revocation.UNREADABLE):
        if state in states:
            return state
    return Revocation.NONE


def _revoked_by(note: bytes, permit: str, root: SiteRoot) -> Revocation:
    """One side's word ends a permit, whatever the date; a word that nobody vouches for is looked into."""
    try:
        named, _ = parse_word(note, REVOCATION)
        signed = _signers(root, note)
    except (Unsound, LedgerError):
        return Revocation.UNREADABLE
    if named != permit:
        return Revocation.NONE
    vouched = any(key.state in (State.ACTIVE, State.RETIRED) for key in signed)
    return Revocation.REVOKED if vouched else Revocation.UNREADABLE


def _seat(root: SiteRoot, when: int, late: float) -> Seat:
    """The seat when the permit became public; later, an empty one only warns."""
    empty = root.seat_empty(when)
    if empty is None:
        return Seat.HELD if root.seat_empty(int(late)) is None else Seat.EMPTY
    if when >= empty + max(root.limits.seat_renewal_s, root.limits.seat_new_s):
        return Seat.NO_RENEWALS
    return Seat.NO_NEW if when >= empty + root.limits.seat_new_s else Seat.EMPTY


def _emergency(permit: str, root: SiteRoot, evidence: Evidence, when: int, late: float) -> Emergency:
    if not root.limits.emergency:
        return Emergency.NOT_ALLOWED
    if evidence.justification is not None and _justified(evidence.justification, permit, root, when, late):
        return Emergency.JUSTIFIED
    return Emergency.OPEN if late < when + JUSTIFY_S else Emergency.OVERDUE


def _justified(note: bytes, permit: str, root: SiteRoot, when: int, late: float) -> bool:
    try:
        named, at = parse_word(note, JUSTIFICATION)
        signed = _signers(root, note)
    except (Unsound, LedgerError):
        return False
    roles = {key.role for key in signed if key.usable(at)}
    in_time = when - TOLERANCE_S <= at < when + JUSTIFY_S and at <= late + TOLERANCE_S
    return named == permit and in_time and roles == {Role.OPERATOR, Role.REVIEWER}


def _officers(root: SiteRoot, evidence: Evidence, hours: tuple[int, int]) -> Officers:
    pairs = pairs_of(officers_of(evidence.officers, root, hours))
    if not pairs:
        return Officers.NO_PAIR
    return Officers.PAIR if len(pairs) <= MOST_PAIRS else Officers.TOO_MANY


def _review(permit: SitePermit, root: SiteRoot, late: float) -> Review:
    if late < permit.review_by:
        return Review.CURRENT
    return Review.DUE if late < permit.review_by + root.limits.review_grace_s else Review.OVERDUE
