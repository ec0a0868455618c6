"""What actions brought, credited only against similar customers for whom the same action was listed and not done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.tiering.effects import bands, matched_effect, normal_quantile
from naruki.tiering.objectives import required_n_mean
from naruki.tiering.policy import Policy
from naruki.tiering.schemas import ACTION_EFFECTS, EXPERIMENTS, to_table

VALUE_BANDS = 3
# What is looked at, and whether more of it is better.
METRICS = {"is_retained": 1, "mrr_change": 1, "demand_hours_change": -1, "utilisation_change": 1}


def action_effects(
    listed: pa.Table,
    done: pa.Table,
    results: pa.Table,
    policy: Policy,
    as_of: date,
    days: int = 91,
) -> pa.Table:
    """Schema ACTION_EFFECTS, one row per action and metric (those of METRICS that `results` holds).

    listed: action_key, action, customer_id, quadrant, value_at_stake, first_listed_on. done: customer_id, action,
    done_on. results: customer_id, since (a first_listed_on) and the metrics. Treated are customers for whom the action
    was done at least `days` ago, once it was listed; similar are those listed at least `days` ago for the same action,
    in the same quadrant and third of the value at stake, for whom it was not done. A customer counts once per action.
    Getting better by itself happens to both.
    """
    latest = as_of - timedelta(days=days)
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(listed.to_pylist(), key=lambda row: (row["first_listed_on"], row["action_key"])):
        if row["first_listed_on"] <= latest:
            first.setdefault((row["action"], row["customer_id"]), row)
    treated_on = _treated(first, done)
    metrics = [name for name in METRICS if name in results.column_names]
    measured = {(row["customer_id"], row["since"]): row for row in results.to_pylist()}
    rows = []
    for action in sorted({key[0] for key in first}):
        members = [row for key, row in first.items() if key[0] == action]
        on = [treated_on.get((action, row["customer_id"])) for row in members]
        found = [measured.get((row["customer_id"], row["first_listed_on"]), {}) for row in members]
        for metric in metrics:
            values = np.array([_number(one.get(metric)) for one in found])
            rows.append(_effect(action, metric, members, on, values, latest, policy))
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in rows] for field in ACTION_EFFECTS}
    return to_table(columns | {"as_of_date": as_of, "policy_version": policy.version}, ACTION_EFFECTS)


def _treated(first: dict[tuple[str, str], dict[str, Any]], done: pa.Table) -> dict[tuple[str, str], date]:
    """First day on which a listed action was done, by action and customer."""
    found: dict[tuple[str, str], date] = {}
    for row in sorted(done.to_pylist(), key=lambda row: row["done_on"]):
        key = (row["action"], row["customer_id"])
        if key in first and row["done_on"] >= first[key]["first_listed_on"]:
            found.setdefault(key, row["done_on"])
    return found


def _effect(
    action: str,
    metric: str,
    listed: list[dict],
    done_on: list[date | None],
    values: np.ndarray,
    latest: date,
    policy: Policy,
) -> dict:
    # Done too lately to tell: neither treated nor untreated.
    clear = np.array([day is None or day <= latest for day in done_on], dtype=bool)
    treated = np.array([day is not None for day in done_on], dtype=bool)[clear]
    outcome = values[clear]
    stake = np.array([_number(row["value_at_stake"]) for row in listed])
    strata = np.array(
        [f"{row['quadrant']}/{band}" for row, band in zip(listed, bands(stake, VALUE_BANDS), strict=True)]
    )[clear]
    found = matched_effect(treated, outcome, strata, policy["confidence"])
    enough = min(found.n_treated, found.n_control) >= policy["minimum_group_size"]
    known = ~np.isnan(outcome)
    return {
        "action": action,
        "metric": metric,
        "treated_mean": float(outcome[known & treated].mean()) if enough else None,
        "control_mean": float(outcome[known & ~treated].mean()) if enough else None,
        "raw_difference": found.raw if enough else None,
        "effect": found.effect if enough else None,
        "effect_low": found.low if enough else None,
        "effect_high": found.high if enough else None,
        "n_treated": found.n_treated,
        "n_control": found.n_control,
        "coverage": found.coverage,
        "is_credited": bool(enough and (found.low > 0 if METRICS[metric] > 0 else found.high < 0)),
        "note": "association with similar untreated customers"
        if enough
        else "too few treated or similar untreated customers",
    }


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


WARNING = (
    "Customers of the testing ground differ from others: the effect may not carry over.",
    "実験場の顧客は他と異なるため、効果が他でも得られるとは限らない。",
)


def experiment_effects(assignments: pa.Table, results: pa.Table, policy: Policy, as_of: date) -> pa.Table:
    """Schema EXPERIMENTS, one row per experiment, metric and arm other than its control.

    assignments: experiment, customer_id, arm, is_control, started_on, has_consent. results: customer_id, since (a
    started_on) and the metrics. Customers without consent are counted and left out. status: too_few, underpowered,
    effect or no_effect_seen.
    """
    metrics = [name for name in METRICS if name in results.column_names]
    measured = {(row["customer_id"], row["since"]): row for row in results.to_pylist()}
    trials: dict[str, list[dict]] = {}
    for row in assignments.to_pylist():
        if row["started_on"] <= as_of:
            trials.setdefault(row["experiment"], []).append(row)
    rows = []
    for name, members in sorted(trials.items()):
        control = sorted({row["arm"] for row in members if row["is_control"]})
        for arm in sorted({row["arm"] for row in members if not row["is_control"]}):
            for metric in metrics:
                values = {
                    row["customer_id"]: measured.get((row["customer_id"], row["started_on"]), {}).get(metric)
                    for row in members
                }
                rows.append(
                    _arm(name, arm, control[0] if control else None, members, values, policy) | {"metric": metric}
                )
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in rows] for field in EXPERIMENTS}
    columns |= {"as_of_date": as_of, "warning_en": WARNING[0], "warning_ja": WARNING[1]}
    return to_table(columns, EXPERIMENTS)


def _arm(name: str, arm: str, control: str | None, members: list[dict], values: dict, policy: Policy) -> dict:
    def outcome(which: str | None) -> np.ndarray:
        found = [
            _number(values.get(row["customer_id"])) for row in members if row["arm"] == which and row["has_consent"]
        ]
        return np.array([value for value in found if value == value])

    treated, other = outcome(arm), outcome(control)
    row = {
        "experiment": name,
        "arm": arm,
        "control_arm": control,
        "started_on": min(r["started_on"] for r in members),
        "n_arm": len(treated),
        "n_control": len(other),
        "without_consent": sum(not r["has_consent"] for r in members if r["arm"] in (arm, control)),
        "status": "too_few",
    }
    if min(len(treated), len(other)) < max(policy["minimum_group_size"], 2):
        return row
    effect = float(treated.mean() - other.mean())
    error = float(np.sqrt(treated.var(ddof=1) / len(treated) + other.var(ddof=1) / len(other)))
    z = normal_quantile(0.5 + policy["confidence"] / 2)
    sd = float(np.sqrt((treated.var(ddof=1) + other.var(ddof=1)) / 2))
    needed = required_n_mean(effect, sd, policy["power"], policy["significance"]) if effect and sd else None
    powered = needed is not None and min(len(treated), len(other)) >= needed
    seen = effect - z * error > 0 or effect + z * error < 0
    return row | {
        "mean_arm": float(treated.mean()),
        "mean_control": float(other.mean()),
        "effect": effect,
        "effect_low": effect - z * error,
        "effect_high": effect + z * error,
        "required_n_per_arm": needed,
        "is_powered": powered,
        "status": "effect" if seen and powered else "underpowered" if not powered else "no_effect_seen",
    }
