"""Redacted streams for tests: packets out of an MP4 that Passerby made, as a darkroom would send them."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av

from passerby.outlet.messages import Codec, RedactedPacket, Stream, StreamStart

CODE = b"\0\0\0\1"


def packets_of(path: Path) -> tuple[StreamStart, list[RedactedPacket]]:
    """The start and every packet of an MP4 with one H.264 stream, as byte streams."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1)
        start = StreamStart(
            Stream.REDACTED,
            Codec.H264,
            stream.width,
            stream.height,
            base.numerator,
            base.denominator,
            0,
            _header(stream.codec_context.extradata or b""),
        )
        packets = [
            RedactedPacket(
                Stream.REDACTED, int(p.is_keyframe), p.pts or 0, p.dts or 0, p.duration or 0, _annex_b(bytes(p))
            )
            for p in container.demux(stream)
            if p.size
        ]
    return start, packets


def _header(config: bytes) -> bytes:
    """Parameter sets out of an avcC box (ISO/IEC 14496-15, 5.3.3.1)."""
    out, at = b"", 6
    for count in (config[5] & 31, None):
        if count is None:
            count, at = config[at], at + 1
        for _ in range(count):
            (size,) = struct.unpack_from(">H", config, at)
            out += CODE + config[at + 2 : at + 2 + size]
            at += 2 + size
    return out


def _annex_b(sample: bytes) -> bytes:
    out, at = b"", 0
    while at < len(sample):
        (size,) = struct.unpack_from(">I", sample, at)
        out += CODE + sample[at + 4 : at + 4 + size]
        at += 4 + size
    return out
