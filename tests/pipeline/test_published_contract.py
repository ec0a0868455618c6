"""What others build on: tables, columns and types that change only on purpose, what they mean, and metrics that agree with the marts."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from dbt_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator

from naruki.project import ROOT
from naruki.publishing.dictionary import tables_of
from tests.pipeline.conftest import Deployment, must_succeed, naruki
from tests.pipeline.metrics import Metrics

SCHEMA = Path(__file__).with_name("published_schema.csv")
OLD_DRIVER = "duckdb==1.0.0"


@pytest.fixture(scope="module")
def manifest(sample: Deployment) -> dict:
    return json.loads((sample.home / "target" / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def semantic(sample: Deployment) -> str:
    return (sample.home / "target" / "semantic_manifest.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def metrics(sample: Deployment, semantic: str):
    with sample.published() as connection:
        yield Metrics(json.loads(semantic), connection)


def columns(sample: Deployment) -> list[list[str]]:
    """Table, column and type of everything that is published, policy aside."""
    query = """
        select table_name, column_name, data_type from duckdb_columns()
        where database_name = 'published' and schema_name = 'main' and not table_name like '%\\_current' escape '\\'
        order by table_name, column_index
    """
    return [list(row) for row in sample.rows(query)]


def test_tables_columns_and_types_are_those_that_readers_know(sample: Deployment):
    """A column that goes or changes its type breaks somebody's report: announce it in CHANGELOG.md, then write the new list to
    published_schema.csv (the failed test leaves it in target/published_schema.csv)."""
    found = columns(sample)
    with SCHEMA.open(encoding="utf-8", newline="") as lines:
        known = list(csv.reader(lines))[1:]
    if found != known:
        left = ROOT / "target" / SCHEMA.name
        left.parent.mkdir(exist_ok=True)
        with left.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerows([["table_name", "column_name", "data_type"], *found])
    assert [row for row in known if row not in found] == [], "these columns went or changed"
    assert [row for row in found if row not in known] == [], "these columns are new"
    assert found == known, "the order of columns changed"


def test_parquet_files_have_the_same_columns_as_the_tables(sample: Deployment):
    described = [
        [file.stem, name, kind]
        for file in sorted((sample.current / "parquet").glob("*.parquet"))
        for name, kind, *_ in duckdb.sql(f"describe select * from read_parquet('{file}')").fetchall()
    ]
    assert described == columns(sample)


def test_a_driver_of_two_years_ago_reads_the_database_and_the_parquet_files(sample: Deployment, tmp_path: Path):
    installed = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "--target",
            tmp_path,
            OLD_DRIVER,
        ],
        capture_output=True,
        text=True,
    )
    assert installed.returncode == 0, f"{OLD_DRIVER} could not be installed: {installed.stderr}"
    program = """
        import sys; sys.path.insert(0, sys.argv[1])
        import duckdb
        assert duckdb.__version__ == "1.0.0", duckdb.__version__
        with duckdb.connect(sys.argv[2] + "/published.duckdb", read_only=True) as published:
            tables = [row[0] for row in published.execute("select table_name from duckdb_tables() where schema_name = 'main' order by 1").fetchall()]
            for table in tables:
                (rows,) = published.execute(f'select count(*) from "{table}"').fetchone()
                (parquet,) = published.execute(f"select count(*) from read_parquet('{sys.argv[2]}/parquet/{table}.parquet')").fetchone()
                assert rows == parquet, table
            print(len(tables), published.execute("select count(*) from customer_tiers_current").fetchone()[0])
    """
    lines = "\n".join(line.removeprefix("        ") for line in program.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", lines, tmp_path, sample.current.resolve()], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    known = sample.rows(
        "select count(*) from duckdb_tables() where schema_name = 'main' and database_name = 'published'"
    )[0][0]
    assert done.stdout.split() == [str(known), str(sample.value("select count(*) from customer_tiers_current"))]


def test_every_published_table_and_column_is_described_in_both_languages(sample: Deployment, manifest: dict):
    from naruki.tiering.columns import TABLES

    told = {table.name: table for table in tables_of(manifest, dict.fromkeys(TABLES, "–"))}
    policy = "select table_name, column_name, '' from duckdb_columns() where database_name = 'published' and schema_name = 'policy'"
    lacking = []
    for name, column, _ in [*columns(sample), *map(list, sample.rows(policy))]:
        table = told.get(name)
        found = next((one for one in table.columns if one.name == column), None) if table else None
        if not (table and table.description and table.label_ja and found and found.description and found.label_ja):
            lacking.append(f"{name}.{column}")
    assert lacking == []


def test_the_dictionary_of_a_publication_tells_every_table(sample: Deployment):
    html = (sample.current / "dictionary.html").read_text(encoding="utf-8")
    assert [name for name in {row[0] for row in columns(sample)} if f'id="{name}"' not in html] == []


def test_exposures_name_what_stands_on_the_models(sample: Deployment, manifest: dict):
    exposures = {
        one["name"]: {manifest["nodes"][node]["name"] for node in one["depends_on"]["nodes"]}
        for one in manifest["exposures"].values()
    }
    models = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and {"facts", "marts"} & set(node["fqn"])
        and node["config"]["materialized"] != "ephemeral"
    }
    assert exposures["published_tables"] == models & {row[0] for row in columns(sample)} == models
    for exposure, folder in (("leaders_page", "publishing/page"), ("notifications", "alerts")):
        queries = "".join(
            file.read_text(encoding="utf-8") for file in (ROOT / "naruki" / folder / "queries").rglob("*.sql")
        )
        read = {name.removesuffix("_current") for name in re.findall(r"\b(?:from|join)\s+(\w+)", queries)}
        assert exposures[exposure] == read & models


def test_the_semantic_layer_is_valid(semantic: str):
    found = SemanticManifestValidator[PydanticSemanticManifest]().validate_semantic_manifest(
        PydanticSemanticManifest.parse_raw(semantic)
    )
    assert [issue.message for issue in found.errors] == []


def test_every_metric_has_a_label_in_both_languages_and_a_meaning(semantic: str):
    metrics = json.loads(semantic)["metrics"]
    assert len(metrics) >= 10
    assert [
        one["name"]
        for one in metrics
        if not (one["label"] and one["description"] and one["config"]["meta"]["label_ja"])
    ] == []


@pytest.mark.parametrize(
    ("metric", "column"), [("grr_12m", "grr"), ("nrr_12m", "nrr"), ("logo_churn_12m", "logo_churn_rate")]
)
def test_retention_metrics_are_what_the_mart_says_in_every_month(
    sample: Deployment, metrics: Metrics, metric: str, column: str
):
    months = sample.rows(
        f"select month_start_date, {column} from mart_revenue_retention_current where horizon_months = 12 order by 1"
    )
    assert len(months) >= 6
    for month, rate in months:
        assert metrics.value(metric, f"month_start_date = date '{month}'") == pytest.approx(rate, abs=5e-4), month


def test_mrr_is_what_the_movements_close_with_in_every_month(sample: Deployment, metrics: Metrics):
    months = sample.rows(
        "select month_start_date, sum(amount_minor) from fct_mrr_movement where kind = 'closing' group by 1 order by 1"
    )
    assert len(months) >= 12
    for month, closing in months:
        assert metrics.value("mrr", f"month_start_date = date '{month}'") == float(closing), month


def test_paying_customers_are_the_closing_base(sample: Deployment, metrics: Metrics):
    month, closing = sample.rows(
        "select month_start_date, customers_closing from mart_revenue_retention_current where horizon_months = 1 order by 1 desc limit 1"
    )[0]
    assert metrics.value("paying_customers", f"month_start_date = date '{month}'") == closing


def test_long_waits_of_four_weeks_are_those_of_the_support_mart(sample: Deployment, metrics: Metrics):
    numerator, denominator, rate = sample.rows(
        "select long_waits, long_wait_denominator, long_wait_rate from mart_support_quality_current where channel = 'all'"
    )[0]
    zone = "cast(timezone('Asia/Tokyo', timezone('UTC', first_resolved_at)) as date)"
    day = sample.value("select max(as_of_date) from mart_support_quality")
    within = f"{zone} > date '{day}' - 28 and {zone} <= date '{day}'"
    assert metrics.value("long_waits", within) == numerator
    assert metrics.value("tickets_with_known_wait", within) == denominator
    assert metrics.value("long_wait_rate", within) == pytest.approx(rate, abs=1e-4)


def test_value_is_that_of_the_newest_day(sample: Deployment, metrics: Metrics):
    assert metrics.value("value_36_months") == pytest.approx(
        float(sample.value("select sum(ltv_mean) from mart_customer_value_current"))
    )


def test_dbt_docs_are_one_file_with_models_and_metrics(sample: Deployment):
    done = naruki("docs", "--home", str(sample.home))
    must_succeed(done)
    text = (sample.home / "docs" / "index.html").read_text(encoding="utf-8")
    for word in ("mart_customer_value", "grr_12m", "leaders_page"):
        assert word in text
