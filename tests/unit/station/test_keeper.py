"""A keeper's folder and the site it follows: keys that are kept, roots that are never older, one keeper a site."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.base.errors import CharterError, UsageError
from passerby.charter.keys import Role
from passerby.charter.sealing_key import vouched
from passerby.ledger.note import new_signer
from passerby.ledger.verify import ED25519
from passerby.station.keeper import FollowedSite, KeeperFolder, group_id, user_id
from passerby.station.showcase.site import DemoSite
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile

NOW = 1_790_000_000


@pytest.fixture
def demo(tmp_path: Path) -> DemoSite:
    return DemoSite(tmp_path / "site", lambda: NOW)


def followed(demo: DemoSite, tmp_path: Path, key: str = "keeper") -> FollowedSite:
    seen = OneFile(tmp_path / "seen", LocalDisk())
    return FollowedSite(demo.folder, demo.root.hash, seen, demo.keys[key].key)


def change(demo: DemoSite, **values: object) -> None:
    """Another root, signed by both sides, logged and proven."""
    number = demo.root.serial + 1
    demo.root = replace(demo.root, serial=number, previous=demo.root.hash, **values)  # type: ignore[arg-type]
    stem = demo.folder / "roots" / str(number)
    demo.log([({"act": "site-root", "content": demo.root.hash}, stem)])
    stem.with_suffix(".note").write_bytes(demo.signed(demo.root.text(), "operator", "reviewer"))


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
        FollowedSite(demo.folder, first, OneFile(tmp_path / "seen", LocalDisk()), demo.keys["keeper"].key)


def test_a_root_that_names_another_keeper(demo: DemoSite, tmp_path: Path) -> None:
    with pytest.raises(CharterError, match="names another keeper"):
        followed(demo, tmp_path, "operator")
    with pytest.raises(CharterError):
        FollowedSite(demo.folder, "00" * 32, OneFile(tmp_path / "x", LocalDisk()), demo.keys["keeper"].key)


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
