"""Tiers must not flap: a proposed move waits for distance, certainty, repetition, the end of a lock and, downwards, a
person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from naruki.tiering.policy import Policy

NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Memory:
    """What the last decision left behind, aligned to today's customers: tier numbers (n,) with -1 for none, days with
    NaT.
    """

    tier: np.ndarray
    candidate: np.ndarray
    candidate_since: np.ndarray
    confirmations: np.ndarray
    last_confirmed_on: np.ndarray
    lock_until: np.ndarray
    tier_since: np.ndarray
    candidate_cause: np.ndarray
    onboarding: np.ndarray
    is_first: bool


def remember(previous: pa.Table | None, ids: np.ndarray, policy: Policy, as_of: date) -> Memory:
    """Align the newest rows of `customer_tiers` before `as_of`; a tier that the policy no longer knows counts as
    none.
    """
    n = len(ids)
    number = {name: k for k, name in enumerate(policy.tier_names)}
    table = _newest_before(previous, as_of)
    if table is None:
        none = np.full(n, -1)
        days = np.full(n, NO_DAY)
        return Memory(
            none, none, days, np.zeros(n, int), days, days, days, np.full(n, None, dtype=object), none == 0, True
        )
    at = {customer: row for row, customer in enumerate(table["customer_id"].to_pylist())}
    index = np.array([at.get(customer, -1) for customer in ids], dtype=np.int64)

    def column(name: str, empty) -> list:
        return [*(table[name].to_pylist() if name in table.column_names else [None] * table.num_rows), empty]

    def tiers(name: str) -> np.ndarray:
        return np.array([number.get(value, -1) for value in column(name, None)])[index]

    def days(name: str) -> np.ndarray:
        return np.array(
            [NO_DAY if v is None else np.datetime64(v, "D") for v in column(name, None)], dtype="datetime64[D]"
        )[index]

    return Memory(
        tier=tiers("tier"),
        candidate=tiers("candidate_tier"),
        candidate_since=days("candidate_since"),
        confirmations=np.array([v or 0 for v in column("confirmations", 0)])[index],
        last_confirmed_on=days("last_confirmed_on"),
        lock_until=days("lock_until"),
        tier_since=days("tier_since"),
        candidate_cause=np.array(column("candidate_cause", None), dtype=object)[index],
        onboarding=np.array([value is True for value in column("is_onboarding", None)])[index],
        is_first=False,
    )


def _newest_before(previous: pa.Table | None, as_of: date) -> pa.Table | None:
    """Rows of the newest day before `as_of`: a rerun of the same day must not see its own result."""
    import pyarrow.compute as pc

    if previous is None or previous.num_rows == 0:
        return None
    if "as_of_date" not in previous.column_names:
        return previous
    days = previous["as_of_date"].cast(pa.date32())
    previous = previous.set_column(previous.column_names.index("as_of_date"), "as_of_date", days)
    earlier = previous.filter(pc.less(days, pa.scalar(as_of, pa.date32())))
    if earlier.num_rows == 0:
        return None
    return earlier.filter(pc.equal(earlier["as_of_date"], pc.max(earlier["as_of_date"])))


@dataclass(frozen=True)
class Wish:
    """A proposal seen from today's tier (n,): where to, how far beyond the cut, how likely right, and what frees or
    stops it.
    """

    proposed: np.ndarray
    distance: np.ndarray
    probability: np.ndarray
    severe: np.ndarray
    newcomer: np.ndarray
    approved: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """may_move (n,) bool; rule (n,) why not, or None; state that goes into the next memory."""

    may_move: np.ndarray
    rule: np.ndarray
    fast: np.ndarray
    candidate: np.ndarray
    candidate_since: np.ndarray
    confirmations: np.ndarray
    last_confirmed_on: np.ndarray


def judge(memory: Memory, wish: Wish, policy: Policy, as_of: date) -> Verdict:
    """Which proposed moves may happen today. The first rule that says no is named."""
    today = np.datetime64(as_of, "D")
    wants = (memory.tier >= 0) & (wish.proposed != memory.tier)
    up = wants & (wish.proposed > memory.tier)
    far = wish.distance >= policy["band_sd"]
    sure = np.nan_to_num(wish.probability) >= policy["minimum_tier_probability"]
    counts = wants & far & sure
    same = counts & (memory.candidate == wish.proposed)
    # A proposal repeated on the next day is the same evidence: it counts again only after some days.
    waited = ~(today - memory.last_confirmed_on < np.timedelta64(policy["confirmation_days"], "D"))
    confirmations = np.where(same, memory.confirmations + waited, np.where(counts, 1, 0)).astype(np.int64)
    confirmed_on = np.where(same & ~waited, memory.last_confirmed_on, np.where(counts, today, NO_DAY))
    fast = up & wish.severe
    locked = memory.lock_until > today
    down = wants & ~up
    stops = (
        ("onboarding", down & wish.newcomer),
        ("band", wants & ~far),
        ("probability", wants & ~sure),
        ("confirmation", wants & (confirmations < policy["confirmations"])),
        ("lock", wants & locked),
        ("approval", down & ~wish.approved & bool(policy["demotion_needs_approval"])),
    )
    rule = np.full(len(wants), None, dtype=object)
    for name, mask in reversed(stops):
        rule[mask & ~fast] = name
    return Verdict(
        may_move=wants & (fast | np.equal(rule, None)),
        rule=rule,
        fast=fast,
        candidate=np.where(counts, wish.proposed, -1),
        candidate_since=np.where(same, memory.candidate_since, np.where(counts, today, NO_DAY)),
        confirmations=confirmations,
        last_confirmed_on=confirmed_on,
    )
