"""The customer month: one spine on which money, effort, usage and voice meet, and what is not known stays null."""

from datetime import date

import pytest

from tests.models.warehouse import build_warehouse

NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


def company():
    """`whole` pays 10,000 yen a month from January on and is refunded 3,000 in March; feeds begin one by one."""
    months = ["2026-01", "2026-02", "2026-03", "2026-04"]
    return {
        "customers": [
            {"customer_id": "whole", "signed_up_at": "2026-01-01 00:00"},
            {"customer_id": "late", "signed_up_at": "2026-03-10 00:00"},
            {"customer_id": "testing", "signed_up_at": "2026-01-01 00:00", "is_test": True},
        ],
        "users": [{"user_id": "u1", "customer_id": "whole"}],
        "subscriptions": [
            {
                "subscription_id": customer,
                "item_id": "i1",
                "customer_id": customer,
                "status": "active",
                "quantity": 2,
                "unit_amount_minor": 5000,
                "currency": "JPY",
                "billing_interval": "month",
                "started_at": "2026-01-01 00:00",
            }
            for customer in ("whole", "testing")
        ],
        "invoices": [
            {
                "invoice_id": f"{customer}-{month}",
                "customer_id": customer,
                "subscription_id": customer,
                "amount_minor": 10000,
                "currency": "JPY",
                "status": "paid",
                "issued_at": f"{month}-05 00:00",
                "paid_at": f"{month}-05 00:00",
            }
            for customer in ("whole", "testing")
            for month in months
        ],
        "refunds": [
            {
                "refund_id": "r1",
                "invoice_id": "whole-2026-02",
                "customer_id": "whole",
                "amount_minor": 3000,
                "currency": "JPY",
                "refunded_at": "2026-03-20 00:00",
            }
        ],
        "usage_events": [
            use("e1", "2026-02-10 03:00"),
            use("e2", "2026-02-11 03:00"),
            use("e3", "2026-04-29 03:00"),
        ],
        "tickets": [
            {
                "ticket_id": "t1",
                "customer_id": "whole",
                "status": "solved",
                "channel": "email",
                "created_at": "2026-02-10 01:00",
                "solved_at": "2026-02-10 02:00",
                "handle_seconds": 1800,
            }
        ],
        "survey_responses": [
            {
                "response_id": f"s{n}",
                "customer_id": "whole",
                "user_id": f"u{n}",
                "kind": "nps",
                "score": score,
                "offered_at": "2026-02-20 00:00",
                "responded_at": "2026-02-21 00:00",
            }
            for n, score in enumerate([10, 9, 9, 8, 0])
        ],
    }


def use(event_id, occurred_at):
    return {"event_id": event_id, "user_id": "u1", "event_name": "edit_record", "occurred_at": occurred_at}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("customer_month")
    with build_warehouse(home, company(), "+fct_customer_month", *NO_TESTS) as connection:
        yield connection


def months(warehouse, columns, customer="whole"):
    query = f"select {columns} from fct_customer_month where customer_id = ? order by month_start_date"
    return warehouse.execute(query, [customer]).fetchall()


def test_every_customer_has_every_month_since_it_came(warehouse):
    assert months(warehouse, "month_start_date") == [(date(2026, month, 1),) for month in (1, 2, 3, 4)]
    assert months(warehouse, "month_start_date", "late") == [(date(2026, 3, 1),), (date(2026, 4, 1),)]
    assert months(warehouse, "month_start_date", "testing") == []


def test_a_refund_stands_in_its_own_month(warehouse):
    """80 % of what was collected less what was paid back."""
    assert months(warehouse, "mrr_minor, net_revenue_minor, refunds_minor, gross_margin_minor") == [
        (10000, 10000, 0, 8000),
        (10000, 10000, 0, 8000),
        (10000, 7000, 3000, 5600),
        (10000, 10000, 0, 8000),
    ]


def test_contribution_is_margin_less_cost_to_serve(warehouse):
    query = "cost_to_serve_minor > 0, contribution_minor = gross_margin_minor - cost_to_serve_minor"
    assert months(warehouse, query)[1] == (True, True)


def test_before_a_feed_began_nothing_is_known_and_after_it_nothing_is_zero(warehouse):
    """Usage and tickets begin in February; nobody used anything in March; no touch was ever recorded."""
    assert months(warehouse, "active_users, active_days, inbound_contacts, demand_hours, proactive_hours") == [
        (None, None, None, None, None),
        (1, 2, 1, 0.5, None),
        (0, 0, 0, 0.0, None),
        (1, 1, 0, 0.0, None),
    ]


def test_utilisation_needs_28_days_of_data(warehouse):
    """February has 19 days of data; nobody was active in the 28 days of March; one of two seats in April."""
    assert months(warehouse, "active_users_28d, seats, utilisation_rate") == [
        (None, 2, None),
        (None, 2, None),
        (0, 2, 0.0),
        (1, 2, 0.5),
    ]
    assert months(warehouse, "active_users, utilisation_rate", "late") == [(0, None), (0, None)]


def test_nps_counts_for_90_days_and_the_response_rate_where_it_was_offered(warehouse):
    """Three promoters, one passive, one detractor of five: 40. Answers of 22 February count until May."""
    assert months(warehouse, "nps_answers, nps_promoters, nps_detractors, nps, surveys_offered, response_rate") == [
        (None, None, None, None, None, None),
        (5, 3, 1, 40.0, 5, 1.0),
        (5, 3, 1, 40.0, 0, None),
        (5, 3, 1, 40.0, 0, None),
    ]


def test_a_month_under_way_is_marked(warehouse):
    assert months(warehouse, "is_complete") == [(True,), (True,), (True,), (False,)]
