"""A made-up item through the real code before the lock, so that every lazy import and cache is behind us."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from passerby.crowd import scene_file
from passerby.crowd.scene import Scene
from passerby.darkroom._frames import RawPlanes, Record, What
from passerby.darkroom.census import Census
from passerby.darkroom.find.finder import Look
from passerby.darkroom.find.found import Found, Kind
from passerby.darkroom.redaction import Options, Redaction
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Codec, Message, Status

SIDE, FRAMES, STAY_S = 64, 36, 10.0
ABOUT = Record(
    what=What.ITEM,
    slot=0,
    width=SIDE,
    height=SIDE,
    pts=0,
    time_base_num=1,
    time_base_den=2,
    rate_num=2,
    rate_den=1,
    full_range=0,
    flags=0,
    status=Status.DONE,
    codec=Codec.H264,
    duration_s=FRAMES / 2,
    damaged=0,
    repaired_times=0,
    resized=0,
    skipped=0,
    decode_ns=0,
    source=bytes(32),
)
VIDEOS = ((Codec.H264, 2, False), (Codec.H264, 1, False), (Codec.H264, 1, True))
PICTURES = ((Codec.JPEG, 1, False), (Codec.PNG, 1, False))
# A ground, a zone and a line, so that their arithmetic is behind us, too.
SCENE = """{"version":1,"camera":"","ground":{"image":[[0,0],[63,0],[63,63],[0,63]],
"metres":[[0,0],[6,0],[6,6],[0,6]]},"zones":[{"id":"z","polygon":[[0,0],[63,0],[63,63]],"head":[32,8]}],
"lines":[{"id":"l","from":[0,32],"to":[63,32],"exit":"level","way":"in"}]}"""


class _Script:
    """Stands in for the networks, which are warmed up by themselves: a box of each kind in every frame."""

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        del planes, size, look, full_range
        boxes = np.array(
            [[20, 20, 30, 44], [40, 40, 60, 60], [22, 20, 27, 25], [50, 50, 56, 53], [20, 20, 30, 44]], np.float32
        )
        return Found(boxes, np.array([0.6, 0.5, 0.6, 0.6, 0.2], np.float32), np.array(list(Kind), np.uint8))


def rehearse(threads: int, source: str, *, shows: bool) -> list[Message]:
    """Whatever may come from such a source, once; what it emitted.

    Before the second wall ``threads`` must be 1: then nothing here starts one.

    Args:
        threads: Threads for each kind of work.
        source: ``video``: with a plate, without, and learnt as it is shown. ``pictures``: a JPEG and a PNG.
            ``camera``: learnt from a clip, then from itself.
        shows: Pictures leave, and not numbers alone.
    """
    cv2.setNumThreads(threads)
    options = Options(explain=True, count=True, per_frame=True, threads=threads)
    scene = scene_file.parse(SCENE, (SIDE, SIDE))
    if not shows:
        return _census(options, scene)
    if source == "camera":
        return _camera(replace(options, live=True, longest_stay_s=STAY_S), scene)
    return _files(options, PICTURES if source == "pictures" else VIDEOS)


def _files(options: Options, kinds: tuple[tuple[Codec, int, bool], ...]) -> list[Message]:
    """A file of each kind: its codec, in how many passes, and whether it is learnt as it is shown."""
    out: list[Message] = []
    for codec, passes, live in kinds:
        about, wanted = replace(ABOUT, codec=codec), replace(options, live=live)
        work = Redaction(about, (SIDE, SIDE), _Script(), out.append, tally := Tally(bytes(32)), wanted)
        frames = FRAMES if codec is Codec.H264 else 1
        if passes == 2:
            for index in range(frames):
                work.learn(_picture(index), replace(about, what=What.FRAME, pts=index))
            work.learnt()
        for index in range(frames):
            work.redact(_picture(index), replace(about, what=What.FRAME, pts=index))
        work.finish()
        out.append(tally.health())
    return out


def _census(options: Options, scene: Scene) -> list[Message]:
    """A file and a camera, counted, and a file whose background is learnt to calibrate a camera."""
    out: list[Message] = []
    for about in (ABOUT, replace(ABOUT, flags=Record.LIVE | Record.LAST_PASS)):
        census = Census(about, (SIDE, SIDE), _Script(), out.append, Tally(bytes(32)), options, scene)
        for index in range(3):
            census.count(_picture(index), replace(about, what=What.FRAME, flags=0, pts=index))
        census.finish()
    calibrating = replace(options, calibrate=True)
    census = Census(ABOUT, (SIDE, SIDE), _Script(), out.append, Tally(bytes(32)), calibrating, scene)
    for index in range(FRAMES):
        census.learn(_picture(index), replace(ABOUT, what=What.FRAME, pts=index))
    for index in range(3):
        census.count(_picture(index), replace(ABOUT, what=What.FRAME, pts=index))
    census.finish()
    return out


def _camera(options: Options, scene: Scene) -> list[Message]:
    """A clip to learn from, then the camera, then another connection of it."""
    out: list[Message] = []
    about, live = ABOUT, replace(ABOUT, flags=Record.LIVE | Record.LAST_PASS)
    work = Redaction(about, (SIDE, SIDE), _Script(), out.append, Tally(bytes(32)), options, scene=scene)
    for index in range(FRAMES):
        work.learn(_picture(index), replace(about, what=What.FRAME, pts=index))
    work.learnt()
    for start in (FRAMES, 2 * FRAMES):
        work.resume(live, tally := Tally(bytes(32)))
        for index in range(FRAMES):
            work.redact(_picture(index), replace(live, what=What.FRAME, flags=0, pts=start + index))
        work.finish()
    return [*out, tally.health()]


def _picture(index: int) -> RawPlanes:
    """A grey scene in which a patch moves and the light changes."""
    planes = RawPlanes(*(np.full((SIDE // n, SIDE // n), 100 + index % 3, np.uint8) for n in (1, 2, 2)))
    planes.y[16:40, index : index + 12] = 200
    return planes
