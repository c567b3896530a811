"""The model files are the listed ones, come from where the lock says, and compute the same in both runtimes."""

from __future__ import annotations

import hashlib
import tomllib

import cv2
import numpy as np
import pytest

from .kit import MODELS, ROOT, WEIGHTS, Floats, blob, in_opencv, in_openvino, listed, photographs, weights

LARGEST = 20_000_000
NAMES = ("centerface", "centernet", "nanodet", "plate")
SIZES = ((640, 384), (960, 736), (416, 416), (64, 64))


def locked() -> dict[str, dict[str, object]]:
    return {entry["name"]: entry for entry in tomllib.loads((MODELS / "sources.lock").read_text())["model"]}


def test_the_list_names_exactly_the_files_that_are_there() -> None:
    assert {entry["file"] for entry in listed().values()} == {path.name for path in WEIGHTS.glob("*.onnx")}
    assert sorted(listed()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_the_listed_hash(name: str) -> None:
    assert hashlib.sha256(weights(name)).hexdigest() == listed()[name]["sha256"]


def test_all_files_together_are_small() -> None:
    assert sum(len(weights(name)) for name in NAMES) <= LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_every_model_has_a_source_and_a_card_that_names_it(name: str) -> None:
    source, card = locked()[name], (ROOT / listed()[name]["card"]).read_text()
    assert f"{source['package']} {source['release']}" in card
    for heading in ("Recognises nobody", "Licence", "Trained on", "Input", "Outputs", "Misses", "Built"):
        assert f"## {heading}" in card, heading


def test_nothing_is_locked_that_is_not_listed() -> None:
    assert locked().keys() == listed().keys()


def test_no_address_of_a_registry_is_written_down() -> None:
    for path in (MODELS / "sources.lock", MODELS / "build.lock", WEIGHTS / "weights.toml"):
        assert "://" not in path.read_text(), path.name


def test_the_networks_have_only_the_outputs_that_hiding_needs() -> None:
    shapes = {name: {key: value.shape for key, value in in_opencv(name)(_noise((64, 64))).items()} for name in NAMES}
    assert shapes["centerface"] == {"heat": (1, 1, 16, 16), "size": (1, 2, 16, 16), "offset": (1, 2, 16, 16)}
    assert shapes["centernet"] == {"heat": (1, 1, 16, 16), "sides": (1, 4, 16, 16)}
    assert {key: shape[2] for key, shape in shapes["nanodet"].items()} == {
        f"{part}_{stride}": columns for stride in (8, 16, 32) for part, columns in (("cls", 7), ("reg", 44))
    }
    assert {key: shape[2] for key, shape in shapes["plate"].items()} == {"score": 1, "shift": 4}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", NAMES)
def test_both_runtimes_compute_the_same(name: str, size: tuple[int, int]) -> None:
    picture = cv2.resize(cv2.imread(str(photographs("faces-persons-airport")[0])), size, interpolation=cv2.INTER_AREA)
    for given in (blob(picture), _noise(size)):
        ours, fallback = in_openvino(name)(given), in_opencv(name)(given)
        assert set(ours) == set(fallback) == set(listed()[name]["outputs"])
        for key, values in ours.items():
            assert values.shape == fallback[key].shape
            assert np.isfinite(values).all()
            # Sides are pixels: a hundredth of the largest.
            apart = 0.01 * np.abs(values).max() if key == "sides" else 1e-3
            assert np.abs(values - fallback[key]).max() < apart, key


def _noise(size: tuple[int, int]) -> Floats:
    return np.random.default_rng(7).integers(0, 256, (1, 3, size[1], size[0])).astype(np.float32)
