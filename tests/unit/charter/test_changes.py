"""Changes of the root: every kind of key enrolled, rotated, lost, compromised, handed over; who must sign; in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.charter.world import (
    BUILD,
    FOUNDERS,
    LIMITS,
    ROOT,
    T0,
    WHO,
    first_root,
    sha,
    signed,
    signer,
    site_key,
    vkey,
)  # fmt: skip

from passerby.base.errors import CharterError
from passerby.charter.changes import Unlawful, changed, ended, enrol, hand_over, judge_first, judge_step, rotate
from passerby.charter.differences import differences, duration
from passerby.charter.document import Unsound
from passerby.charter.keys import KINDS, Role, State, key_id
from passerby.charter.root import DAY, Limits, SiteRoot
from passerby.ledger.note import sign_note

AT = T0 + DAY
BOTH = ("op1", "rev1")
SPARE = {"op1": "op2", "rev1": "rev2"}


def takes(new: SiteRoot, *names: str, old: SiteRoot = ROOT) -> bool:
    try:
        judge_step(old, signed(new.text(), *names))
    except CharterError:
        return False
    return True


def new_signer(role: Role) -> str:
    """A name whose key is of the right type for the role."""
    return {Role.WITNESS: "w3"}.get(role, f"new-{role.value}")


def new_key(role: Role, institution: str = "", **values: Any) -> Any:
    name = next(n for n, (_, r) in WHO.items() if r is role)
    return site_key(new_signer(role), institution or WHO[name][0], role, begins=AT, **values)


def possession(role: Role) -> tuple[str, ...]:
    return () if role in (Role.WITNESS, Role.LOG) else (new_signer(role),)


@pytest.mark.parametrize("role", Role)
def test_enrolment(role: Role) -> None:
    new = enrol(ROOT, [new_key(role)], AT)
    come = possession(role)
    assert takes(new, *BOTH, *come)
    assert not takes(new, "op1", *come)
    assert not takes(new, "rev1", *come)
    assert not takes(new, "op1", "op2", *come)
    assert not takes(new, "officer", "keep", *come)
    assert takes(new, *BOTH) == (not come), "who is enrolled shows that somebody holds the key"
    assert [d.loosens for d in differences(ROOT, new)] == [True]


@pytest.mark.parametrize("role", Role)
def test_rotation(role: Role) -> None:
    name = next(n for n, (_, r) in WHO.items() if r is role)
    new = rotate(ROOT, signer(name).key, new_key(role), AT)
    assert takes(new, *BOTH, *possession(role))
    assert not takes(new, "op1", *possession(role))
    old = new.keys[key_id(signer(name).key)]
    assert (old.state, old.since) == (State.RETIRED, AT)
    assert old.usable(AT - 1) and not old.usable(AT)
    assert new.keys[key_id(signer(new_signer(role)).key)].usable(AT)
    if role in (Role.WITNESS, Role.LOG):
        assert vkey(new_signer(role)) in new.policy and vkey(name) not in new.policy


@pytest.mark.parametrize("name", list(WHO))
@pytest.mark.parametrize("state", [State.RETIRED, State.LOST, State.COMPROMISED])
def test_loss_and_compromise_need_one_side_only(name: str, state: State) -> None:
    new = ended(ROOT, signer(name).key.name, state, AT - 5, AT)
    side = SPARE.get(name, "op1")
    assert takes(new, side)
    assert takes(new, "rev1" if side.startswith("op") else "op2")
    assert not takes(new, "officer")
    assert [d.loosens for d in differences(ROOT, new)] == [False]
    key = new.keys[key_id(signer(name).key)]
    assert key.usable(AT - 6) == (state is not State.COMPROMISED)
    assert not key.usable(AT - 5)


def test_a_thief_does_not_sign_the_loss() -> None:
    for state in (State.LOST, State.COMPROMISED):
        assert not takes(ended(ROOT, signer("op1").key, state, AT, AT), "op1")
    assert takes(ended(ROOT, signer("op1").key, State.RETIRED, AT, AT), "op1")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER, Role.OFFICER, Role.KEEPER, Role.WITNESS, Role.LOG])
def test_handover_to_another_institution(role: Role) -> None:
    gone = [signer(n).key for n, (_, r) in WHO.items() if r is role][:1]
    heir = replace(new_key(role), institution="heir")
    if role is Role.OPERATOR:
        gone = [signer(n).key for n in ("op1", "op2")]
    new = hand_over(ROOT, gone, [heir], AT, {"heir": "The Heir"})
    assert takes(new, *BOTH, *possession(role))
    assert not takes(new, "rev1", *possession(role))
    assert not takes(new, "op1", *possession(role))
    assert any("The Heir" in d.words for d in differences(ROOT, new))


def test_handover_keeps_the_sides_apart() -> None:
    for role, institution in ((Role.OPERATOR, "privacy"), (Role.REVIEWER, "city"), (Role.KEEPER, "city")):
        name = next(n for n, (_, r) in WHO.items() if r is role)
        with pytest.raises(Unsound):
            hand_over(ROOT, [signer(name).key], [new_key(role, institution)], AT)
    with pytest.raises(Unlawful):
        hand_over(ROOT, [signer("op1").key], [new_key(Role.REVIEWER)], AT)
    with pytest.raises(Unlawful):
        rotate(ROOT, signer("op1").key, new_key(Role.REVIEWER), AT)


def test_after_the_last_reviewers_key_nothing_loosens() -> None:
    gone = changed(ROOT, AT, keys={
        i: replace(k, state=State.COMPROMISED, since=AT) if k.role is Role.REVIEWER else k for i, k in ROOT.keys.items()
    })  # fmt: skip
    assert takes(gone, "op1")
    assert gone.seat_empty(AT) == AT
    again = enrol(gone, [new_key(Role.REVIEWER)], AT)
    assert not takes(again, "op1", "op2", "new-reviewer", old=gone)
    assert not takes(again, *BOTH, "new-reviewer", old=gone)
    assert takes(changed(gone, AT, builds=()), "op1", old=gone)


def test_every_key_may_end_and_the_root_still_stands() -> None:
    gone = changed(ROOT, AT, keys={i: replace(k, state=State.LOST, since=AT) for i, k in ROOT.keys.items()})
    assert not takes(gone, *FOUNDERS), "somebody who is still trusted has to sign"


def test_no_key_comes_back() -> None:
    lost = ended(ROOT, signer("op1").key, State.LOST, AT, AT)
    for values in ({"state": State.ACTIVE, "since": 0}, {"state": State.RETIRED, "since": AT + 5}, {"since": AT + 5}):
        key = lost.keys[key_id(signer("op1").key)]
        back = changed(lost, AT, keys={**lost.keys, key.id: replace(key, **values)})  # type: ignore[arg-type]
        assert not takes(back, "op2", "rev1", old=lost)
    with pytest.raises(Unlawful):
        enrol(lost, [site_key("op1")], AT)
    with pytest.raises(Unlawful):
        hand_over(lost, [signer("op2").key], [site_key("op1")], AT)
    less = {k: v for k, v in ROOT.keys.items() if k != key_id(signer("officer").key)}
    assert not takes(changed(ROOT, AT, keys=less), *BOTH)
    with pytest.raises(Unlawful):
        ended(ROOT, "nobody", State.LOST, AT, AT)


@pytest.mark.parametrize("values", [{"institution": "paper"}, {"role": Role.KEEPER}, {"begins": T0 - 1}])
def test_a_key_never_becomes_anothers(values: dict[str, Any]) -> None:
    key = replace(site_key("officer"), **values)
    found = changed(ROOT, AT, keys={**ROOT.keys, key.id: key}) if values.get("role") is not Role.KEEPER else None
    if found is None:
        with pytest.raises(Unsound):
            changed(ROOT, AT, keys={**ROOT.keys, key.id: key})
    else:
        assert takes(found, *BOTH) == ("begins" in values)
        assert not takes(found, "op1")


def looser(name: str, by: int = 1) -> Limits:
    return replace(LIMITS, **{name: getattr(LIMITS, name) + by})


MORE = ("retention_s", "permit_s", "heartbeat_s", "seat_new_s", "seat_renewal_s", "review_s", "review_grace_s")
LOOSE: list[tuple[str, dict[str, Any]]] = [
    *[(name, {"limits": looser(name)}) for name in MORE if name != "permit_s"],
    ("waiting", {"limits": looser("waiting_s", -1)}),
    ("policy", {"policy": "# a comment\n" + ROOT.policy}),
    ("schema", {"schema": sha("x")}),
    ("a build", {"builds": tuple(sorted((BUILD, sha("x"))))}),
    ("a purpose", {"purposes": ("audit", "crowd-safety", "flow-statistics")}),
    ("institution", {"institutions": {**ROOT.institutions, "x": "X"}}),
    ("renamed", {"institutions": {**ROOT.institutions, "paper": "X"}}),
    ("a key for longer", {"keys": {**ROOT.keys, site_key("op1").id: replace(
        site_key("op1"), ends=site_key("op1").ends + 1)}}),
]  # fmt: skip
STRICT: list[tuple[str, dict[str, Any]]] = [
    *[(name, {"limits": looser(name, -1)}) for name in MORE],
    ("waiting", {"limits": looser("waiting_s")}),
    ("no emergency", {"limits": replace(LIMITS, emergency=False)}),
    ("no build", {"builds": ()}),
    ("a paper more", {"demands": ("assessment",)}),
    ("no recording", {"analyses": ("crowd",)}),
    ("a purpose less", {"purposes": ("crowd-safety",)}),
    ("revoked", {"revoked": {sha("x"): AT}}),
    ("oldest", {"oldest": 1}),
    ("seat", {"seat_empty_since": AT}),
    ("a key for shorter", {"keys": {**ROOT.keys, site_key("op1").id: replace(site_key("op1"), ends=AT + 5)}}),
]  # fmt: skip


@pytest.mark.parametrize("values", [v for _, v in LOOSE], ids=[n for n, _ in LOOSE])
def test_loosening_needs_both(values: dict[str, Any]) -> None:
    new = changed(ROOT, AT, **values)
    assert takes(new, *BOTH)
    assert not takes(new, "op1") and not takes(new, "rev1") and not takes(new, "op1", "op2")
    (found,) = differences(ROOT, new)
    assert found.loosens


@pytest.mark.parametrize("values", [v for _, v in STRICT], ids=[n for n, _ in STRICT])
def test_narrowing_needs_one(values: dict[str, Any]) -> None:
    new = changed(ROOT, AT, **values)
    assert takes(new, "op1") and takes(new, "rev2") and takes(new, *BOTH)
    assert not takes(new) and not takes(new, "officer") and not takes(new, "w1")
    assert not any(d.loosens for d in differences(ROOT, new))


@pytest.mark.parametrize("values", [v for _, v in STRICT if not {"oldest", "revoked", "keys"} & v.keys()])
def test_taking_a_narrowing_back_loosens(values: dict[str, Any]) -> None:
    narrow = changed(ROOT, AT, **values)
    back = changed(narrow, AT, **{name: getattr(ROOT, name) for name in values})
    assert takes(back, *BOTH, old=narrow) and not takes(back, "op1", old=narrow) and not takes(back, "rev1", old=narrow)


def test_both_in_one_change_needs_both() -> None:
    new = changed(ROOT, AT, builds=(), limits=looser("retention_s"))
    assert not takes(new, "op1") and takes(new, *BOTH)


@pytest.mark.parametrize("values", [{"oldest": 0}, {"revoked": {}}, {"revoked": {sha("x"): AT + 1}}])
def test_what_is_over_stays_over(values: dict[str, Any]) -> None:
    narrow = changed(ROOT, AT, oldest=1, revoked={sha("x"): AT})
    assert not takes(changed(narrow, AT, **values), *BOTH, old=narrow)
    kept = {sha("x"): AT, sha("y"): AT}
    assert takes(changed(narrow, AT, revoked=kept), "op1", old=narrow)


def test_a_chain_has_no_gap_and_runs_forward() -> None:
    new = changed(ROOT, AT, builds=())
    for wrong in (
        replace(new, serial=2), replace(new, previous=sha("x")), replace(new, at=T0 - 1), ROOT,
        replace(new, site="other.org"), replace(new, site="demo.example.org", demo=True),
    ):  # fmt: skip
        assert not takes(wrong, *BOTH)
    with pytest.raises(Unlawful):
        judge_first(signed(new.text(), *FOUNDERS))


def test_signatures_outside_a_keys_dates_dont_count() -> None:
    late = changed(ROOT, site_key("op1").ends, builds=())
    assert not takes(late, "op1") and not takes(late, *BOTH)
    assert takes(replace(late, at=late.at - 1), "op1")


def test_a_false_signature_spoils_the_root() -> None:
    new = changed(ROOT, AT, builds=())
    note = signed(new.text(), "op1", "rev1").replace(b'"builds":[]', b'"builds":["' + BUILD.encode() + b'"]')
    with pytest.raises(Unlawful):
        judge_step(ROOT, note)
    twice = sign_note(new.text(), [signer("op1"), signer("op1")], 0)
    with pytest.raises(Unlawful):
        judge_step(ROOT, twice)


@pytest.mark.parametrize("missing", FOUNDERS)
def test_the_first_root_is_signed_by_all_who_are_in_it(missing: str) -> None:
    assert judge_first(signed(ROOT.text(), *FOUNDERS)) == ROOT
    with pytest.raises(Unlawful):
        judge_first(signed(ROOT.text(), *(n for n in FOUNDERS if n != missing)))


def test_a_byte_of_a_root_changed() -> None:
    note = signed(ROOT.text(), *FOUNDERS)
    for at in range(0, len(note), 5):
        garbled = bytearray(note)
        garbled[at] ^= 1
        with pytest.raises(CharterError):
            judge_first(bytes(garbled))


def test_differences_are_words() -> None:
    new = rotate(ROOT, signer("w1").key, new_key(Role.WITNESS), AT)
    new = replace(new, limits=replace(LIMITS, retention_s=7 * DAY, emergency=False), builds=(), seat_empty_since=AT)
    said = "\n".join(d.words for d in differences(ROOT, new))
    for words in (
        "the longest retention changes from 3 days to 7 days", "no emergency is allowed",
        f"the build {BUILD} is allowed no longer", "is retired since", "the reviewer's seat is empty since",
        "the witness policy changes: no longer 'witness w1", "the witness's key w3.example.org of paper",
    ):  # fmt: skip
        assert words in said
    assert differences(ROOT, ROOT) == []
    assert [duration(s) for s in (0, 1, 60, 3600, DAY, 2 * DAY, 90)] == [
        "0 seconds", "1 seconds", "1 minute", "1 hour", "1 day", "2 days", "90 seconds"]  # fmt: skip


def test_no_difference_without_a_word() -> None:
    """Whatever field of a root changes, somebody is told."""
    other = first_root(
        site="x.org", demo=True, policy="# x\n" + ROOT.policy, schema=sha("x"), builds=(), analyses=("crowd",),
        purposes=("audit",), institutions={}, keys={}, limits=looser("review_s"), revoked={"x": 1}, oldest=1,
        seat_empty_since=1,
    )  # fmt: skip
    for name in ("site", "demo", "policy", "schema", "builds", "analyses", "purposes", "institutions", "keys", "limits",
                 "revoked", "oldest", "seat_empty_since"):  # fmt: skip
        assert differences(ROOT, replace(ROOT, **{name: getattr(other, name)})), name
        assert differences(replace(ROOT, **{name: getattr(other, name)}), ROOT), name


def test_each_role_has_its_types() -> None:
    assert set(KINDS) == set(Role)
