"""How much may a customer grow? A range from what happened to customers that looked alike, soberly.

A ridge index of seats, usage, revenue slope and firmographics orders customers; the published p10, p50 and p90 are the
quantiles of what really came to customers with a similar index. No distribution is assumed: most customers don't grow.

Some keep growing for years and nobody knows which: the mean over three years is then above three years of the mean. How
much of the growth lasts is the covariance between the two halves of a year, once what could be known is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError
from naruki.value.optimum import Floats, few_threads
from naruki.value.panel import hash_ids
from naruki.value.scaling import Scaler, fit_scaler

LEVELS = (0.1, 0.5, 0.9)
FOLDS = 5
HALF = 6  # months
PENALTIES = 10.0 ** np.arange(5)
ARRAYS = ("theta", "at", "quantiles", "slopes", "seen", "lasting")


@dataclass(frozen=True)
class GrowthModel:
    """A fitted growth range.

    Attributes:
        names, scaler, theta: the index is theta[0] + standardised features @ theta[1:].
        at: (g,) mean index of each group of similar customers; quantiles: (g, 3) of their growth, at `LEVELS`.
        slopes: expected growth is slopes[0] + standardised features @ slopes[1:], within `expected_range`: what was
            expected of all but the outermost thousandths of the customers it was learnt from.
        seen: (2, p) the range of each feature among all but the outermost 5 in a thousand on either side: what lies beyond
            counts as the end of the range, for a line must not be drawn further than customers were seen.
        lasting: (2,) variance of the lasting part of monthly log growth = lasting[0] + lasting[1] * expected growth,
            never below 0; zeros if it was not learnt.
        n_customers: used; group_size: smallest group.
    """

    names: tuple[str, ...]
    scaler: Scaler
    theta: Floats
    at: Floats
    quantiles: Floats
    slopes: Floats
    expected_range: tuple[float, float]
    seen: Floats
    lasting: Floats
    n_customers: int
    group_size: int

    @classmethod
    def fit(
        cls,
        customer_id: ArrayLike,
        features: ArrayLike,
        growth: ArrayLike,
        names: tuple[str, ...],
        *,
        minimum: int,
        halfway: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        ridge: float = 1.0,
        most_groups: int = 20,
    ) -> GrowthModel:
        """Fit on past customers.

        Args:
            customer_id: (n,) decides, by hash, which fold a customer is in.
            features: (n, p) at the start, NaN = unknown.
            growth: (n,) revenue at the end / at the start - 1 for those who stayed (-0.2 = 20 % less); customers who
                left are not growth but churn and have no place here.
            minimum: customers per group; with fewer than twice as many in all, there is one group.
            weight: (n,) positive; how much each customer counts for the expected growth (not for the range).
            halfway: (n,) the same after `HALF` of the 2 * `HALF` months, NaN = unknown.

        Raises NarukiError with fewer than `minimum` customers or unknown growth.
        """
        x, y = np.asarray(features, dtype=np.float32), np.asarray(growth, dtype=float)
        if len(y) < minimum:
            raise NarukiError(f"Growth needs {minimum} customers with a known start and end, there are {len(y)}.")
        if not np.all(np.isfinite(y)) or np.any(y < -1):
            raise NarukiError(
                "Growth must be known and at least -1 for every row: leave out customers without revenue."
            )
        with few_threads():
            seen = _seen(x)
            x = np.clip(x, *seen)
            scaler = fit_scaler(x, clip=4.0)
            z = np.column_stack([np.ones(len(y)), scaler.transform(x).astype(float)])
            target = np.log1p(np.clip(y, -0.95, np.quantile(y, 0.99)))  # one giant must not steer the index
            fold = (hash_ids(customer_id) % np.uint64(FOLDS)).astype(int)
            index = np.empty(len(y))
            for held in range(FOLDS):  # out of fold: in-sample groups would look better separated than they are
                rest = fold != held
                index[~rest] = z[~rest] @ _ridge(z[rest], target[rest], ridge)
            theta = _ridge(z, target, ridge)
        groups = int(np.clip(len(y) // minimum, 1, most_groups))
        group = np.empty(len(y), dtype=int)
        group[np.argsort(index, kind="stable")] = np.arange(len(y)) * groups // len(y)
        at = np.bincount(group, index) / np.bincount(group)
        quantiles = np.array([np.quantile(y[group == g], LEVELS) for g in range(groups)])
        counts = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
        counts = counts / counts.mean()
        slopes = _ridge(z, y, _steadiest(z, y, fold, ridge, counts), counts)
        expected = z @ slopes
        least, most = np.quantile(expected, (0.001, 0.999))
        lasting = np.zeros(2) if halfway is None else _lasting(z, expected, y, np.asarray(halfway, float), ridge)
        return cls(
            tuple(names),
            scaler,
            theta,
            at,
            quantiles,
            slopes,
            (float(least), float(most)),
            seen,
            lasting,
            len(y),
            int(np.bincount(group).min()),
        )

    def predict(self, features: ArrayLike) -> NDArray[np.float64]:
        """(n, 3) growth at p10, p50, p90, each row non-decreasing; between groups interpolated, never beyond them."""
        index = self._combined(features, self.theta)
        return np.stack([np.interp(index, self.at, self.quantiles[:, level]) for level in range(len(LEVELS))], axis=1)

    def predict_mean(self, features: ArrayLike) -> NDArray[np.float64]:
        """(n,) expected growth."""
        return np.clip(self._combined(features, self.slopes), *self.expected_range)

    def predict_lasting(self, features: ArrayLike) -> NDArray[np.float64]:
        """(n,) variance of what lasts of the monthly log growth of customers that look alike."""
        return np.maximum(self.lasting[0] + self.lasting[1] * self.predict_mean(features), 0.0)

    def _combined(self, features: ArrayLike, weights: Floats) -> Floats:
        x = np.asarray(features, dtype=np.float32)
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise NarukiError(
                f"The growth model needs its {len(self.names)} features in order: {', '.join(self.names)}."
            )
        x = np.clip(x, *self.seen.astype(np.float32))
        return weights[0] + self.scaler.transform(x).astype(float) @ weights[1:]

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to rebuild the model, as plain JSON values."""
        arrays = {name: getattr(self, name).tolist() for name in ARRAYS}
        counts = {
            "expected_range": list(self.expected_range),
            "n_customers": self.n_customers,
            "group_size": self.group_size,
        }
        return {"names": list(self.names), "scaler": self.scaler.to_dict()} | arrays | counts

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> GrowthModel:
        arrays = {name: np.asarray(stored[name], dtype=float) for name in ARRAYS}
        arrays["expected_range"] = tuple(stored["expected_range"])
        return cls(
            **{**stored, **arrays, "names": tuple(stored["names"]), "scaler": Scaler.from_dict(stored["scaler"])}
        )


def _lasting(z: Floats, expected: Floats, y: Floats, halfway: Floats, ridge: float) -> Floats:
    """Level and slope of the lasting variance: products of what both halves of the year brought beyond the expected.

    Chance of one half is not that of the other, so only what lasts is left in the products; HALF months of it in each.
    """
    known = (halfway > -1) & (y > -1)
    if known.sum() <= z.shape[1]:
        return np.zeros(2)
    z, first = z[known], np.log1p(halfway[known])
    second = np.log1p(y[known]) - first
    beyond = [part - z @ _ridge(z, part, ridge) for part in (first, second)]
    product = beyond[0] * beyond[1] / HALF**2
    level = float(max(product.mean(), 0.0))
    line = np.column_stack([np.ones(len(z)), expected[known] - expected[known].mean()])
    slope = max(float(np.linalg.lstsq(line, product, rcond=None)[0][1]), 0.0) if level else 0.0
    return np.array([level - slope * float(expected[known].mean()), slope])


def _seen(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """(2, p) range of each feature, 0 to 0 where it was never known."""
    known = [column[~np.isnan(column)] for column in x.T]
    ends = [np.quantile(column, (0.005, 0.995)) if len(column) else np.zeros(2) for column in known]
    return np.array(ends, dtype=np.float32).T.reshape(2, x.shape[1])


def _steadiest(z: Floats, y: Floats, fold: NDArray[np.int64], ridge: float, weight: Floats) -> float:
    """The penalty, `ridge` or up to 10,000 times as much, that predicts customers left out best: few pool to the mean."""
    errors = []
    for penalty in ridge * PENALTIES:
        told = np.empty(len(y))
        for held in range(FOLDS):
            rest = fold != held
            told[~rest] = z[~rest] @ _ridge(z[rest], y[rest], penalty, weight[rest])
        errors.append(float(weight @ (told - y) ** 2))
    return float(ridge * PENALTIES[int(np.argmin(errors))])


def _ridge(z: Floats, y: Floats, ridge: float, weight: Floats | None = None) -> Floats:
    """Least squares with a penalty on all but the intercept; few rows fall back to the mean."""
    penalty = np.full(z.shape[1], ridge)
    penalty[0] = 1e-9
    weighed = z if weight is None else z * weight[:, None]
    return np.linalg.solve(weighed.T @ z + np.diag(penalty), weighed.T @ y)
