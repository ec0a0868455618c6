"""Value as of a day, cohorts and rates by attribute; what happens later changes nothing of it."""

import math

import pytest

from tests.models.warehouse import build_warehouse, connect, land_rows, run_dbt

AS_OF = "2024-12-31"
MARTS = (
    "mart_segment_retention",
    "mart_value_baseline",
    "mart_customer_value",
    "mart_cohort_retention",
    "mart_revenue_retention",
    "mart_retention_by_attribute",
)
SELECTED = tuple(f"+{mart}" for mart in MARTS)


def terms(customer, amount=10000, interval="month", start="2024-01-10 00:00", **more):
    row = {"subscription_id": f"s-{customer}", "customer_id": customer, "status": "active", "unit_amount_minor": amount}
    row |= {"currency": "JPY", "billing_interval": interval, "plan_tier": "pro", "started_at": start}
    return row | more


def invoice(key, amount, issued, paid, **more):
    row = {"invoice_id": key, "customer_id": "stays", "currency": "JPY", "status": "paid", "amount_minor": amount}
    return row | {"issued_at": issued, "paid_at": paid} | more


def refund(key, amount, at):
    return {"refund_id": key, "customer_id": "stays", "currency": "JPY", "amount_minor": amount, "refunded_at": at}


def stays(amount, term_end, updated):
    """The source overwrites this row and states no effective_at."""
    return terms("stays", amount, start="2023-11-10 00:00", updated_at=updated, current_term_end_at=term_end)


GOING = {"start": "2024-10-10 00:00", "cancel_requested_at": "2024-12-20 00:00"}
YEARLY_TERMS = ("yearly", 240000, "year", "2023-12-10 00:00")
ROWS = {
    "customers": [
        {
            "customer_id": name,
            "signed_up_at": "2023-11-01 00:00",
            "industry": "retail",
            "updated_at": "2023-11-01 00:00",
        }
        for name in ("stays", "left", "yearly", "fresh", "going", "trying")
    ],
    "subscriptions": [
        stays(10000, "2025-01-10 00:00", "2023-11-10 00:00"),
        terms("left", start="2023-11-10 00:00", status="canceled", ended_at="2024-07-10 00:00"),
        terms(*YEARLY_TERMS, current_term_end_at="2025-12-10 00:00"),
        terms("fresh", start="2024-12-05 00:00"),
        terms("going", **GOING, current_term_end_at="2025-01-10 00:00"),
        terms("trying", start="2024-12-20 00:00", status="trialing", is_trial=True),
    ],
    "invoices": [
        invoice("i1", 10000, "2023-11-20 00:00", "2023-11-20 00:00"),
        invoice("i2", 30000, "2024-06-10 00:00", "2024-06-10 00:00", fee_minor=1000),
        invoice("i3", 10000, "2024-12-20 00:00", None, status="open"),
    ],
    "refunds": [refund("r1", 4000, "2024-08-01 00:00")],
}
# Renewed, dearer, paid late, given back, gone, joined, converted, in another industry: all of it after the day.
LATER = {
    "customers": [
        {"customer_id": "newcomer", "signed_up_at": "2025-01-05 00:00"},
        {
            "customer_id": "stays",
            "signed_up_at": "2023-11-01 00:00",
            "industry": "media",
            "updated_at": "2025-01-09 00:00",
        },
    ],
    "subscriptions": [
        stays(15000, "2025-03-10 00:00", "2025-01-20 00:00"),
        terms(*YEARLY_TERMS, status="canceled", cancel_requested_at="2025-02-01 00:00", ended_at="2025-02-20 00:00"),
        terms("fresh", start="2024-12-05 00:00", quantity=4, effective_at="2025-01-15 00:00"),
        terms("going", **GOING, status="canceled", ended_at="2025-01-06 00:00"),
        terms("trying", start="2024-12-20 00:00", effective_at="2025-01-03 00:00"),
        terms("left", subscription_id="s-left-2", start="2025-01-10 00:00"),
        terms("newcomer", start="2025-01-05 00:00"),
    ],
    "invoices": [invoice("i3", 10000, "2024-12-20 00:00", "2025-01-04 00:00")],
    "refunds": [refund("r2", 9000, "2025-01-10 00:00")],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What the marts held as of the day before and after the later events, and a connection."""
    home = tmp_path_factory.mktemp("value")
    first = build_warehouse(home, ROWS, *SELECTED, as_of=AS_OF)
    before = {mart: rows_of(first, mart) for mart in MARTS}
    first.close()
    land_rows(home, LATER, "load-2", "2030-02-01 00:00:00")
    run_dbt(home, "run", "--select", *SELECTED, as_of=AS_OF)
    connection = connect(home)
    return before, {mart: rows_of(connection, mart) for mart in MARTS}, connection


def rows_of(warehouse, mart):
    return sorted(warehouse.execute(f"select * from {mart}").fetchall(), key=str)


def value(warehouse, customer, columns):
    return warehouse.execute(f"select {columns} from mart_customer_value where customer_id = ?", [customer]).fetchone()


@pytest.mark.parametrize("mart", MARTS)
def test_what_happens_later_changes_no_row_of_the_day_and_a_rerun_doubles_none(built, mart):
    before, after, _ = built
    assert before[mart]
    assert after[mart] == before[mart]


# Month to month, paying at the start and at the end, December 2023 to December 2024:
# monthly: stays 13 of 13; left 8 starts (December to July), 7 ends; going 2 of 2 (November, December) = 22 of 23.
# yearly: 12 of 12 (January to December). All: 34 of 35.
OVERALL = (34 + 0.98 * 60) / (35 + 60)
MONTHLY = (22 + OVERALL * 100) / (23 + 100)
YEARLY = (12 + OVERALL * 100) / (12 + 100)


def test_retention_of_a_segment_leans_on_all_and_all_lean_on_the_prior(built):
    columns = "plan_tier, interval_group, customer_months, stayed, monthly_retention"
    found = built[2].execute(f"select {columns} from mart_segment_retention order by customer_months").fetchall()
    assert [row[:4] for row in found] == [("pro", "year", 12, 12), ("pro", "month", 23, 22), ("*", "*", 35, 34)]
    assert [row[4] for row in found] == pytest.approx([YEARLY, MONTHLY, OVERALL])


def test_ltv_is_the_discounted_margin_of_36_months_and_its_quantiles_are_those_of_the_month_of_churn(built):
    # 10000 x 0.8 a month, paid in advance, discounted by 10 % a year.
    discount = 1.1 ** (-1 / 12)
    mean = sum(8000 * MONTHLY ** (k - 1) * discount**k for k in range(1, 37))

    def quantile(level):
        months = min(36, max(1, math.ceil(math.log(1 - level) / math.log(MONTHLY))))
        return sum(8000 * discount**k for k in range(1, months + 1))

    expected = [10000, mean, quantile(0.1), quantile(0.5), quantile(0.9)]
    found = value(built[2], "stays", "mrr, ltv_mean, ltv_p10, ltv_p50, ltv_p90, method, prior_only, lifecycle_stage")
    assert [float(number) for number in found[:5]] == pytest.approx(expected, abs=0.01)
    assert found[5:] == ("segment_retention", False, "active")


def test_likelihood_of_renewal_is_retention_over_the_whole_term(built):
    assert value(built[2], "stays", "renewal_p")[0] == pytest.approx(MONTHLY)
    low, middle, high = value(built[2], "yearly", "renewal_p_low, renewal_p, renewal_p_high")
    assert middle == pytest.approx(YEARLY**12)
    assert low < middle < high < 1


def test_after_notice_the_value_ends_with_the_term(built):
    # Ten days of the term are left: one more month of 8000, discounted.
    found = value(built[2], "going", "ltv_mean, ltv_p10, ltv_p90, renewal_p, method, lifecycle_stage")
    assert [float(number) for number in found[:3]] == pytest.approx([8000 * 1.1 ** (-1 / 12)] * 3, abs=0.01)
    assert found[3:] == (0.0, "notice_given", "at_risk")


def test_the_value_says_in_a_sentence_what_it_rests_on(built):
    percent = f"{100 * MONTHLY:.1f}"
    assert value(built[2], "stays", "reason_1_en, reason_1_ja") == (
        f"Of customers on pro, monthly, {percent} % stay from month to month",
        f"pro・月契約の顧客は毎月 {percent} % が継続",
    )
    assert value(built[2], "going", "reason_1_en") == ("Gave notice; the term ends on 2025-01-10",)


def test_newcomers_rest_on_the_prior_and_trials_have_no_value_yet(built):
    assert value(built[2], "fresh", "prior_only, lifecycle_stage, tenure_days") == (True, "onboarding", 26)
    assert value(built[2], "trying", "ltv_mean, method, lifecycle_stage") == (None, "never_paid", "trial")
    assert value(built[2], "left", "ltv_mean, renewal_p, method, lifecycle_stage") == (0, None, "not_paying", "churned")


def test_the_end_of_a_term_is_that_of_the_day_whatever_was_renewed_since(built):
    found = [str(value(built[2], name, "term_end_on")[0]) for name in ("stays", "yearly", "fresh")]
    assert found == ["2025-01-10", "2025-12-10", "2025-01-05"]


def test_historical_margin_by_hand_and_unknown_without_a_feed_of_work(built):
    # 10000 of November 2023 lie before the twelve months; the invoice of December is not paid yet.
    found = value(
        built[2], "stays", "collected, refunds, fees, net_revenue, revenue_12m, gross_margin, gross_margin_12m"
    )
    assert [float(number) for number in found] == [40000, 4000, 1000, 36000, 26000, 28000, 20000]
    assert value(built[2], "stays", "historical_margin, cost_to_serve, is_effort_unknown") == (None, None, True)
    assert value(built[2], "left", "collected, revenue_12m") == (0, 0)


def test_a_cohort_keeps_who_stays_and_counts_nobody_above_its_start(built):
    # November 2023: stays and left, 10000 each; left is gone in July 2024, eight months later.
    columns = "months_since, customers, customers_paying, revenue_at_start, revenue_now, grr, nrr"
    found = built[2].execute(
        f"select {columns} from mart_cohort_retention"
        " where cohort_month = date '2023-11-01' and months_since in (0, 7, 8, 13) order by 1"
    )
    assert found.fetchall() == [
        (0, 2, 2, 20000, 20000, 1, 1),
        (7, 2, 2, 20000, 20000, 1, 1),
        (8, 2, 1, 20000, 10000, 0.5, 0.5),
        (13, 2, 1, 20000, 10000, 0.5, 0.5),
    ]


def test_groups_too_small_to_publish_show_their_size_only(built):
    # Paying at the end of December 2023: stays, left and yearly.
    columns = "customers, customers_stayed, repeat_rate, is_published"
    found = built[2].execute(f"select {columns} from mart_retention_by_attribute where attribute = 'industry'")
    assert found.fetchall() == [(3, None, None, False)]
