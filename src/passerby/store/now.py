"""What a station says at once, even where its disk takes nothing more: one small file, written in place.

The database is where states belong, but a full disk is a state that no database can be told. This file has its room
from the start (4 KiB, asked for when it is opened) and is overwritten where it lies, so writing it needs no other. It
also shows that the station lives: it is written every few seconds whatever happens.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from passerby.base.errors import DataFolderError

FILE = "station.now"
FILE_BYTES = 4096
BEAT_S = 2.0
# A station that has not been heard of for this long does not run, or can't write.
SILENT_S = 20.0
LONGEST_WORDS = 200
STATION = ""


@dataclass(frozen=True, slots=True)
class Now:
    """What a station said last.

    Args:
        time_s: When, in seconds since 1970.
        troubles: What goes wrong, in words, by camera; the key `STATION` is the station itself.
    """

    time_s: float
    troubles: Mapping[str, str]

    def silent(self, now_s: float) -> bool:
        """Whether that is too long ago."""
        return now_s - self.time_s > SILENT_S

    def words_for(self, camera: str) -> list[str]:
        """What is to be said of a camera, the station's own trouble first."""
        return [words for key in (STATION, camera) if (words := self.troubles.get(key, ""))]


class NowFile:
    """The file as the station writes it.

    Args:
        path: Made where it is missing.
        wall_clock: Seconds since 1970.

    Raises:
        DataFolderError: It can't be made, or there is no room for it.
    """

    def __init__(self, path: Path, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self._said: tuple[float, Mapping[str, str]] | None = None
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            os.posix_fallocate(self._fd, 0, FILE_BYTES)
        except OSError as error:
            raise DataFolderError(
                f"{path} can't be written ({error.strerror})", "free some space, and check the folder and its rights"
            ) from error

    def say(self, troubles: Mapping[str, str]) -> None:
        """What goes wrong now. Writes when that has changed, and every few seconds."""
        now_s = self._wall_clock()
        if self._said is not None and self._said[1] == troubles and 0 <= now_s - self._said[0] < BEAT_S:
            return
        self._said = now_s, dict(troubles)
        # A disk that refuses even this shows as silence: there is nobody else to tell.
        self._write(_packed(now_s, troubles))

    def close(self) -> None:
        """The station ends: nothing more is to be expected, and nothing is wrong."""
        self._write(_packed(0.0, {}))
        os.close(self._fd)

    def _write(self, data: bytes) -> None:
        try:
            os.pwrite(self._fd, data, 0)
        except OSError:
            self._said = None


def read_now(path: Path) -> Now | None:
    """What the station said last; None where it has ended, has never run, or is just writing."""
    try:
        with path.open("rb", buffering=0) as file:
            content = json.loads(file.read(FILE_BYTES))
        now = Now(float(content["time"]), {str(k): str(v) for k, v in content["troubles"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return now if now.time_s > 0 else None


def _packed(now_s: float, troubles: Mapping[str, str]) -> bytes:
    """As JSON of exactly `FILE_BYTES`. Cameras for which there is no room are left out, the station's words never."""
    kept: dict[str, str] = {}
    for key in sorted(troubles):
        if len(_json(now_s, more := kept | {key: troubles[key][:LONGEST_WORDS]})) <= FILE_BYTES:
            kept = more
    return _json(now_s, kept).ljust(FILE_BYTES)


def _json(now_s: float, troubles: Mapping[str, str]) -> bytes:
    return json.dumps({"time": now_s, "troubles": troubles}).encode("ascii")
