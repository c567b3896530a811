"""Calibration: learns what features mean, says how wrong it is, and stays at 0 where nothing is."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from passerby.base.errors import SceneError
from passerby.crowd.calibration import FOUND, Calibration, advice, calibrate
from passerby.crowd.occupancy import Estimate
from passerby.crowd.regression import fit

NAMES = ("area", "detections")


def crowd(seed: int, frames: int, noise: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frames whose features follow the crowd: 0.5 area a head, half of all detected."""
    chance = np.random.default_rng(seed)
    people = chance.integers(0, 50, frames).astype(float)
    area = np.maximum(0, 0.5 * people + chance.normal(0, noise, frames) * (people > 0))
    found = np.maximum(0, 0.5 * people + chance.normal(0, noise, frames) * (people > 0))
    return np.column_stack((area, found)), people


def error(of: Calibration, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(
        np.mean(
            [abs(of.people(dict(zip(of.features, row, strict=True))).value - n) for row, n in zip(x, y, strict=True)]
        )
    )


def test_it_learns() -> None:
    x, y = crowd(0, 30)
    made = calibrate(NAMES, x, y)
    fresh, truth = crowd(1, 400)
    assert error(made, fresh, truth) < 2.5
    assert made.mae < 3
    assert made.frames == 30


def test_nothing_is_nobody_for_sure() -> None:
    x, y = crowd(0, 30)
    constant = np.full(30, 25.0)
    for counts in (y, constant):
        assert calibrate(NAMES, x, counts).people({"area": 0, "detections": 0}) == Estimate(0, 0, 0)


@pytest.mark.parametrize("frames", [20, 50])
def test_nine_in_ten_lie_in_the_interval(frames: int) -> None:
    inside = []
    for seed in range(12):
        x, y = crowd(seed, frames)
        made = calibrate(NAMES, x, y)
        for row, n in zip(*crowd(seed + 100, 200), strict=True):
            found = made.people(dict(zip(NAMES, row, strict=True)))
            inside.append(found.low <= n <= found.high)
    print(f"{frames} frames: {np.mean(inside):.1%} covered")
    assert 0.85 <= np.mean(inside) <= 0.96


def test_a_wrong_count_hardly_matters() -> None:
    x, y = crowd(0, 30)
    wrong = y.copy()
    wrong[[4, 17]] = (300, 250)
    fresh, truth = crowd(1, 400)
    assert error(calibrate(NAMES, x, wrong), fresh, truth) < 2 * error(calibrate(NAMES, x, y), fresh, truth) + 1


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(5, 30))
def test_more_in_view_is_never_fewer(seed: int, frames: int) -> None:
    made = calibrate(NAMES, *crowd(seed, frames))
    assert all(w >= 0 for w in (*made.weights, made.presence))
    steps = [made.people({"area": a, "detections": a}).value for a in np.linspace(0, 30, 40)]
    assert all(b >= a for a, b in itertools.pairwise(steps))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_units_do_not_matter(seed: int, unit: float) -> None:
    x, y = crowd(seed, 25)
    one, other = calibrate(NAMES, x, y), calibrate(NAMES, x * (unit, 1), y)
    here = {"area": 7.0, "detections": 6.0}
    assert other.people({**here, "area": 7 * unit}).value == pytest.approx(one.people(here).value, rel=1e-6)


def test_nobody_found_is_nobody_whatever_covers_the_background() -> None:
    x, y = crowd(0, 30)
    made = calibrate((FOUND, "area"), x, y)
    assert made.people({FOUND: 0, "area": 30.0}) == Estimate(0, 0, 0)
    assert made.people({FOUND: 5.0, "area": 30.0}).value > 0


def test_while_a_feature_is_not_known_the_detections_speak_alone() -> None:
    """As after a start or a turn of the camera: the interval is that of the detections alone."""
    x, y = crowd(0, 40)
    made = calibrate(("area", FOUND), x, y)
    fresh, truth = crowd(1, 400)
    alone = [made.people({FOUND: row[1]}) for row in fresh]
    assert np.mean([abs(e.value - n) for e, n in zip(alone, truth, strict=True)]) < 3
    assert 0.85 <= np.mean([e.low <= n <= e.high for e, n in zip(alone, truth, strict=True)]) <= 0.97
    with pytest.raises(KeyError):
        made.people({"area": 3.0})


def test_it_survives_json() -> None:
    made = calibrate(NAMES, *crowd(0, 20))
    assert Calibration.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    "change",
    [{"weights": [1.0]}, {"weights": [-1.0, 2.0]}, {"mae": float("nan")}, {"frames": True}, {"features": []},
     {"features": [1, 2]}, {"extra": 1}, {"full": "x"}],
)  # fmt: skip
def test_a_spoilt_one_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SceneError) as caught:
        Calibration.from_json({**calibrate(NAMES, *crowd(0, 20)).to_json(), **change})
    assert caught.value.fault == "calibration"


@pytest.mark.parametrize(
    ("names", "x", "y", "fault"),
    [
        (["a"], [[1]] * 4, [1] * 4, "few-frames"),
        (["a"], [[1, 2]] * 6, [1] * 6, "features"),
        (["a", "a"], [[1, 2]] * 6, [1] * 6, "features"),
        (["a"], [[-1]] * 6, [1] * 6, "counts"),
        (["a"], [[1]] * 6, [float("nan")] * 6, "counts"),
    ],
)
def test_what_can_not_be_learnt_is_named(names: list[str], x: list[list[float]], y: list[float], fault: str) -> None:
    with pytest.raises(SceneError) as caught:
        calibrate(names, x, y)
    assert caught.value.fault == fault


def test_the_learning_curve_falls_and_says_what_more_would_bring() -> None:
    x, y = crowd(0, 60, noise=4.0)
    made = calibrate(NAMES, x, y)
    said = advice(NAMES, x, y, made.ridge, np.random.default_rng(0))
    sizes, errors = zip(*said.curve, strict=True)
    assert sizes == (5, 8, 12, 18, 27, 40)
    assert errors[-1] < errors[0]
    assert said.constant_mae > 2 * errors[-1]
    gains = [e for _, e in said.expected]
    assert gains == sorted(gains, reverse=True)
    # Held to what more frames really bring.
    more, truth = crowd(7, 120, noise=4.0)
    later = error(calibrate(NAMES, more, truth), *crowd(9, 400, noise=4.0))
    assert said.expected[-1][1] == pytest.approx(later, rel=0.25)


@given(st.integers(0, 10_000))
def test_the_fit_is_the_best_that_is_not_negative(seed: int) -> None:
    """No step in any allowed direction is better (checked on the plain loss: no outlier, so that Huber is square)."""
    chance = np.random.default_rng(seed)
    x = chance.uniform(0, 1, (40, 3))
    y = x @ np.array([2.0, 0.0, 1.0])
    weights = fit(x, y, 0.0)
    assert weights == pytest.approx([2, 0, 1], abs=1e-6)


def mall(data: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features simulated from Mall's labels: every head hides some of those behind, far heads are found less often.

    The heads and their places are real; what a detector or a background model would make of them is not.
    """
    rows = (data / "crowd-mall" / "head_points.csv").read_text().splitlines()[1:]
    heads: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        name, x, y = row.split(",")
        heads.setdefault(name, []).append((float(x), float(y)))
    scale = np.load(data / "crowd-mall" / "perspective_map.npy")
    chance = np.random.default_rng(20)
    out, counts = [], []
    for name in sorted(heads):
        p = np.array(heads[name])
        counts.append(len(p))
        yx = np.clip(p[:, ::-1].astype(int), 0, (479, 639))
        near = scale[yx[:, 0], yx[:, 1]] / scale.max()
        apart = np.linalg.norm(p[:, None] - p[None], axis=2) + 1e9 * np.eye(len(p))
        free = np.clip(apart.min(axis=1) / (60 * near), 0.3, 1)
        area = float((free * chance.lognormal(0, 0.3, len(p))).sum() * chance.lognormal(0, 0.08))
        found = float((chance.random(len(p)) < 0.25 + 0.5 * near).sum())
        out.append((area, found))
    return np.array(out), np.array(counts, float)


def test_mall_with_features_from_its_labels(data_dir: Path) -> None:
    x, y = mall(data_dir)
    assert len(y) == 400
    results = {}
    for frames in (20, 50):
        errors, inside = [], []
        for seed in range(5):
            used = np.sort(np.random.default_rng(seed).choice(len(y), frames, replace=False))
            rest = np.setdiff1d(np.arange(len(y)), used)
            made = calibrate(NAMES, x[used], y[used])
            found = [made.people(dict(zip(NAMES, row, strict=True))) for row in x[rest]]
            errors.append(np.mean([abs(e.value - n) for e, n in zip(found, y[rest], strict=True)]))
            inside.append(np.mean([e.low <= n <= e.high for e, n in zip(found, y[rest], strict=True)]))
        results[frames] = (float(np.mean(errors)), float(np.mean(inside)))
    constant = float(np.mean(np.abs(y - np.median(y))))
    print(f"constant {constant:.2f}; 20 frames {results[20]}; 50 frames {results[50]}")
    assert results[20][0] <= 3.5
    assert results[50][0] <= 3.0
    assert results[50][0] < 0.75 * constant
    assert all(0.85 <= covered <= 0.97 for _, covered in results.values())
