"""Figures about tiers and quadrants as a whole: shares, hours per customer, profiles, rank correlation, conversions."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.tiering.effects import bands, matched_effect
from naruki.tiering.inputs import Facts
from naruki.tiering.options import served
from naruki.tiering.policy import WEEKS_PER_YEAR, Policy
from naruki.tiering.schemas import PROFILE, STATISTICS, TIER_SUMMARY, to_table
from naruki.tiering.scoring import percent_rank
from naruki.tiering.tiers import Decision

# What success has to know of each customer: use, need, purpose, goal, and whether the plan still fits.
COVERED = (
    "utilisation_rate",
    "support_need",
    "purpose_of_use",
    "customer_goal",
    "plan_fit_reviewed_on",
    "usefulness_rating",
)


def tier_summary(d: Decision) -> pa.Table:
    """Schema TIER_SUMMARY, one row per tier: few at the top, many below, nobody forgotten."""
    rows = [_tier(d, k) for k in range(len(d.policy.tiers))]
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in rows] for field in TIER_SUMMARY}
    return to_table(columns | {"as_of_date": d.as_of, "policy_version": d.policy.version}, TIER_SUMMARY)


def _tier(d: Decision, k: int) -> dict[str, Any]:
    tier, inside, options = d.policy.tiers[k], d.settled.tier == k, d.proposal.options
    n = int(inside.sum())
    hours = float(options.hours[inside, k].sum())
    revenue = d.facts.number("revenue_12m")
    share = n / len(inside) if len(inside) else None
    touch = d.facts.days_since("days_since_touch")[inside]
    value = options.values()[inside, k][options.known[inside]]

    def total(column: str) -> float | None:
        values = d.facts.number(column)[inside]
        return float(np.nansum(values)) if (~np.isnan(values)).any() else None

    renewal, waits = d.facts.number("renewal_p")[inside], d.facts.number("wait_minutes")[inside]
    complaints = d.facts.number("complaints")[inside]
    return {
        "tier": tier.tier,
        "label_en": tier.label_en,
        "label_ja": tier.label_ja,
        "customers": n,
        "customer_share": share,
        "share_alert": tier.share_alert,
        "is_share_alert": None if tier.share_alert is None or share is None else share > tier.share_alert,
        "revenue_12m": total("revenue_12m"),
        "revenue_share": float(np.nansum(revenue[inside]) / np.nansum(revenue)) if np.nansum(revenue) > 0 else None,
        "gross_margin": total("gross_margin_12m"),
        "cost_to_serve": total("cost_to_serve"),
        "complaints": total("complaints"),
        "complaints_per_customer": float(np.nanmean(complaints)) if (~np.isnan(complaints)).any() else None,
        "wait_minutes_median": float(np.nanmedian(waits)) if (~np.isnan(waits)).any() else None,
        "mean_renewal_p": float(np.nanmean(renewal)) if (~np.isnan(renewal)).any() else None,
        "hours_per_week": hours,
        "hours_per_customer_year": hours * WEEKS_PER_YEAR / n if n else None,
        "customers_per_full_time": n / (hours / d.policy["full_time_hours"]) if hours else None,
        "below_coverage_floor": int((touch > tier.coverage_floor_days).sum()),
        "coverage_known": int((~np.isnan(touch)).sum()),
        "service_value": float(value.sum()) if len(value) else None,
        "value_per_hour": _per_hour(d, k, inside & options.known),
        "automation_rate": 1 - tier.demand_share,
        "community_members": int((d.facts.flag("is_community_member")[inside] == 1).sum()),
    }


def _per_hour(d: Decision, k: int, inside: np.ndarray) -> float | None:
    """Net value of service for each hour that it takes over the months that the values stand for."""
    options = d.proposal.options
    hours = float((options.hours[inside, k].sum(axis=1) * options.months[inside]).sum() * WEEKS_PER_YEAR / 12)
    return float(options.values()[inside, k].sum()) / hours if hours > 0 else None


def segment_profile(facts: pa.Table, segments: pa.Table, policy: Policy, as_of: date) -> pa.Table:
    """Schema PROFILE: industry x size x quadrant, without figures for groups below the minimum size."""
    table = Facts(facts)
    table = table.take(served(table, policy))
    by_id = dict(zip(segments["customer_id"].to_pylist(), segments["quadrant"].to_pylist(), strict=True))
    cells: dict[tuple, list[int]] = {}
    sizes: dict[tuple, int] = {}
    industry, band = table.text("industry"), table.text("employees_band")
    for row, customer in enumerate(table.ids):
        group = (industry[row], band[row])
        cells.setdefault((*group, by_id.get(customer)), []).append(row)
        sizes[group] = sizes.get(group, 0) + 1
    rows = [_cell(key, members, sizes[key[:2]], table, policy) for key, members in cells.items()]
    rows.sort(key=lambda row: tuple(str(row[name] or "") for name in ("industry", "employees_band", "quadrant")))
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in rows] for field in PROFILE}
    return to_table(columns | {"as_of_date": as_of, "policy_version": policy.version}, PROFILE)


def _cell(key: tuple, members: list[int], size: int, facts: Facts, policy: Policy) -> dict[str, Any]:
    row = {"industry": key[0], "employees_band": key[1], "quadrant": key[2], "n": len(members)}
    row["is_published"] = len(members) >= policy["minimum_group_size"]
    if not row["is_published"]:
        return row

    def total(*columns: str) -> float | None:
        values = np.concatenate([facts.number(column)[members] for column in columns])
        return float(np.nansum(values)) if (~np.isnan(values)).any() else None

    growth = facts.number("growth_p50")[members]
    return row | {
        "share_of_group": len(members) / size,
        "revenue_12m": total("revenue_12m"),
        "service_hours": total("demand_hours", "proactive_hours"),
        "mean_growth": float(np.nanmean(growth)) if (~np.isnan(growth)).any() else None,
    }


def statistics(
    facts: pa.Table, segments: pa.Table, policy: Policy, as_of: date, earlier: pa.Table | None = None
) -> pa.Table:
    """Schema STATISTICS: rank correlation of revenue and effort, disagreement of the rankings, seedlings that grew.

    earlier: customer_segments of an earlier day; seedlings touched since then are compared with similar ones that were
    not.
    """
    table = Facts(facts)
    table = table.take(served(table, policy))
    rows = [
        _correlation("rank_correlation_revenue_demand", table.number("revenue_12m"), table.number("demand_hours")),
        _correlation(
            "rank_correlation_revenue_priority",
            _aligned(segments, "revenue_rank", table.ids),
            _aligned(segments, "priority_rank", table.ids),
        ),
    ]
    rows += _hypotheses(table, policy)
    rows += [_known_share(table, column) for column in COVERED]
    if earlier is not None:
        rows += _conversion(table, segments, earlier, policy, as_of)
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in rows] for field in STATISTICS}
    return to_table(columns | {"as_of_date": as_of}, STATISTICS)


def _known_share(facts: Facts, column: str) -> dict[str, Any]:
    """Of how many customers a datum is known that success needs per customer."""
    known = sum(value is not None for value in facts.text(column))
    share = known / len(facts) if len(facts) else None
    return {"statistic": f"known_share_{column}", "value": share, "n": len(facts)}


def _hypotheses(facts: Facts, policy: Policy) -> list[dict[str, Any]]:
    """Companies over individuals, more employees over fewer: supposed by many, here only measured."""
    value = facts.number(policy["tier_value_column"])
    kind, band = facts.text("entity_type"), facts.text("employees_band")
    known = np.isin(kind, ["company", "individual"])
    found = matched_effect((kind == "company")[known], value[known], np.zeros(known.sum()), policy["confidence"])
    # "1-9", "10-49", "250+": bands are ordered by the number they begin with.
    size = np.array([float(m.group()) if b is not None and (m := re.search(r"\d+", b)) else np.nan for b in band])
    note = "hypothesis measured on today's values; no claim about why"
    n = found.n_treated + found.n_control
    figures = (("effect", found.effect), ("low", found.low), ("high", found.high))
    rows = [{"statistic": f"company_over_individual_value_{k}", "value": v, "n": n, "note": note} for k, v in figures]
    return [*rows, _correlation("rank_correlation_employees_value", size, value) | {"note": note}]


def community_effect(
    tiers: pa.Table, members: pa.Table, measured: pa.Table, metric: str, policy: Policy, as_of: date, note: str = ""
) -> pa.Table:
    """Schema STATISTICS: members of the community against non-members of the same tier and fifth of the value, by tier.

    tiers: rows of customer_tiers of the day of the comparison. members: customer_id, is_community_member on that day.
    measured: customer_id, <metric> such as satisfaction then or retention since. Members chose to join: an
    association, self-selected.
    """
    ids = np.array(tiers["customer_id"].to_pylist(), dtype=object)
    member, values = _aligned(members, "is_community_member", ids), _aligned(measured, metric, ids)
    band, in_tier = bands(_aligned(tiers, "value_baseline", ids), 5), np.array(tiers["tier"].to_pylist(), dtype=object)
    rows = []
    for tier in policy.tier_names:
        at = (in_tier == tier) & ~np.isnan(member)
        found = matched_effect(member[at] == 1, values[at], band[at], policy["confidence"])
        enough = min(found.n_treated, found.n_control) >= policy["minimum_group_size"]
        for name, value in (("effect", found.effect), ("low", found.low), ("high", found.high)):
            head = {"statistic": f"community_{metric}_{tier}_{name}", "n": found.n_treated}
            told = f"members chose to join: self-selected{note}" if enough else "too few members or non-members"
            rows.append(head | {"value": value if enough else None, "note": told})
    columns: dict[str, Any] = {field.name: [row.get(field.name) for row in rows] for field in STATISTICS}
    return to_table(columns | {"as_of_date": as_of}, STATISTICS)


def _aligned(table: pa.Table, column: str, ids: np.ndarray) -> np.ndarray:
    found = dict(zip(table["customer_id"].to_pylist(), table[column].to_pylist(), strict=True))
    return np.array([np.nan if found.get(c) is None else float(found[c]) for c in ids])


def _correlation(name: str, one: np.ndarray, two: np.ndarray) -> dict[str, Any]:
    """Spearman's rank correlation over the customers for whom both are known."""
    known = ~np.isnan(one) & ~np.isnan(two)
    a, b = percent_rank(one[known]), percent_rank(two[known])
    flat = known.sum() < 3 or a.std() == 0 or b.std() == 0
    return {"statistic": name, "value": None if flat else float(np.corrcoef(a, b)[0, 1]), "n": int(known.sum())}


def _conversion(
    facts: Facts, segments: pa.Table, earlier: pa.Table, policy: Policy, as_of: date
) -> list[dict[str, Any]]:
    was = dict(zip(earlier["customer_id"].to_pylist(), earlier["quadrant"].to_pylist(), strict=True))
    now = dict(zip(segments["customer_id"].to_pylist(), segments["quadrant"].to_pylist(), strict=True))
    then = earlier["as_of_date"].to_pylist()[0] if earlier.num_rows else as_of
    rows = np.array([k for k, c in enumerate(facts.ids) if was.get(c) == "money_seedling"], dtype=np.int64)
    touch = facts.number("days_since_touch")[rows]
    touched = touch <= (as_of - then).days
    became = np.array([now.get(facts.ids[k]) == "money_tree" for k in rows], dtype=float)
    strata = bands(_aligned(earlier, "axis_1_value", facts.ids[rows]), 3)
    found = matched_effect(touched, became, strata, policy["confidence"])
    note = f"since {then.isoformat()}; association: touched against similar untouched seedlings"
    figures = (("effect", found.effect), ("low", found.low), ("high", found.high))
    head = {
        "statistic": "seedling_to_money_tree_rate",
        "value": float(became.mean()) if len(rows) else None,
        "n": len(rows),
    }
    more = [
        {"statistic": f"seedling_conversion_{k}", "value": v, "n": found.n_treated, "note": note} for k, v in figures
    ]
    return [head, *more]
