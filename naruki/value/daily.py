"""The value of one day: what the warehouse knows in, every table that the day leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.errors import NarukiError
from naruki.value.asof import known_panel, month_end, purchases_by, scoring_rows
from naruki.value.honesty import CHECKS
from naruki.value.lookback import backtest_quarters
from naruki.value.pipeline import TrainedModel, score, train
from naruki.value.reasons import as_floats, read_catalogue
from naruki.value.repeat import purchases_then
from naruki.value.report import (
    association_table,
    attribute_table,
    backtest_table,
    calibration_table,
    model_table,
    panel_hash,
    renewal_table,
)
from naruki.value.schemas import BACKTEST, PREDICTION, dated
from naruki.value.settings import ValueSettings
from naruki.value.shrinkage import value_by_attribute
from naruki.value.support import support_before_leaving

ATTRIBUTES = ("industry", "employees_band", "entity_type", "acquisition_channel", "country")


@dataclass(frozen=True)
class ValueInputs:
    """What the warehouse knows, for any day; rows of later days are cut off here.

    Attributes:
        panel, purchases: rows of `int_value__panel`, `int_value__purchases`.
        churns: customer_id, decided_on, supported_90d, of losses decided by the day.
        ratings: customer_id, rating, rater, rated_at, is_valid: judgements of renewal given by the day.
        customers: customer_id and `ATTRIBUTES`.
    """

    panel: pa.Table
    purchases: pa.Table
    churns: pa.Table
    ratings: pa.Table
    customers: pa.Table


@dataclass(frozen=True)
class ValuePolicy:
    """Rows of the seeds: `cfg_setting` as a mapping, `cfg_value_feature`, `cfg_renewal_rating`, `cfg_purchase_reason`,
    `cfg_value_sentence`.
    """

    settings: Mapping[str, str]
    catalogue: list[Mapping[str, str]]
    rubric: list[Mapping[str, str]]
    purchase_reasons: Sequence[Mapping[str, str]] = ()
    sentences: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class ValueDay:
    """Tables by name, the model, whether it was trained anew and why, and its checks as rows (see `honesty.Check`)."""

    tables: dict[str, pa.Table]
    model: TrainedModel
    is_trained: bool
    why_trained: str
    checks: list[dict[str, Any]]


def value_day(
    inputs: ValueInputs,
    policy: ValuePolicy,
    as_of: date,
    *,
    version: str,
    stored_model: pa.Table | None = None,
    stored_backtest: pa.Table | None = None,
) -> ValueDay:
    """Train (or take the stored model, if it was trained on the same), score, look back, compare.

    Args:
        version: of the code; the model's version adds the hash of what it was trained on.
        stored_model, stored_backtest: tables of an earlier run, or None.
    """
    known = known_panel(inputs.panel, as_of)
    ended = month_end(as_of)  # trained on whole months: a new day alone is no new knowledge
    bought = purchases_by(inputs.purchases, ended)
    before = purchases_then(inputs.purchases, ended, int(policy.settings["value_holdout_months"]))
    trained_on = panel_hash(known, bought, before, policy=[version, policy.settings, policy.catalogue])
    model, why = _stored(stored_model, trained_on)
    is_trained = model is None or stored_backtest is None
    if is_trained:
        model = train(
            known,
            policy.settings,
            policy.catalogue,
            version=f"{version}+{trained_on}",
            purchases=bought,
            purchases_before=before,
        )
        looks = backtest_table(backtest_quarters(known, policy.settings, policy.catalogue), as_of)
    else:
        looks = dated(stored_backtest, BACKTEST, as_of)
    rows = scoring_rows(known, as_of, purchases_by(inputs.purchases, as_of))
    prediction = _predict(rows, model, policy)
    tables = {
        "value_model": model_table(model, trained_on, as_of),
        "value_prediction": dated(prediction, PREDICTION, as_of),
        "value_backtest": looks,
        **_beside(inputs, policy, known, rows, prediction, model, as_of),
    }
    return ValueDay(tables, model, is_trained, why, all_checks(model))


def rescore(inputs: ValueInputs, policy: ValuePolicy, as_of: date, stored_model: pa.Table) -> pa.Table | None:
    """`value_prediction` of a day by the model that served then, on the data of that day as they are known now.

    None if that model cannot be used any more (another layout of parameters, other features): what it said then stays.
    """
    rows = scoring_rows(known_panel(inputs.panel, as_of), as_of, purchases_by(inputs.purchases, as_of))
    try:
        model = TrainedModel.from_json(stored_model.column("parameters")[0].as_py())
        return dated(_predict(rows, model, policy), PREDICTION, as_of)
    except NarukiError:
        return None


def _predict(rows: pa.Table, model: TrainedModel, policy: ValuePolicy) -> pa.Table:
    prediction = score(rows, model, policy.settings, policy.catalogue, policy.purchase_reasons, policy.sentences)
    promoted = pa.array([model.hazard is not None] * rows.num_rows, pa.bool_())
    return prediction.append_column("is_promoted", promoted)


def _stored(stored: pa.Table | None, trained_on: str) -> tuple[TrainedModel | None, str]:
    """The stored model, if it can be read and was trained on the same data and policy; else why a new one is needed."""
    if stored is None or not stored.num_rows:
        return None, "No value model is stored yet."
    try:
        model = TrainedModel.from_json(stored.column("parameters")[0].as_py())
    except NarukiError as error:  # a home of an older version: nothing is lost, the data are still there
        return None, str(error)
    if stored.column("panel_hash")[0].as_py() != trained_on:
        return None, "The data or the policy have changed since the stored value model was trained."
    return model, "The stored value model was trained on the same data and policy."


def _beside(
    inputs: ValueInputs,
    policy: ValuePolicy,
    known: pa.Table,
    rows: pa.Table,
    prediction: pa.Table,
    model: TrainedModel,
    as_of: date,
) -> dict[str, pa.Table]:
    """What stands beside the prediction: renewals with ratings, their calibration, support, attributes."""
    settings = ValueSettings.from_mapping(policy.settings)
    minimum = int(policy.settings["minimum_group_size"])
    valid = inputs.ratings.filter(inputs.ratings.column("is_valid"))
    association, reason = None, ""
    try:
        strengths = [float(part) for part in policy.settings["value_support_strengths"].split(",")]
        catalogue = read_catalogue(policy.catalogue)
        association = support_before_leaving(known, inputs.churns, catalogue, settings, strengths)
    except NarukiError as error:  # too few to compare is a result, and said as such
        reason = str(error)
    return {
        "renewal_likelihood": renewal_table(
            prediction, rows, valid, policy.rubric, as_of, near=settings.agreement_within
        ),
        "renewal_calibration": calibration_table(
            model, inputs.ratings, known, policy.rubric, as_of, minimum=minimum, z=settings.interval_z
        ),
        "supported_association": association_table(association, reason, as_of),
        "value_by_attribute": attribute_table(
            by_attributes(known, prediction, inputs.customers, minimum, settings.confidence, settings.holdout_months),
            as_of,
        ),
    }


def by_attributes(
    known: pa.Table, prediction: pa.Table, customers: pa.Table, minimum: int, confidence: float, months: int
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Attribute -> rows of `value_by_attribute`: who of those of `months` ago stayed, what those of today are worth."""
    if not known.num_rows:
        return {}
    last = known.column("as_of_month").to_numpy().astype("datetime64[M]").max()
    then = known.filter(known.column("as_of_month").to_numpy().astype("datetime64[M]") == last - months)
    seen, lost = as_floats(then.column("months_observed")), then.column("is_lost").to_numpy(zero_copy_only=False)
    fate = np.where(seen >= months, 1.0, np.nan)
    fate[lost & (seen <= months)] = 0.0
    stayed = dict(zip(then.column("customer_id").to_pylist(), fate.tolist(), strict=True))
    worth = dict(
        zip(prediction.column("customer_id").to_pylist(), prediction.column("ltv_mean").to_pylist(), strict=True)
    )
    rows = [row for row in customers.to_pylist() if row["customer_id"] in stayed or row["customer_id"] in worth]
    if not stayed or not rows:
        return {}
    kept = np.array([stayed.get(row["customer_id"], np.nan) for row in rows], dtype=float)
    value = np.array([worth.get(row["customer_id"]) for row in rows], dtype=float)
    if not np.isfinite(kept).any():
        return {}
    return {
        name: value_by_attribute([row[name] for row in rows], kept, value, minimum=minimum, confidence=confidence)
        for name in ATTRIBUTES
        if any(row[name] is not None for row in rows)
    }


def all_checks(model: TrainedModel) -> list[dict[str, Any]]:
    """Every check of the model, also those that could not be made; each has name, status and message."""
    report = model.report
    found = {row["name"]: row for row in report["checks"]}
    rows = [
        found.get(name, {"name": name, "status": "skipped", "message": f"Skipped: {report['reason']}"})
        for name in CHECKS
    ]
    leaks = ", ".join(f"{name} ({strength:.2f})" for name, strength in report["leaks"])
    judged = report["result"] is not None
    rows.append(
        {
            "name": "no_leak",
            "status": "failed" if leaks else "passed" if judged else "skipped",
            "message": f"Features that alone tell the future: {leaks}."
            if leaks
            else "No feature alone tells the future."
            if judged
            else f"Skipped: {report['reason']}",
        }
    )
    beats = "passed" if model.hazard is not None else "uncertain" if judged else "skipped"
    rows.append({"name": "beats_baseline", "status": beats, "message": model.reason})
    return rows
