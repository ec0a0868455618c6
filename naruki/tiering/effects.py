"""Effects that are claimed only against similar customers: differences within strata, weighted as the treated are.

An association at best; without an experiment no more is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Effect:
    """effect = mean(treated) - mean(similar untreated), with its interval; `raw` compares all with all; null if too
    few.
    """

    effect: float
    low: float
    high: float
    raw: float
    n_treated: int
    n_control: int
    coverage: float


def matched_effect(
    treated: np.ndarray, outcome: np.ndarray, strata: np.ndarray, confidence: float = 0.95, minimum: int = 1
) -> Effect:
    """treated (n,) bool, outcome (n,) with NaN for unknown, strata (n,) labels of what makes customers similar.

    Strata without both kinds of customers (at least `minimum` each) are left out; coverage is the share of treated
    kept.
    """
    known = ~np.isnan(outcome)
    treated, outcome, strata = treated[known], outcome[known], strata[known]
    nothing = Effect(np.nan, np.nan, np.nan, np.nan, int(treated.sum()), int((~treated).sum()), 0.0)
    if not treated.any() or treated.all():
        return nothing
    raw = float(outcome[treated].mean() - outcome[~treated].mean())
    _, code = np.unique(strata.astype(str), return_inverse=True)
    groups = code.max() + 1
    n1, n0 = (np.bincount(code[mask], minlength=groups) for mask in (treated, ~treated))
    mean1, var1 = _moments(code[treated], outcome[treated], groups)
    mean0, var0 = _moments(code[~treated], outcome[~treated], groups)
    used = (n1 >= minimum) & (n0 >= minimum) & (n1 > 0) & (n0 > 0)
    if not used.any() or n1[used].sum() < 2 or n0[used].sum() < 2:
        return Effect(np.nan, np.nan, np.nan, raw, nothing.n_treated, nothing.n_control, 0.0)
    weight = n1[used] / n1[used].sum()
    effect = float((weight * (mean1 - mean0)[used]).sum())
    # A stratum with one customer has no variance of its own: the pooled one stands in.
    var1, var0 = (np.where(n[used] > 1, v[used], _pooled(v, n, used)) for v, n in ((var1, n1), (var0, n0)))
    error = float(np.sqrt((weight**2 * (var1 / n1[used] + var0 / n0[used])).sum()))
    z = normal_quantile(0.5 + confidence / 2)
    return Effect(
        effect,
        effect - z * error,
        effect + z * error,
        raw,
        int(n1[used].sum()),
        int(n0[used].sum()),
        float(n1[used].sum() / n1.sum()),
    )


def _moments(code: np.ndarray, outcome: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    n = np.bincount(code, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(code, outcome, groups) / n
        square = np.bincount(code, (outcome - np.nan_to_num(mean)[code]) ** 2, groups)
        return mean, np.where(n > 1, square / np.maximum(n - 1, 1), 0.0)


def _pooled(variance: np.ndarray, n: np.ndarray, used: np.ndarray) -> float:
    freedom = np.maximum(n[used] - 1, 0).sum()
    return float((variance[used] * np.maximum(n[used] - 1, 0)).sum() / freedom) if freedom else 0.0


def normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


def wilson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson interval of a proportion; unknown (NaN) without observations."""
    if n <= 0:
        return np.nan, np.nan
    z = normal_quantile(0.5 + confidence / 2)
    p, z2 = successes / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def bands(values: np.ndarray, count: int) -> np.ndarray:
    """Quantile band (n,) 0..count-1 of the known values, -1 where unknown: strata of similar size."""
    known = ~np.isnan(values)
    result = np.full(len(values), -1)
    if known.any():
        edges = np.quantile(values[known], np.linspace(0, 1, count + 1)[1:-1])
        result[known] = np.searchsorted(edges, values[known], side="right")
    return result
