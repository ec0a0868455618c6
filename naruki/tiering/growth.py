"""Growth looked at soberly, and whether a customer reached a revenue level by itself: from a customer's months."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from naruki.tiering.effects import normal_quantile
from naruki.tiering.schemas import GROWTH, to_table

PARTS = ("mrr", "active_users", "usage_days", "paid_seats", "employees")
SHRINK_MONTHS = 6.0  # months of own history that weigh as much as what all customers show


def growth(months: pa.Table, threshold: float, window: int = 12) -> pa.Table:
    """Schema GROWTH, one row per customer.

    months: customer_id, month_start_date, mrr and any of active_users, usage_days, paid_seats, employees,
    proactive_hours, demand_hours; every month that ended by `as_of`. Growth is the yearly rate of the slope of the
    logarithm over the last `window` months, averaged over the parts that are known, pooled towards the middle of all
    customers the shorter the history; p10 and p90 carry the error of the slope. threshold: the revenue level (the cut
    of axis 1, per month).
    """
    frame = months.to_pandas().sort_values(["customer_id", "month_start_date"])
    slopes = {name: _slopes(frame, name, window) for name in PARTS if name in frame and frame[name].notna().any()}
    ids = np.unique(frame["customer_id"].to_numpy(dtype=object)) if len(frame) else np.zeros(0, dtype=object)
    rate, error, known = _pool(ids, slopes)
    own = _self_serve(frame, ids, threshold)
    z = normal_quantile(0.9)
    counts = frame.groupby("customer_id").size().reindex(ids).to_numpy() if len(ids) else np.zeros(0)
    columns = {
        "customer_id": ids,
        "months_known": counts,
        **{f"growth_{name}": np.expm1(rate + sign * z * error) for name, sign in (("p10", -1), ("p50", 0), ("p90", 1))},
        "parts": [json.dumps(part, sort_keys=True) for part in known],
        **own,
    }
    return to_table(columns, GROWTH)


def _slopes(frame, name: str, window: int) -> dict[str, tuple[float, float, int]]:
    """Yearly slope of ln(1 + x) over the last months, its standard error, and the months behind it."""
    result = {}
    for customer, part in frame[["customer_id", name]].dropna().groupby("customer_id"):
        y = np.log1p(np.maximum(part[name].to_numpy(dtype=float)[-window:], 0.0))
        k = len(y)
        if k < 3:
            continue
        t = (np.arange(k) - (k - 1) / 2) / 12
        square = float((t**2).sum())
        slope = float((t * y).sum() / square)
        rest = y - y.mean() - slope * t
        result[customer] = (slope, float(np.sqrt((rest**2).sum() / max(k - 2, 1) / square)), k)
    return result


def _pool(ids: np.ndarray, slopes: dict) -> tuple[np.ndarray, np.ndarray, list[dict]]:
    middle = {
        name: float(np.median([s[0] for s in found.values()])) if found else 0.0 for name, found in slopes.items()
    }
    spread = {
        name: float(1.4826 * np.median(np.abs(np.array([s[0] for s in found.values()]) - middle[name])))
        if found
        else 0.0
        for name, found in slopes.items()
    }
    rate, error = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    parts: list[dict] = []
    for row, customer in enumerate(ids):
        told, errors = {}, []
        for name, found in slopes.items():
            if customer in found:
                slope, se, k = found[customer]
                own = k / (k + SHRINK_MONTHS)
                told[name] = round(own * slope + (1 - own) * middle[name], 6)
                errors.append(np.hypot(own * se, (1 - own) * spread[name]))
        if told:
            rate[row] = np.mean(list(told.values()))
            # The parts of one customer move together: their errors are averaged, not divided by the root of their
            # number.
            error[row] = np.mean(errors)
        parts.append(told)
    return rate, error, parts


def _self_serve(frame, ids: np.ndarray, threshold: float) -> dict:
    """Months and hours until the level was first reached, and the share of hours until then that were not proactive.

    Null where it was not (yet) reached: censored, not zero.
    """
    n = len(ids)
    months, hours, ratio = (np.full(n, np.nan) for _ in range(3))
    reached = np.zeros(n, dtype=bool)
    groups = dict(list(frame.groupby("customer_id"))) if n else {}
    for row, customer in enumerate(ids):
        part = groups[customer]
        above = np.flatnonzero(part["mrr"].to_numpy(dtype=float) >= threshold)
        if len(above) == 0:
            continue
        reached[row] = True
        months[row] = above[0]
        until = part.iloc[: above[0] + 1]
        sums = [
            float(until[c].sum()) if c in until and until[c].notna().any() else np.nan
            for c in ("demand_hours", "proactive_hours")
        ]
        if not np.isnan(sums).all():
            hours[row] = np.nansum(sums)
            ratio[row] = 1.0 if hours[row] == 0 else 1 - np.nan_to_num(sums[1]) / hours[row]
    return {
        "self_serve_ratio": ratio,
        "months_to_threshold": months,
        "hours_to_threshold": hours,
        "is_threshold_reached": reached,
    }
