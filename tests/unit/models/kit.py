"""What the tests of the models share: the repository, the test data, and two ways to run a network."""

from __future__ import annotations

import csv
import os
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "models"
WEIGHTS = MODELS / "weights"
DATA = Path(os.environ.get("PASSERBY_DATA", ROOT.parent / "shared" / "data"))

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]
Network = Callable[[Floats], Mapping[str, Floats]]
Size = tuple[int, int]


@cache
def listed() -> dict[str, dict[str, Any]]:
    """The entries of the list of weights, by name."""
    return {entry["name"]: entry for entry in tomllib.loads((WEIGHTS / "weights.toml").read_text())["model"]}


def weights(name: str) -> bytes:
    """One model file."""
    return (WEIGHTS / listed()[name]["file"]).read_bytes()


@cache
def in_openvino(name: str) -> Network:
    """A model in OpenVINO, float32, any input size."""
    core = openvino.Core()
    model = core.read_model(weights(name), b"")
    model.reshape([1, 3, -1, -1])
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False})
    return lambda blob: {out.get_any_name(): np.array(value) for out, value in compiled([blob]).items()}


@cache
def in_opencv(name: str) -> Network:
    """A model in OpenCV DNN."""
    network = cv2.dnn.readNetFromONNX(np.frombuffer(weights(name), np.uint8))
    names = network.getUnconnectedOutLayersNames()

    def run(blob: Floats) -> Mapping[str, Floats]:
        network.setInput(blob)
        return dict(zip(names, network.forward(names), strict=True))

    return run


def blob(picture: Picture) -> Floats:
    """A picture (H, W, 3) as an input (1, 3, H, W)."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)


def fitted(picture: Picture, size: Size) -> tuple[Picture, float]:
    """A picture scaled to fit an input (width, height), the rest grey, and input pixels for one picture pixel."""
    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    canvas = np.full((size[1], size[0], 3), 114, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas, scale


def photographs(folder: str, start: str = "") -> list[Path]:
    """The pictures of one set of the test data; skips where the set is absent, and fails in CI."""
    found = sorted((DATA / folder / "images").glob(f"{start}*.jpg"))
    if not found:
        reason = f"no pictures in {folder}: set PASSERBY_DATA to the folder of the test data"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def labelled(folder: str, label: str) -> dict[str, Floats]:
    """The labelled boxes of a set, file name to (n, 4): x0, y0, x1, y1 in pixels."""
    boxes: dict[str, list[list[float]]] = defaultdict(list)
    with (DATA / folder / "boxes.csv").open() as file:
        for row in csv.DictReader(file):
            if row["label"] == label:
                x, y, w, h = (float(row[key]) for key in "xywh")
                boxes[row["image"]].append([x, y, x + w, y + h])
    return {name: np.array(rows, np.float32) for name, rows in boxes.items()}


def overlaps(these: Floats, those: Floats) -> Floats:
    """Intersection over union of each of these with each of those, (n, m)."""
    low, high = np.maximum(these[:, None, :2], those[:, :2]), np.minimum(these[:, None, 2:], those[:, 2:])
    common = np.maximum(high - low, 0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (these, those)]
    union: Floats = areas[0][:, None] + areas[1] - common
    return common / union
