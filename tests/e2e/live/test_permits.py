"""No permit, no pixels: a real station and real locked processes, refused, revoked and faded out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.live.camera import soon
from tests.e2e.live.running import Running, running
from tests.e2e.live.site import said, station, write

from passerby.charter.root import DAY
from passerby.charter.ruling import denied_of
from passerby.charter.site_permit import parse_site_permit
from passerby.charter.standing import Reason
from passerby.darkroom.launch import Wanted
from passerby.darkroom.papers import Case
from passerby.outlet.messages import ANALYSES, Address, Counts, Health, Message, RedactedPacket, Ruling, names
from passerby.station.camera import State
from passerby.station.crew import open_source
from passerby.station.desk import Desk
from passerby.station.live import Forgetful
from passerby.station.live_crew import LiveCrew
from passerby.station.settings import CameraSettings, read_site
from passerby.station.showcase.site import DemoSite

PATIENCE_S = 90.0
# The limit is 60 s; the station looks every 2 s.
REVOKED_S = 20.0
# The clip has a keyframe at least every few seconds.
SWITCHED_S = 20.0
LIVE = 'mode = "live"\ncount_every_s = 1'


def settings_of(run: Running) -> CameraSettings:
    return run.station.cameras[0].settings


def test_a_revocation_stops_a_running_camera(clip: Path, tmp_path: Path) -> None:
    with running(tmp_path, f'source = "{clip}"\n{LIVE}') as run:
        soon("pictures", lambda: len(run.seen.packets()) >= 5, PATIENCE_S)
        health = run.seen.health()[-1]
        assert isinstance(health, Health) and health.site_root.hex() == run.site.root.hash
        pids = run.pids()
        run.site.revoke(run.site.draft(settings_of(run)))
        time.sleep(5)
        assert run.seen.state() is State.RUNNING, "that was another permit's"
        run.site.revoke(parse_site_permit((tmp_path / "site" / "one.note").read_bytes()))
        took_s = soon("denied", lambda: run.seen.state() is State.DENIED, REVOKED_S)
        print(f"\nrevoked: stopped after {took_s:.1f} s")
        assert run.seen.why() == "denied by REVOKED: the permit is revoked; to run, have a new one signed"
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())
        stopped_s = time.monotonic()
        time.sleep(3)
        assert not run.seen.packets(stopped_s) and not run.seen.counts(stopped_s)
        run.site.permit([settings_of(run)], purpose="flow-statistics")
        soon("pictures under a new permit", lambda: run.seen.packets(stopped_s), PATIENCE_S)


def test_a_camera_without_a_permit_is_denied_and_the_others_run(clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, clip, f'{LIVE}\n[[camera]]\nname = "two"\nsource = "{clip}"')
    for path in (tmp_path / "site").glob("two.*"):
        path.unlink()
    with station(settings, "--for", "15") as process:
        process.wait(PATIENCE_S)
    words = said(settings)
    assert "two: denied (denied by NO_PERMIT: there is no permit for this camera; to run, have one signed" in words
    assert "one: running" in words and "two: running" not in words


def test_without_oversight_nothing_runs(clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, clip)
    settings.write_text(settings.read_text("utf-8").split("\n[oversight]")[0] + "\n", "utf-8")
    with station(settings, "--for", "8") as process:
        process.wait(PATIENCE_S)
    words = said(settings)
    assert "one: denied (denied by NO_PERMIT" in words and "one: connecting" not in words
    assert "to try it out alone: passerby root demo" in words


def test_what_is_not_permitted_does_not_leave(clip: Path, tmp_path: Path) -> None:
    """A permit to count, on a camera whose settings ask for pictures: it counts, and says what it may not."""
    with running(tmp_path, f'source = "{clip}"\n{LIVE}') as run:
        soon("pictures", lambda: run.seen.packets(), PATIENCE_S)
        run.site.permit([settings_of(run)], analyses=("crowd",))
        soon("the reason", lambda: "live: denied by OTHER_ANALYSIS" in run.seen.why(), PATIENCE_S)
        # The permit before holds until the next keyframe.
        soon("no more pictures", lambda: not run.seen.packets(time.monotonic() - 2.0), SWITCHED_S)
        told_s = time.monotonic()
        soon("counts", lambda: len(run.seen.counts(told_s)) >= 2, PATIENCE_S)
        assert not run.seen.packets(told_s)
        assert run.seen.state() is State.RUNNING


@contextmanager
def crew_of(clip: Path, desk: Desk) -> Iterator[tuple[LiveCrew, list[Message]]]:
    """The three locked processes, without a station's opinion."""
    source = open_source(clip)
    wanted = Wanted(frozenset({"count", "redact"}), camera=True, threads=1, site_root=desk.first)
    crew, left = LiveCrew(wanted, (), source), list[Message]()
    crew.work_for(left.append)
    try:
        assert crew.ready.wait(PATIENCE_S)
        yield crew, left
    finally:
        crew.kill()
        crew.bury()
        os.close(source)


@pytest.mark.parametrize("case_name", ["operator only", "long silent", "nothing", "another camera's"])
def test_the_darkroom_itself_refuses(clip: Path, tmp_path: Path, case_name: str) -> None:
    """Whatever a station says: papers are shown and packets sent, and nothing but its ruling comes out."""
    path = tmp_path / "site.toml"
    path.write_text(f'data = "data"\n[[camera]]\nname = "one"\nsource = "{clip}"\n{LIVE}\n', "utf-8")
    cameras = read_site(path).cameras
    late = case_name == "long silent"
    demo = DemoSite(tmp_path / "site", (lambda: time.time() - 5 * DAY) if late else time.time)
    demo.permit(cameras, *(["operator"] if case_name == "operator only" else []))
    path.write_text(path.read_text("utf-8") + demo.settings(), "utf-8")
    desk = Desk(read_site(path).oversight, Forgetful(), print)
    case = desk.case(cameras[0])
    why = {"operator only": Reason.NO_REVIEWER, "long silent": Reason.DEAD, "nothing": Reason.NO_PERMIT,
           "another camera's": Reason.OTHER_CAMERA}[case_name]  # fmt: skip
    if case_name == "nothing":
        case = Case(case.camera, case.source, case.analyses, type(case.papers)())
    elif case_name == "another camera's":
        case = Case("two", case.source, case.analyses, case.papers)
    with crew_of(clip, desk) as (crew, left):
        crew.show(case)
        tail = f'{{"camera": "{case.camera}", "place": "{cameras[0].source}", "url": ""}}'.encode()
        crew.go(case, Address(0, 0, 0, tail))
        soon("rulings", lambda: sum(isinstance(m, Ruling) for m in left) >= 2, PATIENCE_S)
        time.sleep(3)
        ruling = next(m for m in left if isinstance(m, Ruling))
        assert names(ruling.lawful) == frozenset()
        assert {a.reason for a in denied_of(ruling.reasons, ANALYSES).values()} == {why}
        assert not [m for m in left if isinstance(m, RedactedPacket | Counts)]


def test_fading_keeps_numbers_and_pictures_come_back(clip: Path, tmp_path: Path) -> None:
    """The ledger's witness was last heard two days ago, then speaks again."""
    with running(tmp_path, f'source = "{clip}"\n{LIVE}', clock=lambda: time.time() - 2 * DAY) as run:
        soon("counts", lambda: len(run.seen.counts()) >= 2, PATIENCE_S)
        soon("the reason", lambda: "live: denied by FADING" in run.seen.why(), PATIENCE_S)
        assert not run.seen.packets() and not run.seen.starts()
        run.site.clock = time.time
        run.site.beat()
        soon("pictures", lambda: run.seen.packets(), PATIENCE_S)
        soon("no reason", lambda: "FADING" not in run.seen.why(), PATIENCE_S)
