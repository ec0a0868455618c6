"""Tables that the value assets leave, with their columns; every one carries its day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

TEXT, NUMBER, COUNT, FLAG, DAY = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.date32()

PREDICTION = {
    "customer_id": TEXT,
    "method": TEXT,
    "is_promoted": FLAG,
    "prior_only": FLAG,
    **dict.fromkeys(("ltv_mean", "ltv_p10", "ltv_p50", "ltv_p90", "ltv_se", "ltv_naive", "ltv_coverage"), NUMBER),
    **dict.fromkeys(("expected_months", "discounted_months"), NUMBER),
    **dict.fromkeys(("renewal_p", "renewal_p_low", "renewal_p_high", "n_effective"), NUMBER),
    "renewal_month": COUNT,
    **{f"reason_{rank}_{language}": TEXT for rank in (1, 2, 3) for language in ("en", "ja")},
    **dict.fromkeys(("growth_mean", "growth_p10", "growth_p50", "growth_p90"), NUMBER),
    "model_version": TEXT,
}
MODEL = {
    "model_version": TEXT,
    "method": TEXT,
    "is_promoted": FLAG,
    "reason": TEXT,
    "first_month": TEXT,
    "last_month": TEXT,
    "customers": COUNT,
    "losses": COUNT,
    "rows_used": COUNT,
    "holdout_from": TEXT,
    "holdout_months": COUNT,
    "panel_hash": TEXT,
    "parameters": TEXT,
}
BACKTEST = {
    "cut_month": TEXT,
    "months_ahead": COUNT,
    "method": TEXT,
    "decile": COUNT,
    "customers": COUNT,
    "lost": COUNT,
    "lost_predicted": NUMBER,
    "predicted": NUMBER,
    "actual": NUMBER,
    "error_rate": NUMBER,
    "mean_absolute_error": NUMBER,
    "gini": NUMBER,
    "auc": NUMBER,
    "calibration_slope": NUMBER,
    "ece10": NUMBER,
    "coverage": NUMBER,
    "coverage_implied": NUMBER,
    "is_promoted": FLAG,
    "note": TEXT,
}
RENEWAL = {
    "customer_id": TEXT,
    "segment": TEXT,
    "term_end_on": DAY,
    "months_to_term_end": COUNT,
    "monthly_revenue": NUMBER,
    "renewal_p": NUMBER,
    "renewal_p_low": NUMBER,
    "renewal_p_high": NUMBER,
    "method": TEXT,
    "human_rating": COUNT,
    "human_p": NUMBER,
    "rater": TEXT,
    "rated_at": pa.timestamp("us"),
    "difference": NUMBER,
    "agreement": TEXT,
}
CALIBRATION = {
    "source": TEXT,
    "group_name": TEXT,
    "n": COUNT,
    "predicted": NUMBER,
    "renewed": NUMBER,
    "renewed_low": NUMBER,
    "renewed_high": NUMBER,
    "is_published": FLAG,
    "note": TEXT,
}
ASSOCIATION = {
    "measure": TEXT,
    "detail": TEXT,
    "value": NUMBER,
    "low": NUMBER,
    "high": NUMBER,
    "n": COUNT,
    "note": TEXT,
}
ATTRIBUTE = {
    "attribute": TEXT,
    "attribute_value": TEXT,
    "customers": COUNT,
    "stayed": COUNT,
    "is_published": FLAG,
    **dict.fromkeys(("raw_rate", "rate", "rate_low", "rate_high", "own_weight", "value", "value_error"), NUMBER),
}


def rows_to_table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, pa.DataType], as_of: date) -> pa.Table:
    """Rows as a table of these columns, the day in front; what a row does not name is null."""
    listed = [{"as_of_date": as_of} | {name: row.get(name) for name in columns} for row in rows]
    return pa.Table.from_pylist(listed, schema=pa.schema([("as_of_date", DAY), *columns.items()]))


def dated(table: pa.Table, columns: Mapping[str, pa.DataType], as_of: date) -> pa.Table:
    """The columns of a table in order and of the stated types, the day in front."""
    arrays = [table.column(name).cast(kind) for name, kind in columns.items()]
    day = pa.array([as_of] * table.num_rows, DAY)
    return pa.table([day, *arrays], schema=pa.schema([("as_of_date", DAY), *columns.items()]))
