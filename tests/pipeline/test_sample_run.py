"""The whole job on the sample company: nothing lost, nothing doubled, every decision explained."""

import json

import pytest

from tests.pipeline.conftest import naruki

FILLED = [
    "dim_customer", "fct_subscription_interval", "fct_mrr_movement", "fct_customer_month", "fct_customer_day", "fct_ticket", "fct_call",
    "fct_work_allocation", "mart_customer_value", "mart_support_effort", "mart_customer_voice", "customer_segments", "customer_tiers",
    "tier_reasons", "tier_capacity", "landed_files", "data_quality", "voc_source_comparison", "churn_triangulation", "push_effect",
    "contact_reasons", "product_requests", "voc_gold_score",
]  # fmt: skip


@pytest.fixture(scope="module")
def source(sample):
    """The files as they were delivered, read without any code of the project."""
    import duckdb

    connection = duckdb.connect()
    for file in sample.sources.iterdir():
        if file.suffix == ".parquet":
            connection.execute(f"create view {file.stem} as select * from read_parquet('{file}')")
        elif file.suffix == ".csv":
            connection.execute(
                f"create view {file.stem} as select * from read_csv('{file}', all_varchar = true, header = true)"
            )
        elif file.suffix == ".jsonl":
            connection.execute(f"create view {file.stem} as select * from read_json('{file}')")
    return lambda query: connection.execute(query).fetchone()[0]


@pytest.mark.parametrize("table", FILLED)
def test_the_table_is_published_and_filled(sample, table):
    assert sample.value(f"select count(*) from {table}") > 0


def test_every_row_of_every_file_landed_or_is_in_quarantine(sample):
    rows = sample.rows("select source_file, rows_read, rows_landed, rows_quarantined, status from landed_files")
    assert len(rows) == 22
    assert all(read == landed + quarantined for _, read, landed, quarantined, _ in rows)
    assert {status for *_, status in rows} == {"landed"}


def test_every_customer_of_the_source_is_a_customer_once(sample, source):
    assert sample.value("select count(*) from dim_customer") == source(
        "select count(distinct customer_id) from customers"
    )
    assert sample.value("select count(*) - count(distinct customer_id) from dim_customer") == 0


def test_every_ticket_of_the_source_is_a_ticket_once(sample, source):
    quarantined = sample.value(
        "select coalesce(sum(rows_quarantined), 0) from landed_files where table_name = 'tickets'"
    )
    bad = "ticket_id is null or created_at is null or try_cast(created_at as timestamp) is null or status is null"
    kept = source(f"select count(distinct ticket_id) from tickets where not ({bad})")
    assert quarantined == source(f"select count(*) from tickets where {bad}")
    published = sample.value("select count(*) from fct_ticket")
    of_tests = source(
        "select count(distinct ticket_id) from tickets join customers using (customer_id) where customers.is_test = 'true'"
    )
    assert published == kept - of_tests


def test_every_tier_has_a_reason_and_every_served_customer_a_tier(sample):
    assert (
        sample.value("select count(*) from customer_tiers_current anti join tier_reasons_current using (customer_id)")
        == 0
    )
    assert sample.value("select count(*) - count(distinct customer_id) from customer_tiers_current") == 0
    assert sample.value("select count(*) from customer_tiers_current where tier is null") == 0


def test_all_quadrants_and_all_tiers_are_used(sample):
    assert sample.value("select count(distinct quadrant) from customer_segments_current") == 4
    assert sample.value("select count(distinct tier) from customer_tiers_current") == 3


def test_hours_given_never_exceed_the_hours_there_are(sample):
    assert (
        sample.value(
            "select count(*) from tier_capacity_current where tier_hours > plannable_hours + 1e-6 and not is_over"
        )
        == 0
    )


def test_no_check_of_severity_error_failed_and_all_are_published(sample):
    assert sample.value("select count(*) from data_quality_current where status = 'failed'") == 0
    assert sample.value("select count(*) from data_quality_current where status = 'passed'") > 100


def test_the_manifest_tells_run_day_versions_rows_and_checksums(sample):
    manifest = json.loads((sample.current / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of_date"] == "2026-10-31"
    assert {"run_id", "code_version", "policy_version", "steps"} <= manifest.keys()
    assert manifest["tables"]["dim_customer"]["rows"] == sample.value("select count(*) from dim_customer")
    assert len(manifest["tables"]["dim_customer"]["sha256"]) == 64


def test_no_personal_data_of_the_source_is_published(sample, source):
    """E-mail addresses and phone numbers stand in the sample's texts on purpose; none may come through."""
    assert source("select count(*) from tickets where body like '%@example.%'") > 0
    texts = "select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and database_name = 'published' and schema_name = 'main'"
    for table, column in sample.rows(texts):
        found = sample.value(
            f'select count(*) from "{table}" where "{column}" like \'%@example.%\' or regexp_matches("{column}", \'0[0-9]{{1,3}}-[0-9]{{2,4}}-[0-9]{{4}}\')'
        )
        assert found == 0, (table, column)


def test_why_tells_every_number_behind_a_customer(sample):
    (customer,) = sample.rows(
        "select customer_id from customer_tiers_current where tier = 'high' order by customer_id limit 1"
    )[0]
    done = naruki("why", customer, "--home", str(sample.home))
    assert done.returncode == 0
    for word in (customer, "Quadrant", "Tier", "Reasons", "ltv_mean", "demand_hours"):
        assert word in done.stdout


def test_why_names_the_nearest_ids_when_there_is_no_such_customer(sample):
    done = naruki("why", "C000000X", "--home", str(sample.home))
    assert done.returncode == 1
    assert "No customer 'C000000X' is published; the nearest ids are C0" in " ".join(done.stderr.split())


def test_doctor_finds_nothing_to_mend_in_the_sample(sample):
    done = naruki("doctor", "--sources", str(sample.sources), "--home", str(sample.home))
    assert done.returncode == 0, done.stdout + done.stderr
