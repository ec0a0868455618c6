"""Who reaches the usual revenue level by itself, and who should own an open ticket."""

import os
from hashlib import md5

import pytest

from tests.models.warehouse import build_warehouse

AS_OF = "2026-06-30"
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


def pseudonym(agent):
    salt = md5(f"agents|{os.environ.get('NARUKI_SALT', '')}".encode()).hexdigest()
    return "agent_" + md5((salt + agent).encode()).hexdigest()[:16]


def terms(customer, amount, start, **more):
    row = {"subscription_id": f"s-{customer}", "customer_id": customer, "status": "active", "unit_amount_minor": amount}
    return row | {"currency": "JPY", "billing_interval": "month", "started_at": f"{start} 00:00"} | more


def ticket(ticket_id, customer, agent, day, **more):
    row = {"ticket_id": ticket_id, "customer_id": customer, "assignee_id": agent, "created_at": f"{day} 01:00"}
    row |= {"status": "solved", "solved_at": f"{day} 02:00", "channel": "mail", "handle_seconds": 3600}
    return row | {"updated_at": f"{day} 02:00", "category": "login"} | more


def still_open(ticket_id, customer, agent, **more):
    return ticket(ticket_id, customer, agent, "2026-06-29", status="open", solved_at=None, **more)


def touch(touch_id, customer, day, minutes):
    row = {"touch_id": touch_id, "customer_id": customer, "kind": "call", "is_proactive": True, "minutes": minutes}
    return row | {"owner": "csm", "occurred_at": f"{day} 01:00"}


def shift(agent, skill, day="2026-06-20"):
    row = {"agent_id": agent, "team": "support", "skill": skill}
    return row | {"starts_at": f"{day} 00:00", "ends_at": f"{day} 08:00"}


def passed_on(ticket_id, number, before, after):
    row = {"event_id": f"{ticket_id}-{number}", "ticket_id": ticket_id, "kind": "assignment", "actor_role": "agent"}
    return row | {"from_value": before, "to_value": after, "occurred_at": f"2026-06-29 0{1 + number}:00"}


ROWS = {
    "customers": [
        {"customer_id": name, "signed_up_at": f"{day} 00:00"}
        for name, day in [
            ("early", "2026-01-05"),
            ("alone", "2026-02-05"),
            ("helped", "2026-02-05"),
            ("small", "2026-02-05"),
            ("prospect", "2026-02-05"),
        ]
    ],
    # Paying in June 2026: 1000, 4000, 4000, 6000; the level is the median, 4000.
    "subscriptions": [
        terms("early", 6000, "2026-01-10"),
        terms("alone", 1000, "2026-02-10"),
        terms("alone", 4000, "2026-02-10", effective_at="2026-04-10 00:00"),
        terms("helped", 2000, "2026-02-10"),
        terms("helped", 4000, "2026-02-10", effective_at="2026-05-10 00:00"),
        terms("small", 1000, "2026-02-10"),
    ],
    "success_touches": [
        touch("begins", "early", "2026-02-01", 30),
        touch("p1", "helped", "2026-03-10", 120),
        touch("p2", "helped", "2026-05-20", 60),
        touch("after", "alone", "2026-06-10", 60),
    ],
    "tickets": [
        ticket("begins", "early", "ann", "2026-02-01"),
        ticket("of_alone", "alone", "ann", "2026-03-05"),
        ticket("of_helped", "helped", "bob", "2026-04-05", category="bug"),
        ticket("late", "helped", "bob", "2026-06-05", category="bug"),
        still_open("skill_misses", "small", "ann", category="bug"),
        still_open("nobodys", "alone", None, category="login"),
        still_open("fits", "helped", "bob", category="bug"),
        still_open("passed", "small", "bob", category="login"),
        still_open("needs_success", "small", None, category="contract"),
    ],
    "ticket_events": [passed_on("passed", 1, "ann", "cat"), passed_on("passed", 2, "cat", "bob")],
    "agents_shifts": [
        shift("ann", "support"),
        shift("bob", "technical"),
        shift("cat", "technical"),
        shift("gone", "technical", "2026-03-01"),
    ],
    "usage_events": [
        {"event_id": "newest", "customer_id": "early", "event_name": "open", "occurred_at": "2026-06-30 03:00"}
    ],
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("self_serve")
    return build_warehouse(home, ROWS, "+mart_self_serve", "+mart_ticket_routing", *NO_TESTS, as_of=AS_OF)


def way(warehouse, customer):
    return warehouse.execute(
        "select months_to_threshold, hours_to_threshold, months_unaided, months_on_the_way, self_serve_ratio,"
        " is_threshold_reached, is_threshold_censored from mart_self_serve where customer_id = ?",
        [customer],
    ).fetchone()


def test_the_level_is_what_a_usual_customer_pays(warehouse):
    assert warehouse.execute("select distinct revenue_level from mart_self_serve").fetchall() == [(4000,)]


def test_who_reached_the_level_alone_is_told_from_who_was_helped(warehouse):
    # alone: February to April, one ticket of an hour, no touch. helped: February to May, three hours of ours (120 and 60
    # minutes) in two of the four months; the hour for our own defect is not on its way.
    assert way(warehouse, "alone") == (2, 1.0, 3, 3, 1.0, True, False)
    assert way(warehouse, "helped") == (3, 3.0, 2, 4, 0.5, True, False)


def test_who_has_not_reached_the_level_is_censored_and_its_way_unknown(warehouse):
    assert way(warehouse, "small") == (None, None, None, None, None, False, True)
    assert way(warehouse, "prospect") == (None, None, None, None, None, False, True)


def test_a_way_that_began_before_the_feeds_is_unknown(warehouse):
    # early paid 6000 in January; touches and tickets are known from February on.
    assert way(warehouse, "early") == (0, None, None, None, None, True, False)


def route(warehouse, ticket_id):
    return warehouse.execute(
        "select needed_skill, suggestion_reason, suggested_agent_id, transfers, candidates, is_skill_match"
        " from mart_ticket_routing where ticket_id = ?",
        [ticket_id],
    ).fetchone()


def test_a_ticket_whose_owner_lacks_the_skill_goes_to_who_has_it_and_room(warehouse):
    # bob and cat are technical; cat owns nothing, bob two open tickets. Who worked last in March is not at work.
    assert route(warehouse, "skill_misses") == ("technical", "has_skill", pseudonym("cat"), None, 2, False)


def test_an_owner_who_fits_keeps_the_ticket(warehouse):
    assert route(warehouse, "fits") == ("technical", "owner_fits", pseudonym("bob"), None, 2, True)


def test_who_knows_the_customer_comes_before_who_has_room(warehouse):
    assert route(warehouse, "nobodys") == (None, "knows_customer", pseudonym("ann"), None, 3, None)


def test_transfers_are_counted_and_the_newest_owner_counts(warehouse):
    # Assigned from one to the next twice; any agent can take a login.
    assert route(warehouse, "passed") == (None, "owner_fits", pseudonym("bob"), 2, 3, True)


def test_where_nobody_at_work_has_the_skill_nobody_is_suggested(warehouse):
    assert route(warehouse, "needs_success") == ("success", "nobody_skilled", None, None, 0, None)
