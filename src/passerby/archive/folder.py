"""The data folder: where things lie in it, and that one station alone works in it."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from passerby.base.errors import DataFolderError, DataFolderInUse
from passerby.base.ids import checked_id

LOCK, DATABASE, VIDEO, ROOTS_SEEN = "station.lock", "passerby.db", "video", "site-root.seen"
ACTS, RELEASES_SEEN, OPEN = "acts.waiting", "releases.seen", "open"
HOURS, HOLDS, KEYS, NOTIFY = "hours.waiting", "holds", "keys", "notify"


@dataclass(frozen=True, slots=True)
class Layout:
    """Names inside a data folder."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / DATABASE

    @property
    def roots_seen(self) -> Path:
        """Which site root was the newest seen: an older one is a replay."""
        return self.root / ROOTS_SEEN

    @property
    def acts(self) -> Path:
        """Acts that wait for the ledger."""
        return self.root / ACTS

    @property
    def releases_seen(self) -> Path:
        """Which record of the release book was the newest: a database that lost it is refused."""
        return self.root / RELEASES_SEEN

    @property
    def open(self) -> Path:
        """The folder of published numbers, for everybody."""
        return self.root / OPEN

    @property
    def notify(self) -> Path:
        """The database of alerts on their way to others, and of who took one on."""
        return self.root / NOTIFY / DATABASE

    @property
    def hours(self) -> Path:
        """Births and deaths of keys that wait for the ledger."""
        return self.root / HOURS

    @property
    def holds(self) -> Path:
        """The folder of legal holds."""
        return self.root / HOLDS

    @property
    def keys(self) -> Path:
        """The folder of the key file, or a link to it. In no backup."""
        return self.root / KEYS

    @property
    def clock(self) -> Path:
        """What the archive's clock remembers."""
        return self.keys / "clock"

    @property
    def video(self) -> Path:
        """The folder of the cameras' folders."""
        return self.root / VIDEO

    def camera(self, camera_id: str) -> Path:
        """A camera's folder.

        Raises:
            UsageError: The id is not safe.
        """
        return self.video / checked_id(camera_id)


def link_keys(layout: Layout, folder: Path | None) -> None:
    """Keep keys elsewhere: the data folder then holds a link to them, so that every command finds them.

    Args:
        layout: The data folder.
        folder: Where keys are kept, or None for the data folder itself.

    Raises:
        DataFolderError: Keys lie at another place already, or the folder is not there.
    """
    here = layout.keys
    if folder is None and not here.is_symlink():
        return
    if here.is_symlink() and folder is not None and here.readlink() == folder.absolute():
        return
    if here.is_symlink() or here.exists() or folder is None:
        raise DataFolderError(
            f"{here} holds this archive's keys already", "move the folder, then name its new place in the settings"
        )
    if not folder.is_dir():
        raise DataFolderError(f"{folder} is not there", "make the folder for the keys, or mount its disk")
    try:
        here.symlink_to(folder.absolute())
    except OSError as error:
        raise DataFolderError(f"{here} can't be made ({error.strerror})", "check the folder's rights") from error


class DataFolder:
    """A data folder that this process alone may change, for as long as it is open.

    The kernel gives the lock back when the process ends, however it ends.

    Args:
        root: Made where it is missing.

    Raises:
        DataFolderError: It can't be made or written.
        DataFolderInUse: Another process works in it.
    """

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        try:
            self.layout.video.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._fd = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise DataFolderError(
                f"{root} can't be used as data folder ({error.strerror})", "check the folder and its rights"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise DataFolderInUse(
                f"{root} is in use by another station", "stop that one, or name another data folder"
            ) from error

    def close(self) -> None:
        """Let others have it."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()
