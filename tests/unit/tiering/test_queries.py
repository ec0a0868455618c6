"""Questions in SQL to small tables whose answers can be worked out by hand."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from naruki.tiering import queries

DAY = date(2026, 6, 30)
MONTHS = """
    select
        customer_id, cast(month_start_date as date) as month_start_date, is_paying, 100 as cost_to_serve_minor,
        1000 as gross_margin_minor, 900 as contribution_minor, demand_hours, 0.5 as vendor_fault_hours, 1.0 as proactive_hours,
        mrr_minor, 0.5 as utilisation_rate, true as is_complete
    from (values {rows}) as t(customer_id, month_start_date, is_paying, demand_hours, mrr_minor)
"""


@pytest.fixture
def ask(tmp_path, seeds):
    """ask(question, tables) -> rows; tables by name as SQL. Past tiers: `a` high since the end of March, low since May."""
    connection = duckdb.connect()
    connection.execute(f"set file_search_path = '{tmp_path}'")
    for name in ("cfg_action", "cfg_tier", "cfg_currency", "cfg_setting"):
        connection.execute(f"create table {name} as from read_csv('{seeds / name}.csv', header = true)")
    connection.execute("create table cfg_experiment_arm(experiment varchar, customer_id varchar, started_on date)")
    tiers = {"2026-03-31": "high", "2026-05-31": "low"}
    for day, tier in tiers.items():
        write(
            connection,
            tmp_path,
            "customer_tiers",
            day,
            f"""
            select date '{day}' as as_of_date, 'a' as customer_id, '{tier}' as tier, 'high' as tier_by_ltv_only,
                'high' as proposed_tier, null::varchar as previous_tier, 10.0 as value_baseline
            """,
        )

    def run(question: str, **tables: str) -> list[dict]:
        for name, query in tables.items():
            connection.execute(f"create or replace table {name} as {query}")
        text = Path(queries.__path__[0], f"{question}.sql").read_text(encoding="utf-8")
        return connection.execute(text, {"day": DAY}).to_arrow_table().to_pylist()

    run.connection, run.folder = connection, tmp_path
    return run


def write(connection, folder: Path, table: str, day: str, query: str) -> None:
    where = folder / "computed" / table / f"as_of_date={day}"
    where.mkdir(parents=True)
    connection.execute(f"copy ({query}) to '{where / table}.parquet'")


def months(*rows: tuple) -> str:
    return MONTHS.format(rows=", ".join(f"('{c}', '{m}', {p}, {h}, {mrr})" for c, m, p, h, mrr in rows))


FACTS = {
    "fct_churn_event": "select 'a' as customer_id, date '2026-06-01' as month_start_date, true as is_ended, false as is_pause",
    "fct_touch": """
        select 'a' as customer_id, date '2026-04-10' as occurred_date, 'high' as tier, false as is_group, false as is_missed
        union all select 'a', date '2026-04-11', 'high', false, true
    """,
    "fct_ticket": """
        select 'a' as customer_id, date '2026-04-02' as created_on, true as is_counted, true as is_inbound, 241.0 as first_reply_business_minutes
        union all select 'a', date '2026-04-03', true, true, 240.0
    """,
}


def test_month_counts_for_the_tier_that_was_in_force_when_it_began(ask):
    table = months(*(("a", f"2026-0{m}-01", m < 6, 2.0, 10) for m in range(3, 8)))
    rows = {row["month_start_date"].month: row for row in ask("tier_months", fct_customer_month=table, **FACTS)}
    # March is before the first decision, July after the day; in June the customer left.
    assert {month: row["tier"] for month, row in rows.items()} == {3: None, 4: "high", 5: "high", 6: "low"}
    assert {month: row["is_churned"] for month, row in rows.items()} == {3: None, 4: False, 5: False, 6: True}
    assert rows[4]["hours"] == 3.5


def test_promises_of_a_tier_are_its_first_replies_and_its_touches(ask):
    table = months(*(("a", f"2026-0{m}-01", True, 2.0, 10) for m in range(3, 7)))
    rows = {row["month_start_date"].month: row for row in ask("tier_months", fct_customer_month=table, **FACTS)}
    # High touch answers within 4 hours: one of two. It promises 1 + 1 + 1 + 12 + 1 single touches a year; one was done.
    assert (rows[4]["targets"], rows[4]["missed_targets"]) == (2, 1)
    assert (rows[4]["planned_touches"], rows[4]["missed_touches"]) == pytest.approx((16 / 12, 16 / 12 - 1))
    assert (rows[5]["targets"], rows[5]["missed_touches"]) == pytest.approx((0, 16 / 12))


def test_back_test_takes_the_three_months_after_a_decision_and_no_later_one(ask):
    table = months(*(("a", f"2026-0{m}-01", True, 2.0, 10) for m in range(3, 8)))
    rows = ask("back_test", fct_customer_month=table)
    # April to June after the decision of March; that of May has not had its three months.
    assert [(row["as_of_date"], row["tier"], row["outcome"]) for row in rows] == [(date(2026, 3, 31), "high", 2700)]


def test_result_is_three_months_before_against_the_months_after_and_leaves_out_the_month_itself(ask):
    write(
        ask.connection,
        ask.folder,
        "action_queue",
        "2026-04-15",
        "select date '2026-04-15' as as_of_date, 'a' as customer_id, date '2026-04-15' as first_listed_on",
    )
    hours = {1: 3.0, 2: 3.0, 3: 3.0, 4: 99.0, 5: 1.0, 6: 2.0, 7: 50.0}
    table = months(*(("a", f"2026-0{m}-01", m < 6, h, 10 if m < 4 else 15) for m, h in hours.items()))
    (row,) = ask("results", fct_customer_month=table)
    assert row["demand_hours_change"] == pytest.approx(1.5 - 3.0)
    assert row["mrr_change"] == pytest.approx(0.5)
    assert row["is_retained"] == 0


def test_outcome_of_an_action_shows_when_it_was_due_reached_and_settled(ask):
    write(
        ask.connection,
        ask.folder,
        "action_queue",
        "2026-06-01",
        """
        select date '2026-06-01' as as_of_date, key as action_key, 'check_in' as action, 'a' as customer_id, 'silent' as trigger,
            'Hana' as owner, date '2026-06-01' as first_listed_on, due as due_on
        from (values ('in time', date '2026-06-08'), ('late', date '2026-06-02'), ('open', date '2026-07-08'), ('missed', date '2026-06-08')) as t(key, due)
        """,
    )
    # Settled at 16:00 UTC, which is the next day in Tokyo; the last report comes after the day of the decision.
    outcomes = """
        select *, date '2026-06-05' as contacted_on from (values
            ('in time', 'resolved', 'Hana', timestamp '2026-06-06 16:00:00'), ('late', 'kept', 'Hana', null)
        ) as t(action_key, outcome, reported_by, resolved_at)
        union all select 'missed', 'kept', 'Hana', null, date '2026-07-01'
    """
    rows = {row["action_key"]: row for row in ask("action_outcomes", stg_outcomes=outcomes)}
    assert {key: row["is_in_time"] for key, row in rows.items()} == {
        "in time": True,
        "late": False,
        "open": None,
        "missed": False,
    }
    assert (rows["in time"]["resolved_on"], rows["in time"]["outcome"]) == (date(2026, 6, 7), "resolved")
    assert (rows["missed"]["contacted_on"], rows["missed"]["outcome"]) == (None, None)
