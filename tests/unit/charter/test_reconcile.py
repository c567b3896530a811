"""Where settings, network and register differ; and that nothing of it tells strangers an address."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.charter.reconcile import Anonymous, Configured, Device, Finding, Kind, Looked, compare
from passerby.charter.site_permit import act_camera
from passerby.ledger.schema import FIRST

SITE, SECRET = "example.org", b"s" * 32
HERE = Configured("north", "192.0.2.7")
FINE = Looked(Anonymous.REFUSED, audio=False, default_password=False, sessions=1)


def found(
    configured: list[Configured], registered: dict[str, str], seen: list[Device] | None = None, **looked: Looked
) -> list[Finding]:
    return compare(SITE, SECRET, configured, registered, seen, looked)


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.kind.value, f.camera) for f in findings]


def test_the_words_are_the_ledger_s() -> None:
    assert sorted(kind.value for kind in Kind) == FIRST["lists"]["finding"]


@pytest.mark.parametrize(
    ("configured", "registered", "seen", "look", "want"),
    [
        ([HERE], {"north": "active"}, [Device("192.0.2.7")], FINE, []),
        ([HERE], {"north": "noticed"}, None, FINE, []),
        ([HERE], {}, None, FINE, [("unregistered", "north")]),
        ([HERE], {"north": "removed"}, None, FINE, [("unregistered", "north")]),
        ([], {"north": "active", "south": "proposed"}, None, FINE, [("unconfigured", "north")]),
        ([HERE], {"north": "active"}, [Device("192.0.2.9")], FINE, [("unregistered", "")]),
        ([HERE], {"north": "active"}, [Device("192.0.2.7", ("G", "S"))], FINE, [("can-record", "north")]),
        ([HERE], {"north": "active"}, [], Looked(Anonymous.UNREACHABLE), [("unseen", "north")]),
        ([HERE], {"north": "active"}, [Device("192.0.2.7")], Looked(Anonymous.UNREACHABLE), [("unreachable", "north")]),
        ([HERE], {"north": "active"}, None, Looked(Anonymous.UNREACHABLE), [("unreachable", "north")]),
        ([HERE], {"north": "active"}, None, Looked(Anonymous.OPEN, audio=True), [("audio", "north"),
                                                                                ("open-stream", "north")]),
        ([HERE], {"north": "active"}, None, Looked(Anonymous.UNCLEAR), []),
        ([HERE], {"north": "active"}, None, Looked(Anonymous.REFUSED, None, True), [("default-password", "north")]),
        ([HERE], {"north": "active"}, None, Looked(Anonymous.REFUSED, sessions=2), [("sessions", "north")]),
        ([HERE], {"north": "active"}, None, Looked(Anonymous.REFUSED, sessions=0), []),
        ([Configured("clip", "")], {"clip": "active"}, [], None, []),
    ],
)  # fmt: skip
def test_each_difference(
    configured: list[Configured],
    registered: dict[str, str],
    seen: list[Device] | None,
    look: Looked | None,
    want: list[tuple[str, str]],
) -> None:
    looked = {"north": look} if look and configured else {}
    assert kinds(found(configured, registered, seen, **looked)) == want


def test_a_finding_keeps_its_id_and_tells_no_address() -> None:
    seen = [Device("192.0.2.9"), Device("192.0.2.8")]
    first = found([HERE], {}, seen)
    assert [f.id for f in first] == [f.id for f in found([HERE], {}, seen[::-1])]
    assert len({f.id for f in first}) == 3
    assert {f.id for f in compare(SITE, b"t" * 32, [HERE], {}, seen, {})} & {f.id for f in first} == {first[-1].id}
    for finding in first:
        line = json.loads(finding.public())
        assert line.keys() == {"camera", "finding", "id"} and b"192.0.2" not in finding.public()
        assert line["camera"] in ("", act_camera(SITE, "north"))
        # Nobody finds an address by hashing all of them: the id needs the secret.
        assert all(sha256(f"192.0.2.{n}".encode()).hexdigest()[:16] != finding.id for n in range(256))


names = st.text("abcdefg", min_size=1, max_size=3)


@given(st.sets(names), st.dictionaries(names, st.sampled_from(["active", "removed", "noticed", "suspended"])))
def test_nothing_is_lost_and_nothing_told_twice(configured: set[str], registered: dict[str, str]) -> None:
    findings = found([Configured(n, "") for n in sorted(configured)], registered)
    assert len({(f.kind, f.camera) for f in findings}) == len(findings)
    assert {f.camera for f in findings if f.kind is Kind.UNREGISTERED} == {
        n for n in configured if registered.get(n, "removed") == "removed"
    }
    assert {f.camera for f in findings if f.kind is Kind.UNCONFIGURED} == {
        n for n, phase in registered.items() if phase == "active" and n not in configured
    }
