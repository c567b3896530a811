"""Coded pictures that were made for an export, as a clip: MP4 in fragments, in memory, never on the disk in clear."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from passerby.archive.boxes import Sample, fragment, init_section, sample_data
from passerby.archive.entries import US
from passerby.archive.export.bundle import Clip
from passerby.outlet.messages import RedactedPacket, StreamStart

PER_FRAGMENT = 50
LAST_US = US // 25


def made_clip(start: StreamStart, packets: Sequence[RedactedPacket]) -> Clip:
    """A clip of one stream whose times are microseconds since 1970.

    Args:
        start: What the encoder said.
        packets: At least one, in order.
    """
    first = packets[0].dts
    times = [packet.dts for packet in packets]
    lasts = [b - a for a, b in pairwise(times)] + [packets[-1].duration or LAST_US]
    pieces = [init_section((start.width, start.height), start.time_base_den, start.tail)]
    for number, at in enumerate(range(0, len(packets), PER_FRAGMENT), 1):
        samples = [
            Sample(sample_data(packet.tail), bool(packet.key), max(1, lasted), packet.pts - packet.dts)
            for packet, lasted in zip(packets[at : at + PER_FRAGMENT], lasts[at : at + PER_FRAGMENT], strict=True)
        ]
        pieces.append(fragment(number, packets[at].dts - first, samples))
    shown = [packet.pts for packet in packets]
    return Clip(min(shown), max(shown) + lasts[-1], lambda: iter(pieces))
