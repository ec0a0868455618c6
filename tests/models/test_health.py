"""Health: the parts that are known, weighed anew; what nobody knows is never bad health."""

import pytest

from tests.models.warehouse import build_warehouse

AS_OF = "2026-06-30"


def terms(customer, **more):
    row = {"subscription_id": f"s-{customer}", "customer_id": customer, "status": "active", "unit_amount_minor": 1000}
    return row | {"currency": "JPY", "billing_interval": "month", "started_at": "2026-01-10 00:00"} | more


def answer(customer, kind, score, scale_max):
    row = {"response_id": f"{kind}-{customer}", "customer_id": customer, "kind": kind, "score": score}
    row |= {"scale_min": 1 if kind == "csat" else 0, "scale_max": scale_max}
    return row | {"offered_at": "2026-06-10 00:00", "responded_at": "2026-06-11 00:00"}


ROWS = {
    "customers": [
        {"customer_id": name, "signed_up_at": "2026-01-05 00:00"}
        for name in ("well", "late", "mixed", "unheard", "guest")
    ],
    "subscriptions": [terms("well"), terms("late", status="past_due"), terms("mixed"), terms("unheard")],
    "survey_responses": [
        answer("well", "csat", 5, 5),
        answer("late", "csat", 1, 5),
        answer("mixed", "csat", 3, 5),
        answer("mixed", "nps", 6, 10),
    ],
    # The newest event of the data.
    "invoices": [
        {
            "invoice_id": "i1",
            "customer_id": "well",
            "amount_minor": 1000,
            "currency": "JPY",
            "status": "paid",
            "issued_at": "2026-06-30 01:00",
        }
    ],
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    without = ("--exclude-resource-type", "test", "unit_test")
    return build_warehouse(tmp_path_factory.mktemp("health"), ROWS, "+mart_customer_health", *without, as_of=AS_OF)


def health(warehouse, customer):
    return warehouse.execute(
        "select health, health_score, coverage_share, weakest_part from mart_customer_health where customer_id = ?",
        [customer],
    ).fetchone()


def test_known_parts_are_weighed_anew_and_the_coverage_stands_beside(warehouse):
    # Known: satisfaction .20, intent .15 (none stated), commitment .10; usage, adoption and waits have no feed.
    assert health(warehouse, "well") == ("good", 1.0, 0.45, None)
    # Satisfaction 0 of .20, intent .15, commitment 0 of .10: .15 / .45.
    assert health(warehouse, "late") == ("poor", round(0.15 / 0.45, 6), 0.45, "satisfaction")


def test_answers_of_both_kinds_are_averaged_on_one_scale(warehouse):
    # CSAT 3 of 1 to 5 is .5, NPS 6 is .6: .55, scored (.55 - .25) / .5 = .6; (.2 x .6 + .15 + .1) / .45.
    assert health(warehouse, "mixed") == ("good", round(0.37 / 0.45, 6), 0.45, "satisfaction")


def test_no_data_is_not_red(warehouse):
    # Only that it pays is known: .10 of all weights.
    assert health(warehouse, "unheard") == ("unknown", 1.0, 0.1, None)


def test_who_does_not_pay_has_no_health(warehouse):
    assert health(warehouse, "guest") is None
