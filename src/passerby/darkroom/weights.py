"""Model files: loaded only if their SHA-256 is listed in ``models/weights/weights.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from passerby.base.build import weights_folder
from passerby.base.errors import ModelError

LIST = "weights.toml"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    name: str
    file: str
    sha256: str


@cache
def listed(folder: Path | None = None) -> dict[str, Listed]:
    """The models that may be loaded, by name.

    Raises:
        ModelError: The list is missing or can't be read.
    """
    path = (folder or weights_folder()) / LIST
    try:
        content = tomllib.loads(path.read_text())
        models = content["model"]
        return {m["name"]: Listed(m["name"], m["file"], m["sha256"]) for m in models}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelError("the list of model files can't be read", "install Passerby again") from error


def listed_hashes() -> dict[str, str]:
    """Name to SHA-256 (hex) of every listed model, as permits name them."""
    return {name: model.sha256 for name, model in listed().items()}


def load(name: str, folder: Path | None = None) -> bytes:
    """The bytes of a listed model.

    Raises:
        ModelError: Not listed, missing, or not the file that was listed.
    """
    model = listed(folder).get(name)
    if model is None:
        raise ModelError(f"no model called {name} is listed")
    try:
        data = ((folder or weights_folder()) / model.file).read_bytes()
    except OSError as error:
        raise ModelError(f"the model file {model.file} is missing", "install Passerby again") from error
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise ModelError(f"the model file {model.file} is not the one that is listed", "install Passerby again")
    return data
