"""How the landmark hazard is fitted: trials drawn by hash, a design made chunk by chunk, Newton, clustered errors."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from naruki.value.optimum import Floats
from naruki.value.panel import Panel, chosen, mix, term_end_in
from naruki.value.scaling import Scaler

CHUNK = 50_000  # rows worked on at once: large enough for BLAS, small enough for the cache and for memory
WARM_UP = 50_000  # trials of a first, rough fit
PROFILE = 100_000  # trials on which shapes are compared
SETTLED = (3, 4, 6, 9)  # months ahead after which effects may stay level, besides the last with losses
ENOUGH = 20  # losses that the far end of the curve needs
CURVE = 3  # f is a cubic in ln k / ln K
TERM = 2 + CURVE  # at a term's end: a level, a slope in the term's length, and that slope's own curve in ln k

Times = tuple[Floats, Floats]


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


def thin_customers(panel: Panel, horizon: int, max_rows: int) -> Panel:
    """Whole customers drawn by hash, so that events alone are not more than half of what is used."""
    events = np.count_nonzero(panel.lost & (panel.months <= horizon))
    share = 1.0 if events == 0 else max_rows / 2 / events
    if share >= 1:
        return panel
    return panel.take(chosen(mix(panel.hash, 99), share))


class Design:
    """The columns 1, x, f(ln k), x ln k and the term's end, made chunk by chunk."""

    def __init__(self, panel: Panel, scaler: Scaler, row: NDArray, month: NDArray, times: Times) -> None:
        self.x, place = _used(panel, scaler, row)
        self.row, self.place, self.month = row, place, month
        self.log_k, self.curve = times
        self.has_terms = panel.term is not None and panel.to_term_end is not None
        self.ending, self.length = None, None
        if self.has_terms:
            self.ending = term_end_in(month, panel.to_term_end[row], panel.term[row])
            self.length = _log_term(panel.term[row])
        self.width = 1 + 2 * self.x.shape[1] + CURVE + TERM * self.has_terms

    def __len__(self) -> int:
        return len(self.row)

    def every(self, step: int) -> Design:
        """The same design on every `step`-th trial."""
        part = copy(self)
        for name in ("row", "place", "month", "ending", "length"):
            column = getattr(self, name)
            setattr(part, name, None if column is None else column[::step])
        return part

    def chunk(self, part: slice) -> Floats:
        """Columns of some trials, (rows, width)."""
        x = self.x[self.place[part]].astype(float)
        k = self.month[part] - 1
        columns = [np.ones((len(x), 1)), x, self.curve[k], x * self.log_k[k][:, None]]
        if self.has_terms:
            ending = self.ending[part]
            columns.append(term_design(ending, self.length[part], self.curve[k]))
        return np.concatenate(columns, axis=1)


def _used(panel: Panel, scaler: Scaler, row: NDArray) -> tuple[NDArray[np.float32], NDArray]:
    """Standardised features of the rows in use, and where each trial finds its own."""
    used = np.zeros(len(panel), dtype=bool)
    used[row] = True
    place = np.cumsum(used) - 1
    return scaler.transform(panel.features[used]), place[row]


def time_columns(horizon: int, longest: int, settled: int | None = None) -> Times:
    """ln k (K,) for the effects of features and the powers of ln k / ln K (K, CURVE) for the level, k = 1..K.

    Beyond `longest`, the last month at which losses were seen, both stay as they are there: a cubic must not guess.
    Effects stay as they are from month `settled` on (see `settle`), `longest` if not given.
    """
    log_k = np.log(np.minimum(np.arange(1, horizon + 1), longest))
    u = log_k / np.log(max(horizon, 2))
    effects = np.minimum(log_k, np.log(min(settled or longest, longest)))
    return effects, np.stack([u ** (power + 1) for power in range(CURVE)], axis=1)


def settle(design: Design, event: NDArray, shift: Floats, ridge: float, horizon: int, longest: int) -> int:
    """The month ahead from which on a feature's effect stays level: the likeliest of SETTLED.

    What is seen now (use that fades) tells most of the coming months; a line in ln k that is right for those runs away
    later on, where few losses hold it.
    """
    step = max(len(design) // PROFILE, 1)
    part, some = design.every(step), slice(None, None, step)
    months = [*(month for month in SETTLED if month < longest), longest]
    heights = []
    for month in months:
        part.log_k = time_columns(horizon, longest, month)[0]
        heights.append(newton(part, event[some], shift[some], ridge)[1])
    return months[int(np.argmax(heights))]


def longest_seen(event_months: NDArray[np.int64]) -> int:
    """The month ahead from which on ENOUGH losses were seen (the last one, if there are fewer in all)."""
    return int(np.sort(event_months)[::-1][min(ENOUGH, len(event_months)) - 1])


def term_columns(months: NDArray, to_term_end: Floats, term: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    ending = np.stack([term_end_in(month, to_term_end, term) for month in months], axis=1)
    return ending.astype(np.float32), _log_term(term).astype(np.float32)


def term_design(ending: NDArray, length: NDArray, curve: NDArray) -> NDArray:
    """Columns (n, TERM) of one month ahead each: nothing but at the end of a term."""
    return ending[:, None] * np.column_stack([np.ones(len(length)), length, length[:, None] * curve])


def _log_term(term: Floats) -> Floats:
    return np.log(np.maximum(np.nan_to_num(term, nan=1.0), 1.0))


def log_likelihood(design: Design, event: NDArray, shift: Floats, theta: Floats) -> tuple[float, Floats, Floats]:
    """Value, gradient and information over all trials; `shift` is added to every log-odds."""
    value, gradient = 0.0, np.zeros(design.width)
    information = np.zeros((design.width, design.width))
    for start in range(0, len(design), CHUNK):
        part = slice(start, start + CHUNK)
        z = design.chunk(part)
        logit = z @ theta + shift[part]
        p = 1.0 / (1.0 + np.exp(-np.clip(logit, -500, 500)))
        value += float(np.sum(np.where(event[part], logit, 0.0) - np.logaddexp(0.0, logit)))
        gradient += z.T @ (event[part] - p)
        information += (z * (p * (1 - p))[:, None]).T @ z
    return value, gradient, information


def newton(design: Design, event: NDArray, shift: Floats, ridge: float) -> tuple[Floats, float, Floats]:
    """Maximum of log-likelihood - ridge / 2 * |theta without intercept|**2, and the penalised information there."""
    penalty = np.full(design.width, ridge)
    penalty[0] = 1e-9  # the overall level is never shrunk,
    penalty[1 + design.x.shape[1] : 1 + design.x.shape[1] + CURVE] = ridge / 100  # its shape over time and at a
    if design.has_terms:
        penalty[-TERM:] = ridge / 100  # term's end only lightly: they are the same for everybody
    theta = np.zeros(design.width)
    if len(design) > 10 * WARM_UP:  # most steps are cheap: they only find where to start
        step = len(design) // WARM_UP
        theta = newton(design.every(step), event[::step], shift[::step], ridge)[0]
    else:
        share = np.clip(event.mean(), 1e-6, 1 - 1e-6)
        theta[0] = np.log(share / (1 - share)) - shift.mean()
    value, gradient, information = log_likelihood(design, event, shift, theta)
    for _ in range(50):
        curved = information + np.diag(penalty)
        step = np.linalg.solve(curved, gradient - penalty * theta)
        before, size = value - penalty @ theta**2 / 2, 1.0
        while True:
            trial = theta + size * step
            value, gradient, information = log_likelihood(design, event, shift, trial)
            if value - penalty @ trial**2 / 2 >= before - 1e-9 * abs(before) or size < 1e-4:
                break
            size /= 2
        theta = trial
        if np.max(np.abs(size * step)) < 1e-7:
            break
    return theta, value, information + np.diag(penalty)


def clustered_covariance(
    design: Design, event: NDArray, shift: Floats, theta: Floats, information: Floats, customer: NDArray
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
