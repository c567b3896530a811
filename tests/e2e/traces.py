"""Finds what must never be written: bytes of raw frames and of original packets, in any file that has changed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import av

ROW_RUN, PACKET_RUN = 64, 32
EVERYWHERE = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/run/user"))
TOP = Path("/")
CORE = re.compile(r"core(\.\d+)?")


class Traces:
    """What a clip would leave: its rows as decoded, its packets as they came.

    Args:
        clip: Holds noise, so that no run of bytes turns up by chance.
    """

    def __init__(self, clip: Path) -> None:
        self.rows: list[bytes] = []
        self.packets: list[bytes] = []
        with av.open(str(clip)) as container:
            for packet in container.demux(video=0):
                data = bytes(packet)
                middle = len(data) // 2
                self.packets += [
                    data[at : at + PACKET_RUN] for at in (middle // 2, middle) if len(data) > 4 * PACKET_RUN
                ]
                for frame in packet.decode():
                    luma = frame.to_ndarray()
                    # Chroma follows luma: its rows would show as well.
                    self.rows += [luma[row, 256 : 256 + ROW_RUN].tobytes() for row in (7, luma.shape[0] - 3)]
        assert len(set(self.rows)) == len(self.rows) > 0
        assert len(set(self.packets)) == len(self.packets) > 0

    def within(self, data: bytes) -> list[str]:
        """Which kinds of trace ``data`` holds."""
        kinds = {"raw frame": self.rows, "original packet": self.packets}
        return [kind for kind, runs in kinds.items() if any(run in data for run in runs)]

    def found_in(self, files: Iterable[Path]) -> dict[str, list[str]]:
        """Files that hold a trace, with its kinds."""
        found = {}
        for file in files:
            with suppress(FileNotFoundError, PermissionError):
                if kinds := self.within(file.read_bytes()):
                    found[str(file)] = kinds
        return found


class Disk:
    """Everywhere that a command could have written to, as it was before.

    Args:
        folders: The command's own folders, beside those that everybody can write to.
        leave_out: Where the original lies.
    """

    def __init__(self, *folders: Path, leave_out: Path) -> None:
        self._folders = folders
        self._leave_out = leave_out
        self._before = self._listing()

    def changed(self) -> list[Path]:
        """Files that are new or have been written to since."""
        return [path for path, stamp in self._listing().items() if self._before.get(path) != stamp]

    def cores(self) -> list[Path]:
        """Core files in the command's own folders or in the top folder, where locked processes run."""
        own = (*self._folders, TOP)
        return [path for path in self.changed() if path.parent in own and CORE.fullmatch(path.name)]

    def _listing(self) -> dict[Path, tuple[int, int]]:
        found = {}
        files = [
            Path(at) / name for top in (*self._folders, *EVERYWHERE) for at, _, names in os.walk(top) for name in names
        ]
        # A locked process runs in the top folder: a core file would lie there.
        for path in [*files, *TOP.iterdir()]:
            with suppress(OSError):
                if path.is_file() and not path.is_symlink() and not path.is_relative_to(self._leave_out):
                    stat = path.stat()
                    found[path] = (stat.st_mtime_ns, stat.st_size)
        return found


def written_so_far(pid: int) -> list[tuple[str, bytes]]:
    """What a process has written to files that may have no name yet, by descriptor."""
    found = []
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                flags = (Path(f"/proc/{pid}/fdinfo") / entry.name).read_text().split("flags:")[1].split()[0]
                if entry.is_file() and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                    found.append((str(entry.readlink()), entry.read_bytes()))
    return found
