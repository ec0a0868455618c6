"""Who leaves when: a discrete-time logistic hazard on landmark panels, for customers under contract.

h_i(k) = sigma(b + x_i w + f(ln k) + x_i g ln k) for k = 1..K months ahead, S_i(k) = prod (1 - h_i).
Source: discrete-time survival by logistic regression (Allison, 1982; Tutz & Schmid, 2016) on landmarks (van Houwelingen,
2007), with sampled non-events (King & Zeng, 2001) and errors clustered by customer (Liang & Zeger, 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError
from naruki.value.optimum import Floats, few_threads
from naruki.value.panel import Panel, chosen, mix, term_end_in
from naruki.value.scaling import Scaler, fit_scaler

CHUNK = 50_000  # rows worked on at once: large enough for BLAS, small enough for the cache and for memory
CURVE = 3  # f is a cubic in ln k / ln K


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
        theta: (1 + q + CURVE + q + t,) b, w, f, g and, if terms are known, the two parts of a term's end.
        covariance: of theta, clustered by customer.
        horizon: K; sampling_rate: share of non-events used; n_customers, n_events, n_rows: used in the fit.
        log_likelihood: of the sampled rows, in nats, without the penalty.
    """

    names: tuple[str, ...]
    scaler: Scaler
    theta: Floats
    covariance: Floats
    horizon: int
    has_terms: bool
    sampling_rate: float
    n_customers: int
    n_events: int
    n_rows: int
    log_likelihood: float

    @classmethod
    def fit(
        cls, panel: Panel, *, horizon: int, ridge: float, max_rows: int = 1_000_000, clip: float = 4.0
    ) -> HazardModel:
        """Fit by penalised maximum likelihood (Newton).

        Every month ahead of every row is one trial: left or stayed. If there are more than `max_rows`, first whole
        customers, then trials without an event are drawn by hash; drawing at rate f adds ln f to the intercept.

        Args:
            panel: see `Panel`; months beyond `horizon` are not used.
            ridge: strength of the penalty, as the inverse variance of a normal prior on each standardised coefficient.
            clip: features further than this many standard deviations from the mean count as that far.

        Raises NarukiError when no customer left, or all did.
        """
        with few_threads():
            panel = _thin(panel, horizon, max_rows)
            row, month, event, rate = sample_trials(panel, horizon, max_rows)
            if not event.any() or event.all():
                raise NarukiError(
                    "The panel shows no loss, or nothing but losses: use the retention of the segment instead."
                )
            scaler = fit_scaler(panel.features, clip)
            design = _Design(panel, scaler, row, month, horizon)
            shift = np.full(len(row), -np.log(rate))  # the log-odds among the trials drawn are higher by -ln f
            theta, value, information = _newton(design, event, shift, ridge)
            covariance = _clustered(design, event, shift, theta, information, panel.customer)
        customers = len(np.unique(panel.customer))
        counts = (rate, customers, int(event.sum()), len(row))
        return cls(panel.names, scaler, theta, covariance, horizon, design.has_terms, *counts, value)

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
        names += ["term_end", "term_end:ln_term"] if self.has_terms else []
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
        log_k, curve = np.log(months).astype(np.float32), _curve(months, self.horizon).astype(np.float32)
        theta = self.theta.astype(np.float32)
        now, f, g = (
            theta[0] + x @ theta[1 : 1 + q],
            theta[1 + q : 1 + q + CURVE],
            theta[1 + q + CURVE : 1 + 2 * q + CURVE],
        )
        logit = now[:, None] + curve @ f + np.outer(x @ g, log_k)
        ending, length = (None, None) if ends is None else _terms(months, *ends)
        if ending is not None:
            logit += ending * (theta[-2] + theta[-1] * length)[:, None]
        np.clip(logit, -30, 30, out=logit)
        hazard = 1.0 / (1.0 + np.exp(-logit))
        log_s = np.cumsum(np.log1p(-hazard), axis=1)
        survival = np.concatenate([np.ones((len(x), 1), np.float32), np.exp(log_s)], axis=1)
        hazard *= months <= asked[:, None]  # d ln S / d theta = - sum of hazard x design up to the month asked for
        risk, risk_log = hazard.sum(axis=1), hazard @ log_k
        parts = [risk[:, None], x * risk[:, None], hazard @ curve, x * risk_log[:, None]]
        if ending is not None:
            at_end = (hazard * ending).sum(axis=1)
            parts.append(np.stack([at_end, at_end * length], axis=1))
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
        log_k = np.log(np.arange(1, (months or self.horizon) + 1)).mean()
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


def sample_trials(
    panel: Panel, horizon: int, max_rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], float]:
    """Trials (row of the panel, month ahead, left?) and the rate at which those without an event were drawn.

    All events are kept; the draw depends on the customer's id, the as-of month and the month ahead, not on the order.
    """
    seen = np.minimum(panel.months, horizon)
    left = panel.lost & (panel.months <= horizon)
    events = int(left.sum())
    quiet = int(seen.sum()) - events
    rate = min(1.0, max(max_rows - events, events) / max(quiet, 1))
    seed = mix(panel.hash ^ mix(panel.as_of.astype(np.uint64)))
    rows, months = [], []
    for month in range(1, horizon + 1):
        open_ = np.flatnonzero((seen > month) | ((seen == month) & ~left))
        drawn = open_ if rate >= 1 else open_[chosen(mix(seed[open_], month), rate)]
        rows.append(drawn)
        months.append(np.full(len(drawn), month))
    rows.append(np.flatnonzero(left))
    months.append(seen[left])
    row, month_ = np.concatenate(rows), np.concatenate(months)
    event = np.zeros(len(row), dtype=bool)
    event[len(row) - events :] = True
    order = np.lexsort((month_, row))  # rows of the panel are sorted by customer: so are the trials
    return row[order], month_[order], event[order], rate


def _thin(panel: Panel, horizon: int, max_rows: int) -> Panel:
    """Whole customers drawn by hash, so that events alone are not more than half of what is used."""
    events = np.count_nonzero(panel.lost & (panel.months <= horizon))
    share = 1.0 if events == 0 else max_rows / 2 / events
    if share >= 1:
        return panel
    return panel.take(chosen(mix(panel.hash, 99), share))


class _Design:
    """The columns 1, x, f(ln k), x ln k and the term's end, made chunk by chunk."""

    def __init__(self, panel: Panel, scaler: Scaler, row: NDArray, month: NDArray, horizon: int) -> None:
        self.x, place = _used(panel, scaler, row)
        self.row, self.place, self.month = row, place, month
        ladder = np.arange(1, horizon + 1)
        self.log_k, self.curve = np.log(ladder), _curve(ladder, horizon)
        self.has_terms = panel.term is not None and panel.to_term_end is not None
        self.ending, self.length = None, None
        if self.has_terms:
            self.ending = term_end_in(month, panel.to_term_end[row], panel.term[row])
            self.length = _log_term(panel.term[row])
        self.width = 1 + 2 * self.x.shape[1] + CURVE + 2 * self.has_terms

    def __len__(self) -> int:
        return len(self.row)

    def chunk(self, part: slice) -> Floats:
        x = self.x[self.place[part]].astype(float)
        k = self.month[part] - 1
        columns = [np.ones((len(x), 1)), x, self.curve[k], x * self.log_k[k][:, None]]
        if self.has_terms:
            ending = self.ending[part]
            columns.append(np.stack([ending, ending * self.length[part]], axis=1))
        return np.concatenate(columns, axis=1)


def _used(panel: Panel, scaler: Scaler, row: NDArray) -> tuple[NDArray[np.float32], NDArray]:
    """Standardised features of the rows in use, and where each trial finds its own."""
    used = np.zeros(len(panel), dtype=bool)
    used[row] = True
    place = np.cumsum(used) - 1
    return scaler.transform(panel.features[used]), place[row]


def _curve(months: NDArray, horizon: int) -> Floats:
    """(k, CURVE) powers of ln k / ln K."""
    u = np.log(months) / np.log(max(horizon, 2))
    return np.stack([u ** (power + 1) for power in range(CURVE)], axis=1)


def _terms(months: NDArray, to_term_end: Floats, term: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    ending = np.stack([term_end_in(month, to_term_end, term) for month in months], axis=1)
    return ending.astype(np.float32), _log_term(term).astype(np.float32)


def _log_term(term: Floats) -> Floats:
    return np.log(np.maximum(np.nan_to_num(term, nan=1.0), 1.0))


def _pass(design: _Design, event: NDArray, shift: Floats, theta: Floats, curved: bool) -> tuple[float, Floats, Floats]:
    """Log-likelihood, gradient and (if asked) information over all trials."""
    value, gradient = 0.0, np.zeros(design.width)
    information = np.zeros((design.width, design.width))
    for start in range(0, len(design), CHUNK):
        part = slice(start, start + CHUNK)
        z = design.chunk(part)
        logit = z @ theta + shift[part]
        value += float(np.sum(np.where(event[part], logit, 0.0) - np.logaddexp(0.0, logit)))
        if curved:
            p = 1.0 / (1.0 + np.exp(-logit))
            gradient += z.T @ (event[part] - p)
            information += (z * (p * (1 - p))[:, None]).T @ z
    return value, gradient, information


def _newton(design: _Design, event: NDArray, shift: Floats, ridge: float) -> tuple[Floats, float, Floats]:
    """Maximum of log-likelihood - ridge / 2 * |theta without intercept|**2, and the penalised information there."""
    penalty = np.full(design.width, ridge)
    penalty[0] = 1e-9  # the overall level is never shrunk,
    penalty[1 + design.x.shape[1] : 1 + design.x.shape[1] + CURVE] = ridge / 100  # its shape over time and at a
    if design.has_terms:
        penalty[-2:] = ridge / 100  # term's end only lightly: they are the same for everybody
    theta = np.zeros(design.width)
    share = event.mean()
    theta[0] = np.log(share / (1 - share)) - shift.mean()
    value, gradient, information = _pass(design, event, shift, theta, True)
    for _ in range(50):
        curved = information + np.diag(penalty)
        step = np.linalg.solve(curved, gradient - penalty * theta)
        before, size = value - penalty @ theta**2 / 2, 1.0
        while True:
            trial = theta + size * step
            value, gradient, information = _pass(design, event, shift, trial, True)
            if value - penalty @ trial**2 / 2 >= before - 1e-9 * abs(before) or size < 1e-4:
                break
            size /= 2
        theta = trial
        if np.max(np.abs(size * step)) < 1e-7:
            break
    return theta, value, information + np.diag(penalty)


def _clustered(
    design: _Design, event: NDArray, shift: Floats, theta: Floats, information: Floats, customer: NDArray
) -> Floats:
    """Sandwich covariance: months and landmarks of one customer are one observation, not many."""
    inverse = np.linalg.inv(information)
    owner = customer[design.row]
    starts = np.flatnonzero(np.diff(owner, prepend=owner[0] - 1))
    bounds = np.append(starts, len(owner))
    middle = np.zeros_like(information)
    first = 0
    while first < len(starts):
        last = max(int(np.searchsorted(bounds, bounds[first] + CHUNK, side="right")) - 1, first + 1)
        part = slice(int(bounds[first]), int(bounds[last]))
        z = design.chunk(part)
        residual = event[part] - 1.0 / (1.0 + np.exp(-(z @ theta + shift[part])))
        scores = np.add.reduceat(z * residual[:, None], bounds[first:last] - bounds[first], axis=0)
        middle += scores.T @ scores
        first = last
    groups = len(starts)
    return inverse @ middle @ inverse * groups / max(groups - 1, 1)


def _factor(covariance: Floats) -> Floats:
    """L with L L' = covariance, also when it is only semi-definite."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _with_interval(curve: NDArray[np.float32], month: NDArray, error: Floats, confidence: float) -> Survival:
    """The interval is symmetric for ln(-ln S), so it stays within 0..1."""
    from scipy.stats import norm

    reach = np.exp(np.minimum(norm.ppf((1 + confidence) / 2) * error, 30.0))
    log_s = np.log(np.maximum(curve[np.arange(len(curve)), month].astype(float), 1e-30))
    return Survival(curve, month, error, np.exp(log_s * reach), np.exp(log_s / reach))
