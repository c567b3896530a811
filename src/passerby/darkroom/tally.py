"""What a darkroom tells about itself: sums since the item began."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from passerby.outlet.messages import MOSAIC_COUNTS, Health, Mode, Mosaic

NO_SITE_ROOT = bytes(32)


@dataclass(slots=True)
class Tally:
    """Counters of one item.

    Args:
        build: Hash of the running build.
        site_root: Hash of the site root under which it runs; zeros where there is none.
        skipped: Frames that the decode process did not pass on because they came late.
        sealed: Frames that left as ciphertext.
        left_out: Frames that could not wait for what was searched just then, and were not shown.
    """

    build: bytes
    site_root: bytes = NO_SITE_ROOT
    mode: Mode = Mode.UNKNOWN
    mosaic: Mosaic = Mosaic.NONE
    read: int = 0
    frames: int = 0
    damaged: int = 0
    repaired_times: int = 0
    resized: int = 0
    skipped: int = 0
    left_out: int = 0
    detections: int = 0
    sealed: int = 0
    hidden_frames: float = 0.0
    learnt: float = 0.0
    decode_ns: int = 0
    stage_ns: dict[str, int] = field(default_factory=lambda: {"learn": 0, "find": 0, "hide": 0, "encode": 0, "seal": 0})
    mosaic_frames: list[int] = field(default_factory=lambda: [0] * len(Mosaic))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time spent inside to a stage."""
        started = time.perf_counter_ns()
        try:
            yield
        finally:
            self.stage_ns[name] += time.perf_counter_ns() - started

    def shown(self, hidden_share: float, mosaic: Mosaic) -> None:
        """One frame has been shown, this share of it hidden."""
        self.frames += 1
        self.hidden_frames += hidden_share
        self.mosaic = mosaic
        self.mosaic_frames[mosaic] += 1

    def unneeded(self, frames: int) -> None:
        """So many frames have been read of which nothing was to be shown and nobody had to look at."""
        self.read += frames
        self.frames += frames
        self.hidden_frames += frames
        self.mosaic_frames[Mosaic.NONE] += frames

    def health(self) -> Health:
        """The counters as a message."""
        stages = self.stage_ns
        return Health(
            self.read,
            self.frames,
            self.damaged,
            self.repaired_times,
            self.resized,
            self.skipped + self.left_out,
            self.detections,
            self.sealed,
            self.mode,
            self.mosaic,
            self.hidden_frames,
            self.learnt,
            self.decode_ns,
            stages["learn"],
            stages["find"],
            stages["hide"],
            stages["encode"],
            MOSAIC_COUNTS.pack(*self.mosaic_frames),
            self.build,
            self.site_root,
        )
