"""Decoding: exact boxes from made-up outputs, exact suppression, and faults instead of silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.darkroom.find.decode import (
    NANODET_BINS,
    NANODET_CLASSES,
    ModelOutputFault,
    decode_centerface,
    decode_centernet,
    decode_nanodet,
    decode_plate,
)
from passerby.darkroom.find.overlap import best
from passerby.darkroom.find.priors import plate_priors

from .kit import Floats, overlaps

SIZE = (128, 64)
LARGE = 60.0
"""A logit that leaves nothing to the other bins."""


def nanodet() -> dict[str, Floats]:
    cells = {stride: SIZE[0] // stride * (SIZE[1] // stride) for stride in (8, 16, 32)}
    return {f"cls_{s}": np.zeros((1, n, 7), np.float32) for s, n in cells.items()} | {
        f"reg_{s}": np.zeros((1, n, 44), np.float32) for s, n in cells.items()
    }


def centerface() -> dict[str, Floats]:
    return {name: np.zeros((1, n, 16, 32), np.float32) for name, n in (("heat", 1), ("size", 2), ("offset", 2))}


def centernet() -> dict[str, Floats]:
    return {"heat": np.zeros((1, 1, 16, 32), np.float32), "sides": np.zeros((1, 4, 16, 32), np.float32)}


def plate() -> dict[str, Floats]:
    priors = len(plate_priors(SIZE))
    return {"score": np.zeros((1, priors, 1), np.float32), "shift": np.zeros((1, priors, 4), np.float32)}


Empty = Callable[[], dict[str, Floats]]
Decoder = Callable[[dict[str, Floats], tuple[int, int], float], tuple[Any, ...]]
DECODERS: tuple[tuple[Decoder, Empty], ...] = (
    (decode_nanodet, nanodet),
    (decode_centerface, centerface),
    (decode_plate, plate),
    (decode_centernet, centernet),
)


def test_nanodet_measures_from_the_middle_of_a_cell() -> None:
    outputs = nanodet()
    outputs["cls_8"][0, 16 + 5, NANODET_CLASSES.index("bus")] = 0.75
    for side, steps in enumerate((1, 0, 2, 3)):
        outputs["reg_8"][0, 16 + 5, side * 11 + steps] = LARGE
    boxes, scores, classes = decode_nanodet(outputs, SIZE, 0.5)
    np.testing.assert_allclose(boxes, [[44 - 8, 12, 44 + 16, 12 + 24]], atol=1e-4)
    assert scores.tolist() == [0.75]
    assert [NANODET_CLASSES[place] for place in classes] == ["bus"]


def test_nanodet_keeps_rider_and_motorcycle_but_one_of_car_and_truck() -> None:
    outputs = nanodet()
    outputs["reg_16"][0, :, [2, 13, 24, 35]] = LARGE
    outputs["cls_16"][0, 9] = [0.6, 0.0, 0.4, 0.7, 0.0, 0.0, 0.5]
    _, scores, classes = decode_nanodet(outputs, SIZE, 0.3)
    assert [NANODET_CLASSES[place] for place in classes] == ["motorcycle", "person", "truck"]
    assert scores.tolist() == pytest.approx([0.7, 0.6, 0.5])


def test_centernet_measures_from_the_corner_of_a_peak() -> None:
    outputs = centernet()
    outputs["heat"][0, 0, 3, 10:12] = 0.9, 0.8
    outputs["sides"][0, :, 3] = np.array([4, 5, 6, 7], np.float32)[:, None]
    boxes, scores = decode_centernet(outputs, SIZE, 0.05)
    assert boxes.tolist() == [[36, 7, 46, 19]], "its neighbour is no peak"
    assert scores.tolist() == [np.float32(0.9)]


def test_centerface_centres_a_box_on_its_cell_and_offset() -> None:
    outputs = centerface()
    outputs["heat"][0, 0, 3, 10] = 0.9
    outputs["size"][0, :, 3, 10] = np.log([5.0, 3.0])
    outputs["offset"][0, :, 3, 10] = [0.25, -0.5]
    boxes, scores = decode_centerface(outputs, SIZE, 0.5)
    np.testing.assert_allclose(boxes, [[40 - 6, 15 - 10, 40 + 6, 15 + 10]], atol=1e-4)
    assert scores.tolist() == pytest.approx([0.9])


def test_plate_moves_and_stretches_its_prior() -> None:
    outputs = plate()
    third_in_cell = 3 * (2 * 8 + 4) + 2
    outputs["score"][0, third_in_cell] = 0.8
    outputs["shift"][0, third_in_cell] = [-1, 1, 0, 5 * np.log(0.25)]
    x, y, wide, high = plate_priors(SIZE)[third_in_cell]
    assert (x, y, wide, high) == pytest.approx((72, 40, 51.2 * 2**0.5, 51.2 / 2**0.5))
    boxes, scores = decode_plate(outputs, SIZE, 0.5)
    x, y, high = x - wide / 10, y + high / 10, high / 4
    np.testing.assert_allclose(boxes, [[x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]], rtol=1e-5)
    assert scores.tolist() == pytest.approx([0.8])


@pytest.mark.parametrize(("decode", "empty"), DECODERS)
def test_nothing_found_is_empty_and_not_a_fault(decode: Decoder, empty: Empty) -> None:
    boxes, scores, *classes = decode(empty(), SIZE, 0.1)
    assert boxes.shape == (0, 4)
    assert boxes.dtype == scores.dtype == np.float32
    assert [len(part) for part in (scores, *classes)] == [0] * (1 + len(classes))


@pytest.mark.parametrize(("decode", "empty"), DECODERS)
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 2.0, -1.0])
def test_one_impossible_score_is_a_fault(decode: Decoder, empty: Empty, broken: float) -> None:
    for name in (name for name in empty() if name[:3] in ("cls", "hea", "sco")):
        outputs = empty()
        outputs[name].flat[-1] = broken
        with pytest.raises(ModelOutputFault, match=name):
            decode(outputs, SIZE, 0.1)


@pytest.mark.parametrize(("decode", "empty"), DECODERS)
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_found_box_that_is_no_number_is_a_fault(decode: Decoder, empty: Empty, broken: float) -> None:
    score, place = (
        name for name in list(empty()) if name in ("cls_8", "reg_8", "heat", "size", "sides", "score", "shift")
    )
    outputs = empty()
    outputs[score].flat[0] = 0.9
    outputs[place].flat[0] = broken
    with pytest.raises(ModelOutputFault):
        decode(outputs, SIZE, 0.1)


@pytest.mark.parametrize(("decode", "empty"), DECODERS)
def test_missing_and_misshapen_outputs_are_faults(decode: Decoder, empty: Empty) -> None:
    for name in empty():
        outputs = empty()
        del outputs[name]
        with pytest.raises(ModelOutputFault, match=name):
            decode(outputs, SIZE, 0.1)
    with pytest.raises(ModelOutputFault):
        decode(empty(), (SIZE[0] * 2, SIZE[1]), 0.1)


@pytest.mark.parametrize(("decode", "empty"), DECODERS)
def test_boxes_that_reach_over_the_edge_are_cut(decode: Decoder, empty: Empty) -> None:
    generator = np.random.default_rng(3)
    outputs = {name: generator.random(values.shape).astype(np.float32) for name, values in empty().items()}
    boxes, scores, *_ = decode(outputs, SIZE, 0.2)
    assert len(boxes) > 0
    assert (boxes >= 0).all()
    assert (boxes <= [SIZE[0], SIZE[1], SIZE[0], SIZE[1]]).all()
    assert (boxes == 0).any() or (boxes == [SIZE[0], SIZE[1], SIZE[0], SIZE[1]]).any()
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize(("decode", "empty"), DECODERS)
def test_a_box_outside_the_picture_or_without_area_is_a_fault(decode: Decoder, empty: Empty) -> None:
    outputs = empty()
    score, place = (
        name for name in list(outputs) if name in ("cls_8", "reg_8", "heat", "offset", "sides", "score", "shift")
    )
    outputs[score].flat[0] = 0.9
    # NanoDet's box holds its cell: it can't leave the picture, only have no sides, by bins that all say nought.
    outputs[place].flat[:: NANODET_BINS if place == "reg_8" else 1] = 1e3 if place == "reg_8" else -1e6
    with pytest.raises(ModelOutputFault, match="outside"):
        decode(outputs, SIZE, 0.1)


def one_by_one(boxes: Floats, scores: Floats, limit: float, rivals: np.ndarray) -> list[int]:
    """The textbook's suppression, slow and plain."""
    kept: list[int] = []
    for place in np.argsort(-scores, kind="stable"):
        same = [other for other in kept if rivals[other] == rivals[place]]
        if not same or (overlaps(boxes[[place]], boxes[same]) <= limit).all():
            kept.append(int(place))
    return kept


@given(st.integers(0, 300), st.integers(0, 2**32 - 1), st.sampled_from([0.25, 0.45, 0.6]))
def test_suppression_equals_the_textbook(count: int, seed: int, limit: float) -> None:
    generator = np.random.default_rng(seed)
    # Whole numbers keep areas exact, so that both ways round alike.
    corners = generator.integers(0, 60, (count, 2))
    boxes = np.hstack((corners, corners + generator.integers(1, 40, (count, 2)))).astype(np.float32)
    scores = generator.integers(0, 50, count).astype(np.float32) / 50
    rivals = generator.integers(0, 3, count)
    assert best(boxes, scores, limit, rivals).tolist() == one_by_one(boxes, scores, limit, rivals)
