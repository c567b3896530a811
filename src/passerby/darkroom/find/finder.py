"""Finds what must be hidden: people, vehicles, faces, number plates."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.decode import decode_centerface, decode_centernet, decode_nanodet, decode_plate
from passerby.darkroom.find.found import Found, Kind, together
from passerby.darkroom.find.network import Network, Runtime
from passerby.darkroom.find.view import View, evened, view_of

MULTIPLE = 32
SMALLEST = 64
PLATE_INPUT = (640, 384)
NANODET_PERSON, NANODET_FIRST_VEHICLE = 0, 1
# Heads of a packed crowd are a few pixels: what looks for them enlarges most pictures.
DENSE_WIDTH = 3072


class Scale(Enum):
    """An input size of the plan."""

    QUICK = "quick"
    FINE = "fine"
    DENSE = "dense"


@dataclass(frozen=True, slots=True)
class Plan:
    """Input sizes (width, height), fixed before the lock.

    Args:
        quick: For every few frames; also finds what fills the picture.
        fine: Where it matters to miss nobody small.
        dense: To count in a packed crowd, a few times a minute.
    """

    quick: tuple[int, int]
    fine: tuple[int, int]
    dense: tuple[int, int] = (SMALLEST, SMALLEST)

    def size(self, scale: Scale) -> tuple[int, int]:
        """The input size at a scale."""
        return {Scale.QUICK: self.quick, Scale.FINE: self.fine, Scale.DENSE: self.dense}[scale]


@dataclass(frozen=True, slots=True)
class Look:
    """What to look for, at which scales, and the scores from which a box counts.

    Args:
        bodies: Scales for people and vehicles.
        evened: Scales at which they are looked for once more, in grey with local contrast evened out.
        fine_vehicle_score: Least score of a vehicle at the fine scale, where it is over ``body_score``.
        faces: Scales for faces.
        number_plates: Look for number plates.
        body_score: Least score of a person or vehicle.
        face_score: Least score of a face.
        plate_score: Least score of a number plate.
        second: Scales for the second network's opinion of people.
        second_score: Least score of its people.
    """

    bodies: tuple[Scale, ...]
    faces: tuple[Scale, ...] = ()
    number_plates: bool = False
    body_score: float = 0.15
    face_score: float = 0.3
    plate_score: float = 0.4
    second: tuple[Scale, ...] = ()
    second_score: float = 0.05
    evened: tuple[Scale, ...] = ()
    fine_vehicle_score: float = 0.0

    def counts(self, found: Found, scale: Scale) -> Found:
        """Of people and vehicles found at a scale, those that score enough."""
        vehicle_score = max(self.body_score, self.fine_vehicle_score if scale is Scale.FINE else 0.0)
        return found.where(found.scores >= np.where(found.kinds == Kind.VEHICLE, vehicle_score, self.body_score))


COUNT = Look(bodies=(Scale.QUICK,))
DENSE = Look(bodies=(Scale.DENSE,))
QUICK = Look(bodies=(Scale.QUICK,), faces=(Scale.QUICK,), number_plates=True)
# Two scales: on Mall one alone misses a man who sits half hidden through the whole clip.
EVIDENCE = Look(
    bodies=(Scale.QUICK, Scale.FINE),
    faces=(Scale.QUICK,),
    number_plates=True,
    body_score=0.10,
    face_score=0.25,
    plate_score=0.3,
    second=(Scale.QUICK,),
)
# NanoDet can't box what is over 640 input pixels high, so a fine look needs a quick one beside it.
EVERYTHING = Look(
    bodies=(Scale.QUICK, Scale.FINE),
    faces=(Scale.QUICK, Scale.FINE),
    number_plates=True,
    body_score=0.20,
    face_score=0.20,
    plate_score=0.3,
    evened=(Scale.QUICK,),
    # At the fine scale doubtful vehicles are parts of larger ones, or none: they hid scene and no number plate.
    fine_vehicle_score=0.30,
)
# A picture is seen once: what its only look misses is shown.
PICTURE = replace(EVERYTHING, body_score=0.18)


def models_for(looks: Iterable[Look]) -> set[str]:
    """The names of the models that these looks need."""
    looks = tuple(looks)
    needs = {
        "nanodet": any(look.bodies for look in looks),
        "centerface": any(look.faces for look in looks),
        "centernet": any(look.second for look in looks),
        "plate": any(look.number_plates for look in looks),
    }
    return {name for name, needed in needs.items() if needed}


def input_size(size: tuple[int, int], width: int) -> tuple[int, int]:
    """An input whose longer side is about ``width`` pixels, of the picture's aspect, in multiples of 32."""
    longest = max(size)
    w, h = (max(SMALLEST, round(side / longest * width / MULTIPLE) * MULTIPLE) for side in size)
    return w, h


def plan_for(size: tuple[int, int] | None, *, pictures: bool) -> Plan:
    """The input sizes for a source of this size (None: not known; the commonest, 16:9)."""
    size = size or (1920, 1080)
    dense = input_size(size, DENSE_WIDTH)
    if pictures:
        return Plan(quick=input_size(size, 640), fine=input_size(size, 1280), dense=dense)
    # Enlarging a small picture much further finds nobody more.
    fine = input_size(size, min(960, max(640, max(size) * 3 // 2)))
    return Plan(quick=input_size(size, 640), fine=fine, dense=dense)


class Finder:
    """The networks of one process at the sizes of a plan.

    Args:
        plan: Input sizes.
        looks: Every look that will be asked for: no other network is made.
        runtime: What runs the networks.
        threads: Threads for one inference.
    """

    def __init__(self, plan: Plan, looks: Iterable[Look], runtime: Runtime, threads: int) -> None:
        self._plan = plan
        looks = tuple(looks)
        self._all = Look(
            bodies=tuple({scale for look in looks for scale in look.bodies}),
            faces=tuple({scale for look in looks for scale in look.faces}),
            number_plates=any(look.number_plates for look in looks),
            second=tuple({scale for look in looks for scale in look.second}),
            evened=tuple({scale for look in looks for scale in look.evened}),
        )
        wanted = {("nanodet", plan.size(scale)) for scale in (*self._all.bodies, *self._all.evened)}
        wanted |= {("centerface", plan.size(scale)) for scale in self._all.faces}
        wanted |= {("centernet", plan.size(scale)) for scale in self._all.second}
        wanted |= {("plate", PLATE_INPUT)} if self._all.number_plates else set()
        # Compiling is most of a darkroom's start; it runs in machine code that lets other threads go on.
        with ThreadPoolExecutor(len(wanted)) as pool:
            made = pool.map(
                lambda key: (key, Network(key[0], key[1], runtime, threads)), sorted(wanted, key=_costly_first)
            )
            self._networks = dict(made)

    def warm_up(self) -> None:
        """Run everything once, so that nothing has to be opened, compiled or imported later."""
        planes = RawPlanes(*(np.full((s, s), 128, np.uint8) for s in (64, 32, 32)))
        self.find(planes, (64, 64), self._all, full_range=False)

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        """Everything found in a frame.

        Args:
            planes: The raw frame.
            size: Width and height of the picture in it.
            look: One of those the finder was made for.
            full_range: Luma uses 0–255.

        Raises:
            ModelOutputFault: A network answered with something that is not a number.
        """
        wanted = {*look.bodies, *look.faces, *look.second, *look.evened}
        views = {s: view_of(planes, size, self._plan.size(s), full_range=full_range) for s in wanted}
        parts = [look.counts(self._bodies_in(views[scale], look), scale) for scale in look.bodies]
        parts += [look.counts(self._bodies_in(evened(views[scale]), look), scale) for scale in look.evened]
        parts += [self._faces_in(views[scale], look) for scale in look.faces]
        parts += [self._second_in(views[scale], look) for scale in look.second]
        if look.number_plates:
            view = view_of(planes, size, PLATE_INPUT, full_range=full_range)
            outputs = self._networks["plate", PLATE_INPUT].infer(view.picture)
            boxes, scores = decode_plate(outputs, PLATE_INPUT, look.plate_score)
            parts.append(_of(Kind.NUMBER_PLATE, view.to_frame(boxes), scores))
        return _inside(together(parts), size)

    def _bodies_in(self, view: View, look: Look) -> Found:
        size = view.size
        outputs = self._networks["nanodet", size].infer(view.picture)
        boxes, scores, classes = decode_nanodet(outputs, size, look.body_score)
        kinds = np.where(classes == NANODET_PERSON, Kind.PERSON, Kind.VEHICLE).astype(np.uint8)
        vehicles = np.maximum(classes, NANODET_FIRST_VEHICLE) - NANODET_FIRST_VEHICLE
        return Found(view.to_frame(boxes), scores, kinds, vehicles.astype(np.uint8))

    def _second_in(self, view: View, look: Look) -> Found:
        size = view.size
        outputs = self._networks["centernet", size].infer(view.picture)
        boxes, scores = decode_centernet(outputs, size, look.second_score)
        return _of(Kind.SECOND_OPINION, view.to_frame(boxes), scores)

    def _faces_in(self, view: View, look: Look) -> Found:
        size = view.size
        outputs = self._networks["centerface", size].infer(view.picture)
        boxes, scores = decode_centerface(outputs, size, look.face_score)
        return _of(Kind.FACE, view.to_frame(boxes), scores)


def _costly_first(key: tuple[str, tuple[int, int]]) -> int:
    width, height = key[1]
    return -width * height


def _of(kind: Kind, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> Found:
    return Found(boxes, scores, np.full(len(scores), kind, np.uint8))


def _inside(found: Found, size: tuple[int, int]) -> Found:
    """Boxes cut at the picture's edges; boxes that lie outside are dropped."""
    width, height = size
    boxes = np.clip(found.boxes, 0, np.array([width, height, width, height], np.float32))
    whole = (boxes[:, 2] - boxes[:, 0] >= 1) & (boxes[:, 3] - boxes[:, 1] >= 1)
    return Found(boxes, found.scores, found.kinds, found.vehicles).where(whole)
