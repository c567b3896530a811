"""Boxes: chosen, joined, and never more than boxes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from tests.unit.darkroom.scenes import found

from passerby.darkroom.find.found import NOTHING, Found, Kind, together

BOX = (1.0, 2.0, 3.0, 7.0)


def test_nothing_that_tells_people_apart() -> None:
    # Of vehicles also which of six kinds each is: a bus is not a bicycle.
    assert [f.name for f in fields(Found)] == ["boxes", "scores", "kinds", "vehicles"]


def test_choosing_by_kind_and_score() -> None:
    everything = together([found(BOX, kind=k, score=s) for k in Kind for s in (0.2, 0.6)])
    assert len(everything) == 2 * len(Kind)
    faces = everything.only(Kind.FACE, 0.5)
    assert faces.kinds.tolist() == [Kind.FACE]
    assert faces.scores.tolist() == [np.float32(0.6)]
    assert len(everything.only(Kind.FACE)) == 2
    assert len(everything.only(Kind.FACE, 0.7)) == 0


def test_a_score_at_the_threshold_counts() -> None:
    half = found(BOX, score=0.5)
    assert len(half.only(Kind.PERSON, 0.5)) == 1


def test_heights() -> None:
    assert found(BOX, (0, 0, 1, 9)).heights.tolist() == [5, 9]
    assert NOTHING.heights.tolist() == []


def test_joining() -> None:
    assert together([]) is NOTHING
    assert len(together([NOTHING, NOTHING])) == 0
    both = together([found(BOX), found((4, 4, 5, 5), kind=Kind.VEHICLE)])
    assert both.boxes.tolist() == [list(BOX), [4, 4, 5, 5]]
    assert both.kinds.tolist() == [Kind.PERSON, Kind.VEHICLE]
    assert both.boxes.dtype == both.scores.dtype == np.float32
