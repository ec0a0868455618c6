"""What a run rebuilds: exactly the days that new loads touch, with the result of a full rebuild."""

import pytest

from tests.models.warehouse import connect, land_rows, run_dbt

MODELS = ("+warehouse_loads", "int_usage__user_feature_day")
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


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """One home that is built after every load, and for every load one that is built once from all that landed by then."""
    grown, at_once = tmp_path_factory.mktemp("grown"), []
    days = []
    for number, rows in enumerate(LOADS, start=1):
        loads = [(earlier, f"load-{i}", f"2026-03-1{i} 00:00:00") for i, earlier in enumerate(LOADS[:number], start=1)]
        land_rows(grown, *loads[-1])
        run_dbt(grown, "build", "--select", *MODELS)
        days.append(touched(grown))
        fresh = tmp_path_factory.mktemp("fresh")
        for load in loads:
            land_rows(fresh, *load)
        run_dbt(fresh, "build", "--select", *MODELS)
        at_once.append(contents(fresh))
        assert contents(grown) == at_once[-1], f"after load {number}"
    run_dbt(grown, "build", "--select", *MODELS)
    return days, touched(grown), at_once


def touched(home):
    with connect(home) as warehouse:
        return [str(day) for (day,) in warehouse.execute("select * from int_usage__touched_days order by 1").fetchall()]


def contents(home):
    with connect(home) as warehouse:
        return {table: warehouse.execute(f"from {table} order by all").fetchall() for table in TABLES}
