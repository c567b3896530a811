"""The newest segments and their parts: what live playback needs, in one small blob for each camera."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

KEPT_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """About half a second of a segment. Bytes in the epoch's file; time in microseconds."""

    offset: int
    length: int
    duration_us: int
    key: bool


@dataclass(slots=True)
class LiveSegment:
    """A segment of the live window, finished or still growing.

    Args:
        number: Counts up over the camera's life.
        file: Of its epoch.
        init: Number of the init section in that file.
        start_us: Microseconds since 1970.
        discontinuity: Does not go on from what is before it.
        finished: No part will be added.
    """

    number: int
    file: str
    init: int
    start_us: int
    discontinuity: bool
    finished: bool = False
    parts: list[Part] = field(default_factory=list)

    @property
    def duration_us(self) -> int:
        """Of all its parts."""
        return sum(p.duration_us for p in self.parts)

    @property
    def offset(self) -> int:
        """Of its first byte."""
        return self.parts[0].offset

    @property
    def length(self) -> int:
        """Parts lie one behind the other."""
        return self.parts[-1].offset + self.parts[-1].length - self.parts[0].offset


@dataclass(slots=True)
class Window:
    """The live window.

    Args:
        discontinuities: How many have left the window since the station started.
        segments: The oldest first; only the last may be unfinished.
    """

    discontinuities: int = 0
    segments: list[LiveSegment] = field(default_factory=list)

    def add(self, segment: LiveSegment) -> None:
        """A new segment at the end; the oldest leave."""
        self.segments.append(segment)
        while len(self.segments) > KEPT_SEGMENTS + 1:
            self.discontinuities += self.segments.pop(0).discontinuity

    def clear(self) -> None:
        """Nothing is live any more."""
        self.discontinuities += sum(s.discontinuity for s in self.segments)
        self.segments.clear()

    def find(self, number: int) -> LiveSegment | None:
        """A segment by its number."""
        return next((s for s in self.segments if s.number == number), None)

    def pack(self) -> bytes:
        """Compact JSON."""
        rows = [
            [s.number, s.file, s.init, s.start_us, int(s.discontinuity), int(s.finished)]
            + [[p.offset, p.length, p.duration_us, int(p.key)] for p in s.parts]
            for s in self.segments
            if s.parts
        ]
        return json.dumps([self.discontinuities, *rows], separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, blob: bytes) -> Window:
        """The window that was packed."""
        discontinuities, *rows = json.loads(blob)
        return cls(
            discontinuities,
            [
                LiveSegment(
                    number,
                    file,
                    init,
                    start,
                    bool(broken),
                    bool(done),
                    [Part(at, size, us, bool(key)) for at, size, us, key in parts],
                )
                for number, file, init, start, broken, done, *parts in rows
            ],
        )
