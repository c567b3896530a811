"""The darkroom's own door: shut until papers open it, judged again and again, and only ever narrower within an item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.unit.charter.world import BUILD, MODELS, NOW, ROOT, SCENE, Ledger, World, permit, sha, signed

from passerby.base.errors import OutletError
from passerby.charter.permit import Claims, local_permit
from passerby.charter.root import DAY
from passerby.charter.ruling import Papers, denied_of
from passerby.charter.site_permit import revocation
from passerby.charter.standing import Reason
from passerby.darkroom.door import AGAIN_S, FileDoor, SiteDoor
from passerby.darkroom.papers import Case, messages_of, news_of
from passerby.outlet.messages import (
    ANALYSES,
    FRAME_HEADER,
    OUTWARD,
    Alert,
    Checkpoint,
    Counts,
    Explain,
    Health,
    ItemEnd,
    LineCounts,
    LineVehicles,
    Message,
    Permit,
    PlateUpdate,
    Ready,
    RedactedPacket,
    Revoke,
    Ruling,
    Scene,
    SealedPacket,
    SiteRoot,
    StreamStart,
    Task,
    ZoneCounts,
    ZoneCrowd,
    bits,
    names,
)

HOUR = 3600
P = permit(scene="")
W = World(permit=P)
SOURCE = bytes.fromhex(P.source)
COUNTS = Counts(1, 0.0, 5.0, 4.0, 6.0, 2.0)
PACKET = RedactedPacket(0, 1, 0, 0, 1, b"x")


def case_of(world: World, analyses: Iterable[str] = ("crowd", "live", "record"), **values: Any) -> Case:
    _, note, _, evidence, _ = world.parts()
    ledger = Ledger()
    rooted = tuple(ledger.add({"act": "site-root", "content": r.hash}, r.at) for r in world.roots)
    papers = Papers(note, tuple(world.notes), rooted, evidence)
    return replace(Case("gate-1", SOURCE, frozenset(analyses), papers, 2 * DAY), **values)


@dataclass
class Room:
    """A door with clocks that a test sets."""

    now: float = float(NOW)
    told: list[Ruling] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run = 1000.0
        self.door = SiteDoor(
            ROOT.hash, 0, MODELS, bytes.fromhex(BUILD), self._emit, lambda: self.now, lambda: self.run
        )  # fmt: skip

    def _emit(self, message: Message) -> None:
        assert isinstance(message, Ruling)
        self.told.append(type(message).unpack(message.pack()[FRAME_HEADER.size :]))

    def show(self, case: Case) -> None:
        for message in messages_of(case):
            self.door.take(type(message).unpack(message.pack()[FRAME_HEADER.size :]))

    def begin(self, case: Case) -> None:
        self.show(case)
        self.door.begin(case.source)

    def later(self, seconds: float) -> None:
        self.now, self.run = self.now + seconds, self.run + seconds

    @property
    def open(self) -> frozenset[str]:
        return names(self.told[-1].open)

    @property
    def why(self) -> set[Reason]:
        return {answer.reason for answer in denied_of(self.told[-1].reasons, ANALYSES).values()}


def test_shut_until_papers_open_it() -> None:
    room = Room()
    assert not room.door.granted and room.door.let_out(COUNTS) is None
    room.door.begin(SOURCE)
    assert not room.door.granted
    room.show(case_of(W))
    assert names(room.told[-1].lawful) == {"crowd", "live", "record"}
    assert not room.door.granted, "papers alone open nothing: an item must begin"
    room.door.begin(SOURCE)
    assert room.door.granted and room.open == {"crowd", "live", "record"}
    assert room.told[-1].permit.hex() == P.hash and room.door.site_root.hex() == ROOT.hash
    assert room.door.terms == P


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (case_of(replace(W, signers=("op1",))), Reason.NO_REVIEWER),
        (case_of(W, papers=Papers()), Reason.NO_PERMIT),
        (case_of(W, camera="gate-2"), Reason.OTHER_CAMERA),
        (case_of(W, retention_s=2 * DAY + 1), Reason.KEPT_LONGER),
        (case_of(W, scene=b"{}"), Reason.OTHER_SCENE),
        (case_of(W, analyses=("traffic",)), Reason.OTHER_ANALYSIS),
        (case_of(W, source=bytes(32)), Reason.OTHER_SOURCE),
    ],
    ids=lambda v: v.name if isinstance(v, Reason) else "",
)
def test_it_stays_shut_and_says_why(case: Case, why: Reason) -> None:
    room = Room()
    room.begin(case)
    assert not room.door.granted and room.why == {why}
    for kind in (COUNTS, PACKET):
        assert room.door.let_out(kind) is None


def test_an_item_of_another_source_stays_shut() -> None:
    room = Room()
    room.show(case_of(W))
    room.door.begin(bytes(32))
    assert not room.door.granted and room.open == frozenset()


def test_another_site_another_build_other_models() -> None:
    case = case_of(W)
    for first, models, build, why in (
        (sha("x"), MODELS, BUILD, Reason.BROKEN_ROOT),
        (ROOT.hash, {}, BUILD, Reason.OTHER_MODELS),
        (ROOT.hash, MODELS, "b2" * 32, Reason.UNLISTED_BUILD),
    ):
        told: list[Message] = []
        door = SiteDoor(first, 0, models, bytes.fromhex(build), told.append, lambda: float(NOW), lambda: 1000.0)
        for message in messages_of(case):
            door.take(message)
        door.begin(SOURCE)
        assert not door.granted
        ruling = told[-1]
        assert isinstance(ruling, Ruling)
        assert {a.reason for a in denied_of(ruling.reasons, ANALYSES).values()} == {why}


def test_an_older_chain_than_the_station_has_seen() -> None:
    room = Room()
    room.door = SiteDoor(ROOT.hash, 1, MODELS, bytes.fromhex(BUILD), room._emit, lambda: room.now, lambda: room.run)
    room.begin(case_of(W))
    assert room.why == {Reason.ROLLED_BACK}


def test_a_revocation_shuts_it_at_once() -> None:
    room = Room()
    room.begin(case_of(W))
    room.door.take(Revoke(bytes(32), signed(revocation(sha("another"), NOW), "rev1")))
    assert room.door.granted, "another permit's"
    room.door.take(Revoke(bytes(32), signed(revocation(P.hash, NOW), "rev1")))
    assert not room.door.granted and room.why == {Reason.REVOKED}
    assert room.door.let_out(COUNTS) is None
    room.door.begin(SOURCE)
    assert not room.door.granted, "nor does it open for the next item"


def test_a_revocation_that_nobody_can_read_shuts_it() -> None:
    room = Room()
    room.begin(case_of(W))
    room.door.take(Revoke(bytes(32), b"junk"))
    assert room.why == {Reason.REVOCATION_UNREADABLE} and not room.door.granted


def test_the_witnesses_silence_ends_pictures_first_and_numbers_three_days_later() -> None:
    room = Room()
    room.begin(case_of(W))
    room.later(DAY - 2 * HOUR)
    room.door.check()
    assert room.open == {"crowd", "live", "record"}
    room.later(2 * HOUR)
    room.door.check()
    assert room.open == {"crowd"} and room.why == {Reason.FADING}
    assert room.door.let_out(PACKET) is None and room.door.let_out(COUNTS) is not None
    room.later(3 * DAY - HOUR)
    room.door.check()
    assert room.open == {"crowd"}
    room.later(2 * HOUR)
    room.door.check()
    assert not room.door.granted and room.why == {Reason.DEAD}


def test_fresh_word_counts_from_the_next_item_on() -> None:
    room = Room()
    room.begin(case_of(W))
    room.later(2 * DAY)
    room.door.check()
    assert room.open == {"crowd"}
    room.door.take(Checkpoint(0.0, Ledger([b"x"]).checkpoint(int(room.now))))
    assert names(room.told[-1].lawful) == {"crowd", "live", "record"} and room.open == {"crowd"}
    room.door.begin(SOURCE)
    assert room.open == {"crowd", "live", "record"}


def test_it_judges_again_by_itself_every_minute_and_not_more_often() -> None:
    room = Room()
    room.begin(case_of(W))
    room.now += 400
    room.door.check()
    assert room.door.granted, "not yet"
    room.later(AGAIN_S)
    room.door.check()
    assert room.why == {Reason.CLOCK_JUMPED} and not room.door.granted


def test_a_permit_that_ends_ends_what_runs() -> None:
    room = Room(now=P.ends - 100.0)
    room.begin(case_of(replace(W, now=P.ends - 100.0, beat=P.ends - 200)))
    assert room.door.granted
    room.later(101)
    room.door.check()
    assert room.why == {Reason.EXPIRED} and not room.door.granted


VIDEO = (StreamStart(0, 1, 16, 16, 1, 25, 0, b""), PACKET, Explain(0.0, 0, 0, b""))
NUMBERS = (COUNTS, ZoneCounts(0.0, 0, 1, 1, 1, 1, 1, 1), LineCounts(0.0, 0, 1, 1),
           ZoneCrowd(0.0, 0, bytes(8), -1, -1, -1, -1), Alert(0.0, 0, 0, 0, 1, 1, 1))  # fmt: skip
VEHICLES = LineVehicles(0.0, 0, bytes(6), bytes(6), 128)


@pytest.mark.parametrize("analysis", ["crowd", "live", "record", "traffic"])
def test_what_leaves_is_what_is_permitted(analysis: str) -> None:
    room = Room()
    keeps = 2 * DAY if analysis == "record" else 0
    room.begin(case_of(World(permit=permit(scene="", analyses=(analysis,), retention_s=keeps)), [analysis],
                       retention_s=keeps))  # fmt: skip
    assert room.open == {analysis}
    for message in VIDEO:
        assert (room.door.let_out(message) is not None) == (analysis in ("live", "record"))
    for message in NUMBERS[1:]:
        assert (room.door.let_out(message) is not None) == (analysis == "crowd")
    assert (room.door.let_out(VEHICLES) is not None) == (analysis == "traffic")
    counted = room.door.let_out(COUNTS)
    assert counted == {
        "crowd": replace(COUNTS, vehicles=0.0), "traffic": replace(COUNTS, people=0.0, low=0.0, high=0.0)
    }.get(analysis)  # fmt: skip
    assert room.door.let_out(SealedPacket(bytes(32), 0, 1, b"x")) is None
    assert room.door.let_out(PlateUpdate(0.0, 0, 0, b"")) is None


def test_every_kind_of_message_is_judged() -> None:
    """Nothing leaves but state, rulings and ends while the door is shut, whatever is added to the outlet."""
    room = Room()
    always = {Health, ItemEnd, Ruling, Ready}
    for kind in OUTWARD:
        message = object.__new__(kind)
        assert (room.door.let_out(message) is not None) == (kind in always), kind


def test_papers_out_of_order_break_the_rules() -> None:
    task, *rest = messages_of(case_of(W))
    permit_ = rest[-1]
    for wrong in (
        [permit_], [task, task], [SiteRoot(0, b"x")], [task, SiteRoot(1, b"x")], [task, PACKET], [Scene(1, b"{}")],
        [task, rest[1]], [replace(task, camera=b"\xff" * 64), permit_],  # type: ignore[type-var]
    ):  # fmt: skip
        door = Room().door
        with pytest.raises(OutletError):
            for message in wrong:
                door.take(message)
        assert not door.granted
    with pytest.raises(OutletError):
        for message in [task, *[Revoke(bytes(32), b"%d" % n) for n in range(65)]]:
            door.take(message) if message is not task else (door := Room().door).take(message)


def test_once_shut_it_stays_shut() -> None:
    room = Room()
    room.begin(case_of(W))
    room.door.shut()
    assert not room.door.granted
    room.begin(case_of(W))
    assert not room.door.granted


def test_news_of_a_case_are_revocations_before_the_checkpoint() -> None:
    word = signed(revocation(P.hash, NOW), "rev1")
    evidence = replace(case_of(W).papers.evidence, revocations=(word, b"junk"))
    first, second, third = news_of(evidence)
    assert isinstance(first, Revoke) and first.permit.hex() == P.hash
    assert second == Revoke(bytes(32), b"junk") and isinstance(third, Checkpoint)


def test_a_scene_goes_with_its_case() -> None:
    room = Room()
    drawn = b'{"version":1}'
    import hashlib

    held = permit(scene=hashlib.sha256(drawn).hexdigest())
    room.begin(case_of(World(permit=held), scene=drawn))
    assert room.door.granted and room.door.scene == drawn
    room.begin(case_of(World(permit=permit(scene=SCENE)), scene=drawn))
    assert room.why == {Reason.OTHER_SCENE}


def test_a_file_needs_its_local_permit() -> None:
    claims = Claims(bytes(32), frozenset({"redact"}), {}, bytes(32), 1000.0)
    door = FileDoor(lambda source: replace(claims, source=source))
    door.begin(bytes(32))
    assert not door.granted
    door.take(Permit(0, local_permit(claims)))
    door.begin(b"x" * 32)
    assert not door.granted
    door.begin(bytes(32))
    assert door.granted and door.let_out(PACKET) is PACKET
    with pytest.raises(OutletError):
        door.take(Task(bytes(64), bytes(32), bits({"crowd"}), 0, 0))


def test_a_site_permit_is_none_for_a_file_and_a_files_none_for_a_camera() -> None:
    claims = Claims(SOURCE, frozenset({"redact", "count"}), MODELS, bytes.fromhex(BUILD), float(NOW))
    door = FileDoor(lambda source: replace(claims, source=source))
    door.take(Permit(0, case_of(W).papers.permit))
    door.begin(SOURCE)
    assert not door.granted
    room = Room()
    room.begin(case_of(W, papers=replace(case_of(W).papers, permit=local_permit(claims))))
    assert room.why == {Reason.NO_NOTE}
