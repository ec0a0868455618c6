"""A made-up year with a known truth, to see what a policy pack does before it is used: how often tiers move, how often
wrongly.

Every customer's true value drifts slowly and jumps at times; what is observed each week carries an error that fades
over weeks, as an estimate from trailing data does. The truth is known here, so a tier can be called wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from naruki.tiering.decide import propose
from naruki.tiering.hysteresis import remember
from naruki.tiering.inputs import Facts
from naruki.tiering.judgements import Judgements
from naruki.tiering.policy import Policy
from naruki.tiering.tiers import decide, tiers_table


@dataclass(frozen=True)
class World:
    """Spreads are of the natural logarithm of the value. `error` is the standard error that the observer states as
    well.
    """

    customers: int = 600
    weeks: int = 52
    spread: float = 1.2
    drift: float = 0.10
    jump_rate: float = 0.05
    jump: float = 0.7
    error: float = 0.20
    memory: float = 0.5
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """moves per customer-year; share of customer-weeks in another tier than the truth asks for; worth on the truth."""

    moves_per_year: float
    wrong_share: float
    true_value: float
    true_value_ltv_only: float
    true_value_best: float
    weeks_over_hours: int


def simulate(policy: Policy, world: World, start: date, load: float = 1.0) -> Outcome:
    """Run the weekly decision through a year; a person approves each demotion a week after it was asked for.

    load: the policy's hours are scaled so that this share of what all-high would take is there.
    """
    rng = np.random.default_rng(world.seed)
    n = world.customers
    truth = rng.normal(15.0, world.spread, n)
    demand = rng.gamma(0.8, 8.0, n)
    error = rng.normal(0, world.error, n)
    policy = scaled_hours(policy, _facts(truth, demand, world), start, load)
    previous, people = None, None
    moves, wrong, over, worth = 0, 0.0, 0, np.zeros(3)
    for week in range(world.weeks + 1):
        day = start + timedelta(days=7 * week)
        if week:
            truth = truth + rng.normal(0, world.drift / np.sqrt(52), n)
            truth = truth + (rng.random(n) < world.jump_rate / 52) * rng.normal(0, world.jump, n)
            error = world.memory * error + np.sqrt(1 - world.memory**2) * rng.normal(0, world.error, n)
        decision = decide(_facts(truth + error, demand, world), policy, previous, people, day, with_robustness=False)
        best, values, hours = _truth(_facts(truth, demand, world), policy, day)
        tier = decision.settled.tier
        if week:
            moves += int((tier != decision.memory.tier).sum())
            wrong += float((tier != best).mean())
            over += int((hours[np.arange(n), tier].sum(axis=0) > decision.proposal.capacity * (1 + 1e-9)).any())
            ltv_only = ltv_only_within(decision.proposal.options.baseline, hours, decision.proposal.capacity)
            worth += [values[np.arange(n), choice].sum() for choice in (tier, ltv_only, best)]
        previous = tiers_table(decision)
        people = _approvals(decision, day)
    return Outcome(moves / n * 52 / world.weeks, wrong / world.weeks, *(worth / world.weeks), over)


def _facts(log_value: np.ndarray, demand: np.ndarray, world: World) -> pa.Table:
    value = np.exp(log_value)
    n = len(value)
    return pa.table(
        {
            "customer_id": [f"c{k:06d}" for k in range(n)],
            "ltv_mean": value,
            "ltv_se": value * world.error,
            "demand_hours": demand,
            "tenure_days": np.full(n, 1000.0),
        }
    )


def _truth(facts: pa.Table, policy: Policy, day: date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best tier (n,), worth (n, t) and hours (n, t, p) if the true values were known and nothing had to wait."""
    table = Facts(facts)
    memory = remember(None, table.ids, policy, day)
    proposal = propose(table, policy, memory, Judgements(), day, policy.supply(day))
    return proposal.plan.choice, proposal.options.values(), proposal.options.hours


def scaled_hours(policy: Policy, facts: pa.Table, day: date, load: float) -> Policy:
    """The policy with the hours of each pool set to `load` times what the tiers cost apart: floor + load x (all-high
    - floor).
    """
    import dataclasses

    table = Facts(facts)
    from naruki.tiering.options import tier_options

    hours = tier_options(table, policy, day).hours.sum(axis=0)
    floor, most = hours[0], hours.max(axis=0)
    wanted = dict(zip(policy.pool_names, floor + load * (most - floor), strict=True))
    pools = tuple(dataclasses.replace(p, hours_per_week=wanted[p.pool] / policy.tier_share(p)) for p in policy.pools)
    return policy.replace(pools=pools)


def ltv_only_within(value: np.ndarray, hours: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """LTV-only with the same hours: down the ranking, the highest tier that still leaves the floor for everybody
    below.
    """
    n, t, _ = hours.shape
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable")
    left = capacity - hours[:, 0, :].sum(axis=0)
    choice = np.zeros(n, dtype=np.int64)
    for row in order:
        for tier in range(t - 1, 0, -1):
            extra = hours[row, tier] - hours[row, 0]
            if (extra <= left + 1e-9).all():
                choice[row] = tier
                left = left - extra
                break
    return choice


def _approvals(decision, day: date) -> pa.Table | None:
    waiting = decision.facts.ids[decision.settled.rule == "approval"]
    if len(waiting) == 0:
        return None
    n = len(waiting)
    return pa.table(
        {
            "customer_id": list(waiting),
            "kind": ["tier_override"] * n,
            "value": ["approve"] * n,
            "rater": ["Hana Example"] * n,
            "rated_at": [day] * n,
            "expires_at": pa.nulls(n, pa.date32()),
            "evidence": ["agreed in the weekly review"] * n,
        }
    )
