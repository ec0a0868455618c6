"""What if there were other hours, or other thresholds: the same decision again with one thing changed."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.tiering.compare import portfolio
from naruki.tiering.policy import Policy
from naruki.tiering.schemas import SENSITIVITY, WHAT_IF, to_table
from naruki.tiering.segments import decide_segments
from naruki.tiering.tiers import Decision, decide


def parse_hours(text: str) -> dict[str, float]:
    """`high=+40,low=-10` as hours a week by tier or pool."""
    result: dict[str, float] = {}
    for part in text.split(","):
        name, sign, amount = part.strip().partition("=")
        try:
            if not sign or not name:
                raise ValueError
            result[name.strip()] = result.get(name.strip(), 0.0) + float(amount)
        except ValueError:
            raise NarukiError(
                f"--hours {part.strip()!r}: write tier=hours, such as high=+40 or high=-20,low=+20."
            ) from None
    return result


def with_hours(
    policy: Policy, hours: dict[str, float], supply: pa.Table | None = None
) -> tuple[Policy, pa.Table | None]:
    """Policy and roster with weekly hours added to pools; a tier's name stands for its main pool. Added hours hold no
    reserve.
    """
    main = {tier.tier: tier.main_pool for tier in policy.tiers}
    extra: dict[str, float] = {}
    for name, amount in hours.items():
        pool = main.get(name, name)
        if pool not in policy.pool_names:
            known = ", ".join((*policy.tier_names, *policy.pool_names))
            raise NarukiError(f"--hours {name}: neither a tier nor a pool; known are {known}.")
        extra[pool] = extra.get(pool, 0.0) + amount
    pools = []
    for pool in policy.pools:
        wanted = pool.hours_per_week + extra.get(pool.pool, 0.0) / policy.tier_share(pool)
        if wanted < 0:
            have = pool.hours_per_week * policy.tier_share(pool)
            raise NarukiError(f"--hours {pool.pool}: only {have:g} hours a week are there; take away less.")
        pools.append(dataclasses.replace(pool, hours_per_week=wanted))
    return policy.replace(pools=tuple(pools)), _roster(policy, extra, supply)


def _roster(policy: Policy, extra: dict[str, float], supply: pa.Table | None) -> pa.Table | None:
    """The roster's hours with the same added: once a week and pool, never below 0."""
    if supply is None or supply.num_rows == 0:
        return supply
    rows, left = [], {}
    for row in supply.to_pylist():
        key = (row["week_start_date"], row["pool"])
        pool = next(p for p in policy.pools if p.pool == row["pool"])
        more = left.setdefault(key, extra.get(row["pool"], 0.0) / policy.tier_share(pool))
        left[key] = 0.0
        rows.append(row | {"hours": max((row["hours"] or 0.0) + more, 0.0)})
    return pa.Table.from_pylist(rows, schema=supply.schema)


def what_if(
    facts: pa.Table,
    policy: Policy,
    previous: pa.Table | None,
    judgements: pa.Table | None,
    as_of: date,
    hours: dict[str, float],
    supply: pa.Table | None = None,
) -> pa.Table:
    """Schema WHAT_IF: one row per figure, before, after and the difference, for the best plan at either set of hours.

    The churn figures take the uplift as a rise of the likelihood of renewal (at most to 1): an assumption like the
    uplift.
    """
    arguments = (previous, judgements, as_of)
    before = decide(facts, policy, *arguments, supply=supply, with_robustness=False)
    wider, roster = with_hours(policy, hours, supply)
    after = decide(facts, wider, *arguments, supply=roster, with_robustness=False)
    return comparison(before, after, ",".join(f"{name}={amount:+g}" for name, amount in hours.items()))


def comparison(before: Decision, after: Decision, scenario: str) -> pa.Table:
    """Schema WHAT_IF: the figures of two decisions about the same customers."""
    rows = [(item, unit, a, b) for (item, unit, a), (_, _, b) in zip(_figures(before), _figures(after), strict=True)]
    columns = {
        "as_of_date": before.as_of,
        "scenario": scenario,
        "item": [row[0] for row in rows],
        "unit": [row[1] for row in rows],
        "before": np.array([row[2] for row in rows], dtype=float),
        "after": np.array([row[3] for row in rows], dtype=float),
        "difference": np.array([row[3] - row[2] for row in rows], dtype=float),
        "policy_version": before.policy.version,
    }
    return to_table(columns, WHAT_IF)


def _figures(d: Decision) -> list[tuple[str, str, float]]:
    options, choice = d.proposal.options, d.proposal.plan.choice
    rows = np.arange(len(choice))
    low, mid, high = portfolio(d, choice, 1.0)
    renewal = d.facts.number("renewal_p")
    known = ~np.isnan(renewal)
    leaving = {
        level: float((1 - np.minimum(renewal * (1 + options.uplift[level][rows, choice]), 1.0))[known].sum())
        if known.any()
        else np.nan
        for level in options.uplift
    }
    hours = options.hours[rows, choice].sum(axis=0)
    per_hour = options.months.mean() / 12 * 365.25 / 7 if len(choice) else 1.0
    return [
        ("value_p10", "money", low),
        ("value_p50", "money", mid),
        ("value_p90", "money", high),
        ("value_gain_of_service", "money", d.proposal.plan.value),
        # The larger the effect of service, the fewer leave.
        ("expected_churned_customers_low", "customers", leaving["high"]),
        ("expected_churned_customers", "customers", leaving["mid"]),
        ("expected_churned_customers_high", "customers", leaving["low"]),
        ("expected_retention_rate", "share", 1 - leaving["mid"] / known.sum() if known.any() else np.nan),
        *((f"customers_{tier}", "customers", float((choice == k).sum())) for k, tier in enumerate(d.policy.tier_names)),
        *((f"hours_{pool}", "hours a week", float(hours[k])) for k, pool in enumerate(d.policy.pool_names)),
        *(
            (f"supply_{pool}", "hours a week", float(d.proposal.capacity[k]))
            for k, pool in enumerate(d.policy.pool_names)
        ),
        *(
            (f"hour_price_{pool}", "money an hour", float(d.proposal.plan.prices[k]) / per_hour)
            for k, pool in enumerate(d.policy.pool_names)
        ),
    ]


def sensitivity(
    facts: pa.Table, policy: Policy, previous: pa.Table | None, judgements: pa.Table | None, as_of: date
) -> pa.Table:
    """Schema SENSITIVITY: how many tiers and quadrants change when one threshold or assumption is changed."""
    base = decide(facts, policy, previous, judgements, as_of, with_robustness=False)
    segments = decide_segments(facts, policy, as_of)["quadrant"].to_pylist()
    rows = []
    for knob, change, changed in _variants(policy):
        if knob.startswith("axis"):
            other = decide_segments(facts, changed, as_of)["quadrant"].to_pylist()
            moved = sum(a != b for a, b in zip(segments, other, strict=True))
            rows.append((knob, change, None, moved, len(segments), None))
            continue
        other = decide(facts, changed, previous, judgements, as_of, with_robustness=False)
        moved = int((other.proposal.plan.choice != base.proposal.plan.choice).sum())
        rows.append((knob, change, moved, None, len(base.facts), other.proposal.plan.value - base.proposal.plan.value))
    nan = float("nan")
    tiers = np.array([nan if row[2] is None else row[2] for row in rows])
    quadrants = np.array([nan if row[3] is None else row[3] for row in rows])
    n = np.array([row[4] for row in rows])
    columns = {
        "as_of_date": as_of,
        "knob": [row[0] for row in rows],
        "change": [row[1] for row in rows],
        "customers": n,
        "tiers_changed": tiers,
        "tiers_changed_share": tiers / np.maximum(n, 1),
        "quadrants_changed": quadrants,
        "quadrants_changed_share": quadrants / np.maximum(n, 1),
        "value_change": np.array([nan if row[5] is None else row[5] for row in rows]),
        "policy_version": policy.version,
    }
    return to_table(columns, SENSITIVITY)


def _variants(policy: Policy) -> list[tuple[str, str, Policy]]:
    found = []
    for axis in policy.axes:
        for factor in (0.9, 1.1):
            cut = min(axis.cut_value * factor, 0.999) if axis.cut_method == "quantile" else axis.cut_value * factor
            axes = tuple(dataclasses.replace(a, cut_value=cut) if a.axis == axis.axis else a for a in policy.axes)
            found.append((f"axis_{axis.axis}_cut", f"x{factor:g}", policy.replace(axes=axes)))
    for factor in (0.5, 2.0):
        lifted = tuple(
            dataclasses.replace(u, low=u.low * factor, mid=u.mid * factor, high=u.high * factor) for u in policy.uplifts
        )
        found.append(("uplift", f"x{factor:g}", policy.replace(uplifts=lifted)))
    for factor in (0.8, 1.2):
        dearer = tuple(dataclasses.replace(p, hourly_cost=p.hourly_cost * factor) for p in policy.pools)
        found.append(("hourly_cost", f"x{factor:g}", policy.replace(pools=dearer)))
        for name in policy.pool_names:
            wider = tuple(
                dataclasses.replace(p, hours_per_week=p.hours_per_week * factor) if p.pool == name else p
                for p in policy.pools
            )
            found.append((f"hours_{name}", f"x{factor:g}", policy.replace(pools=wider)))
    for bonus in (0.0, 2 * policy["stay_bonus_share"]):
        found.append(("stay_bonus_share", f"={bonus:g}", policy.with_settings(stay_bonus_share=bonus)))
    return found
