"""A finder that says what a test wrote down, and a redaction around it that can be watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.darkroom.scenes import copied

from passerby.darkroom import redaction as module
from passerby.darkroom._frames import RawPlanes, Record, What
from passerby.darkroom.find.decode import ModelOutputFault
from passerby.darkroom.find.finder import EVIDENCE, Look
from passerby.darkroom.find.found import NOTHING, Found
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.compose import Composer
from passerby.darkroom.hide.decide import Decision
from passerby.darkroom.redaction import Options, Redaction
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Counts, Explain, Message, Mosaic, RedactedPacket, Stream, StreamStart

FAULT = object()
LEARNING_FRAMES, LEARNING_STEP = 30, 10  # at 25 fps: 12 s


class Script:
    """Stands in for the networks.

    Args:
        said: What is found in the n-th frame of the last pass; `FAULT` is a broken network.
        learnt: The same for the first pass.
    """

    def __init__(
        self, said: Callable[[int], Any] = lambda _: NOTHING, learnt: Callable[[int], Any] = lambda _: NOTHING
    ):
        self.looks: list[Look] = []
        self.frames: list[int] = []
        self.now = 0
        self._said, self._learnt = said, learnt

    def says_the_same_to_whoever_learns(self) -> None:
        """From now on."""
        self._learnt = self._said

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        self.looks.append(look)
        self.frames.append(self.now)
        answer = (self._learnt if look is EVIDENCE else self._said)(self.now)
        if answer is FAULT:
            raise ModelOutputFault
        return answer


@dataclass
class Shown:
    """One output frame as it was composed."""

    reasons: NDArray[np.uint8]
    mosaic: Mosaic
    out: RawPlanes
    explained: RawPlanes | None = None


@dataclass
class Item:
    """One item being worked on, and all that came of it."""

    grid: Grid
    script: Script
    options: Options = field(default_factory=lambda: Options(count=True, per_frame=True))
    about: Record = ABOUT
    out: list[Message] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    tally: Tally = field(default_factory=lambda: Tally(bytes(32)))

    def __post_init__(self) -> None:
        self.about = replace(
            self.about, width=self.grid.width, height=self.grid.height, time_base_den=25, duration_s=12.0
        )
        self.work = Redaction(
            self.about, (self.grid.width, self.grid.height), self.script, self.out.append, self.tally, self.options
        )

    def record(self, pts: int, **changed: Any) -> Record:
        return replace(self.about, what=What.FRAME, pts=pts, **changed)

    def learn(self, frame: Callable[[int], RawPlanes], **changed: Any) -> None:
        """The first pass: a dozen seconds in which samples are taken now and then."""
        for n in range(LEARNING_FRAMES):
            self.script.now = n
            self.work.learn(frame(n), self.record(n * LEARNING_STEP, **changed))
        self.work.learnt()

    def redact(
        self,
        frames: Iterable[RawPlanes],
        flags: Callable[[int], int] = lambda _: 0,
        step: int = 1,
        spoil: Callable[[RawPlanes], None] = lambda _: None,
    ) -> None:
        """The last pass; ``spoil`` is what becomes of a slot once it has been given back."""
        for n, planes in enumerate(frames):
            self.script.now = n
            self.work.redact(planes, self.record(n * step, flags=flags(n)))
            spoil(planes)
        self.work.finish()

    def of(self, kind: type[Any]) -> list[Any]:
        return [m for m in self.out if isinstance(m, kind)]

    @property
    def packets(self) -> list[RedactedPacket]:
        return [p for p in self.of(RedactedPacket) if p.stream == Stream.REDACTED]

    @property
    def counts(self) -> list[Counts]:
        return self.of(Counts)

    @property
    def explanations(self) -> list[Explain]:
        return self.of(Explain)

    @property
    def starts(self) -> list[StreamStart]:
        return self.of(StreamStart)


def watched(item: Item, monkeypatch: pytest.MonkeyPatch) -> Item:
    """Keep every frame that the item composes."""

    class Watched(Composer):
        def compose(self, decision: Decision, fills: Any, background: RawPlanes | None) -> RawPlanes:
            out = super().compose(decision, fills, background)
            item.shown.append(Shown(decision.reasons.copy(), decision.mosaic, copied(out)))
            return out

        def explain(self, decision: Decision) -> RawPlanes:
            explained = super().explain(decision)
            item.shown[-1].explained = copied(explained)
            return explained

    monkeypatch.setattr(module, "Composer", Watched)
    item.__post_init__()
    return item
