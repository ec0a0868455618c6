"""Real input: a foreign company's five files, whose totals are recomputed here straight from the CSVs."""

import duckdb
import pytest

from tests.pipeline.conftest import RAVENSTACK


@pytest.fixture(scope="module")
def source(ravenstack):
    connection = duckdb.connect()
    for file in RAVENSTACK.glob("*.csv"):
        connection.execute(f"create view {file.stem} as select * from read_csv('{file}', header = true)")
    return connection


def test_every_account_is_a_customer(ravenstack, source):
    assert (
        ravenstack.value("select count(*) from dim_customer")
        == source.execute("select count(*) from accounts").fetchone()[0]
        == 500
    )


def test_every_ticket_is_kept(ravenstack, source):
    assert (
        ravenstack.value("select count(*) from fct_ticket")
        == source.execute("select count(*) from support_tickets").fetchone()[0]
        == 2000
    )


def test_mrr_of_every_month_is_what_the_subscriptions_say(ravenstack, source):
    """MRR at the end of a month: subscriptions that have begun, have not ended and are no trial."""
    expected = source.execute("""
        with months as (select unnest(generate_series(date '2023-01-31', date '2024-12-31', interval 1 day)) as day),
        ends as (select cast(day as date) as day from months where day = last_day(cast(day as date)))
        select day, sum(mrr_amount) * 100
        from ends join subscriptions on start_date <= day and (end_date is null or end_date > day) and not is_trial and mrr_amount > 0
        group by day order by day
    """).fetchall()
    found = ravenstack.rows("""
        select month_end_date, sum(amount_original_minor) from fct_mrr_movement
        where kind = 'closing' and month_end_date <= date '2024-12-31' and amount_original_minor <> 0 group by 1 order by 1
    """)
    assert len(expected) == 24
    assert [(day, int(amount)) for day, amount in found] == [(day, int(amount)) for day, amount in expected]


def test_every_distinct_usage_row_is_counted_once(ravenstack, source):
    total = (
        "select count(*) from (select distinct usage_id, subscription_id, usage_date, feature_name from feature_usage)"
    )
    assert ravenstack.value("select sum(events) from fct_customer_day") == source.execute(total).fetchone()[0]


def test_what_the_company_does_not_deliver_is_unknown_and_not_zero(ravenstack):
    assert ravenstack.value("select count(*) from fct_call") == 0
    assert (
        ravenstack.value(
            "select count(*) from mart_customer_value_current where cost_to_serve = 0 and is_effort_unknown"
        )
        == 0
    )


def test_oddities_of_the_data_are_reported(ravenstack):
    warned = dict(ravenstack.rows("select check_name, n from data_quality_current where status = 'warned'"))
    assert warned["sources_usage_within_a_subscription"] > 10_000
    assert warned["sources_cancellations_agree_with_subscriptions"] > 0
    assert warned["sources_ids_are_not_reused"] > 0


def test_all_tables_of_decisions_are_filled(ravenstack):
    for table in ("customer_segments", "customer_tiers", "tier_reasons", "tier_capacity"):
        assert ravenstack.value(f"select count(*) from {table}") > 0, table
