"""Who the customers are: versions, parents, accounts in other systems, where they stand in life."""

from datetime import date

import pytest

from tests.models.warehouse import build_warehouse


def customer(key, **more):
    return {"customer_id": key, "signed_up_at": "2024-01-01 00:00"} | more


def terms(name, start, **more):
    row = {"subscription_id": f"s-{name}", "customer_id": name, "status": "active", "unit_amount_minor": 1000}
    return row | {"currency": "JPY", "billing_interval": "month", "started_at": start} | more


def alias(account, name, method, **more):
    return {"source": "helpdesk", "source_account_id": account, "customer_id": name, "match_method": method} | more


def ticket(key, created="2024-12-30 00:00", **more):
    return {"ticket_id": key, "status": "new", "created_at": created} | more


ROWS = {
    "customers": [
        customer("branch", name="Old", parent_customer_id="holding", employees=9, updated_at="2024-01-01 00:00"),
        customer("branch", name="New", parent_customer_id="holding", employees=10, updated_at="2024-02-01 00:00"),
        customer("holding", parent_customer_id="group", employees=1000),
        customer("sold", parent_customer_id="group", updated_at="2024-01-01 00:00"),
        customer("sold", parent_customer_id="group", name="Renamed", updated_at="2024-04-01 00:00"),
        customer("sold", parent_customer_id="holding", updated_at="2024-08-01 00:00"),
        customer("group", parent_customer_id="somebody unknown"),
        customer("circle-a", parent_customer_id="circle-b"),
        customer("circle-b", parent_customer_id="circle-a"),
        customer("own", parent_customer_id="own"),
        customer("tester", is_test=True),
        customer("gone"),
    ],
    "subscriptions": [
        terms("branch", "2024-01-10 00:00", plan_tier="pro"),
        terms("holding", "2024-12-01 00:00"),
        terms("group", "2024-03-01 00:00", billing_interval="year", current_term_end_at="2025-03-01 00:00"),
        terms("circle-a", "2024-01-10 00:00", status="past_due"),
        terms("circle-b", "2024-01-10 00:00", status="paused"),
        terms("own", "2024-12-20 00:00", status="trialing", is_trial=True),
        terms("gone", "2024-01-10 00:00", status="canceled", ended_at="2024-06-10 00:00"),
        terms("stranger", "2024-01-10 00:00"),
    ],
    "users": [{"user_id": "u1", "customer_id": "branch"}],
    "customer_aliases": [
        alias("z1", "branch", "exact_key", valid_from="2024-01-01 00:00"),
        alias("z1", "holding", "manual", valid_from="2024-06-01 00:00"),
        alias("z2", "group", "fuzzy", confidence=0.97),
        alias("z3", "nobody", "exact_key"),
    ],
    "tickets": [
        ticket("t1", "2024-12-31 00:00", customer_id="branch"),
        ticket("t2", requester_user_id="u1"),
        ticket("t3", customer_id="z1", _source="helpdesk"),
        ticket("t4", customer_id="z2", _source="helpdesk"),
        ticket("t5", customer_id="who"),
        ticket("t6"),
    ],
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    selected = ("+dim_customer", "+feed_match_rate", "+fct_subscription_interval", "+bridge_customer_parent")
    return build_warehouse(tmp_path_factory.mktemp("customers"), ROWS, *selected)


def of(warehouse, name, columns):
    return warehouse.execute(f"select {columns} from dim_customer where customer_id = ?", [name]).fetchone()


def test_the_newest_version_of_a_customer_counts(warehouse):
    assert of(warehouse, "branch", "customer_name, employees_band, plan") == ("New", "10-49", "pro")
    assert of(warehouse, "holding", "employees_band") == ("1000+",)
    assert of(warehouse, "group", "employees_band") == (None,)


@pytest.mark.parametrize(
    ("name", "parent", "top"),
    [
        ("branch", "holding", "group"),
        ("holding", "group", "group"),
        ("group", None, "group"),  # a parent that the feed does not know
        ("circle-a", "circle-b", "circle-a"),  # its own ancestor stands for itself
        ("own", None, "own"),
    ],
)
def test_both_levels_of_parents_are_kept(warehouse, name, parent, top):
    assert of(warehouse, name, "parent_customer_id, top_parent_customer_id") == (parent, top)


def test_a_new_parent_does_not_rewrite_what_was_true_before(warehouse):
    found = warehouse.execute(
        "select parent_customer_id, cast(valid_from_at as date), cast(valid_to_at as date)"
        " from bridge_customer_parent where customer_id = 'sold' order by valid_from_at"
    )
    assert found.fetchall() == [
        ("group", date(2024, 1, 1), date(2024, 8, 1)),
        ("holding", date(2024, 8, 1), None),
    ]


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("branch", "active"),
        ("holding", "onboarding"),  # 31 days
        ("group", "renewal"),  # a year that ends in 60 days
        ("circle-a", "at_risk"),  # past due
        ("circle-b", "paused"),
        ("own", "trial"),
        ("gone", "churned"),
        ("tester", "prospect"),
    ],
)
def test_stage_of_life_on_the_newest_day(warehouse, name, stage):
    assert of(warehouse, name, "lifecycle_stage") == (stage,)


def test_test_customers_stay_in_the_dimension_and_are_marked(warehouse):
    assert warehouse.execute("select customer_id from dim_customer where is_test").fetchall() == [("tester",)]


def test_exact_matches_are_confirmed_and_fuzzy_ones_wait_for_a_person(warehouse):
    found = warehouse.execute(
        "select source_account_id, customer_id, status, is_customer_known, strftime(valid_to_at, '%Y-%m-%d')"
        " from bridge_account order by 1, valid_from_at"
    ).fetchall()
    assert found == [
        ("z1", "branch", "confirmed", True, "2024-06-01"),  # until a person said otherwise
        ("z1", "holding", "confirmed", True, None),
        ("z2", "group", "waiting", True, None),
        ("z3", "nobody", "confirmed", False, None),
    ]


def match_rate(warehouse, feed, columns):
    return warehouse.execute(f"select {columns} from feed_match_rate where feed = ?", [feed]).fetchone()


def test_the_match_rate_of_a_feed_counts_keys_users_and_confirmed_accounts(warehouse):
    assert match_rate(warehouse, "tickets", "keyed_rows, matched_rows, match_rate") == (6, 3, 0.5)
    assert match_rate(warehouse, "tickets", "waiting_rows, rows_with_unknown_key, rows_without_key") == (1, 1, 1)
    assert match_rate(warehouse, "refunds", "match_rate") == (None,)


def test_who_pays_without_being_in_the_customer_feed_is_not_dropped(warehouse):
    found = warehouse.execute("select mrr_minor from fct_subscription_interval where customer_id = 'stranger'")
    assert found.fetchall() == [(1000,)]
    assert match_rate(warehouse, "subscriptions", "matched_rows, keyed_rows") == (7, 8)
