"""One item from raw frames to redacted packets."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from passerby.base.errors import OutletError
from passerby.crowd.calibration import Spread
from passerby.crowd.scene import Scene
from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.alarm import Alarms
from passerby.darkroom.counting import Counter, Places, anywhere
from passerby.darkroom.encoder import Encoder, PictureEncoder, VideoEncoder
from passerby.darkroom.find.decode import ModelOutputFault
from passerby.darkroom.find.finder import COUNT, EVERYTHING, EVIDENCE, PICTURE, QUICK
from passerby.darkroom.find.found import (
    DOUBTFUL_LOWER,
    NOTHING,
    Found,
    lower_part_of_doubtful,
    to_hide_in_video,
    without_lone_vehicles,
)
from passerby.darkroom.foreground import foreground_for
from passerby.darkroom.grid import CellFrame, Grid, reduce
from passerby.darkroom.hide.cells import HeldFill
from passerby.darkroom.hide.compose import Composer
from passerby.darkroom.hide.decide import Decision, against_plate, nothing_hidden, whole
from passerby.darkroom.hide.spots import Spot, add_spots, spots_of
from passerby.darkroom.looking import Asked, Finds, Looking
from passerby.darkroom.pace import SHARE, Pace
from passerby.darkroom.pending import LOOK_BACK_S, LookBack, Waiting
from passerby.darkroom.plate.learner import Learner
from passerby.darkroom.plate.live import Clock, LivePlates
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Codec, Explain, Message, Mode, Mosaic, Stream

# What a redaction of this kind will look for; networks for nothing else are made.
VIDEO_LOOKS = (EVIDENCE, QUICK, EVERYTHING)
LONG_VIDEO_LOOKS = (EVIDENCE, QUICK)
PICTURE_LOOKS = (PICTURE,)
LEAST_PROVEN = 0.05
EXPLAIN_S = 1.0
# Looks at a clip that a camera's plate is learnt from beforehand: somebody waits for the first picture.
PRIOR_SAMPLES = 34


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for.

    Args:
        explain: Code a second video that shows the reasons.
        count: Send counts.
        calibrate: Send what a calibration learns from.
        dense: Look at a large input every few seconds, for packed crowds; only where nothing but numbers leaves.
        per_frame: One count for each frame.
        longest_stay_s: How long somebody may sit still; None for the default share of a clip.
        clip_stay_s: The same for the clip that a camera learns from beforehand.
        threads: Threads for encoding.
        can_clear: Networks for no-plate mode are there; without them a clip with no plate is all mosaic.
        live: Learn as a camera does, from the frames that are shown; what isn't proven yet is a mosaic.
        count_every_s: Seconds between two counts, unless there is one for each frame.
        search_share: Of a camera's time, the most that searching may take.
        keyframes: A camera's packets are keyframes alone.
    """

    explain: bool = False
    count: bool = False
    calibrate: bool = False
    dense: bool = False
    per_frame: bool = False
    longest_stay_s: float | None = None
    clip_stay_s: float | None = None
    threads: int = 1
    can_clear: bool = True
    live: bool = False
    count_every_s: float = 1.0
    search_share: float = SHARE
    keyframes: bool = False


class Redaction:
    """Learns one item in its first pass, where there are two, and redacts it in the last.

    Args:
        about: The item's record: time base, codec of the result, expected duration.
        size: Width and height of the first frame.
        finder: The networks.
        emit: Sends a message.
        tally: Counters.
        options: What was asked for.
        worker: Searches a camera's frames and fits its plates while frames go on. A file waits for both, so that its
            result is always the same.
        scene: Zones, lines and calibration, where there is a scene.
    """

    def __init__(
        self,
        about: Record,
        size: tuple[int, int],
        finder: Finds,
        emit: Callable[[Message], None],
        tally: Tally,
        options: Options,
        worker: Executor | None = None,
        scene: Scene | None = None,
    ) -> None:
        self._about = about
        self._worker = worker
        self._size = size
        self._finder = finder
        self._emit = emit
        self._tally = tally
        self._options = options
        self._grid = Grid(*size)
        self._still = about.codec != Codec.H264
        self._time_base = Fraction(about.time_base_num, about.time_base_den)
        self._learner = Learner(self._grid, about.duration_s)
        self._live = self._new_live() if options.live else None
        self._clock = Clock()
        self._looking = self._new_looking()
        self._plate: Plate | None = None
        self._counter = (
            Counter(
                emit,
                per_frame=options.per_frame,
                every_s=options.count_every_s,
                calibration=scene.calibration if scene else None,
                foreground=foreground_for(self._grid, scene, asked=False, live=options.live),
            )
            if options.count
            else None
        )
        self._alarms = Alarms(emit, scene) if options.count and options.live else None
        self._places = Places(scene, emit, anywhere, size) if options.count and scene else None
        self._composer = Composer(self._grid)
        self._fill = HeldFill(self._grid)
        self._encoders: dict[Stream, Encoder] = {}
        self._found: Found | None = NOTHING
        self._spotted: tuple[Found, Mode, list[Spot]] = NOTHING, Mode.UNKNOWN, []
        self._waiting: LookBack | None = None
        self._seen = 0
        self._explained_s = float("-inf")
        self._first_s: float | None = None
        self._last_s = 0.0

    @property
    def duration_s(self) -> float:
        """Time from the first frame to the last, in seconds."""
        return max(0.0, self._last_s - (self._first_s or 0.0))

    def _new_looking(self) -> Looking:
        if self._about.flags & Record.LIVE:
            return Looking(self._finder, self._size, self._worker, Pace(time.monotonic, self._options.search_share))
        return Looking(self._finder, self._size)

    def _new_live(self, first: Plate | None = None) -> LivePlates:
        about, stay_s = self._about, self._options.longest_stay_s
        if about.flags & Record.LIVE:
            return LivePlates(self._grid, 0.0, stay_s, first, worker=self._worker)
        if about.flags & Record.LAST_PASS:
            return LivePlates(self._grid, about.duration_s, stay_s)
        return LivePlates(self._grid, about.duration_s, self._options.clip_stay_s, samples=PRIOR_SAMPLES)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frames."""
        return self._size

    def resume(self, about: Record, tally: Tally) -> None:
        """Go on with another connection of the same camera, or with a pass that has a header of its own."""
        if self._live is not None and about.flags & Record.LIVE and not self._about.flags & Record.LIVE:
            # What was learnt from a clip holds until the camera itself has been seen for long enough.
            self._about = about
            self._live = self._new_live(self._live.plate)
        tally.mode, tally.learnt = self._tally.mode, self._tally.learnt
        self._about, self._tally = about, tally
        self._looking.wait()
        self._looking = self._new_looking()
        self._time_base = Fraction(about.time_base_num, about.time_base_den)
        self._encoders, self._waiting = {}, None
        self._found = NOTHING
        self._seen = 0
        self._explained_s, self._first_s = float("-inf"), None

    def learn(self, planes: RawPlanes, record: Record) -> None:
        """A frame of the first pass."""
        if record.flags or (record.width, record.height) != self._size:
            return
        time_s = float(record.pts * self._time_base)
        if self._live is not None:
            now_s = self._clock.at(time_s)
            if self._live.wants(now_s) and self._live.follow(cells := reduce(planes, self._grid), now_s):
                found = self._evidence(planes, record)
                if found is not None:
                    with self._tally.stage("learn"):
                        self._live.add(now_s, planes, cells, to_hide_in_video(found, self._size[1]))
            return
        if not self._learner.wants(time_s):
            return
        found = self._evidence(planes, record)
        if found is not None:
            with self._tally.stage("learn"):
                self._learner.add(time_s, planes, to_hide_in_video(found, self._size[1]))

    def learnt(self) -> None:
        """The first pass is over: is there a plate?"""
        with self._tally.stage("learn"):
            if self._live is not None:
                self._live.fit(self._clock.now_s)
                self._plate = self._live.plate
            else:
                self._plate = self._learner.fit(self._options.longest_stay_s)
        if self._live is None and self._plate is None and self._options.can_clear:
            self._tally.mode = Mode.NO_PLATE
        else:
            self._tally.mode = self._mode_of(self._plate)

    def redact(self, planes: RawPlanes, record: Record) -> None:
        """A frame of the last pass."""
        if (record.width, record.height) != self._size:
            raise OutletError("a frame is of another size than the first")
        if self._waiting is None:
            self._begin(record)
        assert self._waiting is not None
        stamp_s = float(record.pts * self._time_base)
        self._first_s = stamp_s if self._first_s is None else self._first_s
        self._last_s = stamp_s
        time_s = self._clock.at(stamp_s) if self._live is not None else stamp_s
        if self._alarms is not None and self._about.flags & Record.LIVE and not record.flags:
            self._alarms.picture(planes, self._size, stamp_s)
        with self._tally.stage("hide"):
            cells = reduce(planes, self._grid)
        self._ask(planes, record, cells, time_s)
        if self._places is not None and not record.flags:
            self._places.pass_by(planes, stamp_s)
        fresh = self._taken()
        if self._live is not None:
            self._plate = self._live.plate
            self._tally.mode = self._mode_of(self._plate)
            self._tally.learnt = 1.0 if self._tally.mode is Mode.PLATE else self._live.progress(time_s)
        with self._tally.stage("hide"):
            decision = self._decide(cells, record)
            if self._found is not None:
                spots = self._spots(self._found)
                if decision.mosaic is Mosaic.NONE:
                    add_spots(decision, spots)
                if fresh:
                    self._waiting.found(spots)
            frame = planes if self._tally.mode is Mode.NO_PLATE else None
            background = frame if self._plate is None else self._plate.planes
            self._waiting.add(decision, self._fill.update(cells.y, time_s), record.pts, time_s, background)
        if self._counter is not None:
            self._counter.tick(self._seen, stamp_s)
        self._seen += 1
        # What a look under way finds must hide what still waits: nothing younger is shown before it has ended.
        searching_s = self._looking.searching_s
        for waiting in self._waiting.due(time_s if searching_s is None else min(time_s, searching_s)):
            if searching_s is None or waiting.settled or waiting.time_s <= searching_s - LOOK_BACK_S:
                self._show(waiting)
            else:
                # More wait than there is room for: the machine can't keep up.
                self._tally.left_out += 1

    def finish(self) -> None:
        """The last pass is over: show what still waits, and close the encoders."""
        self._looking.wait()
        if self._waiting is not None:
            if self._taken() and self._found is not None:
                self._waiting.found(self._spots(self._found))
            for waiting in self._waiting.rest():
                self._show(waiting)
        if self._places is not None:
            self._places.tell(self._last_s)
        for encoder in self._encoders.values():
            with self._tally.stage("encode"):
                for packet in encoder.finish():
                    self._emit(packet)

    def _begin(self, record: Record) -> None:
        if self._tally.mode is Mode.UNKNOWN:
            clear = self._options.can_clear and self._live is None
            self._tally.mode = Mode.NO_PLATE if clear else Mode.MOSAIC
        raw = self._tally.mode is Mode.NO_PLATE
        self._waiting = LookBack(self._grid, keeps_raw=raw, look_back_s=0.0 if self._still else LOOK_BACK_S)
        full_range = bool(record.full_range)
        if self._still:
            self._encoders[Stream.REDACTED] = PictureEncoder(Codec(record.codec), self._size, full_range=full_range)
        else:
            rate = self._rate()
            for stream in (Stream.REDACTED, Stream.EXPLAINED)[: 1 + self._options.explain]:
                self._encoders[stream] = VideoEncoder(
                    self._size,
                    self._time_base,
                    rate,
                    full_range=full_range,
                    stream=stream,
                    threads=self._options.threads,
                    live=bool(self._about.flags & Record.LIVE),
                )
        for encoder in self._encoders.values():
            self._emit(encoder.start())

    def _rate(self) -> Fraction:
        about = self._about
        rate = Fraction(about.rate_num, about.rate_den) if about.rate_num and about.rate_den else Fraction(25)
        return min(max(rate, Fraction(1)), Fraction(120)).limit_denominator(1001)

    def _ask(self, planes: RawPlanes, record: Record, cells: CellFrame, time_s: float) -> None:
        """Have the frame searched, if it is time."""
        live = self._live
        follows = live is not None and not record.flags and live.follow(cells, time_s)
        if not self._looking.idle:
            return
        if live is not None and follows and live.wants(time_s) and self._looking.may_learn(time_s):
            look = EVIDENCE
        elif self._tally.mode is Mode.NO_PLATE:
            look = PICTURE if self._still else EVERYTHING
        elif self._tally.mode is Mode.MOSAIC and self._counter is None:
            return
        elif self._looking.due(self._seen, time_s):
            # In a mosaic nothing has to be found to be hidden; people are still counted.
            look = COUNT if self._tally.mode is Mode.MOSAIC else QUICK
        else:
            return
        self._tally.detections += 1
        stamp_s = float(record.pts * self._time_base)
        before = None if self._places is None else self._places.before(stamp_s)
        asked = Asked(look, planes, cells, bool(record.full_range), time_s, stamp_s, live and live.view, before)
        self._looking.ask(asked, self._seen)

    def _taken(self) -> bool:
        """Take what a look has found; True where there is something new. A fault leaves nothing to rely on."""
        looked = self._looking.take()
        if looked is None:
            return False
        self._tally.stage_ns["find"] += looked.taken_ns
        if looked.found is None:
            self._found = None
            return False
        if looked.asked.look is EVIDENCE:
            self._learn_from(looked.asked, looked.found)
        found = self._saw(looked.found)
        # Evidence is not counted: two scales at a low score find people twice.
        if self._counter is not None and looked.asked.look is not EVIDENCE:
            # The last second is part of the background by a share that is too small to matter.
            self._counter.learn(looked.asked.cells, looked.asked.stamp_s)
            self._counter.saw(found, looked.asked.stamp_s, looked.asked.cells)
            self._count_places(found, looked.asked, self._counter.spread)
        return True

    def _count_places(self, found: Found, asked: Asked, spread: Spread | None) -> None:
        if self._places is None:
            return
        moved = None if asked.before is None else (asked.planes, asked.before)
        self._places.saw(found, asked.stamp_s, moved=moved, spread=spread)
        if self._alarms is not None:
            self._alarms.places(self._places.now, asked.stamp_s)

    def _learn_from(self, asked: Asked, found: Found) -> None:
        """Learn from a frame that has been searched, unless the camera has turned away meanwhile."""
        assert self._live is not None
        if asked.view is self._live.view:
            with self._tally.stage("learn"):
                self._live.add(asked.time_s, asked.planes, asked.cells, to_hide_in_video(found, self._size[1]))

    def _spots(self, found: Found) -> list[Spot]:
        """Where to hide what was found; worked out once for each look."""
        mode = self._tally.mode
        if self._spotted[0] is not found or self._spotted[1] is not mode:
            self._spotted = found, mode, spots_of(found, self._grid, heads_only=mode is Mode.PLATE)
        return self._spotted[2]

    def _saw(self, found: Found) -> Found:
        """What there is to hide from now on; gives back what is of a likely size."""
        found = found.first
        if self._plate is not None and self._plate.sizes is not None:
            found = self._plate.sizes.plausible(found)
        if self._still:
            hides = lower_part_of_doubtful(found, self._size[1], DOUBTFUL_LOWER)
        else:
            both_scales = self._tally.mode is Mode.NO_PLATE
            hides = without_lone_vehicles(found, self._size[1]) if both_scales else found
            hides = to_hide_in_video(hides, self._size[1])
        self._found = hides
        return found

    def _evidence(self, planes: RawPlanes, record: Record) -> Found | None:
        """What may speak against blocks. What can't be searched proves nothing empty: None, the sample is left out."""
        try:
            with self._tally.stage("find"):
                self._tally.detections += 1
                return self._finder.find(planes, self._size, EVIDENCE, full_range=bool(record.full_range))
        except ModelOutputFault:
            return None

    @staticmethod
    def _mode_of(plate: Plate | None) -> Mode:
        return Mode.PLATE if plate is not None and plate.proven_share >= LEAST_PROVEN else Mode.MOSAIC

    def _decide(self, cells: CellFrame, record: Record) -> Decision:
        if record.flags & Record.DAMAGED:
            return whole(self._grid, Mosaic.DAMAGED)
        if record.flags & Record.RESIZED:
            return whole(self._grid, Mosaic.SIZE_CHANGED)
        if self._found is None:
            return whole(self._grid, Mosaic.DETECTOR_FAULT)
        if self._tally.mode is Mode.MOSAIC:
            return whole(self._grid, Mosaic.NO_BACKGROUND if self._live is None else Mosaic.LEARNING)
        if self._plate is not None:
            return against_plate(cells, self._plate, self._grid)
        return nothing_hidden(self._grid)

    def _show(self, waiting: Waiting) -> None:
        with self._tally.stage("hide"):
            out = self._composer.compose(waiting.decision, waiting.fills, waiting.background)
            hidden = waiting.decision.reasons[self._grid.cells_inside] > 0
            self._tally.shown(float(hidden.mean()), waiting.decision.mosaic)
        with self._tally.stage("encode"):
            for packet in self._encoders[Stream.REDACTED].encode(out, waiting.pts):
                self._emit(packet)
            if Stream.EXPLAINED in self._encoders:
                explained = self._composer.explain(waiting.decision)
                for packet in self._encoders[Stream.EXPLAINED].encode(explained, waiting.pts):
                    self._emit(packet)
        if waiting.time_s - self._explained_s >= EXPLAIN_S:
            self._explained_s = waiting.time_s
            rows, columns = waiting.decision.reasons.shape
            reasons = np.pad(waiting.decision.reasons, ((0, rows % 2), (0, columns % 2)))
            # The highest reason of each block's cells: a block hidden in part is not told as shown.
            blocks = np.maximum.reduce([reasons[r::2, c::2] for r in (0, 1) for c in (0, 1)])
            stamp_s = float(waiting.pts * self._time_base)
            self._emit(Explain(stamp_s, blocks.shape[1], blocks.shape[0], blocks.tobytes()))
