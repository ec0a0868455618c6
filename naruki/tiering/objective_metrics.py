"""Metrics that only make sense for a frozen group: what became of its members since the day on which it was frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from naruki.tiering.inputs import Facts

# Metric -> the column that it is made of.
MADE_OF = {"is_retained": "is_paying", "became_money_tree": "quadrant", "was_contacted": "days_since_touch"}
# A share that can only fall with time: nobody knows that it is reached before the horizon is over.
FALLING = ("is_retained",)


def is_known(metric: str, facts: Facts) -> bool:
    """Whether the metric stands in the facts or can be made of them."""
    return facts.any_known(metric) or (metric in MADE_OF and facts.any_known(MADE_OF[metric]))


def is_made(metric: str, facts: Facts) -> bool:
    """Whether the metric counts from the day on which the group was frozen."""
    return not facts.any_known(metric) and metric in MADE_OF


def values(metric: str, facts: Facts, frozen_on: date | None, as_of: date) -> np.ndarray:
    """The metric of every customer (n,); NaN where unknown, and for made ones on the very day of freezing."""
    if not is_made(metric, facts):
        return facts.number(metric)
    days = 0 if frozen_on is None else (as_of - frozen_on).days
    return _MAKERS[metric](facts, days) if days > 0 else np.full(len(facts), np.nan)


def _retained(facts: Facts, days: int) -> np.ndarray:
    return facts.flag("is_paying")


def _became_money_tree(facts: Facts, days: int) -> np.ndarray:
    # Who left has no quadrant, and is no money tree either.
    return (facts.text("quadrant") == "money_tree").astype(float)


def _contacted(facts: Facts, days: int) -> np.ndarray:
    # The feed is there, so no touch at all is known not to be one.
    with np.errstate(invalid="ignore"):
        return (facts.number("days_since_touch") < days).astype(float)


_MAKERS: dict[str, Callable[[Facts, int], np.ndarray]] = {
    "is_retained": _retained,
    "became_money_tree": _became_money_tree,
    "was_contacted": _contacted,
}
