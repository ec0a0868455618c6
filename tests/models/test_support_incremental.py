"""What a load touches is rebuilt - days of tickets, calls and work, timelines of customers - and nothing else differs from a full rebuild."""

import random

import duckdb
import pytest

from tests.models.warehouse import build_warehouse, connect, land_rows, run_dbt

MODELS = ["+warehouse_loads"]
TOUCHED = [
    "int_support__touched_days",
    "int_support__touched_call_days",
    "int_support__touched_people",
    "int_support__touched_work_days",
]
FACTS = ["fct_ticket", "fct_call", "fct_interaction", "fct_work_allocation"]
WITHOUT_TESTS = ["--exclude-resource-type", "test", "unit_test"]
BROKEN_OFF = "2026-05-12"
MINUTES = 11  # fct_work_allocation.minutes
CUSTOMERS = ("steady", "moves_zone", "becomes_test")


def ticket(ticket_id, day, customer_id="steady", **columns):
    row = {"ticket_id": ticket_id, "customer_id": customer_id, "status": "open", "channel": "mail"}
    return row | {"created_at": f"{day} 01:00", "updated_at": f"{day} 01:00"} | columns


def step(event_id, ticket_id, at, before, after):
    row = {"event_id": event_id, "ticket_id": ticket_id, "kind": "status", "actor_role": "agent", "occurred_at": at}
    return row | {"from_value": before, "to_value": after}


FIRST = {
    "customers": [{"customer_id": name, "signed_up_at": "2025-01-01 00:00"} for name in CUSTOMERS],
    "tickets": [
        ticket("untouched", "2026-06-01"),
        ticket("untouched_too", "2026-06-01", status="solved", solved_at="2026-06-03 00:00"),
        ticket("solved_later", "2026-06-02"),
        ticket("corrected", "2026-06-03", category="bug"),
        ticket("moved_to_another_day", "2026-06-04"),
        ticket("deleted", "2026-06-06"),
        ticket("rated", "2026-06-07"),
        ticket("called_about", "2026-06-08"),
        ticket("of_a_customer_who_moves", "2026-06-09", "moves_zone"),
        ticket("of_a_test", "2026-06-10", "becomes_test"),
        ticket("loses_a_step", "2026-06-11"),
        ticket("gains_a_step", "2026-06-12"),
    ],
    "ticket_events": [
        step("e1", "untouched_too", "2026-06-03 00:00", "new", "solved"),
        step("e2", "loses_a_step", "2026-06-11 02:00", "new", "solved"),
    ],
}
SECOND = {
    "customers": [
        {"customer_id": "moves_zone", "signed_up_at": "2025-01-01 00:00", "time_zone": "America/New_York"},
        {"customer_id": "becomes_test", "signed_up_at": "2025-01-01 00:00", "is_test": True},
    ],
    "tickets": [
        ticket("corrected", "2026-06-03", category="login", updated_at="2026-06-20 00:00"),
        ticket("moved_to_another_day", "2026-06-05", updated_at="2026-06-20 00:00"),
        ticket("deleted", "2026-06-06") | {"_deleted_at": "2026-06-20 00:00"},
        ticket("of_a_day_long_gone", "2026-05-01"),
        ticket("of_a_new_day", "2026-06-20"),
    ],
    "ticket_events": [
        step("e3", "solved_later", "2026-06-19 01:00", "new", "solved"),
        # A step that was booked on the wrong ticket.
        step("e2", "gains_a_step", "2026-06-12 02:00", "new", "solved"),
    ],
    "survey_responses": [
        {
            "response_id": "r1",
            "ticket_id": "rated",
            "customer_id": "steady",
            "kind": "csat",
            "score": 5,
            "scale_min": 1,
            "scale_max": 5,
            "responded_at": "2026-06-20 00:00",
        }
    ],
    "calls": [
        {
            "call_id": "c1",
            "ticket_id": "called_about",
            "outcome": "answered",
            "talk_seconds": 60,
            "offered_at": "2026-06-20 00:00",
        }
    ],
}


def chance_rows(chance, load):
    """Contacts of a dozen customers and agents in May, drawn anew for each load: late, again, changed, moved, deleted."""
    drawn = {name: [] for name in ("tickets", "calls", "success_touches", "agents_shifts", "social_mentions")}

    def at(hour_from=0, hour_to=23):
        return f"2026-05-{chance.randint(3, 28):02} {chance.randint(hour_from, hour_to):02}:{chance.randint(0, 59):02}"

    def version(row, key):
        return row | ({"_deleted_at": f"2026-06-2{load} 00:00"} if load > 1 and key % 7 == 0 else {})

    for n in sorted(chance.sample(range(120), 60)):
        who = chance.choice(["k1", "k2", "k3", "k4", None])
        made = at()
        row = {
            "ticket_id": f"t{n}",
            "customer_id": who,
            "created_at": made,
            "category": chance.choice(["bug", "login", None]),
        }
        row |= {
            "channel": chance.choice(["chat", "mail"]),
            "assignee_id": chance.choice(["a1", "a2"]),
            "status": "solved",
        }
        row |= {
            "first_resolved_at": f"{made[:11]}23:59",
            "solved_at": f"{made[:11]}23:59",
            "updated_at": f"2026-06-1{load} 00:00",
        }
        row |= {
            "handle_seconds": chance.choice([600, 5400, None]),
            "merged_into_id": chance.choice([None] * 5 + ["t1", "t2"]),
        }
        drawn["tickets"].append(version(row, n))
    for n in sorted(chance.sample(range(60), 40)):
        # Legs close to midnight in Tokyo (15:00 UTC), passed on from one to the next.
        minute = 14 * 60 + 40 + n % 40
        start = f"2026-05-{3 + n % 20:02} {minute // 60:02}:{minute % 60:02}"
        row = {
            "call_id": f"c{n}",
            "customer_id": chance.choice(["k1", "k2"]),
            "offered_at": start,
            "answered_at": start,
        }
        row |= {
            "outcome": chance.choice(["answered", "answered", "abandoned"]),
            "talk_seconds": chance.choice([120, 900]),
        }
        row |= {
            "agent_id": chance.choice(["a1", "a2"]),
            "wrap_seconds": 60,
            "ticket_id": chance.choice([None, None, "t3"]),
        }
        drawn["calls"].append(version(row, n))
    for n in sorted(chance.sample(range(20), 10)):
        row = {
            "touch_id": f"w{n}",
            "customer_id": chance.choice(["k1", "k2", "k3"]),
            "kind": "workshop",
            "is_group": True,
        }
        row |= {
            "session_id": f"s{n % 4}",
            "attendees": 3,
            "minutes": 60,
            "owner": "a3",
            "occurred_at": f"2026-05-1{n % 4} 02:00",
        }
        drawn["success_touches"].append(version(row, n))
    for day in chance.sample(range(3, 29), 12):
        shift = {
            "agent_id": "a1",
            "team": "support",
            "skill": "support",
            "hourly_cost_minor": 3000 + load,
            "currency": "JPY",
        }
        drawn["agents_shifts"].append(
            shift | {"starts_at": f"2026-05-{day:02} 13:00", "ends_at": f"2026-05-{day:02} {17 + load}:00"}
        )
    for n in sorted(chance.sample(range(20), 10)):
        row = {"mention_id": f"m{n}", "customer_id": chance.choice(["k1", None]), "posted_at": at()}
        drawn["social_mentions"].append(version(row, n))
    return drawn


for load, given in enumerate((FIRST, SECOND), start=1):
    for name, more in chance_rows(random.Random(load), load).items():
        given[name] = given.get(name, []) + more
FIRST["customers"] += [{"customer_id": f"k{n}", "signed_up_at": f"2026-0{n}-20 00:00"} for n in (1, 2, 3)]
# Over midnight in Tokyo (15:00 UTC): a second leg makes the call of the day before another one, and a second chat takes half of
# the time of the chat of the day before.
NIGHT = {"status": "solved", "channel": "chat", "assignee_id": "a9", "handle_seconds": 3600}
LEG = {"customer_id": "steady", "outcome": "answered", "agent_id": "a9", "talk_seconds": 120}
FIRST["tickets"] += [
    ticket("late_chat", "2026-06-14", **NIGHT, first_resolved_at="2026-06-14 14:59", solved_at="2026-06-14 14:59")
]
FIRST["calls"] += [LEG | {"call_id": "n1", "offered_at": "2026-06-13 14:55", "answered_at": "2026-06-13 14:55"}]
SECOND["tickets"] += [
    ticket("early_chat", "2026-06-14", **NIGHT, first_resolved_at="2026-06-14 15:29", solved_at="2026-06-14 15:29")
]
SECOND["calls"] += [LEG | {"call_id": "n2", "offered_at": "2026-06-13 15:02", "answered_at": "2026-06-13 15:02"}]
SECOND["customers"] += [{"customer_id": "k4", "signed_up_at": "2026-03-20 00:00"}]


def rows(home, table, columns="*"):
    with connect(home) as connection:
        return connection.execute(f"select {columns} from {table} order by all").fetchall()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """June days whose tickets the second load touches, and the facts after it: built in part, then built anew."""
    home = tmp_path_factory.mktemp("incremental")
    build_warehouse(home, FIRST, *MODELS, *WITHOUT_TESTS).close()
    land_rows(home, SECOND, load_id="load-2", loaded_at="2030-01-02 00:00:00")
    run_dbt(home, "build", "--select", *MODELS, *WITHOUT_TESTS)
    touched = {name: [row[0] for row in rows(home, name)] for name in TOUCHED}
    in_part = {name: rows(home, name) for name in FACTS}
    # A run that broke off before the work of a day was allocated.
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"delete from fct_work_allocation where built_on = date '{BROKEN_OFF}'")
    run_dbt(home, "build", "--select", *MODELS, *WITHOUT_TESTS)
    again = {name: [str(row[0]) for row in rows(home, name)] for name in TOUCHED} | {
        "work": rows(home, "fct_work_allocation")
    }
    run_dbt(home, "build", "--full-refresh", "--select", *MODELS, *WITHOUT_TESTS)
    return touched, in_part, again, {name: rows(home, name) for name in FACTS}, rows(home, "fct_ticket", "ticket_id")


def test_only_days_whose_tickets_a_load_touches_are_rebuilt(rebuilt):
    june = {f"2026-06-{day:02d}" for day in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 20)}
    touched = {str(day) for day in rebuilt[0]["int_support__touched_days"]}
    assert {day for day in touched if day >= "2026-06"} == june


@pytest.mark.parametrize("fact", FACTS)
def test_incremental_equals_full_rebuild_row_for_row(rebuilt, fact):
    _, in_part, _, anew, _ = rebuilt
    assert len(anew[fact]) > 30
    assert in_part[fact] == anew[fact]


def test_a_timeline_that_no_load_touches_is_left_alone(rebuilt):
    people = set(rebuilt[0]["int_support__touched_people"])
    assert "steady" in people
    assert not people & {"ticket|untouched", "ticket|untouched_too"}


def test_what_lands_after_midnight_changes_the_day_before(rebuilt):
    _, in_part, _, _, _ = rebuilt
    calls = {row[0]: row[1] for row in in_part["fct_call"]}
    assert calls["n2"] == "n1"
    minutes = {row[2]: row[MINUTES] for row in in_part["fct_work_allocation"]}
    # An hour each, of which half an hour was shared.
    assert (minutes["late_chat"], minutes["early_chat"]) == (45, 45)


def test_where_nothing_landed_only_what_a_broken_run_left_is_rebuilt(rebuilt):
    _, _, again, anew, _ = rebuilt
    assert {name: again[name] for name in TOUCHED if again[name]} == {"int_support__touched_work_days": [BROKEN_OFF]}
    assert again["work"] == anew["fct_work_allocation"]


def test_deleted_tickets_and_those_of_test_customers_go(rebuilt):
    tickets = {ticket_id for (ticket_id,) in rebuilt[4]}
    assert not tickets & {"deleted", "of_a_test"}
