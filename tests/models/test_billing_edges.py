"""Edges of revenue, churn and cash, each worked out by hand. Days close in Tokyo, nine hours before UTC."""

from datetime import date

import pytest

from tests.models.warehouse import build_warehouse


def terms(customer, amount, interval="month", start="2024-01-10 00:00", **more):
    row = {"subscription_id": f"s-{customer}", "customer_id": customer, "status": "active", "unit_amount_minor": amount}
    row |= {"currency": "JPY", "billing_interval": interval, "started_at": start}
    return row | more


def ended(at, **more):
    return {"status": "canceled", "ended_at": at} | more


def invoice(key, amount, issued, paid=None, **more):
    row = {"invoice_id": key, "customer_id": "cash", "currency": "JPY", "status": "paid", "amount_minor": amount}
    return row | {"issued_at": issued, "paid_at": paid} | more


def refund(key, amount, at, **more):
    row = {"refund_id": key, "invoice_id": "i1", "customer_id": "cash", "currency": "JPY", "amount_minor": amount}
    return row | {"refunded_at": at} | more


def ticket(key, customer, created):
    return {"ticket_id": key, "customer_id": customer, "status": "solved", "channel": "email", "created_at": created}


def notice(at, term_end):
    return {"cancel_requested_at": at, "current_term_end_at": term_end}


SUBSCRIPTIONS = [
    terms("metered", 500, plan_tier="metered"),
    terms("two", 3000),
    terms("two", 1000, subscription_id="s-two-b", **ended("2024-05-10 00:00")),
    terms("tester", 9000),
    terms("pauser", 2000),
    terms("pauser", 2000, effective_at="2024-05-10 00:00", status="paused"),
    terms("pauser", 2000, effective_at="2024-08-10 00:00"),
    terms("passing", 6000, start="2024-05-03 00:00", **ended("2024-05-20 00:00")),
    terms("once", 5000, discount_minor=1000, discount_duration="once"),
    terms("unsaid", 5000, discount_minor=1000),
    terms("generous", 500, discount_minor=800, discount_duration="forever"),
    # Notice is all that the source states: the year runs on until its end.
    terms("notice", 12000, "year", "2023-11-10 00:00", **notice("2024-05-01 00:00", "2024-11-10 00:00")),
    terms("leaving", 12000, "year", "2024-03-10 00:00", **notice("2024-09-01 00:00", "2025-03-10 00:00")),
    terms("norate", 1000, currency="NZD"),
    terms("mixed", 1000),
    terms("mixed", 1000, subscription_id="s-mixed-usd", currency="USD", **ended("2024-04-10 00:00")),
    terms("bimonthly", 6000, interval_count=2),
    # 15:00 UTC is midnight in Tokyo: the first ends with May, the second begins with June.
    terms("lastinstant", 1000, **ended("2024-05-31 15:00")),
    terms("firstinstant", 1000, start="2024-05-31 15:00"),
    # The end is reported six weeks after the fact, by a source that overwrites its row.
    terms("late", 4000, updated_at="2024-01-10 00:00"),
    terms("late", 4000, updated_at="2024-06-20 00:00", **ended("2024-05-10 00:00")),
    terms("switch", 1000, **ended("2024-05-10 00:00")),
    terms("switch", 1500, subscription_id="s-switch-b", start="2024-05-20 00:00"),
    terms("mistake", 7000),
    terms("mistake", 7000, _deleted_at="2030-01-02 00:00", _loaded_at="2030-01-02 00:00"),
    terms("surveyed", 3000, cancel_requested_at="2024-06-20 00:00", **ended("2024-07-10 00:00")),
    terms("card", 3000, **ended("2024-08-10 00:00")),
    terms("decided", 3000, **ended("2024-08-10 00:00")),
    terms("closing", 3000, cancel_requested_at="2024-08-01 00:00", **ended("2024-08-10 00:00")),
    terms("cash", 1000, start="2024-02-01 00:00"),
]
INVOICES = [
    invoice("i1", 11000, "2024-01-20 00:00", "2024-02-05 00:00", tax_minor=1000, fee_minor=300),
    invoice("i2", 22000, "2024-02-10 00:00", "2024-02-10 00:00", tax_minor=2000, kind="setup"),
    invoice("i3", 5000, "2024-03-01 00:00", status="void"),
    invoice("i4", 5000, "2024-03-01 00:00", status="open"),
    invoice("i5", 1000, "2024-06-15 00:00", "2024-06-15 00:00", fee_minor=40, currency="USD"),
    invoice("i6", 3000, "2024-08-01 00:00", status="uncollectible", customer_id="card"),
]
REFUNDS = [
    refund("r1", 5500, "2024-04-02 00:00"),
    refund("r2", 1100, "2024-05-03 00:00", reason="chargeback"),
]
ROWS = {
    "customers": [
        {"customer_id": name, "signed_up_at": "2023-11-05 00:00", "is_test": name == "tester"}
        for name in sorted({row["customer_id"] for row in SUBSCRIPTIONS})
    ],
    "subscriptions": SUBSCRIPTIONS,
    "invoices": INVOICES,
    "refunds": REFUNDS,
    "fx_rates": [
        {"rate_date": date(2023, 12, 1), "currency": "USD", "rate_to_reporting": 150.0},
        {"rate_date": date(2024, 6, 1), "currency": "USD", "rate_to_reporting": 155.0},
        {"rate_date": date(2024, 6, 20), "currency": "USD", "rate_to_reporting": 160.0},
    ],
    "tickets": [
        ticket("t1", "surveyed", "2024-05-01 00:00"),
        # 91 days before the end of card.
        ticket("t2", "card", "2024-05-11 00:00"),
        # The newest event of the data.
        ticket("t3", "cash", "2024-12-31 00:00"),
    ],
    "survey_responses": [
        {"response_id": "v2", "customer_id": "closing", "kind": "cancellation", "reason_code": "Out_of_business"}
        | {"responded_at": "2024-08-02 00:00"},
        {"response_id": "v1", "customer_id": "surveyed", "kind": "cancellation", "reason_code": "price"}
        | {"responded_at": "2024-06-21 00:00"},
    ],
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    selected = ("+fct_churn_event", "+fct_mrr_movement", "+fct_subscription_interval", "+int_billing__customer_month")
    return build_warehouse(tmp_path_factory.mktemp("edges"), ROWS, *selected)


def movements(warehouse, customer, column="amount_minor"):
    return warehouse.execute(
        f"select strftime(month_start_date, '%Y-%m'), kind, {column} from fct_mrr_movement"
        " where kind not in ('opening', 'closing') and customer_id = ? order by month_start_date, kind_order",
        [customer],
    ).fetchall()


def month_of(warehouse, customer, month, columns):
    return warehouse.execute(
        f"select {columns} from int_billing__customer_month"
        " where customer_id = ? and strftime(month_start_date, '%Y-%m') = ?",
        [customer, month],
    ).fetchone()


def churn(warehouse, customer, columns):
    return warehouse.execute(f"select {columns} from fct_churn_event where customer_id = ?", [customer]).fetchall()


@pytest.mark.parametrize(
    ("customer", "mrr"),
    [
        ("metered", 0),
        ("once", 5000),  # a discount on one invoice changes no month
        ("unsaid", 4000),  # a discount without a duration holds as long as its terms
        ("generous", 0),  # never below nothing
        ("bimonthly", 3000),
        ("norate", 1000),
    ],
)
def test_mrr_of_terms(warehouse, customer, mrr):
    found = warehouse.execute("select mrr_minor from fct_subscription_interval where customer_id = ?", [customer])
    assert found.fetchall() == [(mrr,)]


def test_one_of_two_subscriptions_ending_is_a_contraction(warehouse):
    assert movements(warehouse, "two") == [("2024-01", "new", 4000), ("2024-05", "contraction", -1000)]
    assert churn(warehouse, "two", "1") == []


def test_test_customers_are_in_no_fact(warehouse):
    assert movements(warehouse, "tester") == []
    assert month_of(warehouse, "tester", "2024-06", "mrr_minor") is None


def test_a_pause_counts_as_gone_and_its_end_as_a_return(warehouse):
    assert movements(warehouse, "pauser") == [
        ("2024-01", "new", 2000),
        ("2024-05", "churn", -2000),
        ("2024-08", "reactivation", 2000),
    ]
    assert churn(warehouse, "pauser", "is_pause, reason, is_voluntary") == [(True, "paused", True)]


def test_who_joined_and_left_within_a_month_is_no_customer_lost(warehouse):
    assert movements(warehouse, "passing") == []
    assert churn(warehouse, "passing", "1") == []


def test_after_a_bare_notice_an_annual_plan_runs_until_its_terms_end(warehouse):
    assert movements(warehouse, "notice") == [("2023-11", "new", 1000), ("2024-11", "churn", -1000)]
    assert churn(warehouse, "notice", "is_ended, is_voluntary, cast(notice_at as date), cast(ended_at as date)") == [
        (True, True, date(2024, 5, 1), date(2024, 11, 10))
    ]


def test_notice_for_a_term_that_still_runs_is_a_churn_that_lies_ahead(warehouse):
    assert movements(warehouse, "leaving") == [("2024-03", "new", 1000)]
    columns = "is_ended, month_start_date, mrr_lost_minor, cast(ended_at as date)"
    assert churn(warehouse, "leaving", columns) == [(False, None, 1000, date(2025, 3, 10))]


def test_a_currency_without_rate_is_unknown_and_never_one_to_one(warehouse):
    assert movements(warehouse, "norate") == [("2024-01", "new", None)]
    assert movements(warehouse, "norate", "amount_original_minor") == [("2024-01", "new", 1000)]


def test_a_customer_who_pays_in_two_currencies_is_one_customer(warehouse):
    # 1000 yen and 10 dollars at 150: 2500 yen; the dollars end.
    assert movements(warehouse, "mixed") == [("2024-01", "new", 2500), ("2024-04", "contraction", -1500)]


def test_a_month_ends_at_midnight_of_the_business_zone(warehouse):
    assert movements(warehouse, "lastinstant")[1] == ("2024-06", "churn", -1000)
    assert movements(warehouse, "firstinstant") == [("2024-06", "new", 1000)]


def test_an_end_that_is_reported_late_counts_when_it_happened(warehouse):
    assert movements(warehouse, "late") == [("2024-01", "new", 4000), ("2024-05", "churn", -4000)]


def test_a_gap_of_ten_days_between_two_plans_is_no_churn(warehouse):
    assert movements(warehouse, "switch") == [("2024-01", "new", 1000), ("2024-05", "expansion", 500)]
    assert churn(warehouse, "switch", "1") == []


def test_terms_that_the_source_deleted_never_were(warehouse):
    assert movements(warehouse, "mistake") == []


def test_the_survey_gives_the_reason_and_support_counts_before_the_notice(warehouse):
    columns = "reason, reason_source, is_controllable, is_voluntary, supported_90d, contacts_before_notice"
    # The ticket of 1 May is 50 days before the notice of 20 June.
    assert churn(warehouse, "surveyed", columns) == [("price", "survey", True, True, True, 1)]


def test_a_reason_has_one_name_whatever_code_or_alias_the_source_gives(warehouse):
    # An alias of the taxonomy, and a code that billing sets itself.
    assert churn(warehouse, "closing", "stated_reason, reason, is_controllable") == [
        ("out_of_business", "business_closed", False)
    ]
    assert churn(warehouse, "card", "stated_reason, reason, is_controllable") == [(None, "payment_failure", True)]


def test_an_unpaid_invoice_without_notice_is_a_failed_payment(warehouse):
    # The ticket of 11 May is 91 days before the end of 10 August.
    assert churn(warehouse, "card", "reason, is_voluntary, supported_90d") == [("payment_failure", False, False)]
    assert churn(warehouse, "decided", "reason, is_voluntary, is_controllable") == [("unknown", True, None)]


@pytest.mark.parametrize(
    ("month", "money"),
    [
        ("2024-01", (0, 0, 0, 0, 0, 0, 0)),  # issued in January, paid in February
        ("2024-02", (30000, 20000, 0, 0, 300, 30000, 23760)),  # (30000 - 300) x 0.8
        ("2024-03", (0, 0, 0, 0, 0, 0, 0)),  # void and open invoices are no money
        ("2024-04", (0, 0, 5000, 0, 0, -5000, -4000)),  # 5500 with 10/110 of tax
        ("2024-05", (0, 0, 0, 1000, 0, -1000, -800)),
        # 10 dollars at 155, the rate of the day, not 160; (1550 - 62) x 0.8 = 1190.4
        ("2024-06", (1550, 0, 0, 0, 62, 1550, 1190)),
    ],
)
def test_money_is_net_of_tax_and_refunds_stand_in_their_own_month(warehouse, month, money):
    columns = "collected_minor, one_off_minor, refunds_minor, chargebacks_minor, fees_minor"
    assert month_of(warehouse, "cash", month, f"{columns}, net_revenue_minor, gross_margin_minor") == money


def test_fees_sold_once_are_revenue_but_never_mrr(warehouse):
    assert month_of(warehouse, "cash", "2024-02", "mrr_minor, one_off_minor") == (1000, 20000)


def test_before_a_feed_begins_its_money_is_unknown_not_zero(warehouse):
    assert month_of(warehouse, "cash", "2023-12", "mrr_minor, collected_minor") == (0, None)
