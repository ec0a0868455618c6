"""Rates of small groups: pulled towards all groups as far as their size demands (beta-binomial)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, betaln, digamma

from naruki.errors import NarukiError
from naruki.value.optimum import Floats, maximise


@dataclass(frozen=True)
class ShrunkRates:
    """One rate per group.

    Attributes:
        params: alpha, beta of the distribution of rates between groups; mean alpha / (alpha + beta).
        log_likelihood: of the counts, in nats, without the binomial coefficients.
        raw: (g,) events / trials, NaN without trials; rate: (g,) shrunk; low, high: (g,) interval of the shrunk rate.
        weight: (g,) share of the group's own data in its rate, the rest is borrowed.
        is_published: (g,) trials >= minimum; below it a rate says more about chance than about the group.
    """

    params: dict[str, float]
    log_likelihood: float
    trials: Floats
    raw: Floats
    rate: Floats
    low: Floats
    high: Floats
    weight: Floats
    is_published: NDArray[np.bool_]


def shrink_rates(events: ArrayLike, trials: ArrayLike, *, minimum: int, confidence: float = 0.9) -> ShrunkRates:
    """Empirical-Bayes rates of groups.

    Args:
        events, trials: (g,) counts per group, 0 <= events <= trials.
        minimum: trials under which `is_published` is false.
        confidence: of the interval.

    Raises NarukiError for impossible counts or when no group has a trial. With one group, or with groups no more
    different than chance explains, all get nearly the common rate.
    """
    y, n = np.asarray(events, dtype=float), np.asarray(trials, dtype=float)
    if y.shape != n.shape or y.ndim != 1 or n.sum() <= 0:
        raise NarukiError("Events and trials must be two lists of the same length with at least one trial.")
    if not np.all(np.isfinite(y) & np.isfinite(n)) or np.any(y < 0) or np.any(y > n):
        raise NarukiError("Every group needs 0 <= events <= trials: count unknown outcomes in neither.")
    common = (y.sum() + 0.5) / (n.sum() + 1.0)  # half an event: no common rate is ever exactly 0 or 1
    # The mean is fixed at the common rate and only the spread is fitted: two free parameters run away with few groups.
    # It is worth at least one trial, and at most all of them together: the fit alone would be certain of the common
    # rate when groups do not differ, and believe the first outcome of a group when few groups differ entirely.
    least, most = np.zeros(1), np.array([max(np.log(n.sum()), 1e-3)])
    best = maximise(lambda logs: _spread_likelihood(logs, common, y, n), most / 2, least, most, "Shrinkage")
    strength = float(np.exp(best.point[0]))
    alpha, beta = strength * common, strength * (1 - common)
    tail, rate = (1 - confidence) / 2, (alpha + y) / (strength + n)
    with np.errstate(invalid="ignore"):
        raw = np.where(n > 0, y / np.maximum(n, 1e-300), np.nan)
    return ShrunkRates(
        params={"alpha": float(alpha), "beta": float(beta)},
        log_likelihood=best.value,
        trials=n,
        raw=raw,
        rate=rate,
        # The mean of a very skewed distribution may lie outside its middle: the interval then reaches up to it.
        low=np.minimum(betaincinv(alpha + y, beta + n - y, tail), rate),
        high=np.maximum(betaincinv(alpha + y, beta + n - y, 1 - tail), rate),
        weight=n / (strength + n),
        is_published=n >= minimum,
    )


def _spread_likelihood(logs: Floats, common: float, y: Floats, n: Floats) -> tuple[float, Floats]:
    strength = float(np.exp(logs[0]))
    alpha, beta = strength * common, strength * (1 - common)
    value = np.sum(betaln(alpha + y, beta + n - y) - betaln(alpha, beta))
    slope = common * (digamma(alpha + y) - digamma(alpha)) + (1 - common) * (digamma(beta + n - y) - digamma(beta))
    slope = np.sum(slope - digamma(strength + n) + digamma(strength))
    return float(value), np.array([slope * strength])


def value_by_attribute(
    attribute: Sequence[Any], stayed: ArrayLike, value: ArrayLike, *, minimum: int, confidence: float = 0.9
) -> list[dict[str, Any]]:
    """Which type of customer stays and is worth most: one row per value of an attribute, largest rate first.

    Args:
        attribute: (n,) labels (industry, size, channel, ...); None stands as its own group, `unknown`.
        stayed: (n,) 1 or 0; NaN = not yet known, left out of the rate.
        value: (n,) lifetime value; NaN is left out of the mean.
        minimum: customers under which a row's figures are not published (null).
    """
    labels = np.array(["unknown" if label is None else str(label) for label in attribute])
    kept, worth = np.asarray(stayed, dtype=float), np.asarray(value, dtype=float)
    names, place = np.unique(labels, return_inverse=True)
    known, valued = np.isfinite(kept), np.isfinite(worth)
    n = np.bincount(place, known, len(names))
    y = np.bincount(place, np.where(known, kept, 0.0), len(names))
    n_valued = np.bincount(place, valued, len(names))
    mean, error = _shrunk_means(place, np.where(valued, worth, 0.0), valued, n_valued)
    rates = shrink_rates(y, n, minimum=minimum, confidence=confidence)
    rows = []
    for group in sorted(range(len(names)), key=lambda g: (-rates.rate[g], names[g])):
        open_ = bool(rates.is_published[group])
        figures = {
            "raw_rate": rates.raw,
            "rate": rates.rate,
            "low": rates.low,
            "high": rates.high,
            "weight": rates.weight,
        }
        rows.append(
            {"attribute": str(names[group]), "n": int(n[group]), "stayed": int(y[group]), "is_published": open_}
            | {name: float(column[group]) if open_ else None for name, column in figures.items()}
            | {
                name: float(c[group]) if open_ and n_valued[group] else None
                for name, c in (("value", mean), ("value_error", error))
            }
        )
    return rows


def _shrunk_means(place: NDArray, worth: Floats, valued: NDArray, n: Floats) -> tuple[Floats, Floats]:
    """Means per group, pulled to the overall mean (DerSimonian-Laird between-group variance), and their errors."""
    groups = len(n)
    total = max(valued.sum(), 1)
    overall = worth.sum() / total
    raw = np.bincount(place, worth, groups) / np.maximum(n, 1)
    within = np.sum(np.where(valued, (worth - raw[place]) ** 2, 0.0)) / max(total - groups, 1)
    if within <= 0:
        return raw, np.zeros(groups)
    weights = n / within
    spread = np.sum(weights * (raw - overall) ** 2)
    scale = weights.sum() - np.sum(weights**2) / max(weights.sum(), 1e-300)
    between = max((spread - (np.count_nonzero(n) - 1)) / max(scale, 1e-300), 0.0)
    own = between / (between + within / np.maximum(n, 1e-9))
    return own * raw + (1 - own) * overall, np.sqrt(np.maximum(own * within / np.maximum(n, 1), within / total))
