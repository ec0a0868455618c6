"""Hours that are needed against hours that there are, by week and skill pool, and what one more hour would be worth."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from naruki.tiering.schemas import CAPACITY, to_table

if TYPE_CHECKING:
    from naruki.tiering.tiers import Decision


def capacity_table(d: Decision) -> pa.Table:
    """One row per coming week and pool (schema CAPACITY). Unserved hours are needs that the plan has no people for.

    value_reached is that of the best plan; the proven bound and the gap are of value plus the bonus for staying.

    Onboarding hours fall away week by week as newcomers grow older; newcomers who are not yet signed are in the
    reserve.
    """
    policy, options, tier = d.policy, d.proposal.options, d.settled.tier
    weeks = len(d.supply)
    rows = np.arange(len(tier))
    need = options.hours[rows, tier].sum(axis=0)
    onboarding = _onboarding(d, weeks)
    base = options.hours[:, 0, :].sum(axis=0) - options.onboarding[:, 0, :].sum(axis=0)
    steady = need - options.onboarding[rows, tier].sum(axis=0)
    demand = steady[None, :] + onboarding
    high = options.hours[:, -1, :].sum(axis=0)
    short = np.maximum(high - d.proposal.capacity, 0.0)
    share = np.array([policy.tier_share(policy.pool_on(name, d.as_of)) for name in policy.pool_names])
    pending = _pending(d)
    plan = d.proposal.plan
    with np.errstate(invalid="ignore", divide="ignore"):
        load = np.where(d.supply > 0, demand / d.supply, np.where(demand > 0, np.nan, 0.0))
    columns = {
        **_keys(d, weeks),
        "supply_hours": (d.supply / share).ravel(),
        "reserve_hours": (d.supply / share - d.supply).ravel(),
        "plannable_hours": d.supply.ravel(),
        "demand_hours": demand.ravel(),
        "base_hours": np.tile(base, weeks),
        "tier_hours": np.tile(steady - base, weeks),
        "onboarding_hours": onboarding.ravel(),
        "load": load.ravel(),
        "unserved_hours": np.maximum(demand - d.supply, 0.0).ravel(),
        "is_over": (demand > d.supply + 1e-9).ravel(),
        "hour_price": np.tile(_price(d), weeks),
        "pending_demotion_hours": np.tile(pending, weeks),
        "all_high_feasible": bool((short <= 1e-9).all()),
        "all_high_hours": np.tile(high, weeks),
        "hours_short": np.tile(short, weeks),
        "value_reached": plan.value,
        "stay_bonus": plan.objective - plan.value,
        "proven_bound": plan.bound,
        "gap": plan.gap,
        "customers": len(tier),
        "policy_version": policy.version,
        "code_version": d.code_version,
    }
    return to_table(columns, CAPACITY)


def _keys(d: Decision, weeks: int) -> dict:
    """Day, week and pool of each row, pool by pool within a week."""
    policy = d.policy
    names = policy.pool_names
    pools = [policy.pool_on(name, d.as_of) or next(p for p in policy.pools if p.pool == name) for name in names]
    starts = [d.as_of + timedelta(days=1 + 7 * week) for week in range(weeks)]
    return {
        "as_of_date": d.as_of,
        "week_start_date": [start for start in starts for _ in pools],
        "pool": [*names] * weeks,
        "label_en": [pool.label_en for pool in pools] * weeks,
        "label_ja": [pool.label_ja for pool in pools] * weeks,
    }


def _price(d: Decision) -> np.ndarray:
    """Value of one more single hour (p,): the plan prices a weekly hour kept up for the mean months of service."""
    return (
        d.proposal.plan.prices / (d.proposal.options.months.mean() / 12 * 365.25 / 7)
        if len(d.facts)
        else d.proposal.plan.prices
    )


def _onboarding(d: Decision, weeks: int) -> np.ndarray:
    """Hours of today's newcomers (weeks, p), until each one's first days are over; unknown tenure counts as day 0."""
    options, tier = d.proposal.options, d.settled.tier
    left = d.policy["onboarding_days"] - np.nan_to_num(options.facts.number("tenure_days"))
    hours = options.onboarding[np.arange(len(tier)), tier]
    return np.array([hours[left > 7 * week].sum(axis=0) for week in range(weeks)]).reshape(weeks, hours.shape[1])


def _pending(d: Decision) -> np.ndarray:
    """Hours (p,) that demotions waiting for a person would free."""
    waiting = np.flatnonzero(d.settled.rule == "approval")
    hours = d.proposal.options.hours
    freed = hours[waiting, d.settled.tier[waiting]] - hours[waiting, d.proposal.plan.choice[waiting]]
    return np.maximum(freed.sum(axis=0), 0.0)
