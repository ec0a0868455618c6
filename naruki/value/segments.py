"""Survival of customers by the retention curve of their segment: for new ones, and where no renewal model serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.value.contractual import RetentionFit
from naruki.value.optimum import Floats


def segment_survival(
    curves: Mapping[str, RetentionFit],
    overall: RetentionFit,
    segment: NDArray[Any],
    tenure: Floats,
    month: NDArray[np.int64],
    terms: tuple[Floats, Floats],
    horizon: int,
) -> tuple[NDArray[np.float32], Floats]:
    """Survival (n, horizon + 1), each distinct customer computed once, and the error of ln(-ln S) at `month`.

    Within a term nobody leaves: what the curve says of all months of a term falls due at its end.

    Args:
        curves, overall: by segment, in months of tenure; segment, tenure: (n,); month: (n,) whose S gets an error.
        terms: months to the running term's end and its length, (n,) each, NaN = unknown (month by month then).
    """
    start, length, first = _terms(tenure, *terms)
    curve, spread = np.empty((len(segment), horizon + 1), dtype=np.float32), np.empty(len(segment))
    for name in sorted(set(segment)):
        rows = np.flatnonzero(segment == name)
        fit = curves.get(str(name), overall)
        asked = np.stack([start[rows], length[rows], first[rows]], axis=1)
        alike, place = np.unique(asked, axis=0, return_inverse=True)
        due = _due(np.arange(horizon + 1)[None, :], alike[:, 1:2], alike[:, 2:])
        curve[rows] = np.exp(fit.log_survival(alike[:, :1] + due) - fit.log_survival(alike[:, :1]))[place.ravel()]
        due = _due(month[rows], length[rows], first[rows])
        pairs, place = np.unique(np.stack([start[rows], due], axis=1), axis=0, return_inverse=True)
        log_s = fit.log_survival(pairs[:, 0] + pairs[:, 1]) - fit.log_survival(pairs[:, 0])
        error = fit.log_survival_error(pairs[:, 0], pairs[:, 1]) / np.maximum(-log_s, 1e-12)
        spread[rows] = error[place.ravel()]
    return curve, spread


def _terms(tenure: Floats, to_term_end: Floats, term: Floats) -> tuple[Floats, Floats, Floats]:
    """Tenure at the start of the running term, its length and the months to its end; one month where unknown."""
    known = np.isfinite(term) & np.isfinite(to_term_end) & (term >= 1) & (to_term_end >= 1)
    length = np.where(known, np.maximum(np.nan_to_num(term), np.nan_to_num(to_term_end)), 1.0)
    first = np.where(known, np.nan_to_num(to_term_end), 1.0)
    return np.maximum(tenure + first - length, 0.0), length, first


def _due(months: NDArray[Any], length: Floats, first: Floats) -> Floats:
    """Months of risk that have fallen due `months` ahead: a whole term at each end of one."""
    return np.maximum(np.floor((months - first) / length) + 1, 0.0) * length
