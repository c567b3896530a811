"""Officers: who together could open sealed originals. Each vouches for a key; two of two institutions make a pair.

What is no sound note of an officer of this site counts as not there: fewer can open, never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from passerby.charter.document import Unsound
from passerby.charter.keys import Role
from passerby.charter.root import SiteRoot
from passerby.charter.sealing_key import Vouched, vouched

# As many as a file's header holds; three institutions with three officers each.
MOST_PAIRS = 27
Pair = tuple[Vouched, Vouched]


def officers_of(notes: Iterable[bytes], root: SiteRoot, hours: Sequence[int]) -> list[Vouched]:
    """Those who vouched for a key and are officers at each of these times; who did so twice counts with the last.

    Args:
        notes: As they came.
        root: The site root in force.
        hours: The earliest and the latest that it can be; seconds since 1970.
    """
    found: dict[str, Vouched] = {}
    for note in notes:
        try:
            held = [vouched(note, root, Role.OFFICER, when) for when in hours]
        except Unsound:
            continue
        found[held[0].name] = held[0]
    return list({one.public: one for one in found.values()}.values())


def pairs_of(officers: Sequence[Vouched]) -> list[Pair]:
    """Every two of two institutions."""
    return [(a, b) for a, b in combinations(officers, 2) if a.institution != b.institution]
