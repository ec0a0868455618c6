"""Why a tier moved: re-decide with one thing changed at a time.

customer: the customer's own new data, at the old prices of hours, give the new tier. data correction: the old day's
data as they are known now do. policy: the new policy alone does. capacity: the new hours do, or other customers took
them.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from naruki.tiering.allocation import with_stay_bonus
from naruki.tiering.hysteresis import Memory
from naruki.tiering.inputs import Facts
from naruki.tiering.judgements import Judgements
from naruki.tiering.move_reasons import sentences
from naruki.tiering.policy import Policy
from naruki.tiering.schemas import MOVES, to_table

if TYPE_CHECKING:
    from naruki.tiering.decide import Proposal, Settled
    from naruki.tiering.tiers import Decision

CAUSES = ("customer", "policy", "data correction", "capacity")


@dataclass(frozen=True)
class Before:
    """Inputs of the last decision. `corrected`: the facts of that same day as they are known now (None: no
    correction).
    """

    facts: pa.Table
    policy: Policy
    as_of: date
    corrected: pa.Table | None = None
    supply: pa.Table | None = None


def candidate_causes(
    proposal: Proposal,
    settled: Settled,
    memory: Memory,
    people: Judgements,
    policy: Policy,
    facts: Facts,
    weeks: np.ndarray,
    as_of: date,
    before: Before | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cause (n,) and evidence (n,) as JSON for every customer whose proposal or tier differs from the last tier, else
    None.
    """
    n, best = len(facts), proposal.plan.choice
    cause, evidence = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    wanted = (memory.tier >= 0) & ((best != memory.tier) | (settled.tier != memory.tier))
    if not wanted.any():
        return cause, evidence
    if before is not None:
        single, combined = _redecide(proposal, memory, people, policy, facts, weeks, as_of, before)
        names = policy.tier_names
        for row in np.flatnonzero(wanted):
            cause[row] = _first(single, combined, row, best[row])
            told = {name: names[tiers[row]] if tiers[row] >= 0 else None for name, tiers in single.items()}
            evidence[row] = json.dumps({"tier_if_only_changed": told, "proposed": names[best[row]]}, ensure_ascii=False)
    # A proposal that is only being confirmed keeps the cause it had when it first came up.
    carried = wanted & (settled.verdict.candidate == memory.candidate) & ~np.equal(memory.candidate_cause, None)
    cause[carried] = memory.candidate_cause[carried]
    # The customer grew older, and nothing else.
    cause[wanted & settled.graduated] = "customer"
    for row, word in proposal.rules.overrides.items():
        if wanted[row]:
            cause[row] = "policy"
            evidence[row] = json.dumps({"override_by": word.by, "reason": word.reason}, ensure_ascii=False)
    for row in proposal.rules.guarantees:
        if wanted[row] and not proposal.rules.allowed[row, memory.tier[row]] and row not in proposal.rules.overrides:
            cause[row], evidence[row] = (
                "policy",
                json.dumps({"guarantee": proposal.rules.guarantees[row][1]}, ensure_ascii=False),
            )
    return cause, evidence


def _first(single: dict[str, np.ndarray], combined: list[tuple[str, np.ndarray]], row: int, target: int) -> str | None:
    """The single change that gives the new tier; where none does alone, the step of the path old -> new that
    completes it.
    """
    if single["nothing"][row] == target:
        # It was proposed before and did not count yet: what made it count is the new policy, else the customer's own
        # data.
        return "policy" if combined else "customer"
    for name in ("data correction", "customer", "policy", "capacity"):
        if single[name][row] == target:
            return name
    for name, tiers in combined:
        if tiers[row] == target:
            return name
    return "capacity"


def _redecide(
    now: Proposal,
    memory: Memory,
    people: Judgements,
    policy: Policy,
    facts: Facts,
    weeks: np.ndarray,
    as_of: date,
    before: Before,
) -> tuple[dict[str, np.ndarray], list[tuple[str, np.ndarray]]]:
    """Tier numbers (n,) after each single change, and along the path customer -> policy."""
    from naruki.tiering.decide import propose, weekly_supply
    from naruki.tiering.options import served

    old_weeks = weekly_supply(before.policy, before.as_of, before.supply)
    same_pools = before.policy.pool_names == policy.pool_names

    def run(table: Facts, rules: Policy, supply: np.ndarray) -> Proposal:
        return propose(table, rules, _align(memory, facts.ids, table.ids), people, as_of, supply)

    old_facts = Facts(before.facts)
    old_facts = old_facts.take(served(old_facts, before.policy))
    old = run(old_facts, before.policy, old_weeks)
    corrected = old_facts if before.corrected is None else Facts(before.corrected)
    with_customer = propose_at_prices(facts, before.policy, memory, people, as_of, old.plan.prices)
    single = {
        "nothing": _onto(old.plan.choice, old_facts.ids, facts.ids),
        "data correction": _onto(
            propose_at_prices(
                corrected, before.policy, _align(memory, facts.ids, corrected.ids), people, as_of, old.plan.prices
            )
            if before.corrected is not None
            else old.plan.choice,
            corrected.ids,
            facts.ids,
        ),
        "customer": with_customer,
        "policy": _onto(
            run(old_facts, policy, old_weeks if same_pools else weeks).plan.choice, old_facts.ids, facts.ids
        )
        if policy.version != before.policy.version
        else _onto(old.plan.choice, old_facts.ids, facts.ids),
        "capacity": _onto(
            run(old_facts, before.policy, weeks if same_pools else old_weeks).plan.choice, old_facts.ids, facts.ids
        ),
    }
    path = []
    if _rules(policy) != _rules(before.policy):
        path.append(
            (
                "policy",
                propose_at_prices(
                    facts, policy, memory, people, as_of, old.plan.prices if same_pools else now.plan.prices
                ),
            )
        )
    return single, path


def _rules(policy: Policy) -> Policy:
    """The policy without its hours, which are the cause `capacity`."""
    pools = tuple(dataclasses.replace(pool, hours_per_week=0.0, reserve_share=0.0) for pool in policy.pools)
    return dataclasses.replace(policy, version="", pools=pools)


def propose_at_prices(
    facts: Facts, policy: Policy, memory: Memory, people: Judgements, as_of: date, prices: np.ndarray
) -> np.ndarray:
    """Best tier (n,) of each customer alone when an hour costs `prices`: what others do is kept out."""
    from naruki.tiering.options import tier_options
    from naruki.tiering.rules import rules_for

    options = tier_options(facts, policy, as_of)
    rules = rules_for(options, policy, people, memory, as_of)
    worth = with_stay_bonus(options.values(), memory.tier, policy["stay_bonus_share"]) - options.hours @ prices
    # The price is what its last customer pays: to that one it is all the same, and then nothing has changed.
    held = np.flatnonzero(memory.tier >= 0)
    worth[held, memory.tier[held]] += 1e-9 * np.abs(options.values()[held]).max(axis=1)
    return np.where(rules.allowed, worth, -np.inf).argmax(axis=1)


def _align(memory: Memory, ids: np.ndarray, wanted: np.ndarray) -> Memory:
    """The memory in the order of other customers; those it doesn't know have none."""
    at = {customer: row for row, customer in enumerate(ids)}
    index = np.array([at.get(customer, -1) for customer in wanted], dtype=np.int64)
    lost = index < 0
    changes = {}
    for field in dataclasses.fields(memory):
        value = getattr(memory, field.name)
        if not isinstance(value, np.ndarray):
            continue
        taken = value[index].copy() if len(value) else np.full(len(index), -1)
        if field.name in ("tier", "candidate"):
            taken[lost] = -1
        changes[field.name] = taken
    return dataclasses.replace(memory, **changes)


def _onto(choice: np.ndarray, ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Choices of one set of customers for another, -1 where a customer is new."""
    at = {customer: int(tier) for customer, tier in zip(ids, choice, strict=True)}
    return np.array([at.get(customer, -1) for customer in wanted], dtype=np.int64)


def moves_table(d: Decision) -> pa.Table:
    """One row per tier that changed since the last decision (schema MOVES); none on the very first one."""
    memory, tier, options = d.memory, d.settled.tier, d.proposal.options
    names = np.array([*d.policy.tier_names, None], dtype=object)
    new = memory.tier < 0
    at = np.flatnonzero((tier != memory.tier) & (not memory.is_first))
    was, now = memory.tier[at], tier[at]
    rows = np.arange(len(tier))
    values, hours = options.values(), options.hours.sum(axis=2)
    today = np.datetime64(d.as_of, "D")
    since = memory.tier_since[at]
    people = [_approval(d, int(row)) for row in at]
    gain = values[rows[at], now] - values[rows[at], np.maximum(was, 0)]
    days = (today - since).astype(float)
    english, japanese = sentences(d, at)
    columns = {
        "as_of_date": d.as_of,
        "customer_id": d.facts.ids[at],
        "from_tier": names[was],
        "to_tier": names[now],
        "direction": np.where(new[at], "new", np.where(now > was, "up", "down")).astype(object),
        "cause": np.where(new[at], "customer", d.causes[at]),
        "reason_en": english,
        "reason_ja": japanese,
        "evidence": d.evidence[at],
        "p_tier": np.where(new[at], np.nan, d.settled.wish.probability[at]),
        "value_gain": np.where(new[at] | ~options.known[at], np.nan, gain),
        "hours_change": np.where(new[at], np.nan, hours[at, now] - hours[at, np.maximum(was, 0)]),
        "days_in_tier": np.where(np.isnat(since), np.nan, days),
        "approved_by": np.array([person[0] for person in people], dtype=object),
        "approved_on": np.array([person[1] for person in people], dtype="datetime64[D]"),
        "policy_version": d.policy.version,
        "code_version": d.code_version,
    }
    return to_table(columns, MOVES)


def _approval(d: Decision, row: int) -> tuple[str | None, np.datetime64]:
    word, line = d.proposal.rules.overrides.get(row), d.proposal.rules.approvals.get(row)
    if word is not None:
        return word.by, np.datetime64(word.starts, "D")
    if line is not None and d.settled.wish.approved[row] and d.settled.tier[row] < d.memory.tier[row]:
        return line.rater, np.datetime64(line.rated_on, "D")
    return None, np.datetime64("NaT", "D")
