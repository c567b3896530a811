"""What each kind of matter demands: reasons from closed lists, letters, clocks, others hidden, a second person."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.matter import kit
from tests.unit.charter.matter.kit import CALENDAR, CHIEF, DAY, ID, NOW, WATCHER

from passerby.base.errors import CharterError
from passerby.charter.matter import case, complaint, incident, request, staff
from passerby.charter.matter.laws import LAWS, Refusal, Unidentified
from passerby.charter.matter.record import Change, Matter, Others, Told
from passerby.ledger.acts import Follower, first_schema
from passerby.ledger.schema import FIRST, Schema, format_act


def ask(matter: Matter, event: request.Event, told: Told, law: str = "gdpr", fee_most: int = 0) -> Change:
    return request.go_on(matter, event, told, LAWS[law], CALENDAR, fee_most)


def test_every_act_fits_the_schema() -> None:
    """What rules say is what the ledger takes: all acts of all kinds go through a real follower."""
    follower, logged = Follower(), NOW
    person = staff.train(staff.Person(WATCHER), NOW - DAY, NOW, 365 * DAY, kit.CONTENT)
    acts = [
        first_schema(kit.CLERK), person[1], staff.authorise(person[0], "viewer", NOW + DAY, NOW)[1],
        staff.unauthorise(staff.authorise(person[0], "viewer", NOW + DAY, NOW)[0], "viewer")[1],
    ]  # fmt: skip
    changes = [
        request.begin(ID, kit.CLERK, NOW, LAWS["pdpo"], CALENDAR, kit.CONTENT),
        ask(kit.a_request(), request.Event.EXTEND, Told(NOW, why=True)),
        *(ask(kit.a_request(law), request.Event.REFUSE, Told(NOW, r.value, why=True), law)
          for law in LAWS for r in LAWS[law].refusals),
        *(ask(kit.a_request(), request.Event.CANNOT_IDENTIFY, Told(NOW, r.value)) for r in Unidentified),
        ask(kit.a_request(), request.Event.ANSWER, Told(NOW, others=Others.NONE)),
        complaint.begin(ID, kit.CLERK, NOW, kit.MONTH, CALENDAR, kit.CONTENT),
        incident.begin(ID, kit.CLERK, NOW, kit.NOTICE, CALENDAR, kit.CONTENT),
        *(case.begin(ID, WATCHER, NOW, (purpose, reason), kit.SCOPE, emergency=urgent, allowed=True)
          for purpose, reasons in case.REASONS.items() for reason in reasons for urgent in (True, False)),
    ]  # fmt: skip
    for act in [*acts, *(act for change in changes for act in change.acts)]:
        whole = follower.whole({"actor": kit.CLERK, **act}, logged)
        follower.take(format_act(whole))
    assert set(case.REASONS) == set(FIRST["lists"]["purpose"])
    Schema(FIRST)


def test_hong_kong_has_forty_days_and_no_extension() -> None:
    made = kit.a_request("pdpo")
    assert CALENDAR.day(made.due - 1).toordinal() - CALENDAR.day(NOW).toordinal() >= 40
    with pytest.raises(CharterError, match="knows no longer time"):
        ask(made, request.Event.EXTEND, Told(NOW + 1, why=True), "pdpo")
    told = ask(made, request.Event.EXPLAIN, Told(NOW + 1, why=True), "pdpo")
    assert told.matter.due == made.due and told.matter.overdue(made.due) and not told.matter.overdue(made.due - 1)


def test_a_month_becomes_three_once_in_time_and_in_writing() -> None:
    made = kit.a_request()
    for told, words in (
        (Told(NOW + 1), "told in writing"),
        (Told(made.due, why=True), "its time is over"),
    ):
        with pytest.raises(CharterError, match=words):
            ask(made, request.Event.EXTEND, told)
    after = ask(made, request.Event.EXTEND, Told(made.due - 1, why=True))
    assert after.matter.due > made.due and after.acts[0]["until"] == after.matter.due
    with pytest.raises(CharterError, match="extended once"):
        ask(after.matter, request.Event.EXTEND, Told(NOW + 2, why=True))
    # Asked back or partly answered in between: the clock never stands still.
    assert ask(after.matter, request.Event.ASK, Told(NOW + 3)).matter.due == after.matter.due


@pytest.mark.parametrize("law", LAWS)
def test_refusals_are_of_the_law_s_own_list(law: str) -> None:
    for refusal in Refusal:
        told = Told(NOW, refusal.value, why=True)
        if refusal in LAWS[law].refusals:
            change = ask(kit.a_request(law), request.Event.REFUSE, told, law)
            assert change.note.endswith(LAWS[law].refusals[refusal])
            assert [act["act"] for act in change.acts] == ["because", "done"]
        else:
            with pytest.raises(CharterError, match="for no such reason"):
                ask(kit.a_request(law), request.Event.REFUSE, told, law)
    with pytest.raises(CharterError, match="in writing"):
        ask(kit.a_request(law), request.Event.REFUSE, Told(NOW, "not-held"), law)
    with pytest.raises(CharterError, match="for no such reason"):
        ask(kit.a_request(law), request.Event.REFUSE, Told(NOW, "i don't like them", why=True), law)


def test_an_answer_hides_the_others_or_says_that_there_are_none() -> None:
    for event in (request.Event.ANSWER, request.Event.ANSWER_PART):
        with pytest.raises(CharterError, match="became of other people"):
            ask(kit.a_request(), event, Told(NOW))
    part = ask(kit.a_request(), request.Event.ANSWER_PART, Told(NOW, others=Others.HIDDEN))
    assert not part.acts and part.matter.overdue(part.matter.due), "the rest is still owed"
    rest = ask(part.matter, request.Event.REFUSE, Told(NOW + 1, "other-people", why=True))
    assert (rest.matter.state, rest.acts[1]["outcome"]) == ("partly refused", "part-answered")


def test_cannot_identify_has_its_reason_and_can_come_back() -> None:
    with pytest.raises(CharterError, match="needs its reason"):
        ask(kit.a_request(), request.Event.CANNOT_IDENTIFY, Told(NOW))
    change = ask(kit.a_request(), request.Event.CANNOT_IDENTIFY, Told(NOW, "only-redacted"))
    assert "nobody in it can be made out" in change.note
    again = ask(change.matter, request.Event.REOPEN, Told(NOW + 9 * DAY))
    assert again.matter.over == 0 and again.matter.due > change.matter.due


def test_a_fee_needs_a_reason_where_the_law_asks_one_and_is_bounded() -> None:
    for law, told, words in (
        ("gdpr", Told(NOW, "not-held", amount=5), "nobody charge"),
        ("gdpr", Told(NOW, "", amount=5), "for no such reason"),
        ("gdpr", Told(NOW, "excessive", amount=11), "from 1 to 10"),
        ("pdpo", Told(NOW, amount=0), "from 1 to 10"),
    ):
        with pytest.raises(CharterError, match=words):
            ask(kit.a_request(law), request.Event.FEE, told, law, 10)
    assert ask(kit.a_request("pdpo"), request.Event.FEE, Told(NOW, amount=10), "pdpo", 10).note == "fee 10"
    assert ask(kit.a_request(), request.Event.FEE, Told(NOW, "repeated", amount=3), "gdpr", 10).note == "fee 3"


def test_nothing_happens_before_it_began() -> None:
    with pytest.raises(CharterError, match="before the request began"):
        ask(kit.a_request(), request.Event.ASK, Told(NOW - 1))


def test_a_complaint_is_looked_into_before_it_is_decided_and_answered_in_writing() -> None:
    looked = complaint.go_on(kit.a_complaint(), complaint.Event.LOOK_INTO, Told(NOW), kit.MONTH, CALENDAR).matter
    with pytest.raises(CharterError, match="answered in writing"):
        complaint.go_on(looked, complaint.Event.DISMISS, Told(NOW), kit.MONTH, CALENDAR)
    change = complaint.go_on(looked, complaint.Event.UPHOLD, Told(NOW, why=True), kit.MONTH, CALENDAR)
    assert change.acts == [{"act": "done", "subject": ID, "duty": "complaint", "outcome": "upheld"}]


def test_seventy_two_hours_and_a_late_notice_says_why() -> None:
    made = kit.an_incident()
    assert made.due == NOW + 72 * 3600
    assert incident.go_on(made, incident.Event.NOTIFY, Told(made.due - 1), kit.NOTICE, CALENDAR).note == ""
    with pytest.raises(CharterError, match="why it is late"):
        incident.go_on(made, incident.Event.NOTIFY, Told(made.due), kit.NOTICE, CALENDAR)
    assert incident.go_on(made, incident.Event.NOTIFY, Told(made.due, why=True), kit.NOTICE, CALENDAR).note == "late"
    with pytest.raises(CharterError, match="nobody is at risk"):
        incident.go_on(made, incident.Event.NO_NOTICE, Told(NOW), kit.NOTICE, CALENDAR)
    quiet = incident.go_on(made, incident.Event.NO_NOTICE, Told(NOW, why=True), kit.NOTICE, CALENDAR).matter
    worse = incident.go_on(quiet, incident.Event.WORSE, Told(NOW + 9 * DAY), kit.NOTICE, CALENDAR)
    assert worse.matter.due == NOW + 12 * DAY and worse.matter.overdue(NOW + 12 * DAY)


LOOK = case.Look("gate-1", "crowd-safety", NOW - DAY, NOW - DAY + 60, NOW + 10, 600)


@pytest.mark.parametrize(
    ("held", "look", "logged", "why"),
    [
        (None, {}, NOW, case.No.NO_CASE),
        (kit.a_request(), {}, NOW, case.No.NO_CASE),
        (kit.a_case(), {}, None, case.No.NOT_LOGGED),
        (kit.a_case(), {}, NOW + 11, case.No.TOO_NEW),
        (kit.a_case(), {"at": NOW - 1}, NOW - 5, case.No.TOO_NEW),
        (kit.a_case(case.State.CLOSED), {}, NOW, case.No.CLOSED),
        (kit.a_case(), {"at": NOW + DAY}, NOW, case.No.ENDED),
        (kit.a_case(), {"at": NOW + DAY - 599}, NOW, case.No.ENDED),
        (kit.a_case(), {"purpose": "audit"}, NOW, case.No.OTHER_PURPOSE),
        (kit.a_case(), {"camera": "gate-3"}, NOW, case.No.OTHER_CAMERA),
        (kit.a_case(), {"since": NOW - DAY - 1}, NOW, case.No.OTHER_HOURS),
        (kit.a_case(), {"upto": NOW - DAY + 3601}, NOW, case.No.OTHER_HOURS),
        (kit.a_case(), {"upto": NOW - DAY}, NOW, case.No.OTHER_HOURS),
        (kit.a_case(), {"lasts_s": 901}, NOW, case.No.TOO_LONG),
        (kit.a_case(), {"lasts_s": 0}, NOW, case.No.TOO_LONG),
        (kit.a_case(), {}, NOW, None),
        (kit.a_case(case.State.EMERGENCY, emergency=True), {}, NOW, None),
        (kit.a_case(case.State.JUSTIFIED, emergency=True), {"at": NOW + DAY - 600}, NOW, None),
    ],
)
def test_a_look_under_a_case(
    held: Matter | None, look: dict[str, Any], logged: int | None, why: case.No | None
) -> None:
    assert case.judge(held, replace(LOOK, **look), logged) is why


def test_every_purpose_with_every_reason() -> None:
    reasons = FIRST["lists"]["reason"]
    for purpose, reason in product([*FIRST["lists"]["purpose"], "curiosity"], [*reasons, "investigation", ""]):
        good = reason in case.REASONS.get(purpose, ())
        try:
            case.begin(ID, WATCHER, NOW, (purpose, reason), kit.SCOPE, emergency=False, allowed=False)
        except CharterError:
            assert not good, (purpose, reason)
        else:
            assert good, (purpose, reason)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (replace(kit.SCOPE, cameras=()), "1 to 512 cameras"),
        (replace(kit.SCOPE, cameras=tuple(f"c-{n}" for n in range(513))), "1 to 512 cameras"),
        (replace(kit.SCOPE, upto=kit.SCOPE.since), "hours end"),
        (replace(kit.SCOPE, until=NOW), "92 days"),
        (replace(kit.SCOPE, until=NOW + 93 * DAY), "92 days"),
    ],
)
def test_a_case_without_bounds_is_none(scope: case.Scope, words: str) -> None:
    with pytest.raises(CharterError, match=words):
        case.begin(ID, WATCHER, NOW, ("audit", "spot-check"), scope, emergency=False, allowed=False)


def test_an_emergency_is_justified_by_another_in_seven_days_or_its_opener_is_locked_out() -> None:
    with pytest.raises(CharterError, match="knows no emergencies"):
        case.begin(ID, WATCHER, NOW, ("audit", "spot-check"), kit.SCOPE, emergency=True, allowed=False)
    opened = kit.a_case(case.State.EMERGENCY, emergency=True)
    fit = staff.Person(WATCHER, NOW - DAY, NOW + 300 * DAY, (("viewer", NOW + 300 * DAY),))
    other = replace(fit, pseudonym=CHIEF)
    late = opened.due
    assert late == NOW + 7 * DAY
    assert staff.standing(fit, "viewer", late - 1, [opened]) is staff.Standing.FIT
    assert staff.standing(fit, "viewer", late, [opened]) is staff.Standing.LOCKED
    assert staff.standing(other, "viewer", late, [opened]) is staff.Standing.FIT
    with pytest.raises(CharterError, match="superior"):
        case.go_on(opened, case.Event.JUSTIFY, Told(NOW, why=True), WATCHER)
    with pytest.raises(CharterError, match="in writing"):
        case.go_on(opened, case.Event.JUSTIFY, Told(NOW), CHIEF)
    with pytest.raises(CharterError, match="can't be given"):
        case.go_on(opened, case.Event.CLOSE, Told(NOW, why=True), WATCHER)  # closing is no way out
    change = case.go_on(opened, case.Event.JUSTIFY, Told(late, why=True), CHIEF)
    assert change.note == "late" and staff.standing(fit, "viewer", late, [change.matter]) is staff.Standing.FIT
    ended = case.go_on(change.matter, case.Event.CLOSE, Told(late + 1), WATCHER).matter
    assert ended.over == late and ended.until <= late + 1


@pytest.mark.parametrize(
    ("person", "role", "want"),
    [
        (None, "viewer", staff.Standing.UNKNOWN),
        (staff.Person(WATCHER), "viewer", staff.Standing.UNTRAINED),
        (staff.Person(WATCHER, NOW + 1, NOW + DAY), "viewer", staff.Standing.UNTRAINED),
        (staff.Person(WATCHER, NOW - DAY, NOW), "viewer", staff.Standing.STALE),
        (staff.Person(WATCHER, NOW - DAY, NOW + DAY), "viewer", staff.Standing.NOT_AUTHORISED),
        (staff.Person(WATCHER, NOW - DAY, NOW + DAY, (("desk", NOW + 1),)), "viewer", staff.Standing.NOT_AUTHORISED),
        (staff.Person(WATCHER, NOW - DAY, NOW + DAY, (("viewer", NOW),)), "viewer", staff.Standing.EXPIRED),
        (staff.Person(WATCHER, NOW - DAY, NOW + DAY, (("viewer", NOW + 1),)), "viewer", staff.Standing.FIT),
    ],
)
def test_how_staff_stands(person: staff.Person | None, role: str, want: staff.Standing) -> None:
    assert staff.standing(person, role, NOW) is want


def test_training_has_a_date_and_a_role_needs_it() -> None:
    new = staff.Person(WATCHER)
    for at, words in ((NOW + 1, "future"), (NOW - 365 * DAY, "too old")):
        with pytest.raises(CharterError, match=words):
            staff.train(new, at, NOW, 365 * DAY, kit.CONTENT)
    with pytest.raises(CharterError, match="current training"):
        staff.authorise(new, "viewer", NOW + 1, NOW)
    trained, _ = staff.train(new, NOW - DAY, NOW, 365 * DAY, kit.CONTENT)
    with pytest.raises(CharterError, match="later training"):
        staff.train(trained, NOW - 2 * DAY, NOW, 365 * DAY, kit.CONTENT)
    for role, until, words in (
        ("admin", NOW + 1, "no role"),
        ("viewer", NOW, "ends"),
        ("viewer", NOW + 367 * DAY, "ends"),
    ):
        with pytest.raises(CharterError, match=words):
            staff.authorise(trained, role, until, NOW)
    with pytest.raises(CharterError, match="no such role"):
        staff.unauthorise(trained, "viewer")


@given(st.lists(st.sampled_from(list(request.Event)), max_size=12), st.sampled_from(sorted(LAWS)))
def test_whatever_happens_to_a_request_what_is_owed_stays_true(events: list[request.Event], law: str) -> None:
    """Over any events: open is owed, over is not, and the due dates in the ledger are those in the store."""
    held, due = kit.a_request(law), kit.a_request(law).due
    for number, event in enumerate(events):
        reason = "only-redacted" if event is request.Event.CANNOT_IDENTIFY else "repeated"
        try:
            change = ask(held, event, kit.all_told(NOW + number, reason), law, 10)
        except CharterError:
            continue
        held = change.matter
        due = next((act["until"] for act in change.acts if act["act"] == "due"), due)
        assert held.due == due
        assert request.FLOW.is_over(request.State(held.state)) == bool(held.over)
