"""Noise by OpenDP, whose proofs and code others have read; with `passerby[release]` only. It draws from the system's
randomness by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from importlib.metadata import version
from typing import Any

from passerby.base.errors import ReleaseError
from passerby.release.noise import Mechanism


class OpenDpNoise:
    """OpenDP's discrete Laplace and discrete Gaussian on whole numbers.

    Raises:
        ReleaseError: OpenDP is not installed.
    """

    def __init__(self) -> None:
        try:
            import opendp.prelude as dp
        except ImportError as error:
            raise ReleaseError("OpenDP is not installed", "pip install 'passerby[release]', or --noise own") from error
        dp.enable_features("contrib")
        self._dp: Any = dp
        self.name = f"opendp {version('opendp')}"

    def noisy(self, mechanism: Mechanism, cost: int, values: Sequence[int]) -> list[int]:
        """See `passerby.release.noise.Noise`."""
        return list(self.measurement(mechanism, cost)(list(values)))

    def measurement(self, mechanism: Mechanism, cost: int) -> Any:
        """OpenDP's measurement on a list of whole numbers. Its privacy map takes how far one passage moves the list."""
        domain = self._dp.vector_domain(self._dp.atom_domain(T="i64"))
        if mechanism is Mechanism.LAPLACE:
            return self._dp.m.make_laplace(domain, self._dp.l1_distance(T="i64"), at_least(mechanism.parameter(cost)))
        variance = mechanism.parameter(cost)
        return self._dp.m.make_gaussian(domain, self._dp.l2_distance(T="f64"), at_least_root(variance))


def at_least(value: Fraction) -> float:
    """The smallest floating-point number that is not below: a scale may be rounded only towards more noise."""
    found = float(value)
    return found if Fraction(found) >= value else math.nextafter(found, math.inf)


def at_least_root(value: Fraction) -> float:
    """The same of a square root."""
    found = math.sqrt(value)
    while Fraction(found) ** 2 < value:
        found = math.nextafter(found, math.inf)
    return found
