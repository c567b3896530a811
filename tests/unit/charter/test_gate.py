"""The gate with real keys, notes and proofs: each reason is reached by what really happens, and nothing else opens."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.world import (
    ASKED,
    BUILD,
    HOUR,
    LIMITS,
    NOW,
    OTHER_BUILD,
    ROOT,
    SOURCE,
    T0,
    Ledger,
    World,
    permit,
    sha,
    signed,
    signer,
    site_key,
)  # fmt: skip

from passerby.archive.hpke import SealingPair
from passerby.base.errors import CharterError
from passerby.charter.changes import changed, ended, rotate
from passerby.charter.facts import Evidence, Time
from passerby.charter.gate import Caution, Denied, Lawful, judge, still_lawful
from passerby.charter.keys import Role, State
from passerby.charter.proofs import Logged, open_site
from passerby.charter.root import DAY
from passerby.charter.sealing_key import sealing_text
from passerby.charter.site_permit import justification, revocation
from passerby.charter.standing import Reason
from passerby.ledger.note import sign_note

W = World()
P = W.permit


def sees(world: World) -> Lawful | Denied:
    return judge(*world.parts())


def with_permit(**values: Any) -> World:
    return replace(W, permit=permit(**values))


def with_text(text: str, *names: str) -> World:
    return replace(W, note=signed(text, *(names or ("op1", "rev1"))))


def field(**values: Any) -> World:
    return with_text(rfc8785.dumps(json.loads(P.text()) | values).decode() + "\n")


def without_evidence(**values: Any) -> World:
    return replace(W, evidence=values)


def limits(**values: Any) -> World:
    root = changed(ROOT, T0 + DAY, limits=replace(LIMITS, **values))
    return W.then(root, "op1", "rev1")


def change(*names: str, at: int = T0 + DAY, **values: Any) -> World:
    return W.then(changed(ROOT, at, **values), *names)


SEAL_ASKED = replace(ASKED, analyses=frozenset({"crowd", "seal"}), seal_s=DAY)
MANY = ("officer", *(f"officer{n}" for n in range(2, 12)))


def vouching(name: str) -> bytes:
    """An officer's word for the key that its secret makes."""
    return signed(sealing_text(SealingPair.of(signer(name).seed).public), name)


def sealing(*names: str) -> World:
    """A permit to seal, under a root with officers of two institutions, of whom these vouch for a key."""
    more = {n: "city" if int(n[7:]) % 2 else "privacy" for n in MANY[1:]}
    keys = [site_key(name, where, Role.OFFICER) for name, where in more.items()]
    root = changed(ROOT, T0 + DAY, keys=ROOT.keys | {key.id: key for key in keys})
    held = permit(analyses=("crowd", "seal"), seal_s=DAY, unseal_s=900)
    evidence = {"officers": tuple(vouching(name) for name in names)}
    return replace(W.then(root, "op1", "rev1", *more), permit=held, asked=SEAL_ASKED, evidence=evidence)


PAPERS = {
    **{f"assessment-{name}": sha(name) for name in ("crowd", "live", "record")},
    "notice": sha("n"), "plan": sha("p"), "supplier-x": sha("s"),
}  # fmt: skip


def demanding(*demands: str, papers: Mapping[str, str] | None = None) -> World:
    """A root whose operator alone began to demand papers, and a permit that names these."""
    held = permit(papers=papers or {})
    return replace(change("op1", demands=demands), permit=held)


def gone(name: str, state: State, since: int, by: str) -> World:
    return W.then(ended(ROOT, signer(name).key, state, since, since), by)


def clock(wall: float, steady: float = 1000.0, wall_begun: float = NOW - 500.0, steady_begun: float = 500.0) -> World:
    return replace(W, time=Time(wall, steady, wall_begun, steady_begun))


def emergency(now: float, signers: tuple[str, ...] = ("op1",), **evidence: Any) -> World:
    held = permit(emergency=True, analyses=("crowd", "live", "record"))
    return replace(
        W, permit=held, signers=signers, shown=T0 + 20 * DAY, public=T0 + 20 * DAY, now=now, evidence=evidence
    )


URGENT = permit(emergency=True)
JUST = justification(URGENT.hash, sha("reasons"), T0 + 22 * DAY)
LATE_JUST = justification(URGENT.hash, sha("reasons"), T0 + 27 * DAY)
SHORTER = permit(retention_s=DAY).text()
REVOKED = revocation(P.hash, NOW)
EMPTY_SEAT = {"seat_empty_since": T0 + 2 * DAY}
PQ = "long" * 20_000

OPENS: list[tuple[str, World]] = [
    ("itself", W),
    ("signed the other way round", replace(W, signers=("rev1", "op1"))),
    ("both spare keys", replace(W, signers=("op2", "rev2"))),
    ("four signatures", replace(W, signers=("op1", "op2", "rev1", "rev2"))),
    ("sealed for two of two institutions", sealing("officer", "officer2")),
    ("sealed for as many pairs as fit", sealing(*MANY[:10])),
    ("all papers that are demanded", demanding("assessment", "notice", "plan", "supplier", papers=PAPERS)),
    ("papers that nobody demands", with_permit(papers=PAPERS)),
    ("fewer analyses", replace(W, asked=replace(ASKED, analyses=frozenset({"crowd"})))),
    ("build by name", replace(with_permit(build=OTHER_BUILD), asked=replace(ASKED, build=OTHER_BUILD))),
    ("a build added to the root later", replace(change("op1", "rev1", builds=(BUILD, OTHER_BUILD)),
                                                asked=replace(ASKED, build=OTHER_BUILD))),
    ("first second", replace(W, now=T0 + 20 * DAY + HOUR, beat=T0 + 20 * DAY)),
    ("last second", replace(W, now=T0 + 200 * DAY - 1, permit=permit(review_by=T0 + 199 * DAY + DAY - 1))),
    ("waiting just over", replace(W, now=T0 + 20 * DAY + 10, beat=T0 + 20 * DAY, shown=T0 + 15 * DAY)),
    ("heartbeat just fresh", replace(W, beat=NOW - DAY)),
    ("clock a little behind", clock(NOW - HOUR - 300.0, wall_begun=NOW - HOUR - 800.0)),
    ("clock slewed", clock(NOW + 300.0)),
    ("a retired key, after the permit", gone("op1", State.RETIRED, T0 + 30 * DAY, "op1")),
    ("a lost key, after the permit", gone("op1", State.LOST, T0 + 30 * DAY, "op2")),
    ("another's revocation", without_evidence(revocations=(signed(revocation(sha("x"), NOW), "op1"),))),
    ("emergency, open", emergency(T0 + 21 * DAY)),
    ("emergency, last second", emergency(T0 + 27 * DAY - 1)),
    ("emergency, justified", emergency(T0 + 60 * DAY, justification=signed(JUST, "op1", "rev1"))),
    ("seat empty since", replace(change("op1", at=T0 + 30 * DAY, seat_empty_since=T0 + 30 * DAY))),
    ("seat empty for a short time", replace(change("op1", at=T0 + 3 * DAY, **EMPTY_SEAT))),
    ("review due", replace(W, permit=permit(review_by=NOW - 5))),
    ("witness rotated since", replace(W, beat_by=("w3", "w2")).then(
        rotate(ROOT, signer("w1").key, site_key("w3", "paper", Role.WITNESS), T0 + 30 * DAY), "op1", "rev1")),
]  # fmt: skip

SHUT: list[tuple[str, Reason, World]] = [
    ("nothing", Reason.NO_PERMIT, replace(W, note=b"")),
    ("a blank", Reason.NO_NOTE, replace(W, note=b"\n")),
    ("kept a second longer", Reason.KEPT_LONGER, replace(W, asked=replace(ASKED, retention_s=2 * DAY + 1))),
    ("kept for a time before now", Reason.KEPT_LONGER, replace(W, asked=replace(ASKED, retention_s=-1))),
    ("no signature", Reason.NO_NOTE, replace(W, note=P.text().encode())),
    ("no UTF-8", Reason.NO_NOTE, replace(W, note=b"\xff\n\n")),
    ("long", Reason.TOO_LONG, replace(W, note=signed(PQ, "op1", "rev1"))),
    ("deep", Reason.TOO_DEEP, with_text("[" * 10_000 + "\n")),
    ("deep enough", Reason.TOO_DEEP, field(models={"a": [[[[[[[]]]]]]]})),
    ("twice", Reason.TWICE, with_text(P.text().replace('"camera":', '"camera":"x","camera":', 1))),
    ("a space", Reason.NOT_CANONICAL, with_text(P.text().replace(":", ": ", 1))),
    ("two lines", Reason.NOT_CANONICAL, with_text(P.text() + "\n")),
    ("no JSON", Reason.MALFORMED, with_text("gate-1 may run\n")),
    ("a fraction", Reason.MALFORMED, with_text(P.text().replace('"period_s":5', '"period_s":5.5'))),
    ("not a number", Reason.MALFORMED, with_text(P.text().replace('"period_s":5', '"period_s":NaN'))),
    ("unknown field", Reason.MALFORMED, field(extra=1)),
    ("another format", Reason.MALFORMED, field(format="passerby/permit@2")),
    ("a root", Reason.MALFORMED, with_text(ROOT.text())),
    ("an analysis nobody knows", Reason.MALFORMED, field(analyses=["recognise"])),
    ("analyses twice", Reason.MALFORMED, field(analyses=["crowd", "crowd"])),
    ("hiding as a choice", Reason.MALFORMED, field(analyses=["hide"])),
    ("no analysis", Reason.MALFORMED, field(analyses=[])),
    ("counts that are kept", Reason.MALFORMED, field(analyses=["crowd"])),
    ("a record kept for nothing", Reason.MALFORMED, field(retention_s=0)),
    ("true as a number", Reason.MALFORMED, field(issued=True)),
    ("ends before it begins", Reason.MALFORMED, field(until=T0 + 20 * DAY)),
    ("another site's root", Reason.OTHER_ROOT, with_permit(root=sha("x"))),
    ("another site", Reason.OTHER_ROOT, with_permit(site="elsewhere.org")),
    ("a root that is over", Reason.OLD_ROOT, change("rev1", oldest=1)),
    ("operator alone", Reason.NO_REVIEWER, replace(W, signers=("op1",))),
    ("reviewer alone", Reason.NO_OPERATOR, replace(W, signers=("rev1",))),
    ("strangers", Reason.NOBODY, replace(W, signers=("stranger",))),
    ("officer and keeper", Reason.NOBODY, replace(W, signers=("officer", "keep"))),
    ("operator twice", Reason.SAME_KEY, replace(W, signers=("op1", "op1"))),
    ("reviewer twice over", Reason.SAME_KEY, replace(W, signers=("op1", "rev1", "rev1"))),
    ("operator with both keys", Reason.SAME_INSTITUTION, replace(W, signers=("op1", "op2"))),
    ("reviewer with both keys", Reason.SAME_INSTITUTION, replace(W, signers=("rev1", "rev2"))),
    ("retired before", Reason.WITHDRAWN, gone("op1", State.RETIRED, T0 + 11 * DAY, "op1")),
    ("lost before", Reason.WITHDRAWN, gone("rev1", State.LOST, T0 + 10 * DAY, "op1")),
    ("compromised long after", Reason.WITHDRAWN, gone("rev1", State.COMPROMISED, T0 + 39 * DAY, "rev2")),
    ("a key that is over", Reason.KEY_DATES, W.then(
        changed(ROOT, T0 + DAY, keys={**ROOT.keys, site_key("op1").id: site_key("op1", ends=T0 + 11 * DAY)}), "op2")),
    ("another's signature", Reason.FALSE_SIGNATURE, replace(W, note=signed(SHORTER, "op1", "rev1").replace(
        SHORTER.encode(), P.text().encode()))),
    ("revoked by the reviewer", Reason.REVOKED, without_evidence(revocations=(signed(REVOKED, "rev2"),))),
    ("revoked by the operator", Reason.REVOKED, without_evidence(revocations=(signed(REVOKED, "op1"),))),
    ("revoked among others", Reason.REVOKED, without_evidence(
        revocations=(b"?", signed(REVOKED, "op1"), signed(revocation(sha("x"), NOW), "op1")))),
    ("revoked in the root", Reason.REVOKED, change("rev1", revoked={P.hash: NOW})),
    ("revoked by a stranger", Reason.REVOCATION_UNREADABLE,
     without_evidence(revocations=(signed(REVOKED, "stranger"),))),
    ("revoked by an officer", Reason.REVOCATION_UNREADABLE,
     without_evidence(revocations=(signed(REVOKED, "officer"),))),
    ("revoked by nobody", Reason.REVOCATION_UNREADABLE, without_evidence(revocations=(b"",))),
    ("another camera's", Reason.OTHER_CAMERA, replace(W, asked=replace(ASKED, camera="gate-2"))),
    ("another address", Reason.OTHER_SOURCE, replace(W, asked=replace(ASKED, source=sha("x")))),
    ("one analysis more", Reason.OTHER_ANALYSIS, replace(
        W, asked=replace(ASKED, analyses=frozenset({"crowd", "seal"})))),
    ("nothing asked", Reason.OTHER_ANALYSIS, replace(W, asked=replace(ASKED, analyses=frozenset()))),
    ("another scene", Reason.OTHER_SCENE, replace(W, asked=replace(ASKED, scene=""))),
    ("one model more", Reason.OTHER_MODELS,
     replace(W, asked=replace(ASKED, models={**ASKED.models, "face": sha("x")}))),
    ("another model", Reason.OTHER_MODELS,
     replace(W, asked=replace(ASKED, models={**ASKED.models, "plate": sha("x")}))),
    ("another build", Reason.OTHER_BUILD, with_permit(build=OTHER_BUILD)),
    ("an unlisted build", Reason.UNLISTED_BUILD, replace(W, asked=replace(ASKED, build=OTHER_BUILD))),
    ("no build", Reason.UNLISTED_BUILD, replace(W, asked=replace(ASKED, build=""))),
    ("a build taken off the list", Reason.UNLISTED_BUILD, change("rev1", builds=())),
    ("no recording here", Reason.BOUND_ANALYSIS, change("rev1", analyses=("crowd", "live"))),
    ("no such purpose here", Reason.BOUND_PURPOSE, with_permit(purpose="audit")),
    ("kept a second too long", Reason.BOUND_RETENTION, with_permit(retention_s=3 * DAY + 1)),
    ("retention shortened since", Reason.BOUND_RETENTION, W.then(
        changed(ROOT, T0 + DAY, limits=replace(LIMITS, retention_s=DAY)), "rev1")),
    ("a second too long", Reason.BOUND_LENGTH, with_permit(ends=T0 + 385 * DAY + 1)),
    ("reviewed a second too late", Reason.BOUND_REVIEW, with_permit(review_by=T0 + 200 * DAY + 1)),
    ("no assessment", Reason.BOUND_PAPERS, demanding("assessment")),
    ("one of three assessments is missing", Reason.BOUND_PAPERS, demanding(
        "assessment", papers={"assessment-crowd": sha("a"), "assessment-live": sha("b"), "assessment": sha("c")})),
    ("no sign", Reason.BOUND_PAPERS, demanding("notice", papers={"plan": sha("a")})),
    ("no plan", Reason.BOUND_PAPERS, demanding("plan", papers={"notice": sha("a")})),
    ("no supplier", Reason.BOUND_PAPERS, demanding("supplier", papers={"supplier": sha("a")})),
    ("a paper that is no hash", Reason.MALFORMED, field(papers={"notice": "x"})),
    ("papers that are no table", Reason.MALFORMED, field(papers=[])),
    ("clock set back", Reason.CLOCK_JUMPED, clock(NOW - 301.0)),
    ("clock set forward", Reason.CLOCK_JUMPED, clock(NOW + 301.0)),
    ("clock stopped", Reason.CLOCK_JUMPED, clock(NOW - 500.0)),
    ("clock drifts", Reason.CLOCK_JUMPED, clock(NOW, 1000.0 + 301, NOW - 500.0)),
    ("a steady clock that goes back", Reason.CLOCK_JUMPED, clock(NOW - 501.0, 499.0)),
    ("no clock", Reason.CLOCK_JUMPED, clock(math.nan)),
    ("endless clock", Reason.CLOCK_JUMPED, clock(math.inf)),
    ("no steady clock", Reason.CLOCK_JUMPED, clock(NOW, math.nan)),
    ("endlessly steady", Reason.CLOCK_JUMPED, clock(NOW, steady_begun=-math.inf)),
    ("behind the witnesses", Reason.CLOCK_BEHIND, clock(NOW - HOUR - 301.0, wall_begun=NOW - HOUR - 801.0)),
    ("a year behind", Reason.CLOCK_BEHIND, clock(NOW - 365.0 * DAY, wall_begun=NOW - 365.0 * DAY - 500)),
    ("too early", Reason.NOT_YET, replace(W, now=T0 + 20 * DAY - 1, beat=T0 + 20 * DAY - 1)),
    ("the witnesses' time is too early", Reason.NOT_YET, replace(W, now=T0 + 20 * DAY, beat=T0 + 20 * DAY - 1)),
    ("too late", Reason.EXPIRED, replace(W, now=T0 + 200 * DAY)),
    ("too late by the witnesses", Reason.EXPIRED, replace(W, now=T0 + 200 * DAY - 100, beat=T0 + 200 * DAY)),
    ("not in the ledger", Reason.UNPUBLISHED, without_evidence(permit=None)),
    ("too few witnesses saw it", Reason.UNPUBLISHED, without_evidence(
        permit=Ledger().add({"act": "permit", "permit": P.hash, "purpose": P.purpose, "camera": P.act_camera()},
                            T0 + 11 * DAY, ("w1",)))),
    ("another's log", Reason.UNPUBLISHED, without_evidence(
        permit=Ledger(log="w3").add({"act": "permit", "permit": P.hash, "purpose": P.purpose,
                                     "camera": P.act_camera()}, T0 + 11 * DAY))),
    ("another camera's entry", Reason.UNPUBLISHED, without_evidence(
        permit=Ledger().add({"act": "permit", "permit": P.hash, "purpose": P.purpose, "camera": "cam-0"},
                            T0 + 11 * DAY))),
    ("waiting", Reason.WAITING, replace(W, now=T0 + 21 * DAY, beat=T0 + 21 * DAY, shown=T0 + 16 * DAY + 1)),
    ("waiting made longer", Reason.WAITING, W.then(changed(ROOT, T0 + DAY, limits=replace(
        LIMITS, waiting_s=32 * DAY)), "rev1")),
    ("never shown", Reason.NOT_WAITING, without_evidence(register=None)),
    ("silent for a day and a second", Reason.FADING, replace(W, beat=NOW - DAY - 1)),
    ("silent for four days", Reason.FADING, replace(W, beat=NOW - 4 * DAY, asked=replace(
        ASKED, analyses=frozenset({"crowd", "record"})))),
    ("silent for longer", Reason.DEAD, replace(W, beat=NOW - 4 * DAY - 1)),
    ("no checkpoint", Reason.ABSENT, without_evidence(checkpoint=b"")),
    ("one witness only", Reason.ABSENT, replace(W, beat_by=("w2",))),
    ("one witness twice", Reason.ABSENT, replace(W, beat_by=("w2", "w2"))),
    ("a stranger for a witness", Reason.ABSENT, replace(W, beat_by=("w2", "w3"))),
    ("a lost witness", Reason.ABSENT, gone("w1", State.LOST, T0 + 30 * DAY, "op1")),
    ("seat empty, new permit", Reason.SEAT_NEW, replace(change("op1", at=T0 + DAY, seat_empty_since=T0 + 1),
                                                         public=T0 + 30 * DAY + 1, now=T0 + 50 * DAY)),
    ("emergency not allowed", Reason.NO_EMERGENCIES, replace(
        emergency(T0 + 21 * DAY), roots=limits(emergency=False).roots, notes=limits(emergency=False).notes)),
    ("emergency by the reviewer", Reason.NO_OPERATOR, emergency(T0 + 21 * DAY, ("rev1",))),
    ("emergency not justified", Reason.UNJUSTIFIED, emergency(T0 + 27 * DAY)),
    ("justified by the operator", Reason.UNJUSTIFIED, emergency(
        T0 + 27 * DAY, justification=signed(JUST, "op1", "op2"))),
    ("justified too late", Reason.UNJUSTIFIED, emergency(
        T0 + 28 * DAY, justification=signed(LATE_JUST, "op1", "rev1"))),
    ("another justified", Reason.UNJUSTIFIED, emergency(
        T0 + 27 * DAY, justification=signed(justification(P.hash, sha("x"), T0 + 22 * DAY), "op1", "rev1"))),
    ("justified by a lie", Reason.UNJUSTIFIED, emergency(T0 + 27 * DAY, justification=b"")),
    ("justified before it was public", Reason.UNJUSTIFIED, emergency(T0 + 27 * DAY, justification=signed(
        justification(URGENT.hash, sha("x"), T0 + 20 * DAY - 301), "op1", "rev1"))),
    ("sealed, and no officer vouches for a key", Reason.NO_OFFICERS, sealing()),
    ("sealed for one institution's officers", Reason.NO_OFFICERS, sealing("officer", "officer3")),
    ("sealed for somebody who is no officer", Reason.NO_OFFICERS, sealing("officer", "rev2")),
    ("sealed for a note that was changed", Reason.NO_OFFICERS, replace(sealing("officer"), evidence={
        "officers": (vouching("officer"), vouching("officer2").replace(b"A", b"B", 1))})),
    ("sealed for more pairs than fit", Reason.MANY_OFFICERS, sealing(*MANY)),
    ("sealed for longer", Reason.KEPT_LONGER, replace(sealing("officer", "officer2"), asked=replace(
        SEAL_ASKED, seal_s=DAY + 1))),
    ("sealed for no time", Reason.KEPT_LONGER, replace(sealing("officer", "officer2"), asked=replace(
        SEAL_ASKED, seal_s=0))),
    ("review overdue", Reason.REVIEW_OVERDUE, replace(W, permit=permit(review_by=NOW - 30 * DAY, begins=T0 + 9 * DAY,
        issued=T0 + 8 * DAY))),
]  # fmt: skip


@pytest.mark.parametrize("world", [w for _, w in OPENS], ids=[n for n, _ in OPENS])
def test_it_opens(world: World) -> None:
    answer = sees(world)
    assert isinstance(answer, Lawful), answer


# These deny some analyses and let numbers about crowds go on.
APART = (Reason.FADING, Reason.NO_OFFICERS, Reason.MANY_OFFICERS)


@pytest.mark.parametrize(("reason", "world"), [(r, w) for _, r, w in SHUT], ids=[n for n, _, _ in SHUT])
def test_it_stays_shut_and_says_why(reason: Reason, world: World) -> None:
    answer = sees(world)
    assert isinstance(answer, Denied)
    assert answer.reason is reason, answer.sentence
    assert still_lawful(*world.parts()) <= ({"crowd", "traffic"} if reason in APART else set())


def test_every_reason_is_reached_by_what_really_happens() -> None:
    others = {Reason.ROOT_UNPROVEN, Reason.SEAT_RENEWAL, Reason.UNKNOWN}  # in tests of their own
    others |= {Reason.BROKEN_ROOT, Reason.ROLLED_BACK}  # in test_ruling
    assert {r for _, r, _ in SHUT} | others == set(Reason)


def test_cautions() -> None:
    opened = dict(OPENS)
    for name, caution in (
        ("emergency, open", Caution.JUSTIFY), ("seat empty since", Caution.SEAT_EMPTY),
        ("seat empty for a short time", Caution.SEAT_EMPTY), ("review due", Caution.REVIEW_DUE),
    ):  # fmt: skip
        assert sees(opened[name]) == Lawful((caution,))
    assert sees(W) == Lawful()
    assert sees(opened["emergency, justified"]) == Lawful()


def test_every_byte_of_a_permit() -> None:
    """Whatever byte is changed, in the text or in a signature, the permit opens nothing."""
    asked, note, site, evidence, time = W.parts()
    bare = replace(evidence, revocations=())
    for at in range(len(note)):
        for bit in (0x01, 0x20):
            changed_ = bytearray(note)
            changed_[at] ^= bit
            answer = judge(asked, bytes(changed_), site, bare, time)
            assert isinstance(answer, Denied), (at, bit)
    for at in range(len(note)):
        assert isinstance(judge(asked, note[:at], site, bare, time), Denied), at
    assert isinstance(judge(asked, note + b"x", site, bare, time), Denied)


def test_old_and_other_permits_are_no_use() -> None:
    """A permit that ran out, one of another camera, and a proof of another permit."""
    asked, note, site, evidence, _ = W.parts()
    later = Time(T0 + 201.0 * DAY, 9.0, T0 + 201.0 * DAY, 9.0)
    fresh = replace(evidence, checkpoint=Ledger([b"x"]).checkpoint(T0 + 201 * DAY - 5))
    answer = judge(asked, note, site, fresh, later)
    assert isinstance(answer, Denied) and answer.reason is Reason.EXPIRED
    other = replace(W, permit=permit(camera="gate-2")).parts()
    for theirs in ({"permit": other[3].permit}, {"register": other[3].register}):
        assert isinstance(judge(asked, note, site, replace(evidence, **theirs), W.parts()[4]), Denied)  # type: ignore[arg-type]
    assert isinstance(judge(asked, other[1], site, other[3], W.parts()[4]), Denied)


@pytest.mark.parametrize("name", ["permit", "register"])
def test_a_changed_proof_proves_nothing(name: str) -> None:
    asked, note, site, evidence, time = W.parts()
    good: Logged = getattr(evidence, name)
    for entry, proof in (
        (good.entry.replace(b'"v":1', b'"v":2'), good.proof),
        (good.entry[:-1], good.proof),
        (good.entry, good.proof.replace(b"index 1", b"index 0").replace(b"index 2", b"index 1")),
        (good.entry, good.proof[:-20]),
        (good.entry, b""),
        (b"", good.proof),
    ):
        answer = judge(asked, note, site, replace(evidence, **{name: Logged(entry, proof)}), time)
        assert isinstance(answer, Denied)
        assert answer.reason is (Reason.UNPUBLISHED if name == "permit" else Reason.NOT_WAITING)


def test_any_change_of_what_is_captured_begins_the_waiting_again() -> None:
    evidence = W.parts()[3]
    for values in (
        {"analyses": ("crowd", "live", "record", "traffic")}, {"retention_s": DAY}, {"purpose": "flow-statistics"},
        {"scene": sha("x")}, {"period_s": 6}, {"longest_stay_s": 5}, {"source": sha("x")}, {"camera": "gate-3"},
    ):  # fmt: skip
        assert permit(**values).capture != P.capture
        asked = replace(ASKED, scene=values.get("scene", ASKED.scene), source=values.get("source", SOURCE),
                        camera=values.get("camera", "gate-1"))  # fmt: skip
        world = replace(W, permit=permit(**values), asked=asked, evidence={"register": evidence.register})
        answer = sees(world)
        assert isinstance(answer, Denied) and answer.reason is Reason.NOT_WAITING, values
    for values in (
        {"models": {}},
        {"build": BUILD},
        {"ends": T0 + 99 * DAY},
        {"review_by": T0 + 98 * DAY},
        {"root": "x"},
    ):
        assert permit(**values).capture == P.capture


def fading(beat: int) -> frozenset[str]:
    return still_lawful(*replace(W, beat=beat).parts())


def test_two_steps_of_fading_out() -> None:
    assert fading(NOW - DAY) == {"crowd", "live", "record"}
    assert fading(NOW - DAY - 1) == {"crowd"}
    assert fading(NOW - 4 * DAY) == {"crowd"}
    assert fading(NOW - 4 * DAY - 1) == set()
    counts = replace(W, beat=NOW - 2 * DAY, asked=replace(ASKED, analyses=frozenset({"crowd"})))
    assert sees(counts) == Lawful((Caution.FADING,))


def renewal(earlier: int | None, public: int, seat: int = T0 + DAY, **values: Any) -> World:
    world = change("op1", at=T0 + 2 * DAY, seat_empty_since=seat)
    held = permit(renews=sha("earlier"), **values)
    return replace(world, permit=held, earlier=earlier, public=public, now=T0 + 130 * DAY)


def test_an_empty_seat_stops_new_permits_then_renewals() -> None:
    def reason(world: World) -> Reason | None:
        answer = sees(world)
        return answer.reason if isinstance(answer, Denied) else None

    assert reason(renewal(T0 + 15 * DAY, T0 + 31 * DAY - 1)) is None
    assert reason(renewal(T0 + 15 * DAY, T0 + 31 * DAY)) is None
    assert reason(renewal(T0 + 15 * DAY, T0 + 91 * DAY - 1)) is None
    assert reason(renewal(T0 + 15 * DAY, T0 + 91 * DAY)) is Reason.SEAT_RENEWAL
    # Not a renewal: no proof of the earlier permit, or what is captured was not public before it.
    assert reason(renewal(None, T0 + 31 * DAY - 1)) is None
    assert reason(renewal(None, T0 + 31 * DAY)) is Reason.SEAT_NEW
    assert reason(renewal(T0 + 8 * DAY, T0 + 31 * DAY)) is Reason.SEAT_NEW
    assert reason(renewal(T0 + 9 * DAY, T0 + 31 * DAY)) is None


def test_a_seat_is_empty_when_nobodys_key_is_good() -> None:
    last = {k.id: replace(k, ends=T0 + 20 * DAY) for k in ROOT.keys.values() if k.role is Role.REVIEWER}
    root = changed(ROOT, T0 + DAY, keys={**ROOT.keys, **last})
    assert (root.seat_empty(T0 + 20 * DAY - 1), root.seat_empty(T0 + 25 * DAY)) == (None, T0 + 20 * DAY)
    assert sees(W.then(root, "op1")) == Lawful((Caution.SEAT_EMPTY,))


def test_a_root_that_is_not_in_the_ledger() -> None:
    asked, note, _, evidence, time = W.parts()
    good = Ledger().add({"act": "site-root", "content": ROOT.hash}, T0)
    for logged in (
        [], [None], [Logged(good.entry, b"")], [Ledger([b"x"]).add({"act": "site-root", "content": ROOT.hash}, T0)],
        [Ledger().add({"act": "site-root", "content": sha("x")}, T0)],
        [Ledger().add({"act": "rotate", "content": ROOT.hash}, T0)],
    ):  # fmt: skip
        site = open_site(W.notes, ROOT.hash, logged)
        answer = judge(asked, note, site, evidence, time)
        assert isinstance(answer, Denied) and answer.reason is Reason.ROOT_UNPROVEN
    assert isinstance(judge(asked, note, open_site(W.notes, ROOT.hash, [good]), evidence, time), Lawful)


def test_a_change_that_only_narrows_holds_at_once() -> None:
    def answer(world: World, known: int) -> Lawful | Denied:
        asked, note, _, evidence, time = world.parts()
        ledger = Ledger()
        logged = [ledger.add({"act": "site-root", "content": r.hash}, r.at) for r in world.roots][:known]
        return judge(asked, note, open_site(world.notes, ROOT.hash, logged), evidence, time)

    assert isinstance(answer(change("rev1", builds=()), 1), Denied)
    assert isinstance(answer(change("rev1", revoked={sha("x"): 1}), 1), Lawful)
    loose = change("op1", "rev1", builds=(BUILD, OTHER_BUILD))
    assert isinstance(answer(loose, 2), Lawful)
    shut = answer(loose, 1)
    assert isinstance(shut, Denied) and shut.reason is Reason.ROOT_UNPROVEN


def test_old_roots_are_no_use() -> None:
    notes = change("op1", "rev1", builds=()).notes
    assert open_site(notes, ROOT.hash, least=1).root.serial == 1
    for chain, first, least in (
        (notes[:1], ROOT.hash, 1), (notes[1:], ROOT.hash, 0), ([], ROOT.hash, 0), (notes, sha("x"), 0),
        (notes[::-1], ROOT.hash, 0), ([notes[0], notes[0]], ROOT.hash, 0),
    ):  # fmt: skip
        with pytest.raises(CharterError):
            open_site(chain, first, least=least)


WHOLE = W.parts()


@given(st.binary(max_size=300), st.binary(max_size=100), st.floats(), st.floats())
def test_every_input_has_an_answer(junk: bytes, other: bytes, wall: float, steady: float) -> None:
    asked, note, site, _, _ = WHOLE
    mess = Evidence(other, Logged(other, junk), Logged(junk, other), None, other, (junk,))
    for held in (junk, note):
        assert isinstance(judge(asked, held, site, mess, Time(wall, steady, wall, 0.0)), Denied)


def test_who_cosigned_twice_counts_once() -> None:
    """A witness under two names is one vote."""
    ledger = Ledger([b"x"])
    text = ledger.checkpoint(NOW, ())
    twin = replace(signer("w1"), name="w9.example.org")
    note = sign_note(text.decode().split("\n\n")[0] + "\n", [signer("log"), signer("w1"), twin], NOW)
    answer = sees(without_evidence(checkpoint=note))
    assert isinstance(answer, Denied) and answer.reason is Reason.ABSENT
