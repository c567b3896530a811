"""Decides block by block what of a clip's samples is background.

Method and measured effect of each rule: ``docs/hiding.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import DOUBTFUL_VEHICLE, SMALL_VEHICLE_PX, Found, Kind, together
from passerby.darkroom.grid import CellFrame, Grid, reduce
from passerby.darkroom.plate.evidence import covered_blocks, second_trusted, speaks_against
from passerby.darkroom.plate.modes import block_features, dominant_mode, frame_offsets
from passerby.darkroom.plate.pixels import median_of_supporters
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.plate.sizes import SizePrior, fit_sizes
from passerby.darkroom.stay import STAY_SHARE

GREY = 128
SURE_VEHICLE = 0.45
SHORTEST_S = 10.0
# What a sample counts for the appearance of a block over which something was found.
COVERED = 0.2
# Of at least so many samples with nobody boxed there, this share must show the appearance.
FEWEST_FREE, LEAST_FREE = 3, 0.4


@dataclass(frozen=True, slots=True)
class Rules:
    """What a block needs to enter the plate.

    Args:
        most_samples: Samples taken of a clip.
        fewest_samples: With fewer there is no plate.
        shortest_s: Clips shorter than this get no plate.
        least_support: Share of samples that must show the block's appearance.
        stay_share: An appearance must be seen over a longer share of the clip than this, unless a longest stay is set.
        most_evidence: Share of supporting samples in which both networks may speak against a cell of the block.
        most_evidence_alone: The same where only one network is heard.
        memory_bytes: For frames kept to make the picture from.
    """

    most_samples: int = 100
    fewest_samples: int = 24
    shortest_s: float = SHORTEST_S
    least_support: float = 0.20
    stay_share: float = STAY_SHARE
    most_evidence: float = 0.20
    most_evidence_alone: float = 0.12
    memory_bytes: int = 192 * 1024 * 1024


DEFAULT = Rules()


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the scene."""

    time_s: float
    cells: CellFrame
    found: Found


@dataclass(frozen=True, slots=True)
class Samples:
    """What a plate is fitted to. Nothing in it changes any more.

    Args:
        grid: The picture's grids.
        rules: What a block needs.
        samples: In order of time.
        kept: Whole frames of some of them, by index.
    """

    grid: Grid
    rules: Rules
    samples: tuple[Sample, ...]
    kept: dict[int, RawPlanes]

    def fit(self, longest_stay_s: float | None = None) -> Plate | None:
        """The plate; None where the clip is too short for one.

        Args:
            longest_stay_s: How long somebody may sit still here; by default a share of the clip.
        """
        times = np.array([s.time_s for s in self.samples])
        span_s = float(times[-1] - times[0]) if len(times) else 0.0
        if len(times) < self.rules.fewest_samples or span_s < self.rules.shortest_s:
            return None
        stay_s = span_s * self.rules.stay_share if longest_stay_s is None else longest_stay_s
        sizes = fit_sizes([s.found for s in self.samples], self.grid.height)
        found = [sizes.plausible(s.found) if sizes else s.found for s in self.samples]

        features = block_features([s.cells for s in self.samples], self.grid)
        features[:, :4] -= frame_offsets(features)[:, None, None, None]
        people = np.stack([covered_blocks(f.people, self.grid) for f in found])
        others = np.stack([covered_blocks(f.others, self.grid) for f in found])
        weights = np.where(people, COVERED, 1.0) * np.where(others, COVERED, 1.0)
        supports = dominant_mode(features, weights.astype(np.float32))

        support = supports.mean(axis=0)
        proven = (support >= self.rules.least_support) & _lasts(supports, times, stay_s)
        telling = [sizes.plausible(s.found, half_hidden=True) if sizes else s.found for s in self.samples]
        second = second_trusted(found)
        against = np.stack(
            [speaks_against(f, ~s, self.grid, second=second) for f, s in zip(telling, supports, strict=True)]
        )
        proven &= _seen_free(supports, ~people)
        proven &= _never_vehicle(found, self.grid)
        cells = self._in_cells(supports)
        evidence = (against & cells).sum(axis=0) / np.maximum(cells.sum(axis=0), 1)
        most = self.rules.most_evidence if second else self.rules.most_evidence_alone
        return self._plate(self._in_cells(proven) & (evidence <= most), cells & ~against, sizes)

    def _in_cells(self, blocks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Blocks (…, rows, columns) as cells: what shows a block's background is told block by block."""
        ratio = self.grid.block_px // self.grid.cell_px
        return blocks.repeat(ratio, -2).repeat(ratio, -1)

    def _plate(self, proven: NDArray[np.bool_], usable: NDArray[np.bool_], sizes: SizePrior | None) -> Plate:
        kept = sorted(self.kept)
        planes, seen = median_of_supporters([self.kept[i] for i in kept], usable[kept], self.grid)
        proven = proven & seen
        cells = reduce(planes, self.grid)
        for plane in (planes.y, planes.u, planes.v):
            hidden = cv2.resize((~proven).view(np.uint8), plane.shape[::-1], interpolation=cv2.INTER_NEAREST)
            plane[hidden.astype(bool)] = GREY
        return Plate(planes, cells, proven, sizes)


def _lasts(supports: NDArray[np.bool_], times: NDArray[np.float64], stay_s: float) -> NDArray[np.bool_]:
    """Was the appearance seen over more than ``stay_s`` seconds, first to last, in at least three separate windows?"""
    seen = supports.any(axis=0)
    first = times[np.argmax(supports, axis=0)]
    last = times[len(times) - 1 - np.argmax(supports[::-1], axis=0)]
    edges = np.linspace(times[0], times[-1] + 1e-6, 9)
    which = np.digitize(times, edges) - 1
    windows = sum((supports[which == w].any(axis=0)).astype(np.uint8) for w in range(8))
    return np.asarray(seen & (last - first > stay_s) & (windows >= 3))


def _seen_free(supports: NDArray[np.bool_], free: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Is the appearance what is seen while nobody is boxed there?

    Where people stand one after the other, all in dark trousers, the trousers are seen most; but only while somebody is
    there. Where somebody is boxed almost always, this says nothing, and `speaks_against` decides.
    """
    count = free.sum(axis=0)
    return np.asarray((count < FEWEST_FREE) | ((supports & free).sum(axis=0) >= LEAST_FREE * count))


def _never_vehicle(found: list[Found], grid: Grid) -> NDArray[np.bool_]:
    """Blocks that a parked vehicle or a number plate covers are not shown.

    Sure ones count from a fifth of the samples on, doubtful ones from half: a kiosk is now and then taken for a van.
    Vehicles so small that neither their number plate nor a head behind their windows could be made out are scene.
    """
    sure, doubtful = np.zeros(grid.blocks, np.float32), np.zeros(grid.blocks, np.float32)
    for f in found:
        telling = f.where((f.kinds == Kind.VEHICLE) & (f.heights >= SMALL_VEHICLE_PX))
        number_plates = f.only(Kind.NUMBER_PLATE)
        sure += covered_blocks(together([telling.only(Kind.VEHICLE, SURE_VEHICLE), number_plates]), grid)
        doubtful += covered_blocks(telling.only(Kind.VEHICLE, DOUBTFUL_VEHICLE), grid)
    return np.asarray((sure <= 0.2 * len(found)) & (doubtful <= 0.5 * len(found)))
