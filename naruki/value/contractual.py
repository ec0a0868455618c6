"""How long a cohort under contract stays: shifted beta-geometric (sBG) and beta-discrete-Weibull (BdW).

Sources: Fader & Hardie (2007), "How to project customer retention"; Fader & Hardie (2010), "Customer-base valuation in
a contractual setting"; Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to project customer retention, revisited".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, digamma, hyp2f1

from naruki.errors import NarukiError
from naruki.value.optimum import Floats, Optimum, few_threads, maximise

LOG_SHAPE = 2.0  # t**7 is already a cliff, and more overflows
LOG_BOUND = 14.0  # parameters stay within e**-14 .. e**14: beyond, a mixture cannot be told from a single rate


@dataclass(frozen=True)
class RetentionFit:
    """A fitted retention curve; periods are those of the input (months, years), counted from the cohort's start.

    Attributes:
        params: name -> value, in the order of the source.
        log_likelihood: of the counts given, in nats.
        covariance: of the logarithms of the parameters, in the same order.
        n_at_risk: customer-periods seen; n_lost: losses seen.
        at_bound: True when the data show no heterogeneity that can be measured; the curve is right, the split is not.
    """

    params: dict[str, float]
    log_likelihood: float
    covariance: Floats
    n_at_risk: float
    n_lost: float
    at_bound: bool

    def log_survival(self, periods: ArrayLike) -> Floats:
        raise NotImplementedError

    def survival(self, periods: ArrayLike) -> Floats:
        """Share of a fresh cohort still alive after `periods` (any shape, 0 gives 1)."""
        return np.exp(self.log_survival(periods))

    def conditional_survival(self, tenure: ArrayLike, ahead: ArrayLike) -> Floats:
        """P(alive after `ahead` more periods | alive at `tenure`); tenure (n,) and ahead (k,) give (n, k)."""
        then = np.asarray(tenure, dtype=float)[:, None]
        return np.exp(self.log_survival(then + np.asarray(ahead, dtype=float)[None, :]) - self.log_survival(then))

    def log_survival_error(self, tenure: ArrayLike, ahead: float) -> Floats:
        """Standard error of ln S(tenure + ahead) - ln S(tenure), by the delta method; shape of `tenure`."""
        then = np.asarray(tenure, dtype=float)
        logs = np.log(np.array(list(self.params.values())))
        slopes = np.empty((len(logs), *then.shape))
        for axis in range(len(logs)):
            ends = []
            for sign in (1.0, -1.0):
                moved = logs.copy()
                moved[axis] += sign * 1e-4
                other = type(self)(
                    dict(zip(self.params, np.exp(moved), strict=True)), 0.0, self.covariance, 0, 0, False
                )
                ends.append(other.log_survival(then + ahead) - other.log_survival(then))
            slopes[axis] = (ends[0] - ends[1]) / 2e-4
        variance = np.einsum("a...,ab,b...->...", slopes, self.covariance, slopes)
        return np.sqrt(np.maximum(variance, 0.0))

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to rebuild the curve, as plain JSON values."""
        return {
            "family": type(self).__name__,
            "params": self.params,
            "log_likelihood": self.log_likelihood,
            "covariance": self.covariance.tolist(),
            "n_at_risk": self.n_at_risk,
            "n_lost": self.n_lost,
            "at_bound": self.at_bound,
        }


class SbgFit(RetentionFit):
    """Each customer has its own constant churn probability; these follow a beta(alpha, beta)."""

    def log_survival(self, periods: ArrayLike) -> Floats:
        """ln S(t) = ln B(alpha, beta + t) - ln B(alpha, beta)."""
        alpha, beta = self.params["alpha"], self.params["beta"]
        return betaln(alpha, beta + np.asarray(periods, dtype=float)) - betaln(alpha, beta)

    def discounted_residual_lifetime(self, discount: float, renewals: int = 0) -> float:
        """Expected discounted payments still to come, just before renewal number `renewals` + 1.

        `discount` is per period (0.10 = 10 %). The coming payment counts in full if it is made. Fader & Hardie (2010).
        """
        alpha, beta, n = self.params["alpha"], self.params["beta"], renewals + 1
        kept = (beta + n - 1) / (alpha + beta + n - 1)
        return float(kept * hyp2f1(1.0, beta + n, alpha + beta + n, 1.0 / (1.0 + discount)))


class BdwFit(RetentionFit):
    """As the sBG, but each customer's risk moves with tenure as t**c: c > 1 rises, c < 1 falls."""

    def log_survival(self, periods: ArrayLike) -> Floats:
        """ln S(t) = ln B(alpha, beta + t**c) - ln B(alpha, beta)."""
        alpha, beta, c = self.params["alpha"], self.params["beta"], self.params["c"]
        return betaln(alpha, beta + np.asarray(periods, dtype=float) ** c) - betaln(alpha, beta)


def fit_sbg(survivors: ArrayLike) -> SbgFit:
    """Fit the sBG to one cohort.

    Args:
        survivors: (periods + 1,) customers alive at the start of periods 0, 1, ...; non-increasing counts.

    Raises NarukiError for counts that rise, are negative, or show no loss at all.
    """
    return fit_sbg_at_risk(*_at_risk(survivors))


def fit_bdw(survivors: ArrayLike) -> BdwFit:
    """Fit the BdW to one cohort; arguments and errors as `fit_sbg`, at least three periods of loss."""
    return fit_bdw_at_risk(*_at_risk(survivors))


def fit_sbg_at_risk(at_risk: ArrayLike, lost: ArrayLike) -> SbgFit:
    """Fit the sBG to counts by tenure, so that cohorts of different age (and late entries) are pooled.

    Args:
        at_risk: (periods,) customers who entered period 1, 2, ...; may be fractional (pooled with a prior).
        lost: (periods,) how many of them left in that period.
    """
    at_risk, lost = _checked(at_risk, lost)
    best = _best(lambda logs: sbg_likelihood(logs, at_risk, lost), [(-0.7, 1.0), (0.7, 3.0), (3.0, 6.0)], "The sBG")
    return _result(SbgFit, ("alpha", "beta"), best, at_risk, lost)


def fit_bdw_at_risk(at_risk: ArrayLike, lost: ArrayLike) -> BdwFit:
    """Fit the BdW to counts by tenure; arguments as `fit_sbg_at_risk`."""
    at_risk, lost = _checked(at_risk, lost)
    if np.count_nonzero(lost) < 3:
        raise NarukiError("The BdW needs losses in at least three periods: use the sBG, which has one parameter less.")
    starts = [(-1.0, 0.5, 0.4), (-0.5, 0.0, 0.0), (0.7, 2.0, -0.3)]
    best = _best(lambda logs: bdw_likelihood(logs, at_risk, lost), starts, "The BdW")
    return _result(BdwFit, ("alpha", "beta", "c"), best, at_risk, lost)


def retention_from_dict(stored: dict[str, Any]) -> RetentionFit:
    """The curve that `RetentionFit.to_dict` wrote."""
    families = {"SbgFit": SbgFit, "BdwFit": BdwFit}
    rest = {name: value for name, value in stored.items() if name != "family"}
    return families[stored["family"]](**{**rest, "covariance": np.asarray(rest["covariance"], dtype=float)})


def sbg_likelihood(logs: Floats, at_risk: Floats, lost: Floats) -> tuple[float, Floats]:
    """Log-likelihood and gradient in (ln alpha, ln beta); the hazard of period t is alpha / (alpha + beta + t - 1)."""
    alpha, beta = np.exp(logs)
    t = np.arange(len(at_risk))
    total, kept = alpha + beta + t, at_risk - lost
    value = np.sum(lost * np.log(alpha / total) + kept * np.log((beta + t) / total))
    by_alpha = np.sum(lost / alpha - at_risk / total)
    by_beta = np.sum(kept / (beta + t) - at_risk / total)
    return float(value), np.array([by_alpha * alpha, by_beta * beta])


def bdw_likelihood(logs: Floats, at_risk: Floats, lost: Floats) -> tuple[float, Floats]:
    """Log-likelihood and its gradient in (ln alpha, ln beta, ln c)."""
    alpha, beta, c = np.exp(logs)
    t = np.arange(len(at_risk) + 1, dtype=float)
    power = t**c
    log_s = betaln(alpha, beta + power) - betaln(alpha, beta)
    both, own = digamma(alpha + beta + power), digamma(beta + power)
    slopes = np.stack(
        [
            (digamma(alpha + beta) - both) * alpha,
            (own - both - digamma(beta) + digamma(alpha + beta)) * beta,
            (own - both) * power * np.log(np.maximum(t, 1.0)) * c,
        ]
    )
    stay = np.minimum(np.diff(log_s), -1e-300)  # ln of the share kept in each period, below 0
    kept = at_risk - lost
    value = np.sum(kept * stay + lost * np.log(-np.expm1(stay)))
    gradient = np.diff(slopes, axis=1) @ (kept + lost / np.expm1(-stay) * -1.0)
    return float(value), gradient


def _best(objective: Any, starts: list[tuple[float, ...]], what: str) -> Optimum:
    found = []
    with few_threads():  # many small fits: threads would only wait for each other
        for start in starts:
            box = np.array([LOG_BOUND, LOG_BOUND, LOG_SHAPE][: len(start)])
            found.append(maximise(objective, np.array(start), -box, box, what))
    return max(found, key=lambda optimum: optimum.value)


def _result(kind: type, names: tuple[str, ...], best: Optimum, at_risk: Floats, lost: Floats) -> Any:
    params = {name: float(value) for name, value in zip(names, np.exp(best.point), strict=True)}
    return kind(params, best.value, best.covariance, float(at_risk.sum()), float(lost.sum()), best.at_bound)


def _at_risk(survivors: ArrayLike) -> tuple[Floats, Floats]:
    alive: NDArray[np.float64] = np.asarray(survivors, dtype=float)
    if alive.ndim != 1 or len(alive) < 3:
        raise NarukiError("A retention curve needs one list of survivors over at least two periods after the start.")
    if np.any(np.diff(alive) > 0):
        raise NarukiError(
            "Survivors must not rise from one period to the next: give one closed cohort, or pool by tenure."
        )
    return alive[:-1], -np.diff(alive)


def _checked(at_risk: ArrayLike, lost: ArrayLike) -> tuple[Floats, Floats]:
    entered, left = np.asarray(at_risk, dtype=float), np.asarray(lost, dtype=float)
    if entered.shape != left.shape or entered.ndim != 1:
        raise NarukiError("Customers at risk and customers lost must be two lists of the same length.")
    if not np.all(np.isfinite(entered)) or np.any(left < 0) or np.any(left > entered):
        raise NarukiError("Every period needs 0 <= lost <= at risk: look for missing or negative counts.")
    if left.sum() <= 0 or left.sum() >= entered.sum():
        raise NarukiError(
            "A retention curve needs some losses and some who stayed: pool with a larger segment or a prior."
        )
    return entered, left
