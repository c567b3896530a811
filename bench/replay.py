"""A clip in memory with what the networks say about it, to try hiding many times over: part of `bench.frontier`.

Networks answer once for every frame and input size, and the answers are kept on disk: fitting a plate, hiding and
scoring take seconds then. What runs is the darkroom's own `Redaction`; only coding is left out, and the networks'
answers are looked up. A network's boxes at a score are the first of those at a lower one, so one low score serves every
look.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom import redaction
from passerby.darkroom._frames import RawPlanes, Record, What, padded
from passerby.darkroom.find.decode import decode_centerface, decode_centernet, decode_nanodet, decode_plate
from passerby.darkroom.find.finder import (
    NANODET_PERSON,
    PLATE_INPUT,
    Look,
    Plan,
    models_for,
    plan_for,
)
from passerby.darkroom.find.found import Found, Kind, together
from passerby.darkroom.find.network import Network, Runtime, available, prepare
from passerby.darkroom.find.view import evened, view_of
from passerby.darkroom.looking import Finds
from passerby.darkroom.redaction import VIDEO_LOOKS, Options, Redaction
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.tally import Tally

Luma = NDArray[np.uint8]
LOWEST = 0.05
"""Score from which answers are kept."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames in memory, padded as the darkroom has them."""

    name: str
    size: tuple[int, int]
    rate: Fraction
    frames: tuple[RawPlanes, ...]

    def part(self, first: int, last: int) -> Clip:
        """The frames from one place to another (the latter left out)."""
        return replace(self, frames=self.frames[first:last])


def read(path: Path, name: str) -> Clip:
    """All frames of a video in YUV 4:2:0."""
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        size = stream.width, stream.height
        frames = tuple(_planes(frame, size) for frame in video.decode(stream))
        return Clip(name, size, Fraction(stream.average_rate or 25), frames)


def _planes(frame: av.VideoFrame, size: tuple[int, int]) -> RawPlanes:
    width, height = size
    whole = frame.to_ndarray(format="yuv420p").ravel()
    half = (-(-width // 2), -(-height // 2))
    shapes = [(height, width), half[::-1], half[::-1]]
    out, at = [], 0
    for shape, n in zip(shapes, (1, 2, 2), strict=True):
        plane = whole[at : at + shape[0] * shape[1]].reshape(shape)
        at += plane.size
        to = padded(height) // n - shape[0], padded(width) // n - shape[1]
        out.append(np.pad(plane, ((0, to[0]), (0, to[1])), mode="edge"))
    return RawPlanes(*out)


class Answering(Finds, Protocol):
    """What says what is in a frame; told the frame's number beforehand."""

    frame: int


class Answers:
    """Stands in for a `Finder`: each network is asked once for each frame, and its answers are kept on disk.

    Args:
        clip: The frames.
        folder: Where answers are kept.
        plan: Input sizes; by default the darkroom's own.
    """

    def __init__(self, clip: Clip, folder: Path, plan: Plan | None = None) -> None:
        self._clip, self._folder = clip, folder
        self._plan = plan or plan_for(clip.size, pictures=False)
        self._runtime: Runtime | None = None
        self._kept: dict[tuple[str, tuple[int, int]], list[Found]] = {}
        self.frame = 0

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        """As `Finder.find`, for the frame whose number stands in ``frame``."""
        del planes, size, full_range
        bodies = [("nanodet", scale) for scale in look.bodies] + [("nanodet evened", scale) for scale in look.evened]
        asked = [("centerface", scale, look.face_score) for scale in look.faces]
        asked += [("centernet", scale, look.second_score) for scale in look.second]
        parts = [look.counts(self._of(name, self._plan.size(scale), look.body_score), scale) for name, scale in bodies]
        parts += [self._of(name, self._plan.size(scale), score) for name, scale, score in asked]
        if look.number_plates:
            parts.append(self._of("plate", PLATE_INPUT, look.plate_score))
        return together(parts)

    def _of(self, name: str, size: tuple[int, int], score: float) -> Found:
        found = self.all_of(name, size)[self.frame]
        return found.where(found.scores >= score)

    def all_of(self, name: str, size: tuple[int, int]) -> list[Found]:
        """What one network says about every frame."""
        key = name, size
        if key not in self._kept:
            mark = hashlib.sha256(b"".join(p.y.tobytes() for p in self._clip.frames[::50])).hexdigest()[:12]
            path = self._folder / f"{self._clip.name}-{mark}-{name}-{size[0]}x{size[1]}.pickle"
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(pickle.dumps([*self._ask(name, size)]))
            self._kept[key] = pickle.loads(path.read_bytes())
        return self._kept[key]

    def _ask(self, name: str, size: tuple[int, int]) -> Iterator[Found]:
        if self._runtime is None:
            self._runtime = prepare(available(), models_for(VIDEO_LOOKS))
        network = Network(name.split()[0], size, self._runtime, 1)
        for planes in self._clip.frames:
            view = view_of(planes, self._clip.size, size, full_range=False)
            outputs = network.infer((evened(view) if name.endswith("evened") else view).picture)
            if name == "centerface":
                boxes, scores = decode_centerface(outputs, size, LOWEST)
                kinds = np.full(len(scores), Kind.FACE, np.uint8)
            elif name == "centernet":
                boxes, scores = decode_centernet(outputs, size, LOWEST)
                kinds = np.full(len(scores), Kind.SECOND_OPINION, np.uint8)
            elif name == "plate":
                boxes, scores = decode_plate(outputs, size, LOWEST)
                kinds = np.full(len(scores), Kind.NUMBER_PLATE, np.uint8)
            else:
                boxes, scores, classes = decode_nanodet(outputs, size, LOWEST)
                kinds = np.where(classes == NANODET_PERSON, Kind.PERSON, Kind.VEHICLE).astype(np.uint8)
            yield _inside(Found(view.to_frame(boxes), scores.copy(), kinds), self._clip.size)


def _inside(found: Found, size: tuple[int, int]) -> Found:
    boxes = np.clip(found.boxes, 0, np.array([*size, *size], np.float32))
    whole = (boxes[:, 2] - boxes[:, 0] >= 1) & (boxes[:, 3] - boxes[:, 1] >= 1)
    return Found(boxes[whole], found.scores[whole], found.kinds[whole])


@dataclass(frozen=True, slots=True)
class Run:
    """One redaction: output luma of every frame, the work itself to look into, and its counters."""

    shown: list[Luma]
    work: Redaction
    tally: Tally


def redact(clip: Clip, answers: Answering, *, first: int = 0, live: bool = False) -> Run:
    """`passerby redact` without coding.

    Args:
        clip: The frames.
        answers: What the networks say.
        first: The number of the clip's first frame in ``answers``.
        live: In one pass, as a camera.
    """
    shown: list[Luma] = []
    width, height = clip.size
    duration_s = float(len(clip.frames) / clip.rate)
    about = replace(
        ABOUT, width=width, height=height, time_base_num=clip.rate.denominator, time_base_den=clip.rate.numerator
    )
    about = replace(about, rate_num=clip.rate.numerator, rate_den=clip.rate.denominator, duration_s=duration_s)
    about = replace(about, flags=Record.LAST_PASS if live else 0)

    class Keeps(redaction.VideoEncoder):
        def encode(self, planes: RawPlanes, pts: int) -> Iterator[Any]:
            del pts
            shown.append(planes.y[:height, :width].copy())
            return iter(())

    tally = Tally(bytes(32))
    with _replaced(redaction, "VideoEncoder", Keeps):
        work = Redaction(about, clip.size, answers, lambda _: None, tally, Options(live=live))
        passes: list[Callable[[RawPlanes, Record], None]] = [work.redact] if live else [work.learn, work.redact]
        for run in passes:
            for index, planes in enumerate(clip.frames):
                answers.frame = first + index
                run(planes, replace(about, what=What.FRAME, pts=index, flags=0))
            if run == work.learn:
                work.learnt()
        work.finish()
    return Run(shown, work, tally)


@contextmanager
def _replaced(module: Any, name: str, by: Any) -> Iterator[None]:
    usual = getattr(module, name)
    setattr(module, name, by)
    try:
        yield
    finally:
        setattr(module, name, usual)
