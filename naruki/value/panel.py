"""The landmark panel: what was known of a customer in a month, and what came after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from naruki.errors import NarukiError


@dataclass(frozen=True)
class Panel:
    """Rows (customer, as-of month) on which hazards are trained; all arrays have n rows.

    Attributes:
        customer: (n,) whole-number code per customer (0..), the same for all its rows.
        hash: (n,) 64-bit hash of the customer's id: drives every random choice, so that order and company don't matter.
        as_of: (n,) month index, year * 12 + month - 1.
        features: (n, p) float32, NaN = unknown. Known at the end of the as-of month, nothing later.
        months: (n,) whole months seen after the as-of month, 1..; lost: (n,) True if it left in the last of them.
        names: p feature names.
        source_row: (n,) where the row stood in the input (the panel is sorted by customer and month).
        to_term_end, term: (n,) months to the end of the running term (1 = next month) and its length; NaN = no term.
    """

    customer: NDArray[np.int64]
    hash: NDArray[np.uint64]
    as_of: NDArray[np.int64]
    features: NDArray[np.float32]
    months: NDArray[np.int64]
    lost: NDArray[np.bool_]
    names: tuple[str, ...]
    source_row: NDArray[np.int64]
    to_term_end: NDArray[np.float64] | None = None
    term: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: NDArray[Any]) -> Panel:
        """The given rows (index or mask)."""
        columns = ("customer", "hash", "as_of", "features", "months", "lost", "source_row", "to_term_end", "term")
        picked = {name: getattr(self, name) for name in columns}
        return replace(self, **{name: None if column is None else column[rows] for name, column in picked.items()})


def make_panel(
    customer_id: ArrayLike,
    as_of: ArrayLike,
    features: ArrayLike,
    months: ArrayLike,
    lost: ArrayLike,
    names: Sequence[str],
    *,
    to_term_end: ArrayLike | None = None,
    term: ArrayLike | None = None,
) -> Panel:
    """A checked panel from plain arrays; see `Panel` for the meaning of each.

    Rows without a single month seen after them are left out (they teach nothing).

    Raises NarukiError when shapes differ or a (customer, as-of month) is repeated: rows that were repeated to balance
    the classes would stand on both sides of any split and make the model look better than it is.
    """
    import pandas as pd

    ids = np.asarray(customer_id)
    matrix = np.asarray(features, dtype=np.float32)
    when, seen = (
        np.asarray(as_of, dtype=np.int64),
        np.nan_to_num(np.asarray(months, dtype=float), nan=0.0).astype(np.int64),
    )
    left = np.asarray(lost, dtype=bool)
    if (
        matrix.ndim != 2
        or matrix.shape != (len(ids), len(names))
        or not len(ids) == len(when) == len(seen) == len(left)
    ):
        raise NarukiError("A panel needs one row per (customer, month) in every column and one name per feature.")
    if np.any(np.isinf(matrix)):
        raise NarukiError(
            "A feature of the panel is infinite: a share with denominator 0 is unknown (null), not infinite."
        )
    code = pd.factorize(ids)[0].astype(np.int64)
    order = np.lexsort((when, code))
    if np.any((np.diff(code[order]) == 0) & (np.diff(when[order]) == 0)):
        raise NarukiError(
            "A (customer, as-of month) is repeated in the panel: give each once and let the fit do the sampling."
        )
    order = order[seen[order] >= 1]
    ends = [None if column is None else np.asarray(column, dtype=float)[order] for column in (to_term_end, term)]
    columns = (code[order], hash_ids(ids)[order], when[order], matrix[order], seen[order], left[order])
    return Panel(*columns, tuple(names), order, *ends)


def hash_ids(ids: ArrayLike) -> NDArray[np.uint64]:
    """(n,) 64-bit hashes of ids; the same id gives the same hash in every run, whatever stands beside it."""
    import pandas as pd

    values = np.asarray(ids)
    if values.dtype.kind not in "iu":
        values = values.astype(object)
    return mix(pd.util.hash_array(values, categorize=False).astype(np.uint64))


def mix(bits: NDArray[np.uint64], salt: int = 0) -> NDArray[np.uint64]:
    """Scramble 64-bit words (the finaliser of splitmix64), differently for each salt."""
    with np.errstate(over="ignore"):
        word = bits + np.uint64((0x9E3779B97F4A7C15 * (salt + 1)) % 2**64)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def chosen(bits: NDArray[np.uint64], share: float) -> NDArray[np.bool_]:
    """True for a share of hashes."""
    return np.ones(len(bits), dtype=bool) if share >= 1 else bits < np.uint64(share * 2.0**64)


def split_by_time(panel: Panel, cut: int) -> tuple[Panel, Panel]:
    """Train on what was known at the end of month `cut` (index), test on the landmark of that month.

    A training row keeps only the months that had passed by then: a loss after the cut is not yet a loss, so that no
    outcome of the test period leaks into the training. The test rows keep all that came after.
    """
    passed = cut - panel.as_of
    seen = np.minimum(panel.months, passed)
    train = replace(panel, months=seen, lost=panel.lost & (panel.months <= passed))
    return train.take(seen >= 1), panel.take(panel.as_of == cut)


def term_end_in(month: int, to_term_end: NDArray[np.float64], term: NDArray[np.float64]) -> NDArray[np.float64]:
    """1.0 where a term ends exactly `month` months ahead (the running one or, renewed, a later one), else 0.0."""
    length = np.where(np.isfinite(term) & (term >= 1), term, np.inf)
    with np.errstate(invalid="ignore"):
        beyond = month - to_term_end
        again = np.isfinite(length) & (np.mod(beyond, np.where(np.isfinite(length), length, 1.0)) == 0)
        return ((beyond == 0) | ((beyond > 0) & again)).astype(float)
