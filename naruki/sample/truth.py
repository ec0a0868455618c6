"""What really is: hazard, growth, expected margin, need, satisfaction, reasons. For tests, never landed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import (
    CHURN_REASON_CONTROLLABLE,
    CHURN_REASONS,
    DISCOUNT_YEARLY,
    HORIZON_MONTHS,
    INTERVAL_MONTHS,
    INVOLUNTARY_MONTHLY,
    MARGIN_RATE,
    PLANS,
    TIER_HAZARD_MULTIPLIER,
    TIERS,
    TOPIC_HANDLE_SECONDS,
    TOPIC_OURS,
    TOPIC_SHARE,
    USD_JPY,
)
from naruki.sample.columns import DAY, NEVER, ids, instants, labels, numbers, stream
from naruki.sample.customers import Customers
from naruki.sample.hazard import FADE_DAYS, PERSISTENCE, expected_growth, monthly_hazard, term_hazard
from naruki.sample.history import History
from naruki.sample.incidents import BILLING_ERROR_MONTHS, Incidents
from naruki.sample.state import ACTIVE, SPELLS
from naruki.sample.tickets import Tickets, monthly_rate, mood_factor, need_rate

_LENGTH = np.array(INTERVAL_MONTHS)
_NOTICE_DAYS = np.array([14, 28, 45])
"""Usual days from notice to end by billing interval."""


def churn_reasons(people: Customers, churns: dict[str, np.ndarray], seed: int) -> np.ndarray:
    """The true reason of each churn: what hurt that customer weighs more; -1 for failed payments."""
    rng = stream(seed, "reasons")
    who = churns["who"]
    weight = np.tile(np.array([0.24, 0.18, 0.15, 0.08, 0.10, 0.10, 0.09, 0.06]), (len(who), 1))
    weight[:, 1] *= np.where(people.growth[who] > 0.3, 2.0, 1.0)
    weight[:, 2] *= np.where(people.engagement[who] < 0.55, 2.0, 1.0)
    weight[:, 3] *= np.exp(0.7 * people.patience[who])
    weight[:, 4] *= np.where(people.satisfaction[who] < -0.5, 2.0, 1.0)
    edges = weight.cumsum(axis=1) / weight.sum(axis=1, keepdims=True)
    reason = (rng.random(len(who))[:, None] > edges[:, :-1]).sum(axis=1)
    return np.where(churns["voluntary"] == 1, reason, -1)


def churns_truth(churns: dict[str, np.ndarray], history: History, calendar: Calendar) -> pa.Table:
    """One row per churn that has begun to be visible (`ended_at` may lie after the end: decided, still paying)."""
    notice, ended = churns["notice"], churns["ended"]
    begun = np.where(notice < NEVER, notice - FADE_DAYS * DAY, ended - 21 * DAY)
    keep = np.flatnonzero(begun < calendar.cutoff)
    keep = keep[np.lexsort((ended[keep], churns["who"][keep]))]
    who, reason = churns["who"][keep], churns["reason"][keep]
    controllable = np.array([*CHURN_REASON_CONTROLLABLE, False])[reason]
    return pa.table(
        {
            "customer_id": ids("C", who + 1, 7),
            "subscription_id": ids("S", (who + 1) * 10 + churns["spell"][keep], 8),
            "decided_at": instants(np.where(notice < NEVER, begun, NEVER)[keep]),
            "notice_at": instants(notice[keep]),
            "ended_at": instants(ended[keep]),
            "reason": labels(CHURN_REASONS, reason),
            "is_voluntary": numbers(churns["voluntary"][keep] == 1),
            "is_controllable": numbers(controllable, reason < 0),
            "fades": numbers(history.spell_fades[churns["spell"][keep], who] & (notice[keep] < NEVER)),
        }
    )


def _now(people: Customers, calendar: Calendar) -> np.ndarray:
    """Index of the last month whose boundary lies before the end, by customer."""
    last = calendar.boundary(MONTHS - 1, people.anchor_day, people.anchor_second)
    return np.where(last < calendar.cutoff, MONTHS - 1, MONTHS - 2)


def decided_end(history: History, calendar: Calendar) -> np.ndarray:
    """The instant at which a customer that has decided to leave will end, `NEVER` for all others."""
    end = np.full(history.spell_end.shape[1], NEVER)
    for spell in range(SPELLS):
        notice, ended = history.spell_notice[spell], history.spell_end[spell]
        going = (ended >= calendar.cutoff) & (history.spell_start[spell] < calendar.cutoff) & (ended < NEVER)
        going &= np.where(notice < NEVER, notice - FADE_DAYS * DAY, ended - 20 * DAY) < calendar.cutoff
        end = np.where(going, ended, end)
    return end


def expected_future(
    people: Customers, history: History, calendar: Calendar, tier: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Expected survival and discounted revenue of the 36 months after the end, in the customer's minor units.

    sum over k of MRR x (1 + g)^(k-1) x S(k-1) / (1 + d)^k, the state formula: satisfaction returns to its usual
    level, growth stays at the present rate, returns are left aside. Those who have decided survive until their end;
    those who have not cannot leave before the eight weeks of fading and the usual notice have passed.
    `tier` None keeps the present touch; zeros give the tier-neutral baseline.
    """
    now = _now(people, calendar)
    row = np.arange(people.count)
    plan, interval = history.plan[row, now], history.interval[row, now]
    into = now - history.term_start[row, now]
    touch = history.tier[row, now] if tier is None else tier
    deviation = history.satisfaction[row, now] - people.satisfaction
    mrr = history.mrr[row, now]
    growth = expected_growth(people, history.seats[row, now])
    ending = decided_end(history, calendar)
    discount = (1 + DISCOUNT_YEARLY) ** (1 / 12)
    free_from = np.ceil((FADE_DAYS + _NOTICE_DAYS[interval]) / 30.4)
    survival, revenue = np.ones(people.count), np.zeros(people.count)
    result = {"revenue_now": mrr, "growth": growth, "is_decided": ending < NEVER}
    for k in range(1, HORIZON_MONTHS + 1):
        revenue += mrr * (1 + growth) ** (k - 1) * survival / discount**k
        satisfaction = people.satisfaction + deviation * PERSISTENCE**k
        hazard = monthly_hazard(people, plan, satisfaction, now + k - people.start_month, touch)
        leave = np.where(k >= free_from, term_hazard(hazard, interval, into + k), 0.0)
        billed = (into + k) % _LENGTH[interval] == 0
        fail = np.where(people.pays_by_card & billed, INVOLUNTARY_MONTHLY * _LENGTH[interval], 0.0)
        boundary = np.array([calendar.boundary(int(m), 28, 0) for m in range(MONTHS - 2 + k, MONTHS + k)])
        gone = ending < boundary[now - (MONTHS - 2)]
        survival = np.where(ending < NEVER, np.where(gone, 0.0, survival), survival * (1 - leave) * (1 - fail))
        if k in (12, 24, 36):
            result[f"survival_{k}m"] = survival.copy()
    result["revenue"] = revenue
    result["hazard"] = monthly_hazard(people, plan, history.satisfaction[row, now], now - people.start_month, touch)
    return result


def need_hours(people: Customers, history: History, tickets: Tickets, calendar: Calendar) -> np.ndarray:
    """True hours a month that a settled customer's own needs cause (our faults and onboarding left aside)."""
    rates = sum(float(monthly_rate(people, history, calendar, month).sum()) for month in range(MONTHS))
    everyday = int(np.isin(tickets.cause, (0, 4)).sum())
    now = _now(people, calendar)
    seats = history.seats[np.arange(people.count), now]
    contacts = need_rate(people, seats) * mood_factor(people, people.satisfaction) * everyday / rates
    own = np.array(TOPIC_SHARE) * (1 - np.array(TOPIC_OURS))
    hours = float((own * np.array(TOPIC_HANDLE_SECONDS)).sum() / sum(TOPIC_SHARE)) / 3600
    return contacts * hours * people.difficulty


def customers_truth(people: Customers, history: History, tickets: Tickets, calendar: Calendar) -> pa.Table:
    """One row per customer: the hidden state at the end and what is to be expected of it."""
    kept = expected_future(people, history, calendar, None)
    neutral = expected_future(people, history, calendar, np.zeros(people.count, dtype=np.int64))
    now = _now(people, calendar)
    row = np.arange(people.count)
    paying = (history.status[row, now] == ACTIVE) & (history.spell_end.min(axis=0) > 0)
    ended = np.where(history.spell_start[1] < calendar.cutoff, history.spell_end[1], history.spell_end[0])
    paying &= ended >= calendar.cutoff
    yen = np.where(people.is_usd, USD_JPY / 100, 1.0)
    hours = need_hours(people, history, tickets, calendar)
    quadrant = _quadrant(kept["revenue_now"] * yen, hours, paying & ~people.is_test)
    satisfaction = history.satisfaction[row, now]

    def money(values: np.ndarray) -> pa.Array:
        return numbers(np.round(np.where(paying, values * yen * MARGIN_RATE, 0.0), 4))

    table = pa.table(
        {
            "customer_id": ids("C", row + 1, 7),
            "is_paying": numbers(paying),
            "is_decided": numbers(kept["is_decided"] & paying),
            "plan": labels(PLANS, history.plan[row, now]),
            "touch_tier": labels(TIERS, history.tier[row, now]),
            "is_held_out": numbers(people.is_held_out),
            "mrr_jpy": numbers(np.round(np.where(paying, kept["revenue_now"] * yen, 0.0), 4)),
            "monthly_growth": numbers(kept["growth"]),
            "monthly_hazard": numbers(kept["hazard"]),
            "monthly_hazard_baseline": numbers(neutral["hazard"]),
            **{name: numbers(np.where(paying, kept[name], 0.0)) for name in kept if name.startswith("survival")},
            "expected_margin_36m_jpy": money(kept["revenue"]),
            "expected_margin_36m_baseline_jpy": money(neutral["revenue"]),
            "need_hours_month": numbers(hours),
            "difficulty": numbers(people.difficulty),
            "satisfaction": numbers(satisfaction.astype(np.float64)),
            "satisfaction_usual": numbers(people.satisfaction),
            "voice": numbers(people.voice),
            "growth_trait": numbers(people.growth),
            "engagement": numbers(people.engagement),
            "is_hidden_dissatisfied": numbers(paying & (satisfaction < -0.8) & (people.voice < 0.35)),
            "quadrant": labels(("money_tree", "money_seedling", "wisdom_tree", "testing_ground"), quadrant),
        }
    )
    known = calendar.boundary(people.start_month, people.anchor_day, people.anchor_second) < calendar.cutoff
    return table.filter(pa.array(known))


def _quadrant(revenue: np.ndarray, hours: np.ndarray, among: np.ndarray) -> np.ndarray:
    """True quadrant by the medians of paying customers; -1 for the others."""
    if not among.any():
        return np.full(len(revenue), -1)
    rich = revenue > np.median(revenue[among])
    needy = hours > np.median(hours[among])
    return np.where(among, np.where(rich, np.where(needy, 2, 0), np.where(needy, 3, 1)), -1)


def months_truth(people: Customers, history: History, calendar: Calendar, rows: slice) -> pa.Table:
    """One row per customer and month with a paid contract: hazard, satisfaction, touch, revenue."""
    active = history.status[rows, :MONTHS] == ACTIVE
    who, month = np.nonzero(active)
    at = calendar.boundary(month, people.anchor_day[rows][who], people.anchor_second[rows][who])
    keep = at < calendar.cutoff
    who, month = who[keep], month[keep]
    first = np.array([str(day.astype("datetime64[D]")) for day in calendar.month_days[:MONTHS]])
    part = {
        name: getattr(history, name)[rows][who, month] for name in ("hazard", "satisfaction", "tier", "mrr", "seats")
    }
    return pa.table(
        {
            "customer_id": ids("C", who + rows.start + 1, 7),
            "month": labels(list(first), month).cast(pa.date32()),
            "monthly_hazard": numbers(part["hazard"].astype(np.float64)),
            "satisfaction": numbers(part["satisfaction"].astype(np.float64)),
            "touch_tier": labels(TIERS, part["tier"]),
            "mrr_minor": numbers(np.round(part["mrr"], 4)),
            "seats": numbers(part["seats"].astype(np.int64)),
            "is_usd": numbers(people.is_usd[rows][who]),
        }
    )


def tiers_truth() -> pa.Table:
    """What a touch tier truly does to the monthly hazard."""
    return pa.table({"touch_tier": list(TIERS), "hazard_multiplier": list(TIER_HAZARD_MULTIPLIER)})


def incidents_truth(incidents: Incidents, calendar: Calendar) -> pa.Table:
    """Our faults: outages with their share of customers hit, and months of billing errors."""
    months = np.array(BILLING_ERROR_MONTHS)
    starts = np.concatenate([incidents.starts, calendar.month_days[months] * DAY - 9 * 3600])
    ends = np.concatenate([incidents.ends, calendar.month_days[months + 1] * DAY - 9 * 3600])
    share = np.concatenate([incidents.hit.mean(axis=1), incidents.billing_hit.mean(axis=1)])
    return pa.table(
        {
            "kind": ["outage"] * len(incidents.starts) + ["billing_error"] * len(months),
            "starts_at": instants(starts),
            "ends_at": instants(ends),
            "share_hit": share,
        }
    )
