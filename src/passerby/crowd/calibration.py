"""Calibration: what a camera's features mean, learnt from a few frames in which silhouettes were counted.

Features are numbers that grow with the crowd: the sum of detections' chances, weak detections, the area and the edge
of what covers the background. One more is made here: whether anything is there at all, which rises to 1 at the
emptiest frames that were counted. It takes the place of a constant, so that an empty street stays at exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from passerby.base.errors import SceneError
from passerby.crowd.occupancy import Estimate
from passerby.crowd.regression import MOST_FEATURES, Array, fit

LEAST_FRAMES = 5
FOLDS = 5
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1)
COVERAGE = 0.90
# The number that counts without a calibration. Where it is 0 nobody is there, whatever else moves.
FOUND = "found"
# Draws for the learning curve at each size.
DRAWS = 6
NUMBERS = ("presence", "full", "ridge", "width", "mae", "alone", "alone_width")
FIELDS = {"features", "weights", "scale", "frames", *NUMBERS}


@dataclass(frozen=True, slots=True)
class Calibration:
    """A camera's regression.

    Args:
        features: Their names, in order.
        weights: People for each unit of a feature; none is negative.
        scale: Of each feature: its mean over the counted frames.
        presence: People that are there as soon as anything is.
        full: The sum of features over their scales at which something certainly is there.
        ridge: What cross-validation chose.
        width: Half-width of the 90 % interval over the root of (people + 1), by cross-validation.
        mae: Mean absolute error, by cross-validation, in people.
        frames: How many frames were counted.
        alone: People for each unit of `FOUND`, where another feature is not known just then.
        alone_width: As ``width``, for that.
    """

    features: tuple[str, ...]
    weights: tuple[float, ...]
    scale: tuple[float, ...]
    presence: float
    full: float
    ridge: float
    width: float
    mae: float
    frames: int
    alone: float = 1.0
    alone_width: float = 1.0

    def people(self, values: Mapping[str, float]) -> Estimate:
        """How many, with a 90 % interval.

        Args:
            values: Each feature by name. Where one of this calibration is missing, `FOUND` speaks alone.

        Raises:
            KeyError: A feature is missing, and so is `FOUND`.
        """
        if values.get(FOUND) == 0:
            return Estimate(0.0, 0.0, 0.0)
        if not values.keys() >= set(self.features):
            return _around(self.alone * max(0.0, values[FOUND]), self.alone_width)
        row = np.array([[max(0.0, values[name]) for name in self.features]])
        there = float(_presence(row, np.array(self.scale), self.full)[0])
        value = float(row[0] @ np.array(self.weights)) + self.presence * there
        return Estimate(0.0, 0.0, 0.0) if there == 0 else _around(value, self.width)

    def to_json(self) -> dict[str, Any]:
        """As `scene.json` holds it."""
        return {
            "features": list(self.features),
            "weights": list(self.weights),
            "scale": list(self.scale),
            "frames": self.frames,
            **{name: getattr(self, name) for name in NUMBERS},
        }

    @classmethod
    def from_json(cls, given: Any) -> Calibration:
        """From what `to_json` gave.

        Raises:
            SceneError: It is something else.
        """
        if not isinstance(given, dict) or set(given) != FIELDS:
            raise _unusable("it lacks or has too many fields")
        names, weights, scale = given["features"], given["weights"], given["scale"]
        if not (isinstance(names, list) and 0 < len(names) <= MOST_FEATURES and all(isinstance(n, str) for n in names)):
            raise _unusable("its features are no names")
        if any(not isinstance(v, list) or len(v) != len(names) for v in (weights, scale)):
            raise _unusable("each feature needs a weight and a scale")
        single = [given[k] for k in ("frames", *NUMBERS)]
        if not all(_is_number(n) and n >= 0 for n in [*weights, *scale, *single]):
            raise _unusable("one of its numbers is none, or negative")
        presence, full, ridge, width, mae, alone, alone_width = (float(given[name]) for name in NUMBERS)
        return cls(tuple(names), tuple(map(float, weights)), tuple(map(float, scale)), presence, full,
                   ridge, width, mae, int(given["frames"]), alone, alone_width)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spread:
    """What a calibration makes of a whole picture, for a part of it.

    Args:
        factor: People for each that detections alone count.
        width: Half-width of the 90 % interval over the root of (people + 1).
    """

    factor: float
    width: float

    @classmethod
    def between(cls, plain: Estimate, calibrated: Estimate) -> Spread:
        """From both numbers of the whole picture."""
        factor = calibrated.value / plain.value if plain.value > 0 else 1.0
        return cls(factor, (calibrated.high - calibrated.value) / math.sqrt(calibrated.value + 1))

    def of(self, plain: Estimate) -> Estimate:
        """How many a part holds of which detections alone say this; nobody stays nobody."""
        return Estimate(0.0, 0.0, 0.0) if plain.value == 0 else _around(self.factor * plain.value, self.width)


@dataclass(frozen=True, slots=True)
class Advice:
    """How good a calibration is, and whether more frames would help.

    Args:
        constant_mae: The error of always saying the mean, for comparison.
        curve: Frames used and the error of the rest, in people.
        expected: Frames and the error that is expected with them, in people.
    """

    constant_mae: float
    curve: tuple[tuple[int, float], ...]
    expected: tuple[tuple[int, float], ...]


def calibrate(names: Sequence[str], features: ArrayLike, counts: ArrayLike) -> Calibration:
    """A camera's regression from frames in which silhouettes were counted.

    Args:
        names: The features' names.
        features: (n, k), none negative; the frames in the order of time.
        counts: (n,) people.

    Raises:
        SceneError: Too few frames, or numbers that can't be.
    """
    x, y = _checked(names, features, counts)
    ridge, residuals, predicted = min(
        ((r, *_validated(x, y, r)) for r in RIDGES), key=lambda option: float(np.mean(np.abs(option[1])))
    )
    weights, scale, full = _fitted(x, y, ridge)
    alone = float(fit(x[:, [list(names).index(FOUND)]], y, 0.0)[0]) if FOUND in names else 1.0
    by_found = alone * x[:, list(names).index(FOUND)] if FOUND in names else predicted
    return Calibration(tuple(names), tuple(weights[:-1].tolist()), tuple(scale.tolist()), float(weights[-1]), full,
                       ridge, _width(residuals, predicted), float(np.mean(np.abs(residuals))), len(y),
                       alone, _width(y - by_found, by_found))  # fmt: skip


def advice(
    names: Sequence[str], features: ArrayLike, counts: ArrayLike, ridge: float, generator: np.random.Generator
) -> Advice:
    """How good the calibration is and what more frames would bring.

    The error is measured on frames left out, for more and more frames used, and followed by a + b / n.

    Args:
        names: As `calibrate`.
        features: As `calibrate`.
        counts: As `calibrate`.
        ridge: What `calibrate` chose.
        generator: Draws which frames are used.
    """
    x, y = _checked(names, features, counts)
    n = len(y)
    sizes = [s for s in (5, 8, 12, 18, 27, 40, 60, 90, 135, 200) if s <= 0.8 * n]
    curve = [(s, _error_of(x, y, s, ridge, generator)) for s in sizes]
    constant = float(np.mean(np.abs(y - np.median(y))))
    expected: list[tuple[int, float]] = []
    if len(curve) >= 2:
        design = np.array([[1.0, 1.0 / s] for s, _ in curve])
        a, b = fit(design, np.array([e for _, e in curve]), 0.0).tolist()
        expected = [(m, a + b / m) for m in sorted({n, n + 10, n + 20, 2 * n})]
    return Advice(constant, tuple(curve), tuple(expected))


def _width(residuals: Array, predicted: Array) -> float:
    """Half-width of the interval over the root of (people + 1): conformal, for a new frame and not only for these."""
    relative = np.sort(np.abs(residuals) / np.sqrt(predicted + 1))
    return float(relative[min(len(relative) - 1, math.ceil((len(relative) + 1) * COVERAGE) - 1)])


def _around(value: float, width: float) -> Estimate:
    half = width * math.sqrt(value + 1)
    return Estimate(value, max(0.0, value - half), value + half)


def _error_of(x: Array, y: Array, size: int, ridge: float, generator: np.random.Generator) -> float:
    errors = []
    for _ in range(DRAWS):
        order = generator.permutation(len(y))
        used, rest = order[:size], order[size:]
        errors.append(float(np.mean(np.abs(_predict(x[rest], *_fitted(x[used], y[used], ridge)) - y[rest]))))
    return float(np.mean(errors))


def _validated(x: Array, y: Array, ridge: float) -> tuple[Array, Array]:
    """Residuals and predictions of frames left out. Folds are stretches of time: neighbours are too alike."""
    predicted = np.zeros(len(y))
    for out in np.array_split(np.arange(len(y)), min(FOLDS, len(y))):
        used = np.setdiff1d(np.arange(len(y)), out)
        predicted[out] = _predict(x[out], *_fitted(x[used], y[used], ridge))
    return y - predicted, predicted


def _fitted(x: Array, y: Array, ridge: float) -> tuple[Array, Array, float]:
    """Weights with that of presence last, the scale of each feature, and the sum at which presence is 1."""
    mean = x.mean(axis=0)
    scale = np.where(mean > 0, mean, 1.0)
    sums = (x / scale).sum(axis=1)
    peopled = sums[y > 0]
    full = float(np.quantile(peopled, 0.1)) if peopled.size else 1.0
    full = full if full > 0 else 1.0
    return fit(np.column_stack((x, _presence(x, scale, full))), y, ridge), scale, full


def _predict(x: Array, weights: Array, scale: Array, full: float) -> Array:
    return np.asarray(np.column_stack((x, _presence(x, scale, full))) @ weights)


def _presence(x: Array, scale: Array, full: float) -> Array:
    return np.asarray(np.clip((x / scale).sum(axis=1) / full, 0.0, 1.0)) if full > 0 else np.zeros(len(x))


def _checked(names: Sequence[str], features: ArrayLike, counts: ArrayLike) -> tuple[Array, Array]:
    y = np.asarray(counts, np.float64).reshape(-1)
    x = np.asarray(features, np.float64).reshape(len(y), -1)
    if len(y) < LEAST_FRAMES:
        raise SceneError.of("few-frames", f"{len(y)} counted frames", f"count {LEAST_FRAMES} or more, better 20")
    if x.shape[1] != len(names) or not 0 < len(names) < MOST_FEATURES or len(set(names)) != len(names):
        raise SceneError.of("features", "each feature needs a name of its own", "this is a fault of ours: report it")
    if not (np.isfinite(x).all() and np.isfinite(y).all() and (x >= 0).all() and (y >= 0).all()):
        raise SceneError.of("counts", "a count or feature is negative or no number", "correct the counts")
    return x, y


def _is_number(n: Any) -> bool:
    return isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n)


def _unusable(why: str) -> SceneError:
    return SceneError.of("calibration", f"the scene's calibration can't be used: {why}", "run: passerby calibrate")
