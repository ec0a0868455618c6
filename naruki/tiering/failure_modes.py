"""The four ways in which touch tiers fail (their list is a seed): a cause and an effect that move together."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.tiering.policy import Policy
from naruki.tiering.policy_types import FailureMode
from naruki.tiering.schemas import FAILURE_MODES, TIER_METRICS, to_table

# metric: (numerator, denominator); a missing denominator means a plain sum.
METRICS = {
    "cost_share_of_margin": ("cost_to_serve", "gross_margin"),
    "churn_rate": ("is_churned", "is_customer"),
    "missed_target_rate": ("missed_targets", "targets"),
    "missed_touch_rate": ("missed_touches", "planned_touches"),
    "net_value_per_hour": ("contribution", "hours"),
    "hours": ("hours", None),
}
# More touches than were promised don't make up for anything below zero.
FLOORED = ("missed_touch_rate",)
RELATIVE = ("hours", "cost_share_of_margin")
LEVEL = ("load",)


def tier_metrics(customer_months: pa.Table, capacity: pa.Table | None = None) -> pa.Table:
    """Metrics by period and tier (schema TIER_METRICS), and over all tiers.

    customer_months: month_start_date, customer_id, tier (in force at the start of the month), and any of cost_to_serve,
    gross_margin, contribution, is_churned, targets, missed_targets, planned_touches, missed_touches, hours (rows of
    queries/tier_months.sql). A column that is missing or null gives no metric. capacity: past rows of tier_capacity; load = demand over plannable hours in the first week
    planned.
    """
    months = customer_months.to_pandas()
    rows: list[dict[str, Any]] = []
    if len(months):
        months["is_customer"] = 1.0
        for tier, group in [("all", months), *sorted(months.groupby("tier"))]:
            for month, part in sorted(group.groupby("month_start_date")):
                rows += [row for name in METRICS if (row := _metric(name, part, month, tier))]
    if capacity is not None and capacity.num_rows:
        rows += _loads(capacity)
    rows.sort(key=lambda row: (row["metric"], row["tier"], row["period_start_date"]))
    columns = {field.name: [row[field.name] for row in rows] for field in TIER_METRICS}
    return to_table(columns, TIER_METRICS)


def _metric(name: str, part, month, tier: str) -> dict | None:
    over, under = METRICS[name]
    needed = [column for column in (over, under) if column]
    if any(column not in part for column in needed):
        return None
    known = part.dropna(subset=needed)
    if len(known) == 0:
        return None
    numerator = float(known[over].astype(float).sum())
    numerator = max(numerator, 0.0) if name in FLOORED else numerator
    denominator = float(known[under].astype(float).sum()) if under else None
    if denominator == 0:
        return None
    value = numerator if denominator is None else numerator / denominator
    row = {"period_start_date": month, "tier": tier, "metric": name, "value": value, "numerator": numerator}
    return {**row, "denominator": denominator, "n": int(known["customer_id"].nunique())}


def _loads(capacity: pa.Table) -> list[dict]:
    """The heaviest pool's load of each month: the mean over the decisions of the month, first planned week."""
    frame = capacity.to_pandas()
    frame = frame[frame["week_start_date"] == frame.groupby("as_of_date")["week_start_date"].transform("min")]
    frame = frame[frame["plannable_hours"] > 0]
    frame["period_start_date"] = [day.replace(day=1) for day in frame["as_of_date"]]
    rows = []
    for month, part in sorted(frame.groupby("period_start_date")):
        pools = part.groupby("pool")[["demand_hours", "plannable_hours"]].sum()
        load = pools["demand_hours"] / pools["plannable_hours"]
        worst = load.idxmax()
        numbers = {
            "numerator": float(pools["demand_hours"][worst]),
            "denominator": float(pools["plannable_hours"][worst]),
        }
        n = int(part["customers"].max())
        rows.append(
            {
                "period_start_date": month,
                "tier": "all",
                "metric": "load",
                "value": float(load[worst]),
                **numbers,
                "n": n,
            }
        )
    return rows


def failure_modes(metrics: pa.Table, policy: Policy, as_of: date, code_version: str = "") -> pa.Table:
    """`failure_modes` (schema FAILURE_MODES), one row per mode.

    metrics: schema TIER_METRICS (value, n by period, tier and metric); only periods that started by `as_of` are read.
    The newest k periods are compared with the k before. status: alarm (cause and effect), warning (one of them), ok,
    too_few (customers or periods) or no_feed.
    """
    series: dict[tuple[str, str], list[tuple[date, float, int]]] = {}
    for row in metrics.to_pylist():
        if row["period_start_date"] <= as_of and row["value"] is not None:
            series.setdefault((row["metric"], row["tier"]), []).append(
                (row["period_start_date"], row["value"], row["n"] or 0)
            )
    for points in series.values():
        points.sort()
    rows = [_mode(mode, series, policy) for mode in policy.failure_modes]
    columns: dict[str, Any] = {key: [row[key] for row in rows] for key in rows[0]} if rows else {"mode": []}
    columns |= {"as_of_date": as_of, "policy_version": policy.version, "code_version": code_version}
    return to_table(columns, FAILURE_MODES)


def _mode(mode: FailureMode, series: dict, policy: Policy) -> dict:
    cause = _side(mode, mode.cause_metric, mode.cause_tier, mode.cause_rise, series, policy, strict=False)
    effect = _side(
        mode, mode.effect_metric, mode.effect_tier, mode.effect_rise, series, policy, strict=mode.code != "over_serving"
    )
    n = min(cause["n"], effect["n"])
    if not cause["found"] or not effect["found"]:
        # The feed is there for everybody, only no tier was in force yet: that is a lack of history, not of data.
        known = all((metric, "all") in series for metric in (mode.cause_metric, mode.effect_metric))
        status = "too_few" if known else "no_feed"
    elif cause["fires"] is None or effect["fires"] is None or n < mode.minimum_n:
        status = "too_few"
    else:
        status = {2: "alarm", 1: "warning", 0: "ok"}[cause["fires"] + effect["fires"]]
    row = {
        name: getattr(mode, name)
        for name in ("mode", "code", "label_en", "label_ja", "periods", "minimum_n", "meaning_en", "meaning_ja")
    }
    for side, found, threshold in (("cause", cause, mode.cause_rise), ("effect", effect, mode.effect_rise)):
        row |= {
            f"{side}_metric": getattr(mode, f"{side}_metric"),
            f"{side}_tier": getattr(mode, f"{side}_tier"),
            f"{side}_before": found["before"],
            f"{side}_now": found["now"],
            f"{side}_change": found["change"],
            f"{side}_threshold": threshold,
            f"is_{side}": found["fires"],
        }
    evidence = {"cause": cause["series"], "effect": effect["series"]}
    return {**row, "status": status, "n": n, "evidence": json.dumps(evidence, ensure_ascii=False)}


def _side(mode: FailureMode, metric: str, tiers: str, rise: float, series: dict, policy: Policy, strict: bool) -> dict:
    """Change of one metric. Several tiers: `every` needs all to fire, a list needs one; the weakest or strongest is
    shown.
    """
    names = list(policy.tier_names) if tiers == "every" else tiers.split(";")
    parts = [_change(series.get((metric, name), []), mode.periods, metric) for name in names]
    found = [(name, part) for name, part in zip(names, parts, strict=True) if part["found"]]
    told = {name: part["points"] for name, part in found}
    empty = {"found": False, "fires": None, "before": None, "now": None, "change": None, "n": 0, "series": told}
    if not found or (tiers == "every" and len(found) < len(names)):
        return empty
    judged = [part for _, part in found if part["change"] is not None]
    if not judged or (tiers == "every" and len(judged) < len(names)):
        return {**empty, "found": True}
    pick = (min if tiers == "every" else max)(judged, key=lambda part: part["change"])
    measure = pick["lowest"] if metric in LEVEL else pick["change"]
    fires = measure > rise if strict or metric in LEVEL else measure >= rise
    return {**pick, "fires": bool(fires), "series": told}


def _change(points: list[tuple[date, float, int]], periods: int, metric: str) -> dict:
    base = {"found": bool(points), "points": [(p[0].isoformat(), round(p[1], 6)) for p in points[-2 * periods :]]}
    n = min((p[2] for p in points[-periods:]), default=0)
    now = [p[1] for p in points[-periods:]]
    before = [p[1] for p in points[-2 * periods : -periods]]
    result = {**base, "before": None, "now": None, "change": None, "lowest": None, "n": n}
    if len(now) < periods:
        return result
    result |= {"now": float(np.mean(now)), "lowest": min(now)}
    if metric in LEVEL:
        return {**result, "change": result["now"], "before": float(np.mean(before)) if before else None}
    if len(before) < periods:
        return result
    result["before"] = float(np.mean(before))
    difference = result["now"] - result["before"]
    if metric in RELATIVE:
        return {**result, "change": difference / result["before"] if result["before"] else None}
    return {**result, "change": difference}
