"""Rates of exchange: daily quotes of the policy or of a feed, carried forward, crossed for another reporting currency."""

from datetime import date

import duckdb
import pytest

from tests.models.warehouse import build_warehouse, connect, run_dbt

ROWS = {
    # The data reach from a Thursday to the Sunday after: 1 November 2026 in Tokyo.
    "customers": [
        {"customer_id": "first", "signed_up_at": "2026-10-29 00:00"},
        {"customer_id": "last", "signed_up_at": "2026-11-01 01:00"},
    ],
    "fx_rates": [
        {"rate_date": date(2026, 10, 30), "currency": "GBP", "rate_to_reporting": 200.0},
        # Quoted into another currency than ours: not for us.
        {
            "rate_date": date(2026, 10, 29),
            "currency": "USD",
            "reporting_currency": "EUR",
            "rate_to_reporting": 0.9,
        },
    ],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rates")
    build_warehouse(folder, ROWS, "+int_billing__fx_rate").close()
    return folder


def rates(home, currency, days="rate_date <= '2026-11-01'"):
    with connect(home) as warehouse:
        return warehouse.execute(
            "select strftime(rate_date, '%m-%d'), round(rate_to_reporting, 6), strftime(quoted_on, '%m-%d')"
            f" from int_billing__fx_rate where currency = ? and {days} order by rate_date",
            [currency],
        ).fetchall()


def test_a_weekend_is_converted_at_the_rate_of_friday(home):
    assert rates(home, "EUR")[1:] == [
        ("10-30", 175.68, "10-30"),
        ("10-31", 175.68, "10-30"),
        ("11-01", 175.68, "10-30"),
    ]


def test_from_its_first_day_on_a_delivered_currency_is_not_mixed_with_the_policy(home):
    assert [(day, rate) for day, rate, _ in rates(home, "GBP")][1:] == [
        ("10-30", 200.0),
        ("10-31", 200.0),
        ("11-01", 200.0),
    ]
    assert rates(home, "GBP")[0][1] != 200.0


def test_a_quote_into_another_currency_is_not_taken_for_ours(home):
    assert rates(home, "USD")[-1] == ("11-01", 157.2503, "10-30")


def test_a_currency_without_a_rate_has_none(home):
    assert rates(home, "VND") == []


def test_a_company_that_reports_in_dollars_gets_cross_rates(home):
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("update cfg_setting set value = 'USD' where setting = 'reporting_currency'")
    run_dbt(home, "run", "--select", "int_billing__fx_rate")
    assert rates(home, "EUR")[-1][1] == round(175.68 / 157.2503, 6)
    assert rates(home, "JPY")[-1][1] == round(1 / 157.2503, 6)
    assert rates(home, "USD")[-1][1] == 1
    with connect(home) as warehouse:
        # A yen has no minor unit, a dollar a hundred cents: 0.636 cents a yen.
        found = warehouse.execute(
            "select round(reporting_minor_per_minor, 6) from int_billing__fx_rate"
            " where currency = 'JPY' and rate_date = '2026-11-01'"
        ).fetchone()
    assert found == (round(100 / 157.2503, 6),)


def test_a_seed_whose_columns_changed_loads_into_a_home_that_has_the_old_one(home):
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("alter table cfg_currency drop column label_ja")
    run_dbt(home, "seed", "--select", "cfg_currency")
    with connect(home) as warehouse:
        assert warehouse.execute("select label_ja from cfg_currency where currency = 'JPY'").fetchone() == ("日本円",)
