"""Is an assessment about *this* place, or copied? Sequences of five words that it shares with others, by section.

One policy for many cameras is one of the failures this is built against: nothing in it could be checked. A flag refuses
nothing; the reviewer sees it before deciding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from passerby.charter.papers.front import tokens

WORDS = 5
# Of a section's sequences, how many may be in another paper; and how many words make it worth asking.
COPIED = 0.5
LEAST_WORDS = 20
# One in so many sequences is kept for finding papers to compare with.
SAMPLED = 4


@dataclass(frozen=True, slots=True)
class Copy:
    """A section that is mostly another paper's.

    Args:
        heading: Which.
        share: Of its sequences (0–1).
        other: The paper that has them.
        other_heading: The section of that paper.
    """

    heading: str
    share: float
    other: str
    other_heading: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.heading}: {self.share:.0%} is in {self.other}, {self.other_heading!r}"


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Every sequence of five words; of a shorter text, itself."""
    said = tokens(text)
    if not said:
        return frozenset()
    return frozenset(tuple(said[at : at + WORDS]) for at in range(max(1, len(said) - WORDS + 1)))


def sample(sections: Mapping[str, str]) -> frozenset[int]:
    """A fourth of a paper's sequences as numbers below 2⁶²: the same ones of any two papers that share them."""
    found = set()
    for text in sections.values():
        for said in shingles(text):
            number = int.from_bytes(blake2b(" ".join(said).encode(), digest_size=8).digest(), "big") >> 2
            if number % SAMPLED == 0:
                found.add(number)
    return frozenset(found)


def copies(sections: Mapping[str, str], others: Iterable[tuple[str, Mapping[str, str]]]) -> list[Copy]:
    """The sections that are mostly another's, each with the one it shares most with.

    Args:
        sections: Heading to text.
        others: Name and sections of each paper to compare with.
    """
    mine = {h: shingles(text) for h, text in sections.items() if len(tokens(text)) >= LEAST_WORDS}
    best: dict[str, Copy] = {}
    for name, theirs in others:
        for other_heading, text in theirs.items():
            said = shingles(text)
            for heading, own in mine.items():
                share = len(own & said) / len(own)
                if share >= COPIED and (heading not in best or share > best[heading].share):
                    best[heading] = Copy(heading, share, name, other_heading)
    return [best[heading] for heading in sections if heading in best]
