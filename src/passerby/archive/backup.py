"""Backup and restore: the index and what waits for the ledger. Never keys, never the archive's clock, never video.

A backup is a folder: a copy of the database as SQLite makes it while a station writes, the queues, legal holds, the
memory of site roots, and `backup.json` with a hash of each. A restore puts them into a data folder that has no station.
What was dead stays dead: its key is in no backup, so the next sweep finds rows without keys and lets them go.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

from passerby.archive.folder import ACTS, DATABASE, HOLDS, HOURS, ROOTS_SEEN, DataFolder, Layout
from passerby.archive.recorder import BEGIN_ANEW
from passerby.base.errors import DataFolderError, StoreError, UsageError
from passerby.store.hours import ASIDE, HourQueue
from passerby.store.marks import KEY_FILE, set_mark
from passerby.store.migrate import open_store

LIST, FORMAT = "backup.json", "passerby/backup@1"
# All that is in a backup; whatever is added to a data folder later is not, before somebody decides so.
FILES = (ACTS, HOURS, ROOTS_SEEN)


def backup(layout: Layout, target: Path) -> list[str]:
    """Write a backup; a station may work meanwhile. Which files are in it.

    Args:
        layout: The data folder.
        target: A folder that is not there yet.

    Raises:
        UsageError: The target is there already.
        StoreError: The database can't be read.
        DataFolderError: The backup can't be written.
    """
    if target.exists():
        raise UsageError(f"{target} is there already", "name a folder that is not")
    if not layout.database.is_file():
        raise StoreError(f"{layout.root} holds no database", "name a station's data folder")
    new = target.with_name(f".{target.name}.new")
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True, mode=0o700)
        _copy_database(layout.database, new / DATABASE)
        for path in _others(layout.root):
            part = new / path.relative_to(layout.root)
            part.parent.mkdir(exist_ok=True)
            # Gone again: it was delivered meanwhile.
            with suppress(FileNotFoundError):
                shutil.copyfile(path, part)
        names = sorted(str(p.relative_to(new)) for p in new.rglob("*") if p.is_file())
        hashes = {name: sha256((new / name).read_bytes()).hexdigest() for name in names}
        (new / LIST).write_text(json.dumps({"format": FORMAT, "files": hashes}, indent=1), "ascii")
        _sync(new.rglob("*"))
        new.rename(target)
        _sync([target.parent])
    except OSError as error:
        raise DataFolderError(f"{target} can't be written ({error.strerror})", "check the disk") from error
    return names


def restore(source: Path, target: Path) -> list[str]:
    """Put a backup into a data folder. Cut short, it is done again: the database comes last. Which files it had.

    Args:
        source: The backup.
        target: A data folder without a database. Keys and video that lie there stay.

    Raises:
        UsageError: There is a database already, or this is no backup.
        DataFolderError: The backup is damaged, or the folder can't be written.
    """
    names = _sound(source)
    layout = Layout(target)
    with DataFolder(target):
        if layout.database.exists():
            raise UsageError(f"{layout.database} is there already", "restore into a new folder, or move it away")
        try:
            for name in sorted(names, key=lambda n: n == DATABASE):
                part = target / name
                part.parent.mkdir(exist_ok=True)
                fresh = part.with_name(f".{part.name}.new")
                shutil.copyfile(source / name, fresh)
                _sync([fresh])
                fresh.rename(part)
                _sync([part.parent])
        except OSError as error:
            raise DataFolderError(f"{target} can't be written ({error.strerror})", "check the disk") from error
    return names


def begin_anew(layout: Layout) -> None:
    """The keys are lost: what they opened may be swept, and the next start begins a new key file.

    Raises:
        UsageError: There are keys.
        StoreError: The database takes no writing.
    """
    with DataFolder(layout.root), open_store(layout.database, lambda: 0) as store:
        if (layout.keys / "master").exists():
            raise UsageError(f"{layout.keys} holds keys", "move them away first, if they really are of no use")
        set_mark(store, KEY_FILE, BEGIN_ANEW)


def _sound(source: Path) -> list[str]:
    try:
        found = json.loads((source / LIST).read_text("ascii"))
        hashes: dict[str, str] = found["files"]
        known = found["format"] == FORMAT and DATABASE in hashes
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{source} is no backup", "name a folder that `passerby backup` made") from error
    if not known or not all(_named(name) for name in hashes):
        raise UsageError(f"{source} was made by another version of Passerby", "use that one, or a newer")
    for name, value in hashes.items():
        path = source / name
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != value:
            raise DataFolderError(f"{path} is not as it was backed up", "take another backup")
    return list(hashes)


def _named(name: str) -> bool:
    parts = Path(name).parts
    if len(parts) == 2:
        return parts[0] == HOLDS and not parts[1].startswith(".")
    return name in (DATABASE, *FILES) or (name.startswith(HOURS) and ASIDE.search(name) is not None)


def _others(root: Path) -> Iterator[Path]:
    """As they are copied: what is put aside meanwhile comes after the file that it was in, so nothing is missed."""
    yield from (root / name for name in FILES if (root / name).is_file())
    yield from HourQueue(root / HOURS).aside()
    yield from sorted((root / HOLDS).glob("[!.]*"))


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own way: whole, whoever writes meanwhile."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            if new.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise StoreError(f"{source} is damaged", "start the station: it sets the database aside")
    except sqlite3.Error as error:
        raise StoreError(f"{source} can't be read ({error})", "check the disk") from error


def _sync(paths: Iterable[Path]) -> None:
    for path in paths:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
