"""`customer_tiers` with everything that explains it: the one call that an asset makes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from naruki.tiering.capacity import capacity_table
from naruki.tiering.cuts import chance_above
from naruki.tiering.decide import Proposal, Settled, propose, settle, solve, tier_by_ltv_only, weekly_supply
from naruki.tiering.hysteresis import NO_DAY, Memory, remember
from naruki.tiering.inputs import Facts
from naruki.tiering.judgements import Judgements, newest_judgements
from naruki.tiering.moves import Before, candidate_causes, moves_table
from naruki.tiering.options import served
from naruki.tiering.policy import Policy
from naruki.tiering.reasons import reasons_table
from naruki.tiering.schemas import TIERS, to_table
from naruki.tiering.scoring import Score, rank_down, weighted_score

CORE_INPUTS = ("ltv_mean", "demand_hours", "gross_margin_12m", "renewal_p", "tenure_days", "lifecycle_stage")


@dataclass(frozen=True)
class Decision:
    """The parts of one decision, aligned (n,): what the tables are made of, for comparisons and what-if questions."""

    facts: Facts
    policy: Policy
    as_of: date
    memory: Memory
    people: Judgements
    proposal: Proposal
    settled: Settled
    supply: np.ndarray
    score: Score
    if_low: np.ndarray
    if_high: np.ndarray
    causes: np.ndarray
    evidence: np.ndarray
    code_version: str
    run_id: str


@dataclass(frozen=True)
class TierDecision:
    tiers: pa.Table
    reasons: pa.Table
    moves: pa.Table
    capacity: pa.Table
    decision: Decision


def decide_tiers(
    facts: pa.Table,
    policy: Policy,
    previous: pa.Table | None,
    judgements: pa.Table | None,
    as_of: date,
    *,
    before: Before | None = None,
    supply: pa.Table | None = None,
    code_version: str = "",
    run_id: str = "",
) -> TierDecision:
    """Tier of every served customer at `as_of`, within the hours of the coming weeks.

    previous: earlier rows of `customer_tiers` (only those before `as_of` are read). judgements: see
    inputs.JUDGEMENT_COLUMNS. before: the inputs of the last decision, to tell causes of moves apart. supply:
    (week_start_date, pool, hours) from shifts.
    """
    decision = decide(facts, policy, previous, judgements, as_of, before, supply, code_version, run_id)
    return TierDecision(
        tiers=tiers_table(decision),
        reasons=reasons_table(decision),
        moves=moves_table(decision),
        capacity=capacity_table(decision),
        decision=decision,
    )


def decide(
    facts: pa.Table,
    policy: Policy,
    previous: pa.Table | None,
    judgements: pa.Table | None,
    as_of: date,
    before: Before | None = None,
    supply: pa.Table | None = None,
    code_version: str = "",
    run_id: str = "",
    with_robustness: bool = True,
) -> Decision:
    """The decision without its tables; without robustness two of its four allocations are spared."""
    table = Facts(facts)
    table = table.take(served(table, policy))
    memory = remember(previous, table.ids, policy, as_of)
    people = newest_judgements(judgements, as_of, policy["business_time_zone"])
    weeks = weekly_supply(policy, as_of, supply)
    proposal = propose(table, policy, memory, people, as_of, weeks)
    settled = settle(proposal, memory, policy, as_of)
    best = proposal.plan.choice
    alternatives = [
        solve(proposal.options, proposal.rules, memory, policy, proposal.capacity, policy[name])[0].choice
        if with_robustness
        else best
        for name in ("robust_low_factor", "robust_high_factor")
    ]
    causes, evidence = candidate_causes(proposal, settled, memory, people, policy, table, weeks, as_of, before)
    score = weighted_score(policy.score, _score_columns(table, people, policy))
    return Decision(
        table,
        policy,
        as_of,
        memory,
        people,
        proposal,
        settled,
        weeks,
        score,
        *alternatives,
        causes,
        evidence,
        code_version,
        run_id,
    )


def _score_columns(facts: Facts, people: Judgements, policy: Policy) -> dict[str, np.ndarray]:
    cost = facts.number("cost_to_serve")
    with np.errstate(invalid="ignore", divide="ignore"):
        own = {"return_on_service": np.where(cost > 0, facts.number("gross_margin_12m") / cost, np.nan)}
    own["executive_rating"] = people.number(facts.ids, "executive", facts.number("executive_rating"))
    return {w.column: own.get(w.column, facts.number(w.column)) for w in policy.score}


def tiers_table(d: Decision) -> pa.Table:
    """One row per served customer (schema TIERS), sorted by customer_id."""
    policy, settled, memory, options = d.policy, d.settled, d.memory, d.proposal.options
    names = np.array([*policy.tier_names, None], dtype=object)
    tier, best = settled.tier, d.proposal.plan.choice
    score = d.score.score
    columns = {
        "as_of_date": d.as_of,
        "customer_id": d.facts.table["customer_id"],
        "name": d.facts.text("name"),
        "tier": names[tier],
        "tier_label_en": np.array([row.label_en for row in policy.tiers], dtype=object)[tier],
        "tier_label_ja": np.array([row.label_ja for row in policy.tiers], dtype=object)[tier],
        "tier_by_ltv_only": names[tier_by_ltv_only(options.baseline, policy)],
        "proposed_tier": names[best],
        "previous_tier": names[memory.tier],
        "state": states(d),
        "hold_rule": settled.rule,
        "community_touch": d.facts.flag("is_community_member"),
        **_memory_columns(d),
        **_rule_columns(d),
        **_value_columns(d),
        "tier_score": score,
        "tier_score_known_share": d.score.known,
        "rank_in_tier": _rank_within(d.facts.ids, tier, score),
        "not_robust": (d.if_low != best) | (d.if_high != best),
        "tier_if_uplift_low": names[d.if_low],
        "tier_if_uplift_high": names[d.if_high],
        "unknown_inputs": d.facts.unknown(CORE_INPUTS),
        "policy_version": policy.version,
        "code_version": d.code_version,
        "run_id": d.run_id,
    }
    return to_table(columns, TIERS)


def states(d: Decision) -> np.ndarray:
    """onboarding, new, moved, held, awaiting_approval or steady (n,)."""
    tier, memory = d.settled.tier, d.memory
    state = np.full(len(tier), "steady", dtype=object)
    state[~np.equal(d.settled.rule, None)] = "held"
    state[d.settled.rule == "approval"] = "awaiting_approval"
    state[(memory.tier >= 0) & (tier != memory.tier)] = "moved"
    state[memory.tier < 0] = "new"
    state[d.proposal.options.newcomer] = "onboarding"
    return state


def _memory_columns(d: Decision) -> dict:
    """What the next decision must remember; a move clears the candidate and starts the lock."""
    verdict, memory, names = d.settled.verdict, d.memory, np.array([*d.policy.tier_names, None], dtype=object)
    today = np.datetime64(d.as_of, "D")
    moved = (memory.tier >= 0) & (d.settled.tier != memory.tier)
    fresh = memory.tier < 0
    lock = np.datetime64(d.as_of + timedelta(days=d.policy["lock_days"]), "D")
    waiting = ~moved & (verdict.candidate >= 0)
    return {
        "tier_since": np.where(moved | fresh | np.isnat(memory.tier_since), today, memory.tier_since),
        "lock_until": np.where(
            moved & ~d.settled.graduated, lock, np.where(memory.lock_until > today, memory.lock_until, NO_DAY)
        ),
        "candidate_tier": names[np.where(waiting, verdict.candidate, -1)],
        "candidate_since": np.where(waiting, verdict.candidate_since, NO_DAY),
        "confirmations": np.where(waiting, verdict.confirmations, 0),
        "last_confirmed_on": np.where(waiting, verdict.last_confirmed_on, NO_DAY),
        "candidate_cause": np.where(waiting, d.causes, None),
        "is_fast_lane": moved & verdict.fast,
    }


def _rule_columns(d: Decision) -> dict:
    rules, n = d.proposal.rules, len(d.facts)
    mark = np.zeros(n, dtype=bool)
    reason, by = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    until = np.full(n, NO_DAY)
    for row, word in rules.overrides.items():
        mark[row], reason[row], by[row], until[row] = True, word.reason, word.by, np.datetime64(word.until, "D")
    guaranteed = np.zeros(n, dtype=bool)
    guaranteed[[*rules.guarantees]] = True
    return {
        "is_override": mark,
        "override_reason": reason,
        "override_by": by,
        "override_expires_on": until,
        "is_guaranteed": guaranteed,
        "is_floor": d.settled.tier == 0,
        "is_onboarding": d.proposal.options.newcomer,
    }


def _value_columns(d: Decision) -> dict:
    """Value, effect, cost and hours of the tier in force, and the range of values where the proposed one is best."""
    options, cuts, tier, best = d.proposal.options, d.proposal.cuts, d.settled.tier, d.proposal.plan.choice
    rows = np.arange(len(tier))
    below, above = cuts.below[rows, best], cuts.above[rows, best]
    hours = options.hours[rows, tier]
    known = options.known
    value = options.values()[rows, tier]
    names = d.policy.pool_names
    above_low, above_high = (
        chance_above(options.baseline, options.se, edge[rows, tier]) for edge in (cuts.below, cuts.above)
    )
    return {
        "value_baseline": options.baseline,
        "value_se": options.se,
        "service_value": np.where(known, value, np.nan),
        "value_gain": np.where(known, value - options.values()[:, 0], np.nan),
        "service_cost": options.cost[rows, tier],
        **{f"uplift_{level}": options.uplift[level][rows, tier] for level in options.uplift},
        "uplift_source": options.source[rows, tier],
        "p_tier": np.clip(above_low - above_high, 0, 1),
        "p_proposed": np.where(d.memory.tier >= 0, d.settled.wish.probability, np.nan),
        "cut_below": np.where(np.isfinite(below), below, np.nan),
        "cut_above": np.where(np.isfinite(above), above, np.nan),
        "hours_per_week": hours.sum(axis=1),
        "hours_by_pool": [
            json.dumps({k: round(float(v), 6) for k, v in zip(names, row, strict=True) if v}) for row in hours
        ],
    }


def _rank_within(ids: np.ndarray, tier: np.ndarray, score: np.ndarray) -> np.ndarray:
    rank = np.zeros(len(ids), dtype=np.int64)
    for k in np.unique(tier):
        members = tier == k
        rank[members] = rank_down(ids[members], score[members])
    return rank
