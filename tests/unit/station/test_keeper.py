"""A keeper's folder and the site it follows: keys that are kept, roots that are never older, one keeper a site."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.archive.hpke import SealingPair
from passerby.archive.keeper.shares import opened
from passerby.archive.keys.names import EpochId
from passerby.base.errors import CharterError, UsageError
from passerby.charter.keys import Role, State
from passerby.charter.sealing_key import vouched
from passerby.ledger.note import Signer, new_signer
from passerby.ledger.verify import ED25519
from passerby.station.custody import share_source
from passerby.station.keeper import FollowedSite, HeldKeys, KeeperFolder, group_id, user_id
from passerby.station.settings import read_site
from passerby.station.showcase.site import DemoSite
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile

NOW = 1_790_000_000
SITE = """\
data = {data}
[[camera]]
name = "gate-1"
source = "rtsp://192.0.2.1/"
mode = "record"
"""


@pytest.fixture
def demo(tmp_path: Path) -> DemoSite:
    return DemoSite(tmp_path / "site", lambda: NOW)


def followed(demo: DemoSite, tmp_path: Path, key: str = "keeper") -> FollowedSite:
    seen = OneFile(tmp_path / "seen", LocalDisk())
    return FollowedSite(demo.folder, demo.root.hash, seen, lambda: [demo.keys[key].key])


def change(demo: DemoSite, *signers: str, **values: object) -> None:
    """Another root, signed by both sides, logged and proven."""
    number = demo.root.serial + 1
    demo.root = replace(demo.root, serial=number, previous=demo.root.hash, **values)  # type: ignore[arg-type]
    stem = demo.folder / "roots" / str(number)
    demo.log([({"act": "site-root", "content": demo.root.hash}, stem)])
    stem.with_suffix(".note").write_bytes(demo.signed(demo.root.text(), "operator", "reviewer", *signers))


def test_a_root_that_is_added_counts_at_once_and_for_good(demo: DemoSite, tmp_path: Path) -> None:
    first = demo.root.hash
    site = followed(demo, tmp_path)
    assert "audit" in site().purposes
    change(demo, purposes=("crowd-safety",))
    assert site().purposes == {"crowd-safety"}
    (demo.folder / "roots" / "1.note").unlink()
    for _ in range(2):
        with pytest.raises(CharterError, match="older than one seen before"):
            site()
    with pytest.raises(CharterError):  # nor after a restart
        FollowedSite(demo.folder, first, OneFile(tmp_path / "seen", LocalDisk()), lambda: [demo.keys["keeper"].key])


def test_a_root_that_names_another_keeper(demo: DemoSite, tmp_path: Path) -> None:
    with pytest.raises(CharterError, match="names another keeper"):
        followed(demo, tmp_path, "operator")
    with pytest.raises(CharterError):
        FollowedSite(demo.folder, "00" * 32, OneFile(tmp_path / "x", LocalDisk()), lambda: [demo.keys["keeper"].key])


def test_a_root_that_the_ledger_does_not_have(demo: DemoSite, tmp_path: Path) -> None:
    (demo.folder / "roots" / "0.entry").unlink()
    with pytest.raises(CharterError, match="not proven"):
        followed(demo, tmp_path)


def test_keys_that_are_taken_are_kept(demo: DemoSite, tmp_path: Path) -> None:
    folder = KeeperFolder(tmp_path / "keeper")
    old, new = demo.keys["keeper"], new_signer("keeper.example.org", ED25519, lambda n: b"n" * n)
    folder.take(old)
    with folder.log(lambda: NOW) as log:
        log.append(b"answered")
    for _ in range(2):
        folder.take(new)
        assert folder.signers() == [new, old]
    assert stat.S_IMODE((folder.root / "keeper.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    with pytest.raises(CharterError):
        vouched(folder.note.read_bytes(), demo.root, Role.KEEPER, NOW)
    with folder.log(lambda: NOW) as log:  # the count goes on under the key that it was begun with
        assert log.size == 1 and log.published.origin == old.name
    folder.take(old)
    assert vouched(folder.note.read_bytes(), demo.root, Role.KEEPER, NOW).name == old.name


def test_users() -> None:
    for name in ("root", "nobody-of-this-name"):
        with pytest.raises(UsageError):
            user_id(name)
    assert user_id("nobody") > 0
    with pytest.raises(UsageError):
        group_id("nobody-of-this-name")
    assert group_id("root") == 0


def rekeyed(demo: DemoSite, new: Signer) -> None:
    """A root that names another keeper's key, and says that the one before is over."""
    old = next(k for k in demo.root.keys.values() if k.role is Role.KEEPER)
    now, over = replace(old, key=new.key), replace(old, state=State.RETIRED, since=NOW)
    demo.keys["keeper"] = new
    change(demo, "keeper", keys={**demo.root.keys, over.id: over, now.id: now})


def test_another_key_counts_without_a_restart(demo: DemoSite, tmp_path: Path) -> None:
    """The keeper opens what is sealed to either; the station seals to the new one once its note is in the folder."""
    first, old = demo.root.hash, demo.keys["keeper"]
    new = new_signer("keeper2.example.org", ED25519, lambda n: b"n" * n)
    settings = tmp_path / "site.toml"
    settings.write_text(SITE.format(data=json.dumps(str(tmp_path / "data"))) + demo.settings() + demo.keeping())
    site, said = read_site(settings), list[str]()
    shares = share_source(site, lambda: NOW, said.append)
    epoch = EpochId("gate-1", 0)
    before = shares.new(epoch)
    held = HeldKeys(demo.keeper)
    followed_site = FollowedSite(demo.folder, first, OneFile(tmp_path / "seen", LocalDisk()), lambda: held.keys)
    assert not held.changed()

    demo.keeper.take(new)
    assert held.changed() and held.keys == [new.key, old.key] and not held.changed()
    assert followed_site().site == demo.root.site, "until the root names the new one, the old one counts"
    (demo.folder / "keeper.note").write_bytes(demo.keeper.note.read_bytes())
    early = shares.new(epoch)
    assert len(said) == 1 and "the one before does" in said[0]
    rekeyed(demo, new)
    assert followed_site().site == demo.root.site
    after = shares.new(epoch)
    assert "as it is now" in said[1] and len(said) == 2
    pairs = {pair.id: pair for pair in held.pairs()}
    for share, pair in ((before, old), (early, old), (after, new)):
        assert opened(share.sealed, demo.root.site, epoch, pairs) == share.share
        only = SealingPair.of(pair.seed)
        assert opened(share.sealed, demo.root.site, epoch, {only.id: only}) == share.share
    (demo.folder / "keeper.note").unlink()
    assert opened(shares.new(epoch).sealed, demo.root.site, epoch, pairs)
    assert "can't be used" in said[2] or "No such file" in said[2]
