"""Every source of the mask hides something that no other one would: switched off, its line here fails."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.darkroom.scenes import Box, cells_of, copied, found, painted, textured
from tests.unit.darkroom.script import Item, Script, watched

from passerby.darkroom._frames import RawPlanes, Record
from passerby.darkroom.find.found import NOTHING, Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.reasons import Reason

GRID = Grid(160, 128)
SCENE = textured(GRID, 3)
BOX: Box = (40, 40, 64, 96)
PLATE_BOX: Box = (40, 40, 80, 56)
PLACE = cells_of(BOX, GRID)
RIM = cells_of((36, 36, 68, 100), GRID) & ~PLACE
HERE = painted(SCENE, BOX, 253)
Make = Callable[..., Item]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    def made(script: Script | None = None, learnt: RawPlanes | None = SCENE) -> Item:
        item = watched(Item(GRID, script or Script()), monkeypatch)
        if learnt is not None:
            item.learn(lambda _: learnt)
        return item

    return made


def unproven(make: Make) -> NDArray[np.uint8]:
    """Found in his seat all through the first pass, and by nothing in the last."""
    item = make(Script(learnt=lambda _: found(BOX, score=0.8)), HERE)
    item.redact([copied(HERE)])
    return item.shown[0].reasons[PLACE]


def differs(make: Make) -> NDArray[np.uint8]:
    """Found by nothing, but he wasn't there before."""
    item = make()
    item.redact([copied(HERE)])
    return item.shown[0].reasons[PLACE]


def nearby(make: Make) -> NDArray[np.uint8]:
    """Around him, where the frame looks like the plate."""
    item = make()
    item.redact([copied(HERE)])
    return item.shown[0].reasons[RIM]


def carried(make: Make) -> NDArray[np.uint8]:
    """He was there a moment ago."""
    item = make()
    item.redact([copied(HERE), copied(SCENE)])
    return item.shown[1].reasons[PLACE]


def ahead(make: Make) -> NDArray[np.uint8]:
    """He looks like the plate, and is found a moment later."""
    item = make(Script(lambda n: found(BOX, score=0.8) if n == 20 else NOTHING))
    item.redact([copied(SCENE) for _ in range(21)])
    return item.shown[15].reasons[cells_of((44, 40, 60, 56), GRID)]


def boxed(kind: Kind, box: Box) -> Callable[[Make], NDArray[np.uint8]]:
    """Without a plate what is found is all there is."""

    def run(make: Make) -> NDArray[np.uint8]:
        item = make(Script(lambda _: found(box, kind=kind, score=0.8)), None)
        item.redact([copied(SCENE)])
        return item.shown[0].reasons[cells_of(box, GRID)]

    return run


def damaged(make: Make) -> NDArray[np.uint8]:
    """Nothing can be relied on."""
    item = make()
    item.redact([copied(SCENE)], flags=lambda _: Record.DAMAGED)
    return item.shown[0].reasons


SOURCES: dict[Reason, Callable[[Make], NDArray[np.uint8]]] = {
    Reason.UNPROVEN: unproven,
    Reason.DIFFERS: differs,
    Reason.NEARBY: nearby,
    Reason.CARRIED: carried,
    Reason.AHEAD: ahead,
    Reason.PERSON: boxed(Kind.PERSON, BOX),
    Reason.VEHICLE: boxed(Kind.VEHICLE, BOX),
    Reason.FACE: boxed(Kind.FACE, BOX),
    Reason.NUMBER_PLATE: boxed(Kind.NUMBER_PLATE, PLATE_BOX),
    Reason.MOSAIC: damaged,
}


@pytest.mark.parametrize("reason", SOURCES)
def test_each_source_hides_what_no_other_does(reason: Reason, make: Make) -> None:
    told = SOURCES[reason](make)
    assert told.size
    assert set(told.ravel().tolist()) == {reason}


def test_there_is_a_line_for_every_reason() -> None:
    """What a camera may never show is a reason of its own, and none of the darkroom's sources gives it."""
    assert set(SOURCES) == set(Reason) - {Reason.SHOWN, Reason.FORBIDDEN}
