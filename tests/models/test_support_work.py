"""Every agent minute is allocated once: figures of the support company, worked out by hand."""

import pytest

from tests.models.support_company import MARTS, first_build, one, rebuilt_with_later_events


@pytest.fixture(scope="module")
def warehouse():
    return first_build()


def minutes_of(warehouse, source_kind, slice_id):
    return one(warehouse["fct_work_allocation"], work_id=f"{source_kind}|{slice_id}")["minutes"]


def test_chats_at_the_same_time_share_the_agents_time(warehouse):
    # 01:40-01:50 two chats, 01:50-02:00 three, 02:00-02:10 one: 5 + 3 1/3, the same, 3 1/3 + 10; together 30 minutes.
    assert minutes_of(warehouse, "ticket", "chat_a") == pytest.approx(25 / 3, abs=1e-4)
    assert minutes_of(warehouse, "ticket", "chat_b") == pytest.approx(25 / 3, abs=1e-4)
    assert minutes_of(warehouse, "ticket", "chat_c") == pytest.approx(40 / 3, abs=1e-4)


def test_mails_are_no_work_at_one_time_and_are_not_split(warehouse):
    assert minutes_of(warehouse, "ticket", "mail_d") == pytest.approx(10)


def test_a_day_never_exceeds_the_paid_hours(warehouse):
    row = one(warehouse["fct_work_allocation"], source_id="mail_e")
    assert (row["reported_minutes"], row["minutes"], row["share"]) == (60, 30, 0.5)
    assert minutes_of(warehouse, "ticket", "mail_f") == 30


def test_cost_is_minutes_by_loaded_rate_and_cost_per_contact(warehouse):
    cost = {row["source_id"]: row["cost_minor"] for row in warehouse["fct_work_allocation"]}
    assert cost["mail_e"] == 1800  # 30 minutes of 3,600 yen
    assert cost["chat_a"] == 422  # 8 1/3 minutes of 3,000 yen, and 5 yen
    assert cost["our_fault"] == 633  # 10 minutes of 3,800 yen


def test_merged_duplicates_spam_and_test_customers_are_no_work(warehouse):
    worked = {row["source_id"] for row in warehouse["fct_work_allocation"]}
    assert not worked & {"merged", "spam", "of_test_customer", "automatic"}


def test_work_for_nobody_known_is_visible_as_unallocated(warehouse):
    row = one(warehouse["fct_work_allocation"], source_id="of_nobody")
    assert (row["customer_id"], row["allocated_to"], row["minutes"]) == (None, "unallocated", 10)


def test_a_group_session_is_divided_by_attendees_and_the_rest_is_unallocated(warehouse):
    seats = [row for row in warehouse["fct_work_allocation"] if row["source_id"] == "s1"]
    assert sorted((row["allocated_to"], row["minutes"], row["share"]) for row in seats) == [
        ("acme", 15, 0.25),
        ("newbie", 15, 0.25),
        ("unallocated", 30, 0.5),
    ]


def test_a_ticket_that_records_a_call_holds_only_the_work_beside_it(warehouse):
    # 700 seconds less the legs of 480 and 120.
    assert minutes_of(warehouse, "ticket", "phone_record") == pytest.approx(100 / 60)
    assert minutes_of(warehouse, "call", "leg_1") == 8


def test_missing_handle_time_comes_from_what_was_known_before_that_month(warehouse):
    slices = {row["source_id"]: row for row in warehouse["fct_work_allocation"]}
    assert slices["april_missing"]["reported_minutes"] == 15  # nothing known: the seed's 900 seconds for how_to
    assert slices["may_missing"]["reported_minutes"] == 10  # April: 20 tickets of 600 seconds
    assert slices["june_missing"]["reported_minutes"] == pytest.approx(857 / 60)  # and one of 6,000 in May: 18,000 / 21
    assert (slices["june_missing"]["is_imputed"], slices["may_long"]["is_imputed"]) == (True, False)


def test_work_on_open_tickets_is_provisional_and_has_no_day(warehouse):
    row = one(warehouse["fct_work_allocation"], source_id="still_open")
    assert (row["is_provisional"], row["worked_on"], row["minutes"]) == (True, None, 10)


def test_our_faults_sales_and_proactive_work_are_no_demand(warehouse):
    kinds = {row["work_id"]: row["demand_kind"] for row in warehouse["fct_work_allocation"]}
    assert kinds["ticket|our_fault"] == "vendor_fault"
    assert kinds["ticket|of_sales"] == "internal"
    assert kinds["touch|seat_1"] == kinds["call|called_out"] == "proactive"
    assert kinds["touch|asked_for"] == kinds["call|leg_1"] == kinds["ticket|mail_d"] == "customer"


def test_onboarding_is_apart_from_steady_work(warehouse):
    slices = {row["work_id"]: row["lifecycle"] for row in warehouse["fct_work_allocation"]}
    assert (slices["ticket|chat_a"], slices["ticket|chat_b"], slices["ticket|of_nobody"]) == (
        "steady",
        "onboarding",
        None,
    )


def test_agents_are_pseudonyms(warehouse):
    agents = {row["agent_id"] for row in warehouse["fct_work_allocation"]} | {
        row["agent_id"] for row in warehouse["fct_call"]
    }
    assert not agents & {"ann", "bob", "cat", "dan", "eve"}
    assert len(agents - {None}) == 5


def test_effort_of_a_customer_keeps_demand_faults_and_proactive_hours_apart(warehouse):
    row = one(warehouse["mart_support_effort"], customer_id="acme")
    # chats 8 1/3 + 13 1/3, mails 10 + 30 + 30, beside the call 1 2/3, the call 8 + 2, asked-for touch 30
    assert row["demand_hours"] * 60 == pytest.approx(133 + 1 / 3, abs=1e-3)
    assert row["vendor_fault_hours"] * 60 == pytest.approx(10)
    assert row["proactive_hours"] * 60 == pytest.approx(15 + 1)
    assert row["demand_hours_axis"] <= row["demand_hours"]


def test_customers_without_contact_stay_with_zeros(warehouse):
    row = one(warehouse["mart_support_effort"], customer_id="q7")
    assert (row["contacts"], row["demand_hours"], row["contact_rate"]) == (0, 0, 0)
    assert (row["demand_level"], row["days_since_contact"], row["no_feed"]) == ("none", None, False)


def test_test_customers_are_in_no_mart(warehouse):
    assert "ours" not in {row["customer_id"] for row in warehouse["mart_support_effort"]}


def test_what_happens_later_changes_no_row_of_an_earlier_day(warehouse):
    again = rebuilt_with_later_events()
    for mart in MARTS:
        assert again[mart] == warehouse[mart], mart
