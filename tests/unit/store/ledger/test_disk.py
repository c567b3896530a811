"""Files that stay open between two changes are closed with their disk."""

from __future__ import annotations

from pathlib import Path

from passerby.store.ledger.disk import LocalDisk


def opened(path: Path) -> int:
    return sum(name.exists() and name.readlink() == path for name in Path("/proc/self/fd").iterdir())


def test_a_file_is_open_for_as_long_as_its_disk_is_there(tmp_path: Path) -> None:
    path, disk = tmp_path / "journal", LocalDisk()
    disk.patch(path, 0, b"one", 0o600)
    disk.patch(path, 3, b"two", 0o600)
    assert opened(path) == 1
    del disk
    assert opened(path) == 0
    assert path.read_bytes() == b"onetwo"


def test_a_closed_disk_opens_again(tmp_path: Path) -> None:
    path, disk = tmp_path / "journal", LocalDisk()
    disk.patch(path, 0, b"one", 0o600)
    disk.close()
    assert opened(path) == 0
    disk.patch(path, 0, b"two", 0o600)
    assert path.read_bytes() == b"two"
    disk.close()
