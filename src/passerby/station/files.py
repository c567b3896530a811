"""Files of one's own: redact them, count in them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passerby.archive.mux import Mp4Writer
from passerby.archive.output import NewFile
from passerby.base.build import build_hash
from passerby.base.errors import DarkroomError, OutputError, SourceError
from passerby.charter.permit import Claims, local_permit
from passerby.crowd import scene_file
from passerby.crowd.scene import Scene
from passerby.darkroom.launch import Wanted, listed_hashes
from passerby.outlet.messages import (
    Counts,
    Features,
    Health,
    ItemEnd,
    LineCounts,
    LineVehicles,
    Message,
    PassEnd,
    RedactedPacket,
    Status,
    Stream,
    StreamHeader,
    StreamStart,
    ZoneCounts,
    ZoneCrowd,
)
from passerby.station.crew import Crew, ProcessEnded, open_source
from passerby.station.report import Run, error_for

TRIES = 2
CHUNK = 1 << 20
VIDEO_SUFFIXES = (".mp4", ".m4v")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: raw frames read, of how many expected over all passes (0: not known)."""

    read: int
    expected: int


Watch = Callable[[Progress], None]


@dataclass(slots=True)
class Result:
    """What came of one video.

    Args:
        report: As `Run.report`.
        counts: Counts in order, where they were asked for.
        meter: What left the darkroom, by kind.
        zones: What was counted in zones, in order.
        lines: What was counted at lines, in order.
        crowds: How the crowd of each zone stood and moved, in order.
        vehicles: What was counted of vehicles at lines, in order.
        features: What a calibration learns from, in order, where it was asked for.
        scene: Where that was, if a scene was given.
    """

    report: dict[str, Any]
    counts: list[Counts] = field(default_factory=list)
    meter: dict[str, dict[str, int]] = field(default_factory=dict)
    zones: list[ZoneCounts] = field(default_factory=list)
    lines: list[LineCounts] = field(default_factory=list)
    crowds: list[ZoneCrowd] = field(default_factory=list)
    vehicles: list[LineVehicles] = field(default_factory=list)
    features: list[Features] = field(default_factory=list)
    scene: Scene | None = None


def redact_video(
    source: Path, target: Path, wanted: Wanted, *, explain: Path | None = None, watch: Watch | None = None
) -> Result:
    """Redact one video into MP4.

    Args:
        source: The video.
        target: The result, made whole or not at all.
        wanted: Must ask for ``redact``; for ``explain`` where ``explain`` is given.
        explain: A second video that shows why each cell is hidden.
        watch: Told how far the run is.

    Raises:
        PasserbyError: What went wrong, in one line.
    """
    os.close(open_source(source))
    targets = [target, *((explain,) if explain else ())]
    for path in targets:
        if path.suffix.lower() not in VIDEO_SUFFIXES:
            raise OutputError(
                f"{source} is no JPEG or PNG picture, so {path.name} would be an MP4 video", "give it the ending .mp4"
            )
    refuse_clash(source, *targets)
    known: list[StreamHeader] = []

    def attempt() -> Result:
        with ExitStack() as stack:
            files = {Stream.REDACTED: stack.enter_context(NewFile(target))}
            if explain:
                files[Stream.EXPLAINED] = stack.enter_context(NewFile(explain))
            return _run_video(source, wanted, _Writers(files), watch, known, passes=1 if wanted.live else 2)

    return _again_if_a_process_dies(attempt)


def count_video(source: Path, wanted: Wanted, *, watch: Watch | None = None) -> Result:
    """Count in one video: numbers only. A calibration needs the background, so that the video is read twice.

    Raises:
        PasserbyError: What went wrong, in one line.
    """
    known: list[StreamHeader] = []
    calibrated = bool(wanted.scene) and scene_file.parse(wanted.scene).calibration is not None
    passes = 2 if calibrated or "calibrate" in wanted.analyses else 1
    return _again_if_a_process_dies(lambda: _run_video(source, wanted, None, watch, known, passes=passes))


def _run_video(
    source: Path,
    wanted: Wanted,
    writers: _Writers | None,
    watch: Watch | None,
    known: list[StreamHeader],
    *,
    passes: int,
) -> Result:
    """One attempt. ``known`` holds what an earlier one learnt: then hide, which starts slowest, need not wait."""
    fd = open_source(source)
    try:
        permit = permit_for(_hash_or_say(fd, source), wanted)
        with Crew(wanted, fd, passes) as crew:
            for earlier in known:
                crew.start_hide(displayed_size(earlier), earlier.duration_s)
            header = crew.header(permit)
            if isinstance(header, PassEnd):
                raise error_for(header.status, source.name)
            drawn = None
            if wanted.scene:
                # What does not fit the picture is said here, in words; hide checks it again.
                drawn = scene_file.parse(wanted.scene, displayed_size(header))
            if not known:
                known.append(header)
                crew.start_hide(displayed_size(header), header.duration_s)
            run, result = Run(), Result({}, scene=drawn)
            for message in crew.item(permit):
                run.saw(message)
                if isinstance(message, Counts):
                    result.counts.append(message)
                elif isinstance(message, ZoneCounts):
                    result.zones.append(message)
                elif isinstance(message, LineCounts):
                    result.lines.append(message)
                elif isinstance(message, ZoneCrowd):
                    result.crowds.append(message)
                elif isinstance(message, LineVehicles):
                    result.vehicles.append(message)
                elif isinstance(message, Features):
                    result.features.append(message)
                elif isinstance(message, Health) and watch:
                    watch(Progress(message.read, expected_frames(header) * passes))
                elif writers is not None:
                    writers.take(message)
            _check(run.end, source.name)
            if writers is not None:
                writers.close()
            result.report, result.meter = run.report(), crew.meter.reading()
            return result
    finally:
        os.close(fd)


class _Writers:
    """Muxes each redacted stream into its file."""

    def __init__(self, files: dict[Stream, NewFile]) -> None:
        self._files = files
        self._open: dict[int, Mp4Writer] = {}

    def take(self, message: Message) -> None:
        if isinstance(message, StreamStart):
            self._open[message.stream] = Mp4Writer(self._files[Stream(message.stream)].file, message)
        elif isinstance(message, RedactedPacket):
            self._open[message.stream].write(message)

    def close(self) -> None:
        for writer in self._open.values():
            writer.close()


def permit_for(source: bytes, wanted: Wanted) -> bytes:
    """The built-in local permit for a file of this SHA-256."""
    return local_permit(Claims(source, wanted.analyses, listed_hashes(), build_hash(), time.time()))


def displayed_size(header: StreamHeader) -> tuple[int, int] | None:
    """Width and height as shown, if the container knows them."""
    if not (header.width and header.height):
        return None
    return (header.height, header.width) if header.orientation >= 5 else (header.width, header.height)


def expected_frames(header: StreamHeader) -> int:
    """About how many frames one pass has; 0 where the container doesn't say."""
    if not header.rate_den:
        return 0
    return int(header.duration_s * header.rate_num / header.rate_den)


def refuse_clash(source: Path, *targets: Path | None) -> None:
    """The original must never be overwritten by a result, nor one result by another.

    Raises:
        OutputError: Two of them are the same file, by whatever name.
    """
    seen: list[Path] = []
    for target in targets:
        if target is None:
            continue
        if _same(source, target):
            raise OutputError(f"{target} is the original itself", "name another file for the result")
        if any(_same(other, target) for other in seen):
            raise OutputError(f"{target} is named for two results", "name a file for each")
        seen.append(target)


def _same(one: Path, other: Path) -> bool:
    try:
        if one.exists() and other.exists():
            return one.samefile(other)
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):
        # What can't be looked at can't be opened either, and says so then.
        return False


def _check(end: ItemEnd | None, name: str) -> None:
    if end is None:
        raise DarkroomError(f"{name} has no end")
    if end.status != Status.DONE:
        raise error_for(end.status, name)


def _again_if_a_process_dies(attempt: Callable[[], Result]) -> Result:
    """A process that is killed is replaced once; a source that kills twice is given up."""
    for last in (False, True):
        try:
            return attempt()
        except ProcessEnded as ended:
            if last:
                raise DarkroomError(f"{ended.message}, twice", "the source is not safe to work on") from ended
    raise AssertionError("unreachable")


def _hash_or_say(fd: int, source: Path) -> bytes:
    try:
        return _hash(fd)
    except OSError as error:
        raise SourceError(f"{source} can't be read ({error.strerror})", "check the disk it is on") from error


def _hash(fd: int) -> bytes:
    total = hashlib.sha256()
    for chunk in _chunks(fd):
        total.update(chunk)
    os.lseek(fd, 0, os.SEEK_SET)
    return total.digest()


def _chunks(fd: int) -> Iterator[bytes]:
    while chunk := os.read(fd, CHUNK):
        yield chunk
