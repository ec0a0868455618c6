"""From survival to money: discounted lifetime value over a finite horizon, with exact quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError

YEAR = 12


@dataclass(frozen=True)
class LifetimeValue:
    """Lifetime value per customer, in the money unit of the margin.

    Attributes:
        mean: (n,) expected discounted margin over the horizon.
        quantiles: (n, q) columns in the order of `levels`; non-decreasing from left to right if `levels` is.
        levels: the quantile levels.
        coverage: (n,) the probability, by the model itself, of ending between the first and the last quantile. It is
            above (last - first) because churn happens in whole months: compare outcomes with this, not with 80 %.
        months: (n,) expected months paid within the horizon, undiscounted.
    """

    mean: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    levels: tuple[float, ...]
    coverage: NDArray[np.float64]
    months: NDArray[np.float64]


def monthly_rate(annual: float) -> float:
    """The monthly discount rate that compounds to `annual` (0.10 = 10 % a year)."""
    if annual <= -1:
        raise NarukiError("The yearly discount rate must be above -100 %: state 0.10 for 10 %.")
    return (1.0 + annual) ** (1.0 / 12.0) - 1.0


def annuity(months: ArrayLike, monthly_discount: float) -> NDArray[np.float64]:
    """Present value of 1 paid at the end of each of `months` months (any shape)."""
    paid = np.asarray(months, dtype=float)
    return paid if monthly_discount == 0 else -np.expm1(-paid * np.log1p(monthly_discount)) / monthly_discount


def lifetime_value(
    survival: ArrayLike,
    monthly_margin: ArrayLike,
    *,
    monthly_discount: float,
    quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    monthly_growth: ArrayLike = 0.0,
    growth_months: int | None = None,
    growth_spread: ArrayLike = 0.0,
) -> LifetimeValue:
    """Discounted margin over the months of `survival`: LTV = m * sum_k S(k - 1) / (1 + d)**k.

    A customer that leaves in month T has paid months 1..T, so its value is m * annuity(T): as this rises with T (falls,
    if the margin is negative), quantiles of value are quantiles of T. Exact, nothing is sampled. Where the margin is
    expected to grow, month k brings m * (1 + g)**(k - 1); where some keep growing and it is not known which, g is the
    rate that is right for a year, and over k months the mean is exp(s * k * (k - 12) / 2) times that (log-normal).

    Args:
        survival: (n, K + 1) probability of being a customer after 0, 1, ..., K months; column 0 is 1, non-increasing.
            The horizon is K months: what comes later counts as nothing, so no customer has infinite value.
        monthly_margin: (n,) margin per month while a customer; NaN (unknown) gives NaN, never 0.
        monthly_discount: per month, see `monthly_rate`.
        quantiles: levels in (0, 1).
        monthly_growth: expected growth g of the margin per month while a customer, (n,) or one for all; it stops after
            `growth_months`, if given.
        growth_spread: variance s of the lasting part of the monthly log growth, (n,) or one for all.

    Raises NarukiError when shapes differ or survival rises.
    """
    curve = np.asarray(survival)
    margin = np.asarray(monthly_margin, dtype=float)
    if curve.ndim != 2 or curve.shape[0] != len(margin) or curve.shape[1] < 2:
        raise NarukiError("Survival must be customers x (months + 1), with one monthly margin per customer.")
    if curve.size and (np.any(np.diff(curve, axis=1) > 1e-6) or np.any(np.abs(curve[:, 0] - 1.0) > 1e-6)):
        raise NarukiError("Survival must start at 1 and never rise: give P(customer after 0, 1, ... months).")
    horizon = curve.shape[1] - 1
    growth, spread = np.asarray(monthly_growth, dtype=float), np.asarray(growth_spread, dtype=float)
    weights = _weights(horizon, monthly_discount, growth, growth_months, spread)
    mean = margin * (curve[:, :-1] @ weights[0] if len(weights) == 1 else np.einsum("ij,ij->i", curve[:, :-1], weights))
    payments = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights, axis=1)], axis=1)
    level_months = [(_month_by(curve, level), _month_from(curve, level)) for level in quantiles]
    each = np.arange(len(margin)) if len(weights) > 1 else 0
    values = [margin * payments[each, np.where(margin < 0, falling, rising)] for rising, falling in level_months]
    first = np.where(margin < 0, level_months[-1][1], level_months[0][0])
    last = np.where(margin < 0, level_months[0][1], level_months[-1][0])
    return LifetimeValue(
        mean=mean.astype(float),
        quantiles=np.stack(values, axis=1),
        levels=tuple(quantiles),
        coverage=_between(curve, first, last),
        months=curve[:, :-1].sum(axis=1, dtype=float),
    )


def _weights(
    horizon: int, discount: float, growth: NDArray, growth_months: int | None, spread: NDArray
) -> NDArray[np.float64]:
    """Present value of the margin of month 1..K per unit of today's, (n, K), or (1, K) where all grow alike."""
    months = np.arange(horizon, dtype=float)
    grown = np.minimum(months, horizon if growth_months is None else growth_months)
    apart = np.atleast_1d(spread)[:, None] * (grown * (grown - YEAR) / 2)
    return np.exp(np.log1p(np.atleast_1d(growth))[:, None] * grown + apart) * (1.0 + discount) ** -(months + 1.0)


def _month_by(curve: NDArray, level: float) -> NDArray[np.intp]:
    """The first month by whose end a share `level` has left, the horizon if that never happens."""
    # Count the months after which fewer have left; 1e-9 forgives the rounding of a share that is exactly at level.
    still = (1.0 - curve[:, 1:] < level - 1e-9).sum(axis=1)
    return np.minimum(still + 1, curve.shape[1] - 1)


def _month_from(curve: NDArray, level: float) -> NDArray[np.intp]:
    """The last month that a share `level` reaches (for a negative margin, where a long life is the bad end)."""
    return np.maximum((curve[:, :-1] >= level - 1e-9).sum(axis=1), 1)


def _between(curve: NDArray, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.float64]:
    """P(first <= T <= last), where those who survive the horizon count with its last month."""
    rows = np.arange(len(curve))
    after = np.where(last == curve.shape[1] - 1, 0.0, curve[rows, last])
    return (curve[rows, first - 1] - after).astype(float)
