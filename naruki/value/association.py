"""Did customers who had support before stay more often? An association (関連), never a proof.

Who asks for support differs from who does not: the raw difference can have the wrong sign, even where both kinds of
customers overlap well. So: raw and adjusted difference with intervals, overlap, balance, and how strong a hidden cause
would have to be to explain the result away.
Sources: augmented inverse-probability weighting (Robins, Rotnitzky & Zhao, 1994), overlap trimming (Crump et al.,
2009), E-value (VanderWeele & Ding, 2017), standardised differences (Austin, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from naruki.errors import NarukiError
from naruki.value.logistic import fit_logistic, sigmoid
from naruki.value.optimum import Floats, few_threads
from naruki.value.scaling import fit_scaler


@dataclass(frozen=True)
class Difference:
    """A difference of two shares (supported minus not) with its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Association:
    """What is known of supported and not supported customers; shares are of those who left.

    Attributes:
        n, n_supported, lost_supported, lost_others: counts.
        raw: difference of the shares as they are.
        adjusted: the same among comparable customers (doubly robust); None if there is nobody to compare.
        share_lost_supported, share_lost_others: adjusted shares.
        overlap: share of customers whose chance of support lies in the comparable range.
        effective_n: customers that the weights leave for the comparison, supported and others.
        standardised: covariate -> (difference before, after weighting) in standard deviations; |d| < 0.1 is balanced.
        risk_ratio, e_value, e_value_bound: a hidden cause tied to both support and leaving by at least `e_value` (as a
            risk ratio) could explain the estimate; `e_value_bound` moves its interval to 1.
        sensitivity: strength of a hidden cause (risk ratio on both sides) -> lowest and highest adjusted difference.
        message: what may be said, in one sentence.
    """

    n: int
    n_supported: int
    lost_supported: int
    lost_others: int
    raw: Difference
    adjusted: Difference | None
    share_lost_supported: float | None
    share_lost_others: float | None
    overlap: float
    effective_n: tuple[float, float]
    standardised: dict[str, tuple[float, float]]
    risk_ratio: float | None
    e_value: float | None
    e_value_bound: float | None
    sensitivity: dict[float, tuple[float, float]]
    message: str


def supported_association(
    supported: ArrayLike,
    lost: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str],
    *,
    z: float,
    trim: float = 0.1,
    ridge: float = 1.0,
    strengths: Sequence[float] = (1.25, 1.5, 2.0),
) -> Association:
    """Support in a window before notice (or before the same day, for those who stayed) against leaving.

    Args:
        supported, lost: (n,) true or false, one row per customer.
        covariates: (n, p) known before the support window, NaN = unknown.
        z: half width of the intervals in standard errors.
        trim: customers whose chance of support is below `trim` or above 1 - `trim` have no comparable counterpart.
        strengths: risk ratios of a hidden cause for the sensitivity range.

    Raises NarukiError unless there are supported and unsupported customers, and some who left.
    """
    a, y = np.asarray(supported, dtype=bool), np.asarray(lost, dtype=bool)
    raw_x = np.asarray(covariates, dtype=np.float32).reshape(len(a), len(names))
    if a.all() or not a.any() or y.all() or not y.any():
        raise NarukiError("Comparing needs supported and other customers, and both leaving and staying among them.")
    with few_threads():
        scaler = fit_scaler(raw_x, clip=4.0)
        x = scaler.transform(raw_x).astype(float)
        chance = _logistic(x, a.astype(float), ridge)
        comparable = (chance >= trim) & (chance <= 1 - trim)
        weight = np.where(a, 1 / chance, 1 / (1 - chance)) * comparable
        adjusted, shares = None, (None, None)
        if (comparable & a).sum() >= 2 and (comparable & ~a).sum() >= 2:
            adjusted, shares = _doubly_robust(x, a, y.astype(float), chance, comparable, ridge, z)
    ratio, e_value, e_bound, sensitivity = _sensitivity(adjusted, shares, strengths)
    columns = scaler.columns(tuple(names))
    balance = {name: _balance(x[:, j], a, weight) for j, name in enumerate(columns)}
    return Association(
        n=len(a),
        n_supported=int(a.sum()),
        lost_supported=int((a & y).sum()),
        lost_others=int((~a & y).sum()),
        raw=_raw(a, y, z),
        adjusted=adjusted,
        share_lost_supported=shares[0],
        share_lost_others=shares[1],
        overlap=float(comparable.mean()),
        effective_n=(_effective(weight[a]), _effective(weight[~a])),
        standardised=balance,
        risk_ratio=ratio,
        e_value=e_value,
        e_value_bound=e_bound,
        sensitivity=sensitivity,
        message=_message(adjusted, e_bound),
    )


def e_value(risk_ratio: float) -> float:
    """Smallest risk ratio of a hidden cause with both sides that would explain `risk_ratio` away (1 = none needed)."""
    if not risk_ratio > 0:
        raise NarukiError("A risk ratio must be above 0.")
    strong = max(risk_ratio, 1 / risk_ratio)
    return float(strong + np.sqrt(strong * (strong - 1)))


def _raw(a: np.ndarray, y: np.ndarray, z: float) -> Difference:
    """Newcombe's interval from Wilson scores: right also for small counts and shares near 0."""
    (p1, l1, u1), (p0, l0, u0) = (_wilson(y[group], z) for group in (a, ~a))
    gap = p1 - p0
    low, high = gap - np.hypot(p1 - l1, u0 - p0), gap + np.hypot(u1 - p1, p0 - l0)
    return Difference(gap, float(low), float(high))


def _wilson(y: np.ndarray, z: float) -> tuple[float, float, float]:
    n, p = len(y), float(y.mean())
    middle, reach = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return p, float((middle - reach) / (1 + z * z / n)), float((middle + reach) / (1 + z * z / n))


def _logistic(x: Floats, y: Floats, ridge: float) -> Floats:
    """Fitted probabilities of a ridge logistic regression (intercept free)."""
    design = np.column_stack([np.ones(len(x)), x])
    return sigmoid(design @ _coefficients(design, y, ridge))


def _coefficients(design: Floats, y: Floats, ridge: float) -> Floats:
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    return fit_logistic(design, y, penalty)[0]


def _doubly_robust(
    x: Floats, a: np.ndarray, y: Floats, chance: Floats, comparable: np.ndarray, ridge: float, z: float
) -> tuple[Difference, tuple[float, float]]:
    """Right if either the model of support or that of leaving is right; error from the influence function."""
    design = np.column_stack([np.ones(len(x)), x])
    sides = []
    for group, given in ((a, chance), (~a, 1 - chance)):
        used = group & comparable
        expected = sigmoid(design @ _coefficients(design[used], y[used], ridge))
        sides.append((expected + np.where(group, (y - expected) / given, 0.0))[comparable])
    gap = sides[0] - sides[1]
    error = float(gap.std(ddof=1) / np.sqrt(len(gap)))
    mean = float(gap.mean())
    shares = tuple(float(np.clip(side.mean(), 1e-6, 1 - 1e-6)) for side in sides)
    return Difference(mean, mean - z * error, mean + z * error), shares


def _balance(column: Floats, a: np.ndarray, weight: Floats) -> tuple[float, float]:
    spread = np.sqrt((column[a].var() + column[~a].var()) / 2)
    if spread == 0:
        return 0.0, 0.0
    before = column[a].mean() - column[~a].mean()
    sides = [np.average(column[g], weights=weight[g]) if weight[g].sum() > 0 else np.nan for g in (a, ~a)]
    return float(before / spread), float((sides[0] - sides[1]) / spread)


def _effective(weight: Floats) -> float:
    return float(weight.sum() ** 2 / np.sum(weight**2)) if np.any(weight > 0) else 0.0


def _sensitivity(
    adjusted: Difference | None, shares: tuple[float | None, float | None], strengths: Sequence[float]
) -> tuple[float | None, float | None, float | None, dict[float, tuple[float, float]]]:
    """A hidden cause of strength s on both sides can move the risk ratio by s**2 / (2 s - 1) either way."""
    if adjusted is None:
        return None, None, None, {}
    with_support, without = shares
    ratio = with_support / without
    bounds = [max(without + end, 1e-6) / without for end in (adjusted.low, adjusted.high)]
    nearest = 1.0 if bounds[0] <= 1 <= bounds[1] else min(bounds, key=lambda bound: abs(np.log(bound)))
    ranges = {}
    for strength in strengths:
        factor = strength**2 / (2 * strength - 1)
        ends = [min(without * ratio * move, 1.0) - without for move in (1 / factor, factor)]
        ranges[float(strength)] = (float(ends[0]), float(ends[1]))
    return float(ratio), e_value(ratio), e_value(nearest), ranges


def _message(adjusted: Difference | None, bound: float | None) -> str:
    if adjusted is None:
        return "No comparable customers with and without support: nothing can be said beyond the raw difference."
    if adjusted.low <= 0 <= adjusted.high:
        return "An association, not a cause: among comparable customers no difference can be told from chance."
    less = "less" if adjusted.estimate < 0 else "more"
    return (
        f"An association, not a cause: comparable customers with support left {less} often, "
        f"unless a hidden cause of strength {bound:.2f} or more is behind both."
    )
