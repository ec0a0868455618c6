"""What service is for: a quadrant of two axes per customer, how sure it is, and in which order to look at the
customers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.tiering.inputs import FACT_COLUMNS, Facts
from naruki.tiering.judgements import Judgements, newest_judgements
from naruki.tiering.options import served
from naruki.tiering.policy import Policy
from naruki.tiering.policy_types import Axis
from naruki.tiering.schemas import SEGMENTS, to_table
from naruki.tiering.scoring import percent_rank, rank_down, weighted_score
from naruki.tiering.signals import Signals, signals

CORE_INPUTS = (
    "ltv_mean",
    "mrr",
    "gross_margin_12m",
    "renewal_p",
    "days_since_touch",
    "days_since_survey",
    "utilisation_rate",
    "growth_p50",
)


@dataclass(frozen=True)
class Placed:
    """One axis: value (n,), sd (n,), p_high (n,), side (n,) 1 / 0 / NaN, in_band (n,), and the cut."""

    value: np.ndarray
    sd: np.ndarray
    p_high: np.ndarray
    side: np.ndarray
    in_band: np.ndarray
    cut: float


def decide_segments(
    facts: pa.Table, policy: Policy, as_of: date, judgements: pa.Table | None = None, code_version: str = ""
) -> pa.Table:
    """`customer_segments`: one row per served customer (schema SEGMENTS), sorted by customer_id.

    facts: see inputs.FACT_COLUMNS. The quadrant is null where an axis is unknown. High means above the cut (at least
    the cut for cut_method value). Probabilities take the errors of the two axes as independent.
    """
    table = Facts(facts)
    table = table.take(served(table, policy))
    placed = [place(axis, table, policy) for axis in policy.axes]
    quadrant, chances, near = _quadrants(placed, policy)
    found = signals(table, quadrant, policy, as_of)
    people = newest_judgements(judgements, as_of, policy["business_time_zone"])
    columns = {
        "as_of_date": as_of,
        "customer_id": table.table["customer_id"],
        "name": table.text("name"),
        **_axis_columns(placed, policy),
        **_quadrant_columns(quadrant, chances, near, policy),
        **_priority(table, quadrant, found, policy),
        **_profile(table, found),
        "fit_judgement": people.text(table.ids, "fit", table.text("fit_judgement")),
        **_judged(table, people),
        **{name: table.text(name) for name in ("support_need", "purpose_of_use", "customer_goal")},
        "plan_fit_reviewed_on": table.table["plan_fit_reviewed_on"] if table.has("plan_fit_reviewed_on") else None,
        **{name: table.number(name) for name in ("upgrade_intent", "usefulness_rating", "is_opted_out")},
        "unknown_inputs": table.unknown([*(axis.column for axis in policy.axes), *CORE_INPUTS]),
        "policy_version": policy.version,
        "code_version": code_version,
    }
    return to_table(columns, SEGMENTS)


def _judged(facts: Facts, people: Judgements) -> dict:
    """Who judged, when and why: fit of an ideal, and the rating of the leader (1-5)."""
    fit, executive = people.of("fit"), people.of("executive")
    fits = [fit.get(customer) for customer in facts.ids]
    leaders = [executive.get(customer) for customer in facts.ids]
    return {
        "fit_judged_by": [word and word.rater for word in fits],
        "fit_judged_on": pa.array([word and word.rated_on for word in fits], pa.date32()),
        "fit_evidence": [word and word.evidence for word in fits],
        "executive_rating": people.number(facts.ids, "executive", facts.number("executive_rating")),
        "executive_rated_by": [word and word.rater for word in leaders],
        "executive_rated_on": pa.array([word and word.rated_on for word in leaders], pa.date32()),
        "executive_expires_on": pa.array([word and word.expires_on for word in leaders], pa.date32()),
    }


def place(axis: Axis, facts: Facts, policy: Policy) -> Placed:
    """Value, cut and the probability to lie above it, for one axis."""
    if not facts.has(axis.column) and axis.column not in FACT_COLUMNS:
        raise NarukiError(
            f"cfg_segment_axis.csv axis {axis.axis}: column {axis.column} is not in the customer facts; name "
            f"a numeric column of them."
        )
    raw = facts.number(axis.column)
    known = ~np.isnan(raw)
    if not known.any():
        nothing = np.full(len(facts), np.nan)
        return Placed(raw, nothing, nothing, nothing, np.zeros(len(facts), bool), np.nan)
    value = np.minimum(raw, np.quantile(raw[known], policy["winsor_quantile"], method="higher"))
    cut = _cut(axis, value, known, facts)
    sd = _sd(axis, raw, facts, policy)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = value >= cut if axis.cut_method == "value" else value > cut
        p_high = np.where(sd > 0, _normal((value - cut) / sd), above.astype(float))
        scaled, scaled_cut = (np.log1p(np.maximum(v, 0)) for v in (value, cut)) if axis.scale == "log" else (value, cut)
        in_band = np.abs(scaled - scaled_cut) < policy["band_sd"] * np.std(scaled[known])
    unsure = np.isnan(sd) | ~known
    return Placed(
        raw, sd, np.where(unsure, np.nan, p_high), np.where(known, above, np.nan), in_band & known, float(cut)
    )


def _cut(axis: Axis, value: np.ndarray, known: np.ndarray, facts: Facts) -> float:
    if axis.cut_method == "value":
        return axis.cut_value
    if axis.cut_method == "quantile":
        return float(np.quantile(value[known], axis.cut_value))
    # Capacity: from the top down, as many customers as the hours are enough for lie above the cut.
    hours = np.nan_to_num(facts.number(axis.capacity_column))
    order = np.argsort(-np.where(known, value, -np.inf), kind="stable")[: known.sum()]
    fitting = int(np.searchsorted(np.cumsum(hours[order]), axis.cut_value, side="right"))
    return float(value[order[fitting]]) if fitting < len(order) else float(np.nextafter(value[order[-1]], -np.inf))


def _sd(axis: Axis, value: np.ndarray, facts: Facts, policy: Policy) -> np.ndarray:
    """Uncertainty of the axis (n,): a column of its own, else by the number of contacts, else a share of the value."""
    given = facts.number(axis.sd_column) if axis.sd_column else np.full(len(facts), np.nan)
    if axis.sd_method == "none":
        return given
    fallback = np.abs(value) * (np.nan if axis.relative_sd is None else axis.relative_sd)
    if axis.sd_method == "contacts":
        contacts = facts.number("n_contacts")
        known = ~np.isnan(value) & (contacts > 0)
        each = value[known].sum() / contacts[known].sum() if known.any() else np.nan
        # Compound Poisson: k contacts of mean m and coefficient of variation c spread by m sqrt(k (1 + c^2)).
        spread = np.sqrt((1 + policy["contact_hours_cv"] ** 2) / np.where(contacts > 0, contacts, 1.0))
        counted = np.where(contacts > 0, value * spread, each * spread)
        fallback = np.where(np.isnan(contacts) | np.isnan(counted), fallback, counted)
    return np.where(np.isnan(given), fallback, given)


def _normal(z: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(z)


def _quadrants(placed: list[Placed], policy: Policy) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Index of the quadrant (n,) or -1, probability of each, and near_boundary (n,)."""
    one, two = placed
    index = np.full(len(one.side), -1)
    chances = {}
    for number, row in enumerate(policy.quadrants):
        high_1, high_2 = row.axis_1_side == "high", row.axis_2_side == "high"
        index[(one.side == high_1) & (two.side == high_2)] = number
        chances[row.quadrant] = (one.p_high if high_1 else 1 - one.p_high) * (two.p_high if high_2 else 1 - two.p_high)
    matrix = np.column_stack(list(chances.values()))
    own = np.where(index >= 0, matrix[np.arange(len(index)), np.maximum(index, 0)], np.nan)
    near = np.where(index >= 0, (own < policy["near_boundary_p"]) | one.in_band | two.in_band, np.nan)
    return index, {**chances, "": own}, near


def _axis_columns(placed: list[Placed], policy: Policy) -> dict:
    columns = {}
    for axis, at in zip(policy.axes, placed, strict=True):
        key = f"axis_{axis.axis}"
        columns |= {
            f"{key}_column": axis.column,
            f"{key}_value": at.value,
            f"{key}_sd": at.sd,
            f"{key}_p_high": at.p_high,
        }
        columns[f"{key}_cut"] = np.full(len(at.value), at.cut)
    return columns


def by_quadrant(quadrant: np.ndarray, policy: Policy, values: list) -> np.ndarray:
    """A value of each quadrant's row for every customer; None (or NaN) where the quadrant is unknown."""
    numeric = all(value is None or isinstance(value, int | float) for value in values)
    if numeric:
        return np.array([*[np.nan if value is None else value for value in values], np.nan], dtype=float)[quadrant]
    return np.array([*values, None], dtype=object)[quadrant]


def _quadrant_columns(quadrant: np.ndarray, chances: dict, near: np.ndarray, policy: Policy) -> dict:
    rows = [policy.quadrant_policies[row.quadrant] for row in policy.quadrants]
    return {
        "quadrant": by_quadrant(quadrant, policy, [row.quadrant for row in policy.quadrants]),
        "quadrant_label_en": by_quadrant(quadrant, policy, [row.label_en for row in policy.quadrants]),
        "quadrant_label_ja": by_quadrant(quadrant, policy, [row.label_ja for row in policy.quadrants]),
        "purpose_en": by_quadrant(quadrant, policy, [row.purpose_en for row in rows]),
        "purpose_ja": by_quadrant(quadrant, policy, [row.purpose_ja for row in rows]),
        "quadrant_policy_version": by_quadrant(quadrant, policy, [row.version for row in rows]),
        "p_quadrant": chances[""],
        "near_boundary": near,
        **{f"p_{name}": chance for name, chance in chances.items() if name},
    }


def _priority(facts: Facts, quadrant: np.ndarray, found: Signals, policy: Policy) -> dict:
    """Rank by the weighted parts, never by revenue alone; the revenue rank stands beside it."""
    weight = by_quadrant(
        quadrant, policy, [policy.quadrant_policies[row.quadrant].priority_weight for row in policy.quadrants]
    )
    own = {
        "value_at_stake": found.value_at_stake,
        "dissatisfaction": found.dissatisfaction,
        "neglect": found.neglect,
        "quadrant_weight": weight,
    }
    score = weighted_score(
        policy.priority, {w.column: own.get(w.column, facts.number(w.column)) for w in policy.priority}
    )
    parts = score.weights * np.nan_to_num(score.values)
    names = [w.component for w in policy.priority]
    revenue = facts.number("revenue_12m" if facts.any_known("revenue_12m") else "mrr")
    rank = rank_down(facts.ids, score.score, facts.number("ltv_mean"))
    revenue_rank = rank_down(facts.ids, revenue)
    known = ~np.isnan(revenue)
    return {
        "priority_rank": rank,
        "priority_score": score.score,
        "priority_known_share": score.known,
        **{
            f"priority_{name}": np.where(np.isnan(score.values[:, k]), np.nan, parts[:, k])
            for k, name in enumerate(names)
        },
        "priority_parts": [
            json.dumps({n: round(float(p), 6) for n, p, v in zip(names, row, values, strict=True) if v == v})
            for row, values in zip(parts, score.values, strict=True)
        ],
        "revenue_rank": np.where(known, revenue_rank, np.nan),
        "rank_difference": np.where(known, revenue_rank - rank, np.nan),
    }


def _profile(facts: Facts, found: Signals) -> dict:
    demand, contacts = facts.number("demand_hours"), facts.number("n_contacts")
    names = ("demand_hours", "growth_cost_hours", "self_serve_ratio", "months_to_threshold", "hours_to_threshold")
    more = (
        "onboarding_hours",
        "steady_hours",
        "days_since_touch",
        "days_since_survey",
        "days_since_contact",
        "days_since_usage",
    )
    rest = ("utilisation_rate", "growth_p10", "growth_p50", "growth_p90", "is_silent")
    margin, cost = facts.number("gross_margin_12m"), facts.number("cost_to_serve")
    given = facts.number("contribution_12m")
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            **{name: facts.number(name) for name in (*names, *more, *rest)},
            "demand_level": percent_rank(demand),
            "need_difficulty_hours": np.where(contacts > 0, demand / contacts, np.nan),
            "is_threshold_censored": np.where(
                facts.any_known("self_serve_ratio") | facts.any_known("months_to_threshold"),
                np.isnan(facts.number("months_to_threshold")),
                np.nan,
            ),
            "gross_margin": margin,
            "contribution": np.where(np.isnan(given), margin - cost, given),
            "return_on_service": np.where(cost > 0, margin / cost, np.nan),
            **found.columns(),
        }
