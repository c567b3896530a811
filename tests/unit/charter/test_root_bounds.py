"""A root's own bounds, each at its edge and one beyond; and who must be in a first root."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.charter.world import LIMITS, POLICY, ROOT, T0, first_root, sha, site_key, vkey

from passerby.charter.document import Unsound
from passerby.charter.keys import Role, State
from passerby.charter.root import ANALYSES, DAY, FADE_S, JUSTIFY_S, PURPOSES, YEAR, SiteRoot, parse_root, sensible

HOUR = 3600
EDGES = [
    ("retention_s", 0, 366 * DAY),
    ("permit_s", 1, 366 * DAY),
    ("heartbeat_s", HOUR, 168 * HOUR),
    ("waiting_s", 0, 366 * DAY),
    ("seat_new_s", 0, 90 * DAY),
    ("seat_renewal_s", 0, 180 * DAY),
    ("review_s", 1, 366 * DAY),
    ("review_grace_s", 0, 90 * DAY),
]


def limits(**values: int) -> SiteRoot:
    return first_root(limits=replace(LIMITS, **values))


@pytest.mark.parametrize(("name", "least", "most"), EDGES)
def test_limits_at_their_edges(name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert getattr(parse_root(limits(**{name: value}).text()).limits, name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(Unsound):
            parse_root(limits(**{name: value}).text())


def test_times_that_are_fixed() -> None:
    assert (FADE_S, JUSTIFY_S, YEAR, DAY) == (72 * HOUR, 7 * 24 * HOUR, 366 * 24 * HOUR, 24 * HOUR)
    assert ANALYSES == ("crowd", "live", "record", "seal", "traffic")
    assert "crowd-safety" in PURPOSES and len(PURPOSES) == 8


def refused(root: SiteRoot) -> bool:
    try:
        sensible(root)
    except Unsound:
        return True
    return False


def keys_without(*names: str) -> dict[str, object]:
    gone = {site_key(name).id for name in names}
    return {"keys": {name: key for name, key in ROOT.keys.items() if name not in gone}}


def test_two_keys_for_each_side_in_a_first_root_and_one_in_a_demo() -> None:
    assert not refused(ROOT)
    demo = {"site": "demo.example.org", "demo": True}
    for name in ("op2", "rev2"):
        assert refused(first_root(**keys_without(name)))
        assert not refused(first_root(**keys_without(name), **demo))
    for names in (("op1", "op2"), ("rev1", "rev2")):
        assert refused(first_root(**keys_without(*names), **demo))
    assert refused(first_root(**keys_without("log")))
    without = "".join(line for line in POLICY.splitlines(keepends=True) if not line.startswith("log "))
    assert not refused(first_root(policy=without))
    assert refused(first_root(**keys_without("log"), policy=without))


def test_a_first_root_begins_clean() -> None:
    old = site_key("op1", state=State.RETIRED, since=T0)
    assert refused(first_root(keys={**ROOT.keys, old.id: old}))
    third = site_key("op3", "city", state=State.RETIRED, since=T0)
    assert refused(first_root(keys={**ROOT.keys, third.id: third}))
    assert not refused(first_root(keys={**ROOT.keys, third.id: replace(third, state=State.ACTIVE)}))
    assert refused(first_root(seat_empty_since=1))
    assert refused(first_root(revoked={sha("x"): 1}))
    assert refused(first_root(previous=sha("x")))
    assert refused(first_root(oldest=1))
    assert refused(first_root(demo=True))
    assert refused(first_root(site="demo.example.org"))
    assert refused(first_root(institutions={**ROOT.institutions, "twin": "City of Example"}))
    assert refused(first_root(institutions={"city": "x"}))


def test_sides_are_of_different_institutions() -> None:
    for name, role in (("rev1", Role.REVIEWER), ("keep", Role.KEEPER)):
        mixed = site_key(name, "city", role)
        assert refused(first_root(keys={**ROOT.keys, mixed.id: mixed}))


def test_a_policy_that_nobody_could_cheat_with() -> None:
    log, w1, w2 = vkey("log"), vkey("w1"), vkey("w2")
    head = f"log {log}\nwitness w1 {w1}\nwitness w2 {w2}\n"
    assert not refused(first_root(policy=head + "quorum w1\n"))
    with pytest.raises(Unsound, match=r"its quorum is none"):
        sensible(first_root(policy=head + "quorum none\n"))
    assert refused(first_root(policy="junk\n"))
    assert refused(first_root(policy=head.replace(w2, vkey("w3")) + "quorum w1\n"))
    assert refused(first_root(policy=head.replace(log, vkey("w3")) + "quorum w1\n"))
    own = site_key("w1", "city")
    assert refused(first_root(keys={**ROOT.keys, own.id: own}, policy=head + "quorum w1\n"))
    assert not refused(first_root(keys={**ROOT.keys, own.id: own}, policy=POLICY))


def test_a_policy_may_be_so_long() -> None:
    fits = POLICY + ("# " + "x" * 125 + "\n") * (((64 << 10) - len(POLICY)) // 128)
    fits += "#" * ((64 << 10) - len(fits) - 1) + "\n"
    assert parse_root(first_root(policy=fits).text()).policy == fits and len(fits) == 65536
    with pytest.raises(Unsound) as found:
        parse_root(first_root(policy=fits + "\n").text())
    assert found.value.detail == "policy"


def test_a_seat_is_empty_from_the_last_good_key_on() -> None:
    assert ROOT.seat_empty(T0) is None
    gone = {
        k.id: replace(k, state=State.LOST, since=T0 + n * DAY)
        for n, k in enumerate(k for k in ROOT.keys.values() if k.role is Role.REVIEWER)
    }
    root = replace(ROOT, keys={**ROOT.keys, **gone})
    assert root.seat_empty(T0 + DAY - 1) is None and root.seat_empty(T0 + 2 * DAY) == T0 + DAY
    assert root.seat_empty(T0 + DAY) == T0 + DAY
    assert replace(ROOT, seat_empty_since=T0 + 5).seat_empty(T0 + 4) is None
    assert replace(ROOT, seat_empty_since=T0 + 5).seat_empty(T0 + 5) == T0 + 5
    nobody = replace(ROOT, keys={})
    assert nobody.seat_empty(T0 + 9) == ROOT.at


def test_who_is_held() -> None:
    assert {k.key.name for k in ROOT.held(Role.OPERATOR)} == {"op1.example.org", "op2.example.org"}
    assert ROOT.held(Role.OPERATOR, T0 - 1) == [] and len(ROOT.held(Role.OPERATOR, T0)) == 2
    assert ROOT.hash == sha(ROOT.text()) and parse_root(ROOT.text()) == ROOT


def test_what_a_root_names() -> None:
    assert '"format":"passerby/site-root@1"' in ROOT.text()
    for name in ("analyses", "purposes"):
        values = getattr(ROOT, name)
        assert getattr(parse_root(replace(ROOT, **{name: values[:1]}).text()), name) == values[:1]
        with pytest.raises(Unsound) as found:
            parse_root(replace(ROOT, **{name: ()}).text())
        assert found.value.detail == name
