"""A real clip of a fixed camera, from Debian's package of OpenCV's samples. Needs no root."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from passerby.base.errors import SourceError

PACKAGE = "opencv-doc"
MEMBER = "usr/share/doc/opencv-doc/examples/data/vtest.avi"
CREDIT = "vtest.avi, a sample of OpenCV (Apache-2.0), from PETS 2009, University of Reading"
HELP = "give a clip of a fixed camera of your own: make demo SOURCE=file"
PATIENCE_S = 600


def sample_clip(cache: Path) -> Path:
    """The clip, fetched into ``cache`` the first time.

    Raises:
        SourceError: It can't be had; says what to do instead.
    """
    clip = cache / "vtest.avi"
    if clip.is_file():
        return clip
    installed = Path("/") / MEMBER
    if installed.is_file():
        return installed
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SourceError("the sample clip comes from a Debian package, and there is no apt here", HELP)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        _run(["apt-get", "download", "-q", PACKAGE], folder)
        packages = sorted(Path(folder).glob("*.deb"))
        if not packages:
            raise SourceError("the package with the sample clip did not arrive", HELP)
        _run(["dpkg-deb", "-x", packages[0].name, "unpacked"], folder)
        unpacked = Path(folder) / "unpacked" / MEMBER
        if not unpacked.is_file():
            raise SourceError("the package holds no sample clip", HELP)
        unpacked.replace(clip)
    return clip


def _run(command: list[str], folder: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
        raise SourceError(f"the sample clip could not be fetched ({command[0]} failed)", HELP) from error
