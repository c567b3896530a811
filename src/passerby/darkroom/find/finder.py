"""Finds what must be hidden: people, vehicles, faces, number plates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.decode import ModelOutputFault, decode_centerface, decode_nanodet, decode_plate
from passerby.darkroom.find.found import Found, Kind, together
from passerby.darkroom.find.network import Network, Runtime
from passerby.darkroom.find.view import View, look

MULTIPLE = 32
SMALLEST = 64
PLATE_INPUT = (640, 384)
NANODET_PERSON = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Input sizes (width, height), fixed before the lock.

    Args:
        quick: For every few frames.
        evidence: For learning, and for pictures: where it matters to miss nobody.
    """

    quick: tuple[int, int]
    evidence: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a box counts."""

    body: float
    face: float
    number_plate: float


QUICK = Thresholds(body=0.15, face=0.3, number_plate=0.4)
EVIDENCE = Thresholds(body=0.10, face=0.25, number_plate=0.3)
PICTURE = Thresholds(body=0.20, face=0.2, number_plate=0.3)


def input_size(size: tuple[int, int], width: int) -> tuple[int, int]:
    """An input whose longer side is about ``width`` pixels, of the picture's aspect, in multiples of 32."""
    longest = max(size)
    w, h = (max(SMALLEST, round(side / longest * width / MULTIPLE) * MULTIPLE) for side in size)
    return w, h


def plan_for(size: tuple[int, int] | None, *, pictures: bool) -> Plan:
    """The input sizes for a source of this size (None: not known; the commonest, 16:9)."""
    size = size or (1920, 1080)
    if pictures:
        return Plan(quick=input_size(size, 640), evidence=input_size(size, 1280))
    # Enlarging a small picture much further finds nobody more.
    return Plan(quick=input_size(size, 640), evidence=input_size(size, min(960, max(640, max(size) * 3 // 2))))


class Finder:
    """The networks of one process at the sizes of a plan.

    Args:
        plan: Input sizes.
        runtime: What runs the networks.
        threads: Threads for one inference.
    """

    def __init__(self, plan: Plan, runtime: Runtime, threads: int) -> None:
        self._bodies = {size: Network("nanodet", size, runtime, threads) for size in {plan.quick, plan.evidence}}
        self._faces = {size: Network("centerface", size, runtime, threads) for size in {plan.quick, plan.evidence}}
        self._plates = Network("plate", PLATE_INPUT, runtime, threads)
        self.plan = plan

    def warm_up(self) -> None:
        """Run everything once, so that nothing has to be opened, compiled or imported later."""
        planes = RawPlanes(*(np.full((s, s), 128, np.uint8) for s in (64, 32, 32)))
        for size in (self.plan.quick, self.plan.evidence):
            self.find(planes, (64, 64), size, EVIDENCE, full_range=False)

    def find(
        self,
        planes: RawPlanes,
        size: tuple[int, int],
        input_size: tuple[int, int],
        at: Thresholds,
        *,
        full_range: bool,
        faces: bool = True,
        plates: bool = True,
    ) -> Found:
        """Everything found in a frame.

        Args:
            planes: The raw frame.
            size: Width and height of the picture in it.
            input_size: One of the plan's sizes.
            at: Scores from which a box counts.
            full_range: Luma uses 0–255.
            faces: Look for faces too.
            plates: Look for number plates too.

        Raises:
            ModelOutputFault: A network answered with something that is not a number.
        """
        view = look(planes, size, input_size, full_range=full_range)
        parts = [self._bodies_in(view, input_size, at)]
        if faces:
            boxes, scores = decode_centerface(self._faces[input_size].infer(view.picture), input_size, at.face)
            parts.append(_of(Kind.FACE, view.to_frame(boxes), scores))
        if plates:
            view = look(planes, size, PLATE_INPUT, full_range=full_range)
            boxes, scores = decode_plate(self._plates.infer(view.picture), PLATE_INPUT, at.number_plate)
            parts.append(_of(Kind.NUMBER_PLATE, view.to_frame(boxes), scores))
        return _inside(together(parts), size)

    def _bodies_in(self, view: View, input_size: tuple[int, int], at: Thresholds) -> Found:
        boxes, scores, classes = decode_nanodet(self._bodies[input_size].infer(view.picture), input_size, at.body)
        kinds = np.where(classes == NANODET_PERSON, Kind.PERSON, Kind.VEHICLE).astype(np.uint8)
        return Found(view.to_frame(boxes), scores, kinds)


def _of(kind: Kind, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> Found:
    return Found(boxes, scores, np.full(len(scores), kind, np.uint8))


def _inside(found: Found, size: tuple[int, int]) -> Found:
    """Boxes cut at the picture's edges; boxes that lie outside are dropped."""
    width, height = size
    boxes = np.clip(found.boxes, 0, np.array([width, height, width, height], np.float32))
    whole = (boxes[:, 2] - boxes[:, 0] >= 1) & (boxes[:, 3] - boxes[:, 1] >= 1)
    return Found(boxes[whole], found.scores[whole], found.kinds[whole])


__all__ = ["EVIDENCE", "PICTURE", "QUICK", "Finder", "ModelOutputFault", "Plan", "Thresholds", "input_size", "plan_for"]
