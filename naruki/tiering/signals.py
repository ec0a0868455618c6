"""What stands beside the quadrant: hours above the cap, overdue touches and surveys, hidden dissatisfaction, worth of
growth.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

import numpy as np

from naruki.tiering.inputs import Facts
from naruki.tiering.policy import Policy

HIDDEN_RULES = ("usage_below_baseline", "poor_csat", "poor_nps", "no_survey_no_contact")


@dataclass(frozen=True)
class Signals:
    """All (n,); flags are 0 / 1 / NaN."""

    service_hours: np.ndarray
    hour_cap: np.ndarray
    over_cap: np.ndarray
    hours_over_cap: np.ndarray
    minimum_touch_days: np.ndarray
    is_touch_overdue: np.ndarray
    survey_due: np.ndarray
    substitutability_risk: np.ndarray
    hidden_dissatisfaction: np.ndarray
    hidden_rule: np.ndarray
    value_at_stake: np.ndarray
    invest_flag: np.ndarray
    invest_gain_low: np.ndarray
    invest_gain: np.ndarray
    invest_gain_high: np.ndarray
    dissatisfaction: np.ndarray
    neglect: np.ndarray

    def columns(self) -> dict[str, np.ndarray]:
        """The columns of `customer_segments`; the last two are parts of the priority only."""
        skip = ("dissatisfaction", "neglect")
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in skip}


def signals(facts: Facts, quadrant: np.ndarray, policy: Policy, as_of: date) -> Signals:
    """quadrant (n,) index into policy.quadrants or -1."""
    service = _sum_known(facts, "demand_hours", "proactive_hours")
    cap = _by(quadrant, [policy.quadrant_policies[row.quadrant].hour_cap for row in policy.quadrants])
    touch = _by(quadrant, [policy.quadrant_policies[row.quadrant].minimum_touch_days for row in policy.quadrants])
    survey = _by(quadrant, [policy.quadrant_policies[row.quadrant].survey_every_days for row in policy.quadrants])
    overdue, neglect = _overdue(facts, "days_since_touch", touch)
    hidden, rule = _hidden(facts, quadrant, policy)
    with np.errstate(invalid="ignore"):
        over = np.where(np.isnan(service) | np.isnan(cap), np.nan, service > cap)
        excess = np.where(np.isnan(over), np.nan, np.maximum(service - cap, 0.0))
    low, mid, high, flag = _invest(facts, quadrant, policy, as_of)
    return Signals(
        service_hours=service,
        hour_cap=cap,
        over_cap=over,
        hours_over_cap=excess,
        minimum_touch_days=touch,
        is_touch_overdue=overdue,
        survey_due=_overdue(facts, "days_since_survey", survey)[0],
        substitutability_risk=_substitutability(facts, policy),
        hidden_dissatisfaction=hidden,
        hidden_rule=rule,
        value_at_stake=value_at_stake(facts, policy),
        invest_flag=flag,
        invest_gain_low=low,
        invest_gain=mid,
        invest_gain_high=high,
        dissatisfaction=_dissatisfaction(facts, hidden),
        neglect=neglect,
    )


def value_at_stake(facts: Facts, policy: Policy) -> np.ndarray:
    """Value times the chance to lose it: one minus the likelihood of renewal, or the stated intent if stronger."""
    risk = np.fmax(1 - facts.number("renewal_p"), facts.number("churn_intent"))
    return np.maximum(facts.number(policy["tier_value_column"]), 0.0) * risk


def _by(quadrant: np.ndarray, values: list) -> np.ndarray:
    return np.array([*[np.nan if value is None else value for value in values], np.nan], dtype=float)[quadrant]


def _sum_known(facts: Facts, *names: str) -> np.ndarray:
    """Sum of what is known; unknown only where nothing is."""
    matrix = np.column_stack([facts.number(name) for name in names])
    return np.where(np.isnan(matrix).all(axis=1), np.nan, np.nansum(matrix, axis=1))


def _overdue(facts: Facts, column: str, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flag and share of the allowed days that are gone."""
    days = facts.days_since(column)
    unknown = np.isnan(days) | np.isnan(limit)
    with np.errstate(invalid="ignore"):
        return np.where(unknown, np.nan, days > limit), np.where(unknown, np.nan, np.clip(days / limit, 0, 1))


def _substitutability(facts: Facts, policy: Policy) -> np.ndarray:
    """1 where a customer could leave without effort: one minus the mean breadth of features, users and integrations
    known.
    """
    pairs = (
        ("features_used", "breadth_features"),
        ("active_users", "breadth_users"),
        ("integrations", "breadth_integrations"),
    )
    breadth = np.column_stack([np.clip(facts.number(column) / policy[setting], 0, 1) for column, setting in pairs])
    known = (~np.isnan(breadth)).sum(axis=1)
    return np.where(known > 0, 1 - np.nansum(breadth, axis=1) / np.maximum(known, 1), np.nan)


def _hidden(facts: Facts, quadrant: np.ndarray, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """High revenue and low demand, and a sign of dissatisfaction. A flag that came with the facts stays as it is."""
    protected = [row.axis_1_side == "high" and row.axis_2_side == "low" for row in policy.quadrants]
    inside = _by(quadrant, protected)
    with np.errstate(invalid="ignore"):
        quiet = (facts.number("days_since_survey") > policy["silent_days"]) & (
            facts.number("days_since_contact") > policy["silent_days"]
        )
        fired = (
            facts.number("usage_z") <= policy["usage_z_limit"],
            facts.number("last_csat_bad") == 1,
            facts.number("last_nps_bad") == 1,
            quiet | (facts.number("is_silent") == 1),
        )
    sources = ("usage_z", "last_csat_bad", "last_nps_bad", "days_since_survey", "days_since_contact", "is_silent")
    blind = np.isnan(np.column_stack([facts.number(name) for name in sources])).all(axis=1)
    any_fired = np.logical_or.reduce(fired)
    decided = np.where(np.isnan(inside) | (blind & (inside == 1)), np.nan, (inside == 1) & any_fired)
    given = facts.number("hidden_dissatisfaction")
    flag = np.where(np.isnan(given), decided, given)
    code = sum((mask.astype(int) << bit) for bit, mask in enumerate(fired))
    names = [
        ";".join(n for b, n in enumerate(HIDDEN_RULES) if kind >> b & 1) or None
        for kind in range(2 ** len(HIDDEN_RULES))
    ]
    own = np.array(names, dtype=object)[np.where(flag == 1, code, 0)]
    told = facts.text("hidden_rule")
    return flag, np.where(np.equal(told, None), own, told)


def _dissatisfaction(facts: Facts, hidden: np.ndarray) -> np.ndarray:
    """The strongest sign that is known (n,) in 0..1."""
    signs = np.column_stack(
        [hidden, *[facts.number(name) for name in ("churn_intent", "last_csat_bad", "last_nps_bad")]]
    )
    known = ~np.isnan(signs).all(axis=1)
    return np.where(known, np.max(np.where(np.isnan(signs), -np.inf, signs), axis=1), np.nan)


def _invest(facts: Facts, quadrant: np.ndarray, policy: Policy, as_of: date) -> tuple[np.ndarray, ...]:
    """Low now but growing: yearly growth of the value minus what it costs to grow it, as low, expected, high, and the
    flag. Expected is the mean: the middle customer hardly ever grows.
    """
    small = _by(quadrant, [row.axis_1_side == "low" for row in policy.quadrants])
    cost = growth_hours(facts, policy) * policy.hourly_cost(as_of).mean()
    value = np.maximum(facts.number(policy["tier_value_column"]), 0.0)
    p10, p50, p90 = (facts.number(f"growth_{name}") for name in ("p10", "p50", "p90"))
    # Most customers stand still and a few grow much: the median is 0 where the mean is not (Swanson's rule for it).
    near = np.where(np.isnan(p10) | np.isnan(p90), p50, 0.3 * p10 + 0.4 * p50 + 0.3 * p90)
    mean = np.where(np.isnan(facts.number("growth_mean")), near, facts.number("growth_mean"))
    low, mid, high = (value * growth - cost for growth in (p10, mean, p90))
    with np.errstate(invalid="ignore"):
        flag = np.where(np.isnan(mid) | np.isnan(small), np.nan, (small == 1) & (mid > 0))
    return low, mid, high, flag


def growth_hours(facts: Facts, policy: Policy) -> np.ndarray:
    """Hours to grow a customer for a year: the catalogue's actions of growth once each, or what was measured if that is
    more. That nobody helped it so far does not make help free.
    """
    planned = sum(action.hours_each for action in policy.actions if action.kind in ("growth", "usage", "education"))
    measured = facts.number("growth_cost_hours")
    return np.fmax(measured, planned)
