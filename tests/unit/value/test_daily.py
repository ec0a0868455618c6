"""All tables of a day: the model is used where it earned it, trained once for the same data, and compared openly."""

import dataclasses
import datetime as dt
import hashlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from naruki.policy import read_rows, read_settings
from naruki.value import ValueInputs, ValuePolicy, value_day
from naruki.value.daily import rescore
from naruki.value.pipeline import PARAMETERS

SENTENCES = {
    "up_en": "{label} {value} good",
    "down_en": "{label} {value} bad",
    "up_ja": "{label}良",
    "down_ja": "{label}悪",
}
CATALOGUE = [
    {"feature": "use", "label_en": "Use", "label_ja": "利用", "transform": "identity", "value_format": "decimal"}
    | SENTENCES
]
POLICY = ValuePolicy(read_settings(), CATALOGUE, read_rows("cfg_renewal_rating"))
DAY = dt.date(2024, 6, 30)
MONTHS = 30
STARTS = [dt.date(2022 + number // 12, number % 12 + 1, 1) for number in range(MONTHS + 1)]


def inputs(customers=1200, seed=3):
    """Customers that pay month by month from 2022 on; use keeps them, support does nothing."""
    draw = np.random.default_rng(seed)
    use, start = draw.normal(size=customers), draw.integers(0, 12, customers)
    gone = start + draw.geometric(1 / (1 + np.exp(3.2 + 1.2 * use)))
    rows, churns = [], []
    for number in range(customers):
        left = STARTS[gone[number]] if gone[number] < MONTHS else None
        helped = draw.random(MONTHS) < 0.5
        for month in range(start[number], min(gone[number], MONTHS)):
            rows.append(
                {
                    "customer_id": f"C{number:04d}",
                    "as_of_month": STARTS[month],
                    "segment": "pro/month",
                    "tenure_months": month - int(start[number]),
                    "monthly_margin": 100.0,
                    "monthly_revenue": 125.0,
                    "months_to_term_end": 1,
                    "term_months": 1.0,
                    "term_end_on": STARTS[month + 1],
                    "stop_month": left,
                    "loss_month": left,
                    "use": use[number],
                    "supported_90d": bool(helped[month]),
                }
            )
        if left:
            churns.append(
                {"customer_id": f"C{number:04d}", "decided_on": left, "supported_90d": bool(draw.random() < 0.5)}
            )
    ids = sorted({row["customer_id"] for row in rows})
    rating = {"customer_id": ids[:400], "rating": [5.0] * 400, "rater": ["A"] * 400, "is_valid": [True] * 400}
    rating["rated_at"] = [dt.datetime(2024, 3, 10)] * 400
    attributes = {name: [("a", "b")[i % 2] for i in range(len(ids))] for name in ("industry", "entity_type")}
    attributes |= {name: ["x"] * len(ids) for name in ("employees_band", "acquisition_channel", "country")}
    purchases = {"customer_id": pa.array([], pa.string()), "purchased_on": pa.array([], pa.date32())}
    purchases |= {"amount": pa.array([], pa.float64()), "first_contract_on": pa.array([], pa.date32())}
    tables = (pa.Table.from_pylist(rows), pa.table(purchases), pa.Table.from_pylist(churns), pa.table(rating))
    return ValueInputs(*tables, pa.table({"customer_id": ids} | attributes))


@pytest.fixture(scope="module")
def known():
    return inputs()


@pytest.fixture(scope="module")
def found(known):
    return value_day(known, POLICY, DAY, version="1")


def test_a_model_that_beats_the_baseline_serves_with_reasons_in_both_languages(found):
    assert found.model.hazard is not None, found.model.reason
    rows = found.tables["value_prediction"]
    seasoned = rows.filter(pc.equal(rows["method"], "hazard"))
    assert seasoned.num_rows > 300
    assert pc.all(pc.match_substring(seasoned["reason_1_en"].drop_null(), "Use")).as_py()
    assert pc.all(seasoned["is_promoted"]).as_py()
    assert pc.all(pc.greater(seasoned["ltv_se"], 0)).as_py()


def test_day_is_scored_again_by_the_model_that_served_then_and_the_same_data_give_the_same(known, found):
    again = rescore(known, POLICY, DAY, found.tables["value_model"])
    assert again.equals(found.tables["value_prediction"])
    # Twice the margin, told late: twice the value by the same model.
    panel = known.panel
    margin = pc.multiply(panel["monthly_margin"], 2)
    late = dataclasses.replace(
        known, panel=panel.set_column(panel.column_names.index("monthly_margin"), "monthly_margin", margin)
    )
    corrected = rescore(late, POLICY, DAY, found.tables["value_model"])
    ratio = np.array(corrected["ltv_mean"].to_pylist(), float) / np.array(again["ltv_mean"].to_pylist(), float)
    assert np.nanmedian(ratio) == pytest.approx(2, rel=0.02)


def test_every_table_carries_its_day(found):
    assert len(found.tables) == 7
    for name, table in found.tables.items():
        assert set(table["as_of_date"].to_pylist()) == {DAY}, name


def test_the_same_data_and_policy_are_trained_once(known, found):
    stored = {"stored_model": found.tables["value_model"], "stored_backtest": found.tables["value_backtest"]}
    again = value_day(known, POLICY, DAY + dt.timedelta(days=5), version="1", **stored)
    assert found.is_trained
    assert not again.is_trained
    assert again.model.version == found.model.version
    columns = ["customer_id", "ltv_mean", "renewal_p"]
    assert again.tables["value_prediction"].select(columns).equals(found.tables["value_prediction"].select(columns))
    assert value_day(known, POLICY, DAY, version="2", **stored).is_trained


def test_past_quarters_are_told_with_deciles_beside_the_naive(found):
    rows = found.tables["value_backtest"].to_pylist()
    totals = [row for row in rows if row["decile"] is None]
    assert {row["method"] for row in totals} == {
        "model",
        "retention_curve",
        "segment_retention",
        "past_spend",
    }
    assert len({row["cut_month"] for row in totals}) == 4
    assert all(row["coverage_implied"] is not None for row in totals if row["method"] == "model")
    assert sum(row["decile"] is not None for row in rows) == 10 * len(totals)


def test_support_that_does_nothing_shows_no_difference(found):
    rows = {row["measure"]: row for row in found.tables["supported_association"].to_pylist()}
    assert rows["adjusted_difference"]["low"] < 0.05
    assert rows["adjusted_difference"]["high"] > -0.05
    assert "association" in rows["adjusted_difference"]["note"]
    assert rows["overlap"]["value"] > 0.9


def test_ratings_stand_beside_the_model_and_are_calibrated_once_terms_have_ended(found):
    rated = [row for row in found.tables["renewal_likelihood"].to_pylist() if row["human_rating"] is not None]
    assert {row["human_p"] for row in rated} == {0.97}
    people = [row for row in found.tables["renewal_calibration"].to_pylist() if row["source"] == "person"]
    given = {row["group_name"]: row for row in people}
    assert given["rating 5"]["n"] > 50
    assert 0.8 < given["rating 5"]["renewed"] <= 1
    assert given["rating 1"]["is_published"] is False


def test_every_check_has_a_status_and_a_sentence(found):
    assert {check["status"] for check in found.checks} <= {"passed", "uncertain", "failed", "skipped"}
    assert all(check["message"] for check in found.checks)
    assert next(check for check in found.checks if check["name"] == "no_leak")["status"] == "passed"


def test_a_model_stored_by_another_version_is_trained_anew_and_the_run_says_so(known, found):
    """Older homes hold parameters without a layout, or with other names: they failed with KeyError 'slopes'."""
    told = found.tables["value_model"]
    parameters = json.loads(told["parameters"][0].as_py())
    del parameters["layout"], parameters["growth"]
    place = told.column_names.index("parameters")
    old = told.set_column(place, "parameters", pa.array([json.dumps(parameters)]))
    backtest = found.tables["value_backtest"].drop_columns(["auc"])  # tables of an older version have other columns
    again = value_day(known, POLICY, DAY, version="1", stored_model=old, stored_backtest=backtest)
    assert again.is_trained
    assert "layout 1" in again.why_trained
    assert again.model.to_json() == found.model.to_json()


def test_who_changes_what_is_stored_raises_its_layout(found):
    """These are the names of layout 4: if this fails, raise `PARAMETERS` and write the new names here."""
    stored = json.loads(found.model.to_json())
    assert PARAMETERS == stored["layout"] == 4
    told = hashlib.sha256(" ".join(sorted(names_in(stored, {"params", "churn", "segments", "report"}))).encode())
    assert told.hexdigest()[:8] == "13a476eb"


def names_in(stored, skipped, path=""):
    """Every name of nested mappings, but not what is below names that data give."""
    for name, value in stored.items():
        yield f"{path}.{name}"
        if isinstance(value, dict) and name not in skipped:
            yield from names_in(value, skipped, f"{path}.{name}")
