"""Objectives: is the data there at all, is the group large enough to see the target, and where does it stand."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil, sqrt

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.tiering.effects import normal_quantile, wilson
from naruki.tiering.inputs import Facts
from naruki.tiering.objective_metrics import FALLING, is_known, is_made, values
from naruki.tiering.options import served
from naruki.tiering.policy import Policy
from naruki.tiering.policy_types import Objective
from naruki.tiering.schemas import COHORTS, OBJECTIVES, to_table
from naruki.value.power import sample_size_two_proportions


def required_n_mean(difference: float, sd: float, power: float, significance: float) -> int:
    """Customers per arm to see a difference of means when one customer spreads by sd."""
    z = normal_quantile(1 - significance / 2) + normal_quantile(power)
    return ceil(2 * (z * sd / difference) ** 2)


def freeze_cohorts(facts: pa.Table, policy: Policy, as_of: date, cohorts: pa.Table | None = None) -> pa.Table:
    """Members of every objective (schema COHORTS), drawn from the customers who are served. Those that were frozen
    before stay as they are until their horizon is over: the group must not follow the result.
    """
    table = Facts(facts)
    kept = [] if cohorts is None else cohorts.select(COHORTS.names).to_pylist()
    kept = [row for row in kept if not _is_over(row, policy, as_of)]
    known = {row["objective"] for row in kept}
    for objective in policy.objectives:
        members = None if objective.objective in known else _members(objective, table)
        if members is not None:
            members &= served(table, policy)
            kept += [
                {"objective": objective.objective, "customer_id": c, "frozen_on": as_of} for c in table.ids[members]
            ]
    kept.sort(key=lambda row: (row["objective"], row["customer_id"]))
    return pa.Table.from_pylist(kept, schema=COHORTS)


def _is_over(row: dict, policy: Policy, as_of: date) -> bool:
    """Whether a group was measured to the end of its horizon, and a new one may be frozen."""
    for objective in policy.objectives:
        if objective.objective == row["objective"]:
            days = objective.horizon_days + policy["objective_rest_days"]
            return row["frozen_on"] + timedelta(days=days) < as_of
    return False


def objectives_table(
    facts: pa.Table, policy: Policy, as_of: date, cohorts: pa.Table | None = None, code_version: str = ""
) -> pa.Table:
    """`objectives` (schema OBJECTIVES), one row per objective.

    facts: customer facts with the metric columns that the objectives name (and `quadrant` from customer_segments).
    status: unanswerable (a required column is missing or empty), started (frozen today), too_few (fewer than the
    minimum group), met, missed, open, or underpowered (open, and too small to see the target).
    """
    table = Facts(facts)
    frozen = freeze_cohorts(facts, policy, as_of, cohorts).to_pylist()
    rows = []
    for objective in policy.objectives:
        members = {row["customer_id"]: row["frozen_on"] for row in frozen if row["objective"] == objective.objective}
        rows.append(_row(objective, table, members, policy, as_of))
    columns = {key: [row[key] for row in rows] for key in rows[0]} if rows else {"objective": []}
    columns |= {"as_of_date": as_of, "policy_version": policy.version, "code_version": code_version}
    return to_table(columns, OBJECTIVES)


def _members(objective: Objective, facts: Facts) -> np.ndarray | None:
    """Rows (n,) bool of the population; None where its column is not there."""
    if objective.population_rule == "all":
        return np.ones(len(facts), dtype=bool)
    column, value = objective.population_column, objective.population_value
    if column is None or value is None:
        raise NarukiError(
            f"cfg_objective.csv, objective {objective.objective}: population_column and population_value are needed."
        )
    if not facts.any_known(column):
        return None
    if objective.population_rule == "equals":
        return np.array(
            [str(v).lower() == value.lower() if v is not None else False for v in facts.text(column)], dtype=bool
        )
    try:
        limit = float(value)
    except ValueError:
        raise NarukiError(
            f"cfg_objective.csv, objective {objective.objective}: population_value {value!r} is not a number."
        ) from None
    numbers = facts.number(column)
    if objective.population_rule == "at_least":
        return np.nan_to_num(numbers, nan=-np.inf) >= limit
    known = np.flatnonzero(~np.isnan(numbers))
    count = ceil(limit * len(known) - 1e-9)
    top = known[np.lexsort((known, -numbers[known]))[:count]]
    return np.isin(np.arange(len(facts)), top)


def _row(objective: Objective, facts: Facts, members: dict[str, date], policy: Policy, as_of: date) -> dict:
    missing = [column for column in objective.required_columns.split(";") if not is_known(column, facts)]
    inside = np.isin(facts.ids, list(members)) if members else np.zeros(len(facts), dtype=bool)
    frozen_on = min(members.values()) if members else None
    found = np.zeros(0)
    if objective.metric_column not in missing:
        found = values(objective.metric_column, facts, frozen_on, as_of)[inside]
    found = found[~np.isnan(found)]
    ends_on = frozen_on + timedelta(days=objective.horizon_days) if frozen_on else None
    made = is_made(objective.metric_column, facts)
    # Two arms share the group: half of it can be treated.
    per_arm = len(members) // 2
    power, significance = policy["power"], policy["significance"]
    current, low, high, sd = _measure(objective, found, policy)
    difference = objective.target - objective.baseline
    if objective.metric_kind == "proportion":
        required = sample_size_two_proportions(
            objective.baseline, objective.target, power=power, significance=significance
        )
        sd = sqrt(objective.baseline * (1 - objective.baseline))
    else:
        required = required_n_mean(difference, sd, power, significance) if sd and sd > 0 else None
    z = normal_quantile(1 - significance / 2) + normal_quantile(power)
    visible = z * sd * sqrt(2 / per_arm) if sd and per_arm else None
    powered = None if required is None else per_arm >= required
    rule = f"{objective.population_column} {objective.population_rule} {objective.population_value}"
    return {
        "objective": objective.objective,
        "label_en": objective.label_en,
        "label_ja": objective.label_ja,
        "status": "started"
        if made and frozen_on == as_of and not missing
        else _status(objective, missing, found, current, powered, made, bool(ends_on and as_of >= ends_on), policy),
        "required_columns": objective.required_columns,
        "missing_columns": ";".join(missing) or None,
        "population": "all" if objective.population_rule == "all" else rule,
        "population_n": len(members) if members else None,
        "frozen_on": frozen_on,
        "ends_on": ends_on,
        "metric": objective.metric_column,
        "metric_kind": objective.metric_kind,
        "n_measured": len(found),
        "baseline": objective.baseline,
        "target": objective.target,
        "target_difference": difference,
        "target_relative": difference / objective.baseline if objective.baseline else None,
        "current": current,
        "current_low": low,
        "current_high": high,
        "required_n_per_arm": required,
        "is_powered": powered,
        "smallest_visible_difference": visible,
        "horizon_days": objective.horizon_days,
        "note": _note(missing, required, per_arm, powered),
    }


def _measure(objective: Objective, values: np.ndarray, policy: Policy) -> tuple[float | None, ...]:
    n = len(values)
    if n < policy["minimum_group_size"]:
        return None, None, None, None
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if n > 1 else 0.0
    if objective.metric_kind == "proportion":
        return mean, *wilson(float(values.sum()), n, policy["confidence"]), sd
    half = normal_quantile(0.5 + policy["confidence"] / 2) * sd / sqrt(n)
    return mean, mean - half, mean + half, sd


def _status(
    objective: Objective, missing: list, found: np.ndarray, current, powered, made: bool, is_over: bool, policy: Policy
) -> str:
    if missing:
        return "unanswerable"
    if len(found) < policy["minimum_group_size"]:
        return "too_few"
    reached = current >= objective.target if objective.target >= objective.baseline else current <= objective.target
    falling = made and objective.metric_column in FALLING
    if reached and (is_over or not falling):
        return "met"
    if not reached and made and (is_over or falling):
        return "missed"
    return "open" if powered else "underpowered"


def _note(missing: list[str], required: int | None, per_arm: int, powered: bool | None) -> str | None:
    if missing:
        return f"unanswerable: no data in {', '.join(missing)}"
    if powered is False:
        return (
            f"{required} customers per arm are needed to see the target, {per_arm} are there: a difference "
            f"may be chance"
        )
    return None
