"""Between the warehouse's tables and the arrays of the models."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.errors import NarukiError
from naruki.value.contractual import RetentionFit, fit_sbg_at_risk
from naruki.value.optimum import Floats
from naruki.value.panel import Panel, make_panel
from naruki.value.reasons import Feature, as_floats, transform_features
from naruki.value.settings import ValueSettings

PANEL_COLUMNS = (
    "customer_id",
    "as_of_month",
    "segment",
    "tenure_months",
    "monthly_margin",
    "months_to_term_end",
    "term_months",
    "months_observed",
    "is_lost",
)
SCORING_COLUMNS = (
    "customer_id",
    "segment",
    "is_contractual",
    "tenure_months",
    "monthly_margin",
    "months_to_term_end",
    "term_months",
    "purchases",
    "recency_months",
    "age_months",
    "mean_purchase",
)
MOST_TENURE = 240  # months of tenure told apart; older customers count with these


def read_panel(table: Any, catalogue: tuple[Feature, ...]) -> tuple[Panel, dict[str, NDArray[Any]]]:
    """The panel and its other columns (segment, tenure, margin), row for row.

    Args:
        table: pyarrow, one row per (customer, as-of month) with `PANEL_COLUMNS` and the catalogue's features.
    """
    require(table, PANEL_COLUMNS, "panel")
    known = as_floats(table.column("months_observed")) >= 1
    table = table.filter(known)
    panel = make_panel(
        texts(table.column("customer_id")),
        month_index(table.column("as_of_month")),
        transform_features(table, catalogue),
        as_floats(table.column("months_observed")),
        as_floats(table.column("is_lost")) == 1,
        [feature.feature for feature in catalogue],
        to_term_end=as_floats(table.column("months_to_term_end")),
        term=as_floats(table.column("term_months")),
    )
    order = panel.source_row
    side = {
        "segment": texts(table.column("segment"))[order],
        "tenure": np.nan_to_num(as_floats(table.column("tenure_months")), nan=0.0)[order].astype(np.int64),
        "margin": as_floats(table.column("monthly_margin"))[order],
    }
    return panel, side


def require(table: Any, columns: tuple[str, ...], what: str) -> None:
    """Raise NarukiError when the table lacks columns."""
    absent = [name for name in columns if name not in table.column_names]
    if absent:
        raise NarukiError(f"The {what} table lacks {', '.join(absent)}: add the columns (null where unknown).")


def texts(column: Any) -> NDArray[np.object_]:
    """A column as Python strings, null = 'unknown'."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.fill_null(column.cast(pa.string()), "unknown").to_numpy(zero_copy_only=False).astype(object)


def month_index(column: Any) -> NDArray[np.int64]:
    """Dates (any day of the month) to year * 12 + month - 1."""
    import pyarrow as pa

    days = column.cast(pa.date32()).to_numpy(zero_copy_only=False).astype("datetime64[M]")
    return days.astype(np.int64) + 1970 * 12


def month_name(index: int) -> str:
    """year * 12 + month - 1 to 'YYYY-MM'."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def count_losses(panel: Panel) -> int:
    """Losses in a panel: a customer stands in many rows and is lost once (again, if it came back and left)."""
    gone = np.stack([panel.customer[panel.lost], (panel.as_of + panel.months)[panel.lost]], axis=1)
    return len(np.unique(gone, axis=0))


def tenure_counts(panel: Panel, tenure: NDArray[np.int64], *, ended_terms: bool = False) -> tuple[Floats, Floats]:
    """Customers at risk and lost by month of tenure, (MOST_TENURE,) each; every month of a customer counts once.

    A landmark speaks for the months up to the customer's next landmark, its last one for all that were seen after.

    Args:
        ended_terms: count only months of terms whose end was reached. Nobody can renew or leave before: a young company
            with yearly contracts would else look as if it lost nobody. Losses within a term are few and of another kind;
            they are added at their own rate, over all months.
    """
    same = np.diff(panel.customer) == 0
    until_next = np.where(same, np.diff(panel.as_of), np.iinfo(np.int32).max)
    seen = np.minimum(panel.months, np.append(until_next, np.iinfo(np.int32).max))
    left = panel.lost & (panel.months <= seen)
    if not ended_terms or panel.to_term_end is None:
        return _by_tenure(tenure, seen, left)
    running = panel.months < panel.to_term_end
    at_risk, lost = _by_tenure(tenure, np.where(running, 0, seen), left & ~running)
    return at_risk, lost + at_risk * ((left & running).sum() / max(seen.sum(), 1))


def _by_tenure(tenure: NDArray[np.int64], seen: NDArray[np.int64], left: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    first = np.minimum(tenure, MOST_TENURE - 1)
    end = np.minimum(tenure + seen, MOST_TENURE)
    steps = np.bincount(first, minlength=MOST_TENURE + 1) - np.bincount(end, minlength=MOST_TENURE + 1)
    return (
        np.cumsum(steps[:MOST_TENURE]).astype(float),
        np.bincount(np.maximum(end[left] - 1, 0), minlength=MOST_TENURE).astype(float)[:MOST_TENURE],
    )


def segment_curves(
    panel: Panel, tenure: NDArray[np.int64], segment: NDArray[Any], settings: ValueSettings
) -> tuple[RetentionFit, dict[str, RetentionFit]]:
    """Retention of all and of each segment: the prior lends its weight to all, all lend theirs to each segment."""
    at_risk, lost = np.zeros(MOST_TENURE), np.zeros(MOST_TENURE)
    if len(panel):
        at_risk, lost = tenure_counts(panel, tenure, ended_terms=True)
    prior = settings.prior_monthly_retention ** np.arange(settings.horizon_months)
    prior = np.pad(prior * settings.prior_overall_strength / prior.sum(), (0, MOST_TENURE - len(prior)))
    at_risk, lost = at_risk + prior, lost + prior * (1 - settings.prior_monthly_retention)
    overall = fit_sbg_at_risk(at_risk, lost)
    borrowed = settings.prior_segment_strength / at_risk.sum()
    curves = {}
    for name in sorted(set(segment)):
        rows = segment == name
        own_risk, own_lost = tenure_counts(panel.take(rows), tenure[rows], ended_terms=True)
        curves[str(name)] = fit_sbg_at_risk(own_risk + borrowed * at_risk, own_lost + borrowed * lost)
    return overall, curves


def segment_churn(
    panel: Panel, tenure: NDArray[np.int64], segment: NDArray[Any], settings: ValueSettings
) -> dict[str, float]:
    """The naive baseline: one monthly churn rate per segment ('' = all), pulled to that of all."""

    def rate(rows: NDArray[Any], prior: float, strength: float) -> float:
        at_risk, lost = tenure_counts(panel.take(rows), tenure[rows])
        return float((lost.sum() + strength * prior) / (at_risk.sum() + strength))

    everybody = np.ones(len(panel), dtype=bool)
    rates = {"": rate(everybody, 1 - settings.prior_monthly_retention, settings.prior_overall_strength)}
    for name in sorted(set(segment)):
        rates[str(name)] = rate(segment == name, rates[""], settings.prior_segment_strength)
    return rates
