"""Closed sets of codes that cross the wall. They are public and carry no content."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum


class Codec(IntEnum):
    """How the redacted pictures are coded."""

    H264 = 1
    JPEG = 2
    PNG = 3


class Stream(IntEnum):
    """Which redacted stream a packet belongs to."""

    REDACTED = 0
    EXPLAINED = 1


class Mode(IntEnum):
    """Where the safe pixels came from."""

    UNKNOWN = 0
    PLATE = 1
    NO_PLATE = 2
    MOSAIC = 3


class Mosaic(IntEnum):
    """Why a whole frame is a mosaic. A closed set: it is public and carries no content."""

    NONE = 0
    LEARNING = 1
    CUT = 2
    NO_BACKGROUND = 3
    DETECTOR_FAULT = 4
    SIZE_CHANGED = 5
    DAMAGED = 6
    COVERED = 7


class Status(IntEnum):
    """How an item ended. A closed set; each has its line in ``station.report``."""

    DONE = 0
    UNREADABLE = 1
    NO_VIDEO = 2
    NO_FRAMES = 3
    TOO_LARGE = 4
    NO_DECODER = 5
    PERMIT_REFUSED = 6
    TOO_SMALL = 7
    ENCODER_REFUSED = 8
    OVER_LIMIT = 9
    # A camera's connection.
    REFUSED = 10
    UNAUTHORISED = 11
    NOT_FOUND = 12
    TIMED_OUT = 13
    ENDED = 14
    UNREACHABLE = 15
    # The scene to count in was drawn on another picture.
    OTHER_SCENE = 16


# Frames shown as a whole mosaic, one count for each reason in order.
MOSAIC_COUNTS = struct.Struct(f"<{len(Mosaic)}Q")
# Kinds of vehicles: a closed set, of `crowd.traffic`.
VEHICLES = ("bicycle", "car", "motorcycle", "bus", "train", "truck")
# What may be permitted, each a bit of a byte, the first the lowest.
ANALYSES = ("crowd", "live", "record", "seal", "traffic")


class Proves(IntEnum):
    """What an entry of the ledger is about."""

    ROOT = 0
    PERMIT = 1
    REGISTER = 2
    EARLIER = 3


def bits(analyses: Iterable[str]) -> int:
    """Analyses as a byte."""
    return sum(1 << ANALYSES.index(name) for name in set(analyses))


def names(byte: int) -> frozenset[str]:
    """The analyses of a byte."""
    return frozenset(name for at, name in enumerate(ANALYSES) if byte >> at & 1)
