"""What other ways of giving out tiers would bring: all high, all tech, by value only, as it is, and the best plan."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from naruki.tiering.decide import tier_by_ltv_only
from naruki.tiering.effects import bands, normal_quantile
from naruki.tiering.options import LEVELS
from naruki.tiering.schemas import COMPARISON, to_table
from naruki.tiering.tiers import Decision

POLICIES = {
    "all_high": ("Everybody high touch", "全員ハイタッチ"),
    "all_tech": ("Everybody tech touch", "全員テックタッチ"),
    "ltv_only": ("By value only", "LTVのみ"),
    "current": ("As it is", "現在の層"),
    "optimal": ("Best plan within the hours", "時間内での最適"),
}
BANDS = 5  # strata of value in the back-test
BACK_TEST = (
    "back_test_value",
    "back_test_low",
    "back_test_high",
    "back_test_actual",
    "back_test_coverage",
    "back_test_n",
)


def compare_policies(d: Decision, history: pa.Table | None = None) -> pa.Table:
    """`tier_policy_comparison` (schema COMPARISON), one row per policy.

    Value = sum of value x (1 + uplift) - cost of service over its months; p10 and p90 carry the error of the values
    and the spread of the assumed uplift (low, mid, high are read as its p10, p50, p90). Newcomers, decisions of people
    and unknown values keep their tier under every policy. Everybody gets the floor; of what a plan gives beyond it only
    the served share is done when it needs more hours than there are; `value_unlimited_p50` is what it would bring if
    the hours were hired. history: past rows of customer_tiers with a column `outcome` (what the customer brought
    afterwards); see back_test.
    """
    options, n = d.proposal.options, len(d.facts)
    top = len(d.policy.tiers) - 1
    plans = {
        "all_high": np.full(n, top),
        "all_tech": np.zeros(n, dtype=np.int64),
        "ltv_only": tier_by_ltv_only(options.baseline, d.policy),
        "current": np.where(d.memory.tier >= 0, d.memory.tier, d.settled.tier),
        "optimal": d.proposal.plan.choice,
    }
    rows = [_row(d, name, _ruled(d, choice)) for name, choice in plans.items()]
    tested = back_test(history, d.policy.tier_names, d.policy["minimum_group_size"], d.policy["confidence"])
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    for key in BACK_TEST:
        columns[key] = np.array([tested.get(name, {}).get(key, np.nan) for name in plans], dtype=float)
    columns["back_test_note"] = None if tested else "no_feed"
    columns |= {"as_of_date": d.as_of, "policy_version": d.policy.version, "code_version": d.code_version}
    return to_table(columns, COMPARISON)


def _ruled(d: Decision, choice: np.ndarray) -> np.ndarray:
    """The choice (n,) where the house's rules leave one."""
    allowed = d.proposal.rules.allowed
    return np.where(allowed.sum(axis=1) == 1, allowed.argmax(axis=1), choice)


def served_share(d: Decision, choice: np.ndarray) -> float:
    """Share of what a plan gives beyond the floor that the hours are enough for, by the scarcest pool."""
    options = d.proposal.options
    floor = options.hours[:, 0, :].sum(axis=0)
    extra = options.hours[np.arange(len(choice)), choice].sum(axis=0) - floor
    left = np.maximum(d.proposal.capacity - floor, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.min(np.where(extra > left * (1 + 1e-9) + 1e-9, left / extra, 1.0), initial=1.0))


def _row(d: Decision, name: str, choice: np.ndarray) -> dict:
    options, capacity = d.proposal.options, d.proposal.capacity
    rows = np.arange(len(choice))
    hours = options.hours[rows, choice].sum(axis=0)
    short = np.maximum(hours - capacity, 0.0)
    served = served_share(d, choice)
    low, mid, high = portfolio(d, choice, served)
    tiers = {t: int((choice == k).sum()) for k, t in enumerate(d.policy.tier_names)}
    return {
        "policy": name,
        "label_en": POLICIES[name][0],
        "label_ja": POLICIES[name][1],
        "customers": len(choice),
        "customers_by_tier": json.dumps(tiers),
        "hours_per_week": float(hours.sum()),
        "hours_by_pool": json.dumps({k: round(float(v), 4) for k, v in zip(d.policy.pool_names, hours, strict=True)}),
        "capacity_per_week": float(capacity.sum()),
        "hours_short": float(short.sum()),
        "is_feasible": bool((short <= 1e-9 * np.maximum(1.0, capacity)).all()),
        "served_share": served,
        "service_cost": float(options.cost[rows, choice].sum()),
        "value_p10": low,
        "value_p50": mid,
        "value_p90": high,
        "value_unlimited_p50": portfolio(d, choice, 1.0)[1],
    }


def portfolio(d: Decision, choice: np.ndarray, served: float) -> tuple[float, float, float]:
    """p10, p50, p90 of the value of all customers under a choice of tiers, of which `served` is done beyond the floor;
    customers of unknown value are left out.
    """
    options = d.proposal.options
    known = np.flatnonzero(options.known)
    if len(known) == 0:
        return np.nan, np.nan, np.nan
    base, at = options.baseline[known], choice[known]
    floor = options.cost[known, 0].sum()
    cost = floor + served * (options.cost[known, at].sum() - floor)
    lifts = {
        level: options.uplift[level][known, 0] + served * (lift[known, at] - lift[known, 0])
        for level, lift in options.uplift.items()
    }
    totals = [float((base * (1 + lifts[level])).sum() - cost) for level in LEVELS]
    error = float(np.sqrt((options.se[known] ** 2).sum()))
    grid = np.arange(0.5, 100) / 100
    z = np.array([normal_quantile(p) for p in grid])
    # Between and beyond low, mid and high the total runs along straight lines in the normal score.
    step = normal_quantile(0.9)
    effect = np.where(
        z < 0, totals[1] + z / step * (totals[1] - totals[0]), totals[1] + z / step * (totals[2] - totals[1])
    )
    spread = (effect[:, None] + error * z[None, :]).ravel()
    return tuple(float(v) for v in np.quantile(spread, (0.1, 0.5, 0.9)))


def back_test(
    history: pa.Table | None, tier_names: tuple[str, ...], minimum: int, confidence: float
) -> dict[str, dict[str, float]]:
    """What similar customers who did get the policy's tier brought afterwards, per customer; an association.

    history columns: as_of_date, customer_id, tier, tier_by_ltv_only, proposed_tier, previous_tier, value_baseline,
    outcome. Strata are day x fifth of the value. Cells with fewer than `minimum` customers are left out; coverage says
    how many remain. What these same customers did bring stands beside it (`back_test_actual`): policies cover
    different customers, so that only the difference to it may be compared.
    """
    if history is None or history.num_rows == 0:
        return {}
    columns = {name: np.array(history[name].to_pylist(), dtype=object) for name in history.column_names}
    outcome = np.array([np.nan if v is None else float(v) for v in columns["outcome"]])
    value = np.array([np.nan if v is None else float(v) for v in columns["value_baseline"]])
    known = ~np.isnan(outcome)
    day = np.array([str(v) for v in columns["as_of_date"]])
    stratum = np.empty(len(day), dtype=object)
    for one in np.unique(day):
        at = day == one
        stratum[at] = [f"{one}/{band}" for band in bands(value[at], BANDS)]
    wanted = {
        "all_high": np.full(len(day), tier_names[-1], dtype=object),
        "all_tech": np.full(len(day), tier_names[0], dtype=object),
        "ltv_only": columns["tier_by_ltv_only"],
        "current": columns["tier"],
        "optimal": columns["proposed_tier"],
    }
    z = normal_quantile(0.5 + confidence / 2)
    cells = _cells(stratum[known], columns["tier"][known], outcome[known])
    return {
        name: _policy_value(stratum[known], tiers[known], outcome[known], cells, minimum, z)
        for name, tiers in wanted.items()
    }


def _cells(stratum: np.ndarray, tier: np.ndarray, outcome: np.ndarray) -> dict[tuple, np.ndarray]:
    found: dict[tuple, list] = {}
    for key_1, key_2, value in zip(stratum, tier, outcome, strict=True):
        found.setdefault((key_1, key_2), []).append(value)
    return {key: np.array(values) for key, values in found.items()}


def _policy_value(
    stratum: np.ndarray, tiers: np.ndarray, outcome: np.ndarray, cells: dict, minimum: int, z: float
) -> dict[str, float]:
    needed: dict[tuple, int] = {}
    for key in zip(stratum, tiers, strict=True):
        needed[key] = needed.get(key, 0) + 1
    used = {key: count for key, count in needed.items() if len(cells.get(key, ())) >= max(minimum, 2)}
    total, covered = sum(needed.values()), sum(used.values())
    if not covered:
        return {"back_test_coverage": 0.0, "back_test_n": 0}
    mean = sum(count * cells[key].mean() for key, count in used.items()) / covered
    error = np.sqrt(
        sum((count / covered) ** 2 * cells[key].var(ddof=1) / len(cells[key]) for key, count in used.items())
    )
    inside = np.array([key in used for key in zip(stratum, tiers, strict=True)])
    return {
        "back_test_value": mean,
        "back_test_actual": float(outcome[inside].mean()),
        "back_test_low": mean - z * error,
        "back_test_high": mean + z * error,
        "back_test_coverage": covered / total,
        "back_test_n": covered,
    }
