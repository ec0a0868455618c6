"""How many customers an experiment needs before it can see what we hope to see."""

from __future__ import annotations

import math

from naruki.errors import NarukiError


def sample_size_two_proportions(before: float, after: float, *, power: float, significance: float) -> int:
    """Customers per arm to tell two shares apart, two-sided (normal approximation; Fleiss, Levin & Paik, 2003, 4.2).

    Args:
        before, after: shares in 0..1, for instance retention 0.90 and 0.91.
        power: probability of seeing the difference if it is there (0.80).
        significance: probability of seeing one that is not there (0.05).
    """
    from scipy.special import ndtri

    _check(before, after, power, significance)
    if before == after:
        raise NarukiError("A difference of zero can never be seen: state the two shares that should be told apart.")
    middle = (before + after) / 2
    by_chance = ndtri(1 - significance / 2) * math.sqrt(2 * middle * (1 - middle))
    if_true = ndtri(power) * math.sqrt(before * (1 - before) + after * (1 - after))
    return math.ceil(((by_chance + if_true) / (after - before)) ** 2)


def detectable_difference(before: float, per_arm: int, *, power: float, significance: float) -> float | None:
    """Smallest rise above `before` that `per_arm` customers per arm can show; None if not even a rise to 1 would."""
    from scipy.optimize import brentq

    _check(before, 0.5, power, significance)
    if per_arm < 1:
        raise NarukiError("An arm needs at least one customer.")

    def excess(rise: float) -> float:
        return sample_size_two_proportions(before, before + rise, power=power, significance=significance) - per_arm

    largest, smallest = 1.0 - before - 1e-9, 1e-6
    if excess(largest) > 0:
        return None
    return float(brentq(excess, smallest, largest, xtol=1e-6))


def _check(before: float, after: float, power: float, significance: float) -> None:
    if not (0 < before < 1 and 0 <= after <= 1 and 0 < power < 1 and 0 < significance < 1):
        raise NarukiError("Shares, power and significance must lie between 0 and 1: write 0.9 for 90 %.")
