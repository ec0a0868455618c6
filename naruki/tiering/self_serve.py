"""Does a customer reach a revenue level by itself? Months and hours until then, from the customer's months."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from naruki.tiering.schemas import SELF_SERVE, to_table


def self_serve(months: pa.Table, threshold: float) -> pa.Table:
    """Schema SELF_SERVE, one row per customer: join it to the customer facts before segments are decided.

    months: customer_id, month_start_date, mrr and, where known, demand_hours and proactive_hours; every month that
    ended by the as-of day. threshold: monthly revenue, such as the cut of axis 1 over 12. Where the level was not
    (yet) reached the figures are null: censored, not zero. self_serve_ratio is the share of the hours until then that
    were not proactive.
    """
    frame = months.to_pandas().sort_values(["customer_id", "month_start_date"])
    groups = dict(list(frame.groupby("customer_id")))
    rows = [_customer(customer, part, threshold) for customer, part in groups.items()]
    columns = {field.name: [row[field.name] for row in rows] for field in SELF_SERVE}
    return to_table(columns, SELF_SERVE)


def _customer(customer: str, part, threshold: float) -> dict:
    above = np.flatnonzero(part["mrr"].to_numpy(dtype=float) >= threshold)
    row = {"customer_id": customer, "is_threshold_reached": len(above) > 0}
    row |= dict.fromkeys(("months_to_threshold", "hours_to_threshold", "self_serve_ratio"))
    if len(above) == 0:
        return row
    row["months_to_threshold"] = float(above[0])
    until = part.iloc[: above[0] + 1]
    demand, proactive = (
        float(until[name].sum()) if name in until and until[name].notna().any() else None
        for name in ("demand_hours", "proactive_hours")
    )
    if demand is None and proactive is None:
        return row
    hours = (demand or 0.0) + (proactive or 0.0)
    row["hours_to_threshold"] = hours
    row["self_serve_ratio"] = 1.0 if hours == 0 else 1 - (proactive or 0.0) / hours
    return row
