"""The law by which customers leave: one formula for the simulation and for the truth beyond the end."""

from __future__ import annotations

import numpy as np

from naruki.sample.catalog import ANNUAL_CHURN, INTERVAL_MONTHS, TIER_HAZARD_MULTIPLIER
from naruki.sample.columns import DAY
from naruki.sample.customers import Customers

SATISFACTION_EFFECT = 0.55
GROWTH_EFFECT = 0.20
PATIENCE_EFFECT = 0.15
EARLY_EFFECT = 0.45
PERSISTENCE = 0.85
"""Share of a deviation from the usual satisfaction that is left a month later."""
SEAT_STEP = 0.25
FADE_DAYS = 56
"""Usage fades over the eight weeks before the notice."""

_TERM_MONTHS = np.array(INTERVAL_MONTHS)
_SEGMENT = np.array([ANNUAL_CHURN[name] for name in ("individual", "starter", "starter", "pro", "enterprise")])


def monthly_hazard(
    people: Customers, plan: np.ndarray, satisfaction: np.ndarray, tenure: np.ndarray, tier: np.ndarray
) -> np.ndarray:
    """Chance per month that a paying customer decides to leave, if the contract let it leave every month.

    log h = segment - 0.55 satisfaction - 0.20 growth + 0.15 (long waits met) + 0.45 exp(-tenure / 4) + touch.
    `tier` indexes `catalog.TIERS`; tier 0 gives the baseline without any touch.
    """
    yearly = _SEGMENT[np.where(people.is_company, plan + 1, 0)]
    base = -np.log1p(-yearly) / 12
    log_effect = (
        -SATISFACTION_EFFECT * satisfaction
        - GROWTH_EFFECT * people.growth
        + PATIENCE_EFFECT * people.patience
        + EARLY_EFFECT * np.exp(-np.maximum(tenure, 0) / 4)
    )
    return np.minimum(0.5, base * np.exp(log_effect) * np.array(TIER_HAZARD_MULTIPLIER)[tier])


def term_hazard(monthly: np.ndarray, interval: np.ndarray, months_into_term: np.ndarray) -> np.ndarray:
    """Chance to leave at this month's boundary: nil within a term, the whole term's hazard at its end."""
    length = _TERM_MONTHS[interval]
    at_end = (months_into_term > 0) & (months_into_term % length == 0)
    return np.where(at_end, -np.expm1(-monthly * length), 0.0)


def notice_lead(rng: np.random.Generator, interval: np.ndarray) -> np.ndarray:
    """Seconds between the notice and the end of the term: longer for longer terms."""
    least = np.array([3, 15, 30])[interval]
    most = np.array([25, 40, 60])[interval]
    return ((least + (most - least) * rng.random(len(interval))) * DAY).astype(np.int64)


def seat_chances(people: Customers, seats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Monthly chances that a customer adds or gives back a quarter of its seats; individuals keep their one."""
    up = np.clip(0.045 + 0.045 * people.growth, 0.002, 0.2) * people.is_company
    down = np.clip(0.028 - 0.014 * people.growth, 0.002, 0.1) * people.is_company * (seats > 1)
    return up, down


def expected_growth(people: Customers, seats: np.ndarray) -> np.ndarray:
    """Expected monthly growth rate of the seats, from the same chances (the floor at one seat is left aside)."""
    up, down = seat_chances(people, seats)
    return SEAT_STEP * (up - down)
