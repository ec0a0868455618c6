"""What the decisions read: one row per customer as known at `as_of`. The one place where these columns are listed.

Only `customer_id` must be there. Every other column may be missing or null: unknown stays unknown and is said so in
the result. Money is in the reporting currency, hours and revenue are of the trailing 12 months, shares lie in 0..1.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.errors import NarukiError

# name: (kind, meaning). Kinds: text, number, flag, date.
FACT_COLUMNS: dict[str, tuple[str, str]] = {
    "customer_id": ("text", "key, required"),
    "name": ("text", "shown in lists only"),
    "parent_customer_id": ("text", "effective parent account on the day"),
    "lifecycle_stage": ("text", "onboarding, active, ...; see setting served_stages"),
    "tenure_days": ("number", "days since the customer signed up"),
    "owner": ("text", "who looks after the customer"),
    "plan": ("text", "for guarantees"),
    "entity_type": ("text", "company or individual"),
    "industry": ("text", "for profiles and the disparity table"),
    "country": ("text", "for profiles and the disparity table"),
    "employees_band": ("text", "for profiles and the disparity table"),
    "currency": ("text", "the customer's currency, for the disparity table"),
    "mrr": ("number", "monthly recurring revenue now"),
    "revenue_12m": ("number", "net revenue of 12 months: axis 1 of the shipped pack"),
    "gross_margin_12m": ("number", "margin of 12 months before the cost of service"),
    "contribution_12m": ("number", "margin of 12 months after the cost of service"),
    "cost_to_serve": ("number", "cost of service of 12 months"),
    "ltv_mean": ("number", "expected value of 36 months, tier-neutral: what tiers are thought to raise"),
    "ltv_p10": ("number", "low end of the value"),
    "ltv_p50": ("number", "middle of the value"),
    "ltv_p90": ("number", "high end of the value"),
    "ltv_se": (
        "number",
        "standard error of ltv_mean (how well the expectation is known, not how the customer's fate spreads)",
    ),
    "prior_only": ("flag", "the value comes from the prior alone"),
    "renewal_p": ("number", "likelihood of renewal"),
    "churn_intent": ("number", "strength of stated intent to leave, 0..1"),
    "demand_hours": ("number", "hours that the customer's needs caused: axis 2 of the shipped pack"),
    "demand_hours_sd": ("number", "standard deviation of demand_hours"),
    "n_contacts": ("number", "inbound contacts behind demand_hours"),
    "vendor_fault_hours": ("number", "hours for our own faults: cost, never demand"),
    "proactive_hours": ("number", "hours of proactive touches: cost, never demand"),
    "onboarding_hours": ("number", "hours of onboarding"),
    "steady_hours": ("number", "hours after onboarding"),
    "growth_cost_hours": ("number", "hours spent to grow the customer"),
    "self_serve_ratio": (
        "number",
        "share of the months to the revenue level without proactive hours; see mart_self_serve",
    ),
    "months_to_threshold": ("number", "months until the revenue level was reached; null if not (yet)"),
    "hours_to_threshold": ("number", "hours until the revenue level was reached; null if not (yet)"),
    "growth_mean": ("number", "yearly growth rate, expected; the middle where it is unknown"),
    "growth_p10": ("number", "yearly growth rate, low"),
    "growth_p50": ("number", "yearly growth rate, middle"),
    "growth_p90": ("number", "yearly growth rate, high"),
    "upgrade_intent": ("number", "strength of intent to upgrade, 0..1"),
    "is_paying": ("flag", "pays at the end of the day: whether it is retained"),
    "csat": ("number", "share of good answers, for objectives"),
    "support_need": ("text", "what the customer needs support for most; support_need_source says how it is known"),
    "purpose_of_use": ("text", "what the customer uses the product for"),
    "customer_goal": ("text", "what the customer wants to reach; goal_source says how it is known"),
    "plan_fit_reviewed_on": ("date", "when somebody last looked whether the plan fits"),
    "usefulness_rating": ("number", "how useful the customer finds what it gets from us, 1..5"),
    "is_opted_out": ("flag", "wants no touches: no action reaches out to it"),
    "executive_rating": ("number", "a person's rating of the leader, 1..5; judgements of kind executive count as well"),
    "fit_judgement": ("text", "yes, no or pending; judgements of kind fit count as well"),
    "utilisation_rate": ("number", "active users of 28 days over paid seats"),
    "usage_z": ("number", "usage against the customer's own 8 weeks, robust z"),
    "features_used": ("number", "breadth: features in use"),
    "active_users": ("number", "breadth: active users"),
    "integrations": ("number", "breadth: integrations in use"),
    "days_since_touch": ("number", "days since a touch of ours"),
    "days_since_contact": ("number", "days since the customer's last contact"),
    "days_since_survey": ("number", "days since a survey was answered"),
    "days_since_usage": ("number", "age of the usage data"),
    "last_csat_bad": ("flag", "the newest satisfaction answer is bad"),
    "last_nps_bad": ("flag", "the newest recommendation answer is a detractor's"),
    "is_silent": ("flag", "paying, no contact and no survey answer for N days"),
    "hidden_dissatisfaction": ("flag", "if known already; else decided here from the signals above"),
    "hidden_rule": ("text", "which rule fired"),
    "is_community_member": ("flag", "overlay on any tier"),
    "wait_minutes": ("number", "median first reply of 12 months, for the disparity table"),
    "complaints": ("number", "complaints of 12 months, for the disparity table"),
}
REQUIRED = ("customer_id",)

JUDGEMENT_COLUMNS = ("customer_id", "kind", "value", "rater", "rated_at", "expires_at", "evidence")


class Facts:
    """Customer facts sorted by customer_id, as numpy arrays: numbers and flags with NaN, text and dates with None for
    unknown.
    """

    def __init__(self, table: pa.Table) -> None:
        missing = [name for name in REQUIRED if name not in table.column_names]
        if missing:
            raise NarukiError(f"Customer facts: column {missing[0]} is missing; found {', '.join(table.column_names)}.")
        if table["customer_id"].null_count:
            raise NarukiError(
                f"Customer facts: customer_id is null in {table['customer_id'].null_count} rows; drop or name them."
            )
        table = table.set_column(
            table.column_names.index("customer_id"), "customer_id", table["customer_id"].cast(pa.string())
        )
        # The order of the input must not show in the output.
        self.table = table.sort_by("customer_id")
        ids = self.table["customer_id"]
        distinct = pc.count_distinct(ids).as_py()
        if distinct != len(ids):
            raise NarukiError(
                f"Customer facts: {len(ids) - distinct} rows repeat a customer_id; one row per customer is needed."
            )
        self._cache: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return self.table.num_rows

    @cached_property
    def ids(self) -> np.ndarray:
        return np.array(self.table["customer_id"].to_pylist(), dtype=object)

    def has(self, name: str) -> bool:
        return name in self.table.column_names

    def number(self, name: str) -> np.ndarray:
        """float64 (n,), NaN where unknown or where the column is missing; booleans become 0 and 1."""
        if name not in self._cache:
            self._cache[name] = self._number(name)
        return self._cache[name]

    def _number(self, name: str) -> np.ndarray:
        if not self.has(name):
            return np.full(len(self), np.nan)
        column = self.table[name]
        if pa.types.is_null(column.type):
            return np.full(len(self), np.nan)
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        try:
            values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise NarukiError(f"Customer facts: column {name} is {column.type}, a number is needed.") from None
        return np.where(np.isfinite(values), values, np.nan)

    flag = number

    def text(self, name: str) -> np.ndarray:
        """object (n,) of str, None where unknown or where the column is missing."""
        if not self.has(name):
            return np.full(len(self), None, dtype=object)
        return np.array(self.table[name].cast(pa.string()).to_pylist() or [], dtype=object)

    def any_known(self, name: str) -> bool:
        """Whether the feed behind a column is there at all: then a null means never, and not unknown."""
        return self.has(name) and self.table[name].null_count < len(self)

    def days_since(self, name: str) -> np.ndarray:
        """Days (n,) since something last happened. Where a feed exists, null means never: then the tenure counts."""
        days = self.number(name)
        return np.where(np.isnan(days), self.number("tenure_days"), days) if self.any_known(name) else days

    def take(self, keep: np.ndarray) -> Facts:
        """Facts of the customers where keep (n,) is true."""
        return Facts(self.table.filter(pa.array(keep)))

    def unknown(self, names: Iterable[str]) -> np.ndarray:
        """object (n,): the names that are unknown for a customer, joined by `, `; None where all are known."""
        names = list(names)
        code = np.zeros(len(self), dtype=np.int64)
        for bit, name in enumerate(names):
            column = self.table[name] if self.has(name) else None
            null = (
                np.ones(len(self), bool)
                if column is None
                else pc.is_null(column, nan_is_null=True).to_numpy(zero_copy_only=False)
            )
            code |= null.astype(np.int64) << bit
        kinds, inverse = np.unique(code, return_inverse=True)
        texts = [", ".join(n for b, n in enumerate(names) if kind >> b & 1) or None for kind in kinds]
        return np.array(texts, dtype=object)[inverse] if len(self) else np.zeros(0, dtype=object)
