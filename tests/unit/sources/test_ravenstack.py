"""RavenStack as foreign input: what lands reconciles with the files, table by table."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from naruki.errors import NarukiError
from naruki.sources.check import check_sources
from naruki.sources.landing import LandingReport, land
from naruki.sources.mapping import load_sources

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "examples" / "ravenstack" / "sources.yml"
DATA = Path(os.environ.get("NARUKI_RAVENSTACK", ROOT.parent / "shared" / "data" / "ravenstack"))

needs_data = pytest.mark.skipif(
    not (DATA / "accounts.csv").exists(),
    reason="RavenStack's files are not here: set NARUKI_RAVENSTACK to the folder that holds accounts.csv",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LandingReport]:
    folder = tmp_path_factory.mktemp("ravenstack")
    sources = load_sources(MAPPING, environment={"NARUKI_RAVENSTACK": str(DATA)})
    return folder, land(sources, folder, now=datetime(2025, 1, 1), salt="salt")


def ask(home: tuple[Path, LandingReport], query: str) -> list[tuple]:
    """`{table}` in the query is what landed of a table, `{file.csv}` a file as delivered."""
    query = query.replace("{accounts}", f"read_csv('{DATA}/accounts.csv')")
    for name in ("subscriptions", "feature_usage", "support_tickets", "churn_events"):
        query = query.replace(f"{{{name}.csv}}", f"read_csv('{DATA}/{name}.csv')")
    for table in ("customers", "subscriptions", "usage_events", "tickets", "survey_responses", "refunds"):
        query = query.replace(f"{{{table}}}", f"read_parquet('{home[0]}/landing/{table}/load_date=2025-*/*.parquet')")
    with duckdb.connect() as con:
        return con.execute(query).fetchall()


def test_an_unset_folder_is_told_in_one_sentence() -> None:
    with pytest.raises(
        NarukiError, match=r"sources.yml, setting root, needs the environment variable NARUKI_RAVENSTACK"
    ):
        load_sources(MAPPING, environment={})


@needs_data
def test_the_doctor_finds_nothing_to_mend() -> None:
    findings = check_sources(load_sources(MAPPING, environment={"NARUKI_RAVENSTACK": str(DATA)}))
    assert not [finding for finding in findings if finding.level == "error"]


@needs_data
def test_every_row_lands(home: tuple[Path, LandingReport]) -> None:
    landed = {}
    for row in home[1].rows:
        assert (row.status, row.rows_quarantined, row.cells_nulled) == ("landed", 0, 0), row.message
        landed[row.table_name, row.source_file] = (row.rows_landed, row.rows_filtered)
    assert landed == {
        ("customers", "accounts.csv"): (500, 0),
        ("subscriptions", "subscriptions.csv"): (5000, 0),
        ("usage_events", "feature_usage.csv"): (25000, 0),
        ("tickets", "support_tickets.csv"): (2000, 0),
        ("survey_responses", "support_tickets.csv"): (1175, 825),
        ("survey_responses", "churn_events.csv"): (600, 0),
        ("refunds", "churn_events.csv"): (142, 458),
    }


@needs_data
def test_what_a_subscription_is_worth_a_month_is_the_files_mrr(home: tuple[Path, LandingReport]) -> None:
    monthly = "quantity * unit_amount_minor / if(billing_interval = 'year', 12, 1)"
    ((different, total),) = ask(
        home,
        f"select count(*) filter ({monthly} <> mrr_amount * 100), count(*) "
        "from {subscriptions} join {subscriptions.csv} as given using (subscription_id)",
    )
    assert (different, total) == (0, 5000)


@needs_data
def test_mrr_of_a_month_end_reconciles_with_the_file(home: tuple[Path, LandingReport]) -> None:
    monthly = "quantity * unit_amount_minor / if(billing_interval = 'year', 12, 1) / 100"
    landed, given = (
        ask(
            home,
            f"select last_day(month), sum({amount}) from {table}, "
            "range(timestamp '2023-01-01', timestamp '2025-01-01', interval 1 month) as m(month) "
            f"where {started} <= last_day(month) and ({ended} is null or {ended} > last_day(month)) and {paying} "
            "group by 1 order by 1",
        )
        for amount, table, started, ended, paying in (
            (monthly, "{subscriptions}", "started_at", "ended_at", "not is_trial"),
            ("mrr_amount", "{subscriptions.csv}", "start_date", "end_date", "true"),
        )
    )
    assert len(given) == 24
    assert [(month, round(amount, 2)) for month, amount in landed] == [
        (month, float(amount)) for month, amount in given
    ]


@needs_data
def test_ids_that_stand_on_two_different_rows_stay_two_events(home: tuple[Path, LandingReport]) -> None:
    counts = "select count(distinct event_id), count(distinct split_part(event_id, '/', 1)) from {usage_events}"
    assert ask(home, counts) == [(25000, 24979)]


@needs_data
def test_every_event_finds_its_customer_through_the_subscription(home: tuple[Path, LandingReport]) -> None:
    found = "select count(*) from {usage_events} where customer_id in (select customer_id from {customers})"
    assert ask(home, found) == [(25000,)]


@needs_data
def test_redaction_leaves_ids_and_flags_alone(home: tuple[Path, LandingReport]) -> None:
    same = (
        "(properties ->> 'source_id') = usage_id and (properties ->> 'subscription_id') = given.subscription_id "
        "and cast((properties ->> 'is_beta') as boolean) = is_beta_feature"
    )
    joined = "split_part(event_id, '/', 1) = usage_id and split_part(event_id, '/', 2) = given.subscription_id"
    found = f"select count(*) from {{usage_events}} join {{feature_usage.csv}} as given on {joined} where {same}"
    assert ask(home, found) == [(25000,)]


@needs_data
def test_refunds_add_up_to_the_cent(home: tuple[Path, LandingReport]) -> None:
    assert ask(home, "select sum(amount_minor) from {refunds}") == [(865225,)]


@needs_data
def test_scores_are_those_of_the_tickets(home: tuple[Path, LandingReport]) -> None:
    assert ask(home, "select sum(score) from {survey_responses} where kind = 'csat'") == ask(
        home, "select sum(satisfaction_score) from {support_tickets.csv}"
    )
