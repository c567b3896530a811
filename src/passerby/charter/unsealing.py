"""What belongs to an unsealing beside time and camera: which part of the picture, for whom, by which two officers.

Its hash is the `detail` of the asking, so it is in the act that the ledger shows first, and in what each officer agrees
to. Outside of the region everybody is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from passerby.charter.document import Fault, Unsound, read, write
from passerby.charter.shapes import digest, exactly, whole

FORMAT = "passerby/unsealing@1"
# Of a picture's width and height; a region is made of a few rectangles and is at most half of the picture.
PARTS = 1000
MOST_RECTANGLES, MOST_AREA = 8, PARTS * PARTS // 2
OFFICER_DIGITS = 16
Rectangle = tuple[int, int, int, int]


def _rectangle(given: object) -> bool:
    if not isinstance(given, list) or len(given) != 4 or not all(whole(0, PARTS)(side) for side in given):
        return False
    left, top, right, bottom = given
    return bool(left < right and top < bottom)


def _region(given: object) -> bool:
    return isinstance(given, list) and 0 < len(given) <= MOST_RECTANGLES and all(_rectangle(one) for one in given)


def _officer(given: object) -> bool:
    return isinstance(given, str) and len(given) == OFFICER_DIGITS and not set(given) - set("0123456789abcdef")


def _officers(given: object) -> bool:
    return isinstance(given, list) and len(given) == 2 and all(map(_officer, given)) and given[0] < given[1]


_SHAPES = {"format": exactly(FORMAT), "region": _region, "officers": _officers, "recipients": digest}


@dataclass(frozen=True, slots=True)
class Unsealing:
    """Such a document.

    Args:
        region: Rectangles that are shown: left, top, right, bottom, each in thousandths of the picture's width or
            height.
        officers: The ids of the two officers' sealing keys (hex), the lower first.
        recipients: Hash of who is given the result.
    """

    region: tuple[Rectangle, ...]
    officers: tuple[str, str]
    recipients: str

    def text(self) -> str:
        """As it is hashed."""
        region = [list(one) for one in self.region]
        return write(
            {"format": FORMAT, "region": region, "officers": list(self.officers), "recipients": self.recipients}
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the text: the asking's `detail`."""
        return sha256(self.text().encode()).hexdigest()


def parse_unsealing(text: str) -> Unsealing:
    """Such a document, strictly.

    Raises:
        Unsound: It is none, or shows more than half of the picture.
    """
    found = read(text, _SHAPES)
    region = tuple((one[0], one[1], one[2], one[3]) for one in found["region"])
    if sum((right - left) * (bottom - top) for left, top, right, bottom in region) > MOST_AREA:
        raise Unsound(Fault.SENSE, "a region is at most half of the picture")
    return Unsealing(region, (found["officers"][0], found["officers"][1]), found["recipients"])
