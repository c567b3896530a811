"""The few things that the archive does with a disk, and what can go wrong in one place."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from passerby.base.errors import ArchiveError, DiskFault, DiskFull, DiskReadOnly, PasserbyError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
# What a failing disk and hostile numbers raise, named or not: one camera or step may fail by it, never the archive.
FAULTS = (PasserbyError, OSError, ValueError, OverflowError, struct.error)


class Disk(Protocol):
    """What the archive asks of a disk. Each raises OSError."""

    def open(self, path: Path) -> int:
        """Open for reading and writing; make it where it is missing."""
        ...

    def write(self, fd: int, data: bytes, offset: int) -> None:
        """Write all of it there."""
        ...

    def sync(self, fd: int) -> None:
        """Return once what was written would survive a power cut."""
        ...

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file off."""
        ...

    def unlink(self, path: Path) -> None:
        """Remove a file that may be gone already."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder would survive a power cut."""
        ...


class LocalDisk:
    """This machine's."""

    def open(self, path: Path) -> int:
        """As `Disk`."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)

    def write(self, fd: int, data: bytes, offset: int) -> None:
        """As `Disk`. A disk that fills up takes part of it first."""
        rest = memoryview(data)
        while rest:
            taken = os.pwrite(fd, rest, offset)
            rest, offset = rest[taken:], offset + taken

    def sync(self, fd: int) -> None:
        """As `Disk`."""
        os.fdatasync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """As `Disk`."""
        os.ftruncate(fd, size)

    def unlink(self, path: Path) -> None:
        """As `Disk`."""
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """As `Disk`."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """An OSError inside becomes the archive's error for it."""
    try:
        yield
    except OSError as error:
        raise disk_error(path, error) from error


def disk_error(path: Path, error: OSError) -> ArchiveError:
    """What a person should read instead of an errno."""
    if error.errno in FULL:
        return DiskFull(f"no room for {path.parent.name}'s video", "free some space, or keep recordings for less time")
    if error.errno in READ_ONLY:
        return DiskReadOnly(f"{path.parent} takes no writing", "look at the disk, its mount and the folder's rights")
    return DiskFault(f"{path} can't be written ({error.strerror or error})", "look at the disk and the system's log")


def fault(what: str, error: Exception) -> PasserbyError:
    """One of `FAULTS` in words.

    Args:
        what: What could not be done, for an error that does not say so itself.
        error: What was raised.
    """
    if isinstance(error, PasserbyError):
        return error
    return DiskFault(f"{what} ({error})", "look at the disk and the system's log")
