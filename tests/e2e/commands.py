"""``passerby`` as a process of its own, with core dumps allowed and folders of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

UNLIMITED = resource.RLIM_INFINITY


@dataclass(frozen=True)
class Folders:
    """Where a command may write: home, temporary files, where it runs, its results."""

    home: Path
    temporary: Path
    here: Path
    out: Path

    @classmethod
    def under(cls, parent: Path) -> Folders:
        folders = cls(*(parent / name for name in ("home", "temporary", "here", "out")))
        for folder in folders.all:
            folder.mkdir()
        return folders

    @property
    def all(self) -> tuple[Path, ...]:
        return (self.home, self.temporary, self.here, self.out)


def allow_core_files() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def start(words: list[str], folders: Folders, prefix: list[str] | None = None) -> subprocess.Popen[bytes]:
    """``passerby`` with these words, in a group of its own."""
    return subprocess.Popen(
        [*(prefix or []), sys.executable, "-m", "passerby.cli", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folders.here,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folders.home), "TMPDIR": str(folders.temporary), "LANG": "C.UTF-8"},
        preexec_fn=allow_core_files, start_new_session=True,
    )  # fmt: skip


def brief(source: Path, folders: Folders) -> subprocess.Popen[bytes]:
    """``passerby redact`` of a clip, as short as it gets."""
    return start(["redact", str(source), str(folders.out / "out.mp4"), "--json", str(folders.out / "r.json")], folders)


def redact(source: Path, folders: Folders, prefix: list[str] | None = None) -> subprocess.Popen[bytes]:
    """``passerby redact`` of a clip, with everything it can write."""
    out = folders.out
    words = [
        "redact",
        str(source),
        str(out / "out.mp4"),
        "--json",
        str(out / "r.json"),
        "--explain",
        str(out / "v.mp4"),
    ]
    return start(words, folders, prefix)
