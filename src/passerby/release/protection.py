"""What a budget means for a person: how sure somebody else can become."""

from __future__ import annotations

from math import exp, log, sqrt

from passerby.release.noise import Mechanism

DELTA = 1e-9


def epsilon(mechanism: Mechanism, cost: int, times: int = 1) -> float:
    """ε for a person who passes so many times in what one camera publishes (group privacy).

    Laplace: m·ε. Gaussian: m passages cost m²·ρ of zero-concentrated privacy, which is (ε, δ) with
    ε = m²ρ + 2m·√(ρ·ln(1/δ)) (Bun and Steinke 2016, Proposition 1.3), here for δ = 10⁻⁹.

    Args:
        mechanism: Which.
        cost: Thousandths for one passage.
        times: How often the person passes.
    """
    if mechanism is Mechanism.LAPLACE:
        return times * cost / 1000
    rho = times * times * cost / 1000
    return rho + 2 * sqrt(rho * log(1 / DELTA))


def certainty(epsilon_: float) -> float:
    """How sure somebody can become who held passing and not passing for equally likely: e^ε/(1 + e^ε)."""
    return 1 / (1 + exp(-epsilon_))


def advantage(epsilon_: float, delta: float = 0.0) -> float:
    """The most that any attack gains over a coin: true less false positives, (e^ε − 1 + 2δ)/(e^ε + 1).

    Source: Kairouz, Oh, Viswanath 2015 (hypothesis testing region of (ε, δ)).
    """
    return (exp(epsilon_) - 1 + 2 * delta) / (exp(epsilon_) + 1)
