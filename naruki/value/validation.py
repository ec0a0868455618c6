"""Does what was predicted come true? Measures of ranking, calibration and coverage on outcomes that have matured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError
from naruki.value.logistic import fit_logistic
from naruki.value.optimum import Floats

BINS = 10


def auc(score: ArrayLike, event: ArrayLike) -> float:
    """P(a random event has a higher score than a random non-event), ties half; NaN if there is only one kind."""
    s, y = np.asarray(score, dtype=float), np.asarray(event, dtype=bool)
    events, others = int(y.sum()), int((~y).sum())
    if events == 0 or others == 0:
        return float("nan")
    _, place, size = np.unique(s, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - (size - 1) / 2)[place]  # equal scores share the mean of their ranks
    return float((rank[y].sum() - events * (events + 1) / 2) / (events * others))


def gini(score: ArrayLike, actual: ArrayLike) -> float:
    """Concentration of `actual` when customers are ranked by `score`, over that of the perfect ranking.

    1 = perfect, 0 = random, below 0 = reversed. Equal scores share what they brought. NaN if nothing came.
    """
    s, y = np.asarray(score, dtype=float), np.asarray(actual, dtype=float)
    perfect = _concentration(y, y)
    return float("nan") if not np.isfinite(perfect) or perfect == 0 else _concentration(s, y) / perfect


def _concentration(score: Floats, actual: Floats) -> float:
    if len(actual) == 0 or actual.sum() == 0:
        return float("nan")
    _, place, size = np.unique(-score, return_inverse=True, return_counts=True)
    shared = (np.bincount(place, actual) / size)[place]
    gathered = np.cumsum(shared[np.argsort(place, kind="stable")]) / actual.sum()
    count = len(actual)
    return float((gathered.sum() - (count + 1) / 2) * 2 / count)


def calibration(probability: ArrayLike, event: ArrayLike) -> tuple[float, float, float]:
    """Slope, its standard error and intercept of event on the log-odds of `probability`.

    Slope 1 and intercept 0 are honest; a slope below 1 means predictions too extreme (over-fitting).
    """
    p, y = np.clip(np.asarray(probability, dtype=float), 1e-9, 1 - 1e-9), np.asarray(event, dtype=float)
    z = np.stack([np.ones(len(p)), np.log(p / (1 - p))], axis=1)
    theta, information = fit_logistic(z, y, np.zeros(2))
    return float(theta[1]), float(np.sqrt(np.linalg.inv(information)[1, 1])), float(theta[0])


def expected_calibration_error(probability: ArrayLike, event: ArrayLike, bins: int = BINS) -> float:
    """Mean gap between predicted and observed share over `bins` groups of equal size, ranked by prediction (ECE10)."""
    table = grouped(probability, event, bins)
    return float(np.sum(table.n * np.abs(table.predicted - table.actual)) / np.sum(table.n))


@dataclass(frozen=True)
class Grouped:
    """Means by group of equal size, lowest prediction first: n, predicted, actual and the error of the actual mean."""

    n: NDArray[np.int64]
    predicted: Floats
    actual: Floats
    error: Floats


def grouped(predicted: ArrayLike, actual: ArrayLike, bins: int = BINS) -> Grouped:
    """Customers ranked by prediction in `bins` groups of (nearly) equal size."""
    p, y = np.asarray(predicted, dtype=float), np.asarray(actual, dtype=float)
    if p.shape != y.shape or len(p) == 0:
        raise NarukiError("Predictions and outcomes must be two lists of the same length, at least one customer.")
    order = np.argsort(p, kind="stable")
    group = np.arange(len(p)) * min(bins, len(p)) // len(p)
    n = np.bincount(group)
    p, y = p[order], y[order]
    gap = y - p
    middle = np.bincount(group, gap) / n
    variance = np.bincount(group, (gap - middle[group]) ** 2) / np.maximum(n - 1, 1)
    return Grouped(n, np.bincount(group, p) / n, np.bincount(group, y) / n, np.sqrt(variance / n))


def log_loss(probability: ArrayLike, event: ArrayLike) -> Floats:
    """(n,) minus the log of the probability given to what happened; the lower, the better."""
    p, y = np.clip(np.asarray(probability, dtype=float), 1e-9, 1 - 1e-9), np.asarray(event, dtype=bool)
    return -np.log(np.where(y, p, 1 - p))


@dataclass(frozen=True)
class Promotion:
    """Whether a model may replace the naive baseline, and why, in one sentence."""

    promoted: bool
    gain: float
    low: float
    n: int
    reason: str


def promote(model_loss: ArrayLike, baseline_loss: ArrayLike, *, confidence: float) -> Promotion:
    """Promote only if the model beats the naive baseline on a time hold-out, by more than chance.

    Args:
        model_loss, baseline_loss: (n,) losses of the same customers (`log_loss`, or squared errors of value).
        confidence: one-sided, that the mean gain is above 0.
    """
    from scipy.special import ndtri

    gain = np.asarray(baseline_loss, dtype=float) - np.asarray(model_loss, dtype=float)
    if gain.ndim != 1 or len(gain) < 2:
        return Promotion(
            False, float("nan"), float("nan"), gain.size, "No hold-out customers: the naive baseline stays."
        )
    mean = float(gain.mean())
    low = mean - float(ndtri(confidence)) * float(gain.std(ddof=1)) / np.sqrt(len(gain))
    if low > 0:
        reason = (
            f"The model beats the naive baseline on the hold-out (gain {mean:.4g} per customer, at least {low:.4g})."
        )
    else:
        reason = (
            f"The model does not beat the naive baseline on the hold-out beyond chance (gain {mean:.4g}): it stays out."
        )
    return Promotion(bool(low > 0), mean, float(low), len(gain), reason)


def leaking_features(
    features: ArrayLike, event: ArrayLike, names: tuple[str, ...], *, limit: float
) -> list[tuple[str, float]]:
    """Features that alone tell the future better than anything honest could: (name, AUC), worst first.

    Both a feature's value and its being unknown are tried, for an outcome may hide in either.

    Args:
        features: (n, p) raw, NaN = unknown; event: (n,) what came after; limit: AUC (or 1 - AUC) above which it leaks.
    """
    matrix, y = np.asarray(features, dtype=float), np.asarray(event, dtype=bool)
    found = []
    for index, name in enumerate(names):
        column = matrix[:, index]
        known = ~np.isnan(column)
        tries = [auc(column[known], y[known]) if known.any() else float("nan"), auc(~known, y)]
        strength = max((max(value, 1 - value) for value in tries if np.isfinite(value)), default=0.5)
        if strength > limit:
            found.append((name, strength))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))
