"""Legal holds on a disk that loses power or fails at any operation: whole or not there, ended once and for good."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.charter.test_hold import HOLD
from tests.unit.charter.world import DAY, FOUNDERS, ROOT, T0, Ledger, signed
from tests.unit.ledger.disk_model import ModelDisk, PowerLoss

from passerby.archive.folder import Layout
from passerby.archive.keys.names import US, EpochId
from passerby.base.errors import CharterError, DataFolderError, UsageError
from passerby.office import site_folder
from passerby.station.holds import HoldFolder, Holds, read_holds
from passerby.station.settings import Oversight
from passerby.store.acts import ActQueue

LEDGER = Ledger()
ROOTED = LEDGER.add({"act": "site-root", "content": ROOT.hash}, T0)
NOTE, LOGGED = signed(HOLD.text, "rev1"), LEDGER.add(HOLD.act(), HOLD.begins + 60)
FOLDER, NAME = Path("/d/holds"), HOLD.hash[:16]
NOW = HOLD.begins + DAY
EPOCH = EpochId("gate-1", HOLD.scope_from * US)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Oversight:
    folder = tmp_path_factory.mktemp("site")
    (folder / "roots").mkdir()
    (folder / "roots/0.note").write_bytes(signed(ROOT.text(), *FOUNDERS))
    (folder / "roots/0.entry").write_bytes(ROOTED.entry)
    (folder / "roots/0.tlog-proof").write_bytes(ROOTED.proof)
    return Oversight(folder=folder, site_root=ROOT.hash)


def laid_out(disk: ModelDisk, root: Path) -> Path:
    """What a disk holds, as real files of a data folder."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "holds").mkdir(parents=True)
    for path, node in disk.names.items():
        (root / path.relative_to("/d")).write_bytes(bytes(node.now))
    return root


def told(root: Path) -> list[str]:
    """Acts that wait, each counted once however often it was put: the ledger knows it by its key."""
    seen: dict[bytes, str] = {}
    queue = ActQueue(Layout(root).acts)
    queue.deliver(lambda acts: [seen.setdefault(key, str(act["act"])) for act, key in acts])
    return list(seen.values())


def holds(root: Path, site: Oversight) -> bool:
    """Whether a station that sweeps keeps what the hold covers."""
    found = Holds(root / "holds", site, lambda _: None, ActQueue(Layout(root).acts))()
    return any(held.covers(EPOCH, NOW * US) for held in found)


def after(disk: ModelDisk, error: bool) -> Iterator[ModelDisk]:
    """What the next process finds: what was there, or what a power cut left of it."""
    yield disk
    if not error:
        yield from (disk.after_power_loss(seed) for seed in range(5))


@pytest.mark.parametrize("error", [False, True])
def test_cut_short_at_every_operation_of_adding(tmp_path: Path, site: Oversight, error: bool) -> None:
    """Once it is acknowledged it holds; before that it holds or not, and can be added again."""
    for fail_at in itertools.count(1):
        disk, done = ModelDisk(fail_at, error), False
        with contextlib.suppress(PowerLoss, DataFolderError):
            done = HoldFolder(FOLDER, disk).add(NOTE, LOGGED, [ROOT])[0] == NAME
        if disk.operations < fail_at:
            break
        for found in after(disk, error):
            root = laid_out(found, tmp_path / "data")
            assert holds(root, site) or not done
            assert HoldFolder(root / "holds").add(NOTE, LOGGED, [ROOT])[0] == NAME
            assert holds(root, site)
    assert fail_at > 8 and done
    assert all(holds(laid_out(disk.after_power_loss(seed), tmp_path / "data"), site) for seed in range(5))


@pytest.mark.parametrize("error", [False, True])
def test_cut_short_at_every_operation_of_adding_again(tmp_path: Path, site: Oversight, error: bool) -> None:
    """It never stops holding, not for a moment."""
    for fail_at in itertools.count(1):
        disk = ModelDisk()
        HoldFolder(FOLDER, disk).add(NOTE, LOGGED, [ROOT])
        disk.fail_at, disk.error = disk.operations + fail_at, error
        with contextlib.suppress(PowerLoss, DataFolderError):
            HoldFolder(FOLDER, disk).add(NOTE, LOGGED, [ROOT])
        for found in after(disk, error):
            assert holds(laid_out(found, tmp_path / "data"), site)
        if disk.operations < disk.fail_at:
            break
    assert fail_at > 5


@pytest.mark.parametrize("error", [False, True])
def test_cut_short_at_every_operation_of_ending(tmp_path: Path, site: Oversight, error: bool) -> None:
    """It holds or is over; over it is told, once; and ending it again ends it."""
    ended = set[bool]()
    for fail_at in itertools.count(1):
        disk, queue, done = ModelDisk(), tmp_path / "queue", False
        shutil.rmtree(queue, ignore_errors=True)
        queue.mkdir()
        HoldFolder(FOLDER, disk).add(NOTE, LOGGED, [ROOT])
        disk.fail_at, disk.error = disk.operations + fail_at, error
        with contextlib.suppress(PowerLoss, DataFolderError):
            HoldFolder(FOLDER, disk).end(NAME, NOW, ActQueue(queue / "acts.waiting"))
            done = True
        for found in after(disk, error):
            root = laid_out(found, tmp_path / "data")
            for path in queue.iterdir():
                shutil.copy(path, root)
            still = holds(root, site)
            assert not (still and done)
            ended.add(still)
            if still:
                HoldFolder(root / "holds").end(NAME, NOW + 5, ActQueue(Layout(root).acts))
            assert not holds(root, site)
            assert told(root) == ["end-hold"]
            assert not holds(root, site) and told(root) == [], "what was told is not told again"
        if disk.operations < disk.fail_at:
            break
    assert fail_at > 5 and done and ended == {True, False}


def test_an_end_outlives_a_backup_of_before_it(tmp_path: Path, site: Oversight) -> None:
    folder, queue = HoldFolder(tmp_path / "holds"), ActQueue(tmp_path / "acts.waiting")
    folder.add(NOTE, LOGGED, [ROOT])
    backup = {path: path.read_bytes() for path in (tmp_path / "holds").iterdir()}
    folder.end(NAME, NOW, queue)
    for path, content in backup.items():
        path.write_bytes(content)
    assert not holds(tmp_path, site)
    assert read_holds(tmp_path / "holds", site_folder.site_of(site.folder, site.site_root)) == {}
    with pytest.raises(UsageError, match="was ended"):
        folder.add(NOTE, LOGGED, [ROOT])
    with pytest.raises(UsageError, match="no hold"):
        folder.end(NAME, NOW, queue)
    with pytest.raises(UsageError, match="no hold"):
        folder.end("../" + NAME, NOW, queue)


def test_a_damaged_end_is_said_and_the_hold_is_over_all_the_same(tmp_path: Path, site: Oversight) -> None:
    HoldFolder(tmp_path / "holds").add(NOTE, LOGGED, [ROOT])
    (tmp_path / "holds" / f"{NAME}.ending").write_bytes(b"{")
    said = list[str]()
    assert Holds(tmp_path / "holds", site, said.append, ActQueue(Layout(tmp_path).acts))() == []
    assert len(said) == 1 and "is damaged" in said[0]


def test_papers_that_can_not_be_read_destroy_nothing(tmp_path: Path, site: Oversight) -> None:
    HoldFolder(tmp_path / "holds").add(NOTE, LOGGED, [ROOT])
    said = list[str]()
    gone = Oversight(folder=tmp_path / "not-mounted", site_root=site.site_root)
    with pytest.raises(CharterError):
        Holds(tmp_path / "holds", gone, said.append)()
    assert len(said) == 1 and "can't be read" in said[0]
