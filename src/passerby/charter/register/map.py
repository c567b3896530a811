"""Places as numbers that sort: a point's tile of the usual web maps, with neighbours near each other (quadkey order).

Each tile of each zoom level is one range of such numbers, so a map asks for a range, and groups by its first bits.
"""

from __future__ import annotations

import math

DEEPEST = 22
# Beyond it the square map ends.
EDGE_DEGREES = 85.051128
_E6 = 1_000_000


def quad_of(latitude_e6: int, longitude_e6: int) -> int:
    """The number of a point's tile at the deepest zoom (44 bits).

    Args:
        latitude_e6: Millionths of a degree, north positive.
        longitude_e6: The same, east positive.
    """
    latitude = max(-EDGE_DEGREES, min(EDGE_DEGREES, latitude_e6 / _E6))
    across = (longitude_e6 / _E6 + 180) / 360
    down = 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
    last = (1 << DEEPEST) - 1
    x, y = (max(0, min(last, int(part * (1 << DEEPEST)))) for part in (across, down))
    return _spread(x) | _spread(y) << 1


def tile_range(zoom: int, x: int, y: int) -> tuple[int, int]:
    """The first number of a tile, and the first that is past it.

    Args:
        zoom: 0 to `DEEPEST`.
        x: From the west.
        y: From the north.
    """
    shift = 2 * (DEEPEST - zoom)
    first = (_spread(x) | _spread(y) << 1) << shift
    return first, first + (1 << shift)


def tile_of(zoom: int, longitude: float, latitude: float) -> tuple[int, int]:
    """The tile of a point, from the west and from the north.

    Args:
        zoom: 0 to `DEEPEST`.
        longitude: Degrees, east positive.
        latitude: Degrees, north positive.
    """
    quad = quad_of(round(latitude * _E6), round(longitude * _E6)) >> 2 * (DEEPEST - zoom)
    return _gather(quad), _gather(quad >> 1)


def centre_of(cell: int, zoom: int) -> tuple[int, int]:
    """Latitude and longitude (millionths) of the middle of a cell, which is a number's first 2 × zoom bits."""
    x, y = _gather(cell), _gather(cell >> 1)
    size = 1 << zoom
    longitude = (x + 0.5) / size * 360 - 180
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 0.5) / size))))
    return round(latitude * _E6), round(longitude * _E6)


def _spread(number: int) -> int:
    """The bits of a number, each followed by a zero."""
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333), (1, 0x5555555555555555),
    ):  # fmt: skip
        number = (number | number << shift) & mask
    return number


def _gather(number: int) -> int:
    number &= 0x5555555555555555
    for shift, mask in (
        (1, 0x3333333333333333), (2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF), (16, 0x00000000FFFFFFFF),
    ):  # fmt: skip
        number = (number | number >> shift) & mask
    return number
