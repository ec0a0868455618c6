"""Who leaves when: a discrete-time logistic hazard on landmark panels, for customers under contract.

h_i(k) = sigma(b + x_i w + f(ln k) + x_i g ln k) for k = 1..K months ahead, S_i(k) = prod (1 - h_i); at the end of a
term of L months it adds t + ln L * (s + f_L(ln k)), for long terms have long notice: who could still leave has a curve
of its own. Effects of features stay level from a month on that the data choose.
Source: discrete-time survival by logistic regression (Allison, 1982; Tutz & Schmid, 2016) on landmarks
(van Houwelingen, 2007), with sampled non-events (King & Zeng, 2001) and errors clustered by customer (Liang & Zeger,
1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError
from naruki.value.hazard_fit import (
    CHUNK,
    CURVE,
    TERM,
    Design,
    clustered_covariance,
    longest_seen,
    newton,
    sample_trials,
    settle,
    term_columns,
    thin_customers,
    time_columns,
)
from naruki.value.optimum import Floats, few_threads
from naruki.value.panel import Panel
from naruki.value.scaling import Scaler, fit_scaler


@dataclass(frozen=True)
class Survival:
    """What `HazardModel.predict_survival` gives for n customers.

    Attributes:
        curve: (n, K + 1) float32, P(still a customer after 0..K months).
        log_error: (n,) standard error of ln(-ln S) at the month asked for; month: (n,) that month.
        low, high: (n,) interval of S at that month.
    """

    curve: NDArray[np.float32]
    month: NDArray[np.int64]
    log_error: Floats
    low: Floats
    high: Floats

    def at_month(self) -> Floats:
        """(n,) S at the month asked for."""
        return self.curve[np.arange(len(self.curve)), self.month].astype(float)


@dataclass(frozen=True)
class HazardModel:
    """A fitted hazard.

    Attributes:
        names: the p features; scaler: how raw features become the q columns x (standardised, with unknown indicators).
        theta: (1 + q + CURVE + q + t,) b, w, f, g and, if terms are known, the TERM parts of a term's end.
        covariance: of theta, clustered by customer.
        horizon: K; longest: the hazard keeps its level after so many months, for lack of losses seen later; settled:
            the effects of features do so already after this many.
        sampling_rate: share of non-events used; n_customers, n_events, n_rows: used in the fit.
        log_likelihood: of the sampled rows, in nats, without the penalty.
    """

    names: tuple[str, ...]
    scaler: Scaler
    theta: Floats
    covariance: Floats
    horizon: int
    longest: int
    settled: int
    has_terms: bool
    sampling_rate: float
    n_customers: int
    n_events: int
    n_rows: int
    log_likelihood: float

    @classmethod
    def fit(
        cls,
        panel: Panel,
        *,
        horizon: int,
        ridge: float,
        max_rows: int = 1_000_000,
        clip: float = 4.0,
        steady_after: int | None = None,
    ) -> HazardModel:
        """Fit by penalised maximum likelihood (Newton).

        Every month ahead of every row is one trial: left or stayed. If there are more than `max_rows`, first whole
        customers, then trials without an event are drawn by hash; drawing at rate f adds ln f to the intercept.

        Args:
            panel: see `Panel`; months beyond `horizon` are not used.
            ridge: strength of the penalty, as the inverse variance of a normal prior on each standardised coefficient.
            clip: features further than this many standard deviations from the mean count as that far.
            steady_after: the hazard keeps its level from this month on, at the latest: what no hold-out has judged must
                not bend the curve.

        Raises NarukiError when no customer left, or all did.
        """
        with few_threads():
            panel = thin_customers(panel, horizon, max_rows)
            row, month, event, rate = sample_trials(panel, horizon, max_rows)
            if not event.any() or event.all():
                raise NarukiError(
                    "The panel shows no loss, or nothing but losses: use the retention of the segment instead."
                )
            scaler = fit_scaler(panel.features, clip)
            longest = min(longest_seen(month[event]), steady_after or horizon)
            design = Design(panel, scaler, row, month, time_columns(horizon, longest))
            shift = np.full(len(row), -np.log(rate))  # the log-odds among the trials drawn are higher by -ln f
            settled = settle(design, event, shift, ridge, horizon, longest)
            design.log_k = time_columns(horizon, longest, settled)[0]
            theta, value, information = newton(design, event, shift, ridge)
            covariance = clustered_covariance(design, event, shift, theta, information, panel.customer)
        customers = len(np.unique(panel.customer))
        counts = (rate, customers, int(event.sum()), len(row))
        return cls(panel.names, scaler, theta, covariance, horizon, longest, settled, design.has_terms, *counts, value)

    @property
    def params(self) -> dict[str, float]:
        """Coefficient by name: intercept, <feature>, ln_k_1.., <feature>:ln_k, term_end, term_end:ln_term."""
        columns = self.scaler.columns(self.names)
        names = [
            "intercept",
            *columns,
            *(f"ln_k_{power + 1}" for power in range(CURVE)),
            *(f"{c}:ln_k" for c in columns),
        ]
        bends = [f"term_end:ln_term:ln_k_{power + 1}" for power in range(CURVE)]
        names += ["term_end", "term_end:ln_term", *bends] if self.has_terms else []
        return dict(zip(names, map(float, self.theta), strict=True))

    def predict_survival(
        self,
        features: ArrayLike,
        *,
        month: ArrayLike | None = None,
        to_term_end: ArrayLike | None = None,
        term: ArrayLike | None = None,
        confidence: float = 0.9,
    ) -> Survival:
        """Survival of customers from now on.

        Args:
            features: (n, p) raw, NaN = unknown.
            month: (n,) or one number, the month whose survival gets an interval (1..K; the horizon if not given).
            to_term_end, term: (n,) as in `Panel`; required if the model was fitted with them.
        """
        matrix = np.asarray(features, dtype=np.float32)
        if matrix.ndim != 2 or matrix.shape[1] != len(self.names):
            raise NarukiError(f"The model needs its {len(self.names)} features in order: {', '.join(self.names)}.")
        if self.has_terms and (to_term_end is None or term is None):
            raise NarukiError(
                "The model was trained with contract terms: give to_term_end and term (null where unknown)."
            )
        count = len(matrix)
        asked = np.broadcast_to(np.asarray(self.horizon if month is None else month, dtype=np.int64), (count,))
        asked = np.clip(asked, 1, self.horizon)
        terms = None
        if self.has_terms:
            terms = np.asarray(to_term_end, dtype=float), np.asarray(term, dtype=float)
        curve = np.empty((count, self.horizon + 1), dtype=np.float32)
        error = np.empty(count)
        with few_threads():
            factor = _factor(self.covariance)
            for start in range(0, count, CHUNK):
                part = slice(start, start + CHUNK)
                ends = None if terms is None else (terms[0][part], terms[1][part])
                curve[part], error[part] = self._chunk(matrix[part], asked[part], ends, factor)
        return _with_interval(curve, asked, error, confidence)

    def _chunk(
        self, matrix: NDArray[np.float32], asked: NDArray[np.int64], ends: Any, factor: Floats
    ) -> tuple[NDArray[np.float32], Floats]:
        """Survival (n, K + 1) and the error of ln(-ln S(asked))."""
        x = self.scaler.transform(matrix)
        q, months = x.shape[1], np.arange(1, self.horizon + 1)
        log_k, curve = (column.astype(np.float32) for column in time_columns(self.horizon, self.longest, self.settled))
        theta = self.theta.astype(np.float32)
        now, f, g = (
            theta[0] + x @ theta[1 : 1 + q],
            theta[1 + q : 1 + q + CURVE],
            theta[1 + q + CURVE : 1 + 2 * q + CURVE],
        )
        logit = now[:, None] + curve @ f + np.outer(x @ g, log_k)
        ending, length = (None, None) if ends is None else term_columns(months, *ends)
        if ending is not None:
            level, slope, bend = theta[-TERM], theta[1 - TERM], theta[2 - TERM :]
            logit += ending * (level + np.outer(length, slope + curve @ bend))
        np.clip(logit, -15, 15, out=logit)  # beyond, 1 - h is 0 in single precision
        hazard = 1.0 / (1.0 + np.exp(-logit))
        log_s = np.cumsum(np.log1p(-hazard), axis=1)
        survival = np.concatenate([np.ones((len(x), 1), np.float32), np.exp(log_s)], axis=1)
        hazard *= months <= asked[:, None]  # d ln S / d theta = - sum of hazard x design up to the month asked for
        risk, risk_log = hazard.sum(axis=1), hazard @ log_k
        parts = [risk[:, None], x * risk[:, None], hazard @ curve, x * risk_log[:, None]]
        if ending is not None:
            at_end = hazard * ending
            sums = at_end.sum(axis=1)
            parts.append(np.column_stack([sums, sums * length, (at_end @ curve) * length[:, None]]))
        spread = np.linalg.norm(np.concatenate(parts, axis=1) @ factor.astype(np.float32), axis=1)
        total = np.maximum(-log_s[np.arange(len(x)), asked - 1], 1e-12)
        return survival, (spread / total).astype(float)

    def explain(self, features: ArrayLike, *, months: int | None = None) -> NDArray[np.float32]:
        """Parts of the log-odds of leaving, (n, p): how far each feature moves a customer from the average one.

        A part is x_j (w_j + g_j * mean of ln k) over the months 1..`months` (the horizon if not given), with the part
        of being unknown added to its feature; parts of a row sum to its log-odds minus those of the average customer.
        """
        matrix = np.asarray(features, dtype=np.float32)
        slope = self.slopes(months)
        parts = np.empty(matrix.shape, dtype=np.float32)
        for start in range(0, len(matrix), CHUNK):
            columns = self.scaler.transform(matrix[start : start + CHUNK]) * slope
            parts[start : start + CHUNK] = self.scaler.by_feature(columns)
        return parts

    def slopes(self, months: int | None = None) -> NDArray[np.float32]:
        """(q,) w_j + g_j * mean of ln k over the months 1..`months`."""
        q = self.scaler.width
        log_k = time_columns(self.horizon, self.longest, self.settled)[0][: months or self.horizon].mean()
        return (self.theta[1 : 1 + q] + self.theta[1 + q + CURVE : 1 + 2 * q + CURVE] * log_k).astype(np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to rebuild the model, as plain JSON values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        arrays = {"theta": self.theta.tolist(), "covariance": self.covariance.tolist(), "scaler": self.scaler.to_dict()}
        return {**plain, **arrays, "names": list(self.names)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> HazardModel:
        arrays = {name: np.asarray(stored[name], dtype=float) for name in ("theta", "covariance")}
        return cls(
            **{**stored, **arrays, "names": tuple(stored["names"]), "scaler": Scaler.from_dict(stored["scaler"])}
        )


def _factor(covariance: Floats) -> Floats:
    """L with L L' = covariance, also when it is only semi-definite."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _with_interval(curve: NDArray[np.float32], month: NDArray, error: Floats, confidence: float) -> Survival:
    """The interval is symmetric for ln(-ln S), so it stays within 0..1."""
    from scipy.special import ndtri

    reach = np.exp(np.minimum(ndtri((1 + confidence) / 2) * error, 30.0))
    log_s = np.log(np.maximum(curve[np.arange(len(curve)), month].astype(float), 1e-30))
    return Survival(curve, month, error, np.exp(log_s * reach), np.exp(log_s / reach))
