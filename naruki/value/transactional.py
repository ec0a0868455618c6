"""Customers without a contract: how often they will come back (BG/NBD).

Source: Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD model".
A customer buys at a rate of its own (gamma r, alpha) and may drop out after any purchase (beta a, b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, digamma, gammaln, hyp2f1

from naruki.errors import NarukiError
from naruki.value.optimum import Floats, few_threads, maximise

LOG_BOUND = 12.0


@dataclass(frozen=True)
class BgNbdFit:
    """A fitted BG/NBD; time is in the unit of the input (weeks, months).

    Attributes:
        params: r, alpha (rate of buying: mean r / alpha per unit), a, b (dropping out: mean a / (a + b) per purchase).
        log_likelihood: in nats; covariance: of the logarithms of r, alpha, a, b.
        n_customers: rows used.
    """

    params: dict[str, float]
    log_likelihood: float
    covariance: Floats
    n_customers: int

    def survival(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """P(still a customer at `age`), (n,). One who never came back cannot be seen to have left: 1."""
        x, last, age_ = _columns(frequency, recency, age)
        r, alpha, a, b = self.params.values()
        odds_gone = (
            np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * (np.log(alpha + age_) - np.log(alpha + last))
        )
        return np.where(x > 0, 1.0 / (1.0 + np.exp(np.minimum(odds_gone, 700.0))), 1.0)

    def expected_transactions(
        self, ahead: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """E[purchases in (age, age + ahead]], (n,); `ahead` is one number or (n,). Equation (10) of the source."""
        x, last, age_ = _columns(frequency, recency, age)
        ahead_ = np.broadcast_to(np.asarray(ahead, dtype=float), x.shape)
        r, alpha, a, b = self.params.values()
        a = a if abs(a - 1.0) > 1e-6 else 1.0 + 1e-6  # the formula has a removable pole there
        rows, place = np.unique(np.stack([x, age_, ahead_], axis=1), axis=0, return_inverse=True)
        x_, t_, s_ = rows.T
        shrink = (r + x_) * (np.log(alpha + t_) - np.log(alpha + t_ + s_))
        series = hyp2f1(r + x_, b + x_, a + b + x_ - 1.0, s_ / (alpha + t_ + s_))
        if_alive = (a + b + x_ - 1.0) / (a - 1.0) * (1.0 - np.exp(shrink) * series)
        return if_alive[place.ravel()] * self.survival(x, last, age_)

    def transactions_quantile(
        self, q: float, ahead: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """Quantile `q` of the purchases in (age, age + ahead], (n,) whole numbers; exact, no sampling.

        Given alive, the rate is gamma(r + x, alpha + T) and the drop-out beta(a, b + x), independent of each other, and
        purchases are the smaller of a Poisson count and a geometric one: P(Y >= y) is a product of two closed forms.
        """
        x, last, age_ = _columns(frequency, recency, age)
        ahead_ = np.broadcast_to(np.asarray(ahead, dtype=float), x.shape)
        alive = self.survival(x, last, age_)
        low = np.full(x.shape, -1.0)  # P(Y > low) > 1 - q, always true below 0
        high = np.ones(x.shape)
        for _ in range(40):
            above = self._exceeds(high, alive, ahead_, x, age_) > 1.0 - q
            if not above.any():
                break
            low, high = np.where(above, high, low), np.where(above, high * 2.0, high)
        while np.any(high - low > 1):
            middle = np.floor((low + high) / 2.0)
            above = self._exceeds(middle, alive, ahead_, x, age_) > 1.0 - q
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return high

    def _exceeds(self, y: Floats, alive: Floats, ahead: Floats, x: Floats, age: Floats) -> Floats:
        """P(purchases > y) for y >= 0, 1 below."""
        r, alpha, a, b = self.params.values()
        count = np.maximum(y, 0.0)
        poisson = betainc(count + 1.0, r + x, ahead / (alpha + age + ahead))  # P(negative binomial > count)
        stays = np.exp(betaln(a, b + x + count) - betaln(a, b + x))
        return np.where(y < 0, 1.0, alive * poisson * stays)

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to rebuild the model, as plain JSON values."""
        return {
            "params": self.params,
            "log_likelihood": self.log_likelihood,
            "covariance": self.covariance.tolist(),
            "n_customers": self.n_customers,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> BgNbdFit:
        return cls(**{**stored, "covariance": np.asarray(stored["covariance"], dtype=float)})


def fit_bgnbd(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> BgNbdFit:
    """Fit the BG/NBD by maximum likelihood with analytic gradients.

    Args:
        frequency: (n,) purchases after the first one, whole numbers.
        recency: (n,) time from the first purchase to the last; 0 where frequency is 0.
        age: (n,) time from the first purchase to the end of what was seen; same unit as recency.

    Raises NarukiError for negative or missing values, recency beyond age, or nobody who came back.
    """
    x, last, age_ = _columns(frequency, recency, age)
    if not np.any(x > 0):
        raise NarukiError("Nobody came back, so rates of buying cannot be fitted: use a longer window or the prior.")
    with few_threads():
        rows, weights = np.unique(np.stack([x, last, age_], axis=1), axis=0, return_counts=True)
        unit = float(np.average(rows[:, 2], weights=weights)) or 1.0  # time in mean ages keeps the surface round
        scaled = (rows[:, 0], rows[:, 1] / unit, rows[:, 2] / unit, weights.astype(float))
        best = maximise(
            lambda logs: bgnbd_likelihood(logs, *scaled),
            np.array([-0.5, 0.0, -0.5, 0.5]),
            np.full(4, -LOG_BOUND),
            np.full(4, LOG_BOUND),
            "The BG/NBD",
        )
    r, alpha, a, b = np.exp(best.point)
    value = best.value - float(x.sum()) * np.log(unit)  # a density per unit of time: back to the caller's unit
    return BgNbdFit(
        {"r": float(r), "alpha": float(alpha * unit), "a": float(a), "b": float(b)}, value, best.covariance, len(x)
    )


def bgnbd_likelihood(logs: Floats, x: Floats, last: Floats, age: Floats, weight: Floats) -> tuple[float, Floats]:
    """Weighted log-likelihood and its gradient in (ln r, ln alpha, ln a, ln b); all data (n,)."""
    r, alpha, a, b = np.exp(logs)
    came_back = x > 0
    log_age, log_last = np.log(alpha + age), np.log(alpha + last)
    before = b + np.maximum(x, 1.0) - 1.0
    alive = -(r + x) * log_age
    gone = np.where(came_back, np.log(a) - np.log(before) - (r + x) * log_last, -np.inf)
    either = np.logaddexp(alive, gone)
    share_gone = np.exp(gone - either)
    share_alive = 1.0 - share_gone
    counts, place = np.unique(x, return_inverse=True)  # special functions once per count, not once per customer
    of_counts = gammaln(r + counts) - gammaln(r) + betaln(a, b + counts) - betaln(a, b)
    value = weight @ (either + of_counts[place] + r * np.log(alpha))
    sum_ab = digamma(a + b)
    tail_ab = digamma(a + b + counts)
    by_r = (digamma(r + counts) - digamma(r))[place] + np.log(alpha) - share_alive * log_age - share_gone * log_last
    by_alpha = r / alpha - (r + x) * (share_alive / (alpha + age) + share_gone / (alpha + last))
    by_a = (sum_ab - tail_ab)[place] + share_gone / a
    by_b = (digamma(b + counts) - tail_ab - digamma(b) + sum_ab)[place] - share_gone / before
    gradient = np.array([weight @ by_r * r, weight @ by_alpha * alpha, weight @ by_a * a, weight @ by_b * b])
    return float(value), gradient


def _columns(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> tuple[Floats, Floats, Floats]:
    x, last, age_ = (np.atleast_1d(np.asarray(column, dtype=float)) for column in (frequency, recency, age))
    if not x.shape == last.shape == age_.shape or x.ndim != 1 or len(x) == 0:
        raise NarukiError("frequency, recency and age must be three lists of the same length, at least one customer.")
    if not np.all(np.isfinite(x) & np.isfinite(last) & np.isfinite(age_)):
        raise NarukiError("frequency, recency and age must be known for every customer: leave the others out.")
    if np.any((x < 0) | (last < 0) | (last > age_ + 1e-9)):
        raise NarukiError(
            "Every customer needs frequency >= 0 and 0 <= recency <= age: look at the dates of its purchases."
        )
    return x, last, age_
