"""Publishing: what passed every check becomes the current version, at once and as a whole."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from naruki.policy import read_setting
from naruki.project import code_version, policy_version
from naruki.publishing.dictionary import write_dictionary
from naruki.publishing.page import build_page
from naruki.publishing.publication import Contents, prune, publish, read_manifest
from naruki.quality.results import CHECK_SCHEMA
from orchestration.defs.decisions import DECISIONS, SEGMENT_TABLES, STEERING_TABLES, TIER_TABLES
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home, retry_twice, settings
from orchestration.defs.tables import policy_seeds, published_models
from orchestration.defs.value import VALUE_TABLES, key
from orchestration.defs.voice import VOICE_TABLES
from orchestration.defs.warehouse import manifest as dbt_manifest
from orchestration.errors import explained
from orchestration.results import carried_on, check_rows, step_rows

DECISION_TEXTS = SEGMENT_TABLES | TIER_TABLES | STEERING_TABLES | VALUE_TABLES | VOICE_TABLES
# Computed, but published as a fact (fct_voc_signal).
INSIDE = ("voc_signal",)
everything = [*published_models(), *DECISIONS, *VOICE_TABLES, *(key(name) for name in VALUE_TABLES)]


@dg.asset(group_name="quality", partitions_def=daily, deps=everything, kinds={"parquet"})
def data_quality(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Every check of the run: what was asked, what was found, and how severe it is."""
    day = as_of(context)
    earlier = home.read_computed("data_quality", before=day + timedelta(days=1))
    rows = carried_on(check_rows(context.instance, day), earlier.to_pylist() if earlier else [], day)
    home.write_computed("data_quality", day, pa.Table.from_pylist(rows, schema=CHECK_SCHEMA))
    failed = sum(row["status"] == "failed" for row in rows)
    return dg.MaterializeResult(metadata={"dagster/row_count": len(rows), "failed": failed})


@dg.asset(
    group_name="published",
    partitions_def=daily,
    deps=[*everything, data_quality],
    kinds={"duckdb", "parquet"},
    retry_policy=retry_twice,
)
def publication(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """published/<version>/ with published.duckdb, parquet/ and manifest.json; published/current points to it."""
    day = as_of(context)
    version = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{context.run_id[:8]}"
    facts = {
        "run_id": context.run_id,
        "version": version,
        "code_version": code_version(),
        "policy_version": policy_version(),
        "steps": step_rows(context.instance, context.run_id),
    }
    models = published_models()
    described = {name: node["description"] for name, node in models.items()}
    contents = Contents(list(models), policy_seeds(), INSIDE, described)
    with explained():
        tables = publish(home, version, day, contents, facts, extra=add_readable)
    removed = prune(home, int(read_setting("publications_kept")))
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(home.current)),
            "tables": len(tables),
            "rows": sum(table.rows for table in tables),
            "removed": json.dumps(removed),
        }
    )


def add_readable(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: dict[str, Any]) -> None:
    """What people read: the page, and the dictionary of tables and columns."""
    build_page(connection, folder / "page", manifest)
    write_dictionary(json.loads(dbt_manifest.read_text(encoding="utf-8")), folder, decisions=DECISION_TEXTS)


@dg.asset(
    group_name="published", partitions_def=daily, deps=[publication], kinds={"postgres"}, retry_policy=retry_twice
)
def publication_postgres(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The current publication in Postgres, for BI tools that read there: loaded beside, swapped in one transaction."""
    from naruki.publishing.postgres import publish_postgres

    folder = home.current.resolve()
    manifest = read_manifest(folder)
    with explained():
        done = publish_postgres(
            settings.publish_postgres_url.get_secret_value(),
            folder,
            manifest,
            int(read_setting("publications_kept")),
            settings.publish_postgres_schema,
        )
    return dg.MaterializeResult(metadata=asdict(done))


# Postgres is optional: a deployment that names none has no step for it.
to_postgres = [publication_postgres] if settings.publish_postgres_url else []
defs = dg.Definitions(assets=[data_quality, publication, *to_postgres])
