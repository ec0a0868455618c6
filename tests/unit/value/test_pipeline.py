"""From tables to published values: the model is used where it earned it, and the fallback is labelled."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from naruki.errors import NarukiError
from naruki.policy import read_rows, read_settings
from naruki.value import TrainedModel, backtest, monthly_rate, score, train
from naruki.value.asof import purchases_by, scoring_rows
from naruki.value.repeat import purchases_then
from naruki.value.tables import month_index, tenure_counts

SENTENCES = {
    "up_en": "{label} {value} good",
    "down_en": "{label} {value} bad",
    "up_ja": "{label}良",
    "down_ja": "{label}悪",
}
CATALOGUE = [
    {"feature": name, "label_en": name, "label_ja": name, "transform": "identity", "value_format": "decimal"}
    | SENTENCES
    for name in ("use", "noise")
]
SETTINGS = read_settings()
LAST = 30  # months seen


def history(customers: int = 700, effect: float = -1.2, seed: int = 1, leak: bool = False) -> pa.Table:
    """Monthly landmarks of customers that pay month by month; use drives leaving, noise does not."""
    draw = np.random.default_rng(seed)
    use, start = draw.normal(size=customers), draw.integers(0, 18, customers)
    hazard = 1 / (1 + np.exp(-(-3.0 + effect * use)))
    gone = start + draw.geometric(hazard)
    small = draw.random(customers) < 0.5
    parts = []
    for month in range(LAST):
        here = np.flatnonzero((start <= month) & (gone > month))
        lost = gone[here] <= LAST
        noise = draw.normal(size=len(here))
        parts.append(
            pa.table(
                {
                    "customer_id": [f"C{number}" for number in here],
                    "as_of_month": pa.array([dt.date(2022 + month // 12, month % 12 + 1, 1)] * len(here), pa.date32()),
                    "segment": np.where(small[here], "small", "large"),
                    "tenure_months": month - start[here],
                    "monthly_margin": np.where(small[here], 100.0, 1000.0),
                    "months_to_term_end": np.ones(len(here)),
                    "term_months": np.ones(len(here)),
                    "months_observed": np.minimum(gone[here], LAST) - month,
                    "is_lost": lost,
                    "use": use[here] + 0.1 * draw.normal(size=len(here)),
                    "noise": np.where(lost & leak, 9.0, 0.0) + noise,
                }
            )
        )
    return pa.concat_tables(parts)


@pytest.fixture(scope="module")
def panel():
    return history()


@pytest.fixture(scope="module")
def model(panel):
    return train(panel, SETTINGS, CATALOGUE, version="v1")


def scoring(panel: pa.Table, **columns) -> pa.Table:
    newest = panel.filter(pc.equal(panel["as_of_month"], pc.max(panel["as_of_month"])))
    empty = {name: pa.nulls(newest.num_rows, pa.float64()) for name in PURCHASES}
    extra = {"is_contractual": pa.array([True] * newest.num_rows)} | empty
    for name, column in extra.items():
        newest = newest.append_column(name, column)
    for name, column in columns.items():
        newest = newest.set_column(newest.column_names.index(name), name, column)
    return newest


PURCHASES = ("purchases", "recency_months", "age_months", "mean_purchase")


def test_a_model_that_beats_the_naive_baseline_on_a_time_hold_out_is_used(model):
    assert model.hazard is not None
    assert model.report["promoted"] is True
    assert model.report["cut"] == "2023-07"
    assert (model.first_month, model.last_month) == ("2022-01", "2024-06")
    ours, naive = model.report["result"]["model"], model.report["result"]["baselines"]["segment_retention"]
    assert ours["gini"] > naive["gini"]
    assert {check["name"] for check in model.report["checks"]} >= {"calibration_slope", "coverage"}


def test_without_anything_to_learn_the_naive_baseline_stays():
    found = train(history(effect=0.0, seed=2), SETTINGS, CATALOGUE, version="v1")
    assert found.hazard is None
    assert "does not beat" in found.reason
    scores = score(scoring(history(effect=0.0, seed=2)), found, SETTINGS, CATALOGUE)
    assert set(scores["method"].to_pylist()) == {"segment_retention"}
    assert all(scores["prior_only"].to_pylist())


def test_with_few_losses_the_segment_speaks_and_says_why():
    few = history(customers=40)
    found = train(few, SETTINGS, CATALOGUE, version="v1")
    assert found.hazard is None
    assert "200 are needed" in found.reason
    scores = score(scoring(few), found, SETTINGS, CATALOGUE)
    assert scores["prior_only"].to_pylist() == [True] * scores.num_rows
    assert scores["reason_1_en"].null_count == scores.num_rows
    assert np.all(np.array(scores["ltv_mean"].to_pylist()) > 0)


def test_a_feature_that_knows_the_future_keeps_the_model_out():
    found = train(history(leak=True), SETTINGS, CATALOGUE, version="v1")
    assert found.hazard is None
    assert found.report["leaks"][0][0] == "noise"
    assert "leak" in found.reason


def test_events_after_the_cut_do_not_change_what_is_trained(panel):
    """Rows of months that had not come (nothing seen after them yet) leave the model as it was, byte for byte."""
    months, seen = month_index(panel["as_of_month"]), panel["months_observed"].to_numpy()
    passed = months.min() + 20 - months
    lost = panel["is_lost"].to_numpy() & (seen <= passed)
    then = panel.set_column(7, "months_observed", pa.array(np.clip(seen, 0, np.maximum(passed, 0))))
    then = then.set_column(8, "is_lost", pa.array(lost))
    known = then.filter(pa.array(passed >= 1))
    assert known.num_rows < then.num_rows
    stored = [train(table, SETTINGS, CATALOGUE, version="v").to_json() for table in (known, then)]
    assert stored[0] == stored[1]


def test_the_order_of_rows_does_not_matter(panel, model):
    order = np.random.default_rng(0).permutation(panel.num_rows)
    other = train(panel.take(pa.array(order)), SETTINGS, CATALOGUE, version="v1")
    np.testing.assert_allclose(other.hazard.theta, model.hazard.theta, atol=1e-8)
    assert other.churn == pytest.approx(model.churn)


def test_stored_model_scores_the_same(panel, model):
    again = TrainedModel.from_json(model.to_json())
    json.loads(model.to_json())
    table = scoring(panel)
    assert score(table, again, SETTINGS, CATALOGUE).equals(score(table, model, SETTINGS, CATALOGUE))


def test_every_customer_gets_one_row_in_order_with_ordered_numbers(panel, model):
    table = scoring(panel)
    scores = score(table, model, SETTINGS, CATALOGUE)
    assert scores["customer_id"].to_pylist() == table["customer_id"].to_pylist()
    p10, p50, p90 = (np.array(scores[name].to_pylist()) for name in ("ltv_p10", "ltv_p50", "ltv_p90"))
    assert np.all((p10 <= p50) & (p50 <= p90))
    low, p, high = (np.array(scores[name].to_pylist()) for name in ("renewal_p_low", "renewal_p", "renewal_p_high"))
    assert np.all((low <= p) & (p <= high) & (low >= 0) & (high <= 1))
    steady = np.array(table["monthly_margin"].to_pylist()) * 36
    assert np.all(np.array(scores["ltv_mean"].to_pylist()) < steady)  # finite horizon, discounted
    assert min(scores["n_effective"].to_pylist()) > 1
    assert set(scores["model_version"].to_pylist()) == {"v1"}


def test_reasons_name_what_moves_the_customer_in_both_languages(panel, model):
    table = scoring(panel)
    scores = score(table, model, SETTINGS, CATALOGUE)
    use = np.array(table["use"].to_pylist())
    seasoned = np.array(scores["method"].to_pylist()) == "hazard"
    busiest = int(np.argmax(np.where(seasoned, use, -np.inf)))
    assert scores["reason_1_en"][busiest].as_py() == f"use {use[busiest]:.1f} good"
    assert scores["reason_1_ja"][busiest].as_py() == "use良"


def test_new_customers_get_the_value_of_their_segment(panel, model):
    table = scoring(panel)
    scores = score(table, model, SETTINGS, CATALOGUE)
    young = np.array(table["tenure_months"].to_pylist()) < int(SETTINGS["value_cold_start_months"])
    table = scoring(panel, tenure_months=pa.array([0] * table.num_rows))
    fresh = score(table, model, SETTINGS, CATALOGUE)
    assert list(np.array(scores["prior_only"].to_pylist())) == list(young)
    assert set(fresh["method"].to_pylist()) == {"segment_retention"}
    large = pc.equal(table["segment"], "large")
    assert len(set(fresh.filter(large)["ltv_mean"].to_pylist())) == 1


def test_what_is_unknown_stays_unknown(panel, model):
    count = scoring(panel).num_rows
    nothing = pa.nulls(count, pa.float64())
    scores = score(scoring(panel, monthly_margin=nothing, months_to_term_end=nothing), model, SETTINGS, CATALOGUE)
    for name in ("ltv_mean", "ltv_p10", "ltv_naive", "renewal_p", "renewal_p_low", "renewal_month"):
        assert scores[name].null_count == count
    assert scores["n_effective"].null_count == 0


def buyers(count: int, leave: float, seed: int = 4) -> pa.Table:
    """Purchase days over 36 months of customers with unlike rates who silently stop after `leave` months on average."""
    draw = np.random.default_rng(seed)
    first = np.datetime64("2021-01-01")
    rows = []
    for number, rate in enumerate(np.maximum(draw.gamma(1.0, 0.3, count), 1e-3)):
        when = np.append(0.0, np.cumsum(draw.exponential(1 / rate, 200)))
        when = when[when < min(36.0, draw.exponential(leave) + 1e-9)]
        days = np.unique((when * 30.4375).astype(int))
        rows += [(f"B{number}", first + day, 50.0 * draw.lognormal(0, 0.3)) for day in days]
    ids, days, amounts = zip(*rows, strict=True)
    columns = {"customer_id": ids, "purchased_on": pa.array(np.array(days, dtype="datetime64[D]")), "amount": amounts}
    return pa.table(columns | {"first_contract_on": pa.nulls(len(ids), pa.date32())})


END = dt.date(2023, 12, 31)


def test_customers_without_a_contract_are_valued_by_their_purchases_with_reasons(panel):
    purchases = buyers(900, leave=20)
    bought, before = purchases_by(purchases, END), purchases_then(purchases, END, 12)
    found = train(panel, SETTINGS, CATALOGUE, version="v1", purchases=bought, purchases_before=before)
    assert found.bgnbd is not None, found.purchases_reason
    assert "beats" in found.purchases_reason
    rows = scoring_rows(known_panel_of(panel), dt.date(2024, 6, 30), bought)
    scores = score(rows, found, SETTINGS, CATALOGUE, read_rows("cfg_purchase_reason")).to_pandas()
    free = scores[scores.method == "bgnbd"].reset_index(drop=True)
    assert len(free) == bought.num_rows
    assert (free.ltv_p10 <= free.ltv_p90).all()
    often = np.array(bought["purchases"].to_pylist()) >= 10
    assert free.ltv_mean[often].mean() > free.ltv_mean[~often].mean() > 0
    assert free.renewal_p.isna().all()
    gone = np.array(bought["age_months"].to_pylist()) - np.array(bought["recency_months"].to_pylist()) > 24
    told = free.reason_1_en[gone & often]
    assert len(told) > 3
    assert told.str.contains("may have left").all()
    assert free.reason_1_ja.notna().mean() > 0.9


def test_purchases_that_go_on_as_so_far_are_not_given_to_a_model(panel):
    """Everybody buys every month for ever: "as so far" is already right, and says that it has no range to offer."""
    days = [np.datetime64("2021-01-01") + 30 * step + number % 28 for number in range(300) for step in range(35)]
    ids = [f"B{number}" for number in range(300) for _ in range(35)]
    never = pa.nulls(len(ids), pa.date32())
    columns = {
        "customer_id": ids,
        "purchased_on": pa.array(np.array(days, dtype="datetime64[D]")),
        "amount": [50.0] * len(ids),
    }
    purchases = pa.table(columns | {"first_contract_on": never})
    bought, before = purchases_by(purchases, END), purchases_then(purchases, END, 12)
    found = train(panel, SETTINGS, CATALOGUE, version="v1", purchases=bought, purchases_before=before)
    assert found.bgnbd is None
    assert "does not beat" in found.purchases_reason
    scores = score(scoring_rows(known_panel_of(panel), END, bought), found, SETTINGS, CATALOGUE).to_pandas()
    free = scores[scores.customer_id.str.startswith("B")]
    assert set(free.method) == {"past_spend"}
    assert (free.ltv_mean == free.ltv_naive).all()
    assert free.ltv_p10.isna().all()


def known_panel_of(panel):
    """The panel as `known_panel` leaves it, with no row of the day: only those who buy are to be valued."""
    month = pa.array(np.full(panel.num_rows, np.datetime64("2020-01-01")))
    return panel.set_column(1, "as_of_month", month)


def test_too_few_purchases_go_on_as_so_far_and_unknown_ones_stay_unknown(panel, model):
    size = scoring(panel).num_rows
    scores = score(scoring(panel, is_contractual=pa.array([False] * size)), model, SETTINGS, CATALOGUE)
    assert set(scores["method"].to_pylist()) == {"unknown"}
    assert scores["ltv_mean"].null_count == size
    few = {"purchases": [10.0] * size, "recency_months": [20.0] * size, "age_months": [20.0] * size}
    columns = {name: pa.array(values) for name, values in (few | {"mean_purchase": [50.0] * size}).items()}
    scores = score(scoring(panel, is_contractual=pa.array([False] * size), **columns), model, SETTINGS, CATALOGUE)
    assert set(scores["method"].to_pylist()) == {"past_spend"}
    # Half a purchase of 50 a month at the margin rate, over 36 discounted months.
    rate = monthly_rate(float(SETTINGS["ltv_discount_rate_yearly"]))
    expected = 0.5 * 50 * float(SETTINGS["gross_margin_rate"]) * (1 - (1 + rate) ** -36) / rate
    assert scores["ltv_mean"][0].as_py() == pytest.approx(expected)


def test_months_of_a_customer_count_once_however_many_landmarks_show_them(panel):
    from naruki.value import read_catalogue
    from naruki.value.tables import read_panel

    data, side = read_panel(panel, read_catalogue(CATALOGUE))
    at_risk, lost = tenure_counts(data, side["tenure"])
    gone = panel.filter(panel["is_lost"])
    assert lost.sum() == len(set(gone["customer_id"].to_pylist()))
    assert at_risk.sum() == panel.num_rows  # one landmark a month: each speaks for the next month


def test_no_history_at_all_gives_the_prior_and_says_so(panel):
    nothing = panel.slice(0, 0)
    found = train(nothing, SETTINGS, CATALOGUE, version="v1")
    scores = score(scoring(panel), found, SETTINGS, CATALOGUE)
    assert all(scores["prior_only"].to_pylist())
    keep = float(SETTINGS["retention_prior_monthly"])
    rate = monthly_rate(float(SETTINGS["ltv_discount_rate_yearly"]))
    expected = 100.0 * sum(keep ** (month - 1) / (1 + rate) ** month for month in range(1, 37))
    small = scores.filter(pc.equal(scoring(panel)["segment"], "small"))
    assert small["ltv_naive"][0].as_py() == pytest.approx(expected, rel=1e-6)
    assert small["ltv_mean"][0].as_py() == pytest.approx(expected, rel=0.02)


def test_backtest_says_what_it_compared(panel):
    found = backtest(panel, SETTINGS, CATALOGUE)
    assert found.cut == "2023-07"
    assert found.months == int(SETTINGS["value_holdout_months"])
    nothing = backtest(panel.slice(0, 0), SETTINGS, CATALOGUE)
    assert nothing.report is None
    assert not nothing.promotion.promoted


def test_growth_is_a_range_from_what_came_and_unknown_without_history(panel, model):
    use = panel["use"].to_numpy()
    known = panel["months_observed"].to_numpy() >= 12
    growth = np.where(use > 1.0, 0.5, 0.0)
    table = panel.append_column("revenue_growth_12m", pa.array(growth, mask=~known))
    found = train(table, SETTINGS, CATALOGUE, version="v1")
    scores = score(scoring(panel, use=pa.array(np.full(scoring(panel).num_rows, 2.5))), found, SETTINGS, CATALOGUE)
    assert scores["growth_p50"][0].as_py() == pytest.approx(0.5)
    assert TrainedModel.from_json(found.to_json()).growth.n_customers == found.growth.n_customers
    assert found.growth.n_customers == len(set(panel.filter(pa.array(known))["customer_id"].to_pylist()))
    assert score(scoring(panel), model, SETTINGS, CATALOGUE)["growth_p50"].null_count == scoring(panel).num_rows


def test_nobody_to_score_gives_an_empty_table_with_all_columns(panel, model):
    scores = score(scoring(panel).slice(0, 0), model, SETTINGS, CATALOGUE)
    assert scores.num_rows == 0
    assert scores.schema == score(scoring(panel), model, SETTINGS, CATALOGUE).schema


def test_without_money_the_chance_of_renewal_is_still_predicted(panel):
    count = panel.num_rows
    blind = panel.set_column(4, "monthly_margin", pa.nulls(count, pa.float64()))
    found = train(blind, SETTINGS, CATALOGUE, version="v1")
    assert found.hazard is not None
    scores = score(scoring(blind), found, SETTINGS, CATALOGUE)
    assert scores["ltv_mean"].null_count == scores.num_rows
    assert scores["renewal_p"].null_count == 0


def test_a_missing_column_is_named(panel, model):
    with pytest.raises(NarukiError, match="tenure_months"):
        train(panel.drop_columns(["tenure_months"]), SETTINGS, CATALOGUE, version="v1")
    with pytest.raises(NarukiError, match="changed"):
        score(scoring(panel), model, SETTINGS, CATALOGUE[:1])


def test_segments_with_long_histories_keep_their_own_curve(panel):
    """Those who use little leave more often: the curve of their segment must say so, although all lend it theirs."""
    idle = np.where(panel["use"].to_numpy() < 0, "idle", "busy")
    found = train(panel.set_column(2, "segment", pa.array(idle)), SETTINGS, CATALOGUE, version="v1")
    assert float(found.segments["idle"].survival(12)) < float(found.segments["busy"].survival(12)) - 0.2
    assert found.churn["idle"] > 2 * found.churn["busy"]
