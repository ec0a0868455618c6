"""The decision itself, without its tables: propose the best plan, let the waiting rules speak, settle what the hours
allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.tiering.allocation import Allocation, allocate
from naruki.tiering.cuts import Cuts, chance_above, distance, pair_cut, tier_cuts
from naruki.tiering.hysteresis import Memory, Verdict, Wish, judge
from naruki.tiering.inputs import Facts
from naruki.tiering.judgements import Judgements
from naruki.tiering.options import Options, tier_options
from naruki.tiering.policy import Policy
from naruki.tiering.rules import Rules, approved, check_guarantees, rules_for


@dataclass(frozen=True)
class Proposal:
    """The best plan within the hours, before any waiting rule. capacity and load limits are weekly hours (p,)."""

    options: Options
    rules: Rules
    plan: Allocation
    cuts: Cuts
    capacity: np.ndarray
    limit: np.ndarray


@dataclass(frozen=True)
class Settled:
    """tier (n,) in force; verdict and the rule (n,) that kept a customer from the proposal; wish for the figures
    behind. graduated (n,): the first days are over, so that the ordinary rule places it for the first time.
    """

    tier: np.ndarray
    graduated: np.ndarray
    verdict: Verdict
    wish: Wish
    rule: np.ndarray


def weekly_supply(policy: Policy, as_of: date, supply: pa.Table | None) -> np.ndarray:
    """Plannable hours (weeks, p): the policy's, replaced where `supply` (week_start_date, pool, hours) knows the
    shifts.
    """
    hours = policy.supply(as_of)
    if supply is None or supply.num_rows == 0:
        return hours
    start = np.datetime64(as_of, "D") + 1
    pools = {name: k for k, name in enumerate(policy.pool_names)}
    known = np.full(hours.shape, np.nan)
    for row in supply.select(["week_start_date", "pool", "hours"]).to_pylist():
        week = (np.datetime64(row["week_start_date"], "D") - start).astype(int) // 7
        if row["pool"] not in pools:
            raise NarukiError(
                f"Supply: pool {row['pool']!r} is not in cfg_capacity.csv; add it there or map the skill to a pool."
            )
        if 0 <= week < len(hours) and row["hours"] is not None:
            at = (week, pools[row["pool"]])
            known[at] = np.nan_to_num(known[at]) + row["hours"]
    share = np.array([policy.tier_share(policy.pool_on(name, as_of)) for name in policy.pool_names])
    return np.where(np.isnan(known), hours, known * share)


def propose(
    facts: Facts,
    policy: Policy,
    memory: Memory,
    people: Judgements,
    as_of: date,
    supply: np.ndarray,
    factor: float = 1.0,
) -> Proposal:
    """The best plan at the low uplift (times `factor`); supply (weeks, p)."""
    options = tier_options(facts, policy, as_of)
    rules = rules_for(options, policy, people, memory, as_of)
    capacity = supply.mean(axis=0)
    check_guarantees(rules, options, capacity, policy)
    plan, limit = solve(options, rules, memory, policy, capacity, factor)
    return Proposal(options, rules, plan, tier_cuts(options, plan.prices), capacity, limit)


def solve(
    options: Options,
    rules: Rules,
    memory: Memory,
    policy: Policy,
    capacity: np.ndarray,
    factor: float = 1.0,
    allowed: np.ndarray | None = None,
) -> tuple[Allocation, np.ndarray]:
    """Allocation and the hours it was held to: where the floor alone is more than there is, that pool is over, not
    everybody out.
    """
    allowed = rules.allowed if allowed is None else allowed
    least = (
        np.where(allowed[:, :, None], options.hours, np.inf).min(axis=1).sum(axis=0) if len(allowed) else 0 * capacity
    )
    limit = np.maximum(capacity, least)
    current = memory.tier
    arguments = {"current": current, "stay_bonus": policy["stay_bonus_share"]}
    try:
        return allocate(options.values("low", factor), options.hours, limit, allowed, **arguments), limit
    except NarukiError:
        # Pools that are each wide enough need not be so together: the plan with the least load in the worst pool
        # always fits.
        load = (options.hours / np.maximum(capacity, 1e-9)).max(axis=2)
        safe = np.where(allowed, load, np.inf).argmin(axis=1)
        limit = np.maximum(limit, options.hours[np.arange(len(safe)), safe].sum(axis=0))
        return allocate(options.values("low", factor), options.hours, limit, allowed, **arguments), limit


def settle(proposal: Proposal, memory: Memory, policy: Policy, as_of: date) -> Settled:
    """What is in force today: held customers keep their tier and its hours, the others move as far as the hours go."""
    options, rules, best = proposal.options, proposal.rules, proposal.plan.choice
    wish = _wish(proposal, memory, policy)
    verdict = judge(memory, wish, policy, as_of)
    rows = np.arange(len(best))
    # A person's word or a guarantee rules today's tier out, or the fixed touch of the first days ends: that waits for
    # nothing. The end of onboarding takes nothing away that was decided for this customer, so it needs no approval.
    graduated = (memory.tier >= 0) & memory.onboarding & ~options.newcomer
    free = graduated | (memory.tier >= 0) & ~rules.allowed[rows, np.maximum(memory.tier, 0)]
    moving = (memory.tier >= 0) & (best != memory.tier) & (verdict.may_move | free)
    allowed = np.zeros_like(rules.allowed)
    allowed[rows, best] = True
    held = (memory.tier >= 0) & (best != memory.tier) & ~moving
    allowed[held] = False
    allowed[rows[held], memory.tier[held]] = True
    climbing = moving & (best > memory.tier) & ~free
    allowed[rows[climbing], memory.tier[climbing]] = True
    fresh = memory.tier < 0
    allowed[fresh] |= rules.allowed[fresh] & (np.arange(allowed.shape[1]) <= best[fresh, None])
    plan, _ = solve(options, rules, memory, policy, proposal.capacity, allowed=allowed)
    descending = moving & (best < memory.tier) & ~free
    if descending.any() and (plan.hours > proposal.capacity * (1 + 1e-9)).any():
        # A lower tier takes hours of another team, which those who still wait have not freed yet: then it waits too.
        allowed[rows[descending], memory.tier[descending]] = True
        plan, _ = solve(options, rules, memory, policy, proposal.capacity, allowed=allowed)
    tier = plan.choice
    rule = np.where(held, verdict.rule, None)
    rule[((tier < best) | (descending & (tier != best))) & ~held] = "no_room"
    return Settled(tier, graduated, verdict, wish, rule)


def _wish(proposal: Proposal, memory: Memory, policy: Policy) -> Wish:
    options, best = proposal.options, proposal.plan.choice
    facts = options.facts
    now = np.maximum(memory.tier, 0)
    cut = pair_cut(options.uplift["low"], proposal.cuts.burden, now, best)
    above = chance_above(options.baseline, options.se, cut)
    # Towards the tier with the larger effect the value must lie above the cut, towards the smaller one below.
    rows = np.arange(len(best))
    gains = options.uplift["low"][rows, best] - options.uplift["low"][rows, now]
    probability = np.where(gains > 0, above, np.where(gains < 0, 1 - above, 1.0))
    far = np.where(gains == 0, np.inf, distance(options.baseline, cut))
    far = np.where(np.isnan(far), 0.0, far)
    # On the wrong side of the cut (the last hours of a pool) the distance is no reason to move.
    far = np.where(probability < 0.5, -far, far)
    with np.errstate(invalid="ignore"):
        severe = (facts.number("renewal_p") <= policy["fast_lane_renewal_p"]) | (
            facts.number("churn_intent") >= policy["fast_lane_churn_intent"]
        )
    return Wish(best, far, probability, severe, options.newcomer, approved(proposal.rules, memory, best, policy))


def tier_by_ltv_only(value: np.ndarray, policy: Policy) -> np.ndarray:
    """The plain baseline: tier number (n,) by the quantile of the value, the floor where the value is unknown."""
    known = ~np.isnan(value)
    result = np.zeros(len(value), dtype=np.int64)
    for k, tier in enumerate(policy.tiers):
        if k and known.any():
            result[known & (value >= np.quantile(value[known], tier.ltv_only_quantile))] = k
    return result
