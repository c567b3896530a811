"""Fragmented MP4, box by box: an init section, and fragments.

Written by hand because a part must reach the disk when it is complete, and PyAV has no call that makes FFmpeg's muxer
end a fragment there (docs/archive.md). Sources: ISO/IEC 14496-12 (boxes), 14496-15 (avcC), 23000-19 (CMAF).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from passerby.base.errors import OutletError

NAL_SEI, NAL_SPS, NAL_PPS, NAL_AUD = 6, 7, 8, 9
# What every sample of a stream shares is in the init section; these would only repeat it.
LEFT_OUT = (NAL_SEI, NAL_SPS, NAL_PPS, NAL_AUD)
MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
SYNC_SAMPLE, OTHER_SAMPLE = 0x02000000, 0x01010000
LONGEST_TICKS = 2**32 - 1
MARK = b"passerby"
# Format 1, before epochs had keys. Inside a ``free`` box, which players pass over: mark, version, flags, start µs
# (Unix), duration µs, CRC-32.
TAG = struct.Struct(">8sBBqqI")
TAG_SIZE = 8 + TAG.size
VERSION = 1
FIRST_OF_SEGMENT, KEYFRAME, DISCONTINUITY = 1, 2, 4
DATA_OFFSET_FLAG, SAMPLE_FIELDS = 0x000001, 0x000F00
DEFAULT_BASE_IS_MOOF = 0x020000


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded picture. Times are in ticks of the track; ``offset`` is when it shows, less when it decodes."""

    data: bytes
    key: bool
    duration: int
    offset: int


@dataclass(frozen=True, slots=True)
class Tag:
    """What a fragment says of itself: flags, and its place in time in microseconds since 1970."""

    flags: int
    start_us: int
    duration_us: int


def box(name: bytes, *parts: bytes) -> bytes:
    """A box around its parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


def units(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (ITU-T H.264, annex B), without their start codes."""
    at = annex_b.find(b"\0\0\1")
    while at >= 0:
        begin = at + 3
        at = annex_b.find(b"\0\0\1", begin)
        unit = annex_b[begin : at if at >= 0 else len(annex_b)].rstrip(b"\0")
        if unit:
            yield unit


def parameter_sets(annex_b: bytes) -> tuple[list[bytes], list[bytes]]:
    """Sequence and picture parameter sets of a stream's header.

    Raises:
        OutletError: It has none.
    """
    found = list(units(annex_b))
    sps = [u for u in found if u[0] & 31 == NAL_SPS and len(u) >= 4]
    pps = [u for u in found if u[0] & 31 == NAL_PPS]
    if not (sps and pps):
        raise OutletError("a redacted stream has no parameter sets")
    return sps, pps


def sample_data(annex_b: bytes) -> bytes:
    """A coded picture as MP4 holds it: each NAL unit behind its length in four bytes."""
    return b"".join(struct.pack(">I", len(u)) + u for u in units(annex_b) if u[0] & 31 not in LEFT_OUT)


def init_section(size: tuple[int, int], timescale: int, header: bytes) -> bytes:
    """File type and movie header of one H.264 track, without any sample.

    Args:
        size: Width and height of the coded picture.
        timescale: Ticks a second.
        header: The encoder's parameter sets as a byte stream.
    """
    sps, pps = parameter_sets(header)
    config = bytes((1, *sps[0][1:4], 0xFF, 0xE0 | len(sps)))
    config += b"".join(struct.pack(">H", len(u)) + u for u in sps)
    config += bytes((len(pps),)) + b"".join(struct.pack(">H", len(u)) + u for u in pps)
    entry = struct.pack(">6xH16xHHIIIH32xHH", 1, *size, 0x480000, 0x480000, 0, 1, 24, 0xFFFF)
    table = box(
        b"stbl",
        full(b"stsd", 0, 0, struct.pack(">I", 1), box(b"avc1", entry, box(b"avcC", config))),
        full(b"stts", 0, 0, bytes(4)),
        full(b"stsc", 0, 0, bytes(4)),
        full(b"stsz", 0, 0, bytes(8)),
        full(b"stco", 0, 0, bytes(4)),
    )
    references = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1)))
    media = box(
        b"mdia",
        full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, timescale, 0, 0x55C4, 0)),
        full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide"), b"video\0"),
        box(b"minf", full(b"vmhd", 0, 1, bytes(8)), references, table),
    )
    shown = struct.pack(">II", size[0] << 16, size[1] << 16)
    track = box(
        b"trak", full(b"tkhd", 0, 7, struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, 0, 0, 0, 0, 0), MATRIX, shown), media
    )
    movie = full(
        b"mvhd", 0, 0, struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100), MATRIX, bytes(24), b"\0\0\0\2"
    )
    extends = box(b"mvex", full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0)))
    brands = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"cmfc", b"mp41")
    return brands + box(b"moov", movie, track, extends)


def fragment(sequence: int, decode_time: int, samples: list[Sample]) -> bytes:
    """One part: its header, its pictures.

    Args:
        sequence: Counts up.
        decode_time: Of the first sample, in ticks since the init section's stream began.
        samples: At least one.
    """
    rows = b"".join(
        struct.pack(
            ">IIIi", min(s.duration, LONGEST_TICKS), len(s.data), SYNC_SAMPLE if s.key else OTHER_SAMPLE, s.offset
        )
        for s in samples
    )

    def header(data_offset: int) -> bytes:
        run = full(b"trun", 1, DATA_OFFSET_FLAG | SAMPLE_FIELDS, struct.pack(">Ii", len(samples), data_offset), rows)
        track = box(
            b"traf",
            full(b"tfhd", 0, DEFAULT_BASE_IS_MOOF, struct.pack(">I", 1)),
            full(b"tfdt", 1, 0, struct.pack(">Q", decode_time)),
            run,
        )
        return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", sequence & 0xFFFFFFFF)), track)

    return header(len(header(0)) + 8) + box(b"mdat", *(s.data for s in samples))


def tagged(tag: Tag, body: bytes) -> bytes:
    """A body behind the box that says when it is, and by which checksum it is whole: format 1, which had no keys."""
    head = TAG.pack(MARK, VERSION, tag.flags, tag.start_us, tag.duration_us, 0)
    return (
        box(b"free", TAG.pack(MARK, VERSION, tag.flags, tag.start_us, tag.duration_us, zlib.crc32(head + body))) + body
    )
