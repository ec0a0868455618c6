"""Tickets are rebuilt by the days that a load touches, and are then the same as if everything was built anew."""

import pytest

from tests.models.warehouse import build_warehouse, connect, land_rows, run_dbt

MODELS = ["+fct_ticket", "+warehouse_loads"]
WITHOUT_TESTS = ["--exclude-resource-type", "test", "unit_test"]
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


def rows(home, table, columns="*"):
    with connect(home) as connection:
        return connection.execute(f"select {columns} from {table} order by all").fetchall()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """Days touched by the second load, and the tickets after it: built in part, then built anew."""
    home = tmp_path_factory.mktemp("incremental")
    build_warehouse(home, FIRST, *MODELS, *WITHOUT_TESTS).close()
    land_rows(home, SECOND, load_id="load-2", loaded_at="2030-01-02 00:00:00")
    run_dbt(home, "build", "--select", *MODELS, *WITHOUT_TESTS)
    days = {str(day) for (day,) in rows(home, "int_support__touched_days")}
    in_part = rows(home, "fct_ticket")
    run_dbt(home, "build", "--full-refresh", "--select", *MODELS, *WITHOUT_TESTS)
    return days, in_part, rows(home, "fct_ticket"), rows(home, "fct_ticket", "ticket_id")


def test_only_days_whose_tickets_a_load_touches_are_rebuilt(rebuilt):
    june = {f"2026-06-{day:02d}" for day in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20)}
    assert rebuilt[0] == june | {"2026-05-01"}


def test_incremental_equals_full_rebuild_row_for_row(rebuilt):
    _, in_part, anew, _ = rebuilt
    assert in_part == anew


def test_deleted_tickets_and_those_of_test_customers_go(rebuilt):
    tickets = {ticket_id for (ticket_id,) in rebuilt[3]}
    assert len(tickets) == 12
    assert not tickets & {"deleted", "of_a_test"}
