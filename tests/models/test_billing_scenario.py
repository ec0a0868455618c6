"""Thirteen subscriptions whose monthly recurring revenue and movements are worked out by hand.

Days close in Tokyo: midnight UTC is nine in the morning there. The yen has no minor unit, so amounts are plain yen
unless said otherwise; the rates of the euro are landed, so those of the seed are not used.
"""

from datetime import date

import pytest

from tests.models.warehouse import build_warehouse

AS_OF = "2025-03-31"


def terms(customer, amount, interval="month", start="2024-01-10 00:00", **more):
    """One row of subscriptions of the customer's only subscription."""
    row = {"subscription_id": f"s-{customer}", "customer_id": customer, "status": "active", "unit_amount_minor": amount}
    row |= {"currency": "JPY", "billing_interval": interval, "started_at": start}
    return row | more


SUBSCRIPTIONS = [
    terms("quantity", 1000, quantity=2),
    terms("quantity", 1000, quantity=5, effective_at="2024-04-15 00:00"),
    # Notice in June, paid until February: the year's end is what the source states.
    terms(
        "annual",
        120000,
        "year",
        "2024-02-05 00:00",
        status="canceled",
        cancel_requested_at="2024-06-20 03:00",
        current_term_end_at="2025-02-05 00:00",
        ended_at="2025-02-05 00:00",
    ),
    terms("weekly", 1000, "week", discount_minor=100, discount_duration="forever"),
    terms("trial", 3000, start="2024-03-20 00:00", status="trialing", is_trial=True),
    terms("trial", 3000, start="2024-03-20 00:00", effective_at="2024-04-03 00:00"),
    terms("midmonth", 4000, status="canceled", cancel_requested_at="2024-05-14 01:00", ended_at="2024-05-14 01:00"),
    # The source overwrites its row and states no effective_at.
    terms("inplace", 5000, updated_at="2024-01-10 00:00"),
    terms("inplace", 6000, updated_at="2024-07-08 00:00"),
    terms("toannual", 60, start="2024-02-01 00:00"),
    terms("toannual", 600, "year", "2024-02-01 00:00", effective_at="2024-06-01 00:00"),
    terms("pastdue", 7000),
    terms("pastdue", 7000, effective_at="2024-08-10 00:00", status="past_due"),
    terms("pastdue", 7000, effective_at="2024-10-10 00:00", status="unpaid"),
    terms("daily", 100, "day"),
    terms("euro", 2000, start="2024-03-10 00:00", currency="EUR"),
    terms("euro", 2000, start="2024-03-10 00:00", currency="EUR", quantity=2, effective_at="2024-06-10 00:00"),
    terms("euro", 2000, start="2024-03-10 00:00", currency="EUR", quantity=3, effective_at="2024-08-10 00:00"),
    terms("back", 8000, status="canceled", ended_at="2024-04-10 00:00"),
    terms("back", 8000, start="2024-09-10 00:00", subscription_id="s-back-2"),
    terms("incomplete", 9000, status="incomplete"),
    terms("quarterly", 30000, "quarter", discount_minor=3000, discount_duration="repeating"),
    terms("quarterly", 30000, "quarter", effective_at="2024-07-10 00:00"),
]
RATES = [
    {"rate_date": date(2024, 1, 4), "currency": "EUR", "rate_to_reporting": 160.0},
    {"rate_date": date(2024, 5, 20), "currency": "EUR", "rate_to_reporting": 170.0},
    {"rate_date": date(2024, 7, 1), "currency": "EUR", "rate_to_reporting": 165.0},
    {"rate_date": date(2024, 8, 15), "currency": "EUR", "rate_to_reporting": 180.0},
]
CUSTOMERS = sorted({row["customer_id"] for row in SUBSCRIPTIONS})
ROWS = {
    "customers": [{"customer_id": name, "signed_up_at": "2024-01-01 00:00"} for name in CUSTOMERS]
    # The newest event of the data: 31 March 2025 in Tokyo.
    + [{"customer_id": "last", "signed_up_at": "2025-03-31 14:00"}],
    "subscriptions": SUBSCRIPTIONS,
    "fx_rates": RATES,
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    selected = ("+fct_churn_event", "+fct_mrr_movement", "+fct_subscription_interval", "+mart_revenue_retention")
    return build_warehouse(tmp_path_factory.mktemp("scenario"), ROWS, *selected, as_of=AS_OF)


def mrr(warehouse, customer, first="2024-01", last="2025-03"):
    """MRR at the end of each month in the customer's own currency, months without a row left out."""
    found = warehouse.execute(
        "select amount_original_minor from fct_mrr_movement where kind = 'closing' and customer_id = ?"
        " and strftime(month_start_date, '%Y-%m') between ? and ? order by month_start_date",
        [customer, first, last],
    )
    return [amount for (amount,) in found.fetchall()]


def movements(warehouse, customer):
    """(month, kind, amount in yen) of all that moved, in order."""
    return warehouse.execute(
        "select strftime(month_start_date, '%Y-%m'), kind, amount_minor from fct_mrr_movement"
        " where kind not in ('opening', 'closing') and customer_id = ? order by month_start_date, kind_order",
        [customer],
    ).fetchall()


def test_more_seats_are_an_expansion_from_the_month_they_were_added(warehouse):
    assert mrr(warehouse, "quantity", last="2024-05") == [2000, 2000, 2000, 5000, 5000]
    assert movements(warehouse, "quantity") == [("2024-01", "new", 2000), ("2024-04", "expansion", 3000)]


def test_an_annual_plan_counts_a_twelfth_and_churns_at_its_terms_end_not_at_notice(warehouse):
    # February 2024 to January 2025 are twelve months of 10,000; the notice of June moves nothing.
    assert mrr(warehouse, "annual") == [10000] * 12 + [0, 0]
    assert movements(warehouse, "annual") == [("2024-02", "new", 10000), ("2025-02", "churn", -10000)]


def test_a_weekly_coupon_is_taken_off_once_a_week(warehouse):
    # (1000 - 100) x 52 / 12 = 3900; taken off twice it would be 3467.
    assert set(mrr(warehouse, "weekly")) == {3900}


def test_a_trial_is_no_revenue_until_it_converts(warehouse):
    assert movements(warehouse, "trial") == [("2024-04", "new", 3000)]
    statuses = warehouse.execute(
        "select status, mrr_minor, change_reason, excluded_because from fct_subscription_interval"
        " where customer_id = 'trial' order by valid_from_at"
    ).fetchall()
    assert statuses == [("trialing", 0, "trial_started", "trial"), ("active", 3000, "trial_converted", None)]


def test_a_subscription_cancelled_in_mid_month_is_gone_at_that_months_end(warehouse):
    assert mrr(warehouse, "midmonth", last="2024-06") == [4000, 4000, 4000, 4000, 0, 0]
    assert movements(warehouse, "midmonth") == [("2024-01", "new", 4000), ("2024-05", "churn", -4000)]


def test_a_price_raised_in_place_is_not_carried_back(warehouse):
    assert mrr(warehouse, "inplace", last="2024-08") == [5000] * 6 + [6000] * 2
    assert movements(warehouse, "inplace") == [("2024-01", "new", 5000), ("2024-07", "expansion", 1000)]


def test_monthly_60_to_annual_600_is_a_contraction_to_50(warehouse):
    assert mrr(warehouse, "toannual", last="2024-07") == [60, 60, 60, 60, 50, 50]
    assert movements(warehouse, "toannual") == [("2024-02", "new", 60), ("2024-06", "contraction", -10)]


def test_past_due_still_counts_and_unpaid_does_not(warehouse):
    assert mrr(warehouse, "pastdue", last="2024-11") == [7000] * 9 + [0, 0]
    assert movements(warehouse, "pastdue") == [("2024-01", "new", 7000), ("2024-10", "churn", -7000)]


def test_a_failed_payment_is_involuntary_and_a_notice_is_the_customers_decision(warehouse):
    found = warehouse.execute(
        "select customer_id, strftime(ended_at, '%Y-%m-%d'), strftime(notice_at, '%Y-%m-%d'), mrr_lost_minor,"
        " is_voluntary, reason from fct_churn_event order by customer_id"
    ).fetchall()
    assert found == [
        ("annual", "2025-02-05", "2024-06-20", 10000, True, "unknown"),
        # No notice and no invoices: whose decision it was is not known.
        ("back", "2024-04-10", None, 8000, None, "unknown"),
        ("midmonth", "2024-05-14", "2024-05-14", 4000, True, "unknown"),
        ("pastdue", "2024-10-10", None, 7000, False, "payment_failure"),
    ]


def test_a_daily_plan_is_365_days_over_12_months(warehouse):
    # 100 x 365 / 12 = 3041.67, rounded once.
    assert set(mrr(warehouse, "daily")) == {3042}


def test_what_the_currency_does_is_fx_and_what_the_customer_does_is_a_movement(warehouse):
    assert mrr(warehouse, "euro", last="2024-08") == [2000, 2000, 2000, 4000, 4000, 6000]
    assert movements(warehouse, "euro") == [
        ("2024-03", "new", 3200),  # 20 x 160
        ("2024-05", "fx", 200),  # 20 x 170 - 20 x 160
        ("2024-06", "expansion", 3400),  # (40 - 20) x 170
        ("2024-07", "fx", -200),  # 40 x (165 - 170)
        ("2024-08", "expansion", 3300),  # (60 - 40) x 165, the rate at the start
        ("2024-08", "fx", 900),  # 60 x (180 - 165)
    ]


def test_gone_and_back_after_five_months_is_a_reactivation_not_an_expansion(warehouse):
    assert mrr(warehouse, "back", last="2024-10") == [8000] * 3 + [0] * 5 + [8000] * 2
    assert movements(warehouse, "back") == [
        ("2024-01", "new", 8000),
        ("2024-04", "churn", -8000),
        ("2024-09", "reactivation", 8000),
    ]


def test_an_incomplete_subscription_never_counts(warehouse):
    assert mrr(warehouse, "incomplete") == []


def test_a_repeating_discount_reduces_a_quarterly_plan_as_long_as_its_terms_carry_it(warehouse):
    # (30000 - 3000) / 3 = 9000, then 30000 / 3 = 10000.
    assert mrr(warehouse, "quarterly", last="2024-08") == [9000] * 6 + [10000] * 2
    assert movements(warehouse, "quarterly") == [("2024-01", "new", 9000), ("2024-07", "expansion", 1000)]


def test_the_whole_company_closes_with_what_still_stands(warehouse):
    # quantity 5000, weekly 3900, trial 3000, inplace 6000, toannual 50, daily 3042, euro 60 x 180 = 10800, back 8000,
    # quarterly 10000.
    total = warehouse.execute(
        "select sum(amount_minor)::bigint from fct_mrr_movement"
        " where kind = 'closing' and month_start_date = date '2025-03-01'"
    ).fetchone()
    assert total == (49792,)


def test_retention_of_twelve_months_by_hand(warehouse):
    # Paying at the end of March 2024, in yen at that day's rate: quantity 2000, annual 10000, weekly 3900,
    # midmonth 4000, inplace 5000, toannual 60, pastdue 7000, daily 3042, euro 3200, back 8000 (ends in April),
    # quarterly 9000 = 55202. A year later: 5000 + 0 + 3900 + 0 + 6000 + 50 + 0 + 3042 + 60 x 160 + 8000 + 10000
    # = 45592; the trial joined later.
    # Kept, nobody above the start: 2000 + 3900 + 5000 + 50 + 3042 + 3200 + 8000 + 9000 = 34192.
    found = warehouse.execute(
        "select revenue_prior, revenue_now, revenue_kept, customers_opening, customers_new, customers_lost,"
        " customers_returned, customers_closing, customers_lost_voluntary, customers_lost_involuntary,"
        " round(nrr, 6), round(grr, 6) from mart_revenue_retention"
        " where month_start_date = date '2025-03-01' and horizon_months = 12"
    ).fetchone()
    assert [float(value) for value in found[:3]] == [55202, 45592, 34192]
    assert found[3:10] == (11, 1, 3, 0, 9, 2, 1)
    assert found[10:] == (round(45592 / 55202, 6), round(34192 / 55202, 6))


def test_logo_churn_and_return_of_one_month(warehouse):
    found = warehouse.execute(
        "select strftime(month_start_date, '%Y-%m'), customers_opening, customers_new, customers_lost,"
        " customers_returned, customers_closing, logo_churn_rate from mart_revenue_retention"
        " where horizon_months = 1 and month_start_date in (date '2024-04-01', date '2024-09-01') order by 1"
    ).fetchall()
    # April: back leaves, the trial converts. September: back returns.
    assert found == [("2024-04", 11, 1, 1, 0, 11, 1 / 11), ("2024-09", 10, 0, 0, 1, 11, 0.0)]
