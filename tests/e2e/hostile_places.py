# ruff: noqa: E501 - a row of the table is a line
"""The table of odd places: what IN and OUT can be besides two files in a folder that can be written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.e2e import odd

WOULD_BE = "is no JPEG or PNG picture, so {} would be an MP4 video: give it the ending .mp4"
CHECK = "check the folder and its rights"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.getuid() == 0 else ()


@dataclass(frozen=True)
class Place:
    """One way to name IN and OUT, in a folder that holds a clip ``in.mp4``.

    Args:
        id: Its name in the table.
        what: In words.
        arguments: Of ``passerby``.
        line: What is said; empty where all goes well.
        prepare: Makes what else there is.
        mount: A folder to mount, as arguments of mount(8), seen by the command alone.
        before: A command to run it with.
        makes: What a good end leaves, beside what was there.
    """

    id: str
    what: str
    arguments: tuple[str | bytes, ...]
    line: str = ""
    prepare: Callable[[Path], object] = lambda folder: None
    mount: str = ""
    before: tuple[str, ...] = ()
    makes: str | bytes = ""

    @property
    def command(self) -> tuple[str, ...]:
        """What to run it with."""
        if not self.mount:
            return self.before
        script = f'mount {self.mount} && exec "$@"'
        return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, shlex.quote(self.id))


def _noise(folder: Path) -> None:
    """A clip and a picture whose results are larger than the disk; and the disk."""
    random = np.random.default_rng(5)
    jpegs = [odd.jpeg((320, 32), picture=random.integers(0, 255, (32, 320, 3), dtype=np.uint8)) for _ in range(12)]
    (folder / "noise.mkv").write_bytes(odd.muxed([(d, 40 * i) for i, d in enumerate(jpegs)], "mjpeg", size=(320, 32)))
    (folder / "noise.jpg").write_bytes(jpegs[0])
    (folder / "disk").mkdir()


def _redact(source: str | bytes, target: str | bytes, *more: str) -> tuple[str | bytes, ...]:
    return ("redact", *more, "--", source, target)


def _named(name: str | bytes) -> Callable[[Path], object]:
    def prepare(folder: Path) -> None:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(name))).write_bytes(odd.clip(times=[0]))

    return prepare


ORIGINAL = "is the original itself: name another file for the result"
DISK = "-t tmpfs -o size=4k tmpfs disk"

PLACES = (
    Place("in-missing", "no IN", _redact("no.mp4", "out.mp4"), "no.mp4 can't be opened (No such file or directory): check its name and rights"),
    Place("in-missing-picture", "no IN, named like a picture", _redact("no.jpg", "out.jpg"), "no.jpg can't be opened (No such file or directory): check its name and rights"),
    Place("in-name-too-long", "IN with a name of 300 letters", _redact("n" * 300, "out.mp4"), "n" * 300 + " can't be opened (File name too long): check its name and rights"),
    Place("in-loop", "IN is a link to itself", _redact("loop", "out.mp4"), "loop can't be opened (Too many levels of symbolic links): check its name and rights", lambda f: (f / "loop").symlink_to("loop")),
    Place("in-unreadable", "IN that may not be read", _redact("in.mp4", "out.mp4"), "in.mp4 can't be opened (Permission denied): check its name and rights", lambda f: (f / "in.mp4").chmod(0), before=NOBODY),
    Place("in-pipe", "IN is a named pipe", _redact("pipe.mp4", "out.mp4"), "pipe.mp4 is not a file: name a video, a picture or a folder of pictures", lambda f: os.mkfifo(f / "pipe.mp4")),
    Place("in-device", "IN is /dev/zero", _redact("/dev/zero", "out.mp4"), "/dev/zero is not a file: name a video, a picture or a folder of pictures"),
    Place("in-folder-empty", "IN is a folder without pictures", _redact("empty", "out"), "empty holds no JPEG or PNG pictures: name a folder of pictures, or a video", lambda f: (f / "empty").mkdir()),
    Place("in-empty-picture", "IN is an empty file named .jpg", _redact("no.jpg", "out.jpg"), "no.jpg " + WOULD_BE.format("out.jpg"), lambda f: (f / "no.jpg").touch()),
    Place("count-missing", "count: no IN", ("count", "no.mp4"), "no.mp4 can't be opened (No such file or directory): check its name and rights"),
    Place("count-folder", "count: IN is a folder", ("count", "."), ". is not a file: name a video, a picture or a folder of pictures"),
    Place("out-folder-missing", "OUT in no folder", _redact("in.mp4", "no/out.mp4"), "no/out.mp4 can't be written (No such file or directory): " + CHECK),
    Place("out-folder-is-file", "OUT in a folder that is a file", _redact("in.mp4", "in.mp4/out.mp4"), "in.mp4/out.mp4 can't be written (Not a directory): " + CHECK),
    Place("out-folder-read-only", "OUT in a folder that can't be written", _redact("in.mp4", "sealed/out.mp4"), "sealed/out.mp4 can't be written (Read-only file system): " + CHECK, lambda f: (f / "sealed").mkdir(), mount="-t tmpfs -o ro,size=64k tmpfs sealed"),
    Place("out-name-too-long", "OUT with a name of 300 letters", _redact("in.mp4", "n" * 300 + ".mp4"), "n" * 300 + ".mp4 can't be written (File name too long): " + CHECK),
    Place("out-is-in", "OUT = IN", _redact("in.mp4", "in.mp4"), f"in.mp4 {ORIGINAL}"),
    Place("out-is-in-by-path", "OUT = IN by another path", _redact("in.mp4", "./../" + "{folder}/in.mp4"), "../{folder}/in.mp4 " + ORIGINAL),
    Place("out-is-in-by-symlink", "OUT is a symbolic link to IN", _redact("in.mp4", "link.mp4"), f"link.mp4 {ORIGINAL}", lambda f: (f / "link.mp4").symlink_to("in.mp4")),
    Place("out-is-in-by-hard-link", "OUT is a hard link to IN", _redact("in.mp4", "link.mp4"), f"link.mp4 {ORIGINAL}", lambda f: os.link(f / "in.mp4", f / "link.mp4")),
    Place("report-is-in", "the report = IN", _redact("in.mp4", "out.mp4", "--json", "in.mp4"), f"in.mp4 {ORIGINAL}"),
    Place("report-is-out", "the report = OUT", _redact("in.mp4", "out.mp4", "--json", "out.mp4"), "out.mp4 is named for two results: name a file for each"),
    Place("explain-is-out", "the explaining video = OUT", _redact("in.mp4", "out.mp4", "--explain", "./out.mp4"), "out.mp4 is named for two results: name a file for each"),
    Place("count-report-is-in", "count: the report = IN", ("count", "in.mp4", "--json", "in.mp4"), f"in.mp4 {ORIGINAL}"),
    Place("report-folder-missing", "the report in no folder", _redact("in.mp4", "out.mp4", "--json", "no/r.json"), "no/r.json can't be written (No such file or directory): " + CHECK),
    Place("out-is-folder", "OUT is a folder", _redact("in.mp4", "out.mp4"), "out.mp4 is not a regular file: choose another name", lambda f: (f / "out.mp4").mkdir()),
    Place("out-is-device", "OUT is a link to /dev/full", _redact("in.mp4", "out.mp4"), "out.mp4 is not a regular file: choose another name", lambda f: (f / "out.mp4").symlink_to("/dev/full")),
    Place("out-ending", "a video's OUT ends in .avi", _redact("in.mp4", "out.avi"), "in.mp4 " + WOULD_BE.format("out.avi")),
    Place("pictures-into-themselves", "a folder of pictures into itself", _redact("pictures", "pictures"), "pictures is the original itself: name another file for the result", lambda f: ((f / "pictures").mkdir(), (f / "pictures/a.jpg").write_bytes(odd.jpeg()))),
    Place("pictures-into-file", "a folder of pictures into a file", _redact("pictures", "in.mp4"), "in.mp4 can't be made a folder (File exists)", lambda f: ((f / "pictures").mkdir(), (f / "pictures/a.jpg").write_bytes(odd.jpeg()))),
    Place("disk-full", "the disk fills up (video)", _redact("noise.mkv", "disk/out.mp4"), "the result can't be written (No space left on device)", _noise, mount=DISK),
    Place("disk-full-picture", "the disk fills up (picture)", _redact("noise.jpg", "disk/out.jpg"), "disk/out.jpg can't be written (No space left on device)", _noise, mount=DISK),
    Place("file-size-limit", "files are limited to 100 kB (ulimit -f)", _redact("in.mp4", "out.mp4"), "the darkroom can't be set up (File too large): check memory and limits", before=("prlimit", "--fsize=100000")),
    Place("in-is-link", "IN is a symbolic link", _redact("link", "out.mp4"), prepare=lambda f: (f / "link").symlink_to("in.mp4"), makes="out.mp4"),
    Place("name-with-dash", "names that begin with a dash", _redact("-i.mp4", "--json.mp4"), prepare=_named("-i.mp4"), makes="--json.mp4"),
    Place("name-odd", "names with spaces, line breaks, accents", _redact("ä \n b.mp4", "ö \t\x1b[31m.mp4"), prepare=_named("ä \n b.mp4"), makes="ö \t\x1b[31m.mp4"),
    Place("name-not-utf-8", "names that are no UTF-8", _redact(b"\xff\xfe.mp4", b"\xfd.mp4"), prepare=_named(b"\xff\xfe.mp4"), makes=b"\xfd.mp4"),
    Place("out-exists", "OUT exists", _redact("in.mp4", "out.mp4"), prepare=lambda f: (f / "out.mp4").write_text("old"), makes="out.mp4"),
)  # fmt: skip
