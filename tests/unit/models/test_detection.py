"""The models find, in real pictures, what people labelled there. Floors lie a little under what was measured."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from passerby.darkroom.find.decode import NANODET_CLASSES, decode_centerface, decode_nanodet, decode_plate

from .kit import (
    Floats,
    Network,
    Picture,
    Size,
    blob,
    fitted,
    in_opencv,
    in_openvino,
    labelled,
    overlaps,
    photographs,
)

PERSON = NANODET_CLASSES.index("person")
Finder = Callable[[Network, Picture, Size, float], Floats]


def persons(network: Network, picture: Picture, size: Size, threshold: float) -> Floats:
    boxes, _, classes = decode_nanodet(network(blob(picture)), size, threshold)
    return boxes[classes == PERSON]


def vehicles(network: Network, picture: Picture, size: Size, threshold: float) -> Floats:
    boxes, _, classes = decode_nanodet(network(blob(picture)), size, threshold)
    return boxes[classes != PERSON]


def faces(network: Network, picture: Picture, size: Size, threshold: float) -> Floats:
    return decode_centerface(network(blob(picture)), size, threshold)[0]


def plates(network: Network, picture: Picture, size: Size, threshold: float) -> Floats:
    return decode_plate(network(blob(picture)), size, threshold)[0]


def recall(finder: Finder, network: Network, folder: str, label: str, size: Size, threshold: float) -> float:
    """The share of labelled boxes that a found box overlaps by half."""
    wanted, hits, total = labelled(folder, label), 0, 0
    for path in photographs(folder):
        if path.name in wanted:
            small, scale = fitted(cv2.imread(str(path)), size)
            found = finder(network, small, size, threshold) / np.float32(scale)
            total += len(wanted[path.name])
            hits += int((overlaps(wanted[path.name], found).max(axis=1, initial=0) >= 0.5).sum())
    return hits / total


@pytest.mark.parametrize(
    ("finder", "model", "folder", "label", "size", "threshold", "floor"),
    [
        (persons, "nanodet", "faces-persons-airport", "person", (640, 384), 0.1, 0.95),
        (persons, "nanodet", "faces-persons-airport", "person", (640, 384), 0.3, 0.88),
        (vehicles, "nanodet", "plates-vehicles-vlp", "vehicle", (640, 384), 0.1, 0.95),
        (vehicles, "nanodet", "vehicles-street", "vehicle", (1280, 736), 0.1, 0.70),
        (faces, "centerface", "faces-persons-airport", "face", (1280, 736), 0.3, 0.80),
        (faces, "centerface", "faces-dlib", "face", (640, 384), 0.3, 0.95),
        (plates, "plate", "plates-openalpr", "plate", (640, 384), 0.1, 0.68),
        (plates, "plate", "plates-openalpr", "plate", (640, 384), 0.3, 0.56),
    ],
)
def test_most_of_what_is_labelled_is_found(
    finder: Finder,
    model: str,
    folder: str,
    label: str,
    size: Size,
    threshold: float,
    floor: float,
    record_property: Callable[[str, object], None],
) -> None:
    photographs(folder)
    reached = recall(finder, in_openvino(model), folder, label, size, threshold)
    record_property("recall", reached)
    print(f"{model}: {label} in {folder}, {size[0]}x{size[1]}, from {threshold}: recall {reached:.3f}")
    assert reached >= floor


@pytest.mark.parametrize(("finder", "model"), [(persons, "nanodet"), (faces, "centerface"), (plates, "plate")])
def test_both_runtimes_find_the_same_boxes(finder: Finder, model: str) -> None:
    size = (640, 384)
    small, _ = fitted(cv2.imread(str(photographs("faces-persons-airport")[0])), size)
    ours, fallback = (finder(network(model), small, size, 0.1) for network in (in_openvino, in_opencv))
    assert ours.shape == fallback.shape
    assert np.abs(ours - fallback).max(initial=0) < 0.05


@pytest.mark.parametrize(("finder", "model"), [(persons, "nanodet"), (faces, "centerface"), (plates, "plate")])
def test_empty_pictures_hold_nothing(finder: Finder, model: str) -> None:
    size = (640, 384)
    for level in (0, 114, 255):
        assert len(finder(in_openvino(model), np.full((size[1], size[0], 3), level, np.uint8), size, 0.3)) == 0
