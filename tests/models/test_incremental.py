"""What a run rebuilds: exactly the days that new loads touch, with the result of a full rebuild."""

import random
import re
from datetime import date

import pytest

from tests.models.warehouse import CONTRACT, REPO, connect, land_rows, run_dbt

MODELS = ("+warehouse_loads", "--exclude-resource-type", "test", "unit_test")
TABLES = ("int_usage__user_feature_day", "fct_customer_day", "warehouse_loads")


def event(event_id, occurred_at, user_id="u1", **more):
    return {"event_id": event_id, "user_id": user_id, "event_name": "open", "occurred_at": occurred_at} | more


def customer(customer_id, **more):
    return {"customer_id": customer_id, "signed_up_at": "2025-01-01 00:00"} | more


LOADS = [
    {
        "customers": [customer("c1"), customer("c2"), customer("c3")],
        "users": [{"user_id": "u1", "customer_id": "c1"}, {"user_id": "u2", "customer_id": "c1"}],
        "usage_events": [
            event("e1", "2026-03-01 02:00"),
            event("e2", "2026-03-01 03:00", "u2", duration_seconds=0.1),
            event("e3", "2026-03-02 03:00", is_error=True),
            event("e4", "2026-03-03 03:00", duration_seconds=0.2),
            event("e5", "2026-03-04 03:00", "u9"),  # a user whose customer is not known yet
            event("e6", "2026-03-05 03:00", customer_id="c2", user_id=None),
            event("e6", "2026-03-05 03:00", customer_id="c2", user_id=None),  # twice in one load
            event("e7", "2026-03-06 03:00", customer_id="c3", user_id="u3"),
            event("e8", "2026-03-07 03:00"),
        ],
    },
    {
        "usage_events": [
            event("e1", "2026-03-01 02:00"),  # repeated as it was
            event("e3", "2026-03-09 03:00"),  # corrected: it happened on another day, and without an error
            event("e8", "2026-03-07 03:00", _deleted_at="2026-03-10 00:00"),  # deleted: its day becomes empty
            event("e9", "2026-03-01 14:59", "u2"),  # late, on a day gone by
            event("e10", "2026-03-01 15:00", "u2"),  # a minute later is the next day in Tokyo
        ]
    },
    {"users": [{"user_id": "u9", "customer_id": "c2"}], "customers": [customer("c3", is_test=True)]},
    {"usage_events": [event("e8", "2026-03-07 05:00"), event("e3", "2026-03-02 03:00", is_error=False)]},
]


def random_loads():
    """Three hundred keys of February that arrive late, again, changed, moved to other days, deleted and restored."""
    chance = random.Random(7)
    loads = []
    for _ in LOADS:
        events = []
        for key in sorted(chance.sample(range(300), 90)):
            day, user = chance.randint(1, 27), chance.choice(["u1", "u2", "u9", None])
            row = event(
                f"r{key}", f"2026-02-{day:02} {chance.randint(0, 23):02}:30", user, event_name=chance.choice("abc")
            )
            row |= {"customer_id": chance.choice(["c1", "c2", None]), "duration_seconds": chance.random()}
            row |= {"_deleted_at": "2026-03-11 00:00"} if chance.random() < 0.2 else {}
            events.append(row)
        loads.append(events)
    return loads


for load, events in zip(LOADS, random_loads(), strict=True):
    load["usage_events"] = load.get("usage_events", []) + events


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One home that is built after every load, and one that is built once from all of them."""
    grown = tmp_path_factory.mktemp("grown")
    touched, grown_tables = [], {}
    loads = [(rows, f"load-{n}", f"2026-03-1{n} 00:00:00") for n, rows in enumerate(LOADS, start=1)]
    for number in range(1, len(loads) + 1):
        land_rows(grown, *loads[number - 1])
        run_dbt(grown, "build", "--select", *MODELS)
        touched.append(touched_days(grown))
        grown_tables[number] = contents(grown)
    run_dbt(grown, "build", "--select", *MODELS)
    touched.append(touched_days(grown))
    grown_tables["again"] = contents(grown)
    fresh = tmp_path_factory.mktemp("fresh")
    for load in loads:
        land_rows(fresh, *load)
    run_dbt(fresh, "build", "--select", *MODELS)
    return touched, grown_tables, contents(fresh)


def touched_days(home):
    with connect(home) as warehouse:
        days = warehouse.execute(
            "from int_usage__touched_days where touched_date >= '2026-03-01' order by 1"
        ).fetchall()
        return [str(day)[5:] for (day,) in days]


def contents(home):
    with connect(home) as warehouse:
        return {table: warehouse.execute(f"from {table} order by all").fetchall() for table in TABLES}


def test_incremental_equals_full_rebuild_row_for_row(runs):
    _, grown, fresh = runs
    assert len(fresh["int_usage__user_feature_day"]) > 100
    assert grown[4] == fresh


def test_only_the_days_that_a_load_touches_are_rebuilt(runs):
    """Repeated, late, the old and the new day of a correction, deleted; no other."""
    touched, _, _ = runs
    assert touched[1] == ["03-01", "03-02", "03-07", "03-09"]


def test_a_day_whose_events_are_deleted_is_empty_until_they_return(runs):
    _, grown, _ = runs
    days = {number: {str(row[1]) for row in grown[number]["fct_customer_day"]} for number in (1, 2, 4)}
    assert ["2026-03-07" in days[number] for number in (1, 2, 4)] == [True, False, True]


def test_an_event_that_moved_to_another_day_is_not_on_both(runs):
    _, grown, _ = runs
    errors = {number: [row[:2] for row in rows(grown, number) if row[6] is not None] for number in (1, 2, 4)}
    assert errors[1] == [("c1", date(2026, 3, 2))]
    assert errors[2] == []
    assert errors[4] == [("c1", date(2026, 3, 2))]


def rows(grown, number):
    return grown[number]["fct_customer_day"]


def test_a_user_whose_customer_becomes_known_touches_the_days_of_its_events(runs):
    touched, grown, _ = runs
    assert touched[2] == ["03-04", "03-06"]
    assert ("c2", date(2026, 3, 4)) not in [row[:2] for row in rows(grown, 2)]
    assert ("c2", date(2026, 3, 4)) in [row[:2] for row in rows(grown, 3)]


def test_a_customer_that_becomes_a_test_customer_leaves_the_facts(runs):
    _, grown, _ = runs
    assert "c3" in {row[0] for row in rows(grown, 2)}
    assert "c3" not in {row[0] for row in rows(grown, 3)}


def test_where_nothing_landed_nothing_is_rebuilt(runs):
    touched, grown, _ = runs
    assert touched[4] == []
    assert grown["again"] == grown[4]


def test_every_table_of_the_contract_is_in_the_list_of_loads():
    source = (REPO / "models" / "staging" / "stg_landed_loads.sql").read_text(encoding="utf-8")
    listed = re.findall(r"'([a-z_]+)'", source[source.index("set tables") : source.index("%}")])
    assert sorted(listed) == sorted(CONTRACT)
