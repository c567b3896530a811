# ruff: noqa: E501 - a row of the table is a line
"""The table of odd and hostile pictures: what each is, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from tests.e2e import odd

SIZE = (64, 48)
TURNED = (48, 64)
NO_FRAMES = "holds no picture that can be decoded: check that the file is whole"
TOO_LARGE = "claims more pixels than a darkroom accepts: 64 million are the limit: scale it"
UNREADABLE = "is not a video or picture that can be read: use MP4, MKV, AVI, JPEG or PNG"


@dataclass(frozen=True)
class Picture:
    """One picture: what comes of it is either a size with quarters, or a line after its name.

    Args:
        name: Its file name, and its name in the table.
        what: In words.
        data: Makes it.
        size: Width and height that come out.
        quarters: Which of the source's quarters each of the result's shows; None where they can't be told.
        line: What is said instead.
    """

    name: str
    what: str
    data: Callable[[], bytes]
    size: tuple[int, int] = SIZE
    quarters: tuple[int, int, int, int] | None = (0, 1, 2, 3)
    line: str = ""

    @property
    def id(self) -> str:
        """Its name in the table."""
        return self.name

    @property
    def comes(self) -> str:
        """What comes of it, in words."""
        return f"`{self.line}`" if self.line else "turned or flipped upright" if "exif" in self.name else "a result"


# Where each quarter of the shown picture lies in the stored one (CIPA DC-008, 4.6.4 A).
_QUARTERS = {
    1: (0, 1, 2, 3),
    2: (1, 0, 3, 2),
    3: (3, 2, 1, 0),
    4: (2, 3, 0, 1),
    5: (0, 2, 1, 3),
    6: (2, 0, 3, 1),
    7: (3, 1, 2, 0),
    8: (1, 3, 0, 2),
}


def _exif(orientation: int) -> Picture:
    return Picture(
        f"exif-{orientation}.jpg",
        f"JPEG with EXIF orientation {orientation}, a comment and a colour profile",
        lambda: odd.jpeg_turned(orientation, size=SIZE),
        TURNED if orientation >= 5 else SIZE,
        _QUARTERS[orientation],
    )


def _samples(channels: int, kind: type[np.generic] = np.uint8) -> np.ndarray:
    grey = odd.quarters(*SIZE)[..., :1].astype(kind)
    scaled = grey * 257 if kind is np.uint16 else grey
    alpha = np.full_like(scaled, 100)
    return (
        np.concatenate([scaled] * (channels - 1) + [alpha], axis=2)
        if channels in (2, 4)
        else np.repeat(scaled, channels, 2)
    )


PALETTE = odd.chunk(b"PLTE", bytes(level for i in range(256) for level in (i, i, i)))
TEXT = odd.chunk(b"tEXt", b"Author\0SECRETCAM") + odd.chunk(b"eXIf", odd.exif(6))

PICTURES = (
    *(_exif(orientation) for orientation in range(1, 9)),
    Picture("odd-size.jpg", "JPEG of 101×77 pixels", lambda: odd.jpeg((101, 77)), (101, 77)),
    Picture("one-pixel.png", "PNG of one pixel", lambda: odd.png(_samples(3)[:1, :1], 2), (1, 1), None),
    Picture("progressive.jpg", "progressive JPEG", lambda: odd.progressive_of(SIZE)),
    Picture("grey.jpg", "grey JPEG", lambda: odd.jpeg_by_opencv(odd.quarters(*SIZE)[..., 0])),
    Picture("full-colour.jpg", "JPEG, 4:4:4", lambda: odd.jpeg(SIZE, pixels="yuvj444p")),
    Picture("cmyk.jpg", "CMYK JPEG", lambda: odd.cmyk(SIZE), quarters=None),
    Picture("colour.png", "PNG, RGB", lambda: odd.png(_samples(3), 2)),
    Picture("alpha.png", "PNG with transparency", lambda: odd.png(_samples(4), 6)),
    Picture("grey.png", "grey PNG", lambda: odd.png(_samples(1), 0)),
    Picture("grey-alpha.png", "grey PNG with transparency", lambda: odd.png(_samples(2), 4)),
    Picture("deep.png", "PNG, 16 bits", lambda: odd.png(_samples(3, np.uint16), 2)),
    Picture("palette.png", "PNG with a palette", lambda: odd.png(_samples(1), 3, extras=PALETTE)),
    Picture(
        "exif-png.png", "PNG with text and EXIF orientation 6", lambda: odd.png(_samples(3), 2, extras=TEXT), TURNED, _QUARTERS[6]
    ),
    Picture("cut.jpg", "JPEG cut off in its data", lambda: _noisy()[:2000], (64, 48), None),
    Picture("claims-60000.png", "PNG that claims 60,000×60,000 pixels", lambda: odd.png_claiming(60000, 60000), line=TOO_LARGE),
    Picture("claims-60000-too.jpg", "JPEG that claims 60,000×60,000 pixels", lambda: odd.jpeg_claiming(60000, 60000), line=TOO_LARGE),
    Picture("too-wide.png", "PNG of 30,000×20 pixels: more to a side than fits", lambda: odd.png(np.zeros((20, 30000, 3), np.uint8), 2), line=TOO_LARGE),
    Picture("hollow.png", "PNG with next to no data", lambda: odd.png_claiming(0, 0), line=NO_FRAMES),
    Picture("only-start.jpg", "the first three bytes of a JPEG", lambda: b"\xff\xd8\xff", line=NO_FRAMES),
    Picture("empty-picture.jpg", "an empty file named .jpg", lambda: b"", line=UNREADABLE),
    Picture("text-picture.png", "text named .png", lambda: b"no picture", line=UNREADABLE),
    Picture(
        "png-named.jpg",
        "PNG named .jpg",
        lambda: odd.png(_samples(3), 2),
        line="would stay a PNG: end it in .png",
    ),
)  # fmt: skip


def _noisy() -> bytes:
    noise = np.random.default_rng(3).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    return odd.jpeg_by_opencv(noise, cv2.IMWRITE_JPEG_QUALITY, 95)
