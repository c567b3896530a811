"""deface, to compare with: pinned in ``peers.lock``, in an environment of its own below ``bench/.peers``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / ".peers"
DEFAULT: tuple[str, ...] = ()
STRICT = ("--thresh", "0.1", "--mask-scale", "1.6", "--replacewith", "mosaic")
FAST = ("--backend", "onnxrt", "--scale", "640x360")


def deface() -> Path:
    """The program; made first where it isn't there. Needs a package index."""
    binary = FOLDER / "bin" / "deface"
    if not binary.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        install = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*install, "-r", str(HERE / "peers.lock")], check=True)
    return binary


def run(source: Path, target: Path, settings: tuple[str, ...]) -> None:
    """Redact one video as deface does."""
    subprocess.run([str(deface()), *settings, "-o", str(target), str(source)], check=True, capture_output=True)
