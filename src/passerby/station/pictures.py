"""Pictures of one's own: one, or a folder of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passerby.archive.output import NewFile, refuse_unwritable
from passerby.base.errors import (
    DarkroomError,
    OutletError,
    OutputError,
    PasserbyError,
    PermitError,
    SourceError,
    SourceTooLarge,
)
from passerby.darkroom.launch import Wanted
from passerby.intake.picture import kind_of
from passerby.outlet.messages import Picture, RedactedPacket, Status
from passerby.station.crew import Crew, open_source
from passerby.station.files import permit_for, refuse_clash
from passerby.station.report import Run, error_for

SUFFIXES = {"mjpeg": (".jpg", ".jpeg", ".jpe"), "png": (".png",)}
ALL_SUFFIXES = tuple(s for suffixes in SUFFIXES.values() for s in suffixes)


@dataclass(slots=True)
class Album:
    """What came of a set of pictures: a report for each that went well, a line for each that failed."""

    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, PasserbyError] = field(default_factory=dict)


def holds_pictures(path: Path) -> bool:
    """Is it a folder, or a file that begins like a JPEG or PNG?

    Raises:
        SourceError: It can't be opened or is neither a file nor a folder.
    """
    if _is_folder(path):
        return True
    with os.fdopen(open_source(path), "rb") as file:
        try:
            return kind_of(file.read(8)) is not None
        except OSError as error:
            raise SourceError(f"{path} can't be read ({error.strerror})", "check the disk it is on") from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # A name too long, a folder above it that may not be entered: opening it says which.
        return False


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder by name: files that end like a JPEG or PNG.

    Raises:
        SourceError: The folder can't be read.
    """
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.lower() in ALL_SUFFIXES and p.is_file())
    except OSError as error:
        raise SourceError(f"{folder} can't be read ({error.strerror})", "check its rights") from error


def redact_pictures(
    pairs: list[tuple[Path, Path]], wanted: Wanted, watch: Callable[[int], None] | None = None
) -> Album:
    """Redact each first picture into the second. One that fails leaves the others alone.

    Args:
        pairs: Source and target of each.
        wanted: Must ask for ``redact`` and pictures.
        watch: Told how many are done.
    """
    album, todo = Album(), list(pairs)
    killed: set[Path] = set()
    while todo:
        try:
            todo = _with_one_crew(todo, wanted, album, watch)
        except (DarkroomError, OutletError) as ended:
            # The one being worked on is tried once more in fresh processes; if it kills those too, it is left out.
            todo = _remaining(todo, album)
            source = todo[0][0]
            if source in killed:
                album.failed[source.name] = DarkroomError(
                    f"{source.name}: {ended.message}, twice", "it is not safe to work on"
                )
                todo = todo[1:]
            killed.add(source)
    return album


def _remaining(todo: list[tuple[Path, Path]], album: Album) -> list[tuple[Path, Path]]:
    return [pair for pair in todo if pair[0].name not in album.reports and pair[0].name not in album.failed]


def _with_one_crew(
    todo: list[tuple[Path, Path]], wanted: Wanted, album: Album, watch: Callable[[int], None] | None
) -> list[tuple[Path, Path]]:
    with Crew(wanted) as crew:
        crew.start_hide(None)
        for source, target in todo:
            try:
                album.reports[source.name] = _one(crew, source, target, wanted)
            except (SourceError, OutputError, PermitError) as error:
                # This picture's own fault. Any other error is the processes': they are not asked again.
                album.failed[source.name] = error
            if watch:
                watch(len(album.reports) + len(album.failed))
    return []


def _one(crew: Crew, source: Path, target: Path, wanted: Wanted) -> dict[str, Any]:
    data = _read(source)
    kind = kind_of(data)
    if kind is None:
        raise error_for(Status.UNREADABLE, source.name)
    if target.suffix.lower() not in SUFFIXES[kind]:
        raise OutputError(
            f"{target.name} would stay a {'JPEG' if kind == 'mjpeg' else 'PNG'}", f"end it in {SUFFIXES[kind][0]}"
        )
    refuse_clash(source, target)
    run, coded = Run(), b""
    for message in crew.item(permit_for(hashlib.sha256(data).digest(), wanted), data):
        run.saw(message)
        if isinstance(message, RedactedPacket):
            coded = message.tail
    assert run.end is not None
    if run.end.status != Status.DONE:
        raise error_for(run.end.status, source.name)
    with NewFile(target) as new:
        try:
            new.file.write(coded)
        except OSError as error:
            raise OutputError(f"{target} can't be written ({error.strerror})") from error
    return run.report()


def _read(source: Path) -> bytes:
    with os.fdopen(open_source(source), "rb") as file:
        try:
            # One byte more than allowed tells, whatever the size was a moment ago.
            data = file.read(Picture.max_tail + 1)
        except OSError as error:
            raise SourceError(f"{source} can't be read ({error.strerror})", "check the disk it is on") from error
    if len(data) > Picture.max_tail:
        raise SourceTooLarge(f"{source.name} is larger than {Picture.max_tail >> 20} MiB", "scale it down first")
    return data


def in_folder(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """Each picture of a folder with its place in another.

    Raises:
        SourceError: There are none.
        OutputError: Both are the same folder, or the other can't be made.
    """
    pictures = pictures_in(source)
    if not pictures:
        raise SourceError(f"{source} holds no JPEG or PNG pictures", "name a folder of pictures, or a video")
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{target} can't be made a folder ({error.strerror})") from error
    if target.samefile(source):
        raise OutputError(f"{target} is the folder of the originals", "name another folder for the results")
    refuse_unwritable(target / pictures[0].name)
    return ((p, target / p.name) for p in pictures)
