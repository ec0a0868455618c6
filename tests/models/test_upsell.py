"""What shows that a customer wants more, and what has become of it."""

import pytest

from tests.models.warehouse import build_warehouse

AS_OF = "2026-06-30"
CUSTOMERS = ("bought", "met", "missed", "open", "full", "single")


def terms(customer, **more):
    row = {"subscription_id": f"s-{customer}", "customer_id": customer, "status": "active", "unit_amount_minor": 1000}
    return row | {"currency": "JPY", "billing_interval": "month", "started_at": "2026-01-10 00:00"} | more


def use(customer, user, day, name="open"):
    row = {"event_id": f"{customer}{user}{day}{name}", "customer_id": customer, "user_id": f"{customer}-{user}"}
    return row | {"event_name": name, "occurred_at": f"{day} 03:00"}


def looks(customer, *days):
    return [use(customer, 1, day, "view_upgrade_page") for day in days]


def touch(customer, day, outcome):
    row = {
        "touch_id": f"t-{customer}",
        "customer_id": customer,
        "kind": "call",
        "is_proactive": True,
        "outcome": outcome,
    }
    return row | {"owner": "csm", "minutes": 20, "occurred_at": f"{day} 01:00"}


ROWS = {
    "customers": [{"customer_id": name, "signed_up_at": "2026-01-05 00:00"} for name in CUSTOMERS],
    "subscriptions": [terms(name) for name in ("met", "missed", "open", "single")]
    + [
        terms("full", quantity=4),
        terms("bought"),
        terms("bought", quantity=5, effective_at="2026-06-20 00:00"),
    ],
    "usage_events": [use("met", 1, "2026-01-20"), use("single", 1, "2026-06-29"), use("single", 1, "2026-06-30")]
    + [use("full", user, "2026-06-25") for user in (1, 2, 3, 4)]
    + looks("bought", "2026-06-10", "2026-06-12")
    + looks("met", "2026-06-10")
    + looks("missed", "2026-06-10")
    # The first look lies more than 180 days back, the second before the touch of nobody.
    + looks("open", "2026-01-01", "2026-06-28"),
    "success_touches": [touch("met", "2026-06-15", "interested"), touch("missed", "2026-06-15", "no_show")],
}


@pytest.fixture(scope="module")
def signals(tmp_path_factory):
    without = ("--exclude-resource-type", "test", "unit_test")
    home = tmp_path_factory.mktemp("upsell")
    with build_warehouse(home, ROWS, "+upsell_signals", *without, as_of=AS_OF) as warehouse:
        rows = warehouse.execute(
            "select customer_id, source, status, evidence, signs, strftime(first_seen_on, '%m-%d'),"
            " strftime(status_on, '%m-%d') from upsell_signals"
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_who_bought_more_since_the_sign_has_expanded(signals):
    assert signals["bought"] == ("usage", "expanded", "view_upgrade_page · 2 d", 2, "06-10", "06-20")


def test_a_touch_that_reached_the_customer_is_told_from_one_that_did_not(signals):
    assert signals["met"] == ("usage", "contacted", "view_upgrade_page · 1 d", 1, "06-10", "06-15")
    assert signals["missed"] == ("usage", "open", "view_upgrade_page · 1 d", 1, "06-10", None)


def test_old_signs_are_forgotten(signals):
    assert signals["open"] == ("usage", "open", "view_upgrade_page · 1 d", 1, "06-28", None)


def test_a_full_house_is_a_sign_and_a_single_seat_is_none(signals):
    assert signals["full"] == ("seats", "open", "4 / 4", 4, "06-30", None)
    assert "single" not in signals
