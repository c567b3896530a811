"""What a JPEG or PNG file says of itself: kind, size, orientation. Decodes nothing.

Sources: JPEG segments ITU-T T.81 annex B; PNG chunks W3C PNG (third edition) section 5; EXIF orientation CIPA DC-008
(tag 0x0112).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
ORIENTATION_TAG = 0x0112
STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
FRAME_STARTS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
SCAN, APP1 = 0xDA, 0xE1
# Real files have dozens of segments or chunks; this bounds the time that a made-up one can take.
MOST_PARTS = 100_000


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A picture file's own words.

    Args:
        codec: The decoder's name, ``mjpeg`` or ``png``.
        width: Pixels; 0 where not found.
        height: Pixels; 0 where not found.
        orientation: 1 to 8; 1 where not said.
    """

    codec: str
    width: int
    height: int
    orientation: int


def kind_of(start: bytes) -> str | None:
    """``mjpeg``, ``png`` or None, from a file's first eight bytes."""
    if start.startswith(JPEG_START):
        return "mjpeg"
    return "png" if start.startswith(PNG_START) else None


def facts(data: bytes) -> PictureFacts | None:
    """What the file says of itself; None where it is neither JPEG nor PNG."""
    kind = kind_of(data)
    if kind is None:
        return None
    return _jpeg(data) if kind == "mjpeg" else _png(data)


def _jpeg(data: bytes) -> PictureFacts:
    width = height = 0
    orientation, at = 1, 2
    for _ in range(MOST_PARTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF or marker in STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if marker in FRAME_STARTS and len(body) >= 5:
            height, width = struct.unpack_from(">HH", body, 1)
        if marker == APP1 and body.startswith(b"Exif\0\0"):
            orientation = exif_orientation(body[6:])
        if marker == SCAN or length < 2:
            break
        at += 2 + length
    return PictureFacts("mjpeg", width, height, orientation)


def _png(data: bytes) -> PictureFacts:
    width = height = 0
    orientation, at = 1, 8
    for _ in range(MOST_PARTS):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if name == b"IHDR" and len(body) >= 8:
            width, height = struct.unpack_from(">II", body)
        elif name == b"eXIf":
            orientation = exif_orientation(body)
        at += 12 + length
    return PictureFacts("png", width, height, orientation)


def exif_orientation(tiff: bytes) -> int:
    """The orientation in an EXIF block (a TIFF header and its first directory); 1 where there is none."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    (at,) = struct.unpack_from(order + "I", tiff, 4)
    if at + 2 > len(tiff):
        return 1
    (entries,) = struct.unpack_from(order + "H", tiff, at)
    for index in range(min(entries, 1000)):
        entry = at + 2 + 12 * index
        if entry + 12 > len(tiff):
            break
        tag, kind, count, value = struct.unpack_from(order + "HHIH", tiff, entry)
        if tag == ORIENTATION_TAG and kind == 3 and count == 1 and 1 <= value <= 8:
            return int(value)
    return 1
