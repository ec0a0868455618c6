"""Who gets how much service, group by group: a list to look at, because tiers can feel like discrimination."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from naruki.tiering.effects import wilson
from naruki.tiering.schemas import DISPARITY, to_table
from naruki.tiering.tiers import Decision

# Attributes of accounts. Age, sex, income and education of people are never read.
ATTRIBUTES = ("industry", "country", "entity_type", "employees_band", "currency")


def disparity_table(d: Decision, attributes: tuple[str, ...] = ATTRIBUTES) -> pa.Table:
    """Schema DISPARITY: one row per attribute and group; groups below the minimum size show no rates.

    The reference is the largest group. A group is listed when its share in the highest tier is below `disparity_ratio`
    of the reference's and the intervals do not touch.
    """
    rows = [row for attribute in attributes if d.facts.any_known(attribute) for row in _attribute(d, attribute)]
    columns = {field.name: [row.get(field.name) for row in rows] for field in DISPARITY}
    columns |= {"as_of_date": d.as_of, "policy_version": d.policy.version}
    return to_table(columns, DISPARITY)


def _attribute(d: Decision, attribute: str) -> list[dict]:
    text = d.facts.text(attribute)
    names, code = np.unique(np.array(["" if v is None else v for v in text]), return_inverse=True)
    counts = np.bincount(code)
    order = np.lexsort((names, -counts))
    reference = next((k for k in order if names[k] != ""), order[0])
    groups = [_group(d, attribute, names[k] or None, code == k, k == reference) for k in order]
    base = next(group for group in groups if group["is_reference"])
    for group in groups:
        if not (group["is_published"] and base["is_published"]):
            continue
        share, top = group["high_touch_share"], base["high_touch_share"]
        group["ratio_to_reference"] = share / top if top else None
        low_ratio = (
            group["ratio_to_reference"] is not None and group["ratio_to_reference"] < d.policy["disparity_ratio"]
        )
        group["is_listed"] = bool(low_ratio and group["high_touch_high"] < base["high_touch_low"])
    return groups


def _group(d: Decision, attribute: str, name: str | None, inside: np.ndarray, is_reference: bool) -> dict:
    n = int(inside.sum())
    row = {
        "attribute": attribute,
        "group": name,
        "n": n,
        "is_reference": is_reference,
        "is_published": n >= d.policy["minimum_group_size"],
    }
    if not row["is_published"]:
        return row
    tier, memory = d.settled.tier[inside], d.memory.tier[inside]
    high = int((tier == len(d.policy.tiers) - 1).sum())
    wait, complaints = (d.facts.number(column)[inside] for column in ("wait_minutes", "complaints"))
    had = (memory >= 0) & ~d.settled.graduated[inside]
    low, top = wilson(high, n, d.policy["confidence"])
    return row | {
        "high_touch_share": high / n,
        "high_touch_low": low,
        "high_touch_high": top,
        "lowest_tier_share": float((tier == 0).mean()),
        "wait_minutes_median": float(np.nanmedian(wait)) if (~np.isnan(wait)).any() else None,
        "complaints_per_customer": float(np.nanmean(complaints)) if (~np.isnan(complaints)).any() else None,
        "demotions": int((had & (tier < memory)).sum()),
        "demotion_share": float((tier < memory)[had].mean()) if had.any() else None,
        "is_listed": False,
    }
