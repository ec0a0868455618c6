"""Measures the allocation on a million customers, the whole decision on a hundred thousand, and a year of weekly
decisions.

    python benchmarks/tiering.py [allocation] [decision] [year]

Targets: one pool within 12 s and a gap of 1e-6, three pools within 60 s and 5e-4 (two cores); over a year at most 0.3
moves a customer with at most 6 % in the wrong tier, and more worth on the known truth than tiers by value alone.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from naruki.tiering.actions import action_queue
from naruki.tiering.allocation import allocate
from naruki.tiering.policy import Policy, load_policy
from naruki.tiering.segments import decide_segments
from naruki.tiering.simulation import World, simulate
from naruki.tiering.tiers import decide_tiers

SEEDS = Path(__file__).parents[1] / "seeds"


def problem(n: int, pools: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four tiers; values fall off as in a real base (log-normal), hours differ by customer and pool."""
    rng = np.random.default_rng(seed)
    value = rng.lognormal(8, 1.2, n)
    effect = np.array([0.0, 0.03, 0.06, 0.10]) * rng.uniform(0.5, 1.5, (n, 4))
    base = np.array([[0.01, 0.0, 0.02], [0.2, 0.5, 0.1], [1.0, 0.2, 0.3], [3.0, 0.1, 0.3]])[:, :pools]
    hours = base * rng.uniform(0.5, 1.5, (n, 4, pools))
    values = value[:, None] * effect - hours.sum(axis=2) * 50
    return values, hours, n * np.array([0.3, 0.15, 0.12])[:pools]


def allocation() -> None:
    for n in (10_000, 1_000_000):
        for pools in (1, 3):
            values, hours, capacity = problem(n, pools)
            started = time.perf_counter()
            found = allocate(values, hours, capacity)
            seconds = time.perf_counter() - started
            assert (found.hours <= capacity * (1 + 1e-8)).all()
            print(
                f"allocation {n:>9,} customers x 4 tiers, {pools} pools: {seconds:6.2f} s, gap {found.gap:.1e} "
                f"({found.method})"
            )


def facts(n: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    value, demand = rng.lognormal(13, 1.3, n), rng.gamma(0.6, 8, n)
    numbers = {
        "ltv_mean": value,
        "ltv_se": value * 0.2,
        "mrr": value / 20,
        "revenue_12m": value / 2,
        "gross_margin_12m": value * 0.4,
        "cost_to_serve": demand * 5000 + 1,
        "demand_hours": demand,
        "n_contacts": np.ceil(demand),
        "renewal_p": rng.uniform(0.4, 0.99, n),
        "tenure_days": rng.uniform(0, 1500, n),
        "days_since_touch": rng.uniform(0, 200, n),
    }
    return pa.table({"customer_id": [f"c{k:07d}" for k in range(n)], **numbers})


def wider(policy: Policy, factor: float) -> Policy:
    return policy.replace(
        pools=tuple(dataclasses.replace(p, hours_per_week=p.hours_per_week * factor) for p in policy.pools)
    )


def decision(n: int = 100_000) -> None:
    table, day = facts(n), date(2026, 3, 31)
    policy = wider(load_policy(SEEDS), n / 2000)
    started = time.perf_counter()
    segments = decide_segments(table, policy, day)
    print(f"segments of {n:,} customers: {time.perf_counter() - started:.2f} s")
    started = time.perf_counter()
    found = decide_tiers(table, policy, None, None, day)
    seconds, gap = time.perf_counter() - started, found.decision.proposal.plan.gap
    print(f"tiers of {n:,} customers with {found.reasons.num_rows:,} reasons: {seconds:.2f} s, gap {gap:.1e}")
    started = time.perf_counter()
    queue = action_queue(found.decision, segments)
    print(f"action list of {queue.num_rows:,} rows: {time.perf_counter() - started:.2f} s")


def year() -> None:
    policy = load_policy(SEEDS)
    loose = {
        "stay_bonus_share": 0.0,
        "band_sd": 0.0,
        "confirmations": 1,
        "lock_days": 0,
        "minimum_tier_probability": 1e-9,
    }
    free = policy.with_settings(**loose, demotion_needs_approval=False)
    for name, pack in (("all rules", policy), ("no rule", free), ("a lock alone", free.with_settings(lock_days=91))):
        runs = [simulate(pack, World(seed=seed), date(2026, 1, 1), 0.15) for seed in (1, 2, 3)]
        moves, wrong = (np.mean([getattr(run, key) for run in runs]) for key in ("moves_per_year", "wrong_share"))
        worth = np.mean([run.true_value / run.true_value_ltv_only for run in runs])
        print(
            f"52 weeks, {name}: {moves:.2f} moves a customer, {wrong:.1%} in the wrong tier, worth "
            f"{worth:.3f} x value only"
        )


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["allocation", "decision", "year"]
    for part in wanted:
        {"allocation": allocation, "decision": decision, "year": year}[part]()
