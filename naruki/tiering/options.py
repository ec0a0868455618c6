"""What each tier would be worth and cost for each customer.

Value of a tier = tier-neutral value x uplift - cost of service. The value never contains the effect of today's tier,
and the uplift is an assumption of its own with a source, so that the decision does not feed on itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from naruki.errors import NarukiError
from naruki.tiering.inputs import Facts
from naruki.tiering.policy import WEEKS_PER_YEAR, Policy

LEVELS = ("low", "mid", "high")


@dataclass(frozen=True)
class Options:
    """n customers x t tiers (lowest first) x p pools; hours are per week, money covers `months` of service.

    baseline, se, months, demand (n,); uplift[level], cost (n, t); hours (n, t, p); steady (t, p) hours without demand;
    known and newcomer (n,) bool; source[t] the weakest uplift source used for the tier.
    """

    facts: Facts
    baseline: np.ndarray
    se: np.ndarray
    known: np.ndarray
    months: np.ndarray
    demand: np.ndarray
    uplift: dict[str, np.ndarray]
    source: np.ndarray
    hours: np.ndarray
    onboarding: np.ndarray
    cost: np.ndarray
    newcomer: np.ndarray

    def values(self, level: str = "low", factor: float = 1.0) -> np.ndarray:
        """Worth of each tier (n, t); 0 - cost where the value is unknown."""
        return np.nan_to_num(self.baseline)[:, None] * self.uplift[level] * factor - self.cost


def tier_options(facts: Facts, policy: Policy, as_of: date) -> Options:
    """Options of every customer at `as_of`; unknown demand is planned with the mean of those known."""
    column = policy["tier_value_column"]
    if not facts.has(column) and facts.table.num_columns > 1 and column not in _known_columns():
        raise NarukiError(f"cfg_tier_setting.csv, setting tier_value_column: {column} is not in the customer facts.")
    baseline = facts.number(column)
    if column == "ltv_mean":
        baseline = np.where(np.isnan(baseline), facts.number("ltv_p50"), baseline)
    stage = facts.text("lifecycle_stage")
    tenure = facts.number("tenure_days")
    with np.errstate(invalid="ignore"):
        newcomer = (stage == "onboarding") | (tenure < policy["onboarding_days"])
    demand = facts.number("demand_hours")
    mean = np.nanmean(demand) if (~np.isnan(demand)).any() else 0.0
    demand = np.where(np.isnan(demand), mean, demand)
    hours, onboarding = _hours(policy, demand, newcomer)
    months = _months(facts, baseline, policy)
    uplift, source = _uplifts(facts, policy)
    return Options(
        facts=facts,
        baseline=baseline,
        se=_standard_error(facts, baseline, policy),
        known=~np.isnan(baseline),
        months=months,
        demand=demand,
        uplift=uplift,
        source=source,
        hours=hours,
        onboarding=onboarding,
        cost=_cost(policy, hours, months, as_of),
        newcomer=newcomer,
    )


def served(facts: Facts, policy: Policy) -> np.ndarray:
    """Customers who get a tier (n,): their stage is served or unknown."""
    stages = set(policy["served_stages"].split(";"))
    return np.array([stage is None or stage in stages for stage in facts.text("lifecycle_stage")], dtype=bool)


def _known_columns() -> set[str]:
    from naruki.tiering.inputs import FACT_COLUMNS

    return set(FACT_COLUMNS)


def _standard_error(facts: Facts, baseline: np.ndarray, policy: Policy) -> np.ndarray:
    """How well the expectation is known (n,). The spread p10..p90 of a single customer's fate is something else."""
    prior = facts.number("prior_only") == 1
    share = np.where(prior, policy["value_relative_se_prior"], policy["value_relative_se"])
    given = facts.number("ltv_se") if policy["tier_value_column"].startswith("ltv_") else np.full(len(facts), np.nan)
    return np.where(np.isnan(given), np.abs(baseline) * share, given)


def steady_hours(policy: Policy, phase: str = "steady") -> np.ndarray:
    """Planned hours of the catalogue's actions (tiers, pools): a year's for the steady phase, the whole of onboarding.

    The lowest tier is the floor of service: every tier has its actions as well.
    """
    pools = {name: k for k, name in enumerate(policy.pool_names)}
    hours = np.zeros((len(policy.tiers), len(pools)))
    for k, tier in enumerate(policy.tiers):
        for action in policy.actions:
            if action.tier == tier.tier and action.phase == phase and action.times_per_year:
                hours[k, pools[action.pool]] += action.hours_each * action.times_per_year
    hours[1:] += hours[0]
    return hours


def _hours(policy: Policy, demand: np.ndarray, newcomer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hours a week (n, t, p), and the part of it that is onboarding."""
    steady = steady_hours(policy) / WEEKS_PER_YEAR
    start = steady_hours(policy, "onboarding") / (max(policy["onboarding_days"], 7) / 7)
    onboarding = newcomer[:, None, None] * start[None, :, :]
    hours = steady[None, :, :] + onboarding
    pools = {name: k for k, name in enumerate(policy.pool_names)}
    for k, tier in enumerate(policy.tiers):
        hours[:, k, pools[tier.demand_pool]] += tier.demand_share * demand / WEEKS_PER_YEAR
    return hours, onboarding


def _months(facts: Facts, baseline: np.ndarray, policy: Policy) -> np.ndarray:
    """Months of service that the value stands for (n,): value over monthly margin, which is the discounted survival
    itself.
    """
    limit = policy["ltv_horizon_months"]
    if not policy["tier_value_column"].startswith("ltv_"):
        return np.full(len(facts), min(policy["service_months"], limit))
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = facts.number("mrr") * facts.number("gross_margin_12m") / facts.number("revenue_12m")
        months = np.where(margin > 0, baseline / margin, np.nan)
    return np.where(np.isnan(months), min(policy["service_months"], limit), np.clip(months, 1.0, limit))


def _cost(policy: Policy, hours: np.ndarray, months: np.ndarray, as_of: date) -> np.ndarray:
    """Cost of service (n, t) over the months: hours at their rate, travel and unit costs of the catalogue."""
    weekly = hours @ policy.hourly_cost(as_of)
    steady = [action for action in policy.actions if action.phase == "steady" and action.times_per_year]
    direct = np.array(
        [sum(a.cost_each * a.times_per_year for a in steady if a.tier == tier.tier) for tier in policy.tiers]
    )
    direct[1:] += direct[0]
    return (weekly * WEEKS_PER_YEAR + direct) * months[:, None] / 12


def _uplifts(facts: Facts, policy: Policy) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Uplift by level (n, t) and its source (n, t): rows for a group go before the row for everybody."""
    n, t = len(facts), len(policy.tiers)
    found = {level: np.zeros((n, t)) for level in LEVELS}
    source = np.full((n, t), None, dtype=object)
    for k, tier in enumerate(policy.tiers):
        rows = sorted(
            (row for row in policy.uplifts if row.tier == tier.tier), key=lambda row: row.group_column is not None
        )
        for row in rows:
            mask = np.ones(n, bool) if row.group_column is None else facts.text(row.group_column) == row.group_value
            source[mask, k] = row.uplift_source
            for level in LEVELS:
                found[level][mask, k] = getattr(row, level)
    return found, source
