"""A log's public files in a folder that any web server can serve as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from passerby.store.ledger.disk import PRIVATE, PUBLIC, Disk

_FEW = 8  # more files than these are made durable by one sync of the file system
SAFE = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")


class Folder:
    """`passerby.ledger.ports.Objects` in a folder.

    Args:
        root: The folder; it exists.
        disk: The operations on files.
    """

    def __init__(self, root: Path, disk: Disk) -> None:
        self._root, self._disk = root, disk
        self._known: set[Path] = {root}

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none, or where the path is none of a log's."""
        return self._disk.read(self._root / path) if SAFE.fullmatch(path) else None

    def put(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files, each whole or not at all; all durable when this returns.

        Raises:
            OSError: One can't be written.
        """
        written: list[Path] = []
        folders: dict[Path, None] = {}
        for path, content in files:
            target = self._root / path
            self._make(target.parent, folders)
            self._disk.write(_new(target), content, PUBLIC)
            written.append(target)
        if len(written) > _FEW:
            self._disk.sync_all(self._root)
        else:
            for target in written:
                self._disk.sync(_new(target))
        for target in written:  # named only once the contents are durable
            self._disk.rename(_new(target), target)
            folders[target.parent] = None
        if len(folders) > _FEW:
            self._disk.sync_all(self._root)
        else:
            for folder in folders:
                self._disk.sync_folder(folder)

    def remove(self, folders: Sequence[str]) -> None:
        """Remove folders where they exist."""
        for folder in folders:
            self._disk.remove_folder(self._root / folder)
            self._known.discard(self._root / folder)

    def _make(self, folder: Path, changed: dict[Path, None]) -> None:
        if folder in self._known:
            return
        self._make(folder.parent, changed)
        self._disk.make_folder(folder)
        changed[folder.parent] = None  # one that was there may be a killed writer's, and not durable yet
        self._known.add(folder)


def _new(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def settle(path: Path, disk: Disk) -> None:
    """Make durable a file that is there: whoever wrote it may have been killed before its own sync."""
    disk.sync(path)
    disk.sync_folder(path.parent)


class OneFile:
    """`passerby.ledger.ports.Slot`: a small file that is replaced whole, mode 0600.

    Args:
        path: The file; its folder exists.
        disk: The operations on files.
    """

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path, self._disk = path, disk
        self._settled = False

    def load(self) -> bytes | None:
        """The contents, durable also where a killed process wrote them; None where there is no file.

        Raises:
            OSError: They can't be made durable.
        """
        content = self._disk.read(self._path)
        if content is not None and not self._settled:
            settle(self._path, self._disk)
            self._settled = True
        return content

    def save(self, content: bytes) -> None:
        """Replace it; durable when this returns.

        Raises:
            OSError: It can't be written.
        """
        new = _new(self._path)
        self._disk.write(new, content, PRIVATE)
        self._disk.sync(new)
        self._disk.rename(new, self._path)
        self._disk.sync_folder(self._path.parent)
