"""The station's desk: papers as they lie there, read again when they change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import pytest

from passerby.base.errors import StoreError
from passerby.charter.changes import changed
from passerby.charter.permit import camera_source
from passerby.charter.site_permit import act_camera
from passerby.charter.standing import Reason
from passerby.station.desk import LOOK_EVERY_S, Desk, hashes_in
from passerby.station.live import Forgetful
from passerby.station.settings import CameraSettings, Oversight
from passerby.station.showcase.site import DemoSite

ONE = CameraSettings.model_validate({"name": "one", "source": "clip.mp4", "mode": "record"})
TWO = CameraSettings.model_validate({"name": "two", "source": "clip.mp4"})


@pytest.fixture
def site(tmp_path: Path) -> DemoSite:
    made = DemoSite(tmp_path / "site")
    made.permit([ONE])
    return made


def desk_of(
    site: DemoSite,
    memory: Forgetful | None = None,
    say: Callable[[str], None] = print,
    put: Callable[[Mapping[str, object]], None] = lambda _: None,
) -> Desk:
    """A desk that looks whenever it is asked to."""
    ticks = count(1)
    oversight = Oversight(folder=site.folder, site_root=site.root.hash)
    return Desk(
        oversight, memory or Forgetful(), say, put, time.time, lambda: 100.0 + LOOK_EVERY_S * next(ticks)
    )  # fmt: skip


def reasons(desk: Desk, camera: CameraSettings = ONE) -> set[Reason]:
    return {answer.reason for answer in desk.ruling(camera).denied.values()}


def test_what_is_permitted_is_lawful_and_what_is_not_says_so(site: DemoSite) -> None:
    desk = desk_of(site)
    assert desk.ruling(ONE).lawful == {"crowd", "live", "record"} and desk.demo
    assert reasons(desk, TWO) == {Reason.NO_PERMIT}
    moved = ONE.model_copy(update={"source": "other.mp4"})
    assert reasons(desk_of(site), moved) == {Reason.OTHER_SOURCE}
    longer = ONE.model_copy(update={"retention_h": 25.0})
    assert reasons(desk_of(site), longer) == {Reason.KEPT_LONGER}
    assert desk.case(ONE).source == camera_source("one", "clip.mp4")


def test_without_oversight_nothing_is_lawful() -> None:
    desk = Desk(None, Forgetful(), print)
    desk.look()
    assert reasons(desk) == {Reason.NO_PERMIT} and not desk.demo


def test_changes_are_seen(site: DemoSite) -> None:
    desk = desk_of(site)
    seen = desk.changes
    desk.look()
    assert desk.changes == seen
    site.permit([TWO])
    desk.look()
    assert desk.changes == seen + 1 and desk.ruling(TWO).lawful == {"crowd"}


def test_a_revocation_concerns_its_permit_alone(site: DemoSite) -> None:
    (second,) = site.permit([TWO])
    desk = desk_of(site)
    site.revoke(second)
    desk.look()
    assert reasons(desk, TWO) == {Reason.REVOKED} and desk.ruling(ONE).lawful
    (site.folder / "revocations" / "junk.note").write_bytes(b"junk")
    desk.look()
    assert reasons(desk) == {Reason.REVOCATION_UNREADABLE}


def test_what_runs_is_refreshed_with_news_of_its_own_permit(site: DemoSite) -> None:
    (first,) = site.permit([ONE])
    desk = desk_of(site)
    running = desk.case(ONE)
    (site.folder / "one.note").unlink()
    desk.look()
    assert reasons(desk) == {Reason.NO_PERMIT}
    assert desk.refreshed(running).papers.permit == running.papers.permit
    site.revoke(first)
    desk.look()
    refreshed = desk.refreshed(running)
    assert len(refreshed.papers.evidence.revocations) == 1
    assert refreshed.papers.evidence.checkpoint != running.papers.evidence.checkpoint


def test_the_newest_root_is_remembered(site: DemoSite) -> None:
    memory = Forgetful()
    assert desk_of(site, memory).least == 0
    later = changed(site.root, site.root.at, revoked={"ab" * 32: site.root.at})
    note = site.folder / "roots" / "1.note"
    note.write_bytes(site.signed(later.text(), "reviewer"))
    desk = desk_of(site, memory)
    assert desk.least == 1 and desk.ruling(ONE).lawful
    note.unlink()
    assert reasons(desk_of(site, memory)) == {Reason.ROLLED_BACK}
    assert desk_of(site).ruling(ONE).lawful, "who never saw it can't know"
    assert memory.load() == f"{site.root.hash} 1\n".encode()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"one two three", b"%s x"])
def test_a_memory_of_another_site_or_of_none_counts_for_nothing(site: DemoSite, content: bytes) -> None:
    memory = Forgetful()
    memory.save(content.replace(b"%s", site.root.hash.encode()))
    assert desk_of(site, memory).least == 0


def test_what_can_t_be_read_is_said_once_and_denies(site: DemoSite) -> None:
    said: list[str] = []
    (site.folder / "roots" / "0.note").write_bytes(b"x" * (2 << 20))
    desk = desk_of(site, say=said.append)
    desk.look()
    assert reasons(desk) == {Reason.BROKEN_ROOT}
    assert len(said) == 1 and "larger than any such file" in said[0]


def test_what_a_gate_ended_is_queued(site: DemoSite) -> None:
    (permit,) = site.permit([ONE])
    queued: list[Mapping[str, object]] = []
    desk = desk_of(site, put=queued.append)
    case = desk.case(ONE)
    desk.ended(case, {Reason.EXPIRED})
    desk.ended(case, {Reason.EXPIRED, Reason.REVOKED})
    desk.ended(desk.case(TWO), {Reason.REVOKED})
    assert [act["act"] for act in queued] == ["expire", "stop"]
    assert queued[0]["camera"] == act_camera(site.root.site, "one") and queued[0]["permit"] == permit.hash

    def full(_: Mapping[str, object]) -> None:
        raise StoreError("no room")

    said: list[str] = []
    desk_of(site, say=said.append, put=full).ended(case, {Reason.REVOKED})
    assert len(said) == 1 and "no room" in said[0]


def test_only_the_hashes_of_what_was_shown_may_come_back(site: DemoSite) -> None:
    (permit,) = site.permit([ONE])
    papers = desk_of(site).case(ONE).papers
    assert hashes_in(papers) == {bytes(32), bytes.fromhex(permit.hash), bytes.fromhex(site.root.hash)}


def test_a_demo_is_never_written_over_something_else(tmp_path: Path) -> None:
    from passerby.base.errors import CharterError

    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "letters").write_text("mine")
    with pytest.raises(CharterError, match="holds something else"):
        DemoSite(tmp_path / "site")
    assert (tmp_path / "site" / "letters").read_text() == "mine"
