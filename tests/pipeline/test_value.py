"""The value of customers, from the sources to the published tables, on the smallest sample company."""

import json

import duckdb
import pyarrow.parquet as pq
import pytest

DAY = "2026-10-31"


@pytest.fixture(scope="module")
def truth(sample):
    return pq.read_table(sample.sources / "_truth" / "customers.parquet").to_pandas().set_index("customer_id")


@pytest.fixture(scope="module")
def values(sample):
    with sample.published() as connection:
        query = "select * from mart_customer_value_current where is_paying"
        return connection.execute(query).df().set_index("customer_id").astype({"ltv_mean": float})


def test_every_paying_customer_has_a_value_with_its_range_and_a_reason_in_two_languages(values):
    assert len(values) > 100
    for column in ("ltv_mean", "ltv_p10", "ltv_p50", "ltv_p90", "ltv_naive", "renewal_p", "reason_1_en", "reason_1_ja"):
        assert values[column].notna().all(), column
    assert (values.ltv_p10 <= values.ltv_p50).all()
    assert (values.ltv_p50 <= values.ltv_p90).all()
    assert values.renewal_p.between(0, 1).all()


def test_with_too_few_losses_retention_curves_serve_and_say_so(sample, values):
    [(method, promoted, reason)] = sample.rows("select method, is_promoted, reason from value_model")
    assert (method, promoted) == ("segment_retention", False)
    assert "losses" in reason
    assert set(values.method) <= {"segment_retention", "notice_given"}


def test_the_model_is_stored_with_its_parameters_and_what_it_was_trained_on(sample):
    [(parameters, first, last, trained_on)] = sample.rows(
        "select parameters, first_month, last_month, panel_hash from value_model"
    )
    stored = json.loads(parameters)
    assert stored["churn"][""] > 0
    assert (first, last) == ("2024-11", "2026-09")
    assert trained_on in stored["version"]


def test_who_gave_notice_is_worth_what_is_left_of_the_term(values):
    leaving = values[values.method == "notice_given"]
    assert (leaving.renewal_p == 0).all()
    assert (leaving.ltv_p10 == leaving.ltv_p90).all()


def test_checks_that_cannot_be_made_are_skipped_and_say_why(sample):
    checks = dict(sample.rows("select check_name, evidence from data_quality where table_name = 'value_model'"))
    assert set(checks) >= {"calibration_slope", "ece10", "total_value", "decile_value", "coverage", "beats_baseline"}
    assert all(checks[name].startswith("Skipped") for name in ("calibration_slope", "total_value", "coverage"))


def test_past_quarters_are_compared_with_what_came_beside_the_naive_baseline(sample):
    rows = sample.rows("select cut_month, method, predicted, actual from value_backtest where decile is null")
    assert {method for _, method, _, _ in rows} == {"retention_curve", "segment_retention", "past_spend"}
    assert len({cut for cut, *_ in rows}) == 4
    for cut, method, predicted, actual in rows:
        assert predicted == pytest.approx(actual, rel=0.15), (cut, method)


def test_support_before_leaving_is_called_an_association(sample):
    notes = [note for (note,) in sample.rows("select distinct note from supported_association")]
    assert notes
    assert all("cause" in note or "compare" in note or "loss" in note.lower() for note in notes)


def test_a_rating_stands_beside_the_likelihood_of_renewal(sample):
    told = "human_p, renewal_p, difference, agreement"
    rows = sample.rows(f"select {told} from renewal_likelihood where human_rating is not null")
    assert rows
    for human, modelled, difference, agreement in rows:
        assert difference == pytest.approx(human - modelled)
        assert (agreement == "agree") == (abs(difference) < 0.15)


def test_rates_of_few_are_not_published(sample):
    assert sample.value("select count(*) from value_by_attribute where customers < 5 and rate is not null") == 0
    assert sample.value("select count(*) from value_by_attribute where is_published") > 5


def test_growth_and_value_reach_what_decisions_read(sample):
    assert sample.value("select count(ltv_se) from mart_customer_facts_current where is_paying") > 100


def test_value_is_near_the_truth(values, truth):
    """150 customers with some 20 losses behind them: the total is known to about a fifth, the ranking well."""
    both = values.join(truth[["expected_margin_36m_jpy"]], how="inner")
    assert len(both) > 100
    total = both.ltv_mean.sum() / both.expected_margin_36m_jpy.sum()
    assert 0.8 < total < 1.2
    assert both.ltv_mean.corr(both.expected_margin_36m_jpy, method="spearman") > 0.9


def test_the_panel_holds_nothing_of_who_has_given_notice(sample):
    with duckdb.connect(str(sample.home / "warehouse.duckdb"), read_only=True) as connection:
        late = connection.execute("""
            select count(*) from int_value__panel as panel
            join fct_churn_event as churn on panel.customer_id = churn.customer_id
            join int_calendar__months as months on panel.as_of_month = months.month_start_date
            where churn.notice_at < months.measured_at and churn.ended_at >= months.measured_at
        """).fetchone()[0]
    assert late == 0
