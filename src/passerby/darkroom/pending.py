"""Decisions that wait for what the next moments show: what is found at t also hides t-k."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import Fills
from passerby.darkroom.hide.decide import Decision, Reasons, merge
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.hide.spots import Spot, add_spots
from passerby.outlet.messages import Mosaic

LOOK_BACK_S = 0.5
MOST_WAITING = 64
CARRIED_FRAMES, CARRIED_S = 2, 0.3
RAW_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frame that has been decided but not yet shown.

    ``background`` is what is shown where nothing is hidden: the plate it was decided against, or in no-plate mode a
    copy of the frame. None shows nothing but cells.
    """

    decision: Decision
    fills: Fills
    pts: int
    time_s: float
    background: RawPlanes | None

    @property
    def settled(self) -> bool:
        """Hidden whole: nothing that is found later can change it."""
        return self.decision.mosaic is not Mosaic.NONE


class LookBack:
    """Holds decisions for a moment; carries masks forward and detections back.

    With a plate nothing raw is kept: coarse cell values and a mask are all that a later output needs.

    Args:
        grid: The picture's grids.
        keeps_raw: In no-plate mode the frame itself must wait too.
        look_back_s: How far back a detection hides, in seconds.
    """

    def __init__(self, grid: Grid, *, keeps_raw: bool, look_back_s: float) -> None:
        self._grid = grid
        self._look_back_s = look_back_s
        frame_bytes = grid.width * grid.height * 3 // 2 + 1
        self._most = max(1, min(MOST_WAITING, RAW_BYTES // frame_bytes)) if keeps_raw else MOST_WAITING
        self._waiting: deque[Waiting] = deque()
        self._own: deque[tuple[float, Reasons, Reasons]] = deque(maxlen=CARRIED_FRAMES)
        self._spare: list[RawPlanes] = []
        self._keeps_raw = keeps_raw

    def add(self, decision: Decision, fills: Fills, pts: int, time_s: float, background: RawPlanes | None) -> None:
        """A new frame's decision. In no-plate mode the background is the raw frame, and copied."""
        own, levels = decision.reasons.copy(), decision.levels.copy()
        for before_s, reasons_before, levels_before in self._own:
            if time_s - before_s > CARRIED_S:
                continue
            merge(decision, reasons_before, levels_before, Reason.CARRIED)
        own[own == Reason.UNPROVEN] = Reason.SHOWN
        self._own.append((time_s, own, levels))
        kept = self._copy(background) if self._keeps_raw and background is not None else background
        self._waiting.append(Waiting(decision, fills, pts, time_s, kept))

    def found(self, spots: list[Spot]) -> None:
        """Hide in the frames that still wait what has been found now."""
        for waiting in self._waiting:
            add_spots(waiting.decision, spots, Reason.AHEAD)

    def due(self, now_s: float) -> Iterator[Waiting]:
        """Frames that have waited long enough, in order. What is a mosaic needn't wait."""
        while self._waiting and (
            self._waiting[0].settled
            or len(self._waiting) > self._most
            or now_s - self._waiting[0].time_s >= self._look_back_s
        ):
            yield self._release()

    def rest(self) -> Iterator[Waiting]:
        """All that still wait: the clip is over."""
        while self._waiting:
            yield self._release()

    def _release(self) -> Waiting:
        waiting = self._waiting.popleft()
        if self._keeps_raw and waiting.background is not None:
            # Reused from the next `add` on; the caller is done with it by then.
            self._spare.append(waiting.background)
        return waiting

    def _copy(self, raw: RawPlanes) -> RawPlanes:
        if not self._spare:
            return RawPlanes(raw.y.copy(), raw.u.copy(), raw.v.copy())
        into = self._spare.pop()
        for target, source in zip((into.y, into.u, into.v), (raw.y, raw.u, raw.v), strict=True):
            target[:] = source
        return into
