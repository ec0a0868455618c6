"""Who is compared in "support in the three months before": those who left, at their notice, and those who stayed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from naruki.errors import NarukiError
from naruki.value.association import Association, supported_association
from naruki.value.panel import hash_ids, mix
from naruki.value.reasons import Feature, as_floats, transform_features
from naruki.value.settings import ValueSettings
from naruki.value.tables import month_index, texts

WINDOW = 3  # months: what a customer was like is taken from before the window in which support is looked for
FOLLOWS = ("contacts_3m", "long_waits_3m", "vendor_fault_hours_3m", "csat_rate_6m")  # of support itself: no cause of it


def support_before_leaving(
    known: Any, churns: Any, catalogue: tuple[Feature, ...], settings: ValueSettings, strengths: list[float]
) -> Association:
    """Association of support in the 90 days before the notice with leaving (R106).

    Who left is looked at on the day of its notice (else its end); who stayed at a month's end drawn from the same
    months, by hash of its id: otherwise the times of both would differ. Both are described by what was known before
    the 90 days began.

    Args:
        known: from `known_panel`, with `supported_90d` at each month's end.
        churns: customer_id, decided_on, supported_90d: one row per loss known by the day, pauses left out.

    Raises NarukiError when there is nobody to compare.
    """
    place = {pair: row for row, pair in enumerate(zip(texts(known.column("customer_id")), _months(known), strict=True))}
    supported, lost, before = [], [], []
    rows = churns.select(["customer_id", "supported_90d"]).to_pylist()
    decided = month_index(churns.column("decided_on")) - 1  # the newest month that had ended by then
    for row, month in zip(rows, decided, strict=True):
        earlier = place.get((row["customer_id"], int(month) - WINDOW))
        if earlier is not None and row["supported_90d"] is not None:
            supported.append(row["supported_90d"])
            lost.append(True)
            before.append(earlier)
    if not before:
        raise NarukiError("No loss with a known support feed and three months of history before it.")
    gone = set(churns.column("customer_id").to_pylist())
    contact = known.column("supported_90d").to_pylist()
    for customer, month in _drawn(known, gone, np.sort(decided)):
        now, earlier = place.get((customer, month)), place.get((customer, month - WINDOW))
        if now is not None and earlier is not None and contact[now] is not None:
            supported.append(contact[now])
            lost.append(False)
            before.append(earlier)
    used = tuple(feature for feature in catalogue if feature.feature not in FOLLOWS)
    covariates = transform_features(known.take(before), used)
    earlier_contact = as_floats(known.column("supported_90d"))[before]
    return supported_association(
        supported,
        lost,
        np.column_stack([covariates, earlier_contact]),
        [*(feature.feature for feature in used), "supported_before"],
        z=settings.interval_z,
        trim=settings.overlap_trim,
        ridge=settings.ridge,
        strengths=strengths,
    )


def _months(known: Any) -> NDArray[np.int64]:
    return month_index(known.column("as_of_month"))


def _drawn(known: Any, gone: set[str], months: NDArray[np.int64]) -> list[tuple[str, int]]:
    """For each customer that stayed, one month out of those in which others left."""
    ids = sorted(set(texts(known.column("customer_id"))) - gone)
    if not ids:
        return []
    draw = mix(hash_ids(np.array(ids, dtype=object)), 7) % np.uint64(len(months))
    return [(customer, int(months[int(position)])) for customer, position in zip(ids, draw, strict=True)]
