"""How much of the product a customer uses: distinct users, seats, own baseline, and what is not known."""

from datetime import date, timedelta

import pytest

from tests.models.warehouse import build_warehouse, connect, run_dbt

AS_OF = date(2026, 6, 30)
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
CUSTOMERS = ("steady", "fading", "young", "nameless", "unpaid", "crowded", "idle", "testing")
SIGNED_UP = dict.fromkeys(CUSTOMERS, "2026-01-05") | {"young": "2026-06-20"}


def at(day, clock="03:00"):
    return f"{day} {clock}"


def weekdays(first, last):
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def company():
    events = []

    def use(customer, user, day, name="edit_record", clock="03:00", **more):
        names = {"customer_id": customer, "user_id": user, "event_name": name, "occurred_at": at(day, clock)}
        events.append({"event_id": f"e{len(events)}"} | names | more)

    for day in weekdays(date(2026, 4, 1), AS_OF):
        use("steady", "s1", day)
        use("steady", "s1", day, "create_report", "04:00", is_error=True, duration_seconds=1800)
        use("steady", "s2", day, "login", "05:00", is_error=False)
        if day < date(2026, 6, 24):
            use("fading", "f1", day)
        use("testing", "t1", day)
        use("nameless", None, day)
    for user in ("k1", "k2", "k3"):
        use(None, user, date(2026, 6, 29))  # the customer is known through the user only
    for day in weekdays(date(2026, 6, 22), AS_OF):
        use("young", "y1", day)
        use("unpaid", "u1", day)
    use("idle", "i1", date(2026, 3, 2))
    use("steady", "late", date(2026, 5, 31), clock="15:30")  # 00:30 of 1 June in Tokyo
    customers = [{"customer_id": c, "signed_up_at": at(day), "is_test": c == "testing"} for c, day in SIGNED_UP.items()]
    terms = {
        "status": "active",
        "unit_amount_minor": 1000,
        "currency": "JPY",
        "billing_interval": "month",
        "item_id": "i1",
    }
    seats = {"steady": 4, "fading": 2, "young": 1, "nameless": 3, "crowded": 2, "idle": 5, "testing": 1}
    return {
        "customers": customers,
        "users": [{"user_id": user, "customer_id": "crowded"} for user in ("k1", "k2", "k3")],
        "usage_events": events,
        "subscriptions": [
            terms | {"subscription_id": c, "customer_id": c, "quantity": n, "started_at": at(SIGNED_UP[c])}
            for c, n in seats.items()
        ],
    }


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("usage")
    build_warehouse(
        home,
        company(),
        "+mart_usage",
        "+mart_customer_signals",
        "+int_usage__customer_month",
        *NO_TESTS,
        as_of=str(AS_OF),
    ).close()
    run_dbt(home, "run", "--select", "mart_usage", as_of="2026-07-10")
    with connect(home) as connection:
        yield connection


def one(warehouse, columns, customer, as_of=AS_OF):
    query = f"select {columns} from mart_usage where customer_id = ? and as_of_date = ?"
    return warehouse.execute(query, [customer, as_of]).fetchone()


def test_a_user_of_many_days_is_one_active_user_of_the_month(warehouse):
    """s1 and s2 work on all 22 weekdays of June, `late` once: 3 users, where daily uniques would add up to 45."""
    month = "select active_users, active_days, events from int_usage__customer_month"
    month += " where customer_id = 'steady' and month_start_date = '2026-06-01'"
    daily = "select sum(active_users) from fct_customer_day where customer_id = 'steady'"
    daily += " and activity_date between '2026-06-01' and '2026-06-30'"
    assert warehouse.execute(month).fetchone() == (3, 22, 67)
    assert warehouse.execute(daily).fetchone() == (45,)


def test_a_day_closes_in_the_business_zone(warehouse):
    query = "select activity_date from int_usage__user_feature_day where user_id = 'late'"
    assert warehouse.execute(query).fetchall() == [(date(2026, 6, 1),)]


def test_utilisation_is_distinct_users_of_28_days_over_paid_seats(warehouse):
    """From 3 June on only s1 and s2 were there; `late` was active on 1 June, 29 days before."""
    assert one(warehouse, "active_users_28d, paid_seats, utilisation_rate", "steady") == (2, 4, 0.5)
    assert one(warehouse, "active_users_28d, paid_seats, utilisation_rate", "crowded") == (3, 2, 1.5)


def test_utilisation_is_unknown_under_28_days_of_data(warehouse):
    assert one(warehouse, "days_of_data, active_users_28d, utilisation_rate", "young") == (11, None, None)


def test_without_paid_seats_there_is_no_utilisation(warehouse):
    assert one(warehouse, "active_users_28d, paid_seats, utilisation_rate", "unpaid") == (1, None, None)


def test_who_does_not_use_the_product_has_a_utilisation_of_zero(warehouse):
    assert one(warehouse, "active_users_28d, utilisation_rate, days_since_activity", "idle") == (0, 0.0, 120)


def test_events_without_users_say_nothing_about_how_many(warehouse):
    assert one(warehouse, "active_users_28d, utilisation_rate, active_days_28d", "nameless") == (None, None, 20)


def test_features_are_counted_by_meaning_and_a_login_is_none(warehouse):
    """Offered were records and reports; every error of 20 days over 60 events."""
    columns = "features_used_28d, features_offered, adoption_breadth_share, error_events_28d, events_28d"
    assert one(warehouse, columns, "steady") == (2, 2, 1.0, 20, 60)


def test_time_to_first_value_counts_from_sign_up_to_the_first_event_that_means_value(warehouse):
    assert one(warehouse, "first_value_on, days_to_first_value", "steady") == (date(2026, 4, 1), 86)
    assert one(warehouse, "first_value_on", "fading") == (None,)


def test_usage_far_under_the_own_eight_weeks_is_fading(warehouse):
    """Five user days a week, then none: the spread counts as at least a tenth of the level, so z = (0 - 5) / 0.5."""
    assert one(warehouse, "week_user_days, usual_user_days, usual_spread, usage_z, is_fading", "fading") == (
        0.0,
        5.0,
        0.5,
        -10.0,
        True,
    )
    assert one(warehouse, "usage_z, is_fading", "steady") == (0.0, False)


def test_without_eight_weeks_of_own_history_nothing_is_usual(warehouse):
    assert one(warehouse, "usage_z, is_fading", "young") == (None, None)
    assert one(warehouse, "usage_z", "crowded") == (None,)


def test_a_feed_that_stopped_makes_usage_unknown(warehouse):
    columns = "feed_status, feed_age_days, utilisation_rate, usage_z, active_days_28d"
    assert one(warehouse, columns, "steady", date(2026, 7, 10)) == ("stale", 10, None, None, None)


def test_test_customers_are_in_no_fact(warehouse):
    assert one(warehouse, "customer_id", "testing") is None
    assert warehouse.execute("select count(*) from fct_customer_day where customer_id = 'testing'").fetchone() == (0,)


def test_without_a_feed_in_which_customers_speak_nothing_said_is_unknown(warehouse):
    query = "select distinct complaints, churn_intent, open_requests from mart_customer_signals"
    assert warehouse.execute(query).fetchall() == [(None, None, None)]
