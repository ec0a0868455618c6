"""The list of what to do this week: who, what, why, what it may be worth, and the line where the hours end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.tiering.days import business_day
from naruki.tiering.inputs import FACT_COLUMNS
from naruki.tiering.policy_types import Action, Trigger
from naruki.tiering.schemas import ACTIONS, SEGMENTS, TIERS, to_table
from naruki.tiering.tiers import Decision, tiers_table

DERIVED = ("is_below_coverage_floor",)


def action_queue(
    d: Decision, segments: pa.Table, outcomes: pa.Table | None = None, previous: pa.Table | None = None
) -> pa.Table:
    """`action_queue` (schema ACTIONS), one row per customer and action, in the order in which to do them.

    Promises (coverage floors, onboarding) go first, the rest by expected value per hour. The line runs by pool: below
    it the week's hours are used up. previous: earlier rows of this table; an action keeps its key and first day while
    it stays open. outcomes: what people did (action_key, contacted_at, resolved_at, and customer_id and action where
    the key names them); a resolved
    action is off the list until as many days as it had to be done in have passed.
    """
    context = _context(d, segments)
    actions = {action.action: action for action in d.policy.actions}
    history = _History(previous, outcomes, d.as_of, d.policy["business_time_zone"])
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for trigger in d.policy.triggers:
        action = actions[trigger.action]
        for at in np.flatnonzero(_fires(trigger, context) & ~_is_unwanted(action, context, d)):
            row = _row(trigger, action, context, int(at))
            key = (row["customer_id"], row["action"])
            best = rows.get(key)
            # Several signs may call for the same action: it is done once, for the best reason.
            if best is None or (row["is_promise"], row["value_at_stake"] or 0) > (
                best["is_promise"],
                best["value_at_stake"] or 0,
            ):
                rows[key] = row
    listed = [row for row in rows.values() if history.open(row, actions[row["action"]])]
    listed.sort(key=lambda row: (not row["is_promise"], -row["value_per_hour"], row["customer_id"], row["action"]))
    draw_line(listed, _hours(d))
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in listed] for field in ACTIONS}
    columns |= {"as_of_date": d.as_of, "policy_version": d.policy.version, "code_version": d.code_version}
    return to_table(columns, ACTIONS)


def _context(d: Decision, segments: pa.Table) -> dict[str, list]:
    """Every column that a trigger may look at, aligned to the decided customers."""
    facts = d.facts.table
    at = {customer: row for row, customer in enumerate(segments["customer_id"].to_pylist())}
    index = pa.array([at.get(customer) for customer in d.facts.ids], pa.int64())
    context = {name: facts[name].to_pylist() for name in facts.column_names}
    context |= {name: segments[name].take(index).to_pylist() for name in segments.column_names}
    tiers = tiers_table(d)
    context |= {name: tiers[name].to_pylist() for name in tiers.column_names}
    floor = np.array([tier.coverage_floor_days for tier in d.policy.tiers])[d.settled.tier]
    days = d.facts.days_since("days_since_touch")
    context["is_below_coverage_floor"] = [
        None if np.isnan(v) else bool(v > limit) for v, limit in zip(days, floor, strict=True)
    ]
    return context


def _is_unwanted(action: Action, context: dict[str, list], d: Decision) -> np.ndarray:
    """Customers (n,) who opted out are not reached out to, whatever a tier promises."""
    n = len(context["customer_id"])
    if action.kind in d.policy["inward_action_kinds"].split(";"):
        return np.zeros(n, dtype=bool)
    return np.array([v is not None and v == 1 for v in context.get("is_opted_out", [None] * n)], dtype=bool)


def _fires(trigger: Trigger, context: dict[str, list]) -> np.ndarray:
    n = len(context["customer_id"])
    values = _column(trigger.column, trigger, context, n)
    if trigger.operator in ("is_true", "is_false"):
        wanted = trigger.operator == "is_true"
        hit = [v is not None and v == v and bool(v) is wanted for v in values]
    elif trigger.operator == "equals":
        hit = [v is not None and str(v) == trigger.value for v in values]
    else:
        limit, up = float(trigger.value), trigger.operator == "at_least"
        hit = [v is not None and v == v and (v >= limit if up else v <= limit) for v in values]
    fires = np.array(hit, dtype=bool)
    for name, wanted in (("quadrant", trigger.quadrant), ("tier", trigger.tier)):
        if wanted is not None:
            fires &= np.array([v == wanted for v in context[name]], dtype=bool)
    return fires


def _column(name: str, trigger: Trigger, context: dict[str, list], n: int) -> list:
    if name in context:
        return context[name]
    if name not in FACT_COLUMNS and name not in SEGMENTS.names and name not in TIERS.names and name not in DERIVED:
        raise NarukiError(
            f"cfg_trigger.csv, trigger {trigger.trigger}: column {name} is in no table of the decision; "
            f"correct its name."
        )
    return [None] * n


def _row(trigger: Trigger, action: Action, context: dict[str, list], at: int) -> dict[str, Any]:
    stake = _column(trigger.value_column, trigger, context, at + 1)[at]
    stake = None if stake is None or stake != stake else max(float(stake), 0.0)
    hours = action.hours_each
    values = {
        name: None if stake is None else stake * share
        for name, share in (
            ("value_at_stake_low", trigger.effect_low),
            ("value_at_stake", trigger.effect_mid),
            ("value_at_stake_high", trigger.effect_high),
        )
    }
    return {
        "customer_id": context["customer_id"][at],
        "name": context["name"][at],
        "quadrant": context["quadrant"][at],
        "tier": context["tier"][at],
        "action": action.action,
        "action_label_en": action.label_en,
        "action_label_ja": action.label_ja,
        "trigger": trigger.trigger,
        "reason_en": trigger.reason_en,
        "reason_ja": trigger.reason_ja,
        "is_promise": trigger.is_promise,
        "pool": action.pool,
        "hours": hours,
        **values,
        "value_per_hour": (values["value_at_stake"] or 0.0) / max(hours, 1e-9),
        "owner": context.get("owner", [None] * (at + 1))[at],
    }


class _History:
    """What became of earlier rows of the list."""

    def __init__(self, previous: pa.Table | None, outcomes: pa.Table | None, as_of: date, zone: str) -> None:
        self.as_of = as_of
        self.open_since: dict[tuple[str, str], tuple[str, date]] = {}
        self.done: dict[str, tuple[date | None, date | None]] = {}
        self.resolved: dict[tuple[str, str], date] = {}
        for row in [] if outcomes is None else outcomes.to_pylist():
            days = [business_day(row.get(name), zone, f"Outcomes, {name}") for name in ("contacted_at", "resolved_at")]
            # What happened after the day is not known yet.
            contacted, resolved = (day if day is not None and day <= as_of else None for day in days)
            self.done[row["action_key"]] = (contacted, resolved)
            key = (row.get("customer_id"), row.get("action"))
            if resolved is not None and None not in key:
                self.resolved[key] = max(resolved, self.resolved.get(key, resolved))
        for row in [] if previous is None else sorted(previous.to_pylist(), key=lambda row: row["as_of_date"]):
            if row["as_of_date"] < as_of:
                self.open_since[(row["customer_id"], row["action"])] = (row["action_key"], row["first_listed_on"])

    def open(self, row: dict[str, Any], action: Action) -> bool:
        """Fill in key, days and status; false while a resolved action rests."""
        asked = (row["customer_id"], row["action"])
        known = self.open_since.get(asked)
        contacted, resolved = self.done.get(known[0], (None, None)) if known else (None, None)
        # While it rests an action is on no list, so that its own outcome has to tell.
        rested = resolved or self.resolved.get(asked)
        if rested is not None and self.as_of < rested + timedelta(days=action.due_days):
            return False
        if resolved is not None:
            known, contacted = None, None
        key, first = known or (_key(row["customer_id"], row["action"], self.as_of), self.as_of)
        due = first + timedelta(days=action.due_days)
        row |= {"action_key": key, "first_listed_on": first, "due_on": due, "is_overdue": due < self.as_of}
        row |= {"status": "contacted" if contacted else "open", "contacted_on": contacted}
        return True


def _key(customer_id: str, action: str, first: date) -> str:
    """What an outcome is reported under; people can read it, and SQL takes it apart again (stg_outcomes)."""
    return f"{first.isoformat()}:{customer_id}:{action}"


def _hours(d: Decision) -> dict[str, float]:
    """Hours of the coming week by pool for called-for actions: their share, and what the tiers left over."""
    share = d.policy["action_hours_share"]
    need = d.proposal.options.hours[np.arange(len(d.facts)), d.settled.tier].sum(axis=0)
    week = d.supply[0]
    free = week * share / (1 - share) + (week - need)
    return dict(zip(d.policy.pool_names, np.maximum(free, 0.0).tolist(), strict=True))


def draw_line(rows: list[dict[str, Any]], hours: dict[str, float]) -> None:
    """What still fits is above the line, in the order of the list: one large action that does not fit stops no other."""
    used, asked = dict.fromkeys(hours, 0.0), dict.fromkeys(hours, 0.0)
    for rank, row in enumerate(rows, start=1):
        pool = row["pool"]
        row["rank"], row["pool_hours"] = rank, hours[pool]
        row["below_line"] = bool(used[pool] + row["hours"] > hours[pool] + 1e-9)
        asked[pool] += row["hours"]
        if not row["below_line"]:
            used[pool] += row["hours"]
        row["cumulative_pool_hours"] = asked[pool]
