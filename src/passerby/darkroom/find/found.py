"""What was found in a frame: boxes to hide. Nothing that could tell two people apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.traffic import VEHICLES

CAR = VEHICLES.index("car")
HIGHEST_PLATE, DOUBTFUL_VEHICLE = 0.2, 0.35
LARGE_VEHICLE, TALLEST_VEHICLE, SAME_VEHICLE = 0.25, 0.6, 0.3
DOUBTFUL_LOWER, DOUBTFUL_LOWER_VIDEO, CUT = 0.6, 0.5, 0.02
SMALL_VEHICLE_PX = 36
"""Height under which a vehicle tells nothing: its number plate's letters are under 3 px, a head in it under 9 px."""


class Kind(IntEnum):
    """What a box holds."""

    PERSON = 0
    VEHICLE = 1
    FACE = 2
    NUMBER_PLATE = 3
    # A person, as the second network sees one. Says something only beside what the first one finds: never hidden, never
    # counted by itself.
    SECOND_OPINION = 4


@dataclass(frozen=True, slots=True)
class Found:
    """Boxes of one frame.

    Args:
        boxes: (n, 4) float32: x0, y0, x1, y1 in frame pixels.
        scores: (n,) float32, 0–1.
        kinds: (n,) uint8, values of `Kind`.
        vehicles: (n,) uint8, places in `crowd.traffic.VEHICLES`; says nothing of what is no vehicle. All cars where
            it is not given.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    vehicles: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __post_init__(self) -> None:
        """As many vehicles' kinds as boxes."""
        if not len(self.vehicles):
            object.__setattr__(self, "vehicles", np.full(len(self.scores), CAR, np.uint8))

    def __len__(self) -> int:
        """How many boxes."""
        return len(self.scores)

    def only(self, kind: Kind, threshold: float = 0.0) -> Found:
        """The boxes of one kind that score at least ``threshold``."""
        return self.where((self.kinds == kind) & (self.scores >= threshold))

    def where(self, chosen: NDArray[np.bool_]) -> Found:
        """The chosen boxes."""
        return Found(self.boxes[chosen], self.scores[chosen], self.kinds[chosen], self.vehicles[chosen])

    @property
    def people(self) -> Found:
        """Bodies and faces."""
        return self.where((self.kinds == Kind.PERSON) | (self.kinds == Kind.FACE))

    @property
    def second(self) -> Found:
        """People, as the second network sees them."""
        return self.only(Kind.SECOND_OPINION)

    @property
    def first(self) -> Found:
        """All but what the second network says."""
        return self.where(self.kinds != Kind.SECOND_OPINION)

    @property
    def others(self) -> Found:
        """Vehicles and number plates."""
        return self.where((self.kinds == Kind.VEHICLE) | (self.kinds == Kind.NUMBER_PLATE))

    @property
    def heights(self) -> NDArray[np.float32]:
        """Heights of the boxes in pixels."""
        return self.boxes[:, 3] - self.boxes[:, 1]


def lower_part_of_doubtful(found: Found, picture_height: int, share: float) -> Found:
    """Of what is hardly a vehicle only the lower part counts, where its number plate would be.

    Of one that the picture's upper edge cuts the upper part isn't seen anyway: it counts whole.
    """
    boxes = found.boxes.copy()
    doubtful = (found.kinds == Kind.VEHICLE) & (found.scores < DOUBTFUL_VEHICLE) & (boxes[:, 1] >= CUT * picture_height)
    boxes[doubtful, 1] += found.heights[doubtful] * np.float32(1 - share)
    return Found(boxes, found.scores, found.kinds, found.vehicles)


def to_hide_in_video(found: Found, picture_height: int) -> Found:
    """What of all this a camera's picture has to hide.

    Number plates higher than a fifth of the picture aren't any: no camera looks at one from so near. Vehicles too small
    to tell anything stay.
    """
    vehicles, plates = found.kinds == Kind.VEHICLE, found.kinds == Kind.NUMBER_PLATE
    tells = np.where(vehicles, found.heights >= SMALL_VEHICLE_PX, True)
    tells &= ~plates | (found.heights <= HIGHEST_PLATE * picture_height)
    return lower_part_of_doubtful(found, picture_height, DOUBTFUL_LOWER_VIDEO).where(tells)


def without_lone_vehicles(found: Found, picture_height: int) -> Found:
    """Without large, doubtful vehicles of which there is one box alone.

    Only where two scales have looked: what is a quarter as high as the picture is no harder to see in the smaller one.
    What is taller than six tenths of it stays in any case: at the finer scale no box of the network's is so high.
    Number plates are looked for by themselves, and people too.

    Args:
        found: What both scales found, one after the other.
        picture_height: Rows of the picture.
    """
    vehicles = found.kinds == Kind.VEHICLE
    doubtful = vehicles & (found.scores < DOUBTFUL_VEHICLE) & (found.heights >= LARGE_VEHICLE * picture_height)
    doubtful &= found.heights <= TALLEST_VEHICLE * picture_height
    keeps = np.ones(len(found), bool)
    for index in np.flatnonzero(doubtful).tolist():
        others = vehicles.copy()
        others[index] = False
        keeps[index] = bool((_common(found.boxes[index], found.boxes[others]) >= SAME_VEHICLE).any())
    return found.where(keeps)


def _common(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box with others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return np.asarray(both / np.maximum(areas - both, 1e-6), np.float32)


NOTHING = Found(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.uint8))


def together(parts: list[Found]) -> Found:
    """All boxes of all parts."""
    if not parts:
        return NOTHING
    return Found(
        np.concatenate([p.boxes for p in parts]),
        np.concatenate([p.scores for p in parts]),
        np.concatenate([p.kinds for p in parts]),
        np.concatenate([p.vehicles for p in parts]),
    )
