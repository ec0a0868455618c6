"""Planned against done: what each tier's catalogue promises and what was done, its cost per attendee and per useful
outcome.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.tiering.policy_types import Action
from naruki.tiering.schemas import ACTION_PLAN, to_table
from naruki.tiering.tiers import Decision

DAYS_PER_YEAR = 365.25


def action_plan(d: Decision, touches: pa.Table, days: int = 91) -> pa.Table:
    """Schema ACTION_PLAN, one row per action of the catalogue, over the `days` up to `as_of`.

    touches: rows of fct_touch (customer_id, action_id, session_id, touch_id, session_minutes, attendees, is_missed,
    occurred_date). Planned is what the customers of the tier in force today should have got; a group session counts
    once and its hours once. Without any touch the feed is unknown and nothing counts as done.
    """
    since = d.as_of - timedelta(days=days)
    rows = [row for row in touches.to_pylist() if row["occurred_date"] and since < row["occurred_date"] <= d.as_of]
    done: dict[str, list[dict]] = {}
    for row in rows:
        done.setdefault(row["action_id"], []).append(row)
    has_feed = touches.num_rows > 0
    table = [_action(d, action, done.get(action.action, []), days, has_feed) for action in d.policy.actions]
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in table] for field in ACTION_PLAN}
    columns |= {"as_of_date": d.as_of, "period_days": days, "policy_version": d.policy.version}
    return to_table(columns, ACTION_PLAN)


def _action(d: Decision, action: Action, touches: list[dict], days: int, has_feed: bool) -> dict[str, Any]:
    names = d.policy.tier_names
    everyone = np.ones(len(d.facts), dtype=bool)
    # The lowest tier is the floor that everybody gets.
    members = d.settled.tier == names.index(action.tier) if action.tier in names[1:] else everyone
    if action.phase == "onboarding":
        members = members & d.proposal.options.newcomer
    row = {"action": action.action, "tier": action.tier, "label_en": action.label_en, "label_ja": action.label_ja}
    row |= {"pool": action.pool, "is_group": action.is_group, "customers": int(members.sum())}
    if action.times_per_year is not None:
        # Onboarding actions are done once in the first days, the others so many times a year.
        span = d.policy["onboarding_days"] if action.phase == "onboarding" else DAYS_PER_YEAR
        row["planned_touches"] = row["customers"] * action.times_per_year * days / span
        row["planned_hours"] = row["planned_touches"] * action.hours_each
    if not has_feed:
        return row
    return row | _done(d, action, touches, row.get("planned_touches"))


def _done(d: Decision, action: Action, touches: list[dict], planned: float | None) -> dict[str, Any]:
    """Sessions are told apart by their id; a touch without one is a session of its own."""
    reached = [touch for touch in touches if not touch["is_missed"]]
    sessions = {touch["session_id"] or touch["touch_id"]: touch for touch in touches}
    minutes = [touch["session_minutes"] for touch in sessions.values()]
    known = [value for value in minutes if value is not None]
    hours = sum(known) / 60 if known else None
    rate = dict(zip(d.policy.pool_names, d.policy.hourly_cost(d.as_of), strict=True))[action.pool]
    direct = len(sessions) * action.travel_cost + len(touches) * action.unit_cost
    cost = None if hours is None else hours * rate + direct
    attended = sum(touch["attendees"] or 1 for touch in sessions.values())
    # Only sessions that say so have seats: a mail to one customer is no session of thousands.
    held = [touch["attendees"] or 1 for touch in sessions.values() if touch["session_id"]]
    seats = len(held) * action.attendees if action.is_group and held else None
    return {
        "done_touches": len(touches),
        "done_sessions": len(sessions),
        "reached_touches": len(reached),
        "done_share": len(touches) / planned if planned else None,
        "done_hours": hours if touches else 0.0,
        "attendees": attended,
        "seats": seats,
        "seats_filled_share": sum(held) / seats if seats else None,
        "cost": cost,
        "cost_per_attendee": cost / attended if cost is not None and attended else None,
        "hours_per_useful_outcome": hours / len(reached) if hours is not None and reached else None,
    }
