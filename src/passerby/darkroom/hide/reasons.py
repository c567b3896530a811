"""Why a cell is hidden. A closed set, in rising order of rank: of two reasons the higher one is told."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """What `Explain` messages carry for each block."""

    SHOWN = 0
    UNPROVEN = 1
    DIFFERS = 2
    NEARBY = 3
    CARRIED = 4
    AHEAD = 5
    PERSON = 6
    VEHICLE = 7
    FACE = 8
    NUMBER_PLATE = 9
    FORBIDDEN = 10
    MOSAIC = 11


# Blue and red difference (U, V) of each reason in the colour-coded video.
COLOURS: dict[Reason, tuple[int, int]] = {
    Reason.SHOWN: (128, 128),
    Reason.UNPROVEN: (150, 110),
    Reason.DIFFERS: (90, 190),
    Reason.NEARBY: (105, 165),
    Reason.CARRIED: (60, 150),
    Reason.AHEAD: (70, 170),
    Reason.PERSON: (100, 220),
    Reason.VEHICLE: (210, 100),
    Reason.FACE: (160, 210),
    Reason.NUMBER_PLATE: (220, 140),
    Reason.FORBIDDEN: (60, 60),
    Reason.MOSAIC: (140, 90),
}
