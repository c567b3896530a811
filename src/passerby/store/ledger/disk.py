"""The few operations on files that the ledger's storage is made of, so that tests can fail each of them."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import weakref
from pathlib import Path
from typing import Protocol

PRIVATE, PUBLIC = 0o600, 0o644


class Disk(Protocol):
    """Files by path. Nothing is durable before it is synced: contents by `sync`, names by `sync_folder`."""

    def read(self, path: Path) -> bytes | None:
        """A file's bytes; None where there is none."""

    def write(self, path: Path, content: bytes, mode: int) -> None:
        """Write a new file, or one that is written over."""

    def patch(self, path: Path, at: int, content: bytes, mode: int) -> None:
        """Write from a place in a file on, which is made where there is none. The file stays open."""

    def sync(self, path: Path) -> None:
        """Make a file's contents durable."""

    def rename(self, old: Path, new: Path) -> None:
        """Move a file, over another if there is one; durable with the folder."""

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""

    def sync_all(self, folder: Path) -> None:
        """Make everything on the folder's file system durable."""

    def make_folder(self, folder: Path) -> bool:
        """Make a folder whose parent exists; whether it was new. Durable with the parent."""

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder and what is in it, if it is there."""


class LocalDisk:
    """The real thing. Files stay open between two changes of them, until it is closed or nobody has it any more."""

    def __init__(self) -> None:
        self._open: dict[Path, int] = {}  # files that are patched
        weakref.finalize(self, _close_all, self._open)

    def read(self, path: Path) -> bytes | None:
        """See `Disk`."""
        try:
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def write(self, path: Path, content: bytes, mode: int) -> None:
        """See `Disk`."""
        self._forget(path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            _write_all(descriptor, content)
        finally:
            os.close(descriptor)

    def patch(self, path: Path, at: int, content: bytes, mode: int) -> None:
        """See `Disk`."""
        if (descriptor := self._open.get(path)) is None:
            descriptor = self._open[path] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode)
        view = memoryview(content)
        while view:
            written = _some(os.pwrite(descriptor, view, at))
            view, at = view[written:], at + written

    def sync(self, path: Path) -> None:
        """See `Disk`."""
        if path in self._open:
            os.fdatasync(self._open[path])
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """See `Disk`."""
        self._forget(old)
        self._forget(new)
        old.replace(new)

    def sync_folder(self, folder: Path) -> None:
        """See `Disk`."""
        self.sync(folder)

    def sync_all(self, folder: Path) -> None:
        """See `Disk`."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> bool:
        """See `Disk`."""
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir():
                raise
            return False
        return True

    def remove_folder(self, folder: Path) -> None:
        """See `Disk`."""
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return

    def close(self) -> None:
        """Close all files."""
        _close_all(self._open)

    def _forget(self, path: Path) -> None:
        if (descriptor := self._open.pop(path, None)) is not None:
            os.close(descriptor)


def _close_all(files: dict[Path, int]) -> None:
    while files:
        os.close(files.popitem()[1])


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[_some(os.write(descriptor, view)) :]


def _some(written: int) -> int:
    if written == 0:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return written
