"""What a station recorded, in clear: with its keys, as its server reads it."""

from __future__ import annotations

import os
from pathlib import Path

from passerby.archive.folder import Layout
from passerby.archive.keys.cipher import HEAD_BYTES, INIT, PART, parse_head
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.reading import Reading


def cleared(data: Path, to: Path) -> list[Path]:
    """Every epoch of a data folder as an MP4 that any player plays."""
    reading, made = Reading(KeyReader(Layout(data).keys)), list[Path]()
    to.mkdir(exist_ok=True)
    for number, path in enumerate(sorted((data / "video").rglob("*.epoch"))):
        target = to / f"{number}.mp4"
        if clear := _in_clear(reading, path):
            target.write_bytes(clear)
            made.append(target)
    return made


def _in_clear(reading: Reading, path: Path) -> bytes:
    fd, found = os.open(path, os.O_RDONLY), list[bytes]()
    try:
        cipher = reading.cipher(fd, path.parent.name)
        assert cipher is not None, f"{path} has no key"
        at = len(cipher.header.pack())
        while (head := parse_head(os.pread(fd, HEAD_BYTES, at))) is not None and head.kind in (INIT, PART):
            found.append(cipher.open(head, os.pread(fd, head.stored, at)))
            at += head.stored
    finally:
        os.close(fd)
    return b"".join(found)
