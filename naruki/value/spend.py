"""Customers without a contract: how much they spend per purchase (Gamma-Gamma).

Source: Fader & Hardie (2013), "The gamma-gamma model of monetary value". Spend must not depend on how often one buys:
check the correlation first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from naruki.errors import NarukiError
from naruki.value.optimum import Floats, few_threads, maximise

LOG_BOUND = 14.0


@dataclass(frozen=True)
class GammaGammaFit:
    """A fitted Gamma-Gamma; money in the unit of the input.

    Attributes:
        params: p (shape of one purchase), q and gamma (how customers differ); the mean spend is p gamma / (q - 1).
        log_likelihood: in nats; covariance: of the logarithms of p, q, gamma; n_customers: rows used.
    """

    params: dict[str, float]
    log_likelihood: float
    covariance: Floats
    n_customers: int

    def expected_value(self, frequency: ArrayLike, mean_value: ArrayLike) -> Floats:
        """E[spend per purchase | history], (n,): own mean and everybody's, weighted by what is known of the customer.

        frequency 0 (or an unknown mean) gives the mean of all. Equation (5) of the source.
        """
        x, mean = np.asarray(frequency, dtype=float), np.asarray(mean_value, dtype=float)
        p, q, gamma = self.params.values()
        if q <= 1:
            raise NarukiError(
                "The fitted spend has no finite mean (q <= 1): winsorise the largest purchases and fit again."
            )
        x = np.where(np.isfinite(mean), x, 0.0)
        return p * (gamma + x * np.where(x > 0, mean, 0.0)) / (p * x + q - 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to rebuild the model, as plain JSON values."""
        return {
            "params": self.params,
            "log_likelihood": self.log_likelihood,
            "covariance": self.covariance.tolist(),
            "n_customers": self.n_customers,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> GammaGammaFit:
        return cls(**{**stored, "covariance": np.asarray(stored["covariance"], dtype=float)})


def fit_gamma_gamma(frequency: ArrayLike, mean_value: ArrayLike) -> GammaGammaFit:
    """Fit the Gamma-Gamma by maximum likelihood with analytic gradients.

    Args:
        frequency: (n,) purchases behind each mean; customers with 0 are left out.
        mean_value: (n,) mean value of these purchases, > 0 (money of one currency).

    Raises NarukiError when no customer is left, or a customer with purchases has a mean that is not positive.
    """
    x, mean = np.asarray(frequency, dtype=float), np.asarray(mean_value, dtype=float)
    if x.shape != mean.shape or x.ndim != 1:
        raise NarukiError("frequency and mean_value must be two lists of the same length.")
    x, mean = x[x > 0], mean[x > 0]
    if len(x) < 3:
        raise NarukiError("Spend needs at least three customers with purchases: use the mean of the segment instead.")
    if not np.all(np.isfinite(mean)) or np.any(mean <= 0):
        raise NarukiError(
            "Every customer with purchases needs a mean value above 0: leave free orders out of the count."
        )
    with few_threads():
        unit = float(np.median(mean))
        best = maximise(
            lambda logs: gamma_gamma_likelihood(logs, x, mean / unit),
            np.array([1.0, 1.0, 0.0]),
            np.full(3, -LOG_BOUND),
            np.full(3, LOG_BOUND),
            "The Gamma-Gamma",
        )
    p, q, gamma = np.exp(best.point)
    params = {"p": float(p), "q": float(q), "gamma": float(gamma * unit)}
    return GammaGammaFit(params, best.value - len(x) * float(np.log(unit)), best.covariance, len(x))


def gamma_gamma_likelihood(logs: Floats, x: Floats, mean: Floats) -> tuple[float, Floats]:
    """Log-likelihood and its gradient in (ln p, ln q, ln gamma); all data (n,), x >= 1."""
    p, q, gamma = np.exp(logs)
    counts, weight = np.unique(x, return_counts=True)
    total = gamma + x * mean
    log_total, log_mean = np.log(total), np.log(mean)
    special = (
        gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q) + q * np.log(gamma) + p * counts * np.log(counts)
    )
    value = weight @ special + np.sum((p * x - 1.0) * log_mean - (p * x + q) * log_total)
    with_q = digamma(p * counts + q)
    by_p = weight @ (counts * (with_q - digamma(p * counts) + np.log(counts))) + np.sum(x * (log_mean - log_total))
    by_q = weight @ (with_q - digamma(q) + np.log(gamma)) - np.sum(log_total)
    by_gamma = len(x) * q / gamma - np.sum((p * x + q) / total)
    return float(value), np.array([by_p * p, by_q * q, by_gamma * gamma])
