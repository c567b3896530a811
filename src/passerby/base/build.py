"""Which build is this: one hash over the package's own files, the same in a wheel and in a source tree."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from passerby import __version__

_PACKAGE = Path(__file__).resolve().parents[1]


def weights_folder() -> Path:
    """Where the model files lie: inside the installed package, or in ``models/`` of a source tree."""
    installed = _PACKAGE / "weights"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "models" / "weights"


@cache
def build_hash() -> bytes:
    """SHA-256 (32 bytes) over the sorted names and SHA-256 of every file of the package and its weights."""
    files = {f"passerby/{p.relative_to(_PACKAGE)}": p for p in _PACKAGE.rglob("*") if p.is_file()}
    files |= {f"passerby/weights/{p.name}": p for p in weights_folder().glob("*") if p.is_file()}
    total = hashlib.sha256()
    for name in sorted(files):
        if "__pycache__" in Path(name).parts:
            continue
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name].read_bytes()).digest())
    return total.digest()


def version_line() -> str:
    """``passerby 0.1.0 (build sha256:…)``."""
    return f"passerby {__version__} (build sha256:{build_hash().hex()})"
