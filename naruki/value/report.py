"""What the models say, as tables to publish: the model itself, the look back, renewals beside ratings, attributes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.value.association import Association
from naruki.value.lookback import Backtest
from naruki.value.pipeline import TrainedModel
from naruki.value.schemas import ASSOCIATION, ATTRIBUTE, BACKTEST, CALIBRATION, MODEL, RENEWAL, rows_to_table
from naruki.value.tables import month_index


def panel_hash(*tables: pa.Table, policy: Sequence[Any]) -> str:
    """Short hash of what a model is trained on: the same data and policy need no second training."""
    total = hashlib.blake2b(json.dumps(policy, sort_keys=True, default=str).encode(), digest_size=8)
    for table in tables:
        total.update(str(table.schema).encode())
        for column in table.combine_chunks().columns:
            for buffer in column.chunk(0).buffers() if column.num_chunks else ():
                total.update(buffer or b"")
    return total.hexdigest()


def model_table(model: TrainedModel, trained_on: str, as_of: date) -> pa.Table:
    """One row: which model serves, why, and all that is needed to use it again (`parameters`, JSON)."""
    hazard = model.hazard
    row = {
        "model_version": model.version,
        "method": "segment_retention" if hazard is None else "hazard",
        "is_promoted": hazard is not None,
        "reason": f"{model.reason} {model.purchases_reason}",
        "first_month": model.first_month,
        "last_month": model.last_month,
        "customers": None if hazard is None else hazard.n_customers,
        "losses": None if hazard is None else hazard.n_events,
        "rows_used": None if hazard is None else hazard.n_rows,
        "holdout_from": model.report["cut"],
        "holdout_months": model.report["months"],
        "panel_hash": trained_on,
        "parameters": model.to_json(),
    }
    return rows_to_table([row], MODEL, as_of)


def backtest_table(looks: Sequence[Backtest], as_of: date) -> pa.Table:
    """Per quarter and method: the total (decile null) and each decile of the prediction, beside what came."""
    rows = []
    for look in looks:
        report = look.report or {}
        shared = {
            "cut_month": look.cut,
            "months_ahead": look.months,
            "is_promoted": look.promotion.promoted,
            "note": look.reason,
        }
        full = {"model": report, "retention_curve": look.curves or {}}
        methods = {name: told["model"] for name, told in full.items() if told} | (look.naive or {})
        for name, found in methods.items():
            own = shared | {"method": name}
            about = ("lost", "lost_predicted", "auc", "calibration_slope", "ece10", "coverage", "coverage_implied")
            total = own | {key: found[key] for key in ("predicted", "actual", "mean_absolute_error", "gini")}
            total["customers"] = sum(decile["n"] for decile in found["deciles"])
            total["error_rate"] = found["actual"] / found["predicted"] - 1 if found["predicted"] else None
            rows.append(total | ({key: full[name][key] for key in about} if name in full else {}))
            for decile in found["deciles"]:
                off = decile["actual"] / decile["predicted"] - 1 if decile["predicted"] else None
                rows.append(
                    own
                    | {"decile": decile["decile"], "customers": decile["n"], "error_rate": off}
                    | {"predicted": decile["predicted"], "actual": decile["actual"]}
                )
        if not methods:
            rows.append(shared | {"method": "none"})
    return rows_to_table(rows, BACKTEST, as_of)


def renewal_table(
    prediction: pa.Table,
    scoring: pa.Table,
    ratings: pa.Table,
    rubric: Sequence[Mapping[str, str]],
    as_of: date,
    *,
    near: float,
) -> pa.Table:
    """One row per term that ends within the horizon: the model's probability, and a person's rating beside it.

    Args:
        prediction, scoring: row for row the same customers.
        ratings: customer_id, rating (1..5 or null), rater, rated_at: those known and valid on the day.
        rubric: rows of `cfg_renewal_rating`.
        near: a rating and the model agree when their probabilities differ by less.
    """
    meant = {int(row["rating"]): float(row["renewal_p"]) for row in rubric}
    judged: dict[str, dict[str, Any]] = {}
    for row in sorted(ratings.to_pylist(), key=lambda row: (row["rated_at"], row["rater"] or "")):
        judged[row["customer_id"]] = row
    kept = ("segment", "term_end_on", "months_to_term_end", "monthly_revenue")
    told = ("customer_id", "renewal_p", "renewal_p_low", "renewal_p_high", "method")
    rows = []
    sides = zip(prediction.select(told).to_pylist(), scoring.select(kept).to_pylist(), strict=True)
    for row in (predicted | known for predicted, known in sides):
        if row["renewal_p"] is None:
            continue
        rating = judged.get(row["customer_id"])
        if rating is not None and rating["rating"] is not None:
            human = meant.get(round(rating["rating"]))
            row |= {"human_rating": round(rating["rating"]), "rater": rating["rater"], "rated_at": rating["rated_at"]}
            row["human_p"] = human
            if human is not None:
                row["difference"] = human - row["renewal_p"]
                row["agreement"] = _agreement(row["difference"], near)
        rows.append(row)
    return rows_to_table(rows, RENEWAL, as_of)


def _agreement(difference: float, near: float) -> str:
    if abs(difference) < near:
        return "agree"
    return "person_more_hopeful" if difference > 0 else "model_more_hopeful"


def calibration_table(
    model: TrainedModel,
    ratings: pa.Table,
    known: pa.Table,
    rubric: Sequence[Mapping[str, str]],
    as_of: date,
    *,
    minimum: int,
    z: float,
) -> pa.Table:
    """Did it come true? Groups of the probability of what serves, on the hold-out, and each rating of people.

    A rating counts once the term that ran when it was given has ended; it came true when the customer paid on.
    """
    serving = "curves" if model.hazard is None else "result"
    source = "retention_curve" if model.hazard is None else "model"
    rows = [
        _share(source, f"group {group['group']}", group["n"], group["predicted"], group["renewed"], z, minimum)
        for group in (model.report.get(serving) or {}).get("renewal", ())
    ]
    if not rows:
        rows.append({"source": source, "group_name": "all", "n": 0, "is_published": False, "note": model.reason})
    meant = {int(row["rating"]): float(row["renewal_p"]) for row in rubric}
    outcome = _matured(known)
    found: dict[int, list[bool]] = {}
    for row in ratings.to_pylist():
        month = row["rated_at"].year * 12 + row["rated_at"].month - 2  # the newest month that had ended
        if row["rating"] is not None and (row["customer_id"], month) in outcome:
            found.setdefault(round(row["rating"]), []).append(outcome[row["customer_id"], month])
    for rating, probability in sorted(meant.items()):
        renewed = found.get(rating, [])
        rows.append(_share("person", f"rating {rating}", len(renewed), probability, sum(renewed), z, minimum))
    return rows_to_table(rows, CALIBRATION, as_of)


def _matured(known: pa.Table) -> dict[tuple[str, int], bool]:
    """(customer, month) -> renewed, for the rows whose running term has ended within what was seen."""
    to_end = known.column("months_to_term_end").cast(pa.float64()).to_numpy(zero_copy_only=False)
    seen, lost = (known.column(name).to_numpy(zero_copy_only=False) for name in ("months_observed", "is_lost"))
    left = lost & (seen <= to_end)
    done = np.flatnonzero(left | (seen >= to_end))
    ids, month = known.column("customer_id").to_pylist(), month_index(known.column("as_of_month"))
    return {(ids[row], int(month[row])): not left[row] for row in done}


def _share(source: str, name: str, n: int, predicted: float, renewed: int, z: float, minimum: int) -> dict[str, Any]:
    """One group with Wilson's interval; not published under the minimum."""
    row = {"source": source, "group_name": name, "n": n, "predicted": predicted, "is_published": n >= minimum}
    if n < minimum:
        return row | {"note": f"Fewer than {minimum} terms have ended."}
    p = renewed / n
    middle, reach = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return row | {
        "renewed": p,
        "renewed_low": float(middle - reach) / scale,
        "renewed_high": float(middle + reach) / scale,
    }


def association_table(found: Association | None, reason: str, as_of: date) -> pa.Table:
    """The association of support with leaving, measure by measure; without enough to compare, the reason."""
    if found is None:
        return rows_to_table([{"measure": "none", "note": reason}], ASSOCIATION, as_of)
    rows: list[dict[str, Any]] = [
        {"measure": "raw_difference", "value": found.raw.estimate, "low": found.raw.low, "high": found.raw.high},
        {"measure": "lost_supported", "value": found.lost_supported / found.n_supported, "n": found.n_supported},
        {
            "measure": "lost_others",
            "value": found.lost_others / (found.n - found.n_supported),
            "n": found.n - found.n_supported,
        },
        {"measure": "overlap", "value": found.overlap},
    ]
    if found.adjusted is not None:
        low, high = found.adjusted.low, found.adjusted.high
        rows.insert(0, {"measure": "adjusted_difference", "value": found.adjusted.estimate, "low": low, "high": high})
        rows.append({"measure": "risk_ratio", "value": found.risk_ratio})
        rows.append({"measure": "e_value", "value": found.e_value, "low": found.e_value_bound})
    for strength, (low, high) in found.sensitivity.items():
        rows.append({"measure": "sensitivity", "detail": f"hidden cause of {strength:g}", "low": low, "high": high})
    for name, (before, after) in found.standardised.items():
        rows.append({"measure": "standardised_difference", "detail": name, "value": after, "low": before})
    return rows_to_table([{"n": found.n, "note": found.message} | row for row in rows], ASSOCIATION, as_of)


def attribute_table(found: Mapping[str, Sequence[Mapping[str, Any]]], as_of: date) -> pa.Table:
    """Rows of `value_by_attribute`, attribute by attribute."""
    names = {
        "attribute": "attribute_value",
        "n": "customers",
        "low": "rate_low",
        "high": "rate_high",
        "weight": "own_weight",
    }
    rows = [
        {names.get(key, key): value for key, value in row.items()} | {"attribute": attribute}
        for attribute, group in found.items()
        for row in group
    ]
    return rows_to_table(rows, ATTRIBUTE, as_of)
