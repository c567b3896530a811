"""HLS playlists over the archive: live with low latency, and any time that was kept.

Source: draft-pantos-hls-rfc8216bis (LL-HLS: parts, blocking reload, preload hint).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import NamedTuple

from passerby.archive.entries import US, Segment, unpack_segments
from passerby.archive.live import LiveSegment, Window
from passerby.store.database import Store
from passerby.store.epochs import epochs_between

LEAST_TARGET_S = 4
PART_TARGET_US = US // 2
# Parts are told of for segments this near to the end only.
SEGMENTS_WITH_PARTS = 3
# Differences below this come from rounding, not from a gap.
GAP_US = US // 10


@dataclass(frozen=True, slots=True)
class Names:
    """How a playlist calls what lies beside it.

    Args:
        init: Address of an init section, from its file and its number there.
        segment: Address of a segment, from its number.
        part: Address of a part, from its segment's number and its own.
        gap: What a gap is called; never asked for.
    """

    init: Callable[[str, int], str]
    segment: Callable[[int], str]
    part: Callable[[int, int], str]
    gap: str


class Piece(NamedTuple):
    """A segment of a playback: which, in which file, or a gap (``number`` is -1)."""

    number: int
    file: str
    segment: Segment


def pieces_between(store: Store, camera_id: str, from_us: int, to_us: int) -> list[Piece]:
    """Everything kept that touches ``[from, to)``, with the gaps between, in order.

    Raises:
        StoreError: The index can't be read.
    """
    found: list[Piece] = []
    at = from_us
    for row in epochs_between(store, camera_id, from_us, to_us):
        number = row.first_number - 1
        for segment in unpack_segments(row.segments):
            if not segment.length:
                continue
            number += 1
            begin, end = segment.start_us, segment.start_us + segment.duration_us
            if end <= from_us or begin >= to_us:
                continue
            if begin - at > GAP_US:
                found.append(_gap(at, begin))
            found.append(Piece(number, row.file, segment))
            at = end
    if found and to_us - at > GAP_US:
        found.append(_gap(at, to_us))
    return found


def _gap(from_us: int, to_us: int) -> Piece:
    return Piece(-1, "", Segment(0, 0, from_us, to_us - from_us, 0, key=False, discontinuity=True))


def playback(pieces: list[Piece], names: Names) -> str:
    """A playlist of what was kept. A gap is one entry, no longer than the target; after it the date says the true time.

    Args:
        pieces: From `pieces_between`; at least one segment among them.
        names: Addresses.
    """
    target = max([LEAST_TARGET_S, *(ceil(p.segment.duration_us / US) for p in pieces if not p.segment.gap)])
    lines = _head(target, [p.segment.key for p in pieces if not p.segment.gap])
    lines += ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-MEDIA-SEQUENCE:0"]
    init = ("", -1)
    fallback = next(p for p in pieces if not p.segment.gap)
    for index, piece in enumerate(pieces):
        segment = piece.segment
        shown = fallback if segment.gap else piece
        broken = index > 0 and (segment.gap or segment.discontinuity or pieces[index - 1].segment.gap)
        if broken:
            lines.append("#EXT-X-DISCONTINUITY")
        if (shown.file, shown.segment.init) != init:
            init = (shown.file, shown.segment.init)
            lines.append(f'#EXT-X-MAP:URI="{names.init(*init)}"')
        if broken or index == 0:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_date(segment.start_us)}")
        if segment.gap:
            lines += ["#EXT-X-GAP", f"#EXTINF:{min(segment.duration_us / US, target):.6f},", names.gap]
        else:
            lines += [f"#EXTINF:{segment.duration_us / US:.6f},", names.segment(piece.number)]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def live(window: Window, names: Names) -> str:
    """The live playlist.

    Args:
        window: With at least one segment.
        names: Addresses.
    """
    segments = [s for s in window.segments if s.parts]
    target = max([LEAST_TARGET_S, *(ceil(s.duration_us / US) for s in segments)])
    part = max([PART_TARGET_US, *(p.duration_us for s in segments for p in s.parts)]) / US
    lines = _head(target, [s.parts[0].key for s in segments])
    lines += [
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={part * 3:.6f}",
        f"#EXT-X-PART-INF:PART-TARGET={part:.6f}",
        f"#EXT-X-MEDIA-SEQUENCE:{segments[0].number}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{window.discontinuities}",
    ]
    init = ("", -1)
    for index, segment in enumerate(segments):
        if segment.discontinuity:
            lines.append("#EXT-X-DISCONTINUITY")
        if (segment.file, segment.init) != init:
            init = (segment.file, segment.init)
            lines.append(f'#EXT-X-MAP:URI="{names.init(*init)}"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_date(segment.start_us)}")
        if index >= len(segments) - SEGMENTS_WITH_PARTS:
            lines += _parts(segment, names)
        if segment.finished:
            lines += [f"#EXTINF:{segment.duration_us / US:.6f},", names.segment(segment.number)]
    number, index = following(window)
    lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{names.part(number, index)}"')
    return "\n".join([*lines, ""])


def following(window: Window) -> tuple[int, int]:
    """Segment and part that come next: what a player may wait for."""
    last = next((s for s in reversed(window.segments) if s.parts), None)
    if last is None:
        return 0, 0
    return (last.number + 1, 0) if last.finished else (last.number, len(last.parts))


def _parts(segment: LiveSegment, names: Names) -> list[str]:
    return [
        f'#EXT-X-PART:DURATION={part.duration_us / US:.6f},URI="{names.part(segment.number, index)}"'
        + (",INDEPENDENT=YES" if part.key else "")
        for index, part in enumerate(segment.parts)
    ]


def _head(target: int, keys: list[bool]) -> list[str]:
    lines = ["#EXTM3U", "#EXT-X-VERSION:9", f"#EXT-X-TARGETDURATION:{target}"]
    return [*lines, "#EXT-X-INDEPENDENT-SEGMENTS"] if all(keys) else lines


def _date(us: int) -> str:
    whole = datetime.fromtimestamp(us // US, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{us % US // 1000:03d}Z"
