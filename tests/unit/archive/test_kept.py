"""Room, check, backup and restore, holds, and data folders of the version before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.archive.scene import check_all_play, stream
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, settle, swept
from typer.testing import CliRunner

from passerby.archive import boxes, capacity, recorder
from passerby.archive.backup import backup, begin_anew, restore
from passerby.archive.capacity import SHORTEN, STOP, Policy, room
from passerby.archive.check import Difference, check, remembered_us
from passerby.archive.entries import Init, Segment, pack_inits, pack_segments
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout, link_keys
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import EpochId
from passerby.archive.places import place_of_segment
from passerby.archive.reading import Reading
from passerby.archive.sweep import Hold
from passerby.archive.tape import record
from passerby.archive.tree import root as tree_root
from passerby.base.errors import Altered, DataFolderError, DiskFull, KeysError, UsageError
from passerby.cli.app import app
from passerby.store.database import read_store
from passerby.store.epochs import EpochRow, all_epochs, put_epoch
from passerby.store.hours import HourQueue

US = 1_000_000
CAMERA = "entrance"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One camera, two hours, five segments each."""
    root, time = tmp_path_factory.mktemp("whole") / "data", Time()
    with archive_in(root, time) as (archive, _):
        for hour in range(2):
            time.now_s += hour * HOUR_S
            record_hour(archive, time, CAMERA, record(24), pictures=100)
        assert swept(archive).lines == []
    return root


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "data")
    return tmp_path / "data"


def differences(root: Path, roots: dict[tuple[str, int, str], str] | None = None) -> list[tuple[str, str]]:
    layout = Layout(root)
    with read_store(layout.database) as store:
        return [(d.what, d.line) for d in check(layout, store, remembered_us(layout), roots)]


def first(root: Path) -> tuple[Path, EpochRow, Epoch]:
    with read_store(Layout(root).database) as store:
        row = all_epochs(store, CAMERA)[0]
    return Layout(root).camera(CAMERA) / row.file, row, Epoch.of(row)


def test_what_is_whole_is_called_whole(data: Path) -> None:
    assert differences(data) == []
    done = CliRunner().invoke(app, ["archive", "check", str(data)])
    assert done.exit_code == 0, done.output
    assert "2 files with 10 segments against index, keys: 0 wrong" in done.output


def _substitute(raw: bytearray, a: Segment, b: Segment) -> bytearray:
    raw[a.offset + 60] ^= 1
    return raw


def _reorder(raw: bytearray, a: Segment, b: Segment) -> bytearray:
    raw[a.offset : a.offset + a.length], raw[b.offset : b.offset + b.length] = (
        raw[b.offset : b.offset + b.length][: a.length],
        raw[a.offset : a.offset + a.length][: b.length].ljust(b.length, b"\0"),
    )
    return raw


def _shorten(raw: bytearray, a: Segment, b: Segment) -> bytearray:
    return raw[: b.offset]


@pytest.mark.parametrize(
    ("harm", "words"),
    [(_substitute, "segment 1 of 2026-11-23 12:00:02 UTC"), (_reorder, "segment 1 of"), (_shorten, "shortened")],
)
def test_what_was_changed_is_found_and_named(data: Path, harm, words: str) -> None:  # type: ignore[no-untyped-def]
    path, row, epoch = first(data)
    path.write_bytes(harm(bytearray(path.read_bytes()), epoch.video[1], epoch.video[3]))
    found = differences(data)
    assert found and all(what == "altered" for what, _ in found)
    assert words in found[0][1] and row.file in found[0][1]
    with read_store(Layout(data).database) as store:
        place = place_of_segment(Layout(data), store, CAMERA, 1 if harm is not _shorten else 4)
    assert place is not None
    with pytest.raises(Altered):
        Reading(KeyReader(Layout(data).keys)).read(place)
    assert CliRunner().invoke(app, ["archive", "check", str(data)]).exit_code == 1


def test_another_recording_in_its_place_does_not_have_the_ledgers_root(data: Path, tmp_path: Path) -> None:
    """Encoded again, with right keys and a closed tree: only the ledger can tell."""
    _, row, _ = first(data)
    hour = row.period_us // US // HOUR_S
    told = {(CAMERA, hour, "redacted"): tree_root([row.root]).hex()}
    assert differences(data, told) == []
    assert [what for what, _ in differences(data, {(CAMERA, hour, "redacted"): "ab" * 32})] == ["altered"]


def test_a_file_that_came_after_the_root_was_told_is_not_called_altered(data: Path) -> None:
    """A clock that is set back lets a camera begin an hour again whose root the ledger has."""
    with read_store(Layout(data).database) as store:
        rows = all_epochs(store, CAMERA)
    told = {(CAMERA, r.period_us // US // HOUR_S, "redacted"): tree_root([r.root]).hex() for r in rows}
    time = Time(rows[-1].period_us / US + 1800)
    with archive_in(data, time) as (archive, _):
        record_hour(archive, time, CAMERA, record(24))
    found = differences(data, told)
    assert [what for what, _ in found] == ["late file"] and "-2.epoch came after it was told" in found[0][1]
    done = [d.wrong for d in _checked(data, told)]
    assert done == [False]


def _checked(root: Path, roots: dict[tuple[str, int, str], str]) -> list[Difference]:
    with read_store(Layout(root).database) as store:
        return list(check(Layout(root), store, remembered_us(Layout(root)), roots))


def test_no_root_is_told_of_an_hour_that_may_begin_again(tmp_path: Path) -> None:
    """The archive's own clock never goes back; the cameras' may, and their hour is over only when both say so."""
    time = Time()
    with archive_in(tmp_path, time) as (archive, _):
        record_hour(archive, time, CAMERA, record(24))
        time.now_s += HOUR_S
        time.off_s = -0.5 * HOUR_S
        assert swept(archive).lines == []
        assert not [e for e in HourQueue(Layout(tmp_path).hours).waiting() if e.what == "root"]
        time.now_s += HOUR_S
        assert swept(archive).lines == []
        assert len([e for e in HourQueue(Layout(tmp_path).hours).waiting() if e.what == "root"]) == 1


def test_each_difference_has_its_sentence(data: Path) -> None:
    layout = Layout(data)
    files = sorted(layout.camera(CAMERA).iterdir())
    files[0].rename(layout.camera(CAMERA) / "20261101T000000Z.epoch")
    found = dict(differences(data))
    assert "the next start forgets it" in found["no file"] and "takes it in" in found["no row"]
    shutil.rmtree(layout.keys)
    with pytest.raises(KeysError, match="no key file"):
        differences(data)


def test_a_backup_has_no_key_and_what_was_dead_stays_dead(data: Path, tmp_path: Path) -> None:
    time = Time()
    keys = (data / "keys/master").read_bytes()[4096 : 4096 + 64].strip(b"\0") or (data / "keys/master").read_bytes()[
        :64
    ]
    names = backup(Layout(data), tmp_path / "backup")
    assert "passerby.db" in names and not any("keys" in n or "video" in n for n in names)
    assert not any(keys in p.read_bytes() for p in (tmp_path / "backup").rglob("*") if p.is_file())
    time.now_s += 26 * HOUR_S
    with archive_in(data, time) as (archive, store):
        assert swept(archive).destroyed == 2
        assert all_epochs(store, CAMERA) == []
    for path in data.glob("passerby.db*"):
        path.unlink()
    restore(tmp_path / "backup", data)
    with archive_in(data, time) as (archive, store):
        swept(archive)
        assert all_epochs(store, CAMERA) == []
    with pytest.raises(UsageError, match="there already"):
        restore(tmp_path / "backup", data)
    (tmp_path / "backup" / "passerby.db").write_bytes(b"spoiled")
    with pytest.raises(DataFolderError, match="not as it was backed up"):
        restore(tmp_path / "backup", tmp_path / "other")


def test_a_restore_that_is_cut_short_is_done_again(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup(Layout(data), tmp_path / "backup")
    real, steps = os.fsync, [0]
    for fail_at in range(1, 12):
        steps[0] = 0

        def failing(fd: int, at: int = fail_at) -> None:
            steps[0] += 1
            if steps[0] == at:
                raise OSError(5, "as told")
            real(fd)

        target = tmp_path / f"new{fail_at}"
        monkeypatch.setattr(os, "fsync", failing)
        try:
            restore(tmp_path / "backup", target)
        except DataFolderError:
            monkeypatch.setattr(os, "fsync", real)
            if not (target / "passerby.db").exists():
                restore(tmp_path / "backup", target)
        monkeypatch.setattr(os, "fsync", real)
        with read_store(target / "passerby.db") as store:
            assert len(all_epochs(store, CAMERA)) == 2


def test_keys_that_are_not_there_delete_nothing_until_somebody_says_so(data: Path, tmp_path: Path) -> None:
    """As when their disk is not mounted."""
    (data / "keys").rename(tmp_path / "keys")
    for index in (True, False):
        if not index:
            for path in data.glob("passerby.db*"):
                path.rename(tmp_path / path.name)
        with pytest.raises(KeysError, match="not mounted"), archive_in(data):
            pass
    for path in tmp_path.glob("passerby.db*"):
        path.rename(data / path.name)
    assert len(list((data / "video").rglob("*.epoch"))) == 2
    begin_anew(Layout(data))
    with archive_in(data, Time(Time().now_s + 3 * HOUR_S)) as (archive, store):
        swept(archive)
        assert all_epochs(store, CAMERA) == []
    with pytest.raises(UsageError, match="holds keys"):
        begin_anew(Layout(data))


def test_keys_on_another_disk(data: Path, tmp_path: Path) -> None:
    layout = Layout(data)
    with pytest.raises(DataFolderError, match="holds this archive's keys already"):
        link_keys(layout, tmp_path)
    (data / "keys").rename(tmp_path / "keys")
    link_keys(layout, tmp_path / "keys")
    link_keys(layout, tmp_path / "keys")
    with archive_in(data) as (archive, store):
        assert len(archive.keys.labels()) == 2
        assert check_all_play(data, store) == 200
    with pytest.raises(DataFolderError, match="is not there"):
        link_keys(Layout(tmp_path / "other"), tmp_path / "nowhere")


@dataclass
class Held:
    camera: str
    until_us: int

    def covers(self, epoch: EpochId, now_us: int) -> bool:
        return epoch.camera == self.camera and now_us < self.until_us


def test_what_is_held_stays_and_goes_when_the_hold_is_over(data: Path) -> None:
    time = Time()
    hold = Held(CAMERA, round((time.now_s + 100 * HOUR_S) * US))
    with archive_in(data, time, holds=lambda: [hold]) as (archive, store):
        time.now_s += 50 * HOUR_S
        found = swept(archive)
        assert (found.destroyed, found.held) == (0, 2)
        assert check_all_play(data, store) == 200
        time.now_s += 51 * HOUR_S
        assert swept(archive).destroyed == 2


def _fill(root: Path, policy: Policy, hours: int, holds: Sequence[Hold] = ()) -> tuple[list[str], list[int], object]:
    time, lines = Time(), list[str]()
    with archive_in(root, time, holds=lambda: holds) as (archive, store):
        archive._policy = policy
        start, packets = stream()
        recorder_ = archive.recorder(CAMERA, record(99))
        for _ in range(hours):
            recorder_.start(start, time())
            for packet in packets[:40]:
                recorder_.packet(packet)
            recorder_.stop()
            settle(archive)
            found = swept(archive)
            assert found.lines == []
            lines += found.notices
            time.now_s += HOUR_S
        kept = [row.period_us // US // HOUR_S - int(Time().now_s) // HOUR_S for row in all_epochs(store, CAMERA)]
        return lines, kept, recorder_.trouble


def test_at_the_quota_the_next_allowed_step_is_taken_and_said(tmp_path: Path) -> None:
    _, _, _ = _fill(tmp_path / "one", Policy(), 1)
    size = sum(p.stat().st_size for p in (tmp_path / "one/video").rglob("*.epoch"))
    lines, kept, trouble = _fill(tmp_path / "stop", Policy(round(size * 2.5), (STOP,)), 6)
    assert kept == [0, 1, 2] and isinstance(trouble, DiskFull)
    lines, kept, trouble = _fill(tmp_path / "shorten", Policy(round(size * 2.5), (SHORTEN, STOP), HOUR_S * US), 6)
    assert 5 in kept and 0 not in kept and trouble is None
    assert all("given up before their time" in line for line in lines) and lines
    # Nothing younger than allowed: then it stops.
    lines, kept, trouble = _fill(tmp_path / "least", Policy(round(size * 2.5), (SHORTEN, STOP), 99 * HOUR_S * US), 6)
    assert kept == [0, 1, 2] and isinstance(trouble, DiskFull)


@dataclass
class HeldUntil:
    end_us: int

    def covers(self, epoch: EpochId, now_us: int) -> bool:
        return epoch.period_us < self.end_us


def test_what_is_held_is_not_counted_as_room_that_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "MOST_ROWS", 1)
    _fill(tmp_path / "one", Policy(), 1)
    size = sum(p.stat().st_size for p in (tmp_path / "one/video").rglob("*.epoch"))
    policy = Policy(round(size * 2.5), (SHORTEN, STOP), HOUR_S * US)
    # The oldest is held: younger ones go in its place.
    hold = HeldUntil(round((Time().now_s + HOUR_S) * US))
    lines, kept, trouble = _fill(tmp_path / "some", policy, 6, [hold])
    assert 0 in kept and 1 not in kept and 5 in kept and trouble is None and lines
    # All are: then it stops, and nothing is said to be given up.
    lines, kept, trouble = _fill(tmp_path / "all", policy, 6, [HeldUntil(2**62)])
    assert kept == [0, 1, 2] and isinstance(trouble, DiskFull) and lines == []


def test_days_until_full(data: Path) -> None:
    with read_store(Layout(data).database) as store:
        found = room(store, Layout(data).video, Policy(10**9))
    assert found.used == sum(use.size for use in found.cameras) > 0
    assert found.left == 10**9 - found.used
    assert found.days_left == pytest.approx(found.left / found.per_day(found.cameras[0]))
    done = CliRunner().invoke(app, ["archive", "capacity", str(data), "--quota-gb", "1"])
    assert done.exit_code == 0 and "full in" in done.output and "GB a day" in done.output


def test_a_data_folder_of_the_version_before_plays_on_and_ages_out(tmp_path: Path) -> None:
    """Format 1 had no keys: what it recorded stays as it is until its time is over."""
    start, packets = stream()
    time, layout = Time(), Layout(tmp_path / "data")
    init = boxes.tagged(boxes.Tag(0, 0, 0), boxes.init_section((64, 48), 90_000, start.tail))
    begin = round(time.now_s * US)
    samples = [boxes.Sample(boxes.sample_data(p.tail), bool(p.key), 9000, p.pts - p.dts) for p in packets[:20]]
    flags = boxes.FIRST_OF_SEGMENT | boxes.KEYFRAME | boxes.DISCONTINUITY
    part = boxes.tagged(boxes.Tag(flags, begin, 2 * US), boxes.fragment(1, 0, samples))
    with archive_in(layout.root, time) as (archive, store):
        layout.camera(CAMERA).mkdir()
        known, unknown = (layout.camera(CAMERA) / f"20261123T{hour}0000Z.mp4" for hour in ("12", "11"))
        for path in (known, unknown):
            path.write_bytes(init + part + b"torn")
        segment = Segment(len(init), len(part), begin, 2 * US, 0)
        blobs = (pack_segments([segment]), pack_inits([Init(0, len(init))]))
        with store.writing() as connection:
            put_epoch(
                connection,
                EpochRow(CAMERA, known.name, begin, segment.end_us, 0, HOUR_S * US, 0, len(init + part), *blobs),
            )
    with archive_in(layout.root, time) as (archive, store):
        assert (archive.recovered.segments, archive.recovered.cut_bytes) == (1, 8)
        assert check_all_play(layout.root, store) == 40
        time.now_s += 30
        record_hour(archive, time, CAMERA, record(1))
        assert check_all_play(layout.root, store) == 80
        assert {row.file for row in all_epochs(store, CAMERA)} == {
            known.name,
            unknown.name,
            "20261123T120000Z-2.epoch",
        }
        time.now_s += recorder.UNKNOWN_KEPT_US / US
        swept(archive)
        assert all_epochs(store, CAMERA) == []
        assert not list(layout.camera(CAMERA).iterdir())
