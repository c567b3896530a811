"""Results appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from passerby.base.errors import OutputError

NO_NAMELESS_FILES = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)


class NewFile:
    """A file without a name until it is complete: if anything ends early, even by SIGKILL, nothing is left of it.

    Where the file system can't hold nameless files, a hidden temporary name is used and removed on failure.

    Args:
        path: The name that the file gets in the end.

    Raises:
        OutputError: The folder is missing or not writable, or the name is taken by something that is no file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hidden: Path | None = None
        self.file: IO[bytes]

    def __enter__(self) -> Self:
        """Open it."""
        folder = self._path.parent
        try:
            if self._path.exists() and not stat.S_ISREG(self._path.stat().st_mode):
                raise OutputError(f"{self._path} is not a regular file", "choose another name")
            self.file = os.fdopen(self._open(folder), "w+b")
        except OSError as error:
            raise OutputError(
                f"{self._path} can't be written ({error.strerror})", "check the folder and its rights"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it its name, if all went well; else forget it."""
        try:
            if kind is None:
                self._commit()
        finally:
            self._forget()

    def _forget(self) -> None:
        # What a full disk did not take is tried once more on closing; that it fails again is no news.
        with suppress(OSError):
            self.file.close()
        if self._hidden is not None:
            with suppress(OSError):
                self._hidden.unlink(missing_ok=True)

    def _open(self, folder: Path) -> int:
        try:
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except OSError as error:
            if error.errno not in NO_NAMELESS_FILES:
                raise
            self._hidden = self._other_name()
            return os.open(self._hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)

    def _commit(self) -> None:
        try:
            self.file.flush()
            os.fsync(self.file.fileno())
            if self._hidden is None:
                # One step where nothing is in the way. To replace a file takes two: a kill between them leaves a
                # hidden, complete result beside the older one.
                with suppress(FileExistsError):
                    self._link(self._path)
                    return
                self._hidden = self._other_name()
                self._link(self._hidden)
            self._hidden.replace(self._path)
            self._hidden = None
        except OSError as error:
            raise OutputError(f"{self._path} can't be written ({error.strerror})") from error

    def _link(self, name: Path) -> None:
        # Only with a folder's descriptor does Python follow the link in /proc to the file itself (linkat(2)).
        folder = os.open(name.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.link(f"/proc/self/fd/{self.file.fileno()}", name.name, dst_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)

    def _other_name(self) -> Path:
        return self._path.with_name(f".{secrets.token_hex(8)}.part")


def refuse_unwritable(path: Path) -> None:
    """Find out before the work, not after it, that a result can't be written.

    Raises:
        OutputError: As for `NewFile`.
    """
    new = NewFile(path)
    with suppress(_Enough), new:
        raise _Enough


class _Enough(Exception):
    """Leaves a `NewFile` without giving it its name."""
